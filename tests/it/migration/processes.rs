//! Two server processes: a fleet that moves while both serve it, and two steps at one time.

use std::time::{Duration, Instant};

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::apps::{ALL, manager};
use crate::assertions::{DOORS, Door};
use crate::kit::http::Answer;
use crate::kit::server::Process;
use crate::kit::signer::Pair;
use crate::kit::world::{App, World};
use crate::migration::NEW;

/// How late another server may hear of a change.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

struct Two {
    world: World,
    doors: [Process; 2],
    token: String,
}

impl Two {
    async fn start() -> Self {
        let world = World::in_real_time().await;
        world.person(Role::Member).await;
        // Whoever asks until it is heard fails often.
        let patient = [("GRANTOR__LIMITS__CLIENT_AUTH_FAILURES_PER_MINUTE", "100000")];
        let (a, b) = tokio::join!(world.process_with(&patient), world.process_with(&patient));
        let manager = manager(&world).await;
        let token = a.machine_token(&manager, ALL).await;
        Self { world, doors: [a, b], token }
    }

    /// A request signed now.
    async fn signed(&self, at: usize, app: &App, pair: Pair, door: Door) -> Answer {
        self.world.catch_up();
        self.doors[at].signed(app, pair, door).await
    }

    /// Asks again until the answer has this status, for as long as the servers may take to tell each other.
    async fn comes_to(&self, status: u16, ask: impl AsyncFn() -> Answer) {
        let begun = Instant::now();
        loop {
            let waited = begun.elapsed();
            let answer = ask().await;
            if answer.status.as_u16() == status {
                return;
            }
            assert!(waited <= HEARD_WITHIN, "not {status} after {waited:?} but {}: {}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn r37_a_fleet_moves_to_a_secret_at_two_processes_and_no_request_fails() {
    let two = Two::start().await;
    let [a, b] = &two.doors;
    let app = two.world.app(ClientKind::M2m).await;
    two.world.signer(&app, Pair::Rsa).await;
    let all_by_key = async || {
        for (number, door) in DOORS.into_iter().chain(DOORS).enumerate() {
            two.signed((number + number / 4) % 2, &app, Pair::Rsa, door).await.expect(200);
        }
    };
    all_by_key().await;
    let moved = a.start(&two.token, &app).await;
    all_by_key().await;
    two.comes_to(200, async || b.by_secret(&moved).await).await;
    for switched in 0..=4 {
        for (installation, door) in DOORS.into_iter().enumerate() {
            let at = (installation + switched) % 2;
            if installation < switched {
                two.doors[at].by_secret(&moved).await.expect(200);
            } else {
                two.signed(at, &app, Pair::Rsa, door).await.expect(200);
            }
        }
    }
    b.complete(&two.token, &app, true).await.expect(200);
    for server in &two.doors {
        server.by_secret(&moved).await.expect(200);
    }
    two.signed(1, &app, Pair::Rsa, Door::Client).await.expect_error(401, "invalid_client");
    two.comes_to(401, async || two.signed(0, &app, Pair::Rsa, Door::Client).await).await;
}

#[tokio::test]
async fn r44_steps_at_one_time_at_two_processes_leave_one_state_that_both_tell() {
    let two = Two::start().await;
    let [a, b] = &two.doors;
    for round in 0..4 {
        let app = two.world.app(ClientKind::M2m).await;
        let starts = tokio::join!(a.start_to_key(&two.token, &app), b.start_to_key(&two.token, &app));
        let mut statuses = [starts.0.status.as_u16(), starts.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", starts.0.body, starts.1.body);
        let (one, other) = if round % 2 == 0 { (a, b) } else { (b, a) };
        let (cancelled, completed) = tokio::join!(one.cancel(&two.token, &app), other.complete(&two.token, &app, true));
        let by_key = if completed.status == 200 {
            assert_eq!(cancelled.status.as_u16(), 409, "{}", cancelled.body);
            (200, 401, "completed")
        } else {
            assert_eq!((cancelled.status.as_u16(), completed.status.as_u16()), (204, 409), "{}", completed.body);
            (401, 200, "none")
        };
        for (at, server) in two.doors.iter().enumerate() {
            two.comes_to(by_key.0, async || two.signed(at, &app, NEW, Door::Client).await).await;
            two.comes_to(by_key.1, async || server.by_secret(&app).await).await;
            assert_eq!(server.migration(&two.token, &app).await["state"], by_key.2);
        }
    }
}
