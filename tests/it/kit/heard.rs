//! What a test's own thread logs and asks of the database.
//!
//! One subscriber serves the whole test binary. A subscriber for a while and a thread would be deaf at times: while only one
//! exists, `tracing` asks the thread that first meets a place in the code whether anybody cares, and remembers its "no" for all.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, fmt};

/// What was heard on one thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    /// The log at level TRACE, as text.
    pub log: String,
    /// Summaries of the statements that reached the database, as sqlx tells them.
    pub statements: Vec<String>,
}

thread_local! {
    static HEARD: RefCell<Option<Heard>> = const { RefCell::new(None) };
}

static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    // A plain `filter_fn` is asked once for each place in the code, and its answer on that thread is remembered for all.
    let log = fmt::layer().with_ansi(false).with_span_events(FmtSpan::FULL).with_writer(|| Log);
    let log = log.with_filter(dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some)));
    let statements = Statements.with_filter(dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some)));
    let subscriber = Registry::default().with(log).with(statements);
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber of the test binary");
});

/// Runs `work` on this thread and tells what was heard meanwhile. For tests on tokio's current-thread runtime, as they are here.
pub(crate) async fn hear<T>(work: impl Future<Output = T>) -> (T, Heard) {
    LazyLock::force(&INSTALLED);
    HEARD.set(Some(Heard::default()));
    let done = work.await;
    (done, HEARD.take().unwrap_or_default())
}

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.log.push_str(&String::from_utf8_lossy(bytes))));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Statements;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            event.record(&mut Summary);
        }
    }
}

struct Summary;

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.statements.push(value.to_owned())));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
