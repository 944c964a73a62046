//! Where a signed-in person stands: in one of their orgs, perhaps at one app. Another org's pages do not exist for them (M4).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use time::OffsetDateTime;

use crate::flows::Deps;
use crate::flows::clients::Error;
use crate::flows::orgs::{self, OrgAccess};
use crate::web::AppState;
use crate::web::extract::browser_session::{SignedIn, org_link};
use crate::web::extract::csrf::SignedPost;
use crate::web::extract::fields::Fields;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::layout::{Layout, Notice, OrgLink, Section};

/// A person inside one of their orgs.
pub(super) struct Place {
    /// What flows work with.
    pub(super) deps: Arc<Deps>,
    /// Their rights.
    pub(super) access: OrgAccess,
    /// The org as pages show it.
    pub(super) org: OrgLink,
    /// The instant of the request.
    pub(super) now: OffsetDateTime,
    /// When the person proved who they are.
    pub(super) authenticated_at: OffsetDateTime,
    /// Whether the request is a form that came too late, and is to be shown only.
    pub(super) is_late: bool,
    layout: Layout,
    query: Fields,
    params: HashMap<String, String>,
}

/// The same with a form whose token is good.
pub(super) struct Post {
    /// Where.
    pub(super) place: Place,
    /// What was sent.
    pub(super) fields: Fields,
}

impl FromRequestParts<AppState> for Place {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let person = SignedIn::from_request_parts(parts, app).await?;
        Self::enter(parts, app, &person).await.map_err(PageError::into_response)
    }
}

impl FromRequest<AppState> for Post {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let posted = Request::from_parts(parts.clone(), body);
        let SignedPost { person, fields } = SignedPost::from_request(posted, app).await?;
        let place = Place::enter(&mut parts, app, &person).await.map_err(PageError::into_response)?;
        Ok(Self { place, fields })
    }
}

impl Place {
    async fn enter(parts: &mut Parts, app: &AppState, person: &SignedIn) -> Result<Self, PageError> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| PageError::not_found())?;
        let params: HashMap<String, String> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let query = Fields::decode(parts.uri.query().unwrap_or_default().as_bytes());
        let query = query.map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?;
        let slug = params.get("slug").map_or("", String::as_str);
        let access = orgs::enter_as_user(&app.deps, &person.session.user, slug, &person.origin()).await.map_err(page_error)?;
        let org = person.membership(slug).map(org_link).ok_or_else(PageError::not_found)?;
        let authenticated_at = person.session.authenticated_at;
        let layout = Layout { org: Some(org.clone()), ..person.layout(app, Section::Apps) };
        Ok(Self { deps: app.deps.clone(), access, org, now: person.now(), authenticated_at, is_late: false, layout, query, params })
    }

    /// The frame of the page, with the notice that the query names.
    pub(super) fn layout(&self) -> Layout {
        let late = "What you entered is still here, and nothing is saved yet. Check it, then send it again.";
        let notice = if self.is_late { Some(Notice::info(late)) } else { self.query.get("done").and_then(notice) };
        Layout { notice, ..self.layout.clone() }
    }

    /// The frame with a notice of this very request.
    pub(super) fn layout_with(&self, notice: Notice) -> Layout {
        Layout { notice: Some(notice), ..self.layout.clone() }
    }

    /// The `{client_id}` of the path.
    pub(super) fn client_id(&self) -> &str {
        self.params.get("client_id").map_or("", String::as_str)
    }

    /// The `{id}` of the path; what is no id is not found.
    pub(super) fn id<T: std::str::FromStr>(&self) -> Result<T, PageError> {
        self.params.get("id").and_then(|id| id.parse().ok()).ok_or_else(PageError::not_found)
    }

    /// A parameter of the query.
    pub(super) fn query(&self, name: &str) -> &str {
        self.query.text(name)
    }

    /// To the app's page `tab`, which then says what was done.
    pub(super) fn to_app(&self, tab: &str, done: &str) -> Response {
        Redirect::to(&format!("{}/{tab}?done={done}", paths::app(&self.org.slug, self.client_id()))).into_response()
    }

    /// To the org's people, whose page then says what was done.
    pub(super) fn to_people(&self, done: &str) -> Response {
        Redirect::to(&format!("{}?done={done}", paths::org_people(&self.org.slug))).into_response()
    }

    /// To the list, which then says what was done.
    pub(super) fn to_list(&self, done: &str) -> Response {
        Redirect::to(&format!("{}?done={done}", paths::org_apps(&self.org.slug))).into_response()
    }
}

/// What a redirect may say was done: words of ours, so that nobody else's link can put words into our pages.
fn notice(done: &str) -> Option<Notice> {
    let text = match done {
        "saved" => "The settings are saved.",
        "logo-set" => "The logo is set. People who had allowed the application are asked again.",
        "logo-removed" => "The logo is removed.",
        "disabled" => "The application is disabled. It gets no tokens until it is enabled again.",
        "enabled" => "The application is enabled.",
        "deleted" => "The application is deleted. Its place is free, and its authorizations have ended.",
        "restored" => "The application is restored with its secrets. People have to connect to it again.",
        "access-ended" => "The access is ended. The application has to ask the person again.",
        "try-ended" => "The access is ended. The tokens of the try work no more.",
        "try-over" => "This try is over. Start another one.",
        "noted" => "What you changed at the secret is saved.",
        "key-added" => "The key is added. What it signs is accepted from now on.",
        "key-renewed" => "The application had this key already. It now goes by its newer certificate.",
        "key-revoked" => "The key is revoked. It stopped working at once, on every server.",
        "key-deleted" => "The key is deleted from the list.",
        "key-set-saved" => "The address of the key set is saved. It is read when the application next signs.",
        "key-set-removed" => "The application publishes no key set any more. What its keys signed is refused from now on.",
        "account-deleted" => "The technical account is deleted.",
        "secret-deleted" => "The secret is deleted. It stopped working at once.",
        "migration-started" => "The migration has started. The new key works beside the old secrets.",
        "migration-cancelled" => "The migration is cancelled. The new credential is deleted, and the old ones go on.",
        "migration-completed" => "The migration is complete.",
        "brown-out" => "The brown-out has begun. It ends by itself.",
        "brown-out-ended" => "The brown-out is over. The old credentials work again.",
        "role-changed" => "The role is changed.",
        "removed" => "They are removed. What they allowed this organization's applications has ended.",
        "signed-out" => "They are signed out of every browser. Their connected apps go on.",
        "person-disabled" => "The account is disabled. Its sessions and connected apps have ended.",
        "person-enabled" => "The account is enabled. They can sign in again; what had ended stays ended.",
        "invited" => "The invitation is on its way.",
        "invitation-resent" => "A new link is on its way. The old one does not work any more.",
        "invitation-revoked" => "The invitation is revoked. Its link does not work any more.",
        "token-revoked" => "The token is revoked.",
        "service-made" => {
            let text = "That form has made service credentials already, and they were handed over once. If you do not have the file, \
                        revoke its key and make others.";
            return Some(Notice::info(text));
        }
        "send-again" => {
            return Some(Notice::info(
                "You signed in again since this page was opened, and nothing was changed. Press the button once more.",
            ));
        }
        _ => return None,
    };
    Some(Notice::success(text))
}

/// An error of a flow that no form can show.
pub(super) fn page_error(error: Error) -> PageError {
    match error {
        Error::NotFound => PageError::not_found(),
        Error::Forbidden { .. } => PageError::forbidden(),
        Error::SystemApp => PageError::forbidden().with_detail("This application belongs to the server; only its operator changes it."),
        Error::Unavailable(trouble) => trouble.into(),
        Error::Invalid(errors) => {
            let told = errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join(" ");
            PageError::new(StatusCode::UNPROCESSABLE_ENTITY).with_detail(told)
        }
        other => PageError::new(StatusCode::CONFLICT).with_detail(sentence(&other)),
    }
}

/// What a refusal means, for people.
pub(super) fn sentence(error: &Error) -> String {
    match error {
        Error::SecretLimitReached { limit } => format!("An application has at most {limit} active secrets. Delete one first."),
        Error::KeyLimitReached { limit } => format!("An application has at most {limit} keys. Delete a revoked or expired one first."),
        Error::KeyStillWorks => "This key still works. Revoke it before you delete it.".to_owned(),
        Error::TechnicalAccountLimitReached { limit } => {
            format!("An organization has at most {limit} technical accounts. Delete one first.")
        }
        Error::TechnicalAccountHasKeys => "This technical account still has keys. Revoke and delete them first.".to_owned(),
        Error::LastCredential => "This is the only credential that works. Add another one before you delete it.".to_owned(),
        Error::Migration(obstacle) => obstacle.reason().to_owned(),
        Error::VersionConflict { .. } => "Someone else changed this application meanwhile.".to_owned(),
        Error::AppLimitReached(usage) => format!("{} of {} applications are in use.", usage.used, usage.limit),
        _ => "This cannot be done now.".to_owned(),
    }
}
