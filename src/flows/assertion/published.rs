//! The keys that apps publish at their `jwks_uri`, at work: when the set is read again, and by whom (G20, G21).
//!
//! It is read when nothing that is known made a signature, and before a key of an old reading is believed; once in a while only,
//! over all servers, by the one whose statement takes the right to. While its host does not answer, the last good reading holds for
//! a time. After deadline B (R46) a set that was read before gets no further keys. Whoever needs a set that another server reads at
//! this moment is asked to come back: that is our trouble, not theirs.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use time::OffsetDateTime;

use crate::crypto::public_key;
use crate::db::{client_jwks, clients};
use crate::fetch::Turn;
use crate::flows::assertion::{Fault, Signer};
use crate::flows::{Deps, Unavailable, audit};
use crate::model::audit::{Actor, AuditEvent, Origin};
use crate::model::client::{Client, ClientRecord};
use crate::model::public_key::{FetchedJwks, FetchedKey};
use crate::protocol::migration::without_renewals;

/// The record to judge an assertion with in place of `record`, with which it came to `signed`; `None` when that will do, or
/// nothing better can be had.
pub(super) async fn instead(
    deps: &Deps,
    record: &Arc<ClientRecord>,
    signed: &Result<Signer, Fault>,
    now: OffsetDateTime,
) -> Result<Option<Arc<ClientRecord>>, Unavailable> {
    let Some((set, uri)) = record.jwks.as_ref().zip(record.client.profile.jwks_uri.as_deref()) else { return Ok(None) };
    let rules = &deps.policy.keys.fetch;
    let enough = match signed {
        Ok((Some(_), _)) => true,
        Ok((None, _)) => !set.is_old(now, rules.max_age),
        Err(_) => false,
    };
    if enough {
        return Ok(None);
    }
    let turn = deps.fetcher.turn(uri).await;
    // Somebody may have read it while this request waited for its turn.
    let remembered = deps.clients.get(deps, &record.client.client_id).await.map_err(Unavailable::because)?;
    if let Some(newer) = remembered.filter(|own| own.jwks != record.jwks) {
        return Ok(Some(newer));
    }
    let read = if set.may_be_read(now, rules.pause) { read_again(deps, record, uri, turn, now).await? } else { Arc::clone(record) };
    if read.jwks != record.jwks && !is_being_read(deps, &read, now) {
        return Ok(Some(read));
    }
    if signed.is_err() && is_being_read(deps, &read, now) {
        return Err(Unavailable::because("another server reads the key set of this client"));
    }
    Ok(None)
}

fn is_being_read(deps: &Deps, record: &ClientRecord, now: OffsetDateTime) -> bool {
    record.jwks.as_ref().is_some_and(|set| set.is_being_read(now, deps.policy.keys.fetch.patience))
}

/// Goes on to its end even when the one who asked hangs up, so that an attempt always has an outcome.
async fn read_again(
    deps: &Deps,
    record: &Arc<ClientRecord>,
    uri: &str,
    turn: Turn,
    now: OffsetDateTime,
) -> Result<Arc<ClientRecord>, Unavailable> {
    let (deps, record, uri) = (deps.clone(), Arc::clone(record), uri.to_owned());
    let reading = async move {
        let outcome = read(&deps, &record, &uri, now).await;
        drop(turn);
        outcome
    };
    tokio::spawn(reading).await.map_err(Unavailable::because)?
}

/// Reads the set if nobody did for a while; the record as it is then.
async fn read(deps: &Deps, record: &ClientRecord, uri: &str, now: OffsetDateTime) -> Result<Arc<ClientRecord>, Unavailable> {
    let (key, since) = (record.client.key, now - deps.policy.keys.fetch.pause);
    let ours = deps.db.statement(|mut connection| async move { client_jwks::attempt(&mut connection, key, uri, since, now).await }).await?;
    if ours {
        let read = match deps.fetcher.get(uri).await {
            Ok(document) => public_key::parse_set(&document).map_err(|problem| problem.to_string()),
            Err(problem) => Err(problem.to_string()),
        };
        if let Err(problem) = &read {
            tracing::warn!(client_id = record.client.client_id, problem, "the key set of a client could not be read");
        }
        let outcome = if read.is_ok() { "read" } else { "failed" };
        metrics::counter!("grantor_key_sets_read_total", "outcome" => outcome).increment(1);
        store(deps, (&record.client, record.jwks.as_deref()), uri, read, now).await?;
    }
    let found = deps.db.statement(|mut connection| async move { clients::find_record_by_key(&mut connection, key).await }).await?;
    found.map(Arc::new).ok_or_else(|| Unavailable::because("a client's row is gone"))
}

/// Writes down what was found, and who may sign now, if that changed.
async fn store(
    deps: &Deps,
    (client, old): (&Client, Option<&FetchedJwks>),
    uri: &str,
    read: Result<Vec<FetchedKey>, String>,
    now: OffsetDateTime,
) -> Result<(), Unavailable> {
    let mut transaction = deps.db.begin().await?;
    match read {
        Ok(keys) => {
            let read = keys.len();
            let keys = without_renewals(old, keys, &deps.policy.jwt_deadlines, now);
            if keys.len() < read {
                let refused = read - keys.len();
                tracing::warn!(client_id = client.client_id, refused, "a key set has keys from after the deadline for new ones");
            }
            let written = client_jwks::succeed(&mut transaction, (client.key, uri), &keys, now).await?;
            if let Some(event) = changed(client, uri, old.map_or(&[], |set| &set.keys), &keys).filter(|_| written) {
                audit::record(deps, &mut transaction, event, now).await?;
            }
        }
        Err(problem) => {
            client_jwks::fail(&mut transaction, (client.key, uri), &problem, now).await?;
        }
    }
    deps.clients.changed(&mut transaction, &client.client_id).await?;
    let outcome = transaction.commit().await;
    deps.clients.forget(&client.client_id);
    Ok(outcome?)
}

/// The entry about other keys than before.
fn changed(client: &Client, uri: &str, old: &[FetchedKey], new: &[FetchedKey]) -> Option<AuditEvent> {
    let thumbprints = |keys: &[FetchedKey]| keys.iter().map(|own| own.key.thumbprint.clone()).collect::<BTreeSet<_>>();
    let (old, new) = (thumbprints(old), thumbprints(new));
    let (added, removed): (Vec<_>, Vec<_>) = (new.difference(&old).collect(), old.difference(&new).collect());
    (old != new).then(|| AuditEvent {
        org: Some(client.org),
        origin: Origin { actor: Actor::Server, ip: None, request_id: None },
        action: "key.publish",
        target_kind: "client",
        target_id: Some(client.client_id.clone()),
        detail: json!({ "name": client.profile.name, "jwks_uri": uri, "added": added, "removed": removed }),
    })
}
