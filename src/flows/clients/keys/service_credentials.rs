//! Service credentials: a technical account with a key pair, a certificate and a secret, handed over once as one document
//! (R57, R64, R65, R70). Of the private key and the secret nothing stays here that could be read.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::crypto::Minted;
use crate::crypto::service_key::{self, ServiceKey};
use crate::crypto::token::mint_client_secret;
use crate::db::{Connection, credentials, technical_accounts};
use crate::flows::clients::idempotency::{self, Answer, Once, Recalled};
use crate::flows::clients::keys::{self, Wish};
use crate::flows::clients::secrets::check;
use crate::flows::clients::{Error, commit, finish_revoking, management_scopes, reach, record, reread};
use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, Unavailable};
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::credential::{Credential, CredentialKind};
use crate::model::field_error::FieldError;
use crate::model::ids::{CredentialId, TechnicalAccountId};
use crate::model::migration::Change;
use crate::model::scope::ScopeSet;
use crate::model::technical_account::TechnicalAccount;
use crate::protocol::migration::{check_may_add_key, check_may_change};
use crate::protocol::token::scope;
use crate::secret::Secret;

/// For whom.
#[derive(Debug, Clone, Default)]
pub struct ServiceDraft {
    /// The technical account that gets a further key; `None` = a new account.
    pub technical_account: Option<TechnicalAccountId>,
    /// At most 64 characters.
    pub note: String,
}

/// Service credentials that now exist.
#[derive(Debug)]
pub struct Made {
    /// The app with them.
    pub record: ClientRecord,
    /// The account that they are for.
    pub account: TechnicalAccountId,
    /// The key among the app's credentials.
    pub id: CredentialId,
    /// The document, as JSON; told this once.
    pub document: Secret<String>,
}

/// Makes a key pair, its certificate and a secret, for a new technical account or a further key of one, which then is its current.
pub async fn create(deps: &Deps, access: &OrgAccess, client_id: &str, draft: ServiceDraft, now: OffsetDateTime) -> Result<Made, Error> {
    let pair = generate(access, client_id, now).await?;
    let mut transaction = deps.db.begin().await?;
    let made = write(deps, &mut transaction, access, (client_id, draft, &pair), now).await?;
    commit(deps, transaction, client_id).await?;
    Ok(made)
}

/// The same, once for an idempotency key. What is kept must not hold the document: the private key stays nowhere, not even sealed.
pub async fn create_once(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, draft): (&str, ServiceDraft),
    once: &Once<'_, Made>,
    now: OffsetDateTime,
) -> Result<Answer<Made>, Error> {
    let pair = generate(access, client_id, now).await?;
    let mut transaction = match idempotency::begin(deps, access, once, now).await? {
        Recalled::Kept(kept) => return Ok(Answer::Kept(kept)),
        Recalled::New(transaction) => transaction,
    };
    let made = match write(deps, &mut transaction, access, (client_id, draft, &pair), now).await {
        Ok(made) => made,
        Err(refused) => return Err(idempotency::refuse(transaction, refused).await),
    };
    let body = idempotency::keep(deps, &mut transaction, access, once, &made, now).await?;
    commit(deps, transaction, client_id).await?;
    Ok(Answer::Made(made, body))
}

/// The pair is made before the transaction: it takes a while, and the app's row is locked in there.
async fn generate(access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<ServiceKey, Error> {
    access.check_manages_secrets(client_id)?;
    Ok(service_key::generate(client_id.to_owned(), now).await.map_err(Unavailable::because)?)
}

async fn write(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (client_id, draft, pair): (&str, ServiceDraft, &ServiceKey),
    now: OffsetDateTime,
) -> Result<Made, Error> {
    let old = reach::lock(deps, connection, access, client_id).await?;
    if old.client.kind != ClientKind::M2m {
        let message = "Service credentials are for machine-to-machine applications.";
        return Err(Error::Invalid(vec![FieldError::new("", "not_for_kind", message)]));
    }
    check_may_add_key(&old, &deps.policy.jwt_deadlines, now)?;
    check_may_change(&old, Change::Keys)?;
    check_may_change(&old, Change::Secrets)?;
    let metascopes = metascopes(deps, &old)?;
    let note = check(&draft.note, None, now)?;
    let account = match draft.technical_account {
        Some(id) => old.technical_account(id).cloned().ok_or(Error::NotFound)?,
        None => add_account(deps, connection, access, &old, now).await?,
    };
    let wish = Wish { key: pair.public.clone(), note: note.clone(), expires_at: None, technical_account: Some(account.id) };
    let id = keys::insert(deps, connection, access, &old, wish, now).await?;
    credentials::set_current(connection, account.id, Some(id)).await?;
    let secret = add_secret(deps, connection, access, (&old, &account, id), note, now).await?;
    let document = document(deps, (&old, &account), (pair, &secret), &metascopes);
    let record = reread(connection, &old.client).await?;
    Ok(Made { record, account: account.id, id, document })
}

/// Deletes a technical account that has no keys left.
pub async fn delete_account(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, id): (&str, TechnicalAccountId),
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let account = old.technical_account(id).ok_or(Error::NotFound)?;
    if old.credentials.iter().any(|own| own.technical_account == Some(id) && !own.is_secret()) {
        return Err(Error::TechnicalAccountHasKeys);
    }
    if !technical_accounts::delete(&mut transaction, old.client.key, id, now).await? {
        return Err(Error::NotFound);
    }
    credentials::delete_of_account(&mut transaction, id, now).await?;
    let detail = json!({ "technical_account": id, "subject": account.subject });
    record(deps, &mut transaction, access, ("technical_account.delete", &old.client), detail, now).await?;
    finish_revoking(deps, transaction, &old.client).await
}

async fn add_account(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    old: &ClientRecord,
    now: OffsetDateTime,
) -> Result<TechnicalAccount, Error> {
    let rules = &deps.policy.keys;
    let limit = rules.technical_accounts_per_org;
    let org = old.client.org;
    if technical_accounts::count_locked(connection, org, rules.count_deleted_technical_accounts).await? >= limit {
        return Err(Error::TechnicalAccountLimitReached { limit });
    }
    let host = host(&deps.policy.issuer);
    // A name for products, not a secret: where the host has a port, an address cannot show it.
    let domain = host.split(':').next().unwrap_or_default();
    let id = TechnicalAccountId(deps.entropy.uuid(now));
    let name = u128::from_be_bytes(deps.entropy.bytes::<16>());
    let account = TechnicalAccount {
        id,
        subject: format!("{name:032x}@techacct.{domain}"),
        email: format!("{id}@techacct.{domain}"),
        created_at: now,
        created_by: access.user(),
    };
    technical_accounts::insert(connection, org, old.client.key, &account).await?;
    let detail = json!({ "technical_account": id, "subject": account.subject });
    record(deps, connection, access, ("technical_account.create", &old.client), detail, now).await?;
    Ok(account)
}

/// The secret that stands in the document beside the key; it ends with the key and takes none of the app's two places.
async fn add_secret(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (old, account, key): (&ClientRecord, &TechnicalAccount, CredentialId),
    note: String,
    now: OffsetDateTime,
) -> Result<Secret<String>, Error> {
    let Minted { value, digest, hint } = mint_client_secret(&*deps.entropy);
    let id = CredentialId(deps.entropy.uuid(now));
    let detail = json!({ "credential": id, "hint": hint, "technical_account": account.id, "key": key });
    let credential = Credential {
        id,
        kind: CredentialKind::Secret { digest, hint },
        note,
        created_at: now,
        created_by: access.user(),
        expires_at: None,
        technical_account: Some(account.id),
        paired_key: Some(key),
        last_use: None,
    };
    credentials::insert(connection, old.client.org, old.client.key, &credential).await?;
    record(deps, connection, access, ("secret.create", &old.client), detail, now).await?;
    Ok(value)
}

/// What the document asks for: its clients send every name that it lists in one assertion, and a token is for one API. So these are
/// the app's scopes of the API that a token is for when none is named. The management API's are taken where there are no others.
fn metascopes(deps: &Deps, old: &ClientRecord) -> Result<ScopeSet, Error> {
    let all = &old.client.profile.scopes;
    let others = all.difference(&management_scopes(deps));
    let own = if others.is_empty() { all } else { &others };
    let found = scope::for_client(&deps.policy.apis, own, None, None);
    let message = "Service credentials ask for scopes of an API, and the application has none. Give it one first.";
    found.map(|(_, scopes)| scopes).map_err(|_| Error::Invalid(vec![FieldError::new("", "no_scope", message)]))
}

/// The document in the shape that clients of the source system read (source-systems.md 3.2).
fn document(
    deps: &Deps,
    (old, account): (&ClientRecord, &TechnicalAccount),
    (pair, secret): (&ServiceKey, &Secret<String>),
    metascopes: &ScopeSet,
) -> Secret<String> {
    let body: Value = json!({
        "ok": true,
        "integration": {
            "imsEndpoint": host(&deps.policy.issuer),
            "metascopes": metascopes.as_slice().join(","),
            "technicalAccount": { "clientId": old.client.client_id, "clientSecret": secret.expose() },
            "email": account.email,
            "id": account.subject,
            "org": old.client.org.to_string(),
            "privateKey": pair.private_pem.expose(),
            "publicKey": pair.certificate_pem,
        },
        "statusCode": 200,
    });
    Secret::new(format!("{body:#}"))
}

/// The issuer without its scheme: those clients put `https://` before it themselves.
fn host(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, host)| host)
}
