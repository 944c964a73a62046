//! Asking for a new password (N4, N8): one answer for every address, and the same work before it.

use time::OffsetDateTime;

use crate::flows::account::login;
use crate::flows::mails;
use crate::flows::{Deps, Error};
use crate::model::audit::Origin;

/// What became of the wish, as far as anybody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// If somebody has the address, a mail is on its way.
    Noted,
    /// Too many wishes for this address or from this place.
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No mail is sent here at all.
    MailIsOff,
}

/// Notes that somebody asked for a new password for `email`. Whether anybody has that address is looked up later, by the job.
pub async fn ask(deps: &Deps, email: &str, origin: &Origin, now: OffsetDateTime) -> Result<Asked, Error> {
    if !deps.policy.mail {
        return Ok(Asked::MailIsOff);
    }
    if let Some(retry_after) = login::count_reset(deps, email, origin.ip, now).await? {
        return Ok(Asked::Throttled { retry_after });
    }
    mails::queue_reset(deps, email, origin, now).await?;
    Ok(Asked::Noted)
}
