//! Clean-up: what has expired goes, in bounded batches; what is in force or in use stays.

use grantor::flows::prune::{Bounds, Cursor, Pruned, prune};
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::world::World;

const BOUNDS: Bounds = Bounds { batch: 500, batches: 200 };

async fn world() -> World {
    let world = World::new().await;
    world.person(Role::Owner).await;
    world.app(ClientKind::Web).await;
    world
}

async fn pruned(world: &World) -> Pruned {
    prune(&world.deps, &mut Cursor::default(), BOUNDS, world.now()).await.expect("the database answers")
}

fn deleted(pruned: &Pruned, kind: &str) -> u64 {
    pruned.deleted.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("no {kind}")).1
}

/// Authorizations as they stand at the world's start, 2026-03-01 12:00, told apart by their nonce; rows are kept for 30 days.
const AUTHORIZATIONS: &str = "
    INSERT INTO authorizations (id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at, redeemed_at,
                                idle_expires_at, absolute_expires_at, ended_at, end_cause, code_expires_at, nonce)
    SELECT gen_random_uuid(), c.org_id, c.id, u.id, g.generation, true, '{}', 'x', at, at,
           CASE WHEN g.generation > 0 THEN at END, g.idle, g.absolute, g.ended, CASE WHEN g.ended IS NOT NULL THEN 'reuse' END, at, g.nonce
    FROM clients c, users u, (SELECT timestamptz '2025-12-01 00:00Z' AS at) t, (VALUES
        (1, timestamptz '2026-02-01 00:00Z', timestamptz '2026-02-15 00:00Z', NULL::timestamptz, 'kept: expired, for explanations'),
        (1, timestamptz '2026-01-10 00:00Z', timestamptz '2026-01-15 00:00Z', NULL, 'gone: absolute limit'),
        (1, timestamptz '2026-01-10 00:00Z', NULL, NULL, 'gone: idle limit'),
        (1, timestamptz '2026-02-10 00:00Z', NULL, NULL, 'kept: idle limit, for explanations'),
        (1, NULL, NULL, NULL, 'kept: no limit'),
        (1, NULL, NULL, timestamptz '2026-01-29 00:00Z', 'gone: ended'),
        (1, NULL, NULL, timestamptz '2026-02-20 00:00Z', 'kept: ended, for replay detection'),
        (0, NULL, NULL, NULL, 'gone: code')
    ) AS g(generation, idle, absolute, ended, nonce)";

#[tokio::test]
async fn r4_authorizations_go_when_replay_detection_no_longer_needs_them() {
    let world = world().await;
    world.sql(AUTHORIZATIONS).await;
    let pruned = pruned(&world).await;
    assert_eq!(world.count("SELECT count(*) FROM authorizations WHERE nonce LIKE 'gone%'").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM authorizations WHERE nonce LIKE 'kept%'").await, 4);
    assert_eq!(deleted(&pruned, "codes that nobody redeemed"), 1);
    assert_eq!(deleted(&pruned, "ended authorizations"), 1);
    assert_eq!(deleted(&pruned, "expired authorizations"), 1);
    assert_eq!(deleted(&pruned, "idle authorizations"), 1);
}

#[tokio::test]
async fn r4_expired_requests_sessions_counters_links_and_keys_go_and_living_ones_stay() {
    let world = world().await;
    world
        .sql(
            "INSERT INTO throttles (key, attempts, window_ends_at) VALUES ('old', 1, '2026-02-01'), ('new', 1, '2026-03-02');
             INSERT INTO idempotency_keys (org_id, actor, key, request_digest, created_at, expires_at)
                 SELECT id, 'a', k, '', '2026-01-01', e FROM orgs, (VALUES ('old', timestamptz '2026-02-01'), ('new', '2026-03-02')) v(k, e);
             INSERT INTO password_links (id, user_id, token_digest, created_at, expires_at)
                 SELECT gen_random_uuid(), id, convert_to(k, 'UTF8'), '2026-01-01', e FROM users,
                 (VALUES ('old', timestamptz '2026-02-01'), ('new', '2026-03-02')) v(k, e);
             INSERT INTO browser_sessions (id, user_id, token_digest, created_at, authenticated_at, last_seen_at, idle_expires_at,
                                           absolute_expires_at)
                 SELECT gen_random_uuid(), id, convert_to(k, 'UTF8'), '2026-01-01', '2026-01-01', '2026-01-01', e, e FROM users,
                 (VALUES ('old', timestamptz '2026-02-01'), ('new', '2026-03-02')) v(k, e);
             INSERT INTO authorization_requests (id, org_id, client_id, browser_digest, redirect_uri, scopes, api, offline, created_at,
                                                 expires_at, stage)
                 SELECT gen_random_uuid(), org_id, id, '', 'x', '{}', 'x', false, '2026-01-01', e, 'pending' FROM clients,
                 (VALUES (timestamptz '2026-02-01'), ('2026-03-02')) v(e);
             INSERT INTO access_tokens (token_digest, id, org_id, client_id, scopes, api, issued_at, expires_at)
                 SELECT convert_to(k, 'UTF8'), gen_random_uuid(), org_id, id, '{}', 'x', '2026-01-01', e FROM clients,
                 (VALUES ('old', timestamptz '2026-02-01'), ('new', '2026-03-02')) v(k, e);
             SELECT revoke_access_token(gen_random_uuid(), '2026-02-01 10:00Z'), revoke_access_token(gen_random_uuid(), '2026-03-01 10:00Z');",
        )
        .await;
    let pruned = pruned(&world).await;
    for kind in [
        "authorization requests",
        "browser sessions",
        "throttle counters",
        "set-password links",
        "idempotency keys",
        "opaque access tokens",
        "days of revoked token ids",
    ] {
        assert_eq!(deleted(&pruned, kind), 1, "{kind}");
    }
    let left = "SELECT (SELECT count(*) FROM authorization_requests) + (SELECT count(*) FROM browser_sessions)
        + (SELECT count(*) FROM throttles) + (SELECT count(*) FROM password_links) + (SELECT count(*) FROM idempotency_keys)
        + (SELECT count(*) FROM access_tokens) + (SELECT count(*) FROM revoked_access_tokens)";
    assert_eq!(world.count(left).await, 7);
}

#[tokio::test]
async fn r4_one_turn_is_bounded_and_the_walk_goes_on_where_it_stopped() {
    let world = world().await;
    world
        .sql(
            "INSERT INTO authorizations (id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at, redeemed_at,
                                         idle_expires_at, code_expires_at)
             SELECT gen_random_uuid(), c.org_id, c.id, u.id, 1, true, '{}', 'x', at, at, at, CASE WHEN n % 2 = 0 THEN at END, at
             FROM clients c, users u, (SELECT timestamptz '2025-12-01 00:00Z' AS at) t, generate_series(1, 20) n;
             INSERT INTO throttles SELECT n::text, 1, '2026-02-01' FROM generate_series(1, 20) n;",
        )
        .await;
    let mut cursor = Cursor::default();
    let bounds = Bounds { batch: 3, batches: 2 };
    let first = prune(&world.deps, &mut cursor, bounds, world.now()).await.expect("the database answers");
    assert_eq!(deleted(&first, "throttle counters"), 6);
    let mut idle = deleted(&first, "idle authorizations");
    assert!(idle <= 6);
    for _ in 0..4 {
        let more = prune(&world.deps, &mut cursor, bounds, world.now()).await.expect("the database answers");
        idle += deleted(&more, "idle authorizations");
    }
    assert_eq!(idle, 10);
    assert_eq!(world.count("SELECT count(*) FROM authorizations").await, 10);
}

#[tokio::test]
async fn rows_in_use_and_servers_at_work_are_left_alone() {
    let world = world().await;
    world.sql("INSERT INTO throttles VALUES ('busy', 1, '2026-02-01'), ('free', 1, '2026-02-01')").await;
    let mut other = world.deps.db.pool().begin().await.expect("a connection");
    sqlx::query("SELECT FROM throttles WHERE key = 'busy' FOR UPDATE").execute(&mut *other).await.expect("a lock");
    assert_eq!(deleted(&pruned(&world).await, "throttle counters"), 1);

    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('grantor prune'))").execute(&mut *other).await.expect("a lock");
    let pruned = pruned(&world).await;
    assert!(pruned.busy_elsewhere && pruned.total() == 0);
    assert_eq!(world.count("SELECT count(*) FROM throttles").await, 1);
}

#[tokio::test]
async fn a_deleted_app_is_purged_when_it_cannot_come_back_and_its_trail_stays() {
    let world = world().await;
    world.app(ClientKind::Web).await;
    world.sql("INSERT INTO audit_events (id, at, actor_kind, actor_label, action, target_kind, target_id) SELECT gen_random_uuid(), '2026-01-01', 'server', 'server', 'client.delete', 'client', client_id FROM clients").await;
    world
        .sql(
            "INSERT INTO authorizations (id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at, redeemed_at,
                                         ended_at, end_cause, code_expires_at)
             SELECT gen_random_uuid(), c.org_id, c.id, u.id, 1, true, '{}', 'x', at, at, at, at, 'client_deleted', at
             FROM clients c, users u, (SELECT timestamptz '2026-02-25 00:00Z' AS at) t, generate_series(1, 7);
             INSERT INTO consents (org_id, client_id, user_id, scopes, identity_version, granted_at, updated_at)
             SELECT c.org_id, c.id, u.id, '{}', 1, '2026-01-01', '2026-01-01' FROM clients c, users u;
             UPDATE clients SET deleted_at = '2026-01-30 11:59Z' WHERE id = (SELECT min(id::text)::uuid FROM clients);
             UPDATE clients SET deleted_at = '2026-01-30 12:01Z' WHERE deleted_at IS NULL;",
        )
        .await;
    let bounds = Bounds { batch: 3, batches: 200 };
    prune(&world.deps, &mut Cursor::default(), bounds, world.now()).await.expect("the database answers");
    assert_eq!(world.count("SELECT count(*) FROM clients").await, 1, "the one that can still be restored");
    assert_eq!(world.count("SELECT count(*) FROM authorizations").await, 7);
    assert_eq!(world.count("SELECT count(*) FROM consents").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM credentials").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'client.delete'").await, 2);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'client.purge' AND org_id IS NOT NULL").await, 1);
}
