//! Tokens that developers get for themselves, to try their own code against an API (R69).
//!
//! Each stands on an authorization of its own, of an app that every org has hidden away: so it is listed, ends at once by will, and ends
//! with the person's account, membership or role as everything else does. It speaks for the person who got it and for nobody else,
//! has no refresh token, and is never for the management API, where a token's scopes could reach further than its person's role.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::crypto::token::mint_client_id;
use crate::db::authorizations::{self, DeveloperGrant};
use crate::db::{Connection, clients, memberships, orgs};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::clients::Error;
use crate::flows::clients::idempotency::{self, Answer, Once, Recalled};
use crate::flows::orgs::{OrgAccess, Rights};
use crate::flows::token::issue;
use crate::flows::{Deps, Unavailable, audit, revocation};
use crate::model::api::Api;
use crate::model::audit::{AuditEvent, Whence};
use crate::model::authorization::{Authorization, EndCause};
use crate::model::client::{Client, ClientKind, ClientProfile, ClientRecord};
use crate::model::client_draft::ClientDraft;
use crate::model::field_error::FieldError;
use crate::model::ids::{AuthorizationId, ClientKey, UserId};
use crate::model::scope::ScopeSet;
use crate::model::verification::Verification;
use crate::protocol::client_metadata::{self, ScopeRules};
use crate::protocol::token::scope;
use crate::secret::Secret;
use crate::wire::AuthMethod;

/// Living tokens of one person in one org.
const MOST: usize = 20;
/// The shortest life that can be asked for, in seconds.
const SHORTEST: i64 = 300;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Names of scopes of one API.
    pub scopes: &'a [String],
    /// Seconds.
    pub lifetime: i64,
    /// When the person had proved who they are.
    pub auth_time: OffsetDateTime,
}

/// A token, this once.
#[derive(Debug)]
pub struct Issued {
    /// The token itself.
    pub access_token: Secret<String>,
    /// What is listed of it from now on.
    pub authorization: AuthorizationId,
    /// The API it is for.
    pub api: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Its end.
    pub expires_at: OffsetDateTime,
}

/// A living token as it is listed: everything but the token.
#[derive(Debug)]
pub struct Listed {
    /// Its authorization.
    pub authorization: Authorization,
    /// Address of the person.
    pub email: String,
    /// Name of the person.
    pub name: String,
}

/// The APIs that such tokens can be for.
pub fn apis(deps: &Deps) -> impl Iterator<Item = &Api> {
    let management = deps.policy.management_api();
    deps.policy.apis.iter().filter(move |api| api.identifier != management)
}

/// Issues a token to the person who asks.
pub async fn issue(deps: &Deps, access: &OrgAccess, wish: &Wish<'_>, now: OffsetDateTime) -> Result<Issued, Error> {
    let mut transaction = deps.db.begin().await?;
    let issued = write(deps, &mut transaction, access, wish, now).await?;
    transaction.commit().await?;
    Ok(issued)
}

/// The same, once for an idempotency key.
pub async fn issue_once(
    deps: &Deps,
    access: &OrgAccess,
    wish: &Wish<'_>,
    once: &Once<'_, Issued>,
    now: OffsetDateTime,
) -> Result<Answer<Issued>, Error> {
    check_developer(deps, access)?;
    let mut transaction = match idempotency::begin(deps, access, once, now).await? {
        Recalled::Kept(kept) => return Ok(Answer::Kept(kept)),
        Recalled::New(transaction) => transaction,
    };
    let issued = match write(deps, &mut transaction, access, wish, now).await {
        Ok(issued) => issued,
        Err(refused) => return Err(idempotency::refuse(transaction, refused).await),
    };
    let body = idempotency::keep(deps, &mut transaction, access, once, &issued, now).await?;
    transaction.commit().await?;
    Ok(Answer::Made(issued, body))
}

async fn write(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    wish: &Wish<'_>,
    now: OffsetDateTime,
) -> Result<Issued, Error> {
    let user = check_developer(deps, access)?;
    let (api, scopes) = check_wish(deps, wish)?;
    // Of two first tokens at one time, one makes the app.
    if !orgs::lock(connection, access.org.id).await? {
        return Err(Error::NotFound);
    }
    let mut record = hidden_app(deps, connection, access, now).await?;
    let living = authorizations::list_live_by_client(connection, record.client.key, now, None, i64::MAX).await?;
    if living.iter().filter(|own| own.user == user).count() >= MOST {
        return Err(invalid("", "too_many", format!("You have {MOST} tokens that work. Revoke one first.")));
    }
    let expires_at = now + Duration::seconds(wish.lifetime);
    let id = AuthorizationId(deps.entropy.uuid(now));
    let (client, auth_time) = (record.client.key, wish.auth_time);
    let grant = DeveloperGrant { id, client, user, scopes: &scopes, api: &api.identifier, auth_time, expires_at, now };
    let live = authorizations::begin_for_developer(connection, &grant).await?.ok_or(Error::Forbidden { scope: None })?;
    // The hidden app has no scopes of its own, so that it can ask for nothing by itself.
    record.client.profile.scopes = scopes.clone();
    let client = AuthenticatedClient { record: Arc::new(record), credential: None, method: AuthMethod::None, whence: Whence::default() };
    let issued = issue::for_user(deps, &client, &live, None, now).map_err(Unavailable::because)?;
    issued.store(connection).await?;
    let detail = json!({ "api": api.identifier, "scopes": scopes, "expires_at": expires_at.unix_timestamp() });
    record_event(deps, connection, access, ("development_token.create", id), detail, now).await?;
    let access_token = Secret::from(issued.response.access_token.as_str());
    Ok(Issued { access_token, authorization: id, api: api.identifier.clone(), scopes, expires_at })
}

/// The living tokens, newest first: a developer's own; all of the org for who manages it.
pub async fn list(deps: &Deps, access: &OrgAccess, now: OffsetDateTime) -> Result<Vec<Listed>, Error> {
    let only = reach(deps, access)?;
    let org = access.org.id;
    let (found, names) = deps
        .db
        .statement(|mut connection| async move {
            let Some(key) = clients::find_development_key(&mut connection, org).await? else { return Ok((Vec::new(), Vec::new())) };
            let found = authorizations::list_live_by_client(&mut connection, key, now, None, 1_000).await?;
            let people: Vec<UserId> = found.iter().map(|own| own.user).collect();
            Ok((found, memberships::list_names(&mut connection, &people).await?))
        })
        .await?;
    let names: HashMap<UserId, (String, String)> = names.into_iter().map(|(user, email, name)| (user, (email, name))).collect();
    let mine = found.into_iter().filter(|own| only.is_none_or(|user| own.user == user));
    Ok(mine
        .map(|authorization| {
            let (email, name) = names.get(&authorization.user).cloned().unwrap_or_default();
            Listed { authorization, email, name }
        })
        .collect())
}

/// Ends a token; introspection anywhere says so at once.
pub async fn revoke(deps: &Deps, access: &OrgAccess, id: AuthorizationId, now: OffsetDateTime) -> Result<(), Error> {
    let only = reach(deps, access)?;
    let mut transaction = deps.db.begin().await?;
    let key = clients::find_development_key(&mut transaction, access.org.id).await?.ok_or(Error::NotFound)?;
    let facts = authorizations::find_facts_by_id(&mut transaction, id).await?.ok_or(Error::NotFound)?;
    let own = &facts.authorization;
    if own.client != key || own.end.is_some() || only.is_some_and(|user| own.user != user) {
        return Err(Error::NotFound);
    }
    let cause = if access.user() == Some(own.user) { EndCause::RevokedByUser } else { EndCause::RevokedByAdmin };
    if !authorizations::end(&mut transaction, id, cause, now).await? {
        return Err(Error::NotFound);
    }
    let detail = json!({ "api": own.api, "scopes": own.scopes, "user": own.user });
    record_event(deps, &mut transaction, access, ("development_token.revoke", id), detail, now).await?;
    Ok(revocation::commit(deps, transaction).await?)
}

/// The person who asks, if they may have such tokens: where the setting is off, there is no such thing.
pub fn check_developer(deps: &Deps, access: &OrgAccess) -> Result<UserId, Error> {
    reach(deps, access)?;
    access.user().ok_or(Error::Forbidden { scope: None })
}

/// Whose tokens the asker sees and ends: one person's, or all (`None`).
fn reach(deps: &Deps, access: &OrgAccess) -> Result<Option<UserId>, Error> {
    if !deps.policy.development.tokens {
        return Err(Error::NotFound);
    }
    match access.rights {
        Rights::Role(user, role) => {
            access.check_reads_apps()?;
            Ok((!role.manages_apps()).then_some(user))
        }
        Rights::Token { .. } | Rights::Operator => access.check_revokes().map(|()| None),
    }
}

fn check_wish<'d>(deps: &'d Deps, wish: &Wish<'_>) -> Result<(&'d Api, ScopeSet), Error> {
    let longest = deps.policy.development.token_lifetime.whole_seconds();
    if !(SHORTEST..=longest).contains(&wish.lifetime) {
        return Err(invalid("lifetime", "out_of_range", format!("Choose {SHORTEST} to {longest} seconds.")));
    }
    let all: ScopeSet = apis(deps).flat_map(|api| api.scopes.iter().map(|scope| scope.name.clone())).collect();
    let sent: ScopeSet = wish.scopes.iter().cloned().collect();
    if sent.is_empty() {
        return Err(invalid("scopes", "required", "Choose at least one scope.".to_owned()));
    }
    let found = scope::for_client(&deps.policy.apis, &all, Some(&sent), None);
    found.map_err(|refusal| invalid("scopes", refusal.error.as_str(), refusal.description.to_string()))
}

fn invalid(field: &str, code: &'static str, message: String) -> Error {
    Error::Invalid(vec![FieldError::new(field, code, message)])
}

/// The org's hidden app, made now if there was none. The caller holds the org's row.
async fn hidden_app(deps: &Deps, connection: &mut Connection, access: &OrgAccess, now: OffsetDateTime) -> Result<ClientRecord, Error> {
    if let Some(key) = clients::find_development_key(connection, access.org.id).await? {
        return clients::find_record_by_key(connection, key).await?.ok_or(Error::NotFound);
    }
    let client = Client {
        key: ClientKey(deps.entropy.uuid(now)),
        org: access.org.id,
        client_id: mint_client_id(&*deps.entropy),
        kind: ClientKind::Web,
        profile: profile(deps)?,
        system: true,
        version: 1,
        identity_version: 1,
        logo: None,
        verification: Verification::Nothing,
        created_at: now,
        created_by: None,
        updated_at: now,
        last_used_at: None,
        disabled_at: None,
        deleted_at: None,
    };
    clients::insert(connection, &client).await?;
    clients::mark_development(connection, client.key).await?;
    clients::find_record_by_key(connection, client.key).await?.ok_or(Error::NotFound)
}

/// No redirect URI, no secret, no scope: nobody can use the hidden app but this flow.
fn profile(deps: &Deps) -> Result<ClientProfile, Error> {
    let kind = ClientKind::M2m;
    let draft = ClientDraft { name: "Development tokens".to_owned(), ..ClientDraft::defaults(kind) };
    let rules = ScopeRules {
        known: ScopeSet::default(),
        management: ScopeSet::default(),
        grantable: ScopeSet::default(),
        held: ScopeSet::default(),
        password_grant: false,
        loopback_keys: false,
    };
    let profile = client_metadata::check(kind, draft, &rules).map_err(Error::Invalid)?;
    let longest = deps.policy.development.token_lifetime.whole_seconds();
    Ok(ClientProfile { access_token_lifetime: i32::try_from(longest.max(86_400)).unwrap_or(86_400), ..profile })
}

async fn record_event(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (action, id): (&'static str, AuthorizationId),
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let event = AuditEvent {
        org: Some(access.org.id),
        origin: access.origin.clone(),
        action,
        target_kind: "authorization",
        target_id: Some(id.to_string()),
        detail,
    };
    Ok(audit::record(deps, connection, event, now).await?)
}
