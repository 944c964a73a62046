//! The log: on standard error, text for people on a terminal, one JSON object a line otherwise; times in UTC.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, LogSettings};

/// Starts logging for this process. `level` is a level or directives as of `RUST_LOG`.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = filter(&settings.level)?;
    let json = match settings.format {
        LogFormat::Auto => !stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let started = if json {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        subscriber.with_ansi(stderr().is_terminal()).try_init()
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
fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    let directives = match level.parse::<tracing::Level>() {
        Ok(_) => format!("warn,grantor={level},hyper=error"),
        Err(_) => level.to_owned(),
    };
    EnvFilter::try_new(directives).map_err(|error| {
        anyhow::anyhow!("`log.level` cannot be read ({error}); write a level such as info, or directives such as info,sqlx=warn")
    })
}
