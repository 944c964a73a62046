//! Clean-up: what has expired is deleted in bounded batches, each in a transaction of its own, by one server at a time.

use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::db::prune::deleted_clients;
use crate::db::{self, prune};
use crate::flows::{Deps, Unavailable, audit};
use crate::model::audit::{AuditEvent, Origin};

/// Rows stay this long after their end, so that a page can say "expired" rather than "unknown".
const GRACE: Duration = Duration::days(1);
/// What became of a request is of no use to anybody later.
const TRACES: Duration = Duration::days(30);

/// How much one call does.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Rows of one statement.
    pub batch: i64,
    /// Batches of one kind of row; the rest is left for the next call.
    pub batches: u32,
}

/// Where the walk over idle authorizations goes on at the next call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursor(Uuid);

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Kind of row, how many.
    pub deleted: Vec<(&'static str, u64)>,
    /// Another server is at it, so this one stopped.
    pub busy_elsewhere: bool,
}

impl Pruned {
    /// All rows together.
    pub fn total(&self) -> u64 {
        self.deleted.iter().map(|(_, count)| count).sum()
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    AuthorizationRequests,
    BrowserSessions,
    Throttles,
    PasswordLinks,
    IdempotencyKeys,
    AssertionUses,
    AccessTokens,
    UnredeemedCodes,
    EndedAuthorizations,
    ExpiredAuthorizations,
    RequestTraces,
    DeletedClients,
}

const KINDS: [(Kind, &str); 12] = [
    (Kind::AuthorizationRequests, "authorization requests"),
    (Kind::BrowserSessions, "browser sessions"),
    (Kind::Throttles, "throttle counters"),
    (Kind::PasswordLinks, "set-password links"),
    (Kind::IdempotencyKeys, "idempotency keys"),
    (Kind::AssertionUses, "uses of assertions"),
    (Kind::AccessTokens, "opaque access tokens"),
    (Kind::UnredeemedCodes, "codes that nobody redeemed"),
    (Kind::EndedAuthorizations, "ended authorizations"),
    (Kind::ExpiredAuthorizations, "expired authorizations"),
    (Kind::RequestTraces, "request traces"),
    (Kind::DeletedClients, "deleted apps"),
];

/// Deletes what has expired, within `bounds`.
pub async fn prune(deps: &Deps, cursor: &mut Cursor, bounds: Bounds, now: OffsetDateTime) -> Result<Pruned, Unavailable> {
    let mut pruned = Pruned::default();
    for (kind, name) in KINDS {
        let Some(count) = batches(deps, kind, bounds, now).await? else {
            return Ok(Pruned { busy_elsewhere: true, ..pruned });
        };
        pruned.deleted.push((name, count));
    }
    let Some(idle) = walk_idle(deps, cursor, bounds, now).await? else {
        return Ok(Pruned { busy_elsewhere: true, ..pruned });
    };
    pruned.deleted.push(("idle authorizations", idle));
    let mut transaction = deps.db.begin().await?;
    let days = prune::revocations(&mut transaction, now).await?;
    transaction.commit().await?;
    pruned.deleted.push(("days of revoked token ids", days));
    Ok(pruned)
}

/// Batch after batch of one kind until one is not full; `None` when another server prunes.
async fn batches(deps: &Deps, kind: Kind, bounds: Bounds, now: OffsetDateTime) -> Result<Option<u64>, Unavailable> {
    let mut total = 0;
    for _ in 0..bounds.batches {
        let mut transaction = deps.db.begin().await?;
        if !prune::take_turn(&mut transaction).await? {
            return Ok(None);
        }
        let deleted = delete(deps, &mut transaction, kind, bounds.batch, now).await?;
        transaction.commit().await?;
        total += deleted;
        if deleted < bounds.batch.unsigned_abs() {
            break;
        }
    }
    Ok(Some(total))
}

async fn delete(deps: &Deps, connection: &mut db::Connection, kind: Kind, batch: i64, now: OffsetDateTime) -> Result<u64, db::Error> {
    let kept = now - deps.policy.lifetimes.ended_rows;
    match kind {
        Kind::AuthorizationRequests => prune::authorization_requests(connection, now - GRACE, batch).await,
        Kind::BrowserSessions => prune::browser_sessions(connection, now - GRACE, batch).await,
        Kind::Throttles => prune::throttles(connection, now, batch).await,
        Kind::PasswordLinks => prune::password_links(connection, now - GRACE, batch).await,
        Kind::IdempotencyKeys => prune::idempotency_keys(connection, now, batch).await,
        Kind::AssertionUses => prune::assertion_uses(connection, now - GRACE, batch).await,
        Kind::AccessTokens => prune::access_tokens(connection, now - GRACE, batch).await,
        Kind::UnredeemedCodes => prune::unredeemed_authorizations(connection, now - GRACE, batch).await,
        Kind::EndedAuthorizations => prune::ended_authorizations(connection, kept, batch).await,
        Kind::ExpiredAuthorizations => prune::expired_authorizations(connection, kept, batch).await,
        Kind::RequestTraces => prune::request_traces(connection, now - TRACES, batch).await,
        Kind::DeletedClients => purge_clients(deps, connection, batch, now).await,
    }
}

/// Deletes apps that can no longer be restored, and before them whatever points at them. The audit trail stays, and tells of it.
async fn purge_clients(deps: &Deps, connection: &mut db::Connection, batch: i64, now: OffsetDateTime) -> Result<u64, db::Error> {
    let before = now - deps.policy.lifetimes.restore_app;
    let belongings = deleted_clients::belongings(connection, before, batch).await?;
    let purged = deleted_clients::clients(connection, before, batch).await?;
    for client in &purged {
        let event = AuditEvent {
            org: Some(client.org),
            origin: Origin::server(),
            action: "client.purge",
            target_kind: "client",
            target_id: Some(client.client_id.clone()),
            detail: json!({ "name": client.name }),
        };
        audit::record(deps, connection, event, now).await?;
    }
    // What belonged to the apps counts too, so that a full batch brings another.
    Ok(belongings + u64::try_from(purged.len()).unwrap_or(u64::MAX))
}

async fn walk_idle(deps: &Deps, cursor: &mut Cursor, bounds: Bounds, now: OffsetDateTime) -> Result<Option<u64>, Unavailable> {
    let kept = now - deps.policy.lifetimes.ended_rows;
    let mut total = 0;
    for _ in 0..bounds.batches {
        let mut transaction = deps.db.begin().await?;
        if !prune::take_turn(&mut transaction).await? {
            return Ok(None);
        }
        let step = prune::idle_authorizations(&mut transaction, cursor.0, kept, bounds.batch).await?;
        transaction.commit().await?;
        total += step.deleted;
        let Some(last) = step.last else {
            *cursor = Cursor::default();
            break;
        };
        cursor.0 = last;
    }
    Ok(Some(total))
}
