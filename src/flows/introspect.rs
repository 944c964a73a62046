//! Introspection (RFC 7662): what a token is worth at this moment, and who may ask.
//!
//! A token found alive is remembered until anything is revoked anywhere (see [`crate::flows::revocation`]), so that asking
//! again costs neither a signature check nor a query. What a caller may see of it is decided anew each time (L10).

use std::net::IpAddr;
use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::crypto::token::digest;
use crate::db::access_tokens::{self, Ground, Standing};
use crate::db::authorizations;
use crate::flows::client_auth::{AuthenticatedClient, PresentedCredentials, authenticate, authenticate_api};
use crate::flows::{Deps, Error, keys};
use crate::model::authorization::AuthorizationFacts;
use crate::model::ids::{AuthorizationId, ClientKey, CredentialId, OrgId, UserId};
use crate::model::refusal::Refusal;
use crate::model::scope::ScopeSet;
use crate::protocol::token::lifetimes;
use crate::secret::{Digest, Secret};
use crate::wire::introspection::IntrospectionResponse;
use crate::wire::{AuthMethod, ErrorCode};

/// The scope of the management API that lets an app introspect.
pub const INTROSPECT: &str = "introspect";
/// Prefix of opaque access tokens (design: strings a client sees).
const OPAQUE: &str = "gra_";

/// An access token that was alive when last looked at.
#[derive(Debug, Clone)]
pub struct LiveToken {
    /// What introspection says about it.
    pub response: Arc<IntrospectionResponse>,
    /// The org of its client.
    pub org: OrgId,
    /// Its client.
    pub client: ClientKey,
    /// What it may do.
    pub scopes: ScopeSet,
    /// For which API.
    pub api: String,
    /// The authorization it was issued under, when it acts for a user.
    pub authorization: Option<AuthorizationId>,
    /// The credential it was issued for.
    pub credential: Option<CredentialId>,
    /// From when on it is dead in any case.
    pub until: OffsetDateTime,
}

/// Who asks, and what he may see.
#[derive(Debug, Clone)]
pub enum Caller {
    /// An app sees the tokens of its own org, also when it is the operator's.
    App {
        /// Itself.
        client: ClientKey,
        /// Its org.
        org: OrgId,
    },
    /// A resource server sees the access tokens whose audience it is, of every org (L9).
    Api(String),
}

impl Caller {
    /// An API with its introspection secret, or a confidential app whose registered scopes include `introspect`.
    pub async fn by_credentials(
        deps: &Deps,
        presented: &PresentedCredentials,
        ip: Option<IpAddr>,
        now: OffsetDateTime,
    ) -> Result<Self, Error> {
        if let Some(api) = authenticate_api(deps, presented, ip)? {
            return Ok(Self::Api(api.identifier.clone()));
        }
        let AuthenticatedClient { record, credential, method, .. } = authenticate(deps, presented, ip, now).await?;
        let client = &record.client;
        if method == AuthMethod::None {
            return Err(Refusal::new(ErrorCode::InvalidClient, "Introspection needs an app with a secret or a key.").into());
        }
        if !client.profile.scopes.contains(INTROSPECT) {
            return Err(Refusal::new(ErrorCode::UnauthorizedClient, "The app is not registered for the scope introspect.").into());
        }
        if let Some(credential) = credential {
            deps.last_use.record_credential(credential, None, now);
        }
        Ok(Self::App { client: client.key, org: client.org })
    }

    /// Whoever holds an access token of the management API with the scope `introspect` (RFC 6750).
    pub async fn by_token(deps: &Deps, token: &Secret<String>, now: OffsetDateTime) -> Result<Self, Error> {
        let live = bearer(deps, token, INTROSPECT, now).await?;
        Ok(Self::App { client: live.client, org: live.org })
    }

    /// The same for a token in a `sessionID` header, which counts only for an app with the switch for clients of Workfront (R17).
    pub async fn by_session_id(deps: &Deps, token: &Secret<String>, now: OffsetDateTime) -> Result<Self, Error> {
        let live = bearer(deps, token, INTROSPECT, now).await?;
        let record = deps.clients.get_by_key(deps, live.client).await?;
        if record.is_none_or(|record| !record.client.profile.compat.workfront) {
            return Err(no_token().into());
        }
        Ok(Self::App { client: live.client, org: live.org })
    }

    fn may_see(&self, live: &LiveToken) -> bool {
        match self {
            Self::App { org, .. } => live.org == *org,
            Self::Api(identifier) => live.api == *identifier,
        }
    }
}

/// The living token of a request to the management API, if it carries `scope` (K10).
pub async fn bearer(deps: &Deps, token: &Secret<String>, scope: &str, now: OffsetDateTime) -> Result<Arc<LiveToken>, Error> {
    let live = examine(deps, token.expose(), now).await?.filter(|live| live.api == deps.policy.management_api());
    let live = live.ok_or(no_token())?;
    if !live.scopes.contains(scope) {
        return Err(Refusal::new(ErrorCode::InsufficientScope, "The access token lacks the scope of this operation.").into());
    }
    Ok(live)
}

const fn no_token() -> Refusal {
    Refusal::new(ErrorCode::InvalidToken, "The access token is unknown, expired, revoked or for another API.")
}

/// Answers `caller` about `token`. Unknown, expired, revoked and foreign tokens read the same (L8).
pub async fn introspect(deps: &Deps, caller: &Caller, token: &str, now: OffsetDateTime) -> Result<Arc<IntrospectionResponse>, Error> {
    if let Some((id, generation)) = deps.sealer.open_refresh_token(token) {
        return Ok(match caller {
            Caller::App { client, .. } => Arc::new(Box::pin(of_refresh_token(deps, *client, id, generation, now)).await?),
            Caller::Api(_) => Arc::default(),
        });
    }
    let live = examine(deps, token, now).await?.filter(|live| caller.may_see(live));
    Ok(live.map_or_else(Arc::default, |live| Arc::clone(&live.response)))
}

/// The access token, if it is alive at `now`.
pub async fn examine(deps: &Deps, token: &str, now: OffsetDateTime) -> Result<Option<Arc<LiveToken>>, Error> {
    let fingerprint = digest(token);
    if let Some(live) = deps.revocations.find_live(deps, &fingerprint).filter(|live| now < live.until) {
        return Ok(Some(live));
    }
    // Boxed, so that a request which finds its token here is small.
    Box::pin(look_up(deps, token, fingerprint, now)).await
}

/// The same, whatever is remembered.
async fn look_up(deps: &Deps, token: &str, fingerprint: Digest, now: OffsetDateTime) -> Result<Option<Arc<LiveToken>>, Error> {
    let (epoch, read_at) = (deps.revocations.epoch(), deps.clock.now());
    let found = if token.starts_with(OPAQUE) { opaque(deps, &fingerprint, now).await? } else { jwt(deps, token, fingerprint, now).await? };
    let Some(live) = found.map(Arc::new) else { return Ok(None) };
    deps.revocations.remember(epoch, fingerprint, Arc::clone(&live), read_at);
    Ok(Some(live))
}

/// What a token says about itself, whatever its form.
struct Said {
    jti: Uuid,
    client_id: String,
    sub: String,
    api: String,
    scopes: ScopeSet,
    issued_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    authorization: Option<AuthorizationId>,
    credential: Option<CredentialId>,
}

async fn jwt(deps: &Deps, token: &str, fingerprint: Digest, now: OffsetDateTime) -> Result<Option<LiveToken>, Error> {
    let Some(verified) = keys::verify(deps, token, fingerprint, now).await? else { return Ok(None) };
    let claims = verified.claims;
    let said = (|| {
        Some(Said {
            jti: claims.jti.parse().ok()?,
            client_id: claims.client_id,
            sub: claims.sub,
            api: claims.aud,
            scopes: ScopeSet::parse(&claims.scope).ok()?,
            issued_at: OffsetDateTime::from_unix_timestamp(claims.iat).ok()?,
            expires_at: OffsetDateTime::from_unix_timestamp(claims.exp).ok()?,
            authorization: claims.authz,
            credential: claims.cred,
        })
    })();
    match said.filter(|said| claims.iss == deps.policy.issuer && now < said.expires_at) {
        Some(said) => judge(deps, said, now).await,
        None => Ok(None),
    }
}

async fn opaque(deps: &Deps, fingerprint: &Digest, now: OffsetDateTime) -> Result<Option<LiveToken>, Error> {
    let row = deps.db.statement(|mut connection| async move { access_tokens::find_by_digest(&mut connection, fingerprint).await }).await?;
    let Some(row) = row.filter(|row| row.revoked_at.is_none() && now < row.expires_at) else { return Ok(None) };
    let Some(record) = deps.clients.get_by_key(deps, row.client).await? else { return Ok(None) };
    let client_id = record.client.client_id.clone();
    let said = Said {
        jti: row.id,
        sub: row.user.map(|user| user.to_string()).or(row.subject).unwrap_or_else(|| client_id.clone()),
        client_id,
        api: row.api,
        scopes: row.scopes,
        issued_at: row.issued_at,
        expires_at: row.expires_at,
        authorization: row.authorization,
        credential: row.credential,
    };
    judge(deps, said, now).await
}

/// Whether all that the token depends on still stands.
async fn judge(deps: &Deps, said: Said, now: OffsetDateTime) -> Result<Option<LiveToken>, Error> {
    let Some(record) = deps.clients.get(deps, &said.client_id).await?.filter(|record| record.is_enabled()) else { return Ok(None) };
    let Said { jti, expires_at, authorization, credential, .. } = said;
    // A subject that has the form of a row id is a user: client ids and technical accounts look different.
    let user = said.sub.parse::<UserId>().ok().filter(|_| authorization.is_none()).map(|user| (user, record.client.org));
    let revoked_keys_count = deps.policy.assertions.revoked_keys_end_tokens;
    let ground = Ground { jti, expires_at, authorization, credential, revoked_keys_count, user };
    let Standing { facts, revoked } = access_tokens::find_standing(&deps.db, ground).await?;
    let alive = said.authorization.is_none() || facts.as_ref().is_some_and(|facts| lifetimes::is_live(facts, now));
    if revoked || !alive {
        return Ok(None);
    }
    let end = facts.as_ref().and_then(|facts| lifetimes::Ends::of(&facts.authorization, &facts.policy).absolute);
    let client = &record.client;
    Ok(Some(LiveToken {
        response: Arc::new(response(deps, &said, client.org)),
        org: client.org,
        client: client.key,
        until: end.map_or(said.expires_at, |end| end.min(said.expires_at)),
        scopes: said.scopes,
        api: said.api,
        authorization: said.authorization,
        credential: said.credential,
    }))
}

/// When the newest refresh token ends by time, unless it is used before.
fn end_of(facts: &AuthorizationFacts) -> Option<OffsetDateTime> {
    let ends = lifetimes::Ends::of(&facts.authorization, &facts.policy);
    [ends.idle, ends.absolute].into_iter().flatten().min()
}

fn response(deps: &Deps, said: &Said, org: OrgId) -> IntrospectionResponse {
    IntrospectionResponse {
        active: true,
        scope: Some(said.scopes.to_string()),
        client_id: Some(said.client_id.clone()),
        sub: Some(said.sub.clone()),
        aud: Some(said.api.clone()),
        iss: Some(deps.policy.issuer.clone()),
        exp: Some(said.expires_at.unix_timestamp()),
        iat: Some(said.issued_at.unix_timestamp()),
        jti: Some(said.jti.to_string()),
        token_type: Some("Bearer".to_owned()),
        org: Some(org.to_string()),
    }
}

/// A refresh token is nobody's business but its own client's (L11); never remembered.
async fn of_refresh_token(
    deps: &Deps,
    caller: ClientKey,
    id: AuthorizationId,
    generation: i32,
    now: OffsetDateTime,
) -> Result<IntrospectionResponse, Error> {
    let facts = deps.db.statement(|mut connection| async move { authorizations::find_facts_by_id(&mut connection, id).await }).await?;
    let own = |facts: &AuthorizationFacts| {
        let row = &facts.authorization;
        row.client == caller && row.generation == generation && lifetimes::is_refreshable(facts, now)
    };
    let Some(facts) = facts.filter(own) else { return Ok(IntrospectionResponse::default()) };
    let record = deps.clients.get_by_key(deps, caller).await?;
    Ok(IntrospectionResponse {
        active: true,
        scope: Some(facts.authorization.scopes.to_string()),
        client_id: record.map(|record| record.client.client_id.clone()),
        sub: Some(facts.authorization.user.to_string()),
        iss: Some(deps.policy.issuer.clone()),
        exp: end_of(&facts).map(OffsetDateTime::unix_timestamp),
        org: Some(facts.authorization.org.to_string()),
        ..IntrospectionResponse::default()
    })
}
