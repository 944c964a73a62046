//! Makes access tokens and the answer around them: the only place where response members come from.

use time::OffsetDateTime;

use crate::crypto::jwt::{AccessTokenClaims, TokenType};
use crate::crypto::token::mint_opaque_access_token;
use crate::db::access_tokens::{self, AccessToken};
use crate::db::{self, Connection};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::{Deps, Error, Unavailable, keys};
use crate::model::api::{Api, TokenForm};
use crate::model::authorization::LiveAuthorization;
use crate::model::client::ClientRecord;
use crate::model::ids::UserId;
use crate::model::policy::Policy;
use crate::model::scope::ScopeSet;
use crate::protocol::assertion::keys::subject_of;
use crate::protocol::token::lifetimes::{AccessTokenTimes, seconds_left};
use crate::protocol::token::scope;
use crate::wire::token::TokenResponse;

/// An answer, with the row of its access token if that is an opaque one.
#[derive(Debug)]
pub(in crate::flows) struct Issued {
    pub(in crate::flows) response: TokenResponse,
    pub(in crate::flows) stored: Option<AccessToken>,
}

impl Issued {
    /// Stores what must be stored before anybody is answered.
    pub(in crate::flows) async fn store(&self, connection: &mut Connection) -> Result<(), db::Error> {
        match &self.stored {
            Some(token) => access_tokens::insert(connection, token).await,
            None => Ok(()),
        }
    }

    /// The same outside a transaction, on a living connection.
    pub(in crate::flows) async fn store_alone(&self, deps: &Deps) -> Result<(), db::Error> {
        if self.stored.is_none() {
            return Ok(());
        }
        deps.db.statement(|mut connection| async move { self.store(&mut connection).await }).await
    }
}

/// Whether tokens of this client may have to be stored: one of its scopes belongs to an API with opaque tokens.
pub(super) fn may_store(policy: &Policy, client: &AuthenticatedClient) -> bool {
    let scopes = &client.record.client.profile.scopes;
    policy.apis.iter().any(|api| api.token_form == TokenForm::Opaque && scopes.iter().any(|name| api.scope(name).is_some()))
}

/// Tokens under an authorization: an access token of at most what was approved, and the refresh token that is living now.
pub(in crate::flows) fn for_user(
    deps: &Deps,
    client: &AuthenticatedClient,
    live: &LiveAuthorization,
    asked: Option<&ScopeSet>,
    now: OffsetDateTime,
) -> Result<Issued, Error> {
    let api = deps.policy.api(&live.api).ok_or_else(|| Unavailable::because(format_args!("no API {} is configured", live.api)))?;
    let profile = &client.record.client.profile;
    let scopes = scope::granted(asked, &live.scopes, &profile.scopes);
    let times = AccessTokenTimes::new(now, profile.access_token_lifetime, live.absolute_expires_at);
    let mut issued =
        access_token(deps, client, &Grant { api, scopes, times, authorization: Some(live), subject: &Subject::User(live.user) }, now)?;
    if live.offline {
        issued.response.refresh_token = Some(deps.sealer.refresh_token(live.id, live.generation).expose().clone());
        issued.response.refresh_token_expires_in = seconds_left(live, now);
    }
    Ok(issued)
}

/// For whom a token is that stands on no authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flows) enum Subject {
    /// The client itself, by its id (RFC 9068 §2.2), which no user has.
    Client,
    /// A technical account of the client, by its subject.
    TechnicalAccount(String),
    /// A user that the client may speak for.
    User(UserId),
}

impl Subject {
    /// Whom the credential acts as that the client proved itself with: the same for every grant (R37).
    pub(super) fn of(client: &AuthenticatedClient) -> Self {
        let used = client.record.credentials.iter().find(|own| Some(own.id) == client.credential);
        Self::acting_as(&client.record, subject_of(&client.record, used).to_owned())
    }

    /// The client or one of its technical accounts, by what a key of its acts as.
    pub(in crate::flows) fn acting_as(record: &ClientRecord, name: String) -> Self {
        if name == record.client.client_id { Self::Client } else { Self::TechnicalAccount(name) }
    }
}

/// A token that stands on a credential alone.
pub(in crate::flows) fn for_client(
    deps: &Deps,
    client: &AuthenticatedClient,
    (subject, api, scopes): (&Subject, &Api, ScopeSet),
    now: OffsetDateTime,
) -> Result<Issued, Unavailable> {
    let times = AccessTokenTimes::new(now, client.record.client.profile.access_token_lifetime, None);
    access_token(deps, client, &Grant { api, scopes, times, authorization: None, subject }, now)
}

/// What an access token is made from.
struct Grant<'a> {
    api: &'a Api,
    scopes: ScopeSet,
    times: AccessTokenTimes,
    authorization: Option<&'a LiveAuthorization>,
    subject: &'a Subject,
}

impl Grant<'_> {
    /// The user, if it is for one.
    fn user(&self) -> Option<UserId> {
        match (self.authorization, self.subject) {
            (Some(live), _) => Some(live.user),
            (None, Subject::User(user)) => Some(*user),
            (None, _) => None,
        }
    }
}

fn access_token(deps: &Deps, client: &AuthenticatedClient, grant: &Grant<'_>, now: OffsetDateTime) -> Result<Issued, Unavailable> {
    let (access_token, stored) = match grant.api.token_form {
        TokenForm::AtJwt => (jwt(deps, client, grant, TokenType::AtJwt, now)?, None),
        TokenForm::PlainJwt => (jwt(deps, client, grant, TokenType::Jwt, now)?, None),
        TokenForm::Opaque => {
            let (text, row) = opaque(deps, client, grant, now)?;
            (text, Some(row))
        }
    };
    let app = &client.record.client;
    let workfront = app.profile.compat.workfront;
    let response = TokenResponse {
        access_token,
        token_type: if workfront { "sessionID" } else { "Bearer" }.to_owned(),
        expires_in: grant.times.expires_in,
        refresh_token: None,
        refresh_token_expires_in: None,
        scope: grant.scopes.to_string(),
        wid: workfront.then(|| app.org.to_string()),
    };
    Ok(Issued { response, stored })
}

fn jwt(deps: &Deps, client: &AuthenticatedClient, grant: &Grant<'_>, typ: TokenType, now: OffsetDateTime) -> Result<String, Unavailable> {
    let app = &client.record.client;
    let claims = AccessTokenClaims {
        iss: deps.policy.issuer.clone(),
        sub: match grant.subject {
            Subject::Client => app.client_id.clone(),
            Subject::TechnicalAccount(subject) => subject.clone(),
            Subject::User(user) => user.to_string(),
        },
        aud: grant.api.identifier.clone(),
        exp: grant.times.expires_at,
        iat: grant.times.issued_at,
        jti: deps.entropy.uuid(now).to_string(),
        client_id: app.client_id.clone(),
        scope: grant.scopes.to_string(),
        org: app.org,
        authz: grant.authorization.map(|live| live.id),
        cred: if grant.authorization.is_none() { client.credential } else { None },
        auth_time: grant.authorization.map(|live| live.auth_time.unix_timestamp()),
    };
    keys::sign(deps, grant.api.algorithm, typ, &claims).map_err(Unavailable::because)
}

fn opaque(deps: &Deps, client: &AuthenticatedClient, grant: &Grant<'_>, now: OffsetDateTime) -> Result<(String, AccessToken), Unavailable> {
    let instant = |seconds| OffsetDateTime::from_unix_timestamp(seconds).map_err(Unavailable::because);
    let minted = mint_opaque_access_token(deps.entropy.as_ref());
    let row = AccessToken {
        digest: minted.digest,
        id: deps.entropy.uuid(now),
        org: client.record.client.org,
        client: client.record.client.key,
        user: grant.user(),
        subject: match grant.subject {
            Subject::TechnicalAccount(subject) => Some(subject.clone()),
            Subject::Client | Subject::User(_) => None,
        },
        authorization: grant.authorization.map(|live| live.id),
        credential: if grant.authorization.is_none() { client.credential } else { None },
        scopes: grant.scopes.clone(),
        api: grant.api.identifier.clone(),
        auth_time: grant.authorization.map(|live| live.auth_time),
        issued_at: instant(grant.times.issued_at)?,
        expires_at: instant(grant.times.expires_at)?,
        revoked_at: None,
    };
    Ok((minted.value.expose().clone(), row))
}
