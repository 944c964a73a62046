//! `/api/v1/orgs/{org}/apps/{client_id}/keys` and below, and the technical accounts that keys may belong to (R31, R54, R57, R64).

use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::flows::clients::keys::service_credentials::{self, ServiceDraft};
use crate::flows::clients::keys::{self, Added, KeyDraft};
use crate::model::client::ClientRecord;
use crate::model::field_error::FieldError;
use crate::model::ids::CredentialId;
use crate::web::api::app_json::{credential, instant, instant_or_null};
use crate::web::api::apps::app_path;
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;

/// Keys with dates and notes, and what the app publishes at its `jwks_uri`.
pub(in crate::web::api) async fn list(door: Door) -> Result<Response, Problem> {
    let record = keys::list(&door.deps, &door.access, door.client_id()).await?;
    let own: Vec<Value> = record.credentials.iter().filter(|own| !own.is_secret()).map(|own| credential(own, door.now)).collect();
    let published = record.jwks.as_ref().map(|set| {
        json!({
            "jwks_uri": record.client.profile.jwks_uri,
            "keys": set.keys.iter().map(|own| json!({ "kid": own.kid, "algorithm": own.key.algorithm, "bits": own.key.bits,
                "thumbprint": own.key.thumbprint })).collect::<Vec<_>>(),
            "fetched_at": instant_or_null(set.fetched_at),
            "attempted_at": instant_or_null(set.attempted_at),
            "problem": set.problem,
        })
    });
    Ok(json_body(&json!({ "client_id": record.client.client_id, "keys": own, "published": published })))
}

/// 201 with the key; 200 when it was there and has a newer certificate now.
pub(in crate::web::api) async fn create(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let draft = draft(body.object).map_err(Problem::invalid)?;
    let Added { record, id, renewed } = keys::add(&door.deps, &door.access, door.client_id(), draft, door.now).await?;
    let mut response = json_body(&shown(&record, id, door.now));
    if !renewed {
        *response.status_mut() = StatusCode::CREATED;
    }
    let location = format!("{}/keys/{id}", app_path(&door, &record.client.client_id));
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// The key, revoked.
pub(in crate::web::api) async fn revoke(door: Door, query: Query) -> Result<Response, Problem> {
    let revoke_tokens = query.only(&["revoke_tokens"])?.flag("revoke_tokens")?;
    let id = door.id()?;
    let record = keys::revoke(&door.deps, &door.access, (door.client_id(), id), revoke_tokens, door.now).await?;
    Ok(json_body(&shown(&record, id, door.now)))
}

/// 204.
pub(in crate::web::api) async fn remove(door: Door) -> Result<Response, Problem> {
    keys::delete(&door.deps, &door.access, (door.client_id(), door.id()?), door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// 201 with the document, its private key and its secret: once.
pub(in crate::web::api) async fn create_service_credentials(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let draft = service_draft(body.object).map_err(Problem::invalid)?;
    let made = service_credentials::create(&door.deps, &door.access, door.client_id(), draft, door.now).await?;
    let mut response = (StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], made.document.expose().clone()).into_response();
    let location = format!("{}/keys/{}", app_path(&door, &made.record.client.client_id), made.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// The app's technical accounts with the ids of their keys.
pub(in crate::web::api) async fn list_technical_accounts(door: Door) -> Result<Response, Problem> {
    let record = keys::list(&door.deps, &door.access, door.client_id()).await?;
    let accounts: Vec<Value> = record
        .technical_accounts
        .iter()
        .map(|account| {
            let own = record.credentials.iter().filter(|own| own.technical_account == Some(account.id) && !own.is_secret());
            json!({
                "id": account.id,
                "subject": account.subject,
                "email": account.email,
                "created_at": instant(account.created_at),
                "created_by": account.created_by,
                "keys": own.map(|own| own.id).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json_body(&json!({ "client_id": record.client.client_id, "technical_accounts": accounts })))
}

/// 204.
pub(in crate::web::api) async fn remove_technical_account(door: Door) -> Result<Response, Problem> {
    service_credentials::delete_account(&door.deps, &door.access, (door.client_id(), door.id()?), door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn shown(record: &ClientRecord, id: CredentialId, now: OffsetDateTime) -> Value {
    record.credentials.iter().find(|own| own.id == id).map_or(Value::Null, |own| credential(own, now))
}

/// `key` is a string (PEM) or an object (JWK).
fn draft(mut sent: Map<String, Value>) -> Result<KeyDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut draft = KeyDraft::default();
    match sent.remove("key") {
        Some(Value::String(text)) => draft.key = text.into_bytes(),
        Some(jwk @ Value::Object(_)) => draft.key = jwk.to_string().into_bytes(),
        None | Some(Value::Null) => errors.push(FieldError::new("key", "required", "Give a public key.")),
        Some(_) => errors.push(FieldError::new("key", "wrong_type", "Give a string with PEM, or a JWK as an object.")),
    }
    let mut members = Members::new(sent, "", &mut errors);
    members.take("note", &mut draft.note, String::new());
    let (mut expires_at, mut account) = (None::<String>, None::<String>);
    members.take("expires_at", &mut expires_at, None);
    members.take("technical_account", &mut account, None);
    members.finish(&[]);
    match expires_at.map(|text| OffsetDateTime::parse(&text, &Rfc3339)).transpose() {
        Ok(at) => draft.expires_at = at.map(|at| at.replace_nanosecond(at.nanosecond() / 1_000 * 1_000).unwrap_or(at)),
        Err(_) => errors.push(FieldError::new("expires_at", "wrong_type", "Give an instant as RFC 3339, or null for never.")),
    }
    draft.technical_account = account_id(account, &mut errors);
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

fn service_draft(sent: Map<String, Value>) -> Result<ServiceDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut draft = ServiceDraft::default();
    let mut members = Members::new(sent, "", &mut errors);
    members.take("note", &mut draft.note, String::new());
    let mut account = None::<String>;
    members.take("technical_account", &mut account, None);
    members.finish(&[]);
    draft.technical_account = account_id(account, &mut errors);
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

fn account_id<T: std::str::FromStr>(text: Option<String>, errors: &mut Vec<FieldError>) -> Option<T> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.unwrap_or_else(|_| {
        errors.push(FieldError::new("technical_account", "unknown", "The application has no such technical account."));
        None
    })
}
