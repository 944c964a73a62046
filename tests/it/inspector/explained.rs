//! Each refusal names the check that failed, with what was expected and what came.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::inspector::{activity, explain, failed, reader, request};
use crate::kit::browser::{Browser, authorize_url};
use crate::kit::grants::refresh_token;
use crate::kit::http::pkce;
use crate::kit::world::{App, CALLBACK, World};

#[tokio::test]
async fn a_wrong_secret_is_explained_to_the_owner_by_the_reference_id_that_the_client_read() {
    let world = World::new().await;
    let (token, app) = (reader(&world, "apps:read").await, world.app(ClientKind::M2m).await);
    let wrong = App { secret: "hunter2-hunter2".to_owned(), ..app.clone() };
    let answer = world.token(&wrong, &[("grant_type", "client_credentials")]).await.expect_error(401, "invalid_client");
    let id = answer.header("x-request-id").to_owned();
    assert!(answer.text("error_description").ends_with(&format!("(ref {id})")), "{}", answer.body);

    let explained = explain(&world, &token, &app, &answer).await;
    let (check, expected, came) = failed(&explained);
    assert_eq!((check.as_str(), explained["status"].as_i64()), ("secret", Some(401)));
    assert_eq!(explained["cause"], "no live secret matches");
    assert!(expected.contains(&app.secret[app.secret.len() - 4..]), "{expected}");
    assert_eq!(came, "a value of 15 characters that does not begin with grs_");
    let results: Vec<_> =
        explained["checks"].as_array().expect("checks").iter().map(|check| check["result"].as_str().unwrap_or_default()).collect();
    let at = results.iter().position(|result| *result == "failed").expect("one failed");
    assert!(at > 3 && results[..at].iter().all(|result| *result == "passed"), "{results:?}");
    assert!(results.len() > at + 1 && results[at + 1..].iter().all(|result| *result == "not_reached"), "{results:?}");
}

#[tokio::test]
async fn successes_and_failures_stand_in_the_list_newest_first_and_can_be_filtered_and_paged() {
    let world = World::new().await;
    let (token, app) = (reader(&world, "apps:read").await, world.app(ClientKind::M2m).await);
    for scope in ["projects:read", "projects:reed", "projects:write"] {
        world.pass(Duration::seconds(1));
        world.token(&app, &[("grant_type", "client_credentials"), ("scope", scope)]).await;
    }
    let listed = activity(&world, &token, &app).await;
    let outcomes: Vec<_> = listed.iter().map(|request| request["outcome"].as_str().unwrap_or_default()).collect();
    assert_eq!(outcomes, ["answered", "refused", "answered"]);
    assert_eq!(listed[0]["grant_type"], "client_credentials");
    assert_eq!(listed[0]["auth_method"], "client_secret_basic");

    let path = format!("/api/v1/orgs/acme/apps/{}/activity", app.client_id);
    let refused = world.api(Method::GET, &format!("{path}?refused=true"), &token, None).await.expect(200).json();
    assert_eq!(refused["requests"].as_array().map(Vec::len), Some(1));
    let id = refused["requests"][0]["request_id"].as_str().expect("an id");
    let (check, expected, came) = failed(&request(&world, &token, &app, id).await.expect(200).json());
    assert_eq!((check.as_str(), came.as_str()), ("scope-allowed", "“projects:reed”, which is almost “projects:read”"));
    assert!(expected.contains("projects:read projects:write"), "{expected}");

    let first = world.api(Method::GET, &format!("{path}?limit=2"), &token, None).await.expect(200).json();
    let cursor = first["next_cursor"].as_str().expect("a next page");
    let rest = world.api(Method::GET, &format!("{path}?limit=2&cursor={cursor}"), &token, None).await.expect(200).json();
    assert_eq!(rest["requests"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["requests"][0]["request_id"], listed[2]["request_id"]);
    assert!(rest["next_cursor"].is_null());
    world.api(Method::GET, &format!("{path}?cursor=nonsense"), &token, None).await.expect(422);
}

#[tokio::test]
async fn each_refusal_of_codes_and_refresh_tokens_tells_what_the_rule_knows() {
    let world = World::new().await;
    let (token, app, user) = (reader(&world, "apps:read").await, world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let (verifier, _) = pkce();
    let redeem = |code: String, uri: &'static str, verifier: String| {
        let (world, app) = (world.clone(), app.clone());
        async move {
            let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", uri), ("code_verifier", &*verifier)];
            world.token(&app, &pairs).await
        }
    };

    let answer = redeem(world.approved(&app, &user).await, "https://app.example.test/calback?session=s3cr3t", verifier.clone()).await;
    let told = failed(&explain(&world, &token, &app, &answer).await);
    assert_eq!(told, ("redirect-uri-same".into(), CALLBACK.into(), "https://app.example.test/calback?…".into()));

    let answer = redeem(world.approved(&app, &user).await, CALLBACK, "x".repeat(43)).await;
    let (check, expected, came) = failed(&explain(&world, &token, &app, &answer).await);
    assert_eq!(check, "verifier");
    assert!(expected.contains("hash begins") && came.contains("hash begins") && expected != came, "{expected} / {came}");

    let code = world.approved(&app, &user).await;
    world.pass(Duration::minutes(2));
    let answer = redeem(code, CALLBACK, verifier.clone()).await;
    let told = failed(&explain(&world, &token, &app, &answer).await);
    assert_eq!(
        told,
        ("not-expired".into(), "redeemed before 1 Mar 2026, 12:01:00 UTC".into(), "it came at 1 Mar 2026, 12:02:00 UTC".into())
    );

    let first = refresh_token(&world.family(&app, &user).await);
    let second = refresh_token(&world.refresh(&app, &first).await.expect(200).json());
    world.refresh(&app, &second).await.expect(200);
    world.pass(Duration::minutes(5));
    let answer = world.refresh(&app, &first).await;
    let (check, expected, came) = failed(&explain(&world, &token, &app, &answer).await);
    assert_eq!(
        (check.as_str(), expected.as_str(), came.as_str()),
        ("unused", "token 3 of its family, or the one before within 30 seconds", "token 1")
    );
    let answer = world.refresh(&app, &second).await;
    let (check, _, came) = failed(&explain(&world, &token, &app, &answer).await);
    assert_eq!((check.as_str(), came.as_str()), ("authorization-live", "it ended at 1 Mar 2026, 12:07:00 UTC (reuse)"));
}

#[tokio::test]
async fn requests_at_the_authorization_endpoint_and_the_answers_of_people_are_told() {
    let world = World::new().await;
    let (token, app, user) = (reader(&world, "apps:read").await, world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let (_, challenge) = pkce();
    let url = |uri: &str, more: &[(&str, &str)]| {
        let pairs = [
            ("client_id", &*app.client_id),
            ("redirect_uri", uri),
            ("response_type", "code"),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        authorize_url(&[&pairs, more].concat())
    };
    let mut browser = Browser::new(&world);
    let page = browser.open(&url("https://app.example.test/callback/", &[])).await;
    let (check, expected, came) = failed(&explain(&world, &token, &app, &page.answer).await);
    assert_eq!((check.as_str(), expected.as_str()), ("redirect-uri-registered", CALLBACK));
    assert_eq!(came, "https://app.example.test/callback/ (a slash at the end makes the difference)");

    world.pass(Duration::seconds(1));
    browser.open(&url(CALLBACK, &[("scope", "projects:delete")])).await;
    world.pass(Duration::seconds(1));
    browser.approve(&url(CALLBACK, &[]), user.email.as_str()).await;
    let listed = activity(&world, &token, &app).await;
    let told: Vec<_> = listed
        .iter()
        .rev()
        .map(|r| (r["endpoint"].as_str().unwrap_or_default(), r["outcome"].as_str().unwrap_or_default(), r["error"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("authorize", "refused", Some("invalid_request")),
            ("authorize", "refused", Some("invalid_scope")),
            ("authorize", "waiting", None),
            ("authorize", "answered", None),
        ]
    );
}

#[tokio::test]
async fn m4_another_org_and_people_without_the_right_learn_nothing_and_strangers_leave_nothing() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let answer = world.token(&app, &[("grant_type", "client_credentials")]).await.expect(200);
    let id = answer.header("x-request-id").to_owned();
    let elsewhere = world.org("beta").await;
    let foreign = world.app_of(elsewhere.id, ClientKind::M2m, |client| super::manage(client, "apps:read")).await;
    let foreign = world.machine_token(&foreign, "apps:read").await;
    for path in [format!("apps/{}/activity", app.client_id), format!("apps/{}/requests/{id}", app.client_id)] {
        let unknown = world
            .api(Method::GET, &format!("/api/v1/orgs/beta/{}", path.replace(&app.client_id, "nobody-has-this-id")), &foreign, None)
            .await
            .expect(404);
        for org in ["acme", "beta"] {
            let answer = world.api(Method::GET, &format!("/api/v1/orgs/{org}/{path}"), &foreign, None).await.expect(404);
            assert_eq!(answer.json()["type"], unknown.json()["type"]);
        }
        let people = reader(&world, "people:read").await;
        world.api(Method::GET, &format!("/api/v1/orgs/acme/{path}"), &people, None).await.expect(403);
    }
    let token = reader(&world, "apps:read").await;
    let other = world.app(ClientKind::M2m).await;
    request(&world, &token, &other, &id).await.expect(404);
    request(&world, &token, &app, &id).await.expect(200);

    let before = world.count("select count(*) from request_traces").await;
    world
        .post("/token", &[("grant_type", "client_credentials"), ("client_id", "a-client-nobody-has"), ("client_secret", "x")])
        .await
        .expect(401);
    world.get(&authorize_url(&[("client_id", "a-client-nobody-has"), ("redirect_uri", CALLBACK)])).await.expect(400);
    world.deps.traces.flush(&world.deps.db).await.expect("traces are written");
    assert_eq!(world.count("select count(*) from request_traces").await, before);
}

#[tokio::test]
async fn a_flood_leaves_a_bounded_number_of_rows_and_does_not_wash_the_failures_away() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    for round in 0..40 {
        for number in 0..12 {
            let scope = if number == 0 { "nonsense" } else { "projects:read" };
            world.token(&app, &[("grant_type", "client_credentials"), ("scope", scope)]).await;
        }
        world.pass(Duration::seconds(1 + round / 100));
        world.deps.traces.flush(&world.deps.db).await.expect("traces are written");
    }
    let rows = world.count("select count(*) from request_traces").await;
    assert!((100..=175).contains(&rows), "{rows} rows");
    let refused = world.count("select count(*) from request_traces where outcome = 'refused'").await;
    assert!((35..=50).contains(&refused), "{refused} refused");

    for _ in 0..500 {
        world.token(&app, &[("grant_type", "client_credentials")]).await.expect(200);
    }
    let before = world.count("select count(*) from request_traces").await;
    let written = world.deps.traces.flush(&world.deps.db).await.expect("traces are written");
    assert_eq!(written, 16, "a flood between two flushes is a sample");
    assert!(world.count("select count(*) from request_traces").await <= before + 16);
    world.pass(Duration::days(31));
    let mut cursor = grantor::flows::prune::Cursor::default();
    let bounds = grantor::flows::prune::Bounds { batch: 1_000, batches: 10 };
    grantor::flows::prune::prune(&world.deps, &mut cursor, bounds, world.now()).await.expect("old rows are deleted");
    assert_eq!(world.count("select count(*) from request_traces").await, 0);
}

#[tokio::test]
async fn our_own_trouble_is_nobodys_fault_and_a_limit_is_named() {
    let mut policy = crate::kit::world::policy();
    policy.limits.token_requests_per_second = 1;
    let world = World::with(policy).await;
    let app = world.app(ClientKind::M2m).await;
    world.token(&app, &[("grant_type", "client_credentials")]).await.expect(200);
    let limited = world.token(&app, &[("grant_type", "client_credentials")]).await.expect(429);
    world.pass(Duration::seconds(5));
    let token = reader(&world, "apps:read").await;
    let explained = explain(&world, &token, &app, &limited).await;
    assert_eq!((failed(&explained).0.as_str(), explained["error"].as_str()), ("rate-limit", Some("temporarily_unavailable")));
}
