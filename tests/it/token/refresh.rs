//! The refresh token grant where all goes well, and scopes.

use grantor::db::authorizations::{self, Rotation};
use grantor::model::client::ClientKind;
use grantor::model::scope::ScopeSet;
use grantor::wire::ErrorCode;
use rstest::rstest;
use time::Duration;

use crate::kit::world::API;
use crate::token::{Party, ask, authenticated, invalid_grant, jwt_policy, refresh_request, refresh_token, refused};

fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("a scope")
}

#[tokio::test]
async fn i1_r19_each_refresh_returns_a_new_refresh_token() {
    for policy in [jwt_policy(), crate::kit::world::policy()] {
        let party = Party::under(policy, ClientKind::Web, |_| ()).await;
        let (id, tokens) = party.connect().await;
        let mut seen = vec![refresh_token(&tokens)];
        for round in 1..=5 {
            party.world.pass(Duration::minutes(1));
            let next = party.refresh(seen.last().expect("at least one")).await.expect("the newest refresh token works");
            let token = refresh_token(&next);
            assert!(!seen.contains(&token));
            assert_ne!(next.access_token, tokens.access_token);
            seen.push(token);
            assert_eq!(party.facts(id).await.authorization.generation, round + 1);
        }
    }
}

#[tokio::test]
async fn i15_i3_a_lost_answer_is_repeated_with_the_same_successor() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    let first = refresh_token(&tokens);
    let lost = party.refresh(&first).await.expect("the answer that gets lost");
    party.world.pass(Duration::seconds(5));
    let again = party.refresh(&first).await.expect("the retry");
    assert_eq!(again.refresh_token, lost.refresh_token, "one successor");
    assert_ne!(again.access_token, lost.access_token, "a fresh access token");
    party.refresh(&refresh_token(&again)).await.expect("the successor lives");
}

#[rstest]
#[case(10)]
#[case(30)]
#[case(60)]
#[tokio::test]
async fn i3_the_retry_window_ends_after_its_last_second(#[case] window: i32) {
    let party = Party::with(ClientKind::Web, |client| client.profile.refresh_tokens.retry_window = window).await;
    let window = Duration::seconds(window.into());
    for (after, works) in [(window - Duration::SECOND, true), (window, true), (window + Duration::SECOND, false)] {
        let (id, tokens) = party.connect().await;
        let next = party.refresh(&refresh_token(&tokens)).await.expect("the first use");
        party.world.pass(after);
        let again = party.refresh(&refresh_token(&tokens)).await;
        if works {
            assert_eq!(again.expect("a retry").refresh_token, next.refresh_token);
        } else {
            assert_eq!(invalid_grant(again), "the refresh token was used before; the whole family is revoked");
        }
        assert_eq!(party.end_cause(id).await.is_none(), works);
    }
}

#[tokio::test]
async fn r86_with_a_window_of_zero_any_second_use_is_a_replay() {
    let party = Party::with(ClientKind::Web, |client| client.profile.refresh_tokens.retry_window = 0).await;
    let (_, tokens) = party.connect().await;
    let next = party.refresh(&refresh_token(&tokens)).await.expect("the first use");
    assert_eq!(
        invalid_grant(party.refresh(&refresh_token(&tokens)).await),
        "the refresh token was used before; the whole family is revoked"
    );
    assert_eq!(invalid_grant(party.refresh(&refresh_token(&next)).await), "the authorization has ended");
}

#[tokio::test]
async fn r20_without_rotation_the_same_token_is_returned_and_stays_good() {
    let party = Party::with(ClientKind::Web, |client| client.profile.refresh_tokens.rotation = false).await;
    let (id, tokens) = party.connect().await;
    let token = refresh_token(&tokens);
    for _ in 0..5 {
        party.world.pass(Duration::days(20));
        let next = party.refresh(&token).await.expect("still good");
        assert_eq!(refresh_token(&next), token);
        assert_eq!(next.refresh_token_expires_in, Some(30 * 86_400), "each use moves the idle limit");
        assert_eq!(party.facts(id).await.authorization.last_used_at, Some(party.world.now()));
    }
    assert_eq!(party.facts(id).await.authorization.generation, 1);
}

#[tokio::test]
async fn r20_without_rotation_uses_are_written_once_per_hundredth_of_the_idle_span() {
    let party = Party::with(ClientKind::Web, |client| client.profile.refresh_tokens.rotation = false).await;
    let (id, tokens) = party.connect().await;
    let (token, start) = (refresh_token(&tokens), party.world.now());
    let hundredth = Duration::days(30) / 100;
    party.world.pass(hundredth - Duration::SECOND);
    party.refresh(&token).await.expect("good");
    assert_eq!(party.facts(id).await.authorization.last_used_at, Some(start), "too soon for a write");
    party.world.pass(Duration::SECOND);
    party.refresh(&token).await.expect("good");
    assert_eq!(party.facts(id).await.authorization.last_used_at, Some(start + hundredth));
}

#[tokio::test]
async fn r20_switching_rotation_keeps_living_tokens() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    let second = refresh_token(&party.refresh(&refresh_token(&tokens)).await.expect("rotated"));
    party.change(|client| client.profile.refresh_tokens.rotation = false).await;
    assert_eq!(refresh_token(&party.refresh(&second).await.expect("kept")), second);
    party.change(|client| client.profile.refresh_tokens.rotation = true).await;
    assert_ne!(refresh_token(&party.refresh(&second).await.expect("rotated")), second);
}

#[tokio::test]
async fn a_server_that_still_thinks_rotation_is_off_rotates_and_the_other_way_round() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    let knows_rotation = party.client().await;
    party.change(|client| client.profile.refresh_tokens.rotation = false).await;
    let knows_none = party.client().await;
    let token = refresh_token(&tokens);
    let kept = ask(&party.world, &knows_rotation, refresh_request(&token, None)).await.expect("the row decides");
    assert_eq!(refresh_token(&kept), token);
    party.change(|client| client.profile.refresh_tokens.rotation = true).await;
    let rotated = ask(&party.world, &knows_none, refresh_request(&token, None)).await.expect("the row decides");
    assert_ne!(refresh_token(&rotated), token);
}

#[tokio::test]
async fn i6_r82_a_narrower_scope_narrows_only_that_access_token() {
    let party = Party::new().await;
    let (id, tokens) = party.connect().await;
    let narrow = party.refresh_narrowed(&refresh_token(&tokens), "projects:read").await.expect("a subset");
    assert_eq!(narrow.scope, "projects:read");
    assert_eq!(party.facts(id).await.authorization.scopes, scopes("projects:read projects:write"));
    let full = party.refresh(&refresh_token(&narrow)).await.expect("all of it again");
    assert_eq!(full.scope, "projects:read projects:write");
    let repeated = party.refresh_narrowed(&refresh_token(&full), "projects:write offline_access").await.expect("offline is implied");
    assert_eq!(repeated.scope, "projects:write");
}

#[rstest]
#[case("projects:read files:read")]
#[case("unknown")]
#[case("projects:read \u{e9}")]
#[tokio::test]
async fn i6_a_wider_scope_is_refused_and_does_not_consume_the_token(#[case] scope: &str) {
    for rotation in [true, false] {
        let party = Party::with(ClientKind::Web, |client| client.profile.refresh_tokens.rotation = rotation).await;
        let (id, tokens) = party.connect().await;
        let refusal = refused(party.refresh_narrowed(&refresh_token(&tokens), scope).await);
        assert_eq!(refusal.error, ErrorCode::InvalidScope);
        assert_eq!(party.facts(id).await.authorization.generation, 1);
        party.refresh(&refresh_token(&tokens)).await.expect("the token is still good");
    }
}

#[tokio::test]
async fn i11_a_scope_taken_from_the_app_leaves_later_access_tokens() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    party.change(|client| client.profile.scopes = scopes("projects:read")).await;
    let refusal = refused(party.refresh_narrowed(&refresh_token(&tokens), "projects:write").await);
    assert_eq!(refusal.error, ErrorCode::InvalidScope);
    let narrowed = party.refresh(&refresh_token(&tokens)).await.expect("what is left");
    assert_eq!(narrowed.scope, "projects:read");
}

#[tokio::test]
async fn i11_an_app_without_refresh_tokens_refreshes_no_more() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    party.change(|client| client.profile.refresh_tokens.enabled = false).await;
    assert_eq!(invalid_grant(party.refresh(&refresh_token(&tokens)).await), "the app no longer gets refresh tokens");
    party.change(|client| client.profile.refresh_tokens.enabled = true).await;
    party.refresh(&refresh_token(&tokens)).await.expect("the token was not consumed");
}

#[tokio::test]
async fn r23_i5_i8_every_bad_refresh_token_gets_the_same_answer() {
    let party = Party::new().await;
    let stranger = authenticated(&party.world, &party.world.app(ClientKind::Web).await).await;
    let (id, tokens) = party.connect().await;
    let token = refresh_token(&tokens);
    assert_eq!(
        invalid_grant(ask(&party.world, &stranger, refresh_request(&token, None)).await),
        "the refresh token belongs to another app"
    );
    assert_eq!(party.end_cause(id).await, None, "a foreign client ends nothing");
    let mut flipped = token.clone().into_bytes();
    flipped[10] ^= 1;
    for unknown in [String::from_utf8(flipped).expect("text"), "grr_".into(), tokens.access_token.clone(), token.replace("grr", "grc")] {
        assert_eq!(invalid_grant(party.refresh(&unknown).await), "the refresh token was not minted by this server");
    }
    let never = party.world.deps.sealer.refresh_token(grantor::model::ids::AuthorizationId(party.user.id.0), 1).expose().clone();
    assert_eq!(invalid_grant(party.refresh(&never).await), "the authorization is long gone");
    party.world.pass(Duration::days(30));
    assert_eq!(invalid_grant(party.refresh(&token).await), "the refresh token has expired");
}

#[tokio::test]
async fn i17_a_rotation_is_a_heap_only_update_and_a_family_stays_one_row() {
    const ROTATIONS: i32 = 10_000;
    let party = Party::under(jwt_policy(), ClientKind::Web, |_| ()).await;
    let (id, _) = party.connect().await;
    // All on one connection, for Postgres counts per connection and tells when asked to.
    let mut connection = party.world.deps.db.acquire().await.expect("a connection");
    for generation in 1..=ROTATIONS {
        party.world.pass(Duration::SECOND);
        let now = party.world.now();
        let rotation = Rotation { id, client: party.app.key, generation, scopes: None, apis: &[API], now };
        authorizations::rotate(&mut connection, &rotation).await.expect("it answers").expect("it rotates");
    }
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(&mut *connection).await.expect("counts are told");
    let updates = party.world.count("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'authorizations'").await;
    let hot = party.world.count("SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'authorizations'").await;
    // By itself all of them; while another test's transaction is open on this server, dead versions are not reclaimed at once
    // and a full page sends an update elsewhere. An index on a column that changes would leave none.
    assert!(updates >= i64::from(ROTATIONS) && hot * 100 >= updates * 90, "{hot} of {updates} updates were heap-only");
    let indexed = "SELECT count(*) FROM pg_indexes WHERE tablename = 'authorizations'
        AND indexdef ~ '(generation|rotated_at|last_used_at|idle_expires_at)'";
    assert_eq!(party.world.count(indexed).await, 0, "no index names a column that a rotation changes");
    assert_eq!(party.world.count("SELECT count(*) FROM authorizations").await, 1);
}
