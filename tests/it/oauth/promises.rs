//! A3: what the metadata lists works, each item once for real; what it does not list is refused.

use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::kit::browser::{Browser, authorize_url, parameter};
use crate::kit::grants::refresh_token;
use crate::kit::http::{Answer, basic, pkce};
use crate::kit::signer::Pair;
use crate::kit::world::{App, CALLBACK, ISSUER, PASSWORD, World, policy};
use crate::oauth::{MACHINE, may_introspect, request};

const METADATA: &str = "/.well-known/oauth-authorization-server";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const PAIRS: [Pair; 4] = [Pair::Rsa, Pair::P256, Pair::P384, Pair::Ed];

/// A server, what it says of itself, and apps that may do all that it lists.
struct Promises {
    world: World,
    json: Value,
    web: App,
    spa: App,
    machine: App,
}

impl Promises {
    async fn read() -> Self {
        let mut patient = policy();
        patient.limits.client_auth_failures_per_minute = 1_000_000;
        let world = World::with(patient).await;
        world.person(Role::Member).await;
        let web = world.app_with(ClientKind::Web, |client| client.profile.allow_password_grant = true).await;
        let spa = world.app(ClientKind::Spa).await;
        let machine = world.app_with(ClientKind::M2m, may_introspect).await;
        for pair in PAIRS {
            world.signer(&machine, pair).await;
        }
        let json = world.get(METADATA).await.expect(200).json();
        Self { world, json, web, spa, machine }
    }

    fn list(&self, member: &str) -> Vec<String> {
        let items = self.json[member].as_array().unwrap_or_else(|| panic!("no {member}"));
        items.iter().map(|item| item.as_str().expect("text").to_owned()).collect()
    }

    fn path(&self, member: &str) -> String {
        self.json[member].as_str().and_then(|url| url.strip_prefix(ISSUER)).expect("a URL of ours").to_owned()
    }

    /// What a person's approval brings at the listed authorization endpoint.
    async fn code(&self, changes: &[(&str, &str)]) -> String {
        let (_, challenge) = pkce();
        let mut pairs = vec![
            ("client_id", self.web.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        let url = authorize_url(&pairs).replace("/authorize", &self.path("authorization_endpoint"));
        Browser::new(&self.world).approve(&url, "member@acme.test").await
    }

    async fn redeemed(&self) -> Value {
        let left = self.code(&[]).await;
        assert_eq!(parameter(&left, "iss").as_deref(), Some(ISSUER));
        let (code, (verifier, _)) = (parameter(&left, "code").expect("a code"), pkce());
        let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
        self.world.token(&self.web, &pairs).await.expect(200).json()
    }

    fn claims(&self, jti: &str) -> Value {
        let id = self.machine.client_id.as_str();
        json!({ "iss": id, "sub": id, "aud": ISSUER, "exp": self.world.now().unix_timestamp() + 60, "jti": jti })
    }

    /// A request of the machine app that proves itself with an assertion.
    async fn by_assertion(&self, path: &str, assertion: &str, pairs: &[(&str, &str)]) -> Answer {
        let proof =
            [("client_id", self.machine.client_id.as_str()), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
        self.world.post(path, &[&proof, pairs].concat()).await
    }

    /// A request at an endpoint with a method of client authentication by its name.
    async fn by_method(&self, endpoint: &str, method: &str) -> Answer {
        let path = self.path(&format!("{endpoint}_endpoint"));
        let own: &[(&str, &str)] = if endpoint == "token" { &MACHINE } else { &[("token", "x")] };
        let (id, secret) = (("client_id", self.machine.client_id.as_str()), ("client_secret", self.machine.secret.as_str()));
        match method {
            "client_secret_basic" => self.world.post_as(&path, Some(&basic(&self.machine)), own).await,
            "client_secret_post" => self.world.post(&path, &[&[id, secret], own].concat()).await,
            "private_key_jwt" => {
                let assertion = Pair::P256.get().assertion(&self.claims(&format!("{endpoint} method")));
                self.by_assertion(&path, &assertion, own).await
            }
            // A public client has no client credentials, so at the token endpoint it shows a refresh token.
            "none" => {
                let refresh = refresh_token(&self.world.tokens(&self.spa, "member@acme.test").await);
                let refreshing = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
                let own = if endpoint == "token" { &refreshing[..] } else { own };
                self.world.post(&path, &[&[("client_id", self.spa.client_id.as_str())], own].concat()).await
            }
            "client_secret_jwt" => {
                let input = format!(
                    "{}.{}",
                    BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#),
                    BASE64_URL_SAFE_NO_PAD.encode(self.claims(endpoint).to_string())
                );
                let mut mac = Hmac::<Sha256>::new_from_slice(self.machine.secret.as_bytes()).expect("any key");
                mac.update(input.as_bytes());
                let assertion = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
                self.by_assertion(&path, &assertion, own).await
            }
            other => panic!("say here how {other} is done"),
        }
    }
}

#[tokio::test]
async fn a3_every_listed_endpoint_answers() {
    let promises = Promises::read().await;
    let members = promises.json.as_object().expect("an object");
    for member in members.keys().filter(|name| name.ends_with("_endpoint") || *name == "jwks_uri") {
        let path = promises.path(member);
        match member.as_str() {
            "authorization_endpoint" => assert!(parameter(&promises.code(&[]).await, "code").is_some()),
            "jwks_uri" => assert!(promises.world.get(&path).await.expect(200).json()["keys"].is_array()),
            "token_endpoint" => drop(promises.by_method("token", "client_secret_basic").await.expect(200)),
            "revocation_endpoint" => drop(promises.by_method("revocation", "client_secret_basic").await.expect(200)),
            "introspection_endpoint" => {
                let answer = promises.by_method("introspection", "client_secret_basic").await.expect(200);
                assert_eq!(answer.json()["active"], false);
            }
            other => panic!("say here how {other} is used"),
        }
        let options = request(&promises.world, Method::PUT, &path, &[], "").await;
        assert_eq!(options.status, 405, "{member}");
    }
}

#[tokio::test]
async fn a3_every_listed_grant_brings_a_token_and_no_other_does() {
    let promises = Promises::read().await;
    let (world, listed) = (&promises.world, promises.list("grant_types_supported"));
    for grant in &listed {
        let answer = match grant.as_str() {
            "authorization_code" => promises.redeemed().await,
            "refresh_token" => {
                let token = refresh_token(&promises.redeemed().await);
                world.refresh(&promises.web, &token).await.expect(200).json()
            }
            "client_credentials" => world.token(&promises.machine, &MACHINE).await.expect(200).json(),
            "password" => {
                let pairs = [("grant_type", &**grant), ("username", "member@acme.test"), ("password", PASSWORD)];
                world.token(&promises.web, &pairs).await.expect(200).json()
            }
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                let assertion = Pair::Ed.get().assertion(&promises.claims("grant"));
                world.post("/token", &[("grant_type", grant), ("assertion", &assertion)]).await.expect(200).json()
            }
            other => panic!("say here how {other} is done"),
        };
        assert!(answer["access_token"].is_string() && answer["token_type"] == "Bearer", "{grant}: {answer}");
    }
    for grant in [
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:openid:params:grant-type:ciba",
        "Client_Credentials",
    ] {
        assert!(!listed.iter().any(|known| known == grant));
        for app in [&promises.machine, &promises.web] {
            world.token(app, &[("grant_type", grant), ("assertion", "x")]).await.expect_error(400, "unsupported_grant_type");
        }
    }
    let mut without = policy();
    without.password_grant = false;
    let json = World::with(without).await.get(METADATA).await.json();
    assert!(!json["grant_types_supported"].to_string().contains("password"), "{json}");
}

#[tokio::test]
async fn a3_every_listed_method_of_client_authentication_works_and_no_other() {
    let promises = Promises::read().await;
    for endpoint in ["token", "revocation", "introspection"] {
        let listed = promises.list(&format!("{endpoint}_endpoint_auth_methods_supported"));
        for method in ["client_secret_basic", "client_secret_post", "private_key_jwt", "none", "client_secret_jwt"] {
            let answer = promises.by_method(endpoint, method).await;
            let expected = if listed.iter().any(|known| known == method) { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{method} at {endpoint}: {}", answer.body);
        }
        for method in listed {
            // Panics for one that this test does not know.
            promises.by_method(endpoint, &method).await;
        }
    }
}

#[tokio::test]
async fn a3_every_listed_signing_algorithm_works_and_no_other() {
    let promises = Promises::read().await;
    for endpoint in ["token", "revocation", "introspection"] {
        let listed = promises.list(&format!("{endpoint}_endpoint_auth_signing_alg_values_supported"));
        let path = promises.path(&format!("{endpoint}_endpoint"));
        let own: &[(&str, &str)] = if endpoint == "token" { &MACHINE } else { &[("token", "x")] };
        for name in &listed {
            let pair = PAIRS.into_iter().find(|pair| pair.get().public.algorithm.as_str() == name);
            let pair = pair.unwrap_or_else(|| panic!("no key signs with {name}"));
            let assertion = pair.get().assertion(&promises.claims(&format!("{endpoint} {name}")));
            promises.by_assertion(&path, &assertion, own).await.expect(200);
        }
        for name in ["none", "HS256", "RS384", "RS512", "PS256", "ES512", "ES256K", "EdDSA448", "rs256"] {
            assert!(!listed.iter().any(|known| known == name));
            for pair in PAIRS {
                let header = json!({ "alg": name, "typ": "JWT" }).to_string();
                let assertion = pair.get().jws(&header, &promises.claims(&format!("{endpoint} {name} {pair:?}")).to_string());
                let answer = promises.by_assertion(&path, &assertion, own).await;
                assert_eq!((answer.status.as_u16(), &*answer.text("error")), (401, "invalid_client"), "{name}: {}", answer.body);
            }
        }
    }
}

#[tokio::test]
async fn a3_a4_a6_no_other_response_type_mode_or_challenge_method_is_taken() {
    let promises = Promises::read().await;
    assert_eq!(promises.list("code_challenge_methods_supported"), ["S256"]);
    assert_eq!(promises.list("response_types_supported"), ["code"]);
    assert_eq!(promises.list("response_modes_supported"), ["query"]);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "id_token", "unsupported_response_type"),
        ("response_type", "code token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("response_mode", "form_post", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
    ] {
        let left = promises.code(&[(name, value)]).await;
        assert_eq!(parameter(&left, "error").as_deref(), Some(error), "{name}={value}: {left}");
        assert!(!left.contains("code="), "{left}");
    }
    for scope in promises.list("scopes_supported") {
        assert!(scope.bytes().all(|byte| byte.is_ascii_graphic()), "{scope}");
    }
}
