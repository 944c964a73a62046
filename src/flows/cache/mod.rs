//! What this server remembers of clients, so that a token request need not read them.
//!
//! A change made here shows at once: the flow calls [`ClientCache::changed`] inside its transaction and
//! [`ClientCache::forget`] after the commit. A change made elsewhere is heard by [`listen`]; while nothing is heard, nothing
//! older than a second is believed.

use std::sync::Arc;

use crate::db::notices::{self, Notice};
use crate::db::{self, client_origins, clients};
use crate::flows::revocation::Revocations;
use crate::flows::{Deps, Error};
use crate::model::client::ClientRecord;
use crate::model::ids::ClientKey;

pub mod listen;
pub mod recent;

use recent::{BLIND_TRUST, Hearing, Recent};

/// About 1 KB each.
const CLIENTS: usize = 12_000;
/// Unknown client ids and origins: hostile text, so few and short-lived.
const HEARSAY: usize = 1_024;
/// The longest client id (`clients_client_id_shape`).
const CLIENT_ID_MAX: usize = 64;

/// Records of clients by client id and by row id, client ids that nobody has, and origins that browsers call from.
#[derive(Debug)]
pub struct ClientCache {
    records: Recent<String, Arc<ClientRecord>>,
    names: Recent<ClientKey, Arc<str>>,
    unknown: Recent<String, ()>,
    origins: Recent<String, bool>,
    revocations: Arc<Revocations>,
}

impl ClientCache {
    /// An empty cache; whoever changes a client also ends what is remembered of live tokens.
    pub fn new(revocations: Arc<Revocations>) -> Self {
        Self {
            records: Recent::new(CLIENTS),
            names: Recent::new(CLIENTS),
            unknown: Recent::new(HEARSAY),
            origins: Recent::new(HEARSAY),
            revocations,
        }
    }

    /// The client called `client_id`, deleted and disabled ones too; `None` when there never was one.
    pub async fn get(&self, deps: &Deps, client_id: &str) -> Result<Option<Arc<ClientRecord>>, Error> {
        let now = deps.clock.now();
        if let Some(record) = self.records.get(client_id, |read_at| self.hearing().is_fresh(read_at, now)) {
            return Ok(Some(record));
        }
        if !is_client_id_shaped(client_id)
            || self.unknown.get(client_id, |read_at| read_at <= now && now - read_at <= BLIND_TRUST).is_some()
        {
            return Ok(None);
        }
        let (known, unknown) = (self.records.epoch(), self.unknown.epoch());
        let found =
            deps.db.statement(|mut connection| async move { clients::find_record_by_client_id(&mut connection, client_id).await }).await?;
        let Some(record) = found.map(Arc::new) else {
            self.unknown.put(unknown, client_id.to_owned(), (), now);
            return Ok(None);
        };
        self.records.put(known, client_id.to_owned(), Arc::clone(&record), now);
        Ok(Some(record))
    }

    /// The client of this row.
    pub async fn get_by_key(&self, deps: &Deps, key: ClientKey) -> Result<Option<Arc<ClientRecord>>, Error> {
        // A row never changes its client id, so this half is believed for ever.
        if let Some(client_id) = self.names.get(&key, |_| true) {
            return self.get(deps, &client_id).await;
        }
        let (now, names, known) = (deps.clock.now(), self.names.epoch(), self.records.epoch());
        let found = deps.db.statement(|mut connection| async move { clients::find_record_by_key(&mut connection, key).await }).await?;
        let record = found.map(Arc::new);
        if let Some(record) = &record {
            self.names.put(names, key, record.client.client_id.as_str().into(), now);
            self.records.put(known, record.client.client_id.clone(), Arc::clone(record), now);
        }
        Ok(record)
    }

    /// Whether pages of this origin may call the token endpoint: it is the origin of some living app's redirect URI (A12, R12).
    pub async fn is_registered_origin(&self, deps: &Deps, origin: &str) -> Result<bool, Error> {
        let Some(origin) = comparable_origin(origin) else { return Ok(false) };
        let now = deps.clock.now();
        if let Some(registered) = self.origins.get(&origin, |read_at| self.hearing().is_fresh(read_at, now)) {
            return Ok(registered);
        }
        let (epoch, asked) = (self.origins.epoch(), origin.as_str());
        let registered =
            deps.db.statement(|mut connection| async move { client_origins::is_registered(&mut connection, asked).await }).await?;
        self.origins.put(epoch, origin, registered, now);
        Ok(registered)
    }

    /// Inside the transaction that changes a client or its credentials: every server will be told when it commits.
    pub async fn changed(&self, connection: &mut db::Connection, client_id: &str) -> Result<(), db::Error> {
        notices::send(connection, &Notice::ClientChanged(client_id.to_owned())).await
    }

    /// After that transaction has ended, whatever it answered: this server forgets at once.
    pub fn forget(&self, client_id: &str) {
        self.records.forget(client_id);
        self.unknown.forget(client_id);
        self.origins.clear();
        self.revocations.forget();
    }

    /// Forgets every client: an org changed, or notices may have been missed.
    pub fn forget_all(&self) {
        self.records.clear();
        self.unknown.clear();
        self.origins.clear();
        self.revocations.forget();
    }

    fn hearing(&self) -> &Hearing {
        self.revocations.hearing()
    }
}

/// What the database would accept as a client id; anything else need not be looked up.
fn is_client_id_shaped(text: &str) -> bool {
    (8..=CLIENT_ID_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// An `Origin` header in the form of the SQL function `redirect_origins`; `None` for `null` and anything that is no web origin.
fn comparable_origin(origin: &str) -> Option<String> {
    if origin.len() > 256 {
        return None;
    }
    let url = url::Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // Compared with what was sent, so that paths, userinfo and odd spellings are no origins.
    let exact = url.origin().ascii_serialization();
    if exact != origin {
        return None;
    }
    let loopback = url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    Some(if loopback { format!("http://{}", url.host_str()?) } else { exact })
}

#[cfg(test)]
mod tests;
