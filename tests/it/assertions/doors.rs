//! The doors themselves: what else is needed there, who may use them, and what a success leaves behind.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::{Value, json};

use crate::assertions::{CLIENT_ASSERTION_TYPE, DOORS, Door, JWT_BEARER, Machine, WORKFRONT, show_at};
use crate::kit::grants::refresh_token;
use crate::kit::http::{Answer, basic};
use crate::kit::signer::Pair;
use crate::kit::world::ISSUER;
use crate::oauth::introspect::forget;

/// A request at a door of client authentication, by an assertion with the given `jti`.
async fn as_client(machine: &Machine, path: &str, jti: &str, more: &[(&str, &str)]) -> Answer {
    let assertion = machine.assertion(Door::Client, jti);
    let own = [("client_assertion_type", CLIENT_ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
    machine.world.post(path, &own.iter().chain(more).copied().collect::<Vec<_>>()).await
}

#[tokio::test]
async fn g11_a_signed_assertion_authenticates_at_every_door_that_takes_a_secret() {
    let machine = Machine::with(|client| {
        client.profile.scopes = ["introspect", "projects:read"].into_iter().map(str::to_owned).collect();
    })
    .await;
    let scope = [("grant_type", "client_credentials"), ("scope", "projects:read")];
    let token = as_client(&machine, "/token", "1", &scope).await.expect(200).text("access_token");
    as_client(&machine, "/integrations/oauth2/api/v1/token", "2", &scope).await.expect(200);
    as_client(&machine, "/ims/token/v3", "3", &scope).await.expect(200);
    let told = as_client(&machine, "/introspect", "4", &[("token", &token)]).await.expect(200).json();
    assert_eq!(told["active"], json!(true));
    as_client(&machine, "/revoke", "5", &[("token", &token)]).await.expect(200);
    let told = as_client(&machine, "/introspect", "6", &[("token", &token)]).await.expect(200).json();
    assert_eq!(told, json!({ "active": false }));
    for path in ["/token", "/revoke", "/introspect"] {
        as_client(&machine, path, "6", &[("token", "x"), ("grant_type", "client_credentials")]).await.expect_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn g4_an_app_with_users_may_authenticate_by_a_key_of_its_own() {
    let machine = Machine::new().await;
    let world = &machine.world;
    let app = world.app(ClientKind::Web).await;
    world.signer(&app, Pair::P256).await;
    let tokens = world.family(&app, &machine.user).await;
    let web = Machine { app, ..machine.clone() };
    let assertion = web.signed_by(Pair::P256.get(), Door::Client, "refresh", |_| ());
    let refresh = refresh_token(&tokens);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_assertion_type", CLIENT_ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    world.post("/token/refresh", &pairs).await.expect(200);
    let spa = world.app(ClientKind::Spa).await;
    let spa = Machine { app: spa, ..machine };
    spa.show(Door::Client, &spa.assertion(Door::Client, "spa")).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn g3_g11_an_assertion_comes_with_its_type_alone_and_for_the_client_that_is_named() {
    let machine = Machine::new().await;
    let world = &machine.world;
    let good = machine.assertion(Door::Client, "one");
    let grant = ("grant_type", "client_credentials");
    let both = [grant, ("client_assertion_type", CLIENT_ASSERTION_TYPE), ("client_assertion", &good)];
    world.post_as("/token", Some(&basic(&machine.app)), &both).await.expect_error(400, "invalid_request");
    let with_secret = [both.as_slice(), &[("client_id", &machine.app.client_id), ("client_secret", &machine.app.secret)]].concat();
    world.post("/token", &with_secret).await.expect_error(400, "invalid_request");
    for kind in ["urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt-bearer", JWT_BEARER] {
        let pairs = [grant, ("client_assertion_type", kind), ("client_assertion", &good)];
        world.post("/token", &pairs).await.expect_error(401, "invalid_client");
    }
    world.post("/token", &[grant, ("client_assertion", &good)]).await.expect_error(401, "invalid_client");
    world.post("/token", &[grant, ("client_assertion_type", CLIENT_ASSERTION_TYPE)]).await.expect_error(401, "invalid_client");
    let other = world.app(ClientKind::M2m).await;
    let named = [both.as_slice(), &[("client_id", &other.client_id)]].concat();
    world.post("/token", &named).await.expect_error(401, "invalid_client");
    let unknown = [both.as_slice(), &[("client_id", "k3v9q2m7x4t8w1r6z5n0b2c9d7")]].concat();
    world.post("/token", &unknown).await.expect_error(401, "invalid_client");
    world.post("/token", &both).await.expect(200);
}

#[tokio::test]
async fn g13_the_token_endpoint_is_an_audience_only_where_the_app_has_the_switch() {
    let endpoint = format!("{ISSUER}/token");
    for switch in [false, true] {
        let machine = Machine::with(|client| client.profile.compat.token_endpoint_audience = switch).await;
        for door in [Door::Client, Door::Grant] {
            let (status, error) = door.refusal();
            for (index, aud) in [json!(endpoint), json!([endpoint]), json!([ISSUER])].into_iter().enumerate() {
                let assertion = machine.signed(door, &format!("{door:?} {index}"), |claims| claims["aud"] = aud);
                let answer = machine.show(door, &assertion).await;
                if switch {
                    answer.expect(200)
                } else {
                    answer.expect_error(status, error)
                };
            }
            for aud in [json!([ISSUER, endpoint]), json!("https://other.example.test"), json!(format!("{ISSUER}/revoke"))] {
                let assertion = machine.signed(door, "never", |claims| claims["aud"] = aud);
                machine.show(door, &assertion).await.expect_error(status, error);
            }
            machine.show(door, &machine.assertion(door, &format!("{door:?} issuer"))).await.expect(200);
        }
    }
}

#[tokio::test]
async fn j1_j11_apps_with_users_neither_exchange_nor_grant() {
    let machine = Machine::new().await;
    let app = machine.world.app(ClientKind::Web).await;
    machine.world.signer(&app, Pair::Rsa).await;
    let web = Machine { app, ..machine };
    for (door, status, error) in
        [(Door::Grant, 400, "unauthorized_client"), (Door::Workfront, 401, "invalid_client"), (Door::Ims, 401, "invalid_client")]
    {
        web.show(door, &web.assertion(door, "web")).await.expect_error(status, error);
    }
}

#[tokio::test]
async fn j4_a_grant_needs_its_assertion_and_an_issuer_that_is_known_and_enabled() {
    let machine = Machine::new().await;
    let world = &machine.world;
    world.post("/token", &[("grant_type", JWT_BEARER)]).await.expect_error(400, "invalid_request");
    let pairs = [("grant_type", JWT_BEARER), ("assertion", ""), ("client_id", &machine.app.client_id)];
    world.post("/token", &pairs).await.expect_error(400, "invalid_request");
    let unknown = machine.signed(Door::Grant, "a", |claims| claims["iss"] = json!("k3v9q2m7x4t8w1r6z5n0b2c9d7"));
    machine.show(Door::Grant, &unknown).await.expect_error(400, "invalid_grant");
    let good = machine.assertion(Door::Grant, "b");
    let other = world.app(ClientKind::M2m).await;
    world
        .post_as("/token", Some(&basic(&other)), &[("grant_type", JWT_BEARER), ("assertion", &good)])
        .await
        .expect_error(400, "invalid_grant");
    let named = [("grant_type", JWT_BEARER), ("assertion", good.as_str()), ("client_id", &other.client_id)];
    world.post("/token", &named).await.expect_error(400, "invalid_grant");
    world.sql("UPDATE clients SET disabled_at = created_at").await;
    machine.show(Door::Grant, &good).await.expect_error(400, "invalid_grant");
    world.sql("UPDATE clients SET disabled_at = NULL").await;
    world.sql("UPDATE orgs SET disabled_at = created_at").await;
    for door in DOORS {
        let (status, error) = door.no_client();
        machine.show(door, &machine.assertion(door, "c")).await.expect_error(status, error);
    }
    world.sql("UPDATE orgs SET disabled_at = NULL").await;
    machine.show(Door::Grant, &good).await.expect(200);
}

#[tokio::test]
async fn a_grant_may_come_with_client_authentication_too() {
    let machine = Machine::new().await;
    let (first, second) = (machine.assertion(Door::Grant, "with a secret"), machine.assertion(Door::Grant, "with an assertion"));
    let pairs = [("grant_type", JWT_BEARER), ("assertion", first.as_str()), ("scope", "projects:read")];
    let answer = machine.world.post_as("/token", Some(&basic(&machine.app)), &pairs).await.expect(200);
    assert_eq!(answer.text("scope"), "projects:read");
    let authentication = machine.assertion(Door::Client, "authentication");
    let pairs = [
        ("grant_type", JWT_BEARER),
        ("assertion", second.as_str()),
        ("client_assertion_type", CLIENT_ASSERTION_TYPE),
        ("client_assertion", authentication.as_str()),
    ];
    machine.world.post("/token", &pairs).await.expect(200);
    let wrong =
        [("grant_type", JWT_BEARER), ("assertion", first.as_str()), ("client_id", &machine.app.client_id), ("client_secret", "grs_x")];
    machine.world.post("/token", &wrong).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn j2_a_grant_has_no_more_scope_than_the_app() {
    let machine = Machine::new().await;
    let good = machine.assertion(Door::Grant, "scope");
    for (scope, error) in [("apps:write", "invalid_scope"), ("projects:read nothing", "invalid_scope"), ("\"", "invalid_scope")] {
        let pairs = [("grant_type", JWT_BEARER), ("assertion", good.as_str()), ("scope", scope)];
        machine.world.post("/token", &pairs).await.expect_error(400, error);
    }
    let pairs = [("grant_type", JWT_BEARER), ("assertion", good.as_str()), ("resource", "https://nowhere.example.test")];
    machine.world.post("/token", &pairs).await.expect_error(400, "invalid_target");
    let secret = [("client_id", machine.app.client_id.as_str()), ("client_secret", machine.app.secret.as_str())];
    let exchanged = machine.assertion(Door::Workfront, "scope at the exchange");
    let pairs = [secret.as_slice(), &[("jwt_token", exchanged.as_str()), ("scope", "apps:write")]].concat();
    machine.world.post(WORKFRONT, &pairs).await.expect_error(400, "invalid_scope");
    let pairs = [secret.as_slice(), &[("jwt_token", exchanged.as_str()), ("scope", "projects:write")]].concat();
    assert_eq!(machine.world.post(WORKFRONT, &pairs).await.expect(200).text("scope"), "projects:write");
    let answer = machine.show(Door::Grant, &good).await.expect(200);
    assert_eq!(answer.text("scope"), "projects:read projects:write");
}

#[tokio::test]
async fn r64_j10_a_revoked_key_fails_at_once_and_the_others_go_on() {
    let machine = Machine::new().await;
    let world = &machine.world;
    world.signer_of(&machine.app, Pair::OtherRsa, None, |_| ()).await;
    let by = |pair: Pair, door, jti: &str| machine.signed_by(pair.get(), door, jti, |_| ());
    for door in DOORS {
        machine.show(door, &by(Pair::OtherRsa, door, &format!("before {door:?}"))).await.expect(200);
    }
    let revoke =
        format!("UPDATE credentials SET revoked_at = '2026-03-01 12:00Z' WHERE thumbprint = '{}'", Pair::OtherRsa.get().public.thumbprint);
    sqlx::raw_sql(sqlx::AssertSqlSafe(revoke)).execute(world.deps.db.pool()).await.expect("revoked");
    world.deps.clients.forget_all();
    for (door, end) in
        DOORS.into_iter().zip([(401, "invalid_client"), (400, "invalid_grant"), (400, "invalid_token"), (400, "invalid_token")])
    {
        machine.show(door, &by(Pair::OtherRsa, door, "after")).await.expect_error(end.0, end.1);
        machine.show(door, &by(Pair::Rsa, door, &format!("other {door:?}"))).await.expect(200);
    }
}

#[tokio::test]
async fn j10_an_app_without_keys_has_no_assertions() {
    let machine = Machine::new().await;
    machine.world.sql("UPDATE credentials SET deleted_at = created_at WHERE kind = 'key'").await;
    for (door, end) in
        DOORS.into_iter().zip([(401, "invalid_client"), (400, "invalid_grant"), (401, "invalid_client"), (401, "invalid_client")])
    {
        machine.show(door, &machine.assertion(door, "x")).await.expect_error(end.0, end.1);
    }
}

#[tokio::test]
async fn r40_last_use_is_told_by_success_alone() {
    let machine = Machine::new().await;
    let world = &machine.world;
    let used = async || {
        world.deps.last_use.flush(&world.deps.db).await.expect("written");
        world.words("SELECT coalesce(last_used_grant, 'never') FROM credentials WHERE kind = 'key' AND algorithm = 'RS256'").await
    };
    let late = machine.signed(Door::Grant, "late", |claims| claims["exp"] = json!(1));
    machine.show(Door::Grant, &late).await.expect_error(400, "invalid_grant");
    let scope = machine.assertion(Door::Grant, "scope");
    world.post("/token", &[("grant_type", JWT_BEARER), ("assertion", &scope), ("scope", "x")]).await.expect_error(400, "invalid_scope");
    assert_eq!(used().await, ["never"]);
    machine.show(Door::Grant, &scope).await.expect(200);
    assert_eq!(used().await, [JWT_BEARER]);
    machine.show(Door::Client, &machine.assertion(Door::Client, "client")).await.expect(200);
    assert_eq!(used().await, ["client_credentials"]);
    machine.show(Door::Ims, &machine.assertion(Door::Ims, "")).await.expect(200);
    assert_eq!(used().await, [JWT_BEARER]);
}

#[tokio::test]
async fn g9_failures_are_counted_for_one_client_at_one_address() {
    let machine = Machine::under(crate::kit::world::policy(), |_| ()).await;
    let bad = machine.signed_by(Pair::OtherRsa.get(), Door::Client, "bad", |_| ());
    let grant = machine.signed_by(Pair::OtherRsa.get(), Door::Grant, "bad", |_| ());
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(machine.show(Door::Client, &bad).await.status.as_u16());
        statuses.push(machine.show(Door::Grant, &grant).await.status.as_u16());
    }
    assert!(statuses.starts_with(&[401, 400]) && statuses.ends_with(&[429, 429]), "{statuses:?}");
    machine.show(Door::Client, &machine.assertion(Door::Client, "good")).await.expect(200);
    machine.show(Door::Grant, &machine.assertion(Door::Grant, "also good")).await.expect(200);
}

#[tokio::test]
async fn p6_without_the_table_of_uses_nobody_gets_in_and_nothing_is_burned() {
    let machine = Machine::new().await;
    let world = &machine.world;
    let id = |claims: &mut serde_json::Map<String, Value>| {
        claims.insert("jti".to_owned(), json!(42));
    };
    let assertions: Vec<_> = [Door::Client, Door::Grant].map(|door| (door, machine.assertion(door, &format!("{door:?}")))).into();
    let ims = (Door::Ims, machine.signed(Door::Ims, "", id));
    world.sql("ALTER TABLE assertion_uses RENAME TO away").await;
    for (door, assertion) in assertions.iter().chain([&ims]) {
        let answer = machine.show(*door, assertion).await.expect_error(503, "temporarily_unavailable");
        assert!(!answer.header("retry-after").is_empty());
    }
    world.sql("ALTER TABLE away RENAME TO assertion_uses").await;
    for (door, assertion) in assertions.iter().chain([&ims]) {
        machine.show(*door, assertion).await.expect(200);
    }
}

#[tokio::test]
async fn j6_a_person_who_may_not_act_is_no_subject() {
    let machine = Machine::new().await;
    let world = &machine.world;
    let globex = world.org("globex").await;
    let foreign = world.person_of(&globex, "stranger", Role::Owner).await;
    let of_other_org = machine.signed(Door::Workfront, "a", |claims| claims["sub"] = json!(foreign.id));
    machine.show(Door::Workfront, &of_other_org).await.expect_error(400, "invalid_token");
    let good = machine.assertion(Door::Workfront, "b");
    world.sql("UPDATE users SET disabled_at = created_at WHERE name = 'member'").await;
    machine.show(Door::Workfront, &good).await.expect_error(400, "invalid_token");
    world.sql("UPDATE users SET disabled_at = NULL").await;
    let answer = machine.show(Door::Workfront, &good).await.expect(200);
    let told = crate::assertions::introspected(world, &answer.text("access_token")).await;
    assert_eq!((told["active"].clone(), told["sub"].clone()), (json!(true), json!(machine.user.id)));
    world.sql("UPDATE users SET disabled_at = created_at WHERE name = 'member'").await;
    forget(world).await;
    let told = crate::assertions::introspected(world, &answer.text("access_token")).await;
    assert_eq!(told, json!({ "active": false }));
}

#[tokio::test]
async fn another_apps_assertion_is_not_this_apps() {
    let machine = Machine::new().await;
    let app = machine.world.app(ClientKind::M2m).await;
    machine.world.signer(&app, Pair::OtherRsa).await;
    let other = Machine { app: app.clone(), ..machine.clone() };
    for door in DOORS {
        let assertion = other.signed_by(Pair::OtherRsa.get(), door, "x", |_| ());
        let answer = show_at(&machine.world, &machine.app, door, &assertion).await;
        // The grant needs no other name than the one in the assertion.
        if door == Door::Grant {
            answer.expect(200);
        } else {
            let (status, error) = door.refusal();
            answer.expect_error(status, error);
        }
    }
}
