//! Assertions at the four doors: what is accepted, and what each door says about everything else.

mod checker;
mod clocks;
mod corpus;
mod doors;
mod exchanges;
mod migrated;
mod processes;
mod published;
mod replay;
mod service_client;

use grantor::model::client::{Client, ClientKind};
use grantor::model::membership::Role;
use grantor::model::policy::Policy;
use grantor::model::user::User;
use serde_json::{Map, Value, json};

use crate::kit::http::Answer;
use crate::kit::signer::{Pair, Signer};
use crate::kit::world::{App, ISSUER, World, policy};

const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const WORKFRONT: &str = "/integrations/oauth2/api/v1/jwt/exchange";
const IMS: &str = "/ims/exchange/jwt";

/// Where an assertion is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Client,
    Grant,
    Workfront,
    Ims,
}

pub(crate) const DOORS: [Door; 4] = [Door::Client, Door::Grant, Door::Workfront, Door::Ims];

impl Door {
    /// Status and error of an assertion that cannot be read, is signed by no key of the app, is out of date or was used before.
    const fn refusal(self) -> (u16, &'static str) {
        match self {
            Self::Client => (401, "invalid_client"),
            Self::Grant => (400, "invalid_grant"),
            Self::Workfront | Self::Ims => (400, "invalid_token"),
        }
    }

    /// The same for an app that has no assertions at all, or that proved nothing: the exchanges ask for its secret besides.
    const fn no_client(self) -> (u16, &'static str) {
        match self {
            Self::Grant => (400, "invalid_grant"),
            Self::Client | Self::Workfront | Self::Ims => (401, "invalid_client"),
        }
    }
}

/// A machine app with keys of every kind, and a person of its org.
#[derive(Clone)]
struct Machine {
    world: World,
    app: App,
    user: User,
}

impl Machine {
    async fn new() -> Self {
        Self::under(patient(), |_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Client)) -> Self {
        Self::under(patient(), change).await
    }

    async fn under(policy: Policy, change: impl FnOnce(&mut Client)) -> Self {
        let world = World::with(policy).await;
        let user = world.person(Role::Member).await;
        let app = world.app_with(ClientKind::M2m, change).await;
        for pair in [Pair::Rsa, Pair::P256, Pair::P384, Pair::Ed] {
            world.signer(&app, pair).await;
        }
        Self { world, app, user }
    }

    /// The second at which the clock stands.
    fn now(&self) -> i64 {
        self.world.now().unix_timestamp()
    }

    /// The claims that the door accepts, good for a minute; at the IMS door `jti` is a number, so it is left out if it is none.
    fn claims(&self, door: Door, jti: &str) -> Map<String, Value> {
        claims_for(&self.world, &self.app, &self.user.id.to_string(), door, jti)
    }

    /// A good assertion, signed with RSA.
    fn assertion(&self, door: Door, jti: &str) -> String {
        self.signed(door, jti, |_| ())
    }

    /// The same with other claims.
    fn signed(&self, door: Door, jti: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
        self.signed_by(Pair::Rsa.get(), door, jti, change)
    }

    fn signed_by(&self, signer: &Signer, door: Door, jti: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
        let mut claims = self.claims(door, jti);
        change(&mut claims);
        signer.assertion(&Value::Object(claims))
    }

    /// Shows an assertion at the door, with all else as it should be.
    async fn show(&self, door: Door, assertion: &str) -> Answer {
        show_at(&self.world, &self.app, door, assertion).await
    }
}

/// The claims that the door accepts of this app, good for a minute, with a `jti` that is a number at the IMS door; `user` is for whom Workfront's exchange is asked.
pub(crate) fn claims_for(world: &World, app: &App, user: &str, door: Door, jti: &str) -> Map<String, Value> {
    let (client, org, exp) = (&app.client_id, world.org.id.to_string(), world.now().unix_timestamp() + 60);
    let mut claims = match door {
        Door::Client | Door::Grant => json!({ "iss": client, "sub": client, "aud": ISSUER, "exp": exp, "jti": jti }),
        Door::Workfront => json!({ "iss": org, "sub": user, "exp": exp, "jti": jti }),
        Door::Ims => {
            json!({ "iss": org, "sub": client, "aud": format!("{ISSUER}/c/{client}"), "exp": exp, (metascope("projects:read")): true })
        }
    };
    if let (Door::Ims, Ok(number)) = (door, jti.parse::<u64>()) {
        claims["jti"] = json!(number);
    }
    claims.as_object().expect("an object").clone()
}

/// Shows an assertion at a door of this server.
pub(crate) async fn show_at(world: &World, app: &App, door: Door, assertion: &str) -> Answer {
    let secret = [("client_id", app.client_id.as_str()), ("client_secret", app.secret.as_str()), ("jwt_token", assertion)];
    match door {
        Door::Client => {
            let pairs = [
                ("grant_type", "client_credentials"),
                ("client_id", app.client_id.as_str()),
                ("client_assertion_type", CLIENT_ASSERTION_TYPE),
                ("client_assertion", assertion),
            ];
            world.post("/token", &pairs).await
        }
        Door::Grant => world.post("/token", &[("grant_type", JWT_BEARER), ("assertion", assertion)]).await,
        Door::Workfront => world.post(WORKFRONT, &secret).await,
        Door::Ims => world.post(IMS, &secret).await,
    }
}

/// The policy without a limit to failures: a corpus consists of them.
fn patient() -> Policy {
    let mut policy = policy();
    policy.limits.client_auth_failures_per_minute = 1_000_000;
    policy
}

/// The claim that stands for a scope at the IMS exchange.
fn metascope(name: &str) -> String {
    format!("{ISSUER}/s/{name}")
}

/// What introspection says of a token, asked by an app that may.
async fn introspected(world: &World, token: &str) -> Value {
    let inspector =
        world.app_with(ClientKind::M2m, |client| client.profile.scopes = std::iter::once("introspect".to_owned()).collect()).await;
    world.post_as("/introspect", Some(&crate::kit::http::basic(&inspector)), &[("token", token)]).await.expect(200).json()
}
