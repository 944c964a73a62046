//! The secrets of an app: minted here, told once, kept as digests (G6, R28, R50-R53).

use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::crypto::Minted;
use crate::crypto::token::mint_client_secret;
use crate::db::{Connection, credentials};
use crate::flows::Deps;
use crate::flows::clients::idempotency::{self, Answer, Once, Recalled};
use crate::flows::clients::{Error, commit, finish, finish_revoking, reach, record, reread};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;
use crate::model::credential::{Credential, CredentialKind, NOTE_MAX_CHARS};
use crate::model::field_error::FieldError;
use crate::model::ids::CredentialId;
use crate::model::migration::Change;
use crate::protocol::client_metadata::is_hidden;
use crate::protocol::migration::check_may_change;
use crate::protocol::quota;
use crate::secret::Secret;

/// A secret that now exists.
#[derive(Debug)]
pub struct Added {
    /// The app with it.
    pub record: ClientRecord,
    /// Which of the app's credentials it is.
    pub id: CredentialId,
    /// Its value, told this once.
    pub client_secret: Secret<String>,
}

/// What is known of a new secret, or to be known of an old one.
#[derive(Debug, Clone, Default)]
pub struct SecretDraft {
    /// At most 64 characters.
    pub note: String,
    /// From when on it is refused; `None` = never.
    pub expires_at: Option<OffsetDateTime>,
}

/// Adds a secret beside those that the app has.
pub async fn add(deps: &Deps, access: &OrgAccess, client_id: &str, draft: SecretDraft, now: OffsetDateTime) -> Result<Added, Error> {
    let mut transaction = deps.db.begin().await?;
    let added = write(deps, &mut transaction, access, client_id, draft, now).await?;
    commit(deps, transaction, client_id).await?;
    Ok(added)
}

/// The same, and lets the app's other secrets end at `others_end_at`, unless they end earlier; `None` leaves them as they are.
pub async fn add_beside(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    (draft, others_end_at): (SecretDraft, Option<OffsetDateTime>),
    now: OffsetDateTime,
) -> Result<Added, Error> {
    let mut transaction = deps.db.begin().await?;
    let added = write_beside(deps, &mut transaction, access, (client_id, draft, others_end_at), now).await?;
    commit(deps, transaction, client_id).await?;
    Ok(added)
}

async fn write_beside(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (client_id, draft, others_end_at): (&str, SecretDraft, Option<OffsetDateTime>),
    now: OffsetDateTime,
) -> Result<Added, Error> {
    let mut added = write(deps, connection, access, client_id, draft, now).await?;
    if let Some(end) = others_end_at {
        let is_other = |own: &&Credential| own.is_secret() && own.paired_key.is_none() && own.id != added.id && own.is_live(now);
        for own in added.record.credentials.iter().filter(is_other).filter(|own| own.expires_at.is_none_or(|old| end < old)) {
            check(&own.note, Some(end), now)?;
            if !credentials::update(connection, added.record.client.key, own.id, &own.note, Some(end)).await? {
                return Err(Error::NotFound);
            }
            let detail = json!({ "credential": own.id, "note": own.note, "expires_at": end.unix_timestamp() });
            record(deps, connection, access, ("secret.update", &added.record.client), detail, now).await?;
        }
        added.record = reread(connection, &added.record.client).await?;
    }
    Ok(added)
}

/// Adds a secret once for an `Idempotency-Key`.
pub async fn add_once(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, draft): (&str, SecretDraft),
    once: &Once<'_, Added>,
    now: OffsetDateTime,
) -> Result<Answer<Added>, Error> {
    add_beside_once(deps, access, (client_id, (draft, None)), once, now).await
}

/// The same, and lets the app's other secrets end, as [`add_beside`] does.
pub async fn add_beside_once(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, (draft, others_end_at)): (&str, (SecretDraft, Option<OffsetDateTime>)),
    once: &Once<'_, Added>,
    now: OffsetDateTime,
) -> Result<Answer<Added>, Error> {
    access.check_manages_secrets(client_id)?;
    let mut transaction = match idempotency::begin(deps, access, once, now).await? {
        Recalled::Kept(kept) => return Ok(Answer::Kept(kept)),
        Recalled::New(transaction) => transaction,
    };
    let added = match write_beside(deps, &mut transaction, access, (client_id, draft, others_end_at), now).await {
        Ok(added) => added,
        Err(refused) => return Err(idempotency::refuse(transaction, refused).await),
    };
    let body = idempotency::keep(deps, &mut transaction, access, once, &added, now).await?;
    commit(deps, transaction, client_id).await?;
    Ok(Answer::Made(added, body))
}

/// Changes note and expiry; `edit` gets what they are now.
pub async fn edit(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, id): (&str, CredentialId),
    edit: impl FnOnce(SecretDraft) -> SecretDraft,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let credential = old.credentials.iter().find(|own| own.id == id && own.is_secret()).ok_or(Error::NotFound)?;
    let before = SecretDraft { note: credential.note.clone(), expires_at: credential.expires_at };
    let draft = edit(before.clone());
    let is_new_end = draft.expires_at != before.expires_at;
    if is_new_end && !credential.is_live(now) {
        // It would count again, and might be one too many.
        return Err(Error::Invalid(vec![FieldError::new("expires_at", "ended", "This secret has ended for good. Add a new one.")]));
    }
    let expiry = is_new_end.then_some(draft.expires_at).flatten();
    let note = check(&draft.note, expiry, now)?;
    if note == before.note && draft.expires_at == before.expires_at {
        return Ok(old);
    }
    if !credentials::update(&mut transaction, old.client.key, id, &note, draft.expires_at).await? {
        return Err(Error::NotFound);
    }
    let detail = json!({ "credential": id, "note": note, "expires_at": draft.expires_at.map(OffsetDateTime::unix_timestamp) });
    record(deps, &mut transaction, access, ("secret.update", &old.client), detail, now).await?;
    finish(deps, transaction, &old.client).await
}

/// Deletes a secret: it authenticates no more. Tokens issued with it go on, unless `revoke_tokens` (R53).
pub async fn delete(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, id): (&str, CredentialId),
    revoke_tokens: bool,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let credential = old.credentials.iter().find(|own| own.id == id && own.is_secret()).ok_or(Error::NotFound)?;
    check_may_change(&old, Change::Secrets)?;
    if quota::is_last_credential(&old, id, now) {
        return Err(Error::LastCredential);
    }
    let CredentialKind::Secret { hint, .. } = &credential.kind else { return Err(Error::NotFound) };
    let detail = json!({ "credential": id, "hint": hint, "note": credential.note, "revoke_tokens": revoke_tokens });
    if !credentials::delete(&mut transaction, old.client.key, id, now, revoke_tokens).await? {
        return Err(Error::NotFound);
    }
    record(deps, &mut transaction, access, ("secret.delete", &old.client), detail, now).await?;
    finish_revoking(deps, transaction, &old.client).await
}

async fn write(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    client_id: &str,
    draft: SecretDraft,
    now: OffsetDateTime,
) -> Result<Added, Error> {
    // The lock makes two admins who add the second secret at one time count one after the other.
    let old = reach::lock(deps, connection, access, client_id).await?;
    if !old.client.kind.is_confidential() {
        let message = "A single-page application cannot keep a secret, so it has none.";
        return Err(Error::Invalid(vec![FieldError::new("", "not_for_kind", message)]));
    }
    check_may_change(&old, Change::Secrets)?;
    let note = check(&draft.note, draft.expires_at, now)?;
    let limit = deps.policy.limits.secrets_per_app;
    if !quota::has_room_for_secret(&old.credentials, limit, now) {
        return Err(Error::SecretLimitReached { limit });
    }
    let Minted { value, digest, hint } = mint_client_secret(&*deps.entropy);
    let id = CredentialId(deps.entropy.uuid(now));
    let detail =
        json!({ "credential": id, "hint": hint, "note": note, "expires_at": draft.expires_at.map(OffsetDateTime::unix_timestamp) });
    let credential = Credential {
        id,
        kind: CredentialKind::Secret { digest, hint },
        note,
        created_at: now,
        created_by: access.user(),
        expires_at: draft.expires_at,
        technical_account: None,
        paired_key: None,
        last_use: None,
    };
    credentials::insert(connection, old.client.org, old.client.key, &credential).await?;
    record(deps, connection, access, ("secret.create", &old.client), detail, now).await?;
    Ok(Added { record: reread(connection, &old.client).await?, id, client_secret: value })
}

/// The note as it will be kept, if note and expiry may be so.
pub(super) fn check(note: &str, expires_at: Option<OffsetDateTime>, now: OffsetDateTime) -> Result<String, Error> {
    let note = note.trim();
    let mut errors = Vec::new();
    if note.chars().count() > NOTE_MAX_CHARS {
        errors.push(FieldError::new("note", "too_long", format!("A note has at most {NOTE_MAX_CHARS} characters.")));
    } else if note.chars().any(is_hidden) {
        errors.push(FieldError::new("note", "hidden_characters", "Remove control characters and invisible characters from the note."));
    }
    if expires_at.is_some_and(|end| end <= now || end - now > Duration::days(36_500)) {
        errors.push(FieldError::new("expires_at", "out_of_range", "Choose a time in the future, at most 100 years ahead."));
    }
    if errors.is_empty() { Ok(note.to_owned()) } else { Err(Error::Invalid(errors)) }
}
