//! The cellar of SQL: one file a table, functions that take a connection, and no rules.
//!
//! Functions are called `find_by_*`, `lock_by_*`, `list_*`, `insert`; a transition carries the word of the domain and says
//! whether it happened. They take `&mut PgConnection`, so a flow decides what stands in one transaction.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::sync::OwnedSemaphorePermit;

pub mod access_tokens;
pub mod assertion_uses;
pub mod audit_events;
pub mod authorization_requests;
pub mod authorizations;
pub mod browser_sessions;
pub mod client_jwks;
pub mod client_logos;
pub mod client_origins;
pub mod clients;
pub mod consents;
pub mod credentials;
mod error;
pub mod expiry_warnings;
mod gather;
pub mod idempotency_keys;
pub mod invitations;
mod lane;
pub mod last_uses;
pub mod mails;
pub mod memberships;
pub mod migrations;
pub mod migrations_of_clients;
pub mod notices;
pub mod orgs;
pub mod password_links;
pub mod people;
pub mod prune;
pub mod request_traces;
pub mod server;
pub mod signing_keys;
pub mod technical_accounts;
pub mod throttles;
pub mod users;

use crate::model::authorization::LiveAuthorization;
pub use error::Error;
use gather::Gather;
pub use gather::Together;
use lane::Lane;
pub use lane::PooledConnection;
/// One connection; what every function of this room works on.
pub use sqlx::PgConnection as Connection;
/// Where the server is and who we are there.
pub use sqlx::postgres::PgConnectOptions as ConnectOptions;

/// The migrations, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The pool, the only way to a connection.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
    lane: Arc<Lane>,
    gathers: Arc<Gathers>,
}

/// What requests ask together.
#[derive(Debug)]
struct Gathers {
    codes: Arc<Gather<authorizations::Code, LiveAuthorization>>,
    tokens: Arc<Gather<authorizations::Token, LiveAuthorization>>,
    grounds: Arc<Gather<access_tokens::Ground, access_tokens::Standing>>,
    uses: Arc<Gather<assertion_uses::Use, bool>>,
}

/// How the pool behaves.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Connections at most.
    pub max_connections: u32,
    /// How long a request waits for one before it is answered 503.
    pub acquire_timeout: Duration,
    /// How long one statement may take (`statement_timeout`).
    pub statement_timeout: Duration,
}

impl Database {
    /// A pool that connects when first used, so that a server can start, and stay alive, without its database.
    pub fn connect_lazy(options: ConnectOptions, pool: PoolOptions) -> Self {
        let millis = |duration: Duration| duration.as_millis().to_string();
        let options = options.application_name("grantor").options([
            ("statement_timeout", millis(pool.statement_timeout)),
            ("lock_timeout", millis(pool.statement_timeout)),
            ("idle_in_transaction_session_timeout", millis(pool.statement_timeout * 2)),
            ("timezone", "UTC".to_owned()),
        ]);
        let lane = Arc::new(Lane::new(pool.max_connections, pool.acquire_timeout));
        // What the two bounds allow, and as much again for a server that keeps neither.
        let patience = (pool.acquire_timeout + pool.statement_timeout) * 2;
        let gathers = Arc::new(Gathers {
            codes: Gather::new(authorizations::redeem_all, patience),
            tokens: Gather::new(authorizations::rotate_all, patience),
            grounds: Gather::new(access_tokens::answer_all, patience),
            uses: Gather::new(assertion_uses::answer_all, patience),
        });
        let pool = PgPoolOptions::new()
            .max_connections(pool.max_connections)
            .acquire_timeout(pool.acquire_timeout)
            // A dead connection is met by one retry in `Database::retrying`; a ping before each statement would cost a third of the speed.
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Self { pool, lane, gathers }
    }

    /// A connection for reads and single statements.
    pub async fn acquire(&self) -> Result<PooledConnection, Error> {
        self.lane.lend(&self.pool).await
    }

    /// A transaction; dropped without commit it rolls back.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        let permit = self.lane.permit().await?;
        self.lane.make_room();
        for _ in 0..self.pool.size() {
            match Box::pin(self.pool.begin()).await.map_err(Error::from) {
                // BEGIN on a connection that died while idle: nothing has happened yet, so another one is safe.
                Err(Error::Disconnected(_)) => {}
                other => return other.map(|begun| Transaction(begun, permit)),
            }
        }
        Ok(Transaction(Box::pin(self.pool.begin()).await?, permit))
    }

    /// Runs one read-only or guarded statement, and again if its connection turned out dead: idle connections are not pinged
    /// before use, so after a restart of Postgres each of them is met once with a closed socket.
    ///
    /// The future is `Send` only while the closure captures nothing by reference; [`Database::statement`] has no such limit.
    pub async fn retrying<T>(&self, mut statement: impl AsyncFnMut(&mut Connection) -> Result<T, Error>) -> Result<T, Error> {
        for _ in 0..self.pool.size() {
            match Box::pin(statement(&mut *self.acquire().await?)).await {
                Err(Error::Disconnected(_)) => self.lane.forget(),
                other => return other,
            }
        }
        Box::pin(statement(&mut *self.acquire().await?)).await
    }

    /// The same for a statement that takes its connection by value: `db.statement(|mut c| async move { find(&mut c, id).await })`.
    pub async fn statement<T, F>(&self, mut statement: impl FnMut(PooledConnection) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        for _ in 0..self.pool.size() {
            match self.once(&mut statement).await {
                Err(Error::Disconnected(_)) => self.lane.forget(),
                other => return other,
            }
        }
        self.once(&mut statement).await
    }

    /// Boxed, for it is some kilobytes: a request is moved about with all that it may come to do, and most do without.
    fn once<T, F>(&self, statement: &mut impl FnMut(PooledConnection) -> F) -> Pin<Box<impl Future<Output = Result<T, Error>>>>
    where
        F: Future<Output = Result<T, Error>>,
    {
        Box::pin(async move { statement(self.acquire().await?).await })
    }

    /// Connections that nobody uses at this moment.
    pub fn idle(&self) -> usize {
        self.pool.num_idle() + self.lane.idle()
    }

    /// Ends all connections, once those in use have come back.
    pub async fn close(&self) {
        self.lane.close();
        self.pool.close().await;
    }

    /// The pool itself, for migrations, LISTEN and measurements.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }
}

/// A transaction; works like a connection, and rolls back when dropped.
#[derive(Debug)]
pub struct Transaction(sqlx::Transaction<'static, Postgres>, #[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Transaction {
    /// Makes it true. Only after this has answered may anybody be told.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }

    /// Gives it up, without waiting for the drop.
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.0.rollback().await?)
    }
}

impl std::ops::Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl std::ops::DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}
