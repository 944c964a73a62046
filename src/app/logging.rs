//! The log: on standard error, text for people on a terminal, one JSON object a line otherwise; times in UTC.

use std::fmt::Display;
use std::io::{IsTerminal as _, stderr};

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::{LogFormat, LogSettings};

/// Starts logging for this process. `level` is a level or directives as of `RUST_LOG`.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = filter(&settings.level)?;
    let json = match settings.format {
        LogFormat::Auto => !stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    let lines = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(stderr);
    let started = if json {
        lines.json().flatten_event(true).with_current_span(true).with_span_list(false).finish().with(filter).try_init()
    } else {
        lines.with_ansi(stderr().is_terminal()).finish().with(filter).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))?;
    std::panic::set_hook(Box::new(|panic| {
        // Where, never what: a message could quote what a request sent.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a task panicked");
    }));
    Ok(())
}

/// A bare level is about us; libraries speak up for trouble only.
fn filter(level: &str) -> anyhow::Result<Targets> {
    let directives = match level.parse::<Level>() {
        Ok(_) => format!("warn,grantor={level},hyper=error"),
        Err(_) => level.to_owned(),
    };
    let unclear = |error: &dyn Display| {
        anyhow::anyhow!("`log.level` cannot be read ({error}); write a level such as info, or directives such as info,sqlx=warn")
    };
    // A misspelt level would pass for the name of a module, a filter by span for one too, and the log would be silent.
    let parts: Vec<&str> = directives.split(',').map(str::trim).collect();
    for part in &parts {
        if part.contains('[') {
            return Err(unclear(&"filters by span are not known"));
        }
        if part.is_empty() || (!part.contains('=') && part.parse::<LevelFilter>().is_err()) {
            return Err(unclear(&format_args!("`{part}` is no level")));
        }
    }
    parts.join(",").parse().map_err(|error: ParseError| unclear(&error))
}

#[cfg(test)]
mod tests;
