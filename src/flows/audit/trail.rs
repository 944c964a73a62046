//! Reading an org's audit trail: a page at a time, or all of it for an export (M15).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::db::audit_events::{self, TrailFilter};
use crate::flows::Deps;
use crate::flows::clients::Error;
use crate::flows::clients::list::{Page, bad_cursor, check_limit};
use crate::flows::orgs::OrgAccess;
use crate::model::audit::TrailEntry;
use crate::model::ids::{AuditEventId, OrgId};

pub use crate::db::audit_events::TrailFilter as Filter;

/// Entries of one export at most; who wants more narrows the dates.
pub const EXPORT_LIMIT: usize = 100_000;
/// Entries read at one time for an export.
const BATCH: i64 = 500;

const LABEL: &str = "cursor of the trail";

/// A page of the trail, newest first. `cursor` and `limit` stand in place of the filter's own.
pub async fn list(
    deps: &Deps,
    access: &OrgAccess,
    filter: &Filter,
    (cursor, limit): (Option<&str>, Option<i64>),
) -> Result<Page<TrailEntry>, Error> {
    access.check_reads_audit()?;
    let (org, limit) = (access.org.id, check_limit(limit)?);
    let before = cursor.map(|cursor| open_cursor(deps, org, cursor).ok_or_else(bad_cursor)).transpose()?;
    let filter = &TrailFilter { before, limit: limit + 1, ..filter.clone() };
    let mut items = deps.db.statement(|mut c| async move { audit_events::list(&mut c, org, filter).await }).await?;
    let fits = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > fits;
    items.truncate(fits);
    let next = items.last().filter(|_| more).map(|last| seal_cursor(deps, org, last.id));
    Ok(Page { items, next })
}

/// The next entries of an export, older than `before`; none at its end.
pub async fn batch(deps: &Deps, access: &OrgAccess, filter: &Filter, before: Option<AuditEventId>) -> Result<Vec<TrailEntry>, Error> {
    access.check_reads_audit()?;
    let org = access.org.id;
    let filter = &TrailFilter { before, limit: BATCH, ..filter.clone() };
    Ok(deps.db.statement(|mut c| async move { audit_events::list(&mut c, org, filter).await }).await?)
}

fn seal_cursor(deps: &Deps, org: OrgId, id: AuditEventId) -> String {
    let place = [*org.0.as_bytes(), *id.0.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(deps.sealer.seal(LABEL, &place, &*deps.entropy))
}

fn open_cursor(deps: &Deps, org: OrgId, cursor: &str) -> Option<AuditEventId> {
    let place = deps.sealer.open(LABEL, &URL_SAFE_NO_PAD.decode(cursor).ok()?)?;
    let (of, id) = place.expose().split_first_chunk::<16>()?;
    let id: [u8; 16] = id.try_into().ok()?;
    (Uuid::from_bytes(*of) == org.0).then_some(AuditEventId(Uuid::from_bytes(id)))
}
