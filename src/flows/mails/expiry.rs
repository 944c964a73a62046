//! Telling the admins of an org by mail that a secret or a key of one of its apps will soon stop working: 30 days before and 3 days
//! before, each once, however many servers run (R54).

use time::OffsetDateTime;

use crate::db::expiry_warnings::{self, Ending};
use crate::db::{Transaction, memberships};
use crate::flows::mails::{letters, queue};
use crate::flows::{Deps, Unavailable};
use crate::model::credential::ExpiryWarning;

/// Credentials in one transaction.
const BATCH: i64 = 50;

/// Puts the mails that are due in the line; says of how many credentials they tell. Where mail is off nothing is noted as told.
pub async fn warn(deps: &Deps, now: OffsetDateTime) -> Result<usize, Unavailable> {
    let mut told = 0;
    if !deps.policy.mail {
        return Ok(told);
    }
    // The shorter first: who is told with three days left need not be told of thirty.
    for warning in [ExpiryWarning::Days3, ExpiryWarning::Days30] {
        loop {
            let mut transaction = deps.db.begin().await?;
            let days = i32::try_from(warning.within().whole_days()).unwrap_or(i32::MAX);
            let endings = expiry_warnings::take(&mut transaction, days, now, BATCH).await?;
            for ending in &endings {
                tell(deps, &mut transaction, ending, now).await?;
            }
            transaction.commit().await?;
            told += endings.len();
            if endings.is_empty() {
                break;
            }
        }
    }
    Ok(told)
}

async fn tell(deps: &Deps, transaction: &mut Transaction, ending: &Ending, now: OffsetDateTime) -> Result<(), Unavailable> {
    for to in memberships::list_admins(transaction, ending.org).await? {
        queue(deps, transaction, &to, letters::credential_ends(&deps.policy, ending, now), ending.ends_at, now).await?;
    }
    Ok(())
}
