//! `/api/v1/orgs/{org}/apps` and below.

use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::flows::clients::idempotency::{Answer, Once};
use crate::flows::clients::list::{self, Query as ListQuery};
use crate::flows::clients::register::{self, Registered};
use crate::flows::clients::{self, delete, restore as bring_back, standing, update};
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::client_draft::ClientDraft;
use crate::model::field_error::FieldError;
use crate::model::migration::Proof;
use crate::secret::Secret;
use crate::web::api::app_json::{app, etag, merge};
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;

pub(super) mod logo;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// `?q=&kind=&credential=jwt|secret&attention=true&cursor=&limit=`
pub(super) async fn list(door: Door, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["q", "kind", "credential", "attention", "cursor", "limit"])?;
    let asked = ListQuery {
        q: query.text("q").map(str::to_owned),
        kind: query.parsed("kind", "Give web, spa or m2m.", ClientKind::parse)?,
        credential: query.parsed("credential", "Give jwt or secret.", credential_kind)?,
        attention_at: query.flag("attention")?.then_some(door.now),
        cursor: query.text("cursor").map(str::to_owned),
        limit: query.limit()?,
        ..ListQuery::default()
    };
    let page = list::list(&door.deps, &door.access, &asked).await?;
    let apps: Vec<Value> = page.items.iter().map(|record| app(record, &door.deps.policy.issuer, door.now)).collect();
    Ok(json_body(&json!({ "apps": apps, "next_cursor": page.next })))
}

/// The words of the filter.
fn credential_kind(word: &str) -> Option<Proof> {
    match word {
        "jwt" => Some(Proof::Key),
        "secret" => Some(Proof::Secret),
        _ => None,
    }
}

/// 201 with the app, and its secret once.
pub(super) async fn create(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let (kind, draft) = wish(body.object)?;
    let render = |registered: &Registered| created(&door, registered);
    let Some(key) = door.idempotency_key()? else {
        let registered = register::register(&door.deps, &door.access, kind, draft, door.now).await?;
        return answer_created(&render(&registered), false);
    };
    let request = format!("{}\n{}", door.target, body.text);
    let once = Once { key, request: &request, render: &|registered| render(registered).expose().clone() };
    match register::register_once(&door.deps, &door.access, (kind, draft), &once, door.now).await? {
        Answer::Made(_, kept) => answer_created(&kept, false),
        Answer::Kept(kept) => answer_created(&kept, true),
    }
}

/// The kind, which must be there, and the rest over the kind's defaults.
fn wish(mut sent: Map<String, Value>) -> Result<(ClientKind, ClientDraft), Problem> {
    let kind = match sent.remove("kind") {
        None => Err(FieldError::new("kind", "required", "Choose web, spa or m2m.")),
        Some(kind) => kind.as_str().and_then(ClientKind::parse).ok_or(FieldError::new("kind", "not_a_choice", "Choose web, spa or m2m.")),
    };
    // Without a kind the other members are still looked at: every error at once.
    let defaults = ClientDraft::defaults(kind.as_ref().copied().unwrap_or(ClientKind::Web));
    match (kind, merge(defaults.clone(), defaults, sent)) {
        (Ok(kind), Ok(draft)) => Ok((kind, draft)),
        (Ok(_), Err(errors)) => Err(Problem::invalid(errors)),
        (Err(error), merged) => Err(Problem::invalid([vec![error], merged.err().unwrap_or_default()].concat())),
    }
}

/// The whole answer as bytes, so that a repeated request gets the same.
fn created(door: &Door, registered: &Registered) -> Secret<Vec<u8>> {
    let mut body = app(&registered.record, &door.deps.policy.issuer, door.now);
    if let Some(secret) = &registered.client_secret {
        body["client_secret"] = Value::String(secret.expose().clone());
    }
    let client_id = &registered.record.client.client_id;
    pack(&app_path(door, client_id), Some(&etag(&registered.record)), &body)
}

/// The address of an app in this API.
pub(super) fn app_path(door: &Door, client_id: &str) -> String {
    format!("{}/orgs/{}/apps/{client_id}", door.deps.policy.management_api(), door.access.org.slug)
}

/// Headers and body of a 201 as one value that can be kept.
pub(super) fn pack(location: &str, etag: Option<&str>, body: &Value) -> Secret<Vec<u8>> {
    Secret::new(json!({ "location": location, "etag": etag, "body": body }).to_string().into_bytes())
}

/// 201 from what [`pack`] made, now or then.
pub(super) fn answer_created(packed: &Secret<Vec<u8>>, replayed: bool) -> Result<Response, Problem> {
    let unreadable = || Problem::malformed("The kept answer of this Idempotency-Key cannot be read; use a new key.");
    let packed: Value = serde_json::from_slice(packed.expose()).map_err(|_| unreadable())?;
    let header = |name: &str| packed[name].as_str().and_then(|value| HeaderValue::from_str(value).ok());
    let body = packed["body"].to_string();
    let mut response = (StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], body).into_response();
    let headers = response.headers_mut();
    if let Some(location) = header("location") {
        headers.insert(LOCATION, location);
    }
    if let Some(etag) = header("etag") {
        headers.insert(ETAG, etag);
    }
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// One app.
pub(super) async fn show(door: Door) -> Result<Response, Problem> {
    let record = clients::find(&door.deps, &door.access, door.client_id()).await?;
    Ok(with_etag(&door, &record))
}

/// RFC 7396; with `If-Match` only if nobody else was faster.
pub(super) async fn change(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let expected = door.if_match()?;
    let kind = clients::find(&door.deps, &door.access, door.client_id()).await?.client.kind;
    let edit = |draft| merge(draft, ClientDraft::defaults(kind), body.object);
    let record = update::update(&door.deps, &door.access, door.client_id(), expected, edit, door.now).await?;
    Ok(with_etag(&door, &record))
}

/// 204; the app can be restored for a while.
pub(super) async fn remove(door: Door) -> Result<Response, Problem> {
    let expected = door.if_match()?;
    delete::delete(&door.deps, &door.access, door.client_id(), None, expected, door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The app again, if a slot is free.
pub(super) async fn restore(door: Door) -> Result<Response, Problem> {
    let record = bring_back::restore(&door.deps, &door.access, door.client_id(), door.now).await?;
    Ok(with_etag(&door, &record))
}

/// The app, switched off.
pub(super) async fn disable(door: Door) -> Result<Response, Problem> {
    let record = standing::disable(&door.deps, &door.access, door.client_id(), door.now).await?;
    Ok(with_etag(&door, &record))
}

/// The app, switched on.
pub(super) async fn enable(door: Door) -> Result<Response, Problem> {
    let record = standing::enable(&door.deps, &door.access, door.client_id(), door.now).await?;
    Ok(with_etag(&door, &record))
}

/// The app with its `ETag`.
pub(super) fn with_etag(door: &Door, record: &ClientRecord) -> Response {
    let mut response = json_body(&app(record, &door.deps.policy.issuer, door.now));
    if let Ok(etag) = HeaderValue::from_str(&etag(record)) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}
