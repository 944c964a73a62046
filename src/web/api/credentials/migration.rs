//! `/api/v1/orgs/{org}/apps/{client_id}/migration` and below: from keys to a secret or back, while both work (R36-R46).

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::flows::clients::migrate::{self, Review, Wish};
use crate::model::field_error::FieldError;
use crate::model::ids::TechnicalAccountId;
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::migration::{ActsAs, Checks, Direction, Migration, Shown};
use crate::web::api::app_json::{instant, instant_or_null};
use crate::web::api::apps::app_path;
use crate::web::api::body::{JsonBody, MaybeJsonBody};
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;

/// The state, both credentials and the two checks.
pub(in crate::web::api) async fn show(door: Door) -> Result<Response, Problem> {
    let review = migrate::review(&door.deps, &door.access, door.client_id(), door.now).await?;
    Ok(json_body(&shown(&door, &review)))
}

/// 201 with the new secret, once. Without a body from keys to a secret; `{"direction": "secret_to_key", "public_key"}` the other way.
/// `technical_account`, or `null` for the app, chooses where the old credentials act as different subjects.
pub(in crate::web::api) async fn start(door: Door, body: MaybeJsonBody) -> Result<Response, Problem> {
    let wish = wish(body.0).map_err(Problem::invalid)?;
    let started = migrate::start(&door.deps, &door.access, door.client_id(), wish, door.now).await?;
    let mut body = shown(&door, &started.review);
    body["credential_id"] = json!(started.credential);
    if let Some(secret) = &started.client_secret {
        body["client_secret"] = Value::String(secret.expose().clone());
    }
    let location = format!("{}/migration", app_path(&door, door.client_id()));
    Ok((StatusCode::CREATED, [(CONTENT_TYPE, "application/json".to_owned()), (LOCATION, location)], body.to_string()).into_response())
}

/// 204; the new credential is gone.
pub(in crate::web::api) async fn cancel(door: Door) -> Result<Response, Problem> {
    migrate::cancel(&door.deps, &door.access, door.client_id(), door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `{"confirm_name", "override"}`; the old credentials are gone.
pub(in crate::web::api) async fn complete(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let (mut confirm_name, mut overridden) = (None, false);
    let mut errors = Vec::new();
    let mut members = Members::new(body.object, "", &mut errors);
    members.take("confirm_name", &mut confirm_name, None::<String>);
    members.take("override", &mut overridden, false);
    members.finish(&[]);
    if errors.is_empty() && confirm_name.is_none() {
        errors.push(FieldError::new("confirm_name", "required", "Give the app's name, letter by letter."));
    }
    let Some(name) = confirm_name.filter(|_| errors.is_empty()) else { return Err(Problem::invalid(errors)) };
    let review = migrate::complete(&door.deps, &door.access, door.client_id(), (&name, overridden), door.now).await?;
    Ok(json_body(&shown(&door, &review)))
}

/// The old credentials are refused from now on, for a few minutes.
pub(in crate::web::api) async fn begin_brown_out(door: Door) -> Result<Response, Problem> {
    let review = migrate::set_brown_out(&door.deps, &door.access, door.client_id(), true, door.now).await?;
    Ok(json_body(&shown(&door, &review)))
}

/// They work again.
pub(in crate::web::api) async fn end_brown_out(door: Door) -> Result<Response, Problem> {
    let review = migrate::set_brown_out(&door.deps, &door.access, door.client_id(), false, door.now).await?;
    Ok(json_body(&shown(&door, &review)))
}

fn wish(sent: Map<String, Value>) -> Result<Wish, Vec<FieldError>> {
    let (mut direction, mut public_key, mut note, mut account) = (None, None, String::new(), None);
    // Here null is a choice, and not the same as saying nothing.
    let is_app = sent.get("technical_account").is_some_and(Value::is_null);
    let mut errors = Vec::new();
    let mut members = Members::new(sent, "", &mut errors);
    members.take("direction", &mut direction, None::<String>);
    members.take("public_key", &mut public_key, None::<String>);
    members.take("note", &mut note, String::new());
    members.take("technical_account", &mut account, None::<String>);
    members.finish(&[]);
    let acts_as = match account.as_deref().map(str::parse::<TechnicalAccountId>) {
        None => is_app.then_some(ActsAs::App),
        Some(Ok(id)) => Some(ActsAs::Account(id)),
        Some(Err(_)) => {
            errors.push(FieldError::new(
                "technical_account",
                "not_an_id",
                "Give the id of a technical account, or null for the app itself.",
            ));
            None
        }
    };
    let direction = direction.as_deref().map_or(Some(Direction::KeyToSecret), Direction::parse);
    let wish = match (direction, public_key) {
        (None, _) => Err(FieldError::new("direction", "not_a_choice", "Choose key_to_secret or secret_to_key.")),
        (Some(Direction::KeyToSecret), None) => Ok(Wish { public_key: None, note, acts_as }),
        (Some(Direction::KeyToSecret), Some(_)) => {
            Err(FieldError::new("public_key", "not_for_direction", "The new credential is a secret."))
        }
        (Some(Direction::SecretToKey), Some(public_key)) => Ok(Wish { public_key: Some(public_key), note, acts_as }),
        (Some(Direction::SecretToKey), None) => Err(FieldError::new("public_key", "required", "Give the new public key.")),
    };
    match wish {
        Ok(wish) if errors.is_empty() => Ok(wish),
        Ok(_) => Err(errors),
        Err(error) => Err([errors, vec![error]].concat()),
    }
}

fn shown(door: &Door, review: &Review) -> Value {
    let migration = review.record.migration.as_ref();
    let mut body = json!({
        "client_id": review.record.client.client_id,
        "state": migration.map_or("none", |own| own.state.as_str()),
        "direction": migration.map(|own| own.direction),
        "started_at": instant_or_null(migration.map(|own| own.started_at)),
        "completed_at": instant_or_null(migration.and_then(|own| own.finished_at)),
        "possible_directions": review.possible.iter().map(|(direction, _)| direction).collect::<Vec<_>>(),
        "old": null,
        "new": null,
        "checks": null,
        "brown_out": null,
        "deadlines": deadlines(&door.deps.policy.jwt_deadlines),
    });
    if let (Some(migration), Some(checks)) = (migration, review.checks) {
        let leaving = review.record.credentials.iter().filter(|own| migration.leaves(Shown::Credential(own)));
        let leaving: Vec<_> = leaving.map(|own| own.id).collect();
        let (old, new) = (migration.direction.old(), migration.direction.successor());
        body["old"] = json!({ "kind": old, "credentials": leaving, "last_token_issued_at": instant_or_null(checks.old_last_token_at) });
        body["new"] = json!({
            "kind": new,
            "credentials": [migration.new_credential],
            "last_token_issued_at": instant_or_null(checks.new_last_token_at),
        });
        body["checks"] = checks_json(&checks);
        body["brown_out"] = brown_out(migration, door.now);
    }
    body
}

fn checks_json(checks: &Checks) -> Value {
    let (new, old) = (instant_or_null(checks.new_last_token_at), instant_or_null(checks.old_last_token_at));
    json!({
        "passed": checks.pass(),
        "new_used_more_recently": { "passed": checks.new_is_ahead, "new_last_token_issued_at": new, "old_last_token_issued_at": old.clone() },
        "old_unused_for_24_hours": { "passed": checks.old_is_quiet, "old_last_token_issued_at": old, "passes_at": instant_or_null(checks.quiet_from) },
    })
}

fn brown_out(migration: &Migration, now: OffsetDateTime) -> Value {
    let until = migration.brown_out(now);
    json!({ "active": until.is_some(), "until": instant_or_null(until) })
}

fn deadlines(own: &JwtDeadlines) -> Value {
    json!({
        "announcement": if own.announcement.is_empty() { Value::Null } else { json!(own.announcement) },
        "no_new_apps_from": own.no_new_apps.map(instant),
        "no_renewal_from": own.no_renewal.map(instant),
        "disabled_from": own.disabled.map(instant),
    })
}
