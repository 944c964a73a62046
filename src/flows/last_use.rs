//! Last uses of credentials and clients, gathered in memory and written together.
//!
//! A token request only notes its use here. Every few seconds, and at shutdown, [`LastUse::flush`] writes all of them by one
//! statement. What could not be written waits for the next time; nothing is forgotten and no request fails for it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::db::{self, Database, last_uses};
use crate::model::credential::LastUse as Use;
use crate::model::ids::{ClientKey, CredentialId};
use crate::wire::GrantType;

/// Uses that are not written yet, the latest of each credential, client and published key set.
#[derive(Debug, Default)]
pub struct LastUse {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    credentials: HashMap<CredentialId, Use>,
    clients: HashMap<ClientKey, OffsetDateTime>,
    publishers: HashMap<ClientKey, OffsetDateTime>,
}

impl LastUse {
    /// Notes that a client proved itself with `credential`; `grant_type` says for what, if for a token.
    pub fn record_credential(&self, credential: CredentialId, grant_type: Option<GrantType>, at: OffsetDateTime) {
        let used = Use { at, grant_type, token_at: grant_type.map(|_| at) };
        self.waiting()
            .credentials
            .entry(credential)
            .and_modify(|last| {
                let token_at = last.token_at.max(used.token_at);
                // One request notes its authentication and then its grant, at the same instant.
                if at > last.at || (at == last.at && grant_type.is_some()) {
                    *last = used;
                }
                last.token_at = token_at;
            })
            .or_insert(used);
    }

    /// Notes that `client` got a token.
    pub fn record_client(&self, client: ClientKey, at: OffsetDateTime) {
        self.waiting().clients.entry(client).and_modify(|last| *last = at.max(*last)).or_insert(at);
    }

    /// Notes that `client` got a token with a key that it publishes at its `jwks_uri`.
    pub fn record_published(&self, client: ClientKey, at: OffsetDateTime) {
        self.waiting().publishers.entry(client).and_modify(|last| *last = at.max(*last)).or_insert(at);
    }

    /// Writes all of them; says how many. Entries leave the memory only after they are written, so a failure or a cancellation
    /// keeps them.
    pub async fn flush(&self, db: &Database) -> Result<usize, db::Error> {
        let (credentials, clients, publishers) = {
            let waiting = self.waiting();
            let credentials: Vec<_> = waiting.credentials.iter().map(|(id, last)| (*id, *last)).collect();
            let clients: Vec<_> = waiting.clients.iter().map(|(key, at)| (*key, *at)).collect();
            let publishers: Vec<_> = waiting.publishers.iter().map(|(key, at)| (*key, *at)).collect();
            (credentials, clients, publishers)
        };
        let count = credentials.len() + clients.len() + publishers.len();
        if count == 0 {
            return Ok(0);
        }
        let (used, served, published) = (&credentials, &clients, &publishers);
        db.statement(|mut connection| async move { last_uses::write(&mut connection, used, served, published).await }).await?;
        let mut waiting = self.waiting();
        for (id, written) in &credentials {
            if waiting.credentials.get(id) == Some(written) {
                waiting.credentials.remove(id);
            }
        }
        for (key, written) in &clients {
            if waiting.clients.get(key) == Some(written) {
                waiting.clients.remove(key);
            }
        }
        for (key, written) in &publishers {
            if waiting.publishers.get(key) == Some(written) {
                waiting.publishers.remove(key);
            }
        }
        Ok(count)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
