//! The task that hears what other servers changed.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::db;
use crate::db::notices::{Listener, Notice};
use crate::flows::Deps;
use crate::flows::keys;

/// Between two proofs that the connection lives; together with the answer's wait it stays below the second for which
/// unheard-of changes may go unnoticed.
const ROUND: Duration = Duration::from_millis(400);
/// Before a lost connection is made anew.
const PAUSE: Duration = Duration::from_millis(250);

/// Listens until `shutdown`, through any number of lost connections.
pub async fn listen(deps: &Deps, shutdown: &CancellationToken) {
    let listening = async {
        loop {
            let lost = hear(deps).await;
            tracing::warn!(cause = %lost, "changes made by other servers are not heard; caches live one second until they are");
            sleep(PAUSE).await;
        }
    };
    shutdown.run_until_cancelled(listening).await;
}

async fn hear(deps: &Deps) -> db::Error {
    match Ear::open(deps).await {
        Err(error) => error,
        Ok(mut ear) => loop {
            if let Err(error) = ear.round(ROUND).await {
                return error;
            }
        },
    }
}

/// One listening connection.
pub struct Ear<'d> {
    deps: &'d Deps,
    listener: Listener,
}

impl<'d> Ear<'d> {
    /// Starts to listen, and then forgets all that may have changed before.
    pub async fn open(deps: &'d Deps) -> Result<Self, db::Error> {
        let listener = deps.db.listen().await?;
        let ear = Self { deps, listener };
        ear.act_on(&Notice::Everything).await;
        Ok(ear)
    }

    /// Takes in all that was told before now, and then whatever comes within `wait`.
    pub async fn round(&mut self, wait: Duration) -> Result<(), db::Error> {
        let started = self.deps.clock.now();
        timeout(ROUND, self.listener.ping()).await.map_err(|_| silent())??;
        while let Some(notice) = self.listener.heard() {
            self.act_on(&notice).await;
        }
        self.deps.revocations.hearing().proven_at(started);
        let news = async {
            loop {
                let notice = self.listener.next().await?;
                self.act_on(&notice).await;
            }
        };
        timeout(wait, news).await.unwrap_or(Ok(()))
    }

    async fn act_on(&self, notice: &Notice) {
        match notice {
            Notice::ClientChanged(client_id) => self.deps.clients.forget(client_id),
            Notice::Revoked => self.deps.revocations.forget(),
            Notice::KeysChanged => self.reload_keys().await,
            Notice::Everything => {
                self.deps.clients.forget_all();
                self.reload_keys().await;
            }
        }
    }

    async fn reload_keys(&self) {
        if let Err(error) = keys::reload(self.deps, self.deps.clock.now()).await {
            tracing::error!(%error, "signing keys could not be read; those already loaded stay in use");
        }
    }
}

fn silent() -> db::Error {
    db::Error::Disconnected(std::io::Error::from(std::io::ErrorKind::TimedOut).into())
}
