//! `Idempotency-Key`: the same request twice does one thing and gets one answer, secret and all.
//!
//! The answer is written in the transaction of what it tells of, so there is never one without the other; it is sealed,
//! because it may hold a client secret. A lock that nobody waits for tells a second request that the first still runs.

use time::OffsetDateTime;

use crate::crypto::token::digest;
use crate::db::{Connection, Transaction, idempotency_keys};
use crate::flows::Deps;
use crate::flows::clients::Error;
use crate::flows::orgs::{OrgAccess, Rights};
use crate::secret::Secret;

const LABEL: &str = "idempotent answer";

/// A request that must be done at most once.
pub struct Once<'a, T> {
    /// What the client chose, 1 to 255 characters.
    pub key: &'a str,
    /// What was asked, as text: the same key with another request is refused.
    pub request: &'a str,
    /// The answer to keep.
    pub render: &'a (dyn Fn(&T) -> Vec<u8> + Sync),
}

/// The answer, made now or kept from before.
#[derive(Debug)]
pub enum Answer<T> {
    /// Done now, with the bytes that will be repeated.
    Made(T, Secret<Vec<u8>>),
    /// Done before.
    Kept(Secret<Vec<u8>>),
}

/// What a key stands for.
pub(in crate::flows) enum Recalled {
    /// The request was done before, and this was the answer.
    Kept(Secret<Vec<u8>>),
    /// It is new, and the key is ours until the transaction ends.
    New(Transaction),
}

/// Looks the request up and takes its key.
pub(in crate::flows) async fn begin<T>(
    deps: &Deps,
    access: &OrgAccess,
    once: &Once<'_, T>,
    now: OffsetDateTime,
) -> Result<Recalled, Error> {
    let mut transaction = deps.db.begin().await?;
    match recall(deps, &mut transaction, access, once, now).await {
        Ok(None) => Ok(Recalled::New(transaction)),
        Ok(Some(kept)) => {
            // The answer was read, and nothing was written: how the transaction ends cannot matter any more.
            let _ = transaction.rollback().await;
            Ok(Recalled::Kept(kept))
        }
        Err(refused) => Err(refuse(transaction, refused).await),
    }
}

/// Gives the key back before the refusal goes out: whoever mends the request and sends it at once would else hear that the first
/// still runs, for a dropped transaction ends a moment later.
pub(in crate::flows) async fn refuse(transaction: Transaction, refused: Error) -> Error {
    // A rollback that fails takes its connection, and with it the lock, along.
    let _ = transaction.rollback().await;
    refused
}

async fn recall<T>(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    once: &Once<'_, T>,
    now: OffsetDateTime,
) -> Result<Option<Secret<Vec<u8>>>, Error> {
    let actor = actor(access);
    if !idempotency_keys::try_lock(connection, access.org.id, &actor, once.key).await? {
        return Err(Error::IdempotencyInProgress);
    }
    let Some(kept) = idempotency_keys::find(connection, access.org.id, &actor, once.key, now).await? else { return Ok(None) };
    if kept.request != digest(once.request) {
        return Err(Error::IdempotencyKeyReused);
    }
    // Sealed with a root key that is gone: better to refuse than to do it twice.
    deps.sealer.open(LABEL, &kept.response_sealed).map(Some).ok_or(Error::IdempotencyKeyReused)
}

/// Keeps the answer.
pub(in crate::flows) async fn keep<T>(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    once: &Once<'_, T>,
    done: &T,
    now: OffsetDateTime,
) -> Result<Secret<Vec<u8>>, Error> {
    let body = Secret::new((once.render)(done));
    let kept =
        idempotency_keys::Kept { request: digest(once.request), response_sealed: deps.sealer.seal(LABEL, body.expose(), &*deps.entropy) };
    let expires_at = now + deps.policy.lifetimes.idempotency;
    idempotency_keys::replace(connection, access.org.id, &actor(access), once.key, &kept, now, expires_at).await?;
    Ok(body)
}

/// Keys are each asker's own.
fn actor(access: &OrgAccess) -> String {
    match &access.rights {
        Rights::Role(user, _) => format!("user:{user}"),
        Rights::Token { client_id, .. } => format!("client:{client_id}"),
        Rights::Operator => "operator".to_owned(),
    }
}
