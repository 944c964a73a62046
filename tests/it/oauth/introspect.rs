//! Introspection (RFC 7662).

use grantor::flows::cache::listen::Ear;
use grantor::flows::revocation;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::http::{Answer, basic};
use crate::kit::world::{API, App, ISSUER, World};
use crate::oauth::{MACHINE, inspector, may_introspect, text, tokens};

async fn ask(world: &World, caller: &App, token: &str) -> Answer {
    world.post_as("/introspect", Some(&basic(caller)), &[("token", token)]).await
}

#[track_caller]
fn assert_inactive(answer: Answer) {
    assert_eq!(answer.expect(200).body, r#"{"active":false}"#);
}

/// As after a revocation: what this server remembers of tokens counts no more.
pub(crate) async fn forget(world: &World) {
    let transaction = world.deps.db.begin().await.expect("a connection");
    revocation::commit(&world.deps, transaction).await.expect("others are told");
}

#[tokio::test]
async fn l9_an_active_answer_says_what_the_token_says() {
    let world = World::new().await;
    let (app, person, inspector) = (world.app(ClientKind::Web).await, world.person(Role::Member).await, inspector(&world).await);
    let issued = tokens(&world, &app, &person).await;
    let answer = ask(&world, &inspector, text(&issued, "access_token")).await.expect(200);
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    let json = answer.json();
    let now = world.now().unix_timestamp();
    for (member, expected) in [
        ("active", serde_json::json!(true)),
        ("scope", text(&issued, "scope").into()),
        ("client_id", app.client_id.clone().into()),
        ("sub", person.id.to_string().into()),
        ("aud", API.into()),
        ("iss", ISSUER.into()),
        ("iat", now.into()),
        ("exp", (now + 3_600).into()),
        ("token_type", "Bearer".into()),
        ("org", world.org.id.to_string().into()),
    ] {
        assert_eq!(json[member], expected, "{member} in {json}");
    }
}

#[tokio::test]
async fn l8_introspection_needs_a_client_with_the_scope() {
    let world = World::new().await;
    let (web, spa) = (world.app(ClientKind::Web).await, world.app_with(ClientKind::Spa, may_introspect).await);
    let token = world.token(&inspector(&world).await, &MACHINE).await.expect(200).text("access_token");
    let anonymous = world.post("/introspect", &[("token", &token)]).await.expect_error(401, "invalid_client");
    assert_eq!(anonymous.header("www-authenticate"), "Bearer realm=\"grantor\"");
    world.post("/introspect", &[("token", &token), ("client_id", &spa.client_id)]).await.expect_error(401, "invalid_client");
    ask(&world, &web, &token).await.expect_error(400, "unauthorized_client");
    ask(&world, &inspector(&world).await, "").await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn k10_r17_an_access_token_of_the_management_api_may_ask() {
    let world = World::new().await;
    let inspector = inspector(&world).await;
    let other = world.app_with(ClientKind::M2m, |client| client.profile.scopes = ["apps:read".to_owned()].into_iter().collect()).await;
    let machine = world.app(ClientKind::M2m).await;
    let (good, low, foreign) = (
        world.machine_token(&inspector, "introspect").await,
        world.machine_token(&other, "apps:read").await,
        world.machine_token(&machine, "projects:read").await,
    );
    let bearer =
        async |scheme: &str, token: &str| world.post_as("/introspect", Some(&format!("{scheme} {token}")), &[("token", &foreign)]).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(bearer(scheme, &good).await.expect(200).json()["active"], true);
    }
    let answer = bearer("Bearer", &low).await.expect_error(403, "insufficient_scope");
    assert!(answer.header("www-authenticate").contains("error=\"insufficient_scope\""));
    for bad in [foreign.as_str(), "nonsense", "a.b.c"] {
        let answer = bearer("Bearer", bad).await.expect_error(401, "invalid_token");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
    }
    world.pass(Duration::days(2));
    let answer = bearer("Bearer", &good).await.expect_error(401, "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "r91: the client learns that it must refresh");
}

#[tokio::test]
async fn l8_unknown_expired_and_tampered_tokens_are_inactive_and_nothing_else() {
    let world = World::new().await;
    let (app, inspector) = (world.app(ClientKind::M2m).await, inspector(&world).await);
    let token = world.machine_token(&app, "projects:read").await;
    let (signed, _) = token.rsplit_once('.').expect("three parts");
    for unknown in ["x", "a.b.c", "grr_x", "gra_x", "grc_x", &format!("{signed}.AAAA"), &format!("{token}A"), signed] {
        assert_inactive(ask(&world, &inspector, unknown).await);
    }
    assert_eq!(ask(&world, &inspector, &token).await.json()["active"], true);
    world.pass(Duration::seconds(86_399));
    assert_eq!(ask(&world, &inspector, &token).await.json()["active"], true);
    world.pass(Duration::SECOND);
    assert_inactive(ask(&world, &inspector, &token).await);
}

#[tokio::test]
async fn l8_l10_tokens_of_another_org_are_inactive_even_to_the_operators_apps_and_when_just_shown_to_their_own() {
    let world = World::new().await;
    let other = world.org("globex").await;
    let app = world.app(ClientKind::M2m).await;
    let own = inspector(&world).await;
    let foreign = world.app_of(other.id, ClientKind::M2m, may_introspect).await;
    let operator = world
        .app_of(other.id, ClientKind::M2m, |client| {
            may_introspect(client);
            client.system = true;
        })
        .await;
    let token = world.machine_token(&app, "projects:read").await;
    for _ in 0..2 {
        assert_eq!(ask(&world, &own, &token).await.json()["active"], true);
        assert_inactive(ask(&world, &foreign, &token).await);
        assert_inactive(ask(&world, &operator, &token).await);
    }
    let bearer = format!("Bearer {}", world.machine_token(&operator, "introspect").await);
    assert_inactive(world.post_as("/introspect", Some(&bearer), &[("token", &token)]).await);
}

#[tokio::test]
async fn l11_refresh_tokens_are_inactive_for_everybody_but_their_own_client() {
    let world = World::new().await;
    let (app, person) = (
        world
            .app_with(ClientKind::Web, |client| {
                client.profile.scopes = ["projects:read", "projects:write", "introspect"].into_iter().map(str::to_owned).collect();
            })
            .await,
        world.person(Role::Member).await,
    );
    let refresh = text(&tokens(&world, &app, &person).await, "refresh_token").to_owned();
    assert_inactive(ask(&world, &inspector(&world).await, &refresh).await);
    let own = ask(&world, &app, &refresh).await.expect(200).json();
    assert_eq!((own["active"].as_bool(), own["aud"].as_str()), (Some(true), None), "{own}");
    world.refresh(&app, &refresh).await.expect(200);
    assert_inactive(ask(&world, &app, &refresh).await);
}

#[tokio::test]
async fn p4_what_ended_elsewhere_is_inactive_at_the_next_question_after_the_news() {
    let world = World::new().await;
    let (app, person, inspector) = (world.app(ClientKind::Web).await, world.person(Role::Member).await, inspector(&world).await);
    let issued = tokens(&world, &app, &person).await;
    let token = text(&issued, "access_token");
    for (statement, undo) in [
        ("UPDATE users SET disabled_at = created_at", "UPDATE users SET disabled_at = NULL"),
        (
            "UPDATE authorizations SET ended_at = created_at, end_cause = 'reuse'",
            "UPDATE authorizations SET ended_at = NULL, end_cause = NULL",
        ),
        ("DELETE FROM memberships", "INSERT INTO memberships SELECT org_id, user_id, 'member', created_at FROM authorizations"),
    ] {
        assert_eq!(ask(&world, &inspector, token).await.json()["active"], true, "before {statement}");
        world.sql(statement).await;
        forget(&world).await;
        assert_inactive(ask(&world, &inspector, token).await);
        world.sql(undo).await;
        forget(&world).await;
    }
    assert_eq!(ask(&world, &inspector, token).await.json()["active"], true);
}

#[tokio::test]
async fn r53_tokens_of_a_secret_are_inactive_when_its_tokens_were_revoked() {
    let world = World::new().await;
    let (app, inspector) = (world.app(ClientKind::M2m).await, inspector(&world).await);
    let token = world.machine_token(&app, "projects:read").await;
    assert_eq!(ask(&world, &inspector, &token).await.json()["active"], true);
    world.sql("UPDATE credentials SET tokens_revoked_at = created_at WHERE client_id = (SELECT id FROM clients WHERE scopes @> '{projects:read}')").await;
    forget(&world).await;
    assert_inactive(ask(&world, &inspector, &token).await);
}

#[tokio::test]
async fn p4_a_hot_token_costs_no_query() {
    let world = World::new().await;
    let (app, person, inspector) = (world.app(ClientKind::Web).await, world.person(Role::Member).await, inspector(&world).await);
    let issued = tokens(&world, &app, &person).await;
    let token = text(&issued, "access_token");
    let first = ask(&world, &inspector, token).await.expect(200);
    for hidden in
        ["ALTER TABLE authorizations RENAME TO a", "ALTER TABLE clients RENAME TO b", "ALTER TABLE revoked_access_tokens RENAME TO c"]
    {
        world.sql_unheard(hidden).await;
    }
    assert_eq!(ask(&world, &inspector, token).await.expect(200).body, first.body);
    world.pass(Duration::milliseconds(1_001));
    ask(&world, &inspector, token).await.expect_error(503, "temporarily_unavailable");
}

#[tokio::test]
async fn p4_a_remembered_token_dies_at_its_own_end_and_not_at_the_idle_limit() {
    let world = World::new().await;
    let app = world.app_with(ClientKind::Web, |client| client.profile.refresh_tokens.idle_lifetime = Some(600)).await;
    let (person, inspector) = (world.person(Role::Member).await, inspector(&world).await);
    let issued = tokens(&world, &app, &person).await;
    let token = text(&issued, "access_token");
    let mut ear = Ear::open(&world.deps).await.expect("it listens");
    for (seconds, alive) in [(0, true), (600, true), (2_999, true), (1, false)] {
        world.pass(Duration::seconds(seconds));
        ear.round(std::time::Duration::ZERO).await.expect("the connection lives");
        assert_eq!(ask(&world, &inspector, token).await.json()["active"], alive, "{seconds} s later");
    }
}

#[tokio::test]
async fn i2_a_replay_ends_the_family_and_its_access_tokens_are_inactive_at_the_next_question() {
    let world = World::new().await;
    let (app, person, inspector) = (world.app(ClientKind::Web).await, world.person(Role::Member).await, inspector(&world).await);
    let issued = tokens(&world, &app, &person).await;
    let token = text(&issued, "access_token");
    world.refresh(&app, text(&issued, "refresh_token")).await.expect(200);
    world.pass(Duration::seconds(31));
    assert_eq!(ask(&world, &inspector, token).await.json()["active"], true);
    world.refresh(&app, text(&issued, "refresh_token")).await.expect_error(400, "invalid_grant");
    assert_inactive(ask(&world, &inspector, token).await);
}
