//! `/orgs/{slug}/development`: tokens that developers get for themselves.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

use crate::flows::clients::Error;
use crate::flows::development::{self, Listed, Wish};
use crate::web::AppState;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::extract::browser_session::SignedIn;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::development::issued::IssuedPage;
use crate::web::views::development::tokens::{ApiChoice, TokenRow, TokensPage, Values, lifetimes};
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::{Layout, Section};

/// No token that is issued here is longer, in bytes.
const TOKEN_MAX: usize = 16_384;

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
async fn issue(person: SignedIn, Post { place, fields }: Post) -> Result<Response, PageError> {
    let values = Values { scopes: fields.all("scopes").map(str::to_owned).collect(), lifetime: fields.text("lifetime").to_owned() };
    let wish =
        Wish { scopes: &values.scopes, lifetime: values.lifetime.parse().unwrap_or_default(), auth_time: person.session.authenticated_at };
    match development::issue(&place.deps, &place.access, &wish, place.now).await {
        Ok(issued) => {
            let page = IssuedPage {
                layout: layout(&place),
                org: place.org.clone(),
                access_token: issued.access_token,
                api: issued.api,
                scopes: issued.scopes.to_string(),
                expires_at: issued.expires_at,
            };
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(error.field, error.message)).collect();
            let page = TokensPage { form: Form::refused(values, errors), ..page(&place).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(page_error(error)),
    }
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
