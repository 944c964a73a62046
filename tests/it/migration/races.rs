//! Two servers at once: one winner each time, and one consistent state after any interleaving.

use axum::http::Method;
use grantor::model::migration::{Migration, Proof};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::json;
use time::Duration;

use crate::apps::{ALL, APPS, managed, manager};
use crate::assertions::Door;
use crate::kit::http::Answer;
use crate::kit::signer::Pair;
use crate::kit::world::{App, World, policy};
use crate::migration::{NEW, OLD, keyed, path};

#[tokio::test]
async fn r44_cancel_and_complete_at_one_time_have_one_winner() {
    let (world, token) = managed().await;
    let second = world.second().await;
    world.sql("UPDATE orgs SET app_limit = 100").await;
    for round in 0..12 {
        let app = keyed(&world).await;
        let moved = world.start(&token, &app).await;
        let (a, b) = if round % 2 == 0 { (&world, &second) } else { (&second, &world) };
        let (cancelled, completed) = tokio::join!(a.cancel(&token, &app), b.complete(&token, &app, true));
        world.let_it_be_heard();
        match (cancelled.status.as_u16(), completed.status.as_u16()) {
            (204, 409) => {
                world.by_key(&app).await.expect(200);
                second.by_secret(&moved).await.expect_error(401, "invalid_client");
            }
            (409, 200) => {
                second.by_key(&app).await.expect_error(401, "invalid_client");
                world.by_secret(&moved).await.expect(200);
            }
            other => panic!("{other:?}: {} {}", cancelled.body, completed.body),
        }
    }
}

#[tokio::test]
async fn r44_of_many_starts_at_one_time_one_makes_a_secret() {
    let (world, token) = managed().await;
    let second = world.second().await;
    let app = keyed(&world).await;
    let start = async |server: &World| server.api(Method::POST, &path(&app), &token, None).await;
    let all = tokio::join!(start(&world), start(&second), start(&world), start(&second), start(&world), start(&second));
    let mut statuses = <[Answer; 6]>::from(all).map(|answer| answer.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    assert_eq!(world.count("SELECT count(*) FROM credentials WHERE kind = 'secret' AND deleted_at IS NULL AND hint <> ''").await, 2);
}

/// What somebody does at one of the two servers.
#[derive(Debug, Clone, Copy)]
enum Step {
    Start,
    Cancel,
    Complete,
    BrownOut(bool),
    AddSecret,
    DeleteSecret,
    StartToKey,
    AddKey,
    RevokeKey,
    UseKey,
    UseSecret,
    Exchange,
}

/// What the app may have for keys: at first, by a migration, and added beside.
const PAIRS: [Pair; 3] = [OLD, NEW, Pair::Rsa];

/// One step, or two at one time on both servers, and the hours that pass then.
#[derive(Debug, Clone)]
struct Round {
    first: Step,
    beside: Option<Step>,
    hours: i64,
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    use Step::{AddKey, AddSecret, BrownOut, Cancel, Complete, DeleteSecret, Exchange, RevokeKey, Start, StartToKey, UseKey, UseSecret};
    let steps = || {
        select(vec![
            Start,
            Start,
            Start,
            StartToKey,
            StartToKey,
            Cancel,
            Complete,
            Complete,
            BrownOut(true),
            BrownOut(false),
            AddSecret,
            AddSecret,
            DeleteSecret,
            AddKey,
            RevokeKey,
            UseKey,
            UseSecret,
            UseSecret,
            Exchange,
        ])
    };
    let round = (steps(), prop::option::of(steps()), select(vec![0, 0, 1, 25]));
    prop::collection::vec(round.prop_map(|(first, beside, hours)| Round { first, beside, hours }), 3..14)
}

/// Both servers, the app, and every secret that was ever told.
struct Two {
    servers: [World; 2],
    token: String,
    app: App,
    secrets: Vec<String>,
}

impl Two {
    fn with(&self, secret: &str) -> App {
        App { secret: secret.to_owned(), ..self.app.clone() }
    }

    fn last_secret(&self) -> &str {
        self.secrets.last().map_or("grs_none", String::as_str)
    }

    async fn take(&self, at: usize, step: Step) -> Option<String> {
        let (server, token, app) = (&self.servers[at], &self.token, &self.app);
        let secrets = format!("{APPS}/{}/secrets", app.client_id);
        let keys = format!("{APPS}/{}/keys", app.client_id);
        let answer = match step {
            Step::Start => server.api(Method::POST, &path(app), token, None).await,
            Step::Cancel => server.cancel(token, app).await,
            Step::Complete => server.complete(token, app, at == 0).await,
            Step::BrownOut(on) => {
                let method = if on { Method::POST } else { Method::DELETE };
                server.api(method, &format!("{}/brown-out", path(app)), token, None).await
            }
            Step::AddSecret => server.api(Method::POST, &secrets, token, Some(&json!({}))).await,
            Step::DeleteSecret => {
                let listed = server.api(Method::GET, &secrets, token, None).await.expect(200).json();
                let id = listed["secrets"].as_array().and_then(|all| all.last()?["id"].as_str().map(str::to_owned))?;
                server.api(Method::DELETE, &format!("{secrets}/{id}"), token, None).await
            }
            Step::StartToKey => server.start_to_key(token, app).await,
            Step::AddKey => {
                let key = serde_json::to_value(&Pair::Rsa.get().public.jwk).expect("JSON");
                server.api(Method::POST, &keys, token, Some(&json!({ "key": key }))).await
            }
            Step::RevokeKey => {
                let listed = server.api(Method::GET, &keys, token, None).await.expect(200).json();
                let id = listed["keys"].as_array().and_then(|all| all.first()?["id"].as_str().map(str::to_owned))?;
                server.api(Method::POST, &format!("{keys}/{id}/revoke"), token, None).await
            }
            // Refused or not: `check` compares with what stands in the rows.
            Step::UseKey => server.by_key(app).await,
            Step::UseSecret => server.by_secret(&self.with(self.last_secret())).await,
            Step::Exchange => server.signed(&self.with(self.last_secret()), Pair::Rsa, Door::Ims).await,
        };
        assert!(answer.status.as_u16() < 500, "{step:?}: {}", answer.body);
        if answer.status.as_u16() != 201 {
            return None;
        }
        answer.json()["client_secret"].as_str().map(str::to_owned)
    }

    async fn round(&mut self, round: &Round) {
        let told = match round.beside {
            None => [self.take(0, round.first).await, None],
            Some(beside) => {
                let (a, b) = tokio::join!(self.take(0, round.first), self.take(1, beside));
                [a, b]
            }
        };
        self.secrets.extend(told.into_iter().flatten());
        self.servers[0].pass(Duration::hours(round.hours));
        self.servers[0].let_it_be_heard();
    }

    /// What the rows say, both servers do, and nothing contradicts itself.
    async fn check(&self) {
        let record = self.servers[0].record(&self.app).await;
        let now = self.servers[0].now();
        let hints: Vec<String> = record.credentials.iter().filter(|own| own.is_secret()).map(hint).collect();
        let keys = || record.credentials.iter().filter_map(|own| own.key());
        let migration = record.migration.as_ref();
        let (running, completed) = (migration.is_some_and(Migration::is_running), migration.is_some_and(|own| !own.is_running()));
        let refused = migration.filter(|own| own.brown_out(now).is_some()).map(|own| own.direction.old());
        assert!(hints.len() <= 2, "{hints:?}");
        assert!(record.credentials.iter().any(|own| own.is_live(now)), "something always works");
        if let Some(own) = migration {
            let old_is_gone = record.credentials.iter().all(|credential| Proof::of(credential) == own.direction.successor());
            assert_eq!(old_is_gone, completed, "what is old goes exactly with completion");
            let new = record.credentials.iter().find(|credential| credential.id == own.new_credential);
            assert!(completed || new.is_some_and(|new| Proof::of(new) == own.direction.successor()), "what runs has its new credential");
        }
        let told = self.servers[1].migration(&self.token, &self.app).await;
        let state = if running {
            "running"
        } else if completed {
            "completed"
        } else {
            "none"
        };
        assert_eq!(told["state"], state);
        for server in &self.servers {
            for pair in PAIRS {
                let has = keys().any(|key| key.is_live(now) && key.thumbprint == pair.get().public.thumbprint);
                let by_key = server.signed(&self.app, pair, Door::Client).await;
                assert_eq!(by_key.status == 200, has && refused != Some(Proof::Key), "{pair:?} {state} {}", by_key.body);
            }
            for secret in &self.secrets {
                let works = server.by_secret(&self.with(secret)).await.status.as_u16() == 200;
                let has = hints.iter().any(|hint| secret.ends_with(hint.as_str()));
                assert_eq!(works, has && refused != Some(Proof::Secret), "{hints:?} {state}");
            }
        }
    }
}

fn hint(credential: &grantor::model::credential::Credential) -> String {
    match &credential.kind {
        grantor::model::credential::CredentialKind::Secret { hint, .. } => hint.clone(),
        grantor::model::credential::CredentialKind::Key(_) => String::new(),
    }
}

#[test]
fn r44_any_interleaving_over_two_servers_leaves_one_consistent_state() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut policy = policy();
    policy.limits.client_auth_failures_per_minute = 100_000;
    let (world, second, manager) = runtime.block_on(async {
        let world = World::with(policy).await;
        world.sql("UPDATE orgs SET app_limit = 5000").await;
        let manager = manager(&world).await;
        let second = world.second().await;
        (world, second, manager)
    });
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() });
    let outcome = runner.run(&rounds(), |rounds| {
        runtime.block_on(async {
            let app = keyed(&world).await;
            let mut two = Two { servers: [world.clone(), second.clone()], token: String::new(), app, secrets: Vec::new() };
            for round in &rounds {
                two.token = world.machine_token(&manager, ALL).await;
                two.round(round).await;
                two.token = world.machine_token(&manager, ALL).await;
                two.check().await;
            }
        });
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
