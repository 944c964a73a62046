//! What each app's last requests came to: noted where a request is answered, written together every second, read by the app's
//! people. A request never waits for it, and requests that name no known app leave nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use crate::db::{self, Database, request_traces};
use crate::flows::Deps;
use crate::model::client::ClientRecord;
use crate::model::ids::ClientKey;
use crate::model::request_trace::{Contrast, Endpoint, Fault, Outcome, RequestTrace};
use crate::protocol::explain::{causes, contrast};
use crate::wire::{AuthMethod, GrantType};

mod buffer;
pub mod read;

use buffer::Buffer;

pub use crate::protocol::explain::{Step, StepResult, steps};

/// Rows of one statement.
const BATCH: usize = 512;
/// Statements of one flush; what waits beyond that waits on.
const BATCHES: usize = 4;
/// After so many written traces a client's old ones are deleted.
const TRIM_AFTER: u32 = 25;
/// The longest sentence that is kept, in characters.
const LONGEST: usize = 1_000;
/// Clients whose written traces are counted, at most.
const COUNTED: usize = 10_000;

/// The traces of this process that are not written yet.
#[derive(Debug)]
pub struct Traces {
    buffer: Buffer,
    /// How many were written for a client since its old ones were deleted.
    written: Mutex<HashMap<ClientKey, u32>>,
}

impl Default for Traces {
    fn default() -> Self {
        Self { buffer: Buffer::new(), written: Mutex::default() }
    }
}

/// A request as the door knows it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request's instant.
    pub at: OffsetDateTime,
    /// Its reference id.
    pub request_id: String,
    /// Where it went.
    pub endpoint: Endpoint,
    /// What it asked for, at the token endpoint.
    pub grant: Option<GrantType>,
    /// How the client authenticated, or tried to.
    pub method: Option<AuthMethod>,
}

/// Why it was refused.
pub struct Refused<'a> {
    /// The code the client reads.
    pub error: &'static str,
    /// The exact cause.
    pub cause: &'a str,
    /// What the rule itself knows of what was expected and what came.
    pub contrast: Option<Contrast>,
    /// A parameter as sent, to compare with the registration.
    pub sent: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The secret as sent; only its looks are told.
    pub secret: Option<&'a str>,
}

impl Traces {
    /// Notes a request that was answered as asked.
    pub fn answered(&self, record: &ClientRecord, asked: Asked, status: u16) {
        self.note(record, asked, status, Outcome::Answered);
    }

    /// Notes an authorization request that now waits for the person.
    pub fn waiting(&self, record: &ClientRecord, asked: Asked, status: u16) {
        self.note(record, asked, status, Outcome::Waiting);
    }

    /// Notes a request that was refused, with what is known of the reason.
    pub fn refused<'a>(&self, deps: &'a Deps, record: &'a ClientRecord, asked: Asked, status: u16, why: &Refused<'a>) {
        let check = causes::check_of(why.cause);
        let evidence = || contrast::Evidence { record, policy: &deps.policy, sent: why.sent, secret: why.secret, now: asked.at };
        let contrast = why.contrast.clone().or_else(|| contrast::of(check, &evidence())).map(|contrast| clean(&contrast));
        let fault = Fault { error: why.error.to_owned(), cause: why.cause.to_owned(), check, contrast };
        self.note(record, asked, status, Outcome::Refused(Box::new(fault)));
    }

    fn note(&self, record: &ClientRecord, asked: Asked, status: u16, outcome: Outcome) {
        let Asked { at, request_id, endpoint, grant, method } = asked;
        let (client, org) = (record.client.key, record.client.org);
        self.buffer.push(RequestTrace { client, org, at, request_id, endpoint, grant, method, status, outcome });
    }

    /// Writes what waits, within bounds; says how many. What cannot be written waits for the next time.
    pub async fn flush(&self, db: &Database) -> Result<usize, db::Error> {
        let mut total = 0;
        for _ in 0..BATCHES {
            let taken = self.buffer.take(BATCH);
            let count = taken.traces().len();
            if count == 0 {
                break;
            }
            let (traces, full) = (taken.traces(), &self.full(taken.traces()));
            let written = db.statement(|mut connection| async move {
                request_traces::insert(&mut connection, traces).await?;
                if !full.is_empty() {
                    request_traces::trim(&mut connection, full).await?;
                }
                Ok(())
            });
            match written.await {
                // What a constraint refuses once it refuses for ever, and would keep the others from being written.
                Ok(()) | Err(db::Error::Constraint { .. }) => self.count(&taken, full),
                Err(error) => return Err(error),
            }
            taken.written();
            total += count;
        }
        Ok(total)
    }

    /// The clients of whom enough is written to look for old traces.
    fn full(&self, traces: &[RequestTrace]) -> Vec<ClientKey> {
        let mut more: HashMap<ClientKey, u32> = HashMap::new();
        for trace in traces {
            *more.entry(trace.client).or_default() += 1;
        }
        let counts = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        more.retain(|client, more| *more + counts.get(client).copied().unwrap_or(0) >= TRIM_AFTER);
        more.into_keys().collect()
    }

    fn count(&self, taken: &buffer::Taken<'_>, trimmed: &[ClientKey]) {
        let mut counts = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for trace in taken.traces() {
            *counts.entry(trace.client).or_default() += 1;
        }
        for client in trimmed {
            counts.remove(client);
        }
        if counts.len() > COUNTED {
            counts.clear();
        }
    }
}

/// Without control characters, which could not be stored, and not too long.
fn clean(contrast: &Contrast) -> Contrast {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
    Contrast { expected: clean(&contrast.expected), came: clean(&contrast.came) }
}
