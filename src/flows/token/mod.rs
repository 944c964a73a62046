//! The token endpoint: a grant in, tokens out (RFC 6749 §5).
//!
//! Codes and refresh tokens take one of the guarded steps of `db::authorizations`: one round trip, one commit. Only when the
//! database says no are the facts loaded and `protocol::token` asked for the reason.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use time::OffsetDateTime;

use crate::db::authorizations::{self, Redemption, Rotation};
use crate::db::{self, Connection, PooledConnection, Together, audit_events};
use crate::flows::assertion::Profile;
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::clients::migrate::{Deprecated, deprecation};
use crate::flows::{Deps, Error, Unavailable, revocation};
use crate::model::audit::{AuditEvent, Origin};
use crate::model::authorization::{Authorization, EndCause, LiveAuthorization};
use crate::model::ids::AuditEventId;
use crate::model::refusal::Refusal;
use crate::model::scope::ScopeSet;
use crate::protocol::token::check_grant;
use crate::secret::Secret;
use crate::wire::token::{TokenRequest, TokenResponse};

pub(in crate::flows) mod authorization_code;
mod client_credentials;
pub(in crate::flows) mod issue;
mod jwt_bearer;
mod password;
mod refresh_token;

/// How often a request that keeps losing races asks again before it answers 503.
const ROUNDS: usize = 8;

/// An answer, and whether what the client showed for it is on its way out.
#[derive(Debug)]
pub struct Granted {
    /// The tokens.
    pub response: TokenResponse,
    /// For the headers that tell of it (RFC 9745, RFC 8594).
    pub deprecated: Option<Deprecated>,
}

/// Serves a JWT bearer request that comes without client authentication: the assertion alone says and proves whose it is.
pub async fn issue_for_assertion(
    deps: &Deps,
    client_id: Option<&str>,
    (assertion, scope, resource): (&Secret<String>, Option<&str>, Option<&str>),
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<Granted, Error> {
    jwt_bearer::grant_alone(deps, client_id, assertion, (scope, resource), ip, now).await
}

/// Serves a token request of an authenticated client.
pub async fn issue_token(deps: &Deps, client: &AuthenticatedClient, request: TokenRequest, now: OffsetDateTime) -> Result<Granted, Error> {
    let grant = request.grant_type();
    check_grant(client.record.client.kind, grant)?;
    // What waits for the database is boxed, so that a request which does not is small enough to be moved about cheaply.
    let response = match request {
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier } => {
            let sent = authorization_code::Sent { code: &code, redirect_uri: redirect_uri.as_deref(), verifier: code_verifier.as_ref() };
            Box::pin(authorization_code::redeem(deps, client, sent, now)).await?
        }
        TokenRequest::RefreshToken { refresh_token, scope } => {
            Box::pin(refresh_token::refresh(deps, client, &refresh_token, scope.as_deref(), now)).await?
        }
        TokenRequest::ClientCredentials { scope, resource } => {
            client_credentials::grant(deps, client, scope.as_deref(), resource.as_deref(), now).await?
        }
        TokenRequest::Password { username, password, scope, resource } => {
            let sent = password::Sent { username: &username, password: &password, scope: scope.as_deref(), resource: resource.as_deref() };
            Box::pin(password::grant(deps, client, sent, now)).await?
        }
        // The assertion's own flow notes what was issued and with which key; here, with what the client proved itself besides.
        TokenRequest::JwtBearer { assertion, scope, resource } => {
            let asked = (scope.as_deref(), resource.as_deref());
            let outcome = Box::pin(jwt_bearer::grant(deps, Some(client.record.clone()), &assertion, asked, now)).await;
            let granted = outcome.map_err(|problem| problem.at(deps, Profile::JwtBearer))?;
            client.note_token(deps, grant, now);
            return Ok(granted.or_since(deprecation(deps, client)));
        }
    };
    client.note_token(deps, grant, now);
    deps.last_use.record_client(client.record.client.key, now);
    metrics::counter!("grantor_tokens_issued_total", "grant_type" => grant.as_str()).increment(1);
    Ok(Granted { response, deprecated: deprecation(deps, client) })
}

impl Granted {
    /// The same; what else was shown for it may be on its way out too.
    pub(in crate::flows) fn or_since(self, other: Option<Deprecated>) -> Self {
        Self { deprecated: self.deprecated.or(other), ..self }
    }
}

/// One guarded step of an authorization.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Redeem(Redemption<'a>),
    Rotate(Rotation<'a>),
    Touch(Rotation<'a>),
}

impl Step<'_> {
    async fn run(&self, connection: &mut Connection) -> Result<Option<LiveAuthorization>, db::Error> {
        match self {
            Self::Redeem(code) => authorizations::redeem(connection, code).await,
            Self::Rotate(token) => authorizations::rotate(connection, token).await,
            Self::Touch(token) => authorizations::touch(connection, token).await,
        }
    }
}

/// A request that tries to take a step of an authorization.
struct Attempt<'a> {
    deps: &'a Deps,
    client: &'a AuthenticatedClient,
    /// The scope that its access token is asked for.
    asked: Option<&'a ScopeSet>,
    now: OffsetDateTime,
    /// Whether an answer of the database was lost, so that the step may have happened unknown to us.
    repeated: bool,
}

impl<'a> Attempt<'a> {
    const fn new(deps: &'a Deps, client: &'a AuthenticatedClient, asked: Option<&'a ScopeSet>, now: OffsetDateTime) -> Self {
        Self { deps, client, asked, now, repeated: false }
    }

    /// Takes `step`, with what other requests ask at this moment where its kind is asked together, and issues for it; `None` when
    /// the facts must be asked.
    async fn first(&mut self, step: Step<'_>) -> Result<Option<TokenResponse>, Error> {
        let db = &self.deps.db;
        let together = match step {
            _ if issue::may_store(&self.deps.policy, self.client) => return self.alone(step).await,
            Step::Touch(_) => return self.alone(step).await,
            Step::Redeem(code) => authorizations::redeem_together(db, &code).await?,
            Step::Rotate(token) => authorizations::rotate_together(db, &token).await?,
        };
        match together {
            Together::Answered(live) => self.answer(&live).await.map(Some),
            Together::Alone { lost } => {
                self.repeated |= lost;
                Ok(None)
            }
        }
    }

    /// Takes `step` and issues for it; `None` when the guard said no. Where an access token must be stored, both stand in one
    /// transaction; else the step alone is one round trip.
    async fn alone(&mut self, step: Step<'_>) -> Result<Option<TokenResponse>, Error> {
        if issue::may_store(&self.deps.policy, self.client) {
            let mut transaction = self.deps.db.begin().await?;
            let Some(live) = step.run(&mut transaction).await? else { return Ok(None) };
            let issued = issue::for_user(self.deps, self.client, &live, self.asked, self.now)?;
            issued.store(&mut transaction).await?;
            transaction.commit().await?;
            return Ok(Some(issued.response));
        }
        let lost = &AtomicBool::new(false);
        let run = |mut connection: PooledConnection| async move {
            let outcome = step.run(&mut connection).await;
            lost.fetch_or(matches!(outcome, Err(db::Error::Disconnected(_))), Ordering::Relaxed);
            outcome
        };
        let live = self.deps.db.statement(run).await?;
        self.repeated |= lost.load(Ordering::Relaxed);
        let Some(live) = live else { return Ok(None) };
        self.answer(&live).await.map(Some)
    }

    /// Answers for an authorization that this request leaves as it is, or has moved on already.
    async fn answer(&self, live: &LiveAuthorization) -> Result<TokenResponse, Error> {
        let issued = issue::for_user(self.deps, self.client, live, self.asked, self.now)?;
        issued.store_alone(self.deps).await?;
        Ok(issued.response)
    }
}

/// Ends the family with its entry in the audit trail, commits, and only then refuses.
async fn end_family(
    deps: &Deps,
    client: &AuthenticatedClient,
    authorization: &Authorization,
    (cause, refusal): (EndCause, Refusal),
    now: OffsetDateTime,
) -> Result<Refusal, Error> {
    let action = match cause {
        EndCause::CodeReplay => "authorization.code_replay",
        EndCause::CodeMismatch => "authorization.code_mismatch",
        _ => "authorization.reuse",
    };
    let mut transaction = deps.db.begin().await?;
    if authorizations::end(&mut transaction, authorization.id, cause, now).await? {
        let detail = serde_json::json!({ "cause": refusal.cause, "generation": authorization.generation });
        record(deps, &mut transaction, client, authorization, (action, detail), now).await?;
    }
    revocation::commit(deps, transaction).await?;
    tracing::warn!(authorization = %authorization.id, client_id = client.record.client.client_id, cause = cause.as_str(), "authorization ended");
    metrics::counter!("grantor_authorizations_ended_total", "cause" => cause.as_str()).increment(1);
    Ok(refusal)
}

/// Writes a security event about `authorization`.
async fn record(
    deps: &Deps,
    connection: &mut Connection,
    client: &AuthenticatedClient,
    authorization: &Authorization,
    (action, detail): (&'static str, serde_json::Value),
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let app = &client.record.client;
    let event = AuditEvent {
        org: Some(authorization.org),
        origin: Origin::of_client(app, &client.whence),
        action,
        target_kind: "authorization",
        target_id: Some(authorization.id.to_string()),
        detail,
    };
    audit_events::insert(connection, AuditEventId(deps.entropy.uuid(now)), now, &event).await
}

/// The API must be configured. That it is not is our trouble: nothing is consumed, nobody is logged out.
fn check_api(deps: &Deps, authorization: &Authorization) -> Result<(), Unavailable> {
    match deps.policy.api(&authorization.api) {
        Some(_) => Ok(()),
        None => Err(Unavailable::because(format_args!("authorization {} is for an API that is not configured", authorization.id))),
    }
}

/// The identifiers of the configured APIs.
fn api_identifiers(deps: &Deps) -> Vec<&str> {
    deps.policy.apis.iter().map(|api| api.identifier.as_str()).collect()
}
