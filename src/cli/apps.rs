//! `grantor app verify|unverify`: the operator's mark on the apps of orgs.

use std::collections::BTreeSet;

use clap::Subcommand;

use crate::cli::{Global, Outcome, output};
use crate::flows::operator::verification::set_app_verified;
use crate::model::client::ClientRecord;

/// What to do with apps.
#[derive(Debug, Subcommand)]
pub(crate) enum App {
    /// Marks an app as verified: its consent page says that you vouch for its name, logo, links and redirect hosts.
    Verify {
        /// The app's client id.
        client_id: String,
    },
    /// Takes the mark away. A change of name, logo, links or redirect hosts does that by itself.
    Unverify {
        /// The app's client id.
        client_id: String,
    },
}

impl App {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let deps = global.operate()?;
        let (client_id, verified) = match &self {
            Self::Verify { client_id } => (client_id, true),
            Self::Unverify { client_id } => (client_id, false),
        };
        let (record, changed) = set_app_verified(&deps, client_id, verified, deps.clock.now()).await?;
        let (was, state) = (if changed { "is" } else { "was already" }, if verified { "verified" } else { "not verified" });
        Ok(output::line(format!("app {client_id} {was} {state}: {}", described(&record)))?)
    }
}

/// What people see of the app, for whoever vouches for it.
fn described(record: &ClientRecord) -> String {
    let profile = &record.client.profile;
    let sites: BTreeSet<String> = record.client.origins().collect();
    let sites = sites.into_iter().collect::<Vec<_>>().join(", ");
    let goes_to = if sites.is_empty() { String::new() } else { format!(", sends people to {sites}") };
    format!("\"{}\" of {} ({}){goes_to}", profile.name, record.org_name, record.org_slug)
}
