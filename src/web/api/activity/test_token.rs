//! `POST /api/v1/orgs/{org}/apps/{client_id}/test-token`: a token for trying out (R55).

use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::flows::tryout::test_token;
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;

/// `{"scope": "…"}` or `{}`: the token answer that the app itself would get.
pub(in crate::web::api) async fn issue(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let scope = read(body.object).map_err(Problem::invalid)?;
    let issued = test_token::issue(&door.deps, &door.access, door.client_id(), scope.as_deref(), door.now).await?;
    let shown = serde_json::to_value(&issued.answer).unwrap_or_else(|_| json!({}));
    Ok(json_body(&shown))
}

fn read(sent: Map<String, Value>) -> Result<Option<String>, Vec<crate::model::field_error::FieldError>> {
    let mut errors = Vec::new();
    let mut scope = None;
    let mut members = Members::new(sent, "", &mut errors);
    members.take("scope", &mut scope, None);
    members.finish(&[]);
    if errors.is_empty() { Ok(scope) } else { Err(errors) }
}
