//! I-14: what a server holds returns to where it was once the load is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use tokio::task::JoinSet;

use crate::kit::grants::refresh_token;
use crate::kit::server::Process;
use crate::kit::world::{App, World};

/// What grows by design and is bounded by other tests: the inspector's last requests and the counters of failures.
const BOUNDED: [&str; 2] = ["request_traces", "throttles"];

/// What a process and its database hold.
#[derive(Debug)]
struct Held {
    files: usize,
    connections: i64,
    rows: BTreeMap<String, i64>,
}

async fn held(process: &Process) -> Held {
    let files = std::fs::read_dir(format!("/proc/{}/fd", process.pid())).expect("the process lives").count();
    // Its own connections; the test's are not called so.
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut rows = BTreeMap::new();
    let tables = "SELECT c.relname::text || ' ' || (xpath('/row/n/text()',
             query_to_xml(format('SELECT count(*) AS n FROM %I', c.relname), false, true, '')))[1]::text
         FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition";
    for line in process.words(tables).await {
        let (table, count) = line.split_once(' ').expect("a name and a number");
        if !BOUNDED.contains(&table) {
            rows.insert(table.to_owned(), count.parse().expect("a number"));
        }
    }
    Held { files, connections: process.count(connections).await, rows }
}

/// `each` times: a token, a refused request, and a rotation. The newest refresh token.
async fn load(process: Arc<Process>, (machine, web): (App, App), mut token: String, each: usize) -> String {
    for _ in 0..each {
        process.token(&machine, &[("grant_type", "client_credentials")]).await.expect(200);
        process.token(&machine, &[("grant_type", "client_credentials"), ("scope", "no:such")]).await.expect(400);
        token = refresh_token(&process.refresh(&web, &token).await.expect(200).json());
    }
    token
}

async fn load_all(process: &Arc<Process>, apps: &(App, App), tokens: Vec<String>, each: usize) -> Vec<String> {
    let mut tasks = JoinSet::new();
    for token in tokens {
        tasks.spawn(load(process.clone(), apps.clone(), token, each));
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_files_connections_and_rows_are_what_they_were_before_some_thousand_requests() {
    let world = World::in_real_time().await;
    let user = world.person(Role::Member).await;
    let apps = (world.app(ClientKind::M2m).await, world.app(ClientKind::Web).await);
    let process = Arc::new(world.process().await);
    let mut tokens = Vec::new();
    for _ in 0..8 {
        tokens.push(refresh_token(&world.family(&apps.1, &user).await));
    }
    // Pools and caches fill.
    let tokens = load_all(&process, &apps, tokens, 25).await;
    let before = held(&process).await;
    load_all(&process, &apps, tokens, 125).await;
    let after = held(&process).await;
    assert_eq!(after.rows, before.rows, "rows were left behind");
    assert!(after.files <= before.files + 4, "files: {} before, {} after", before.files, after.files);
    assert!(after.connections <= before.connections + 2, "connections: {} before, {} after", before.connections, after.connections);
}
