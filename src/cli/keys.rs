//! `grantor keys list|rotate|retire`: the keys that sign access tokens.

use anyhow::Context as _;
use clap::Subcommand;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::{Global, Outcome, output};
use crate::flows::{Deps, keys};
use crate::model::api::TokenForm;
use crate::model::audit::Origin;
use crate::model::signing_key::{Algorithm, SigningKey, Stage};

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Lists all keys, newest first.
    List,
    /// Publishes a new key, which signs when verifiers have had time to see it; its predecessor signs until then.
    Rotate {
        /// ES256, RS256 or `EdDSA`; without it every algorithm that an API uses.
        #[arg(long, value_parser = algorithm)]
        algorithm: Option<Algorithm>,
    },
    /// Stops a key from signing; tokens it signed stay good until they expire.
    Retire {
        /// The key's id, as `grantor keys list` shows it.
        kid: String,
        /// Its private half is known to others: take it out of the key set at once, with every token it signed.
        #[arg(long)]
        compromised: bool,
    },
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::parse(text).ok_or_else(|| "choose ES256, RS256 or EdDSA".to_owned())
}

impl Keys {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let deps = global.operate()?;
        let now = deps.clock.now();
        match self {
            Self::List => list(&deps, now).await,
            Self::Rotate { algorithm } => rotate(&deps, algorithm, now).await,
            Self::Retire { kid, compromised: false } => {
                keys::retire(&deps, &kid, &Origin::operator(), now).await?;
                Ok(output::line(format!("{kid} signs no more; it stays published until its last token has expired"))?)
            }
            Self::Retire { kid, compromised: true } => {
                keys::withdraw(&deps, &kid, &Origin::operator(), now).await?;
                Ok(output::line(format!(
                    "{kid} is out of the key set; its tokens verify no more, elsewhere once key sets are fetched anew"
                ))?)
            }
        }
    }
}

async fn list(deps: &Deps, now: OffsetDateTime) -> Outcome {
    output::line(format!("{:43}  {:5}  {:7}  {:20}  {:20}  {}", "KID", "ALG", "STAGE", "SIGNS FROM", "SIGNS UNTIL", "PUBLISHED UNTIL"))?;
    for key in keys::list(deps).await? {
        output::line(row(&key, now)?)?;
    }
    Ok(())
}

fn row(key: &SigningKey, now: OffsetDateTime) -> anyhow::Result<String> {
    let stage = match key.stage(now) {
        Stage::Next => "next",
        Stage::Active => "active",
        Stage::Retired => "retired",
        Stage::Expired => "expired",
    };
    let until = |at: Option<OffsetDateTime>| at.map_or_else(|| Ok("-".to_owned()), instant);
    let (from, retired, expires) = (instant(key.active_at)?, until(key.retired_at)?, until(key.expires_at)?);
    Ok(format!("{:43}  {:5}  {stage:7}  {from:20}  {retired:20}  {expires}", key.kid, key.algorithm.as_str()))
}

/// To the second: people compare these.
fn instant(at: OffsetDateTime) -> anyhow::Result<String> {
    at.replace_nanosecond(0)?.format(&Rfc3339).context("a date in the database cannot be written")
}

async fn rotate(deps: &Deps, algorithm: Option<Algorithm>, now: OffsetDateTime) -> Outcome {
    let used =
        |algorithm: &Algorithm| deps.policy.apis.iter().any(|api| api.algorithm == *algorithm && api.token_form != TokenForm::Opaque);
    let algorithms = algorithm.map_or_else(|| Algorithm::ALL.into_iter().filter(used).collect(), |algorithm| vec![algorithm]);
    for algorithm in algorithms {
        let key = keys::rotate(deps, algorithm, &Origin::operator(), now).await?;
        let from = instant(key.active_at)?;
        output::line(format!("{} is published and signs {} tokens from {from}", key.kid, algorithm.as_str()))?;
    }
    Ok(())
}
