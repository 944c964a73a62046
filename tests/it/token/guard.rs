//! The guards in SQL and the decisions in Rust are the same rules: whatever the row, the database takes a step exactly when
//! `decide` would, and leaves the limits that `lifetimes` computes.

use grantor::db::Connection;
use grantor::db::authorizations::{self, Redemption, Rotation};
use grantor::model::client::ClientKind;
use grantor::model::ids::{AuthorizationId, ClientKey};
use grantor::model::scope::ScopeSet;
use grantor::protocol::token::lifetimes::Ends;
use grantor::protocol::token::{code, refresh};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use time::Duration;

use crate::kit::world::{API, CALLBACK};
use crate::token::{Party, VERIFIER, challenge, jwt_policy};

/// The people and switches around a row.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct Around {
    client_disabled: bool,
    client_deleted: bool,
    user_disabled: bool,
    org_disabled: bool,
    is_member: bool,
    enabled: bool,
    rotation: bool,
    absolute: Option<i64>,
    idle: Option<i64>,
}

/// A redeemed row, in seconds from now, and a token that comes for it.
#[derive(Debug, Clone)]
struct Family {
    around: Around,
    generation: i32,
    presented: i32,
    is_foreign: bool,
    offline: bool,
    ended: bool,
    redeemed: i64,
    last_used: i64,
    absolute_end: Option<i64>,
    idle_end: Option<i64>,
    scope: Option<&'static str>,
}

/// A row with a code, and the code as it comes.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct CodeRow {
    around: Around,
    redeemed: bool,
    is_foreign: bool,
    offline: bool,
    ended: bool,
    expires: i64,
    bound_uri: Option<&'static str>,
    sent_uri: Option<&'static str>,
    bound_challenge: Option<&'static str>,
    sent_challenge: Option<&'static str>,
}

/// Mostly false, so that many rows pass many checks.
fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.06)
}

fn around() -> impl Strategy<Value = Around> {
    let lifetimes = || select(vec![None, Some(99), Some(100), Some(101), Some(5_000), Some(i64::MAX)]);
    let parties = (rarely(), rarely(), rarely(), rarely(), rarely());
    (parties, rarely(), any::<bool>(), lifetimes(), lifetimes()).prop_map(|(parties, disabled, rotation, absolute, idle)| Around {
        client_disabled: parties.0,
        client_deleted: parties.1,
        user_disabled: parties.2,
        org_disabled: parties.3,
        is_member: !parties.4,
        enabled: !disabled,
        rotation,
        absolute,
        idle,
    })
}

fn families() -> impl Strategy<Value = Family> {
    let ends = || select(vec![None, Some(-1), Some(0), Some(1), Some(400), Some(400), Some(100_000)]);
    let scopes = select(vec![None, None, Some(""), Some("projects:read"), Some("projects:read projects:write"), Some("files:read")]);
    let token = (1..4_i32, 1..5_i32, any::<bool>(), rarely(), rarely(), rarely());
    (around(), token, select(vec![100, 100, 50, 0]), 0..=100_i64, ends(), ends(), scopes).prop_map(
        |(around, (generation, other, same, is_foreign, online, ended), redeemed, used, absolute_end, idle_end, scope)| Family {
            around,
            generation,
            presented: if same { generation } else { other },
            is_foreign,
            offline: !online,
            ended,
            redeemed: -redeemed,
            last_used: -used.min(redeemed),
            absolute_end,
            idle_end,
            scope,
        },
    )
}

fn code_rows() -> impl Strategy<Value = CodeRow> {
    let uris = || select(vec![Some(CALLBACK), Some(CALLBACK), Some("https://app.example.test/other"), None]);
    let challenges = || select(vec![Some(VERIFIER), Some(VERIFIER), Some("another"), None]);
    let flags = (rarely(), rarely(), any::<bool>(), rarely());
    (around(), flags, select(vec![-1, 0, 1, 60, 60, 60]), (uris(), uris()), (challenges(), challenges())).prop_map(
        |(around, (redeemed, is_foreign, offline, ended), expires, (bound_uri, sent_uri), (bound_challenge, sent_challenge))| CodeRow {
            around,
            redeemed,
            is_foreign,
            offline,
            ended,
            expires,
            bound_uri,
            sent_uri,
            bound_challenge,
            sent_challenge,
        },
    )
}

async fn arrange(connection: &mut Connection, party: &Party, around: &Around) {
    let at = |disabled: bool| disabled.then(|| party.world.now());
    let statement = "UPDATE clients SET disabled_at = $2, deleted_at = $3, refresh_enabled = $4, refresh_rotation = $5,
        refresh_absolute_lifetime = $6, refresh_idle_lifetime = $7 WHERE id = $1";
    let clients = sqlx::query(statement)
        .bind(party.app.key.0)
        .bind(at(around.client_disabled))
        .bind(at(around.client_deleted))
        .bind(around.enabled)
        .bind(around.rotation)
        .bind(around.absolute)
        .bind(around.idle);
    clients.execute(&mut *connection).await.expect("the app is arranged");
    for (statement, disabled) in
        [("UPDATE users SET disabled_at = $1", around.user_disabled), ("UPDATE orgs SET disabled_at = $1", around.org_disabled)]
    {
        sqlx::query(statement).bind(at(disabled)).execute(&mut *connection).await.expect("the parties are arranged");
    }
    if !around.is_member {
        sqlx::query("DELETE FROM memberships").execute(&mut *connection).await.expect("the membership is arranged");
    }
}

fn client(party: &Party, is_foreign: bool) -> ClientKey {
    if is_foreign { ClientKey(party.user.id.0) } else { party.app.key }
}

/// Arranges, tries every step, and undoes all of it.
async fn check_family(party: &Party, id: AuthorizationId, family: &Family) {
    let now = party.world.now();
    let at = |seconds: i64| now + Duration::seconds(seconds);
    let mut transaction = party.world.deps.db.begin().await.expect("a transaction");
    arrange(&mut transaction, party, &family.around).await;
    let statement = "UPDATE authorizations SET generation = $2, offline = $3, ended_at = $4, end_cause = $5, redeemed_at = $6,
        rotated_at = $7, last_used_at = $7, absolute_expires_at = $8, idle_expires_at = $9 WHERE id = $1";
    let idle_end = [family.idle_end, family.absolute_end].into_iter().flatten().min();
    let row = sqlx::query(statement)
        .bind(id.0)
        .bind(family.generation)
        .bind(family.offline)
        .bind(family.ended.then_some(now))
        .bind(family.ended.then_some("reuse"))
        .bind(at(family.redeemed))
        .bind(at(family.last_used))
        .bind(family.absolute_end.map(at))
        .bind(idle_end.map(at));
    row.execute(&mut *transaction).await.expect("the row is arranged");

    let facts = authorizations::find_facts_by_id(&mut transaction, id).await.expect("read").expect("there");
    let asked = family.scope.map(|text| ScopeSet::parse(text).expect("a scope"));
    let allowed = ScopeSet::parse("projects:read projects:write files:read").expect("a scope");
    let client = client(party, family.is_foreign);
    let presented =
        refresh::Presented { client, generation: family.presented, scope: asked.as_ref(), allowed: &allowed, repeated: false, now };
    let decision = refresh::decide(&facts, &presented);
    let scopes = asked.as_ref().map(ScopeSet::as_slice);
    let rotation = Rotation { id, client, generation: family.presented, scopes, apis: &[API], now };
    let expected = Ends::after_use(&facts.authorization, &facts.policy, now);

    let touched = authorizations::touch(&mut transaction, &rotation).await.expect("touch answers");
    assert_eq!(touched.is_some(), matches!(decision, refresh::Decision::Keep { .. }), "touch against {decision:?}");
    let rotated = authorizations::rotate(&mut transaction, &rotation).await.expect("rotate answers");
    assert_eq!(rotated.is_some(), decision == refresh::Decision::Rotate, "rotate against {decision:?}");
    for live in touched.iter().chain(&rotated) {
        assert_eq!((live.absolute_expires_at, live.idle_expires_at), (expected.absolute, expected.idle));
        let facts = authorizations::find_facts_by_id(&mut transaction, id).await.expect("read").expect("there");
        assert_eq!(&refresh::unchanged(&facts), live, "what a retry reads is what the step returned");
    }
    transaction.rollback().await.expect("undone");
}

async fn check_code(party: &Party, id: AuthorizationId, code: &CodeRow) {
    let now = party.world.now();
    let mut transaction = party.world.deps.db.begin().await.expect("a transaction");
    arrange(&mut transaction, party, &code.around).await;
    let statement = "UPDATE authorizations SET generation = $2, redeemed_at = $3, offline = $4, ended_at = $5, end_cause = $6,
        code_expires_at = $7, redirect_uri = $8, code_challenge = $9 WHERE id = $1";
    let row = sqlx::query(statement)
        .bind(id.0)
        .bind(i32::from(code.redeemed))
        .bind(code.redeemed.then_some(now))
        .bind(code.offline)
        .bind(code.ended.then_some(now))
        .bind(code.ended.then_some("reuse"))
        .bind(now + Duration::seconds(code.expires))
        .bind(code.bound_uri)
        .bind(code.bound_challenge.map(challenge));
    row.execute(&mut *transaction).await.expect("the row is arranged");

    let facts = authorizations::find_facts_by_id(&mut transaction, id).await.expect("read").expect("there");
    let sent = code.sent_challenge.map(challenge);
    let client = client(party, code.is_foreign);
    let presented = code::Presented { client, redirect_uri: code.sent_uri, challenge: sent.as_deref(), repeated: false, now };
    let decision = code::decide(&facts, &presented);
    let redemption = Redemption { id, client, redirect_uri: code.sent_uri, challenge: sent.as_deref(), apis: &[API], now };
    let redeemed = authorizations::redeem(&mut transaction, &redemption).await.expect("redeem answers");
    assert_eq!(redeemed.is_some(), decision == code::Decision::Redeem, "redeem against {decision:?}");
    if let Some(live) = redeemed {
        assert_eq!(live.offline, code.offline && code.around.enabled);
        let facts = authorizations::find_facts_by_id(&mut transaction, id).await.expect("read").expect("there");
        assert_eq!(refresh::unchanged(&facts), live, "what a retry reads is what the step returned");
    }
    transaction.rollback().await.expect("undone");
}

fn run<T: std::fmt::Debug>(strategy: &impl Strategy<Value = T>, check: &impl AsyncFn(&Party, AuthorizationId, &T)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (party, id) = runtime.block_on(async {
        let party = Party::under(jwt_policy(), ClientKind::Web, |_| ()).await;
        let id = party.approve().await.id;
        (party, id)
    });
    let mut runner = TestRunner::new(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(strategy, |case| {
        runtime.block_on(check(&party, id, &case));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn i1_the_guard_of_rotation_and_the_decision_are_the_same_rule() {
    run(&families(), &check_family);
}

#[test]
fn h1_the_guard_of_redemption_and_the_decision_are_the_same_rule() {
    run(&code_rows(), &check_code);
}
