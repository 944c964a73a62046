//! What a migration begins with: a credential of the other kind that acts as what the old ones acted as.

use time::OffsetDateTime;

use crate::crypto::Minted;
use crate::crypto::public_key;
use crate::crypto::token::mint_client_secret;
use crate::db::{Connection, credentials};
use crate::flows::Deps;
use crate::flows::clients::Error;
use crate::flows::clients::secrets::check as check_note;
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::field_error::FieldError;
use crate::model::ids::CredentialId;
use crate::model::migration::{ActsAs, Direction};
use crate::protocol::migration::{check_subject, subjects};
use crate::protocol::quota;
use crate::secret::Secret;

/// The credential that is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// A key whose private half the app has, as PEM, DER or JWK without that half; `None` = a secret that we mint.
    pub public_key: Option<String>,
    /// At most 64 characters.
    pub note: String,
    /// Whom it acts as. Needed only where the old credentials act as different subjects, and then one of those.
    pub acts_as: Option<ActsAs>,
}

impl Wish {
    /// The direction that leads there.
    pub const fn direction(&self) -> Direction {
        if self.public_key.is_some() { Direction::SecretToKey } else { Direction::KeyToSecret }
    }
}

/// A credential that was added.
pub(super) struct Made {
    pub(super) id: CredentialId,
    pub(super) client_secret: Option<Secret<String>>,
}

/// Adds it, with the subject of the old credentials: tokens stay the same whoever asks for them (R37).
pub(super) async fn add(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    old: &ClientRecord,
    wish: Wish,
    now: OffsetDateTime,
) -> Result<Made, Error> {
    let subject = subject(old, &wish, now)?;
    let (kind, client_secret) = match wish.public_key {
        None => {
            let limit = deps.policy.limits.secrets_per_app;
            if !quota::has_room_for_secret(&old.credentials, limit, now) {
                return Err(Error::SecretLimitReached { limit });
            }
            let Minted { value, digest, hint } = mint_client_secret(&*deps.entropy);
            (CredentialKind::Secret { digest, hint }, Some(value))
        }
        Some(public_key) => {
            let key = public_key::parse(public_key.as_bytes())
                .map_err(|problem| Error::Invalid(vec![FieldError::new("public_key", "not_a_key", problem.to_string())]))?;
            (CredentialKind::Key(Box::new(key)), None)
        }
    };
    let credential = Credential {
        id: CredentialId(deps.entropy.uuid(now)),
        kind,
        note: check_note(&wish.note, None, now)?,
        created_at: now,
        created_by: access.user(),
        expires_at: None,
        technical_account: subject.account(),
        paired_key: None,
        last_use: None,
    };
    credentials::insert(connection, old.client.org, old.client.key, &credential).await?;
    Ok(Made { id: credential.id, client_secret })
}

/// Whom it acts as.
fn subject(old: &ClientRecord, wish: &Wish, now: OffsetDateTime) -> Result<ActsAs, Error> {
    let found = check_subject(&subjects(old, wish.direction(), now), wish.acts_as)?;
    let message = "No old credential of the application acts as this.";
    found.ok_or_else(|| Error::Invalid(vec![FieldError::new("technical_account", "not_a_choice", message)]))
}
