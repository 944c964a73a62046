//! `grantor org create|list|set|disable|enable`: the operator's tenancy.

use clap::Subcommand;

use crate::cli::{Global, Outcome, output};
use crate::flows::Deps;
use crate::flows::operator::{self, standing};

/// What to do with orgs.
#[derive(Debug, Subcommand)]
pub(crate) enum Org {
    /// Makes an org.
    Create {
        /// Its name in URLs: lower-case letters, digits and inner hyphens.
        #[arg(long)]
        slug: String,
        /// Its name for people.
        #[arg(long)]
        name: String,
        /// How many apps may live at one time; without it the default of the settings.
        #[arg(long, value_name = "N")]
        app_limit: Option<i32>,
    },
    /// Lists all orgs with their apps counted.
    List,
    /// Changes an org.
    Set {
        /// The org's slug.
        slug: String,
        /// How many apps may live at one time; apps beyond a lowered limit stay.
        #[arg(long, value_name = "N")]
        app_limit: i32,
    },
    /// Disables an org: nothing of it works until it is enabled again, and nothing of it is lost.
    Disable {
        /// The org's slug.
        slug: String,
    },
    /// Enables a disabled org.
    Enable {
        /// The org's slug.
        slug: String,
    },
}

impl Org {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let deps = global.operate()?;
        let now = deps.clock.now();
        match self {
            Self::Create { slug, name, app_limit } => {
                let org = operator::create_org(&deps, &slug, &name, app_limit, now).await?;
                output::line(format!("org {} ({}) may have {} apps; add its first owner with", org.slug, org.id, org.app_limit))?;
                output::line(format!("  grantor user create --org {} --role owner --email …", org.slug))?;
            }
            Self::List => {
                output::line(format!("{:24}  {:36}  {:>11}  NAME", "SLUG", "ID", "APPS"))?;
                for (org, usage) in operator::list_orgs(&deps).await? {
                    let apps = format!("{} of {}", usage.used, usage.limit);
                    let disabled = if org.disabled_at.is_some() { " (disabled)" } else { "" };
                    output::line(format!("{:24}  {:36}  {apps:>11}  {}{disabled}", org.slug, org.id.to_string(), org.name))?;
                }
            }
            Self::Disable { slug } => switch(&deps, &slug, true).await?,
            Self::Enable { slug } => switch(&deps, &slug, false).await?,
            Self::Set { slug, app_limit } => {
                let org = operator::set_app_limit(&deps, &slug, app_limit, now).await?;
                output::line(format!("org {} may have {} apps", org.slug, org.app_limit))?;
            }
        }
        Ok(())
    }
}

async fn switch(deps: &Deps, slug: &str, disabled: bool) -> anyhow::Result<()> {
    let (org, changed) = standing::set_org_disabled(deps, slug, disabled, deps.clock.now()).await?;
    let state = if disabled { "disabled" } else { "enabled" };
    Ok(output::line(format!("org {} {} {state}", org.slug, if changed { "is" } else { "was already" }))?)
}
