//! `/api/v1/orgs/{org}/audit`: the trail, a page at a time as JSON, or whole with `Accept: text/csv`.

use axum::http::header::ACCEPT;
use axum::response::Response;
use serde_json::{Value, json};

use crate::flows::audit::trail;
use crate::model::field_error::FieldError;
use crate::web::api::door::Door;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;
use crate::web::trail::{Asked, export};

/// `?app=&actor=&action=&from=&to=&cursor=&limit=`
pub(super) async fn list(door: Door, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["app", "actor", "action", "from", "to", "cursor", "limit"])?;
    let asked = Asked::read(|name| query.text(name).unwrap_or_default().replace('\0', ""));
    let filter =
        asked.filter().map_err(|field| Problem::invalid(vec![FieldError::new(field, "wrong_type", "Write a day as 2026-08-14.")]))?;
    let accepted = door.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv")) {
        return Ok(export::answer(&door.deps, &door.access, filter, export::Form::Csv).await?);
    }
    let page = trail::list(&door.deps, &door.access, &filter, (query.text("cursor"), query.limit()?)).await?;
    let shown: Vec<Value> = page.items.iter().map(export::object).collect();
    Ok(json_body(&json!({ "events": shown, "next_cursor": page.next })))
}
