//! Codes and token families without the way through login and consent, for tests that are about what comes after.

use grantor::db;
use grantor::db::authorizations::NewAuthorization;
use grantor::model::ids::AuthorizationId;
use grantor::model::user::User;
use serde_json::Value;

use crate::kit::http::{Answer, pkce};
use crate::kit::world::{API, App, CALLBACK, World};

impl World {
    /// A code for `app` as `user` would have approved it, bound to the challenge of [`pkce`].
    pub(crate) async fn approved(&self, app: &App, user: &User) -> String {
        self.approved_for(app, user, API, "projects:read").await
    }

    /// The same for one scope of any API.
    pub(crate) async fn approved_for(&self, app: &App, user: &User, api: &str, scope: &str) -> String {
        let (now, (_, challenge)) = (self.now(), pkce());
        let new = NewAuthorization {
            id: AuthorizationId(self.deps.entropy.uuid(now)),
            org: self.org.id,
            client: app.key,
            user: user.id,
            offline: true,
            scopes: std::iter::once(scope.to_owned()).collect(),
            api: api.to_owned(),
            auth_time: now,
            created_at: now,
            redirect_uri: CALLBACK.to_owned(),
            code_challenge: Some(challenge),
            code_expires_at: now + self.deps.policy.lifetimes.code,
            nonce: None,
        };
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        db::authorizations::insert(&mut connection, &new).await.expect("an authorization is stored");
        self.deps.sealer.code(new.id).expose().clone()
    }

    /// Redeems a code of [`Self::approved`].
    pub(crate) async fn redeem(&self, app: &App, code: &str) -> Answer {
        let (verifier, _) = pkce();
        let pairs = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
        self.token(app, &pairs).await
    }

    /// The token answer that begins a new family.
    pub(crate) async fn family(&self, app: &App, user: &User) -> Value {
        let code = self.approved(app, user).await;
        self.redeem(app, &code).await.expect(200).json()
    }
}

/// The refresh token of a token answer.
pub(crate) fn refresh_token(answer: &Value) -> String {
    answer["refresh_token"].as_str().unwrap_or_else(|| panic!("no refresh token in {answer}")).to_owned()
}

/// The access token of a token answer.
pub(crate) fn access_token(answer: &Value) -> String {
    answer["access_token"].as_str().unwrap_or_else(|| panic!("no access token in {answer}")).to_owned()
}
