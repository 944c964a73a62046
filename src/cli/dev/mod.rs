//! `grantor dev`: everything on one machine, without configuration. A private Postgres (or `DATABASE_URL`), migrations, demo data,
//! a server on loopback, and `dev.json` with what a script needs to try it.

mod apps;
mod data_dir;
mod demo;
mod record;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use figment::value::Value;
use tokio::net::TcpListener;

use crate::app::{self, Server, metrics};
use crate::cli::dev::data_dir::DataDir;
use crate::cli::dev::record::DevRecord;
use crate::cli::{Global, Outcome, migrate, output};
use crate::flows::keys;
use crate::managed_pg::{self, ManagedPg};
use crate::model::api::TokenForm;
use crate::model::signing_key::Algorithm;
use crate::secret::Secret;
use crate::settings::{ApiSettings, Flag, Loaded, MailTransport, Purpose, ScopeSettings, Settings};

/// The database inside the managed Postgres.
const DATABASE: &str = "grantor";

/// Options of `grantor dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The port to listen on, on 127.0.0.1; 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
    /// Where the database, the root key and dev.json lie; a second start keeps them all.
    #[arg(long, value_name = "DIR", default_value = "./data")]
    data_dir: PathBuf,
}

impl Dev {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let flags = self.port.map(|port| Flag { name: "--port", key: "server.port", value: Value::from(port) });
        let mut loaded = global.prepare(Purpose::Dev, flags.into_iter().collect())?;
        // Demo passwords are printed and written to a file: nobody else's machine may reach this.
        loaded.settings.server.address = IpAddr::from(Ipv4Addr::LOCALHOST);
        let listener = app::bind(&loaded.settings.server).await?;
        let address = listener.local_addr()?;
        adapt(&mut loaded, address);
        write_mail(&mut loaded, &self.data_dir);
        let postgres = start_postgres(&loaded.settings, self.data_dir.clone()).await?;
        if let Some(postgres) = &postgres {
            loaded.settings.database.url = Secret::new(postgres.url(DATABASE));
        }
        let outcome = serve(loaded, listener, &DataDir::open(&self.data_dir)?).await;
        if let Some(postgres) = postgres {
            postgres.stop().await?;
        }
        Ok(outcome?)
    }
}

/// What development does otherwise: the issuer is the listener, an API to ask tokens for is there, developers may get tokens for
/// themselves, apps may publish their keys on this machine, and Ctrl-C does not wait for proxies to look away.
fn adapt(loaded: &mut Loaded, address: SocketAddr) {
    let hurry = !loaded.is_set("server.drain_delay");
    let (trusting, near) = (!loaded.is_set("development.tokens"), !loaded.is_set("keys.fetch_loopback"));
    let settings = &mut loaded.settings;
    if settings.issuer.is_empty() {
        settings.issuer = format!("http://{address}");
    }
    if hurry {
        settings.server.drain_delay = 0;
    }
    if trusting {
        settings.development.tokens = true;
    }
    if near {
        settings.keys.fetch_loopback = true;
    }
    if settings.apis.is_empty() {
        settings.apis.push(demo_api());
    }
}

/// Mail goes into the data directory, unless somebody wants it otherwise.
fn write_mail(loaded: &mut Loaded, data_dir: &Path) {
    if loaded.is_set("mail.transport") {
        return;
    }
    let mail = &mut loaded.settings.mail;
    mail.transport = MailTransport::File;
    mail.folder = data_dir.join("mail").display().to_string();
    if mail.from.is_empty() {
        "Grantor <grantor@example.test>".clone_into(&mut mail.from);
    }
}

fn demo_api() -> ApiSettings {
    let scope = |(name, title, description, sensitive): (&str, &str, &str, bool)| ScopeSettings {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        sensitive,
    };
    let scopes = [
        ("projects:read", "See your projects", "Names, dates, members and status.", false),
        ("projects:write", "Create and change projects", "Including those that others share with you.", false),
        ("reports:read", "Read reports", "", false),
        ("billing:write", "Change billing details", "Payment methods and invoices.", true),
    ];
    ApiSettings {
        identifier: "https://api.example.test".to_owned(),
        name: "Example API".to_owned(),
        algorithm: Algorithm::Es256,
        token_form: TokenForm::AtJwt,
        introspection_secret: None,
        scopes: scopes.map(scope).into(),
    }
}

async fn start_postgres(settings: &Settings, data_dir: PathBuf) -> anyhow::Result<Option<ManagedPg>> {
    if !settings.database.url.expose().is_empty() {
        return Ok(None);
    }
    let set = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut options = managed_pg::Options::new(data_dir);
    options.bin_dir = set(&settings.postgres.bin_dir).map(PathBuf::from);
    options.os_user = set(&settings.postgres.os_user);
    let postgres = ManagedPg::start(options).await?;
    postgres.create_database_if_absent(DATABASE).await?;
    Ok(Some(postgres))
}

async fn serve(mut loaded: Loaded, listener: TcpListener, data: &DataDir) -> anyhow::Result<()> {
    if loaded.settings.root_key.expose().is_empty() {
        loaded.settings.root_key = data.root_key()?;
    }
    let settings = loaded.settings.clone();
    let url = settings.database.url.expose();
    migrate::apply(url, Duration::from_secs(settings.database.migration_lock_timeout.into())).await?;
    // Two of these on one machine: the second has no metrics, unless somebody asked for them.
    let metrics = match metrics::bind(&settings.metrics.address).await {
        Err(error) if !loaded.is_set("metrics.address") => {
            tracing::info!("no metrics this time: {error:#}");
            None
        }
        bound => bound?,
    };
    let deps = app::deps(loaded, app::database(&settings, url)?)?;
    keys::ensure(&deps, deps.clock.now()).await.context("the signing keys in the database cannot be used")?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let record = demo::prepare(&deps, data, &base_url, &settings).await?;
    data.write_settings(&settings)?;
    let ready = || welcome(&record, data);
    Server { listener, metrics, settings, deps: Arc::new(deps) }.run(ready).await
}

/// What a person who starts it for the first time wants to read.
fn welcome(record: &DevRecord, data: &DataDir) -> anyhow::Result<()> {
    let base = &record.base_url;
    let (m2m, scope) = (&record.apps.m2m, record.api.scopes.first().map_or("", String::as_str));
    output::line(format!("grantor is ready at {base}"))?;
    output::line(format!("\nSign in at {base}/login as"))?;
    for (role, user) in record.users.by_role() {
        output::line(format!("  {role:9}  {}  {}", user.email, user.password))?;
    }
    if !m2m.client_secret.is_empty() {
        let credentials = format!("{}:{}", m2m.client_id, m2m.client_secret);
        output::line("\nGet a token:")?;
        output::line(format!("  curl -u {credentials} -d grant_type=client_credentials -d scope={scope} {base}/token"))?;
    }
    output::line(format!("\nAll of this is in {}; other commands work beside it with", data.record_path().display()))?;
    output::line(format!("  grantor --config {} org list", data.settings_path().display()))?;
    Ok(())
}
