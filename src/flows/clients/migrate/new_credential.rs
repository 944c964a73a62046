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
use crate::model::ids::{CredentialId, TechnicalAccountId};
use crate::model::migration::{Direction, Proof};
use crate::protocol::quota;
use crate::secret::Secret;

/// The credential that is wanted.
#[derive(Debug, Clone)]
pub enum Wish {
    /// A secret that we mint.
    Secret {
        /// At most 64 characters.
        note: String,
    },
    /// A key whose private half the app has.
    Key {
        /// PEM, DER or JWK, without the private half.
        public_key: String,
        /// At most 64 characters.
        note: String,
    },
}

impl Wish {
    /// The direction that leads there.
    pub const fn direction(&self) -> Direction {
        match self {
            Self::Secret { .. } => Direction::KeyToSecret,
            Self::Key { .. } => Direction::SecretToKey,
        }
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
    let direction = wish.direction();
    let (kind, note, client_secret) = match wish {
        Wish::Secret { note } => {
            let limit = deps.policy.limits.secrets_per_app;
            if !quota::has_room_for_secret(&old.credentials, limit, now) {
                return Err(Error::SecretLimitReached { limit });
            }
            let Minted { value, digest, hint } = mint_client_secret(&*deps.entropy);
            (CredentialKind::Secret { digest, hint }, note, Some(value))
        }
        Wish::Key { public_key, note } => {
            let key = public_key::parse(public_key.as_bytes())
                .map_err(|problem| Error::Invalid(vec![FieldError::new("public_key", "not_a_key", problem.to_string())]))?;
            (CredentialKind::Key(Box::new(key)), note, None)
        }
    };
    let credential = Credential {
        id: CredentialId(deps.entropy.uuid(now)),
        kind,
        note: check_note(&note, None, now)?,
        created_at: now,
        created_by: access.user(),
        expires_at: None,
        technical_account: subject_of(old, direction.old(), now),
        last_use: None,
    };
    credentials::insert(connection, old.client.org, old.client.key, &credential).await?;
    Ok(Made { id: credential.id, client_secret })
}

/// Whom the newest living old credential acts as; `None` = the client itself.
fn subject_of(old: &ClientRecord, proof: Proof, now: OffsetDateTime) -> Option<TechnicalAccountId> {
    let mut left = old.credentials.iter().filter(|own| Proof::of(own) == proof && own.is_live(now));
    left.next().and_then(|newest| newest.technical_account)
}
