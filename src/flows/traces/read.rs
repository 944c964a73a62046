//! Reading an app's traces: its own people, and its org's apps that may read apps.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;

use crate::db::request_traces::{self, After};
use crate::flows::Deps;
use crate::flows::clients::list::{Page, bad_cursor, check_limit};
use crate::flows::clients::{self, Error};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;
use crate::model::request_trace::RequestTrace;

/// How many traces a page shows.
pub const SHOWN: i64 = request_traces::KEPT;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// The `next` of the page before.
    pub cursor: Option<&'a str>,
    /// 1 to 100; `None` = 50.
    pub limit: Option<i64>,
    /// Only those that were refused.
    pub refused_only: bool,
}

/// An app with its traces, newest first.
pub async fn list(deps: &Deps, access: &OrgAccess, client_id: &str, query: Query<'_>) -> Result<(ClientRecord, Page<RequestTrace>), Error> {
    access.check_reads_apps()?;
    let limit = check_limit(query.limit)?;
    let after = query.cursor.map(|cursor| open(cursor).ok_or_else(bad_cursor)).transpose()?;
    let record = clients::find(deps, access, client_id).await?;
    show_own(deps).await;
    let (key, after) = (record.client.key, after.as_ref());
    let mut items = deps
        .db
        .statement(|mut connection| async move { request_traces::list(&mut connection, key, after, query.refused_only, limit + 1).await })
        .await?;
    let fits = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > fits;
    items.truncate(fits);
    let next = items.last().filter(|_| more).map(seal);
    Ok((record, Page { items, next }))
}

/// One trace of the app by its reference id.
pub async fn find(deps: &Deps, access: &OrgAccess, client_id: &str, request_id: &str) -> Result<(ClientRecord, RequestTrace), Error> {
    access.check_reads_apps()?;
    let record = clients::find(deps, access, client_id).await?;
    if request_id.is_empty() || request_id.len() > 64 || request_id.contains('\0') {
        return Err(Error::NotFound);
    }
    show_own(deps).await;
    let key = record.client.key;
    let found = deps.db.statement(|mut connection| async move { request_traces::find(&mut connection, key, request_id).await }).await?;
    Ok((record, found.ok_or(Error::NotFound)?))
}

/// What this very process noted shows at once; that of others within a second.
async fn show_own(deps: &Deps) {
    if let Err(error) = deps.traces.flush(&deps.db).await {
        tracing::warn!(%error, "request traces were not written; tried again soon");
    }
}

/// A cursor names nothing that its reader has not seen.
fn seal(last: &RequestTrace) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", last.at.unix_timestamp_nanos() / 1_000, last.request_id))
}

fn open(cursor: &str) -> Option<After> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (micros, request_id) = text.split_once(' ')?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(micros.parse::<i128>().ok()?.checked_mul(1_000)?).ok()?;
    let in_range = (1970..=9999).contains(&at.year());
    (in_range && request_id.len() <= 64 && !request_id.contains('\0')).then(|| After { at, request_id: request_id.to_owned() })
}
