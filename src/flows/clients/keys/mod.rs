//! The public keys of an app: brought by its admin, never made from anything but their public half (R31, R54, R64, R65).

use serde_json::json;
use time::OffsetDateTime;

use crate::crypto::public_key;
use crate::db::{Connection, credentials};
use crate::flows::Deps;
use crate::flows::clients::secrets::check;
use crate::flows::clients::{Error, find, finish, finish_revoking, reach, record};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::field_error::FieldError;
use crate::model::ids::{CredentialId, TechnicalAccountId};
use crate::model::migration::Change;
use crate::model::public_key::PublicKey;
use crate::protocol::migration::{check_may_add_key, check_may_change};
use crate::protocol::quota;

pub mod service_credentials;

/// The longest key or certificate that is looked at, in bytes.
pub const MAX_BYTES: usize = public_key::MAX_INPUT;

/// What is known of a new key.
#[derive(Debug, Clone, Default)]
pub struct KeyDraft {
    /// A PEM certificate, a PEM public key (SPKI or PKCS#1), a JWK, or DER.
    pub key: Vec<u8>,
    /// At most 64 characters.
    pub note: String,
    /// From when on it is refused, whatever its certificate says; `None` = when that ends, or never.
    pub expires_at: Option<OffsetDateTime>,
    /// The technical account that it acts as; `None` = it acts as the client.
    pub technical_account: Option<TechnicalAccountId>,
}

/// A key that the app now has.
#[derive(Debug)]
pub struct Added {
    /// The app with it.
    pub record: ClientRecord,
    /// Which of the app's credentials it is.
    pub id: CredentialId,
    /// Whether it was there already and only its certificate is new.
    pub renewed: bool,
}

/// The app's keys, those that are revoked or expired too, newest first.
pub async fn list(deps: &Deps, access: &OrgAccess, client_id: &str) -> Result<ClientRecord, Error> {
    find(deps, access, client_id).await
}

/// Adds a key beside those that the app has. A newer certificate of a key that it has takes the place of the old one, so that
/// there is no pause.
pub async fn add(deps: &Deps, access: &OrgAccess, client_id: &str, draft: KeyDraft, now: OffsetDateTime) -> Result<Added, Error> {
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    check_can_have_keys(&old)?;
    check_may_change(&old, Change::Keys)?;
    check_may_add_key(&old, &deps.policy.jwt_deadlines, now)?;
    let (key, note) = read(&draft, now)?;
    if draft.technical_account.is_some_and(|id| old.technical_account(id).is_none()) {
        return Err(Error::Invalid(vec![FieldError::new(
            "technical_account",
            "unknown",
            "The application has no such technical account.",
        )]));
    }
    let known = old.credentials.iter().find(|own| own.key().is_some_and(|own| own.thumbprint == key.thumbprint));
    let (id, renewed) = if let Some(known) = known {
        (renew(deps, &mut transaction, access, (&old, known, &key), now).await?, true)
    } else {
        let wish = Wish { key, note, expires_at: draft.expires_at, technical_account: draft.technical_account };
        (insert(deps, &mut transaction, access, &old, wish, now).await?, false)
    };
    let record = finish(deps, transaction, &old.client).await?;
    Ok(Added { record, id, renewed })
}

/// Revokes a key: it verifies no more, here and on every server. It stays listed until it is deleted. Tokens issued with it go on,
/// unless `revoke_tokens` (R71).
pub async fn revoke(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, id): (&str, CredentialId),
    revoke_tokens: bool,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let (credential, key) = find_key(&old, id)?;
    check_may_change(&old, Change::Keys)?;
    if key.revoked_at.is_some() && !revoke_tokens {
        return Ok(old);
    }
    if is_last(&old, credential, now) {
        return Err(Error::LastCredential);
    }
    let revoked = credentials::revoke(&mut transaction, old.client.key, id, now, revoke_tokens).await?;
    if !revoked {
        return Err(Error::NotFound);
    }
    credentials::delete_paired(&mut transaction, id, now, revoke_tokens).await?;
    if let Some(account) = credential.technical_account.filter(|_| key.is_current) {
        let next = old.credentials.iter().find(|own| own.id != id && own.technical_account == Some(account) && is_live_key(own, now));
        credentials::set_current(&mut transaction, account, next.map(|own| own.id)).await?;
    }
    let detail = json!({ "credential": id, "thumbprint": key.thumbprint, "revoke_tokens": revoke_tokens });
    record(deps, &mut transaction, access, ("key.revoke", &old.client), detail, now).await?;
    finish_revoking(deps, transaction, &old.client).await
}

/// Deletes a key that is revoked or expired.
pub async fn delete(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, id): (&str, CredentialId),
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let (credential, key) = find_key(&old, id)?;
    check_may_change(&old, Change::Keys)?;
    let is_over = key.revoked_at.is_some() || credential.ends_at().is_some_and(|end| end <= now);
    if !is_over {
        return Err(Error::KeyStillWorks);
    }
    if !credentials::delete(&mut transaction, old.client.key, id, now, false).await? {
        return Err(Error::NotFound);
    }
    credentials::delete_paired(&mut transaction, id, now, false).await?;
    let detail = json!({ "credential": id, "thumbprint": key.thumbprint, "note": credential.note });
    record(deps, &mut transaction, access, ("key.delete", &old.client), detail, now).await?;
    finish(deps, transaction, &old.client).await
}

/// A checked key, not yet written.
pub(super) struct Wish {
    pub(super) key: PublicKey,
    pub(super) note: String,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) technical_account: Option<TechnicalAccountId>,
}

/// Writes a key that the app does not have yet, if it may have one more.
pub(super) async fn insert(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    old: &ClientRecord,
    wish: Wish,
    now: OffsetDateTime,
) -> Result<CredentialId, Error> {
    let limit = deps.policy.keys.per_app;
    if old.credentials.iter().filter(|own| !own.is_secret()).count() >= limit {
        return Err(Error::KeyLimitReached { limit });
    }
    let Wish { key, note, expires_at, technical_account } = wish;
    let id = CredentialId(deps.entropy.uuid(now));
    let detail = json!({
        "credential": id, "thumbprint": key.thumbprint, "algorithm": key.algorithm, "bits": key.bits, "note": note,
        "technical_account": technical_account,
        "not_after": key.certificate.as_ref().map(|own| own.not_after.unix_timestamp()),
        "expires_at": expires_at.map(OffsetDateTime::unix_timestamp),
    });
    let credential = Credential {
        id,
        kind: CredentialKind::Key(Box::new(key)),
        note,
        created_at: now,
        created_by: access.user(),
        expires_at,
        technical_account,
        paired_key: None,
        last_use: None,
    };
    credentials::insert(connection, old.client.org, old.client.key, &credential).await?;
    record(deps, connection, access, ("key.create", &old.client), detail, now).await?;
    Ok(id)
}

async fn renew(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (old, known, key): (&ClientRecord, &Credential, &PublicKey),
    now: OffsetDateTime,
) -> Result<CredentialId, Error> {
    let refuse = |code, message: &str| Err(Error::Invalid(vec![FieldError::new("key", code, message)]));
    if known.key().is_some_and(|own| own.revoked_at.is_some()) {
        return refuse("revoked_key", "This key was revoked. Make a new pair.");
    }
    let had = known.key().and_then(|own| own.certificate.as_ref());
    let newer = key.certificate.as_ref().filter(|new| had.is_some_and(|had| new.not_after > had.not_after));
    let Some(certificate) = newer else { return refuse("duplicate", "The application has this key already.") };
    if now < certificate.not_before {
        return refuse("not_yet_valid", "This certificate is not valid yet, and the one in use would stop working. Add it when it is.");
    }
    if !credentials::renew(connection, old.client.key, known.id, certificate).await? {
        return Err(Error::NotFound);
    }
    let detail = json!({ "credential": known.id, "thumbprint": key.thumbprint, "not_after": certificate.not_after.unix_timestamp() });
    record(deps, connection, access, ("key.renew", &old.client), detail, now).await?;
    Ok(known.id)
}

/// The key and the note, if both may be so; everything that is wrong at once.
fn read(draft: &KeyDraft, now: OffsetDateTime) -> Result<(PublicKey, String), Error> {
    let key = public_key::parse(&draft.key).map_err(|problem| FieldError::new("key", problem.code(), problem.to_string()));
    let key = key.and_then(|key| {
        let expired = key.certificate.as_ref().is_some_and(|own| own.not_after <= now);
        let fault = || FieldError::new("key", "certificate_expired", "This certificate has expired. Make a new one.");
        if expired { Err(fault()) } else { Ok(key) }
    });
    let note = check(&draft.note, draft.expires_at, now);
    match (key, note) {
        (Ok(key), Ok(note)) => Ok((key, note)),
        (Err(fault), Err(Error::Invalid(others))) => Err(Error::Invalid(std::iter::once(fault).chain(others).collect())),
        (Err(fault), _) => Err(Error::Invalid(vec![fault])),
        (_, Err(other)) => Err(other),
    }
}

pub(super) fn check_can_have_keys(record: &ClientRecord) -> Result<(), Error> {
    if record.client.kind.is_confidential() {
        return Ok(());
    }
    let message = "A single-page application cannot keep a private key, so it has no keys.";
    Err(Error::Invalid(vec![FieldError::new("", "not_for_kind", message)]))
}

fn find_key(record: &ClientRecord, id: CredentialId) -> Result<(&Credential, &PublicKey), Error> {
    let credential = record.credentials.iter().find(|own| own.id == id).ok_or(Error::NotFound)?;
    Ok((credential, credential.key().ok_or(Error::NotFound)?))
}

fn is_live_key(credential: &Credential, now: OffsetDateTime) -> bool {
    !credential.is_secret() && credential.is_live(now)
}

/// Whether nothing that works is left without this key and the secret that came with it, which ends with it.
fn is_last(record: &ClientRecord, key: &Credential, now: OffsetDateTime) -> bool {
    let goes_along = |own: &Credential| own.paired_key == Some(key.id);
    quota::is_last_credential(record, key.id, now)
        || (key.is_live(now)
            && !record.publishes_keys()
            && !record.credentials.iter().any(|own| own.id != key.id && own.is_live(now) && !goes_along(own)))
}
