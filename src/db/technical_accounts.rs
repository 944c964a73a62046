//! `technical_accounts`: the names that apps act under.

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::model::ids::{TechnicalAccountId, UserId};
use crate::model::technical_account::TechnicalAccount;

/// A living account as `db::clients` aggregates it into JSON.
#[derive(Deserialize)]
pub(crate) struct JsonRow {
    id: Uuid,
    subject: String,
    email: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    created_by: Option<Uuid>,
}

impl From<JsonRow> for TechnicalAccount {
    fn from(row: JsonRow) -> Self {
        Self {
            id: TechnicalAccountId(row.id),
            subject: row.subject,
            email: row.email,
            created_at: row.created_at,
            created_by: row.created_by.map(UserId),
        }
    }
}
