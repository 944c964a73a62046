//! Two server processes on one database: what both do at once ends as if one had done it, and what one revokes the other denies.

use std::time::{Duration, Instant};

use axum::http::Method;
use grantor::model::client::{Client, ClientKind};
use grantor::model::membership::Role;
use serde_json::json;
use tokio::task::JoinSet;

use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::{Answer, basic};
use crate::kit::server::Process;
use crate::kit::world::{App, CALLBACK, World};

/// How late another server may hear of a revocation.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

/// Two processes on one database, and the world that seeded it.
struct Two {
    world: World,
    a: Process,
    b: Process,
}

impl Two {
    async fn start() -> Self {
        let world = World::in_real_time().await;
        let (a, b) = tokio::join!(world.process(), world.process());
        Self { world, a, b }
    }

    /// Sends `count` requests at once, every other one to the other server.
    async fn race<F>(&self, count: usize, request: impl Fn(World, usize) -> F) -> Vec<Answer>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let mut running = JoinSet::new();
        for number in 0..count {
            let door: &World = if number % 2 == 0 { &self.a } else { &self.b };
            running.spawn(request(door.clone(), number));
        }
        running.join_all().await
    }

    async fn refresh_at_once(&self, count: usize, app: &App, token: &str) -> Vec<Answer> {
        self.race(count, |door, _| {
            let (app, token) = (app.clone(), token.to_owned());
            async move { door.refresh(&app, &token).await }
        })
        .await
    }

    /// An app of the operator's that may do anything by the management API, and its token.
    async fn manager(&self) -> String {
        let manager = self.world.app_with(ClientKind::M2m, |client| manage(client, &["apps:read", "apps:write", "introspect"])).await;
        self.a.machine_token(&manager, "apps:read apps:write").await
    }
}

fn manage(client: &mut Client, scopes: &[&str]) {
    client.system = true;
    client.profile.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
}

fn without_window(client: &mut Client) {
    client.profile.refresh_tokens.retry_window = 0;
}

/// The different refresh tokens of those that succeeded, and the errors of those that did not.
fn sort(answers: &[Answer]) -> (Vec<String>, Vec<String>) {
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.as_u16() == 200);
    let mut tokens: Vec<_> = good.iter().map(|answer| refresh_token(&answer.json())).collect();
    tokens.sort();
    tokens.dedup();
    (tokens, bad.iter().map(|answer| format!("{} {}", answer.status.as_u16(), answer.text("error"))).collect())
}

const LIVE: &str = "select count(*) from authorizations where ended_at is null";

#[tokio::test]
async fn i4_64_parallel_refreshes_over_two_servers_have_one_successor() {
    let two = Two::start().await;
    let (app, user) = (two.world.app(ClientKind::Web).await, two.world.person(Role::Member).await);
    let first = refresh_token(&two.world.family(&app, &user).await);

    let answers = two.refresh_at_once(64, &app, &first).await;
    let (successors, refused) = sort(&answers);
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(successors.len(), 1, "{successors:?}");
    assert_ne!(successors[0], first);
    assert_eq!(two.world.count("select generation::bigint from authorizations").await, 2);
    two.b.refresh(&app, &successors[0]).await.expect(200);
}

#[tokio::test]
async fn i4_64_parallel_refreshes_without_a_retry_window_never_leave_two_successors() {
    let two = Two::start().await;
    let app = two.world.app_with(ClientKind::Web, without_window).await;
    let user = two.world.person(Role::Member).await;
    let first = refresh_token(&two.world.family(&app, &user).await);

    let answers = two.refresh_at_once(64, &app, &first).await;
    let (successors, refused) = sort(&answers);
    assert_eq!(successors.len(), 1, "{successors:?}");
    assert_eq!(refused, vec!["400 invalid_grant"; 63]);
    assert_eq!(two.world.count(LIVE).await, 0, "a replay ends the family");
    two.a.refresh(&app, &successors[0]).await.expect_error(400, "invalid_grant");
    let reuse = "select count(*) from audit_events where action = 'authorization.reuse'";
    assert_eq!(two.world.count(reuse).await, 1, "one event for one end");
}

#[tokio::test]
async fn h5_64_parallel_redemptions_over_two_servers_yield_at_most_one_success() {
    let two = Two::start().await;
    let (app, user) = (two.world.app(ClientKind::Web).await, two.world.person(Role::Member).await);
    two.world.catch_up();
    let code = two.world.approved(&app, &user).await;

    let redeem = |door: World, _| {
        let (app, code) = (app.clone(), code.clone());
        async move { door.redeem(&app, &code).await }
    };
    let answers = two.race(64, redeem).await;
    let (tokens, refused) = sort(&answers);
    assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 200).count(), 1);
    assert_eq!(refused, vec!["400 invalid_grant"; 63]);
    assert_eq!(two.world.count(LIVE).await, 0, "a replay ends the family");
    two.b.refresh(&app, &tokens[0]).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn m2_r26_r86_50_parallel_creates_at_nine_apps_make_the_tenth_and_no_eleventh() {
    let two = Two::start().await;
    for _ in 0..9 {
        two.world.app(ClientKind::Web).await;
    }
    let token = two.manager().await;
    let create = |door: World, number: usize| {
        let token = token.clone();
        let name = format!("App {number}");
        let app = match number % 3 {
            0 => json!({ "kind": "web", "name": name, "redirect_uris": [CALLBACK] }),
            1 => json!({ "kind": "spa", "name": name, "redirect_uris": [CALLBACK] }),
            _ => json!({ "kind": "m2m", "name": name }),
        };
        async move { door.api(Method::POST, "/api/v1/orgs/acme/apps", &token, Some(&app)).await }
    };
    let answers = two.race(50, create).await;
    let created = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
    assert_eq!(created, 1, "{:?}", answers.iter().map(|answer| (answer.status, &answer.body)).collect::<Vec<_>>());
    for refused in answers.iter().filter(|answer| answer.status.as_u16() != 201) {
        assert_eq!(refused.status.as_u16(), 409, "{}", refused.body);
        assert!(refused.text("type").ends_with("app-limit-reached"), "{}", refused.body);
    }
    assert_eq!(two.world.count("select count(*) from clients where not system and deleted_at is null").await, 10);
}

#[tokio::test]
async fn l7_i3_a_revocation_at_one_server_is_seen_by_the_other() {
    let two = Two::start().await;
    let (app, user) = (two.world.app(ClientKind::Web).await, two.world.person(Role::Member).await);
    let asker = two.world.app_with(ClientKind::M2m, |client| manage(client, &["introspect"])).await;
    let family = two.world.family(&app, &user).await;

    assert!(is_active(&two.b, &asker, &access_token(&family)).await, "now the other server remembers it");
    revoke(&two.a, &app, &refresh_token(&family)).await;
    let acknowledged = Instant::now();
    two.b.refresh(&app, &refresh_token(&family)).await.expect_error(400, "invalid_grant");
    two.a.refresh(&app, &refresh_token(&family)).await.expect_error(400, "invalid_grant");
    assert!(!is_active(&two.a, &asker, &access_token(&family)).await, "the server that revoked knows at once");
    is_denied_in_time(&two.b, &asker, &access_token(&family), acknowledged).await;
}

#[tokio::test]
async fn l7_f14_a_server_that_lost_its_listening_connection_still_denies_within_a_second() {
    let two = Two::start().await;
    let (app, user) = (two.world.app(ClientKind::Web).await, two.world.person(Role::Member).await);
    let asker = two.world.app_with(ClientKind::M2m, |client| manage(client, &["introspect"])).await;
    let family = two.world.family(&app, &user).await;

    assert!(is_active(&two.b, &asker, &access_token(&family)).await, "now the other server remembers it");
    let listeners =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and application_name = 'grantor' and query ilike 'listen%'";
    two.world.count(listeners).await;
    revoke(&two.a, &app, &access_token(&family)).await;
    let acknowledged = Instant::now();
    is_denied_in_time(&two.b, &asker, &access_token(&family), acknowledged).await;
}

async fn revoke(door: &World, app: &App, token: &str) {
    door.post_as("/revoke", Some(&basic(app)), &[("token", token)]).await.expect(200);
}

async fn is_active(door: &World, asker: &App, token: &str) -> bool {
    let answer = door.post_as("/introspect", Some(&basic(asker)), &[("token", token)]).await.expect(200);
    answer.json()["active"].as_bool().expect("introspection says yes or no")
}

/// No question begun later than the bound is answered yes.
async fn is_denied_in_time(door: &World, asker: &App, token: &str, acknowledged: Instant) {
    loop {
        let begun = acknowledged.elapsed();
        if !is_active(door, asker, token).await {
            return;
        }
        assert!(begun <= HEARD_WITHIN, "still active {begun:?} after the revocation");
    }
}
