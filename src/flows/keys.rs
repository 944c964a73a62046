//! The life of signing keys: published before they sign, published until the last token they signed has expired.
//!
//! `next` (published) -> `active` (signs) -> `retired` (published, signs no more) -> `expired` (gone). Dates decide the stage, so
//! nothing has to run at the moment of a change: each server takes a new snapshot when a notice says `keys`, and by a timer.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::crypto::jwt::{TokenType, VerifiedJwt, kid_of};
use crate::crypto::keyring::{self, Keyring, KeyringError, NoSigningKey};
use crate::crypto::proven::Proven;
use crate::crypto::token::digest;
use crate::db::notices::{self, Notice};
use crate::db::{self, Connection, signing_keys};
use crate::flows::{Deps, Unavailable};
use crate::model::api::TokenForm;
use crate::model::audit::{AuditEvent, Origin};
use crate::model::signing_key::{Algorithm, SigningKey, Stage};
use crate::secret::Digest;

/// A retired key stays published this long: the longest access token lifetime an app may have (90 days), and an hour in which
/// other servers and verifiers may still hold yesterday's snapshot.
const KEPT_AFTER_RETIREMENT: Duration = Duration::hours(90 * 24 + 1);

/// An unknown key id makes us look for new keys, but no oftener than this many seconds: strangers can send any key id.
const SECONDS_BETWEEN_LOOKS: i64 = 5;

/// The keyring of this moment, replaced as a whole.
#[derive(Debug)]
pub struct LiveKeyring {
    current: RwLock<Arc<Keyring>>,
    /// When an unknown key id last made us look, in seconds since 1970.
    looked_at: AtomicI64,
    /// The tokens whose signatures need no check.
    proven: Proven,
    /// Held from reading to replacing, so that an older reading never replaces a newer one.
    replacing: tokio::sync::Mutex<()>,
}

impl LiveKeyring {
    /// Without keys: what a server has until it first reached its database.
    pub fn empty() -> Self {
        Self {
            current: RwLock::new(Arc::new(Keyring::empty())),
            looked_at: AtomicI64::new(0),
            proven: Proven::default(),
            replacing: tokio::sync::Mutex::new(()),
        }
    }

    /// The snapshot in force; keep it for one request, no longer.
    pub fn current(&self) -> Arc<Keyring> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, keyring: Keyring) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keyring);
    }

    /// Whether an unknown key id may make us look now; at most one caller gets a yes.
    fn may_look(&self, now: OffsetDateTime) -> bool {
        let now = now.unix_timestamp();
        let due = |last: i64| (now.abs_diff(last) >= SECONDS_BETWEEN_LOOKS.unsigned_abs()).then_some(now);
        self.looked_at.fetch_update(Ordering::AcqRel, Ordering::Acquire, due).is_ok()
    }
}

/// Why a key was not made, changed or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no key with this id.
    #[error("no signing key {kid}; `grantor keys list` shows them")]
    Unknown {
        /// As asked for.
        kid: String,
    },
    /// It signs no more already.
    #[error("signing key {kid} has already retired")]
    Retired {
        /// Which.
        kid: String,
    },
    /// Without it no token of its algorithm could be signed.
    #[error("signing key {kid} is the only active {} key: rotate first, and retire it when its successor is active", .algorithm.as_str())]
    OnlyActive {
        /// Which.
        kid: String,
        /// Its algorithm.
        algorithm: Algorithm,
    },
    /// A key cannot be made or opened.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Our own trouble.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Makes sure that a key can sign for every API, and takes a snapshot: called at start. Several servers that start together on
/// an empty database make one key each algorithm, not one each server.
pub async fn ensure(deps: &Deps, now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    signing_keys::lock(&mut transaction).await?;
    let keys = signing_keys::list(&mut transaction).await?;
    let missing: Vec<_> = needed(deps).filter(|algorithm| !has_active(&keys, *algorithm, now)).collect();
    for algorithm in &missing {
        create(deps, &mut transaction, *algorithm, now, now, &Origin::server()).await?;
    }
    if !missing.is_empty() {
        notices::send(&mut transaction, &Notice::KeysChanged).await?;
    }
    transaction.commit().await?;
    reload(deps, now).await
}

/// Takes a new snapshot. When it fails, the old one stays in force.
pub async fn reload(deps: &Deps, now: OffsetDateTime) -> Result<(), Error> {
    let _turn = deps.keyring.replacing.lock().await;
    let keys = deps.db.retrying(async |connection| signing_keys::list(connection).await).await?;
    deps.keyring.replace(Keyring::load(&keys, &deps.sealer, now)?);
    Ok(())
}

/// Signs `claims`; see [`Keyring::sign`]. Whoever asks this server about the token soon finds its signature proven.
pub fn sign(deps: &Deps, algorithm: Algorithm, typ: TokenType, claims: &impl Serialize) -> Result<String, NoSigningKey> {
    let token = deps.keyring.current().sign(algorithm, typ, claims)?;
    deps.keyring.proven.insert(digest(&token));
    Ok(token)
}

/// What a token says, if one of our published keys signed it; see [`Keyring::verify`]. `fingerprint` is its SHA-256. A key id that
/// we do not know may belong to a key that another server made a moment ago: then we look once.
pub async fn verify(deps: &Deps, token: &str, fingerprint: Digest, now: OffsetDateTime) -> Result<Option<VerifiedJwt>, Unavailable> {
    let keyring = deps.keyring.current();
    if deps.keyring.proven.contains(&fingerprint) {
        return Ok(keyring.read_proven(token));
    }
    let verified = keyring.verify(token);
    if verified.is_some() {
        deps.keyring.proven.insert(fingerprint);
    }
    let unknown = verified.is_none() && kid_of(token).is_some_and(|kid| !keyring.knows(&kid));
    if unknown && deps.keyring.may_look(now) {
        Box::pin(reload(deps, now)).await.map_err(Unavailable::because)?;
        return Ok(deps.keyring.current().verify(token));
    }
    Ok(verified)
}

/// Every key, newest first, expired ones too.
pub async fn list(deps: &Deps) -> Result<Vec<SigningKey>, Error> {
    Ok(deps.db.retrying(async |connection| signing_keys::list(connection).await).await?)
}

/// Publishes a new key, which signs when the policy's lead has passed; the ones before it sign until that moment.
pub async fn rotate(deps: &Deps, algorithm: Algorithm, origin: &Origin, now: OffsetDateTime) -> Result<SigningKey, Error> {
    let mut transaction = deps.db.begin().await?;
    signing_keys::lock(&mut transaction).await?;
    let keys = signing_keys::list(&mut transaction).await?;
    // Without a key that signs there is nobody to bridge the lead.
    let active_at = if has_active(&keys, algorithm, now) { now + deps.policy.lifetimes.signing_key_lead } else { now };
    let key = create(deps, &mut transaction, algorithm, now, active_at, origin).await?;
    for old in keys.iter().filter(|old| old.algorithm == algorithm && old.retired_at.is_none()) {
        signing_keys::retire(&mut transaction, &old.kid, active_at, active_at + KEPT_AFTER_RETIREMENT).await?;
    }
    notices::send(&mut transaction, &Notice::KeysChanged).await?;
    transaction.commit().await?;
    reload(deps, now).await?;
    Ok(key)
}

/// Stops a key from signing now; tokens it signed stay good until they expire. Refused for the only active key of an algorithm.
pub async fn retire(deps: &Deps, kid: &str, origin: &Origin, now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    signing_keys::lock(&mut transaction).await?;
    let keys = signing_keys::list(&mut transaction).await?;
    let key = find(&keys, kid)?;
    let others_sign =
        keys.iter().any(|other| other.kid != key.kid && other.algorithm == key.algorithm && other.stage(now) == Stage::Active);
    if key.stage(now) == Stage::Active && !others_sign {
        return Err(Error::OnlyActive { kid: kid.to_owned(), algorithm: key.algorithm });
    }
    if !signing_keys::retire(&mut transaction, kid, now, now + KEPT_AFTER_RETIREMENT).await? {
        return Err(Error::Retired { kid: kid.to_owned() });
    }
    record(deps, &mut transaction, "signing_key.retire", key, origin, now).await?;
    notices::send(&mut transaction, &Notice::KeysChanged).await?;
    transaction.commit().await?;
    reload(deps, now).await
}

/// Takes a key out of the key set at once, for one whose private half is known to others: every token it signed stops verifying
/// here, and elsewhere when verifiers fetch the key set anew. If it was the only active one, a successor signs from now on.
pub async fn withdraw(deps: &Deps, kid: &str, origin: &Origin, now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    signing_keys::lock(&mut transaction).await?;
    let keys = signing_keys::list(&mut transaction).await?;
    let key = find(&keys, kid)?;
    if !signing_keys::withdraw(&mut transaction, kid, now).await? {
        return Err(Error::Retired { kid: kid.to_owned() });
    }
    record(deps, &mut transaction, "signing_key.withdraw", key, origin, now).await?;
    let left = signing_keys::list(&mut transaction).await?;
    if key.stage(now) == Stage::Active && !has_active(&left, key.algorithm, now) {
        create(deps, &mut transaction, key.algorithm, now, now, origin).await?;
    }
    notices::send(&mut transaction, &Notice::KeysChanged).await?;
    transaction.commit().await?;
    reload(deps, now).await
}

/// The algorithms that APIs' access tokens are signed with.
fn needed(deps: &Deps) -> impl Iterator<Item = Algorithm> {
    let signs = |algorithm| deps.policy.apis.iter().any(|api| api.algorithm == algorithm && api.token_form != TokenForm::Opaque);
    Algorithm::ALL.into_iter().filter(move |algorithm| signs(*algorithm))
}

fn has_active(keys: &[SigningKey], algorithm: Algorithm, now: OffsetDateTime) -> bool {
    keys.iter().any(|key| key.algorithm == algorithm && key.stage(now) == Stage::Active)
}

fn find<'a>(keys: &'a [SigningKey], kid: &str) -> Result<&'a SigningKey, Error> {
    keys.iter().find(|key| key.kid == kid).ok_or_else(|| Error::Unknown { kid: kid.to_owned() })
}

async fn create(
    deps: &Deps,
    connection: &mut Connection,
    algorithm: Algorithm,
    now: OffsetDateTime,
    active_at: OffsetDateTime,
    origin: &Origin,
) -> Result<SigningKey, Error> {
    let (sealer, entropy) = (Arc::clone(&deps.sealer), Arc::clone(&deps.entropy));
    // Finding an RSA key takes long enough to hold up everybody else on this thread.
    let made = tokio::task::spawn_blocking(move || keyring::generate(algorithm, &sealer, &*entropy, now, active_at));
    let key = made.await.map_err(Unavailable::because)??;
    signing_keys::insert(connection, &key).await?;
    record(deps, connection, "signing_key.create", &key, origin, now).await?;
    Ok(key)
}

async fn record(
    deps: &Deps,
    connection: &mut Connection,
    action: &'static str,
    key: &SigningKey,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let event = AuditEvent {
        org: None,
        origin: origin.clone(),
        action,
        target_kind: "signing_key",
        target_id: Some(key.kid.clone()),
        detail: json!({ "algorithm": key.algorithm.as_str(), "active_at": key.active_at.unix_timestamp() }),
    };
    Ok(db::audit_events::insert(connection, deps.entropy.uuid(now).into(), now, &event).await?)
}
