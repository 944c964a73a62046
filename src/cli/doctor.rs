//! `grantor doctor`: is this deployment healthy? Every line says what was looked at; what is wrong comes with its fix.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use crate::app;
use crate::cli::{Failure, Global, Outcome, migrate, output};
use crate::clock::{Clock as _, SystemClock};
use crate::db::{migrations, server};
use crate::flows::{health, keys};
use crate::settings::{Loaded, Purpose, Settings};

/// How long a server may take to say whether it is ready.
const PATIENCE: Duration = Duration::from_secs(5);
/// How far apart this machine's clock and the database's may be.
const CLOCKS_APART: time::Duration = time::Duration::seconds(1);

/// Options of `grantor doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Only ask the server that listens here whether it is ready, as `http://127.0.0.1:8080`; for container health checks.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
}

impl Doctor {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        match self.url {
            Some(url) => ask(&url).await,
            None => examine(global).await,
        }
    }
}

async fn ask(url: &Url) -> Outcome {
    let answer = tokio::time::timeout(PATIENCE, readyz(url)).await;
    match answer {
        Ok(Ok((200, body))) => Ok(output::line(body)?),
        Ok(Ok((status, body))) => Err(Failure::CheckSaysNo(format!("the server at {url} is not ready (status {status}): {body}"))),
        Ok(Err(error)) => Err(Failure::CheckSaysNo(format!("the server at {url} does not answer: {error:#}"))),
        Err(_) => Err(Failure::CheckSaysNo(format!("the server at {url} does not answer within {} s", PATIENCE.as_secs()))),
    }
}

/// `GET /readyz` in as many words as it needs: an HTTP client for one line would be the larger half of the binary.
async fn readyz(url: &Url) -> anyhow::Result<(u16, String)> {
    anyhow::ensure!(
        url.scheme() == "http",
        "only http is spoken here; give the address that the server listens on, as http://127.0.0.1:8080"
    );
    let host = url.host_str().context("the URL has no host")?;
    let address = (host.trim_matches(['[', ']']), url.port_or_known_default().unwrap_or(80));
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(65_536).read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("this is not an HTTP answer")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("this is not an HTTP answer")?;
    Ok((status, body.to_owned()))
}

/// What was looked at, and the trouble with it, if any.
type Finding = (&'static str, Result<String, String>);

async fn examine(global: &Global) -> Outcome {
    let loaded = global.load(Vec::new())?;
    let mut findings: Vec<Finding> = Vec::new();
    let safe = loaded.check(Purpose::Serve).map(|()| "safe for `grantor serve`".to_owned());
    findings.push(("settings", safe.map_err(|problems| problems.to_string())));
    findings.extend(examine_database(&loaded.settings).await);
    if findings.iter().all(|(_, finding)| finding.is_ok()) {
        findings.push(examine_keys(loaded).await);
    }
    let mut bad = 0;
    for (what, finding) in &findings {
        match finding {
            Ok(text) => output::line(format!("ok    {what}: {text}"))?,
            Err(text) => {
                bad += 1;
                output::line(format!("WRONG {what}: {text}"))?;
            }
        }
    }
    match bad {
        0 => Ok(()),
        1 => Err(Failure::CheckSaysNo("one thing is wrong; its fix stands beside it".to_owned())),
        count => Err(Failure::CheckSaysNo(format!("{count} things are wrong; the fixes stand beside them"))),
    }
}

async fn examine_database(settings: &Settings) -> Vec<Finding> {
    let url = settings.database.url.expose();
    if url.is_empty() {
        return vec![("database", Err("no address; set DATABASE_URL".to_owned()))];
    }
    let db = match app::database(settings, url) {
        Ok(db) => db,
        Err(error) => return vec![("database", Err(format!("{error:#}")))],
    };
    let asked = db.retrying(async |connection| Ok((migrations::schema(connection).await?, server::clock(connection).await?))).await;
    match asked {
        Err(error) => vec![("database", Err(format!("{error:#}; check DATABASE_URL and that Postgres is running")))],
        Ok((schema, clock)) => {
            let migrated = migrate::behind(&schema).map_or_else(|| Ok(format!("version {}", schema.expected)), Err);
            vec![("database", Ok("answers".to_owned())), ("migrations", migrated), ("clock", compare(clock - SystemClock.now()))]
        }
    }
}

/// Servers that share a database share its clock as a measure: a code minted by one is redeemed at another.
fn compare(apart: time::Duration) -> Result<String, String> {
    let text = format!("{} ms from the database's", apart.whole_milliseconds().abs());
    if apart.abs() <= CLOCKS_APART { Ok(text) } else { Err(format!("{text}; let NTP set both machines' clocks")) }
}

/// Whether the root key opens the signing keys, and every API's tokens can be signed.
async fn examine_keys(loaded: Loaded) -> Finding {
    let opened = async {
        let db = app::database(&loaded.settings, loaded.settings.database.url.expose())?;
        let deps = app::deps(loaded, db)?;
        let listed = keys::list(&deps).await?.len();
        keys::reload(&deps, deps.clock.now()).await?;
        anyhow::Ok((listed, health::readiness(&deps).await.signing_key))
    };
    match opened.await {
        Ok((0, _)) => ("signing keys", Ok("none yet; the first start of a server makes them".to_owned())),
        Ok((_, true)) => ("signing keys", Ok("open, and one is active for every API".to_owned())),
        Ok((_, false)) => ("signing keys", Err("no active key for an API's algorithm; run `grantor keys rotate`".to_owned())),
        Err(error) => ("signing keys", Err(format!("{error:#}; set the root key that they were made with, beside a newer one if need be"))),
    }
}
