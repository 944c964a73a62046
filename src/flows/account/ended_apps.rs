//! Why an app no longer acts for a person: the one true cause of each end, as long as it is kept.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::db::authorizations;
use crate::flows::{Deps, Error};
use crate::model::authorization::Ending;
use crate::model::client::ClientRecord;
use crate::model::ids::UserId;

/// For how long an end is told.
const TOLD: Duration = Duration::days(30);
/// How many are told; the latest.
const MOST: i64 = 30;

/// An app that a person had allowed.
#[derive(Debug)]
pub struct EndedApp {
    /// The app.
    pub record: Arc<ClientRecord>,
    /// Since when it had acted for the person.
    pub since: OffsetDateTime,
    /// When it last did.
    pub last_used_at: Option<OffsetDateTime>,
    /// When that ended.
    pub at: OffsetDateTime,
    /// Why.
    pub why: Ending,
}

/// What ended lately of what a person had allowed, the latest first. Deleted apps are told too, until they are purged.
pub async fn ended_apps(deps: &Deps, user: UserId, now: OffsetDateTime) -> Result<Vec<EndedApp>, Error> {
    let span = (now - TOLD, now);
    let rows = deps.db.statement(|mut c| async move { authorizations::list_ended_by_user(&mut c, user, span, MOST).await }).await?;
    let mut ended = Vec::new();
    for row in rows {
        let Some((at, why)) = row.ending() else { continue };
        let Some(record) = deps.clients.get_by_key(deps, row.client).await? else { continue };
        ended.push(EndedApp { record, since: row.created_at, last_used_at: row.last_used_at, at, why });
    }
    Ok(ended)
}
