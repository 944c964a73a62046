//! Client secrets: made, noted, deleted; and the files in which something told once is taken home.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::flows::clients::idempotency::{Answer, Once};
use crate::flows::clients::secrets::{self, Added, SecretDraft};
use crate::flows::clients::{self, Error};
use crate::model::client::ClientRecord;
use crate::model::credential::Credential;
use crate::model::ids::CredentialId;
use crate::secret::Secret;
use crate::web::admin::credentials::{form_field, page, refused};
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::apps::show::credentials::{AddSecretValues, CredentialsPage, SecretEdit};
use crate::web::views::apps::show::header::Tab;
use crate::web::views::apps::show::secret_once::SecretOncePage;
use crate::web::views::form::{Choice, FieldError, Form};
use crate::web::views::layout::Notice;

/// The longest text that is taken for a secret, in bytes.
const SECRET_MAX: usize = 200;

/// How long the same post again shows the same secret: as long as somebody may still wait for the first answer.
const SHOWN_AGAIN: Duration = Duration::minutes(10);

/// Adds a secret and shows it, this once; the others may get an end. The same form sent again makes no second one.
pub(in crate::web::admin) async fn add(
    Lasting { post: Post { place, fields }, is_late, .. }: Lasting<RecentlyAuthenticated<Post>>,
) -> Result<Response, PageError> {
    let text = |name: &str| fields.text(name).to_owned();
    let values = AddSecretValues { note: text("note"), expires_in: text("expires_in"), others_end_in: text("others_end_in") };
    if is_late {
        return Ok(CredentialsPage { add: Form::new(values), ..page(&place).await? }.into_response());
    }
    let expires_at = end(&place, "expires_in", &values.choices(), &values.expires_in);
    let others_end_at = end(&place, "others_end_in", &values.overlaps(), &values.others_end_in);
    let (expires_at, others_end_at) = match (expires_at, others_end_at) {
        (Ok(expires_at), Ok(others_end_at)) => (expires_at, others_end_at),
        (own, others) => {
            let errors = [own.err(), others.err()].into_iter().flatten().collect();
            let page = CredentialsPage { add: Form::refused(values, errors), ..page(&place).await? };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let draft = SecretDraft { note: values.note.clone(), expires_at };
    let added = match fields.get("once").filter(|once| (1..=64).contains(&once.len())) {
        Some(key) => once(&place, &values, key, (draft, others_end_at)).await,
        None => secrets::add_beside(&place.deps, &place.access, place.client_id(), (draft, others_end_at), place.now)
            .await
            .map(|added| secret_page(&place, &added.record, added.client_secret)),
    };
    match added {
        Ok(response) => Ok(response),
        Err(error @ (Error::IdempotencyInProgress | Error::IdempotencyKeyReused)) => {
            let is_under_way = matches!(error, Error::IdempotencyInProgress);
            let once = fields.get("once").filter(|_| is_under_way).map(str::to_owned);
            let page = page(&place).await?;
            let notice = Notice::info(if is_under_way {
                "The secret is being made by your first click. Press the button once more to see it."
            } else {
                "This form has made a secret already. Send it again to add another one."
            });
            let once = once.unwrap_or_else(|| page.once.clone());
            let page = CredentialsPage { add: Form::new(values), once, layout: place.layout_with(notice), ..page };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(form_field(&error.field), error.message)).collect();
            let page = CredentialsPage { add: Form::refused(values, errors), ..page(&place).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => refused(&place, error).await,
    }
}

/// Adds a secret once for this key, and answers the same post in the same way for a moment.
async fn once(place: &Place, values: &AddSecretValues, key: &str, wish: (SecretDraft, Option<OffsetDateTime>)) -> Result<Response, Error> {
    let request = json!(["add secret", place.client_id(), values.note, values.expires_in, values.others_end_in]).to_string();
    let render = |made: &Added| json!({ "id": made.id, "client_secret": made.client_secret.expose() }).to_string().into_bytes();
    let once = Once { key, request: &request, render: &render };
    match secrets::add_beside_once(&place.deps, &place.access, (place.client_id(), wish), &once, place.now).await? {
        Answer::Made(added, _) => Ok(secret_page(place, &added.record, added.client_secret)),
        Answer::Kept(kept) => {
            let kept: Value = serde_json::from_slice(kept.expose()).unwrap_or_default();
            let record = clients::find(&place.deps, &place.access, place.client_id()).await?;
            let is_kept = |own: &&Credential| kept["id"].as_str().is_some_and(|id| own.id.to_string() == id);
            let own = record.credentials.iter().find(is_kept).filter(|own| place.now - own.created_at <= SHOWN_AGAIN);
            Ok(match (own, kept["client_secret"].as_str()) {
                (Some(_), Some(secret)) => secret_page(place, &record, Secret::from(secret)),
                _ => Redirect::to(&format!("{}/credentials", paths::app(&place.org.slug, place.client_id()))).into_response(),
            })
        }
    }
}

fn secret_page(place: &Place, record: &ClientRecord, client_secret: Secret<String>) -> Response {
    let page = SecretOncePage {
        layout: place.layout(),
        header: header(place, record),
        client_secret: Some(client_secret),
        app_is_new: false,
        then: Tab::Credentials,
        issuer: place.deps.policy.issuer.clone(),
    };
    (StatusCode::CREATED, page).into_response()
}

/// The end that was chosen in `field`, `None` for never, also when nothing was sent; an error when it is none of those offered.
pub(in crate::web::admin) fn end(
    place: &Place,
    field: &'static str,
    choices: &[Choice],
    value: &str,
) -> Result<Option<OffsetDateTime>, FieldError> {
    let value = if value.is_empty() { "none" } else { value };
    let chosen = choices.iter().find(|choice| choice.is(value)).ok_or_else(|| FieldError::new(field, "Choose one of these."))?;
    Ok(chosen.value.parse().ok().map(|seconds| place.now + Duration::seconds(seconds)))
}

/// Saves note and end. Where no end is sent, it stays.
pub(in crate::web::admin) async fn note(
    Lasting { post: Post { place, fields }, is_late, .. }: Lasting<RecentlyAuthenticated<Post>>,
) -> Result<Response, PageError> {
    let id: CredentialId = place.id()?;
    let note = fields.text("note").to_owned();
    if is_late {
        return edited(&place, id, note, fields.text("expires_in"), None).await;
    }
    let seconds: Option<i64> = match fields.text("expires_in") {
        "" | "keep" | "none" => None,
        chosen => Some(chosen.parse().map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?),
    };
    let is_kept = ["", "keep"].contains(&fields.text("expires_in"));
    let end = seconds.map(|seconds| place.now.checked_add(Duration::seconds(seconds)).unwrap_or(place.now));
    let edit = |draft: SecretDraft| SecretDraft { note: note.clone(), expires_at: if is_kept { draft.expires_at } else { end } };
    match secrets::edit(&place.deps, &place.access, (place.client_id(), id), edit, place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "noted")),
        Err(Error::Invalid(errors)) => {
            let wrong = errors.into_iter().next().map(|error| error.message);
            edited(&place, id, note, fields.text("expires_in"), wrong).await
        }
        Err(error) => refused(&place, error).await,
    }
}

/// The page with what was typed at a secret, and what is wrong with it.
async fn edited(place: &Place, id: CredentialId, note: String, end: &str, wrong: Option<String>) -> Result<Response, PageError> {
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut page = page(place).await?;
    if let Some(row) = page.secrets.iter_mut().find(|row| row.id == id.to_string()) {
        row.edit = Some(SecretEdit { note, expires_in: end.to_owned(), wrong });
    }
    Ok((status, page).into_response())
}

/// Deletes a secret; tokens issued with it go on.
pub(in crate::web::admin) async fn delete(
    RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>,
) -> Result<Response, PageError> {
    let revoke_tokens = fields.get("revoke_tokens").is_some();
    match secrets::delete(&place.deps, &place.access, (place.client_id(), place.id()?), revoke_tokens, place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "secret-deleted")),
        Err(error) => refused(&place, error).await,
    }
}

/// Gives back as a file what a page that showed a secret once holds. Nothing is looked up and nothing is kept: this needs no script,
/// and the browser's list of downloads has no secret in it, as a `data:` link would leave there.
pub(in crate::web::admin) async fn download(Post { place, fields }: Post) -> Result<Response, PageError> {
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    place.access.check_manages_secrets(place.client_id()).map_err(page_error)?;
    let malformed = || PageError::new(StatusCode::BAD_REQUEST);
    let (issuer, client_id) = (&place.deps.policy.issuer, &record.client.client_id);
    let secret = fields.get("client_secret");
    let is_plain = |text: &str| text.len() <= SECRET_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !secret.is_none_or(is_plain) {
        return Err(malformed());
    }
    let (ending, kind, text) = match fields.text("format") {
        "env" => {
            let secret = secret.map(|secret| format!("OAUTH_CLIENT_SECRET={secret}\n")).unwrap_or_default();
            (".env", "text/plain; charset=utf-8", format!("OAUTH_ISSUER={issuer}\nOAUTH_CLIENT_ID={client_id}\n{secret}"))
        }
        "json" => {
            let mut body = json!({ "issuer": issuer, "client_id": client_id });
            if let Some(secret) = secret {
                body["client_secret"] = secret.into();
            }
            (".json", "application/json", format!("{body:#}\n"))
        }
        "service" => {
            let document: Value = serde_json::from_str(fields.text("document")).map_err(|_| malformed())?;
            let is_ours = document["integration"]["technicalAccount"]["clientId"] == client_id.as_str();
            if !is_ours {
                return Err(malformed());
            }
            ("-service-credentials.json", "application/json", format!("{document:#}\n"))
        }
        _ => return Err(malformed()),
    };
    let mut response = ([(CONTENT_TYPE, kind)], text).into_response();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{client_id}{ending}\"")).map_err(|_| malformed())?;
    response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    Ok(response)
}
