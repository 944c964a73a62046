//! The token grants through their flow, on the real database with a frozen clock: `POST /token` behind client authentication.

mod client_credentials;
mod code;
mod guard;
mod issued;
mod last_use;
mod limits;
mod password;
mod races;
mod refresh;
mod replay;
mod together;
mod trouble;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use grantor::crypto::token::digest;
use grantor::db;
use grantor::db::authorizations::NewAuthorization;
use grantor::flows::Error;
use grantor::flows::client_auth::AuthenticatedClient;
use grantor::flows::token::issue_token;
use grantor::model::authorization::{AuthorizationFacts, EndCause};
use grantor::model::client::{Client, ClientKind};
use grantor::model::ids::AuthorizationId;
use grantor::model::membership::Role;
use grantor::model::policy::Policy;
use grantor::model::refusal::Refusal;
use grantor::model::user::User;
use grantor::wire::token::{TokenRequest, TokenResponse};
use grantor::wire::{AuthMethod, ErrorCode};
use time::Duration;

use crate::kit::world::{API, App, CALLBACK, World, policy};

/// A verifier, and with [`challenge`] a pair.
const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters";

/// One app, one person, and what they do with each other.
struct Party {
    world: World,
    app: App,
    user: User,
}

/// A code with the id of its authorization.
struct Code {
    id: AuthorizationId,
    text: String,
}

impl Party {
    /// A web app with rotation, a retry window of 30 s, an absolute limit of 180 d and an idle limit of 30 d.
    async fn new() -> Self {
        Self::with(ClientKind::Web, |_| ()).await
    }

    async fn with(kind: ClientKind, change: impl FnOnce(&mut Client)) -> Self {
        Self::under(policy(), kind, change).await
    }

    async fn under(policy: Policy, kind: ClientKind, change: impl FnOnce(&mut Client)) -> Self {
        let world = World::with(policy).await;
        let user = world.person(Role::Member).await;
        let app = world.app_with(kind, change).await;
        Self { world, app, user }
    }

    /// The app, authenticated, as its record stands now.
    async fn client(&self) -> AuthenticatedClient {
        authenticated(&self.world, &self.app).await
    }

    /// What `/authorize` leaves behind: an approved authorization with its code, bound to [`CALLBACK`] and [`VERIFIER`].
    async fn approve(&self) -> Code {
        self.approve_with(|_| ()).await
    }

    async fn approve_with(&self, change: impl FnOnce(&mut NewAuthorization)) -> Code {
        let now = self.world.now();
        let mut new = NewAuthorization {
            id: AuthorizationId(self.world.deps.entropy.uuid(now)),
            org: self.world.org.id,
            client: self.app.key,
            user: self.user.id,
            offline: true,
            scopes: ["projects:read", "projects:write"].into_iter().map(str::to_owned).collect(),
            api: API.to_owned(),
            auth_time: now - Duration::minutes(5),
            created_at: now,
            redirect_uri: CALLBACK.to_owned(),
            code_challenge: Some(challenge(VERIFIER)),
            code_expires_at: now + Duration::seconds(60),
            nonce: None,
        };
        change(&mut new);
        let mut connection = self.world.deps.db.acquire().await.expect("a connection");
        db::authorizations::insert(&mut connection, &new).await.expect("an authorization is stored");
        Code { id: new.id, text: self.world.deps.sealer.code(new.id).expose().clone() }
    }

    async fn redeem(&self, code: &Code) -> Result<TokenResponse, Error> {
        ask(&self.world, &self.client().await, code_request(&code.text)).await
    }

    /// Approves and redeems.
    async fn connect(&self) -> (AuthorizationId, TokenResponse) {
        let code = self.approve().await;
        (code.id, self.redeem(&code).await.expect("a fresh code is redeemed"))
    }

    async fn refresh(&self, token: &str) -> Result<TokenResponse, Error> {
        ask(&self.world, &self.client().await, refresh_request(token, None)).await
    }

    async fn refresh_narrowed(&self, token: &str, scope: &str) -> Result<TokenResponse, Error> {
        ask(&self.world, &self.client().await, refresh_request(token, Some(scope))).await
    }

    async fn facts(&self, id: AuthorizationId) -> AuthorizationFacts {
        let mut connection = self.world.deps.db.acquire().await.expect("a connection");
        db::authorizations::find_facts_by_id(&mut connection, id).await.expect("the row is read").expect("the row exists")
    }

    async fn end_cause(&self, id: AuthorizationId) -> Option<EndCause> {
        self.facts(id).await.authorization.end.map(|end| end.cause)
    }

    /// Connections of nobody else's.
    async fn database_pool(&self) -> sqlx::PgPool {
        self.world.database.pool().await
    }

    /// Changes the app as its admin would.
    async fn change(&self, change: impl FnOnce(&mut Client)) {
        let mut client = self.world.record(&self.app).await.client;
        change(&mut client);
        client.version += 1;
        let mut connection = self.world.deps.db.acquire().await.expect("a connection");
        assert!(db::clients::update(&mut connection, &client).await.expect("the app is stored"), "nobody else changed the app");
    }
}

async fn authenticated(world: &World, app: &App) -> AuthenticatedClient {
    let record = Arc::new(world.record(app).await);
    let credential = record.credentials.first().map(|credential| credential.id);
    let method = if credential.is_some() { AuthMethod::ClientSecretBasic } else { AuthMethod::None };
    AuthenticatedClient { record, credential, method, whence: grantor::model::audit::Whence::default() }
}

async fn ask(world: &World, client: &AuthenticatedClient, request: TokenRequest) -> Result<TokenResponse, Error> {
    issue_token(&world.deps, client, request, world.now()).await.map(|granted| granted.response)
}

fn code_request(code: &str) -> TokenRequest {
    TokenRequest::AuthorizationCode { code: code.into(), redirect_uri: Some(CALLBACK.to_owned()), code_verifier: Some(VERIFIER.into()) }
}

fn refresh_request(token: &str, scope: Option<&str>) -> TokenRequest {
    TokenRequest::RefreshToken { refresh_token: token.into(), scope: scope.map(str::to_owned) }
}

fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(verifier).as_bytes())
}

/// The policy without opaque tokens: every grant then takes the path of one statement.
fn jwt_policy() -> Policy {
    let mut policy = policy();
    policy.apis.retain(|api| api.token_form != grantor::model::api::TokenForm::Opaque);
    policy
}

fn refresh_token(response: &TokenResponse) -> String {
    response.refresh_token.clone().expect("a refresh token was issued")
}

/// The refusal, which must be there.
fn refused(outcome: Result<TokenResponse, Error>) -> Refusal {
    match outcome {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The one answer to tokens that do not work; returns the cause kept for the owner.
fn invalid_grant(outcome: Result<TokenResponse, Error>) -> &'static str {
    let refusal = refused(outcome);
    assert_eq!(refusal.error, ErrorCode::InvalidGrant, "{refusal:?}");
    assert_eq!(refusal.description, "The code or refresh token is invalid, expired or revoked.");
    refusal.cause
}
