//! `grantor serve`: production.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use figment::value::Value;

use crate::app::{self, Server, metrics};
use crate::cli::{Global, Outcome, migrate, output};
use crate::settings::{Flag, Purpose};

/// Options of `grantor serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on.
    #[arg(long)]
    address: Option<IpAddr>,
    /// The port to listen on.
    #[arg(long)]
    port: Option<u16>,
    /// Apply migrations first; without it the server is not ready until `grantor migrate` was run.
    #[arg(long)]
    migrate: bool,
}

impl Serve {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let mut flags = Vec::new();
        if let Some(address) = self.address {
            flags.push(Flag { name: "--address", key: "server.address", value: Value::from(address.to_string()) });
        }
        if let Some(port) = self.port {
            flags.push(Flag { name: "--port", key: "server.port", value: Value::from(port) });
        }
        let loaded = global.prepare(Purpose::Serve, flags)?;
        let settings = loaded.settings.clone();
        let listener = app::bind(&settings.server).await?;
        let metrics = metrics::bind(&settings.metrics.address).await?;
        let url = settings.database.url.expose();
        if self.migrate {
            migrate::apply(url, Duration::from_secs(settings.database.migration_lock_timeout.into())).await?;
        }
        let deps = app::deps(loaded, app::database(&settings, url)?)?;
        let issuer = settings.issuer.clone();
        let address = listener.local_addr()?;
        Server { listener, metrics, settings, deps: Arc::new(deps) }
            .run(|| Ok(output::line(format!("grantor is ready at {issuer} (listening on {address})"))?))
            .await?;
        Ok(())
    }
}
