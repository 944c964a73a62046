//! Registering an app: every check at once, then one transaction in which the database counts the apps.

use serde_json::json;
use time::OffsetDateTime;

use crate::crypto::Minted;
use crate::crypto::token::{mint_client_id, mint_client_secret};
use crate::db::{self, Connection, clients, credentials};
use crate::flows::Deps;
use crate::flows::clients::idempotency::{self, Answer, Once, Recalled};
use crate::flows::clients::{Error, commit, record, reread, scope_rules};
use crate::flows::orgs::{self, OrgAccess};
use crate::model::client::{Client, ClientKind, ClientProfile, ClientRecord};
use crate::model::client_draft::ClientDraft;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::ids::{ClientKey, CredentialId};
use crate::model::migration::Obstacle;
use crate::model::scope::ScopeSet;
use crate::model::verification::Verification;
use crate::protocol::client_metadata;
use crate::secret::Secret;

/// An app that now exists.
#[derive(Debug)]
pub struct Registered {
    /// The app.
    pub record: ClientRecord,
    /// Its secret, told this once; `None` for `spa`.
    pub client_secret: Option<Secret<String>>,
}

/// Whether such an app could be registered now, as far as its fields say; nothing is stored.
pub fn check(deps: &Deps, access: &OrgAccess, kind: ClientKind, draft: ClientDraft, now: OffsetDateTime) -> Result<ClientProfile, Error> {
    Ok(prepare(deps, access, kind, draft, now)?.profile)
}

/// Registers an app for the org.
pub async fn register(
    deps: &Deps,
    access: &OrgAccess,
    kind: ClientKind,
    draft: ClientDraft,
    now: OffsetDateTime,
) -> Result<Registered, Error> {
    let client = prepare(deps, access, kind, draft, now)?;
    let mut transaction = deps.db.begin().await?;
    let written = write(deps, &mut transaction, access, &client, now).await;
    let registered = match written {
        Ok(registered) => registered,
        Err(refused) => return Err(explain(deps, access, transaction, refused).await?),
    };
    commit(deps, transaction, &client.client_id).await?;
    Ok(registered)
}

/// Registers an app once for an `Idempotency-Key`: the same request again gets the same answer, secret and all.
pub async fn register_once(
    deps: &Deps,
    access: &OrgAccess,
    (kind, draft): (ClientKind, ClientDraft),
    once: &Once<'_, Registered>,
    now: OffsetDateTime,
) -> Result<Answer<Registered>, Error> {
    access.check_manages_apps()?;
    let mut transaction = match idempotency::begin(deps, access, once, now).await? {
        Recalled::Kept(kept) => return Ok(Answer::Kept(kept)),
        Recalled::New(transaction) => transaction,
    };
    let client = match prepare(deps, access, kind, draft, now) {
        Ok(client) => client,
        Err(refused) => return Err(idempotency::refuse(transaction, refused).await),
    };
    let registered = match write(deps, &mut transaction, access, &client, now).await {
        Ok(registered) => registered,
        Err(refused) => return Err(explain(deps, access, transaction, refused).await?),
    };
    let body = idempotency::keep(deps, &mut transaction, access, once, &registered, now).await?;
    commit(deps, transaction, &client.client_id).await?;
    Ok(Answer::Made(registered, body))
}

/// Registers one of Grantor's own apps, such as the org's `manager`: it takes no slot and the org cannot change it. For the
/// operator's commands only; no door of the web leads here.
pub async fn register_system(
    deps: &Deps,
    access: &OrgAccess,
    kind: ClientKind,
    draft: ClientDraft,
    now: OffsetDateTime,
) -> Result<Registered, Error> {
    let client = Client { system: true, ..prepare(deps, access, kind, draft, now)? };
    let mut transaction = deps.db.begin().await?;
    let registered = write(deps, &mut transaction, access, &client, now).await?;
    commit(deps, transaction, &client.client_id).await?;
    Ok(registered)
}

/// The checked app, not yet written.
fn prepare(deps: &Deps, access: &OrgAccess, kind: ClientKind, draft: ClientDraft, now: OffsetDateTime) -> Result<Client, Error> {
    access.check_manages_apps()?;
    let rules = scope_rules(deps, access, ScopeSet::default());
    let profile: ClientProfile = client_metadata::check(kind, draft, &rules).map_err(Error::Invalid)?;
    if profile.jwks_uri.is_some() && deps.policy.jwt_deadlines.forbid_new_apps(now) {
        return Err(Obstacle::DeadlinePassed.into());
    }
    Ok(Client {
        key: ClientKey(deps.entropy.uuid(now)),
        org: access.org.id,
        client_id: mint_client_id(&*deps.entropy),
        kind,
        profile,
        system: false,
        version: 1,
        identity_version: 1,
        logo: None,
        verification: Verification::Nothing,
        created_at: now,
        created_by: access.user(),
        updated_at: now,
        last_used_at: None,
        disabled_at: None,
        deleted_at: None,
    })
}

async fn write(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    client: &Client,
    now: OffsetDateTime,
) -> Result<Registered, Error> {
    if let Err(refused) = clients::insert(connection, client).await {
        // The caller reads the usage after it gave the transaction up.
        return Err(if is_app_limit(&refused) { limit_reached(access) } else { refused.into() });
    }
    let client_secret = if client.kind.is_confidential() {
        let Minted { value, digest, hint } = mint_client_secret(&*deps.entropy);
        let credential = Credential {
            id: CredentialId(deps.entropy.uuid(now)),
            kind: CredentialKind::Secret { digest, hint },
            note: String::new(),
            created_at: now,
            created_by: access.user(),
            expires_at: None,
            technical_account: None,
            paired_key: None,
            last_use: None,
        };
        credentials::insert(connection, client.org, client.key, &credential).await?;
        Some(value)
    } else {
        None
    };
    let detail = json!({ "kind": client.kind.as_str(), "scopes": client.profile.scopes, "system": client.system });
    record(deps, connection, access, ("client.create", client), detail, now).await?;
    Ok(Registered { record: reread(connection, client).await?, client_secret })
}

/// Whether the database found every slot taken.
pub(super) fn is_app_limit(error: &db::Error) -> bool {
    error.constraint() == Some(clients::APP_LIMIT_CONSTRAINT)
}

/// The refusal before its numbers are known.
pub(super) fn limit_reached(access: &OrgAccess) -> Error {
    let limit = i64::from(access.org.app_limit);
    Error::AppLimitReached(crate::model::org::AppUsage { used: limit, limit })
}

/// The refusal with the numbers as they are now: a failed transaction cannot read them.
pub(super) async fn explain(deps: &Deps, access: &OrgAccess, transaction: db::Transaction, refused: Error) -> Result<Error, Error> {
    let ended = transaction.rollback().await;
    if !matches!(refused, Error::AppLimitReached(_)) {
        return Ok(refused);
    }
    ended?;
    Ok(Error::AppLimitReached(orgs::app_usage(deps, access).await?))
}
