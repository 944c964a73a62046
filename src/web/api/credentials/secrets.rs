//! `/api/v1/orgs/{org}/apps/{client_id}/secrets` and below (R50-R53).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::flows::clients;
use crate::flows::clients::idempotency::{Answer, Once};
use crate::flows::clients::secrets::{self, Added, SecretDraft};
use crate::model::client::ClientRecord;
use crate::model::field_error::FieldError;
use crate::model::ids::CredentialId;
use crate::secret::Secret;
use crate::web::api::app_json::credential;
use crate::web::api::apps::{answer_created, app_path, pack};
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;

/// Dates and notes, no values.
pub(in crate::web::api) async fn list(door: Door) -> Result<Response, Problem> {
    let record = clients::find(&door.deps, &door.access, door.client_id()).await?;
    let secrets: Vec<Value> = record.credentials.iter().filter(|own| own.is_secret()).map(|own| credential(own, door.now)).collect();
    Ok(json_body(&json!({ "client_id": record.client.client_id, "secrets": secrets })))
}

/// 201 with the value, once.
pub(in crate::web::api) async fn create(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let draft = merge(SecretDraft::default(), body.object).map_err(Problem::invalid)?;
    let render = |added: &Added| created(&door, added);
    let Some(key) = door.idempotency_key()? else {
        let added = secrets::add(&door.deps, &door.access, door.client_id(), draft, door.now).await?;
        return answer_created(&render(&added), false);
    };
    let request = format!("{}\n{}", door.target, body.text);
    let once = Once { key, request: &request, render: &|added| render(added).expose().clone() };
    match secrets::add_once(&door.deps, &door.access, (door.client_id(), draft), &once, door.now).await? {
        Answer::Made(_, kept) => answer_created(&kept, false),
        Answer::Kept(kept) => answer_created(&kept, true),
    }
}

/// Note and expiry, merged as RFC 7396 says.
pub(in crate::web::api) async fn change(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let id: CredentialId = door.id()?;
    // Checked before the app is locked, against an empty draft: the type of a member does not depend on its old value.
    merge(SecretDraft::default(), body.object.clone()).map_err(Problem::invalid)?;
    let edit = |draft: SecretDraft| merge(draft.clone(), body.object).unwrap_or(draft);
    let record = secrets::edit(&door.deps, &door.access, (door.client_id(), id), edit, door.now).await?;
    Ok(json_body(&shown(&record, id, door.now)))
}

/// 204; `?revoke_tokens=true` also ends what was issued with it.
pub(in crate::web::api) async fn remove(door: Door, query: Query) -> Result<Response, Problem> {
    let revoke_tokens = query.only(&["revoke_tokens"])?.flag("revoke_tokens")?;
    let id = door.id()?;
    secrets::delete(&door.deps, &door.access, (door.client_id(), id), revoke_tokens, door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn created(door: &Door, added: &Added) -> Secret<Vec<u8>> {
    let client_id = &added.record.client.client_id;
    let mut body = shown(&added.record, added.id, door.now);
    body["client_id"] = Value::String(client_id.clone());
    body["client_secret"] = Value::String(added.client_secret.expose().clone());
    pack(&format!("{}/secrets/{}", app_path(door, client_id), added.id), None, &body)
}

fn shown(record: &ClientRecord, id: CredentialId, now: OffsetDateTime) -> Value {
    record.credentials.iter().find(|own| own.id == id).map_or(Value::Null, |own| credential(own, now))
}

fn merge(mut draft: SecretDraft, sent: Map<String, Value>) -> Result<SecretDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut members = Members::new(sent, "", &mut errors);
    members.take("note", &mut draft.note, String::new());
    let mut expires_at = draft.expires_at.and_then(|at| at.format(&Rfc3339).ok());
    members.take("expires_at", &mut expires_at, None);
    members.finish(&[
        "id",
        "kind",
        "hint",
        "created_at",
        "created_by",
        "last_used_at",
        "last_used_grant_type",
        "status",
        "client_id",
        "client_secret",
    ]);
    match expires_at.map(|text| OffsetDateTime::parse(&text, &Rfc3339)).transpose() {
        Ok(at) => draft.expires_at = at.map(microseconds),
        Err(_) => errors.push(FieldError::new("expires_at", "wrong_type", "Give an instant as RFC 3339, or null for never.")),
    }
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

/// As the database keeps it.
fn microseconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(at.nanosecond() / 1_000 * 1_000).unwrap_or(at)
}
