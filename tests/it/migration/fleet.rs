//! A fleet of installations that switch one by one, served by two servers, sees no failed request.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use time::Duration;

use crate::apps::managed;
use crate::assertions::{DOORS, Door};
use crate::kit::signer::Pair;
use crate::kit::world::{App, World};
use crate::migration::{NEW, QUIET};

/// How many installations of one app there are.
const FLEET: usize = 5;

/// Which way the fleet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    ToSecret,
    ToKey,
}

/// The installations: who has switched, and how each asks.
struct Fleet<'w> {
    servers: [&'w World; 2],
    way: Way,
    old: App,
    new: App,
    switched: [bool; FLEET],
    asked: usize,
}

impl Fleet<'_> {
    /// Every installation asks for a token, at one server or the other and by whatever door it can; the secret by which the exchanges
    /// are entered is the app's own and no part of a migration from keys.
    async fn all_ask(&mut self) {
        for switched in self.switched {
            self.asked += 1;
            let server = self.servers[(self.asked * 7 / 3) % 2];
            let door = DOORS[self.asked % 4];
            let app = if switched { &self.new } else { &self.old };
            let answer = match (self.way, switched) {
                (Way::ToSecret, false) => server.signed(app, Pair::Rsa, door).await,
                (Way::ToSecret, true) | (Way::ToKey, false) => server.by_secret(app).await,
                (Way::ToKey, true) => server.signed(app, NEW, if self.asked.is_multiple_of(2) { Door::Client } else { Door::Grant }).await,
            };
            assert_eq!(answer.status, 200, "{:?} {:?} {door:?}: {}", self.way, self.switched, answer.body);
        }
    }
}

async fn go(world: &World, second: &World, token: &str, way: Way, order: &[usize], hours: &[i64]) {
    let old = world.app(grantor::model::client::ClientKind::M2m).await;
    if way == Way::ToSecret {
        world.signer(&old, Pair::Rsa).await;
    }
    let servers = [world, second];
    let mut fleet = Fleet { servers, way, new: old.clone(), old, switched: [false; FLEET], asked: 0 };
    fleet.all_ask().await;
    fleet.new = match way {
        Way::ToSecret => world.start(token, &fleet.old).await,
        Way::ToKey => {
            world.start_to_key(token, &fleet.old).await.expect(201);
            fleet.old.clone()
        }
    };
    fleet.all_ask().await;
    // An operator carries the new credential to an installation; that takes longer than a notice.
    world.let_it_be_heard();
    for (installation, hours) in order.iter().zip(hours) {
        fleet.switched[*installation] = true;
        fleet.all_ask().await;
        world.pass(Duration::hours(*hours));
    }
    fleet.all_ask().await;
    world.pass(QUIET);
    fleet.all_ask().await;
    for server in servers {
        server.deps.last_use.flush(&server.deps.db).await.expect("last uses are written");
    }
    let name = world.record(&fleet.old).await.client.profile.name;
    assert_eq!(name, "The m2m app");
    second.complete(token, &fleet.old, false).await.expect(200);
    fleet.all_ask().await;
    world.let_it_be_heard();
    fleet.all_ask().await;
}

#[test]
fn a_fleet_that_switches_one_by_one_never_sees_a_failed_request() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (world, second) = runtime.block_on(async {
        let (world, _) = managed().await;
        world.sql("UPDATE orgs SET app_limit = 5000").await;
        world.person(grantor::model::membership::Role::Member).await;
        let second = world.second().await;
        (world, second)
    });
    let plan = (any::<bool>(), Just((0..FLEET).collect::<Vec<_>>()).prop_shuffle(), prop::collection::vec(0..20_i64, FLEET));
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() });
    let outcome = runner.run(&plan, |(to_secret, order, hours)| {
        let way = if to_secret { Way::ToSecret } else { Way::ToKey };
        runtime.block_on(async {
            // A token for longer than the days that pass here.
            let manager = crate::apps::lasting_manager(&world).await;
            let token = world.machine_token(&manager, crate::apps::ALL).await;
            go(&world, &second, &token, way, &order, &hours).await;
        });
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
