//! Mail: put in the line in the transaction of what it tells of, sent afterwards by a job, never while a request waits.
//!
//! A mail may hold a one-time link, so it lies sealed. Who asks for a new password gets the same answer whoever they are: what
//! happens next is decided here, later, out of everybody's sight (N4).

pub mod deliver;
pub mod expiry;
pub mod letters;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::db::{self, Connection, mails};
use crate::flows::Deps;
use crate::mail::Letter;
use crate::model::audit::Origin;
use crate::model::ids::MailId;
use crate::model::user::Email;

const LABEL: &str = "mail";
/// The longest address that anybody has, in characters.
const LONGEST_ADDRESS: usize = 254;

/// What waits in the line.
#[derive(Debug, Serialize, Deserialize)]
enum Task {
    /// A letter to send.
    Letter { to: String, letter: Letter },
    /// Somebody asked for a new password for this address, whoever that is.
    Reset { email: String, ip: Option<std::net::IpAddr>, request_id: Option<String> },
}

/// Puts a letter in the line; where mail is off, nothing.
pub(super) async fn queue(
    deps: &Deps,
    connection: &mut Connection,
    to: &Email,
    letter: Letter,
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let task = Task::Letter { to: to.as_str().to_owned(), letter };
    put(deps, connection, ("letter", &task), expires_at, now).await
}

async fn put(
    deps: &Deps,
    connection: &mut Connection,
    (kind, task): (&str, &Task),
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    if !deps.policy.mail {
        return Ok(());
    }
    let plain = serde_json::to_vec(task).expect("text is JSON");
    let sealed = deps.sealer.seal(LABEL, &plain, &*deps.entropy);
    mails::insert(connection, MailId(deps.entropy.uuid(now)), (kind, &sealed), now, expires_at).await
}

/// Notes that somebody asked for a new password.
pub(super) async fn queue_reset(deps: &Deps, email: &str, origin: &Origin, now: OffsetDateTime) -> Result<(), db::Error> {
    // No address is longer; of a longer text nothing is kept.
    let email = email.chars().take(LONGEST_ADDRESS + 1).collect();
    let task = &Task::Reset { email, ip: origin.ip, request_id: origin.request_id.clone() };
    let expires_at = now + deps.policy.lifetimes.password_reset;
    let mut connection = deps.db.acquire().await?;
    put(deps, &mut connection, ("reset", task), expires_at, now).await
}
