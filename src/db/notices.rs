//! What servers on one database tell each other (`LISTEN`, `NOTIFY`): that something they may remember has changed.

use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::db::{Connection, Database, Error};

const CHANNEL: &str = "grantor";

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The client of this `client_id`, its credentials or its org.
    ClientChanged(String),
    /// Some token or authorization ended, or somebody it depends on was disabled.
    Revoked,
    /// Signing keys.
    KeysChanged,
    /// So much that everything must be read anew; also what an unknown message means.
    Everything,
}

impl Notice {
    fn payload(&self) -> String {
        match self {
            Self::ClientChanged(client_id) => format!("client:{client_id}"),
            Self::Revoked => "revoked".to_owned(),
            Self::KeysChanged => "keys".to_owned(),
            Self::Everything => "everything".to_owned(),
        }
    }

    fn parse(payload: &str) -> Self {
        match payload {
            "revoked" => Self::Revoked,
            "keys" => Self::KeysChanged,
            other => other.strip_prefix("client:").map_or(Self::Everything, |id| Self::ClientChanged(id.to_owned())),
        }
    }
}

/// Tells every listening server, this one too, when (and only if) the surrounding transaction commits.
pub async fn send(connection: &mut Connection, notice: &Notice) -> Result<(), Error> {
    sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, notice.payload()).execute(connection).await?;
    Ok(())
}

/// An ear on its own connection, so that it takes none from requests.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Database {
    /// Starts to listen; what was told before is not heard.
    pub async fn listen(&self) -> Result<Listener, Error> {
        let options = self.pool().connect_options().as_ref().clone();
        let own = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&own).await?;
        // A silent second connection would hide what was missed in between.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Listener(listener))
    }
}

impl Listener {
    /// Waits for the next notice; dropped while waiting it loses nothing. `Disconnected` when the connection is gone.
    pub async fn next(&mut self) -> Result<Notice, Error> {
        match self.0.try_recv().await? {
            Some(notification) => Ok(Notice::parse(notification.payload())),
            None => Err(Error::Disconnected(sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()))),
        }
    }

    /// Proves that the connection lives: whatever was told before this call can be taken with [`Listener::heard`] after it.
    pub async fn ping(&mut self) -> Result<(), Error> {
        sqlx::query_scalar!("SELECT 1").fetch_one(&mut self.0).await?;
        Ok(())
    }

    /// A notice that has already arrived.
    pub fn heard(&mut self) -> Option<Notice> {
        self.0.next_buffered().map(|notification| Notice::parse(notification.payload()))
    }
}
