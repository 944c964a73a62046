//! `/orgs/{slug}/development`: tokens that developers get for themselves.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::flows::clients::Error;
use crate::flows::clients::idempotency::{Answer, Once};
use crate::flows::development::{self, Issued, Listed, Wish};
use crate::secret::Secret;
use crate::web::AppState;
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::development::issued::IssuedPage;
use crate::web::views::development::tokens::{ApiChoice, TokenRow, TokensPage, Values, lifetimes};
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::{Layout, Notice, Section};

/// No token that is issued here is longer, in bytes.
const TOKEN_MAX: usize = 16_384;

/// How long the same post again shows the same token: as long as somebody may still wait for the first answer.
const SHOWN_AGAIN: Duration = Duration::minutes(10);

/// Every route of these pages.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/orgs/{slug}/development", get(show).post(issue))
        .route("/orgs/{slug}/development/download", post(download))
        .route("/orgs/{slug}/development/{id}/revoke", post(revoke))
}

/// The form of a new token, and those that live.
async fn show(place: Place) -> Result<Response, PageError> {
    Ok(page(&place).await?.into_response())
}

/// Issues a token and shows it, this once.
async fn issue(Lasting { post: Post { place, fields }, is_late, .. }: Lasting<Post>) -> Result<Response, PageError> {
    let values = Values { scopes: fields.all("scopes").map(str::to_owned).collect(), lifetime: fields.text("lifetime").to_owned() };
    if is_late {
        return Ok(TokensPage { form: Form::new(values), ..page(&place).await? }.into_response());
    }
    let wish = Wish { scopes: &values.scopes, lifetime: values.lifetime.parse().unwrap_or_default(), auth_time: place.authenticated_at };
    let issued = if let Some(key) = fields.get("once").filter(|once| (1..=64).contains(&once.len())) {
        once(&place, &wish, key).await
    } else {
        let issued = development::issue(&place.deps, &place.access, &wish, place.now).await;
        issued.map(|issued| told_once(&place, Told::from(&issued)))
    };
    match issued {
        Ok(response) => Ok(response),
        Err(error @ (Error::IdempotencyInProgress | Error::IdempotencyKeyReused)) => {
            let is_under_way = matches!(error, Error::IdempotencyInProgress);
            let notice = Notice::info(if is_under_way {
                "The token is being made by your first click. Press the button once more to see it."
            } else {
                "This form has made a token already. Send it again to get another one."
            });
            let page = page(&place).await?;
            let once = fields.get("once").filter(|_| is_under_way).map_or_else(|| page.once.clone(), str::to_owned);
            let layout = Layout { section: Section::Development, ..place.layout_with(notice) };
            Ok((StatusCode::CONFLICT, TokensPage { form: Form::new(values), once, layout, ..page }).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(error.field, error.message)).collect();
            let page = TokensPage { form: Form::refused(values, errors), ..page(&place).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(page_error(error)),
    }
}

/// What the page of a new token says.
#[derive(Serialize, Deserialize)]
struct Told {
    id: String,
    access_token: String,
    api: String,
    scopes: String,
    expires_at: i64,
}

impl From<&Issued> for Told {
    fn from(issued: &Issued) -> Self {
        Self {
            id: issued.authorization.to_string(),
            access_token: issued.access_token.expose().clone(),
            api: issued.api.clone(),
            scopes: issued.scopes.to_string(),
            expires_at: issued.expires_at.unix_timestamp(),
        }
    }
}

/// Issues a token once for this key, and answers the same post in the same way for a moment, while the token works.
async fn once(place: &Place, wish: &Wish<'_>, key: &str) -> Result<Response, Error> {
    let request = json!(["development token", wish.scopes, wish.lifetime]).to_string();
    let render = |issued: &Issued| serde_json::to_vec(&Told::from(issued)).unwrap_or_default();
    let once = Once { key, request: &request, render: &render };
    match development::issue_once(&place.deps, &place.access, wish, &once, place.now).await? {
        Answer::Made(issued, _) => Ok(told_once(place, Told::from(&issued))),
        Answer::Kept(kept) => {
            let living = development::list(&place.deps, &place.access, place.now).await?;
            let is_recent = |own: &&Listed| place.now - own.authorization.created_at <= SHOWN_AGAIN;
            let told = serde_json::from_slice::<Told>(kept.expose()).ok();
            let told = told.filter(|told| living.iter().filter(is_recent).any(|own| own.authorization.id.to_string() == told.id));
            Ok(match told {
                Some(told) => told_once(place, told),
                None => Redirect::to(&paths::org_development(&place.org.slug)).into_response(),
            })
        }
    }
}

fn told_once(place: &Place, told: Told) -> Response {
    let page = IssuedPage {
        layout: layout(place),
        org: place.org.clone(),
        access_token: Secret::from(told.access_token.as_str()),
        api: told.api,
        scopes: told.scopes,
        expires_at: OffsetDateTime::from_unix_timestamp(told.expires_at).unwrap_or(place.now),
    };
    (StatusCode::CREATED, page).into_response()
}

/// Gives back as a file the token that a page just showed (R69), in the shape that tools of the source system read. Nothing is looked
/// up and nothing is kept, as with the files of an app's credentials.
async fn download(Post { place, fields }: Post) -> Result<Response, PageError> {
    development::check_developer(&place.deps, &place.access).map_err(page_error)?;
    let token = fields.text("access_token");
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if token.is_empty() || token.len() > TOKEN_MAX || !is_plain {
        return Err(PageError::new(StatusCode::BAD_REQUEST));
    }
    let disposition = format!("attachment; filename=\"{}-development-token.json\"", place.org.slug);
    let headers = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, format!("{:#}\n", json!({ "accessToken": token }))).into_response())
}

/// Ends a token.
async fn revoke(Post { place, .. }: Post) -> Result<Response, PageError> {
    development::revoke(&place.deps, &place.access, place.id()?, place.now).await.map_err(page_error)?;
    Ok(Redirect::to(&format!("{}?done=token-revoked", paths::org_development(&place.org.slug))).into_response())
}

fn layout(place: &Place) -> Layout {
    Layout { section: Section::Development, ..place.layout() }
}

async fn page(place: &Place) -> Result<TokensPage, PageError> {
    let tokens = development::list(&place.deps, &place.access, place.now).await.map_err(page_error)?;
    let longest = place.deps.policy.development.token_lifetime.whole_seconds();
    let choices = lifetimes(longest);
    let first = choices.first().map(|choice| choice.value.clone()).unwrap_or_default();
    // One click is enough for a token: whatever the first API lets the person do is chosen beforehand, in plain sight.
    let chosen = development::apis(&place.deps).next().map(|api| api.scopes.iter().map(|scope| scope.name.clone()).collect());
    Ok(TokensPage {
        layout: layout(place),
        org: place.org.clone(),
        apis: apis(place),
        lifetimes: choices,
        form: Form::new(Values { scopes: chosen.unwrap_or_default(), lifetime: first }),
        once: place.deps.entropy.uuid(place.now).to_string(),
        tokens: tokens.iter().map(|own| row(place, own)).collect(),
        everybodys: place.org.role.changes_apps(),
    })
}

fn apis(place: &Place) -> Vec<ApiChoice> {
    development::apis(&place.deps).map(ApiChoice::of).collect()
}

fn row(place: &Place, listed: &Listed) -> TokenRow {
    let own = &listed.authorization;
    TokenRow {
        id: own.id.to_string(),
        name: listed.name.clone(),
        yourself: place.access.user() == Some(own.user),
        api: place.deps.policy.api(&own.api).map_or_else(|| own.api.clone(), |api| api.name.clone()),
        scopes: own.scopes.iter().map(str::to_owned).collect(),
        created_at: own.created_at,
        expires_at: own.absolute_expires_at.unwrap_or(own.created_at),
    }
}
