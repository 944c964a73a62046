//! The trail as CSV or JSON, streamed in batches, so that a long one needs no memory; ended at a bound.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::flows::Deps;
use crate::flows::audit::trail::{EXPORT_LIMIT, Filter, batch};
use crate::flows::clients::Error;
use crate::flows::orgs::OrgAccess;
use crate::model::audit::TrailEntry;
use crate::web::views::text::iso;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180.
    Csv,
    /// One object with the list `events`.
    Json,
}

const HEADER: &str = "time,actor_kind,actor_id,actor,action,outcome,target_kind,target_id,ip,request_id,detail\r\n";

/// An answer that is written while the trail is read. The first batch is read before anything is answered, so that who may not
/// read is told so by the status.
pub async fn answer(deps: &Arc<Deps>, access: &OrgAccess, filter: Filter, form: Form) -> Result<Response, Error> {
    let first = batch(deps, access, &filter, None).await?;
    let (to, from) = mpsc::channel(2);
    let (deps, access, slug) = (deps.clone(), access.clone(), access.org.slug.clone());
    tokio::spawn(async move { write(&deps, &access, &filter, form, first, &to).await });
    let (kind, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Form::Json => ("application/json", "json"),
    };
    let mut response = Body::new(Pieces(from).boxed_unsync()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"audit-{slug}.{ending}\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Pieces of a body, or the trouble that cuts it off.
type Piece = Result<Bytes, std::io::Error>;

/// Stops when nobody reads any more.
async fn write(deps: &Deps, access: &OrgAccess, filter: &Filter, form: Form, first: Vec<TrailEntry>, to: &mpsc::Sender<Piece>) {
    let mut written = 0;
    let mut entries = VecDeque::from(first);
    let mut head = if form == Form::Csv { HEADER.to_owned() } else { "{\"events\":[".to_owned() };
    loop {
        let last = entries.back().map(|entry| entry.id);
        let mut text = std::mem::take(&mut head);
        for entry in entries.drain(..).take(EXPORT_LIMIT - written) {
            match form {
                Form::Csv => text.push_str(&csv(&entry)),
                Form::Json => {
                    text.push_str(if written == 0 { "\n" } else { ",\n" });
                    text.push_str(&object(&entry).to_string());
                }
            }
            written += 1;
        }
        let end = last.is_none() || written >= EXPORT_LIMIT;
        if end && form == Form::Json {
            text.push_str("\n]}\n");
        }
        if to.send(Ok(Bytes::from(text))).await.is_err() || end {
            return;
        }
        match batch(deps, access, filter, last).await {
            Ok(more) => entries = more.into(),
            Err(error) => {
                // Cut off, so that nobody takes half a trail for the whole.
                tracing::error!(%error, "an export of the audit trail was cut off");
                let _ = to.send(Err(std::io::Error::other("cut off"))).await;
                return;
            }
        }
    }
}

/// An entry as the management API shows it.
pub fn object(entry: &TrailEntry) -> Value {
    json!({
        "id": entry.id,
        "at": iso(&entry.at),
        "actor": { "kind": entry.actor_kind, "id": entry.actor_id, "label": entry.actor },
        "action": entry.action,
        "outcome": entry.outcome().as_str(),
        "target": { "kind": entry.target_kind, "id": entry.target_id },
        "ip": entry.ip,
        "request_id": entry.request_id,
        "detail": entry.detail,
    })
}

fn csv(entry: &TrailEntry) -> String {
    let at: &OffsetDateTime = &entry.at;
    let cells = [
        iso(at),
        entry.actor_kind.clone(),
        entry.actor_id.clone().unwrap_or_default(),
        entry.actor.clone(),
        entry.action.clone(),
        entry.outcome().as_str().to_owned(),
        entry.target_kind.clone(),
        entry.target_id.clone().unwrap_or_default(),
        entry.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        entry.request_id.clone().unwrap_or_default(),
        entry.detail.to_string(),
    ];
    let line: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", line.join(","))
}

/// One cell (RFC 4180 §2). What a spreadsheet would run as a formula gets an apostrophe, which it shows as text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) || text.trim_start().starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A body that is written piece by piece.
struct Pieces(mpsc::Receiver<Piece>);

impl axum::body::HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(hyper::body::Frame::data)))
    }
}

#[cfg(test)]
mod tests;
