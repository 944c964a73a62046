//! Assertions beside secrets: the same tokens from either, what a migration tells their clients, and what ends with a key.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::jwt_deadlines::JwtDeadlines;
use grantor::model::policy::Policy;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{ALL, APPS, lasting_manager};
use crate::assertions::{DOORS, Door, Machine, introspected, metascope, patient};
use crate::kit::http::Answer;
use crate::kit::signer::Pair;
use crate::kit::world::{App, START};

/// What introspection says of the token in `answer`, without what differs from token to token.
async fn lasting_part(machine: &Machine, answer: &Answer) -> Value {
    let mut told = introspected(&machine.world, &answer.text("access_token")).await;
    assert_eq!(told["active"], true, "{told}");
    for member in ["jti", "iat", "exp"] {
        assert!(told.as_object_mut().is_some_and(|own| own.remove(member).is_some()), "{member}");
    }
    told
}

/// Shows an assertion of the app itself that asks for both of its scopes.
async fn by_key(machine: &Machine, door: Door, jti: &str) -> Answer {
    let assertion = machine.signed(door, jti, |claims| {
        if door == Door::Ims {
            claims.insert(metascope("projects:write"), json!(true));
        }
    });
    machine.show(door, &assertion).await
}

async fn by_secret(machine: &Machine, app: &App) -> Answer {
    machine.world.token(app, &[("grant_type", "client_credentials")]).await
}

/// A manager's token for the days that pass here.
async fn manager(machine: &Machine) -> String {
    let manager = lasting_manager(&machine.world).await;
    machine.world.machine_token(&manager, ALL).await
}

#[tokio::test]
async fn r37_keys_and_secrets_of_one_app_give_the_same_tokens_before_during_and_after_a_migration() {
    let machine = Machine::new().await;
    let (world, token) = (&machine.world, manager(&machine).await);
    let own = [Door::Client, Door::Grant, Door::Ims];
    let expected = lasting_part(&machine, &by_secret(&machine, &machine.app).await.expect(200)).await;
    assert_eq!((&expected["sub"], &expected["client_id"]), (&json!(machine.app.client_id), &json!(machine.app.client_id)));
    assert_eq!(expected["scope"], "projects:read projects:write");
    for door in own {
        let answer = by_key(&machine, door, &format!("before {door:?}")).await.expect(200);
        assert_eq!(lasting_part(&machine, &answer).await, expected, "before, at {door:?}");
    }

    let path = format!("{APPS}/{}/migration", machine.app.client_id);
    let started = world.api(Method::POST, &path, &token, None).await.expect(201);
    let moved = App { secret: started.text("client_secret"), ..machine.app.clone() };
    for door in own {
        let answer = by_key(&machine, door, &format!("during {door:?}")).await.expect(200);
        assert_eq!(lasting_part(&machine, &answer).await, expected, "during, at {door:?}");
    }
    assert_eq!(lasting_part(&machine, &by_secret(&machine, &moved).await.expect(200)).await, expected, "during, by secret");

    let body = json!({ "confirm_name": "The m2m app", "override": true });
    world.api(Method::POST, &format!("{path}/complete"), &token, Some(&body)).await.expect(200);
    assert_eq!(lasting_part(&machine, &by_secret(&machine, &moved).await.expect(200)).await, expected, "after");
    for door in DOORS {
        let (status, error) = door.no_client();
        by_key(&machine, door, &format!("after {door:?}")).await.expect_error(status, error);
    }
}

#[tokio::test]
async fn r37_the_subject_of_a_technical_account_moves_along() {
    let machine = Machine::new().await;
    let (world, token) = (&machine.world, manager(&machine).await);
    let app = world.app(ClientKind::M2m).await;
    let path = format!("{APPS}/{}", app.client_id);
    let made = world.api(Method::POST, &format!("{path}/service-credentials"), &token, Some(&json!({}))).await.expect(201).json();
    let account = &made["integration"]["technicalAccount"];
    let of_file = App { secret: account["clientSecret"].as_str().expect("a secret").to_owned(), ..app.clone() };
    let expected = lasting_part(&machine, &by_secret(&machine, &of_file).await.expect(200)).await;
    assert_eq!(expected["sub"], made["integration"]["id"]);
    let started = world.api(Method::POST, &format!("{path}/migration"), &token, None).await.expect(201);
    let moved = App { secret: started.text("client_secret"), ..app.clone() };
    assert_eq!(lasting_part(&machine, &by_secret(&machine, &moved).await.expect(200)).await, expected);
    // A secret of the app itself goes on acting as the app itself.
    assert_eq!(lasting_part(&machine, &by_secret(&machine, &app).await.expect(200)).await["sub"], json!(app.client_id));
}

/// `Deprecation` and `Sunset`.
fn told(answer: &Answer) -> (String, String) {
    (answer.header("deprecation").to_owned(), answer.header("sunset").to_owned())
}

#[tokio::test]
async fn r46_every_door_of_assertions_tells_that_the_key_is_on_its_way_out() {
    let machine = Machine::new().await;
    let (world, token) = (&machine.world, manager(&machine).await);
    let nothing = (String::new(), String::new());
    for door in DOORS {
        assert_eq!(told(&by_key(&machine, door, &format!("before {door:?}")).await.expect(200)), nothing, "{door:?}");
    }
    world.pass(Duration::seconds(90));
    let path = format!("{APPS}/{}/migration", machine.app.client_id);
    let started = world.api(Method::POST, &path, &token, None).await.expect(201);
    let since = (format!("@{}", START.unix_timestamp() + 90), String::new());
    for door in DOORS {
        assert_eq!(told(&by_key(&machine, door, &format!("during {door:?}")).await.expect(200)), since, "{door:?}");
    }
    let refused = machine.show(Door::Ims, "nonsense").await.expect(400);
    assert_eq!(told(&refused), nothing, "no token, nothing to tell");
    let moved = App { secret: started.text("client_secret"), ..machine.app.clone() };
    assert_eq!(told(&by_secret(&machine, &moved).await.expect(200)), nothing);
    world.api(Method::DELETE, &path, &token, None).await.expect(204);
    assert_eq!(told(&by_key(&machine, Door::Ims, "").await.expect(200)), nothing, "cancelled");
}

#[tokio::test]
async fn r46_the_exchanges_tell_of_a_secret_on_its_way_out_too() {
    let machine = Machine::new().await;
    let (world, token) = (&machine.world, manager(&machine).await);
    let key = crate::kit::keys::TestKey::generate().pem;
    let body = json!({ "direction": "secret_to_key", "public_key": key });
    let path = format!("{APPS}/{}/migration", machine.app.client_id);
    world.api(Method::POST, &path, &token, Some(&body)).await.expect(201);
    let since = format!("@{}", START.unix_timestamp());
    for (door, expected) in [(Door::Workfront, since.as_str()), (Door::Ims, &since), (Door::Client, ""), (Door::Grant, "")] {
        assert_eq!(told(&by_key(&machine, door, &format!("{door:?}")).await.expect(200)).0, expected, "{door:?}");
    }
}

#[tokio::test]
async fn r46_the_operators_dates_stand_in_the_headers_of_every_door_and_end_it() {
    let mut policy = patient();
    policy.jwt_deadlines = JwtDeadlines {
        no_new_apps: Some(START + Duration::days(10)),
        disabled: Some(START + Duration::days(30)),
        ..JwtDeadlines::default()
    };
    let machine = Machine::under(policy, |_| ()).await;
    let dates = (format!("@{}", START.unix_timestamp() + 864_000), "Tue, 31 Mar 2026 12:00:00 GMT".to_owned());
    for door in DOORS {
        assert_eq!(told(&by_key(&machine, door, &format!("{door:?}")).await.expect(200)), dates, "{door:?}");
    }
    assert_eq!(told(&by_secret(&machine, &machine.app).await.expect(200)), (String::new(), String::new()));
    machine.world.pass(Duration::days(30) - Duration::SECOND);
    by_key(&machine, Door::Ims, "").await.expect(200);
    machine.world.pass(Duration::SECOND);
    for door in DOORS {
        let refused = by_key(&machine, door, &format!("after {door:?}")).await.expect_error(401, "invalid_client");
        assert!(refused.text("error_description").contains("no longer accepts keys"), "{}", refused.body);
    }
    by_secret(&machine, &machine.app).await.expect(200);
}

/// Tokens got at each door with the app's second RSA key.
async fn tokens(machine: &Machine) -> Vec<String> {
    let mut tokens = Vec::new();
    for door in DOORS {
        let assertion = machine.signed_by(Pair::OtherRsa.get(), door, &format!("first {door:?}"), |_| ());
        tokens.push(machine.show(door, &assertion).await.expect(200).text("access_token"));
    }
    tokens
}

async fn revoked(policy: Policy, query: &str) -> (Machine, Vec<String>) {
    let machine = Machine::under(policy, |_| ()).await;
    let token = manager(&machine).await;
    let key = machine.world.signer(&machine.app, Pair::OtherRsa).await;
    let tokens = tokens(&machine).await;
    for issued in &tokens {
        assert_eq!(introspected(&machine.world, issued).await["active"], true);
    }
    let path = format!("{APPS}/{}/keys/{key}/revoke{query}", machine.app.client_id);
    machine.world.api(Method::POST, &path, &token, None).await.expect(200);
    for door in DOORS {
        let assertion = machine.signed_by(Pair::OtherRsa.get(), door, &format!("after {door:?}"), |_| ());
        let (status, error) = door.refusal();
        machine.show(door, &assertion).await.expect_error(status, error);
        by_key(&machine, door, &format!("other {door:?}")).await.expect(200);
    }
    (machine, tokens)
}

#[tokio::test]
async fn r71_a_revoked_key_gives_no_token_from_then_on_and_its_tokens_end_as_was_decided() {
    let mut killing = patient();
    killing.assertions.revoked_keys_end_tokens = true;
    for (policy, query, active) in [(patient(), "", true), (patient(), "?revoke_tokens=true", false), (killing, "", false)] {
        let (machine, tokens) = revoked(policy, query).await;
        for (issued, door) in tokens.iter().zip(DOORS) {
            assert_eq!(introspected(&machine.world, issued).await["active"], active, "{query} at {door:?}");
        }
    }
}

#[tokio::test]
async fn r71_the_management_api_believes_no_token_that_ended_with_its_key() {
    let mut policy = patient();
    policy.assertions.revoked_keys_end_tokens = true;
    let machine = Machine::under(policy, |client| client.profile.scopes = std::iter::once("apps:read".to_owned()).collect()).await;
    let world = &machine.world;
    let token = manager(&machine).await;
    let key = world.signer(&machine.app, Pair::OtherRsa).await;
    let assertion = machine.signed_by(Pair::OtherRsa.get(), Door::Grant, "one", |_| ());
    let own = machine.show(Door::Grant, &assertion).await.expect(200).text("access_token");
    world.api(Method::GET, APPS, &own, None).await.expect(200);
    world.api(Method::POST, &format!("{APPS}/{}/keys/{key}/revoke", machine.app.client_id), &token, None).await.expect(200);
    world.api(Method::GET, APPS, &own, None).await.expect(401);
}

#[tokio::test]
async fn r52_a_technical_account_is_the_app_at_the_management_api_and_a_person_is_not() {
    let machine = Machine::with(|client| client.profile.scopes = std::iter::once("apps:read".to_owned()).collect()).await;
    let (world, token) = (&machine.world, manager(&machine).await);
    let path = format!("{APPS}/{}/service-credentials", machine.app.client_id);
    let made = world.api(Method::POST, &path, &token, Some(&json!({}))).await.expect(201).json();
    let secret = made["integration"]["technicalAccount"]["clientSecret"].as_str().expect("a secret").to_owned();
    let own = world.machine_token(&App { secret, ..machine.app.clone() }, "apps:read").await;
    world.api(Method::GET, APPS, &own, None).await.expect(200);
    let person = machine.show(Door::Workfront, &machine.assertion(Door::Workfront, "person")).await.expect(200).text("access_token");
    world.api(Method::GET, APPS, &person, None).await.expect(401);
}
