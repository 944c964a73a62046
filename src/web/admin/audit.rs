//! `/orgs/{slug}/audit`: who did what, when and from where.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use time::OffsetDateTime;

use crate::flows::audit::trail;
use crate::model::audit::{Outcome, TrailEntry};
use crate::web::admin::place::{Place, page_error};
use crate::web::pages::error::PageError;
use crate::web::trail::actions::{choices, words};
use crate::web::trail::{Asked, export};
use crate::web::views::audit::{AuditPage, Change, EventRow};
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::text;

/// A page of the trail; with `format=csv` or `format=json` all of it, as a file.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    let asked = Asked::read(|name| place.query(name).to_owned());
    place.access.check_reads_audit().map_err(page_error)?;
    let filter = match asked.filter() {
        Ok(filter) => filter,
        Err(field) => {
            let error = FieldError::new(field, "Write a day as 2026-08-14.");
            return Ok(
                (StatusCode::UNPROCESSABLE_ENTITY, page(&place, Form::refused(asked, vec![error]), Vec::new(), None)).into_response()
            );
        }
    };
    match place.query("format") {
        "csv" => export::answer(&place.deps, &place.access, filter, export::Form::Csv).await.map_err(page_error),
        "json" => export::answer(&place.deps, &place.access, filter, export::Form::Json).await.map_err(page_error),
        _ => {
            let cursor = Some(place.query("cursor")).filter(|cursor| !cursor.is_empty());
            let found = trail::list(&place.deps, &place.access, &filter, (cursor, None)).await.map_err(page_error)?;
            let rows = found.items.iter().map(|entry| row(&place, &asked, entry)).collect();
            Ok(page(&place, Form::new(asked), rows, found.next).into_response())
        }
    }
}

fn page(place: &Place, form: Form<Asked>, events: Vec<EventRow>, next: Option<String>) -> AuditPage {
    let address = |more: &[(&str, &str)]| format!("/orgs/{}/audit?{}", place.org.slug, form.values.query(more));
    AuditPage {
        layout: Layout { section: Section::Audit, ..place.layout() },
        org: place.org.clone(),
        events,
        next: next.map(|cursor| address(&[("cursor", &cursor)])),
        csv: address(&[("format", "csv")]),
        json: address(&[("format", "json")]),
        actions: choices(&form.values.action),
        is_filtered: form.values != Asked::default(),
        is_first: place.query("cursor").is_empty(),
        form,
    }
}

fn row(place: &Place, asked: &Asked, entry: &TrailEntry) -> EventRow {
    let only = |asked: Asked| format!("/orgs/{}/audit?{}", place.org.slug, asked.query(&[]));
    let target = entry.target_id.clone().unwrap_or_default();
    EventRow {
        at: entry.at,
        actor: entry.actor.clone(),
        actor_kind: entry.actor_kind.clone(),
        by_actor: only(Asked { actor: entry.actor.clone(), ..asked.clone() }),
        words: words(&entry.action),
        action: entry.action.clone(),
        by_action: only(Asked { action: entry.action.clone(), ..asked.clone() }),
        target_kind: entry.target_kind.clone(),
        target: name(&entry.detail).unwrap_or_else(|| target.clone()),
        app: (entry.target_kind == "client").then(|| format!("/orgs/{}/apps/{target}", place.org.slug)),
        refused: entry.outcome() == Outcome::Refused,
        ip: entry.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        request_id: entry.request_id.clone().unwrap_or_default(),
        changes: changes(&entry.detail),
    }
}

/// What the thing was called at that time.
fn name(detail: &Value) -> Option<String> {
    ["name", "app", "email"].iter().find_map(|member| detail.get(member)?.as_str()).map(str::to_owned)
}

/// The detail as lines: what changed from what to what, and what else is worth knowing. A flow writes no secret there.
fn changes(detail: &Value) -> Vec<Change> {
    let mut lines = Vec::new();
    let shown_above = name(detail);
    for (field, value) in detail.as_object().into_iter().flatten() {
        match (field.as_str(), value.as_object()) {
            ("name" | "app", _) => {}
            ("email", _) if value.as_str() == shown_above.as_deref() => {}
            ("changes", Some(inner)) => lines.extend(inner.iter().map(|(field, value)| change(field, value))),
            _ if says_nothing(value) => {}
            _ => lines.push(change(field, value)),
        }
    }
    lines
}

/// What was not given, left empty or not so: people need not read it; exports have it.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn change(field: &str, value: &Value) -> Change {
    let shown = |value: &Value| moment(field, value).unwrap_or_else(|| shown(value));
    let field = field.replace('_', " ");
    let pair = value.as_object().filter(|object| object.len() == 2).and_then(|object| Some((object.get("from")?, object.get("to")?)));
    match pair {
        Some((from, to)) => Change { field, from: Some(shown(from)), to: shown(to) },
        None => Change { field, from: None, to: shown(value) },
    }
}

/// A time, where the field is one; details keep seconds since 1970.
fn moment(field: &str, value: &Value) -> Option<String> {
    let is_time = field.ends_with("_at") || ["not_after", "until"].contains(&field);
    let at = value.as_i64().filter(|_| is_time)?;
    OffsetDateTime::from_unix_timestamp(at).ok().map(|at| text::exact(&at))
}

/// At most so many characters of one value.
const LONGEST: usize = 300;

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None if text.is_empty() => "empty".to_owned(),
        None => text,
    }
}
