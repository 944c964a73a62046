//! `POST /api/v1/orgs/{org}/apps/{client_id}/assertion-check`: which check an assertion fails.

use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::flows::assertion::Profile;
use crate::flows::assertion::check::{self, Step};
use crate::model::field_error::FieldError;
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;

/// Every check in its order; nothing is kept and nothing is used up.
pub(in crate::web::api) async fn check(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let (profile, assertion) = read(body.object).map_err(Problem::invalid)?;
    let report = check::check(&door.deps, &door.access, door.client_id(), (profile, &assertion), door.now).await?;
    let refusal =
        report.refusal.as_ref().map(|refusal| json!({ "error": refusal.error.as_str(), "error_description": refusal.description }));
    let (header, claims) = report.contents.clone().unzip();
    Ok(json_body(&json!({
        "client_id": report.record.client.client_id,
        "profile": profile.as_str(),
        "accepted": report.refusal.is_none(),
        "verified": report.is_signed(),
        "refusal": refusal,
        "checks": report.steps.iter().map(shown).collect::<Vec<_>>(),
        "header": header,
        "claims": claims,
    })))
}

fn shown(step: &Step) -> Value {
    json!({
        "check": step.check.as_str(),
        "title": step.check.title(),
        "result": step.outcome.as_str(),
        "expected": step.expected,
        "came": step.came,
        "cause": step.cause,
        "seconds_off": step.seconds_off,
    })
}

fn read(sent: Map<String, Value>) -> Result<(Profile, String), Vec<FieldError>> {
    let mut errors = Vec::new();
    let (mut profile, mut assertion) = (String::new(), String::new());
    let mut members = Members::new(sent, "", &mut errors);
    members.take("profile", &mut profile, String::new());
    members.take("assertion", &mut assertion, String::new());
    members.finish(&[]);
    let known = Profile::parse(&profile);
    let mut missing = |field, message| {
        if !errors.iter().any(|error| error.field == field) {
            errors.push(FieldError::new(field, "required", message));
        }
    };
    if known.is_none() {
        missing("profile", "Choose client_assertion, jwt_bearer, workfront_exchange or ims_exchange.");
    }
    if assertion.trim().is_empty() {
        missing("assertion", "Give an assertion.");
    }
    match known {
        Some(profile) if errors.is_empty() => Ok((profile, assertion)),
        _ => Err(errors),
    }
}
