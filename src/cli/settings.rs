//! `grantor settings check|show`.

use clap::Subcommand;

use crate::cli::{Failure, Global, Outcome, output};
use crate::settings::Purpose;

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Says whether `grantor serve` would accept the settings (exit code 3 when not).
    Check,
    /// Prints the merged settings with masked secrets and the source of each.
    Show,
}

impl Settings {
    pub(crate) fn run(self, global: &Global) -> Outcome {
        match self {
            Self::Check => check(global),
            Self::Show => show(global),
        }
    }
}

fn check(global: &Global) -> Outcome {
    // Unreadable or unknown ones are as much a "no" as unsafe ones.
    let checked = global.load(Vec::new()).and_then(|loaded| Ok(loaded.check(Purpose::Serve)?));
    match checked {
        Ok(()) => Ok(output::line("the settings are good for `grantor serve`")?),
        Err(problems) => Err(Failure::CheckSaysNo(problems.to_string())),
    }
}

fn show(global: &Global) -> Outcome {
    let shown = global.load(Vec::new())?.show();
    let width =
        |text: fn(&crate::settings::Shown) -> &String| shown.iter().map(|line| text(line).chars().count()).max().unwrap_or(0).min(48);
    let (keys, values) = (width(|line| &line.key), width(|line| &line.value));
    for line in &shown {
        output::line(format!("{:keys$} = {:values$}  # {}", line.key, line.value, line.source))?;
    }
    Ok(())
}
