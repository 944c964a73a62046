//! The apps that a person has allowed, and the end of one (E14).

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::db::{authorizations, consents};
use crate::flows::account::{by, record_of};
use crate::flows::authorize::question::unlisted;
use crate::flows::{Deps, Error, audit, revocation};
use crate::model::api::Scope;
use crate::model::audit::{AuditEvent, Origin};
use crate::model::authorization::{Authorization, EndCause};
use crate::model::browser_session::BrowserSession;
use crate::model::client::ClientRecord;
use crate::model::ids::{ClientKey, UserId};
use crate::model::scope::ScopeSet;

/// An app with living authorizations or a remembered approval.
#[derive(Debug)]
pub struct ConnectedApp {
    /// The app.
    pub record: Arc<ClientRecord>,
    /// What it may do or may ask for without asking again.
    pub scopes: Vec<Scope>,
    /// When it was first allowed.
    pub since: OffsetDateTime,
    /// When it last used its permission.
    pub last_used_at: Option<OffsetDateTime>,
    /// When the last of its authorizations ends; `None` = never by itself.
    pub ends_at: Option<OffsetDateTime>,
    /// How many authorizations live.
    pub authorizations: u64,
}

/// What is known of one app while it is collected.
struct Sum {
    scopes: ScopeSet,
    since: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
    ends: Vec<Option<OffsetDateTime>>,
}

/// Every connected app of a person, the newest first.
pub async fn connected_apps(deps: &Deps, user: UserId, now: OffsetDateTime) -> Result<Vec<ConnectedApp>, Error> {
    let live = deps.db.statement(|mut c| async move { authorizations::list_live_by_user(&mut c, user, now).await }).await?;
    let remembered = deps.db.statement(|mut c| async move { consents::list_by_user(&mut c, user).await }).await?;
    let mut sums: BTreeMap<ClientKey, Sum> = BTreeMap::new();
    for (client, consent) in remembered {
        sums.insert(client, Sum { scopes: consent.scopes, since: consent.granted_at, last_used_at: None, ends: Vec::new() });
    }
    for authorization in live {
        let fresh = Sum { scopes: ScopeSet::default(), since: authorization.created_at, last_used_at: None, ends: Vec::new() };
        sums.entry(authorization.client).or_insert(fresh).add(&authorization);
    }
    let mut apps = Vec::new();
    for (client, sum) in sums {
        let Some(record) = deps.clients.get_by_key(deps, client).await? else { continue };
        if record.client.deleted_at.is_none() {
            apps.push(sum.finish(deps, record));
        }
    }
    apps.sort_by_key(|app| std::cmp::Reverse(app.since));
    Ok(apps)
}

impl Sum {
    fn add(&mut self, authorization: &Authorization) {
        self.scopes = self.scopes.union(&authorization.scopes);
        self.since = self.since.min(authorization.created_at);
        self.last_used_at = self.last_used_at.max(authorization.last_used_at);
        let (idle, absolute) = (authorization.idle_expires_at, authorization.absolute_expires_at);
        self.ends.push(idle.into_iter().chain(absolute).min());
    }

    fn finish(self, deps: &Deps, record: Arc<ClientRecord>) -> ConnectedApp {
        let words = |name: &str| deps.policy.apis.iter().find_map(|api| api.scope(name)).cloned().unwrap_or_else(|| unlisted(name));
        ConnectedApp {
            record,
            scopes: self.scopes.iter().map(words).collect(),
            since: self.since,
            last_used_at: self.last_used_at,
            ends_at: self.ends.iter().copied().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max()),
            authorizations: self.ends.len() as u64,
        }
    }
}

/// Ends everything that a person allowed an app, codes included, and forgets the approval. False when there was nothing to end.
pub async fn disconnect(deps: &Deps, own: &BrowserSession, client_id: &str, origin: &Origin, now: OffsetDateTime) -> Result<bool, Error> {
    let Some(record) = record_of(deps, client_id).await? else { return Ok(false) };
    let (user, client) = (own.user.id, &record.client);
    let mut transaction = deps.db.begin().await?;
    let ended = authorizations::end_all_of_user_and_client(&mut transaction, user, client.key, EndCause::RevokedByUser, now).await?;
    let forgotten = consents::delete(&mut transaction, user, client.key).await?;
    if ended == 0 && !forgotten {
        return Ok(false);
    }
    let event = AuditEvent {
        org: Some(client.org),
        origin: by(own, origin),
        action: "authorization.revoke",
        target_kind: "client",
        target_id: Some(client.client_id.clone()),
        detail: serde_json::json!({ "app": client.profile.name, "authorizations": ended }),
    };
    audit::record(deps, &mut transaction, event, now).await?;
    revocation::commit(deps, transaction).await?;
    Ok(true)
}
