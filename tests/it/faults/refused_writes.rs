//! The database is there and refuses to write: a standby, a full disk, a deadlock, a conflict.

use axum::http::Method;
use serde_json::json;

use crate::faults::{Holdings, expect_trouble, expect_trouble_page, expect_trouble_problem};
use crate::kit::browser::Browser;
use crate::kit::grants::refresh_token;
use crate::kit::world::{PASSWORD, PATIENT, World, policy};

const READ_ONLY: &str =
    "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$";
const END_OTHERS: &str =
    "with others as materialized (select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
    select pg_terminate_backend(pid, 20000) from others";
/// As the failover to a primary ends it; the session itself was read-only by default.
const WRITABLE: &str = "set default_transaction_read_only = off;
    do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$";

#[tokio::test]
async fn f27_l6_on_a_read_only_database_writes_are_503_and_reads_go_on() {
    let seeds = World::new().await;
    let holdings = Holdings::of(&seeds).await;
    seeds.sql(READ_ONLY).await;
    let world = seeds.beside(&seeds.database.options, policy(), PATIENT).await;

    expect_trouble(world.refresh(&holdings.web, &holdings.refresh).await);
    expect_trouble(world.redeem(&holdings.web, &holdings.code).await);
    expect_trouble(holdings.revoke(&world).await);
    let app = json!({ "kind": "m2m", "name": "New" });
    expect_trouble_problem(&world.api(Method::POST, "/api/v1/orgs/acme/apps", &holdings.management, Some(&app)).await);
    let mut browser = Browser::new(&world);
    let page = browser.open("/login").await;
    let email = holdings.user.email.as_str();
    expect_trouble_page(&browser.submit(&page, "password", &[("email", email), ("password", PASSWORD)]).await.answer);
    holdings.list_apps(&world).await.expect(200);
    assert_eq!(holdings.introspect(&world).await.expect(200).json()["active"], true);

    seeds.sql(WRITABLE).await;
    seeds.sql(END_OTHERS).await;
    world.redeem(&holdings.web, &holdings.code).await.expect(200);
    world.refresh(&holdings.web, &holdings.refresh).await.expect(200);
    browser.sign_in(email).await;
    browser.open("/account").await.answer.expect(200);
}

/// Makes `table` refuse every write with `code` (appendix A of the Postgres manual).
async fn refuse(world: &World, statements: &'static str) {
    world.sql(statements).await;
}

const CONFLICT: &str = "create function in_the_way() returns trigger language plpgsql as
    $$ begin raise exception 'injected' using errcode = '40001'; end $$;
    create trigger in_the_way before update on authorizations for each row execute function in_the_way()";
const DEADLOCK: &str = "create function in_the_way() returns trigger language plpgsql as
    $$ begin raise exception 'injected' using errcode = '40P01'; end $$;
    create trigger in_the_way before update on authorizations for each row execute function in_the_way()";
const DISK_FULL: &str = "create function in_the_way() returns trigger language plpgsql as
    $$ begin raise exception 'injected' using errcode = '53100'; end $$;
    create trigger in_the_way before insert or update on authorizations for each row execute function in_the_way()";
const NO_AUDIT: &str = "create function in_the_way() returns trigger language plpgsql as
    $$ begin raise exception 'injected' using errcode = '53100'; end $$;
    create trigger in_the_way before insert on audit_events for each row execute function in_the_way()";
const OUT_OF_THE_WAY: &str = "drop function in_the_way cascade";

#[tokio::test]
async fn f9_f10_l6_conflicts_deadlocks_and_full_disks_are_503_and_leave_no_trace() {
    let world = World::new().await;
    let holdings = Holdings::of(&world).await;
    for trouble in [CONFLICT, DEADLOCK, DISK_FULL] {
        refuse(&world, trouble).await;
        expect_trouble(world.refresh(&holdings.web, &holdings.refresh).await);
        expect_trouble(world.redeem(&holdings.web, &holdings.code).await);
        expect_trouble(holdings.revoke(&world).await);
        world.sql(OUT_OF_THE_WAY).await;
        assert_eq!(world.count("select sum(generation) from authorizations where ended_at is null").await, 1);
    }
    world.redeem(&holdings.web, &holdings.code).await.expect(200);
    let next = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    world.refresh(&holdings.web, &next).await.expect(200);
}

#[tokio::test]
async fn f3_i12_a_replay_that_cannot_be_recorded_is_503_and_is_still_a_replay_later() {
    let world = World::new().await;
    let holdings = Holdings::of(&world).await;
    let second = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    let third = refresh_token(&world.refresh(&holdings.web, &second).await.expect(200).json());
    refuse(&world, NO_AUDIT).await;
    expect_trouble(world.refresh(&holdings.web, &holdings.refresh).await);
    assert_eq!(world.count("select count(*) from authorizations where ended_at is not null").await, 0, "all or nothing");
    world.sql(OUT_OF_THE_WAY).await;
    world.refresh(&holdings.web, &holdings.refresh).await.expect_error(400, "invalid_grant");
    world.refresh(&holdings.web, &third).await.expect_error(400, "invalid_grant");
    assert_eq!(world.count("select count(*) from audit_events where action = 'authorization.reuse'").await, 1);
}
