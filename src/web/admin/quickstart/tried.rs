//! `/orgs/{slug}/apps/{client_id}/quickstart/try` and `…/token`: the app tried out, leg by leg.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::Error;
use crate::flows::tryout::code::{self, Came, End, Wish};
use crate::flows::tryout::test_token;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::quickstart::{legs, page};
use crate::web::admin::show::header;
use crate::web::extract::browser_session::Visitor;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::oauth::authorize::{follow, holder, with_cookie};
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::header::Tab;
use crate::web::views::apps::show::tried::TriedPage;
use crate::web::views::form::{FieldError, Form};
use crate::web::{AppState, paths};

/// Begins a round of the code flow.
pub(in crate::web::admin) async fn start(
    State(app): State<AppState>,
    visitor: Visitor,
    Post { place, fields }: Post,
) -> Result<Response, PageError> {
    let (cookie, set_cookie) = visitor.browser.bind(&app);
    let browser = visitor.browser.facts(&cookie);
    let callback = format!("{}{}", place.deps.policy.issuer, paths::app_try(&place.org.slug, place.client_id()));
    let scope = fields.text("scope").trim().to_owned();
    let wish = Wish { client_id: place.client_id(), scope: &scope, callback: &callback };
    match code::start(&place.deps, &place.access, wish, &browser, place.now).await {
        Ok(next) => Ok(with_cookie(follow(&app, &visitor, next, &[]), set_cookie)),
        Err(error) => refused(&place, scope, error).await,
    }
}

/// The callback: redeems the code and shows every leg.
pub(in crate::web::admin) async fn finish(visitor: Visitor, place: Place) -> Result<Response, PageError> {
    let [code, state, error, iss] = ["code", "state", "error", "iss"].map(|name| place.query(name));
    let came = Came { state, code: if error.is_empty() { code } else { "" } };
    let browser = holder(&visitor.browser);
    let tried = match code::finish(&place.deps, &place.access, (place.client_id(), came), &browser, place.now).await {
        Ok(tried) => tried,
        Err(Error::NotFound) => {
            // Of an app that is there, only the round can be over.
            page(&place, Form::default()).await?;
            return Ok(place.to_app("quickstart", "try-over"));
        }
        Err(error) => return Err(page_error(error)),
    };
    let query: Vec<_> =
        [("code", code), ("error", error), ("error_description", place.query("error_description")), ("state", state), ("iss", iss)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
    let (error, authorization) = match &tried.end {
        End::NoCode => (known(error).to_owned(), None),
        End::Refused(refusal) => (refusal.error.as_str().to_owned(), None),
        End::Issued(issued) => (String::new(), Some(issued.authorization.to_string())),
    };
    let shown = TriedPage {
        layout: place.layout(),
        header: header(&place, &tried.record).at(Tab::Quickstart),
        legs: legs::of_code(&place, &tried, &query),
        error,
        authorization,
        token: None,
        api: tried.asked.api.clone(),
    };
    Ok(([(CACHE_CONTROL, "no-store")], shown).into_response())
}

/// The code of an error, as a page may name it.
fn known(error: &str) -> &str {
    if !error.is_empty() && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') { error } else { "access_denied" }
}

/// Ends what a round left behind.
pub(in crate::web::admin) async fn end(Post { place, .. }: Post) -> Result<Response, PageError> {
    code::end(&place.deps, &place.access, place.client_id(), place.id()?, place.now).await.map_err(page_error)?;
    Ok(place.to_app("quickstart", "try-ended"))
}

/// A token for a machine (R55), shown this once.
pub(in crate::web::admin) async fn token(
    RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>,
) -> Result<Response, PageError> {
    let scope = fields.text("scope").trim().to_owned();
    let asked = Some(scope.as_str()).filter(|scope| !scope.is_empty());
    let issued = match test_token::issue(&place.deps, &place.access, place.client_id(), asked, place.now).await {
        Ok(issued) => issued,
        Err(error) => return refused(&place, scope, error).await,
    };
    let api = place.deps.policy.apis.iter().find(|api| issued.answer.scope.split(' ').any(|scope| api.scope(scope).is_some()));
    let shown = TriedPage {
        layout: place.layout(),
        header: header(&place, &issued.record).at(Tab::Quickstart),
        legs: legs::of_machine(&place, &issued.record, &scope, &issued.answer),
        error: String::new(),
        authorization: None,
        api: api.map(|api| api.identifier.clone()).unwrap_or_default(),
        token: Some(issued.answer.access_token.into()),
    };
    Ok(([(CACHE_CONTROL, "no-store")], shown).into_response())
}

/// The quick start again, with what is wrong beside the field.
async fn refused(place: &Place, scope: String, error: Error) -> Result<Response, PageError> {
    let Error::Invalid(errors) = error else { return Err(page_error(error)) };
    let field = |name: &str| if name == "scope" { "scope" } else { "" };
    let errors = errors.into_iter().map(|error| FieldError::new(field(&error.field), error.message)).collect();
    let shown = page(place, Form::refused(scope, errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}
