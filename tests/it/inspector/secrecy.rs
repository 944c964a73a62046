//! A secret may be sent in any field by mistake; none of them is ever kept or shown.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::inspector::{activity, reader};
use crate::kit::browser::{Browser, authorize_url};
use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::{basic, form, pkce};
use crate::kit::world::{App, CALLBACK, PASSWORD, World};

/// Every parameter that any endpoint reads, and one that none reads.
const FIELDS: [&str; 25] = [
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
    "token",
    "token_type_hint",
    "username",
    "password",
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "jwt_token",
    "state",
    "nonce",
    "response_type",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "unheard_of",
];

async fn everywhere(world: &World, app: &App, secret: &str) {
    for field in FIELDS {
        for base in [
            &[("grant_type", "client_credentials")][..],
            &[("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)],
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
        ] {
            let pairs: Vec<_> = base.iter().copied().filter(|(name, _)| *name != field).chain([(field, secret)]).collect();
            world.post_as("/token", Some(&basic(app)), &pairs).await;
            let named: Vec<_> =
                pairs.iter().copied().chain([("client_id", app.client_id.as_str())].into_iter().filter(|_| field != "client_id")).collect();
            world.post("/token", &named).await;
            world.post_as("/revoke", Some(&basic(app)), &pairs).await;
            world.post_as("/introspect", Some(&basic(app)), &pairs).await;
        }
        let wrong = App { secret: secret.to_owned(), ..app.clone() };
        world.post_as("/token", Some(&basic(&wrong)), &[("grant_type", "client_credentials")]).await;
        world
            .post(&format!("/token?{}", form(&[(field, secret), ("client_id", &app.client_id)])), &[("grant_type", "client_credentials")])
            .await;
        let (_, challenge) = pkce();
        let base = [
            ("client_id", &*app.client_id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        let pairs: Vec<_> = base.into_iter().filter(|(name, _)| *name != field).chain([(field, secret)]).collect();
        world.get(&authorize_url(&pairs)).await;
    }
    for uri in [
        format!("{CALLBACK}?x={secret}"),
        format!("{CALLBACK}#{secret}"),
        format!("https://{secret}@app.example.test/"),
        format!("https://app.example.test/{secret}"),
    ] {
        world.get(&authorize_url(&[("client_id", &app.client_id), ("redirect_uri", &uri), ("response_type", "code")])).await;
    }
    world.deps.traces.flush(&world.deps.db).await.expect("traces are written");
}

#[tokio::test]
async fn p1_no_secret_that_is_sent_in_any_field_is_kept_or_shown() {
    let world = World::new().await;
    let token = reader(&world, "apps:read").await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Admin).await);
    let machine = world.app(ClientKind::M2m).await;
    let family = world.family(&app, &user).await;
    let secrets = [
        app.secret.clone(),
        world.approved(&app, &user).await,
        refresh_token(&family),
        access_token(&family),
        PASSWORD.to_owned(),
        "Tr0ub4dor&3-and-then-some".to_owned(),
        "a-verifier-of-more-than-forty-three-characters".to_owned(),
    ];
    let mut seen = 0;
    for secret in &secrets {
        for app in [&app, &machine] {
            everywhere(&world, app, secret).await;
            let mut told: Vec<String> = world.words("select row_to_json(t)::text from request_traces t").await;
            let mut browser = Browser::new(&world);
            browser.sign_in(user.email.as_str()).await;
            told.push(browser.open(&format!("/orgs/acme/apps/{}/activity", app.client_id)).await.answer.expect(200).body);
            for request in activity(&world, &token, app).await {
                let id = request["request_id"].as_str().expect("an id");
                told.push(
                    world
                        .api(Method::GET, &format!("/api/v1/orgs/acme/apps/{}/requests/{id}", app.client_id), &token, None)
                        .await
                        .expect(200)
                        .body,
                );
                seen += 1;
            }
            let id = activity(&world, &token, app).await[0]["request_id"].as_str().expect("an id").to_owned();
            told.push(browser.open(&format!("/orgs/acme/apps/{}/activity/{id}", app.client_id)).await.answer.expect(200).body);
            for text in told {
                let tail = &secret[secret.len() - 16..];
                assert!(!text.contains(secret.as_str()) && !text.contains(tail), "{secret} in {text}");
            }
        }
    }
    assert!(seen > 500, "{seen} explanations were read");
}
