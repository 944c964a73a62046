//! Invariants that hold whatever happens at one time (I-7, I-10, I-12), and two migrators at once (F15).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use grantor::flows::clients::{Error, register};
use grantor::flows::orgs;
use grantor::model::audit::{Actor, Origin};
use grantor::model::client::ClientKind;
use grantor::model::client_draft::ClientDraft;
use grantor::model::membership::Role;
use time::Duration;
use tokio::task::JoinSet;

use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::basic;
use crate::kit::postgres::empty_database;
use crate::kit::process::{run, said};
use crate::kit::world::World;

/// Each foreign key of a table with `org_id` to another such table, and whether it takes the org along, or the client, whose own
/// reference does.
const REFERENCES: &str = "SELECT format('%s %s %s', k.conrelid::regclass, k.conname, EXISTS (
         SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, other)
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own AND a.attname IN ('org_id', 'client_id')
         JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.other AND b.attname = a.attname))
     FROM pg_constraint k
     WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'org_id' AND NOT a.attisdropped)
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'org_id' AND NOT a.attisdropped)
     ORDER BY 1";

/// Tables with `org_id` that no foreign key on it holds.
const LOOSE: &str = "SELECT c.table_name::text FROM information_schema.columns c
     WHERE c.table_schema = 'public' AND c.column_name = 'org_id' AND NOT EXISTS (
         SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
         WHERE k.contype = 'f' AND k.conrelid = format('%I', c.table_name)::regclass AND a.attname = 'org_id')
     ORDER BY 1";

#[tokio::test]
async fn i10_no_table_can_hold_a_reference_into_another_org() {
    let world = World::new().await;
    assert_eq!(world.words(LOOSE).await, Vec::<String>::new(), "these name an org that need not exist");
    let references = world.words(REFERENCES).await;
    assert!(references.len() >= 8, "{references:#?}");
    let loose: Vec<_> = references.iter().filter(|line| line.ends_with(" f")).collect();
    assert!(loose.is_empty(), "these can lead into another org: {loose:#?}");
}

#[tokio::test]
async fn i12_parallel_replays_leave_exactly_one_entry() {
    let world = World::new().await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let second = world.second().await;
    let first = refresh_token(&world.family(&app, &user).await);
    let next = refresh_token(&world.refresh(&app, &first).await.expect(200).json());
    world.refresh(&app, &next).await.expect(200);
    world.pass(Duration::minutes(5));
    let code = world.approved(&app, &user).await;
    world.redeem(&app, &code).await.expect(200);
    world.pass(Duration::minutes(5));
    let mut replays = JoinSet::new();
    for number in 0..32 {
        let server = if number % 2 == 0 { world.clone() } else { second.clone() };
        let (app, first, code) = (app.clone(), first.clone(), code.clone());
        replays.spawn(async move {
            server.refresh(&app, &first).await.expect_error(400, "invalid_grant");
            server.redeem(&app, &code).await.expect_error(400, "invalid_grant");
        });
    }
    replays.join_all().await;
    let entries = "SELECT action || ' ' || count(*) FROM audit_events WHERE action IN ('authorization.reuse', 'authorization.code_replay')
         GROUP BY action ORDER BY action";
    assert_eq!(world.words(entries).await, ["authorization.code_replay 1", "authorization.reuse 1"]);
    assert_eq!(world.count("SELECT count(*) FROM authorizations WHERE ended_at IS NULL").await, 0);
}

#[tokio::test]
async fn h4_a_codes_replay_ends_its_access_tokens_at_the_next_question() {
    let world = World::new().await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let asker = world.app_with(ClientKind::M2m, |client| client.profile.scopes = std::iter::once("introspect".to_owned()).collect()).await;
    let second = world.second().await;
    for (api, scope) in [(crate::kit::world::API, "projects:read"), ("https://opaque.example.test", "files:read")] {
        let code = world.approved_for(&app, &user, api, scope).await;
        let tokens = world.redeem(&app, &code).await.expect(200).json();
        let rotated = world.refresh(&app, &refresh_token(&tokens)).await.expect(200).json();
        let active = async |token: &str| {
            second.post_as("/introspect", Some(&basic(&asker)), &[("token", token)]).await.expect(200).json()["active"] == true
        };
        for answer in [&tokens, &rotated] {
            assert!(active(&access_token(answer)).await, "{api}");
        }
        world.redeem(&app, &code).await.expect_error(400, "invalid_grant");
        // The other process believes what it was told for a second at most.
        world.pass(Duration::seconds(2));
        for answer in [&tokens, &rotated] {
            assert!(!active(&access_token(answer)).await, "{api}");
        }
        world.refresh(&app, &refresh_token(&rotated)).await.expect_error(400, "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i7_m2_creates_from_any_number_of_apps_never_pass_ten_in_any_readers_eyes() {
    let world = World::new().await;
    let second = world.second().await;
    let user = world.person(Role::Admin).await;
    let origin = Origin { actor: Actor::Anonymous, ip: None, request_id: None };
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (world, stop) = (world.clone(), stop.clone());
        async move {
            let most = "SELECT coalesce(max(n), 0)::bigint FROM (SELECT count(*) AS n FROM clients
                 WHERE deleted_at IS NULL AND NOT system GROUP BY org_id) AS apps";
            let mut looks = 0;
            while !stop.load(Ordering::Relaxed) {
                let seen = world.count(most).await;
                assert!(seen <= 10, "{seen} apps of one org");
                looks += 1;
            }
            looks
        }
    });
    for before in 0..10_usize {
        let org = world.org(&format!("from-{before}")).await;
        let mut connection = world.deps.db.acquire().await.expect("a connection");
        grantor::db::memberships::insert(&mut connection, org.id, user.id, Role::Admin, world.now()).await.expect("a membership");
        drop(connection);
        let access = orgs::enter_as_user(&world.deps, &user, &org.slug, &origin).await.expect("their own org");
        let mut creates = JoinSet::new();
        let wish = |number: usize| ClientDraft { name: format!("Racer {number}"), ..ClientDraft::defaults(ClientKind::M2m) };
        for number in 0..before {
            register::register(&world.deps, &access, ClientKind::M2m, wish(number), world.now()).await.expect("a slot is free");
        }
        for number in 0..20 {
            let server = if number % 2 == 0 { world.deps.clone() } else { second.deps.clone() };
            let (access, now, wish) = (access.clone(), world.now(), wish(number));
            creates.spawn(async move {
                match register::register(&server, &access, ClientKind::M2m, wish, now).await {
                    Ok(_) => true,
                    Err(Error::AppLimitReached(_)) => false,
                    Err(other) => panic!("{other}"),
                }
            });
        }
        let made = creates.join_all().await.into_iter().filter(|made| *made).count();
        assert_eq!(made, 10 - before, "from {before} apps");
    }
    stop.store(true, Ordering::Relaxed);
    assert!(reader.await.expect("no reader saw more than ten") > 0);
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE NOT system").await, 100);
    assert_eq!(world.count("SELECT count(DISTINCT (org_id, slot)) FROM clients WHERE NOT system").await, 100);
}

#[tokio::test]
async fn f16_a_migrator_that_is_killed_half_way_leaves_whole_migrations_and_the_next_one_completes_them() {
    for killed_after in [0, 1, 5, 9] {
        let empty = empty_database().await;
        let environment = [("DATABASE_URL", empty.url.as_str())];
        let pool = empty.pool().await;
        let migrating = tokio::spawn({
            let url = empty.url.clone();
            async move { run(&["migrate"], &[("DATABASE_URL", url.as_str())]).await }
        });
        let applied = async || sqlx::query_scalar::<_, i64>("SELECT count(*) FROM _sqlx_migrations").fetch_one(&pool).await.unwrap_or(-1);
        while !migrating.is_finished() && applied().await < killed_after {
            tokio::task::yield_now().await;
        }
        // Dropped, the child gets SIGKILL.
        migrating.abort();
        let _ = migrating.await;
        assert!(run(&["migrate"], &environment).await.status.success());
        assert!(run(&["migrate", "--check"], &environment).await.status.success());
        let whole: (i64, i64) = sqlx::query_as("SELECT count(*), count(*) FILTER (WHERE success) FROM _sqlx_migrations")
            .fetch_one(&pool)
            .await
            .expect("the list of migrations");
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).expect("a folder").count();
        assert_eq!(whole, (i64::try_from(files).expect("few"), i64::try_from(files).expect("few")));
    }
}

#[tokio::test]
async fn f15_migrators_at_one_time_apply_each_migration_once() {
    let empty = empty_database().await;
    let environment = [("DATABASE_URL", empty.url.as_str())];
    let (one, two, three) = tokio::join!(run(&["migrate"], &environment), run(&["migrate"], &environment), run(&["migrate"], &environment));
    for output in [&one, &two, &three] {
        assert!(output.status.success(), "{}", said(&output.stderr));
        assert!(said(&output.stdout).contains("the database is up to date"), "{}", said(&output.stdout));
    }
    let applied = [&one, &two, &three].iter().filter(|output| said(&output.stdout).contains("applied")).count();
    assert_eq!(applied, 1, "the others found nothing to do");
    assert!(run(&["migrate", "--check"], &environment).await.status.success());
}
