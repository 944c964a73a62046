//! `/api/v1/orgs/{org}/apps/{client_id}/activity` and `…/requests/{request_id}`: what the app's last requests came to.

use axum::response::Response;
use serde_json::{Value, json};

use crate::flows::traces::{Step, read, steps};
use crate::model::request_trace::{Fault, RequestTrace};
use crate::web::api::app_json::instant;
use crate::web::api::door::Door;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;
use crate::web::paths;

pub(super) mod test_token;

/// `?cursor=&limit=&refused=true`
pub(super) async fn list(door: Door, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["cursor", "limit", "refused"])?;
    let asked = read::Query { cursor: query.text("cursor"), limit: query.limit()?, refused_only: query.flag("refused")? };
    let (record, page) = read::list(&door.deps, &door.access, door.client_id(), asked).await?;
    let shown: Vec<Value> = page.items.iter().map(|trace| request(&door, trace)).collect();
    Ok(json_body(&json!({ "client_id": record.client.client_id, "requests": shown, "next_cursor": page.next })))
}

/// One request with its checks.
pub(super) async fn show(door: Door) -> Result<Response, Problem> {
    let id: String = door.id()?;
    let (record, trace) = read::find(&door.deps, &door.access, door.client_id(), &id).await?;
    let mut body = request(&door, &trace);
    body["client_id"] = Value::String(record.client.client_id);
    body["checks"] = steps(&trace).into_iter().map(|step| check(step, trace.fault())).collect();
    Ok(json_body(&body))
}

fn request(door: &Door, trace: &RequestTrace) -> Value {
    let fault = trace.fault();
    json!({
        "request_id": trace.request_id,
        "at": instant(trace.at),
        "endpoint": trace.endpoint.as_str(),
        "grant_type": trace.grant.map(crate::wire::GrantType::as_str),
        "auth_method": trace.method.map(crate::wire::AuthMethod::as_str),
        "outcome": trace.outcome.as_str(),
        "status": trace.status,
        "error": fault.map(|fault| fault.error.as_str()),
        "error_uri": fault.map(|fault| paths::error_uri(&door.deps.policy.issuer, &fault.error)),
        "cause": fault.map(|fault| fault.cause.as_str()),
        "failed_check": fault.map(|fault| fault.check.key()),
    })
}

fn check(step: Step, fault: Option<&Fault>) -> Value {
    let contrast = fault.filter(|fault| fault.check == step.check).and_then(|fault| fault.contrast.as_ref());
    json!({
        "check": step.check.key(),
        "title": step.check.title(),
        "result": step.result.as_str(),
        "expected": contrast.map(|contrast| contrast.expected.as_str()),
        "came": contrast.map(|contrast| contrast.came.as_str()),
    })
}
