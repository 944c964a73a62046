//! `grantor user create`: the first people of an org.

use std::io::Read as _;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::cli::{Global, Outcome, output};
use crate::flows::operator::{self, NewPerson};
use crate::model::membership::Role;
use crate::secret::Secret;
use crate::web::paths;

/// What to do with people.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Adds a person to an org; prints a one-time link to choose a password unless one is given.
    Create(Create),
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
        let Self::Create(create) = self;
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
        if let Some(link) = added.link {
            let hours = deps.policy.lifetimes.password_link.whole_hours();
            output::line(format!("They choose a password with this link, which works once and for {hours} h:"))?;
            output::line(format!("{}{}", deps.policy.issuer, paths::set_password(link.expose())))?;
        }
        Ok(())
    }
}

fn read_password() -> anyhow::Result<Secret<String>> {
    let mut text = String::new();
    // A password is short; a file given by mistake is not read whole.
    std::io::stdin().lock().take(4_096).read_to_string(&mut text).context("the password on standard input cannot be read")?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::from(password.strip_suffix('\r').unwrap_or(password)))
}
