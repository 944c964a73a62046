//! A Postgres that belongs to one test, which may stop it, crash it and start it again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use grantor::db::MIGRATOR;
use grantor::managed_pg::{ManagedPg, Profile};

use crate::kit::postgres::TestDatabase;
use crate::managed_pg::{Folder, signal};

/// How long Postgres may take to come up again on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The server and its one database.
pub(super) struct PrivatePg {
    /// The migrated database on it.
    pub(super) database: Arc<TestDatabase>,
    server: Option<ManagedPg>,
    folder: Folder,
}

impl PrivatePg {
    /// Starts it with an empty, migrated database. Commits wait for the disk as they do in production.
    pub(super) async fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let mut options = folder.options();
        options.profile = Profile::Production;
        let server = ManagedPg::start(options).await.expect("it starts");
        server.create_database_if_absent("grantor").await.expect("the role may create databases");
        let database = Arc::new(TestDatabase::elsewhere(server.url("grantor")));
        let pool = database.pool().await;
        MIGRATOR.run(&pool).await.expect("the migrations apply");
        pool.close().await;
        Self { database, server: Some(server), folder }
    }

    /// Stops it as its operator would.
    pub(super) async fn stop(&mut self) {
        self.server.take().expect("it runs").stop().await.expect("it stops");
    }

    /// Starts it again.
    pub(super) async fn start_again(&mut self) {
        let mut options = self.folder.options();
        options.profile = Profile::Production;
        self.server = Some(ManagedPg::start(options).await.expect("it starts again"));
    }

    /// Makes it die without a word (`pg_ctl stop -m immediate`) and looks until it has recovered, for nobody tells: the process is
    /// its supervisor's child, not ours.
    pub(super) async fn crash(&self) {
        let old = self.folder.postmaster().expect("it runs");
        signal(&old, "QUIT");
        let started = Instant::now();
        let is_new = || self.folder.postmaster().is_some_and(|pid| pid != old) && self.server.as_ref().is_some_and(ManagedPg::is_ready);
        while !is_new() {
            assert!(started.elapsed() < PATIENCE, "it did not come up again");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
