//! `grantor user create|disable|enable|link`: the first people of an org, and who is out.

use std::io::Read as _;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::cli::{Global, Outcome, output};
use crate::flows::Deps;
use crate::flows::operator::{self, NewPerson, standing};
use crate::model::membership::Role;
use crate::secret::Secret;
use crate::web::paths;

/// What to do with people.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Adds a person to an org; prints a one-time link to choose a password unless one is given.
    Create(Create),
    /// Disables a person on the whole server: sessions, connected apps and links end at once.
    Disable(Who),
    /// Enables a disabled person; what ended stays ended.
    Enable(Who),
    /// Prints a new one-time link to choose a password, for who cannot get in.
    Link(Who),
}

/// Whom a command is about.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// How they sign in.
    #[arg(long)]
    email: String,
}

/// Options of `grantor user create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The org's slug.
    #[arg(long)]
    org: String,
    /// How they sign in.
    #[arg(long)]
    email: String,
    /// Their name; without it their address.
    #[arg(long)]
    name: Option<String>,
    /// What they may do: owner, admin, developer or member.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Read the password from standard input, to its end; one line break at the end is left away.
    #[arg(long)]
    password_stdin: bool,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "choose owner, admin, developer or member".to_owned())
}

impl User {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let create = match self {
            Self::Create(create) => create,
            Self::Disable(who) => return switch(global, &who.email, true).await,
            Self::Enable(who) => return switch(global, &who.email, false).await,
            Self::Link(who) => {
                let deps = global.operate()?;
                let link = standing::link(&deps, &who.email, deps.clock.now()).await?;
                return tell_link(&deps, &link);
            }
        };
        let password = if create.password_stdin { Some(read_password()?) } else { None };
        let deps = global.operate()?;
        let person = NewPerson {
            org: &create.org,
            email: &create.email,
            name: create.name.as_deref(),
            role: create.role,
            password: password.as_ref(),
        };
        let added = operator::add_person(&deps, &person, deps.clock.now()).await?;
        output::line(format!("{} is {} of {}", added.user.email, create.role.as_str(), create.org))?;
        added.link.map_or(Ok(()), |link| tell_link(&deps, &link))
    }
}

fn tell_link(deps: &Deps, link: &Secret<String>) -> Outcome {
    let hours = deps.policy.lifetimes.password_link.whole_hours();
    output::line(format!("They choose a password with this link, which works once and for {hours} h:"))?;
    output::line(format!("{}{}", deps.policy.issuer, paths::set_password(link.expose())))?;
    Ok(())
}

async fn switch(global: &Global, email: &str, disabled: bool) -> Outcome {
    let deps = global.operate()?;
    let changed = standing::set_person_disabled(&deps, email, disabled, deps.clock.now()).await?;
    let state = if disabled { "disabled" } else { "enabled" };
    output::line(format!("{email} {} {state}", if changed { "is" } else { "was already" }))?;
    Ok(())
}

fn read_password() -> anyhow::Result<Secret<String>> {
    let mut text = String::new();
    // A password is short; a file given by mistake is not read whole.
    std::io::stdin().lock().take(4_096).read_to_string(&mut text).context("the password on standard input cannot be read")?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::from(password.strip_suffix('\r').unwrap_or(password)))
}
