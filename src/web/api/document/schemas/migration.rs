//! Migrations.

use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// From keys to a secret or back, as it stands.
#[derive(ToSchema)]
pub struct Migration {
    /// The app.
    pub client_id: String,
    /// `none`, `running` or `completed`.
    pub state: String,
    /// `key_to_secret` or `secret_to_key`.
    #[schema(required)]
    pub direction: Option<String>,
    /// Since when it runs.
    #[schema(required)]
    pub started_at: Option<OffsetDateTime>,
    /// When it was completed.
    #[schema(required)]
    pub completed_at: Option<OffsetDateTime>,
    /// The directions in which one could be started now.
    pub possible_directions: Vec<String>,
    /// The new credential; only in the answer that starts it.
    #[schema(required = false, nullable = false)]
    pub credential_id: Option<Uuid>,
    /// The new secret, told now and never again; only in the answer that starts it.
    #[schema(required = false, nullable = false)]
    pub client_secret: Option<String>,
    /// What is left behind.
    #[schema(required)]
    pub old: Option<Side>,
    /// What takes its place.
    #[schema(required)]
    pub new: Option<Side>,
    /// What must be so before it is completed.
    #[schema(required)]
    pub checks: Option<MigrationChecks>,
    /// The trial.
    #[schema(required)]
    pub brown_out: Option<BrownOut>,
    /// When keys end, if the operator said so.
    pub deadlines: Deadlines,
}

/// One side of a migration.
#[derive(ToSchema)]
pub struct Side {
    /// `key` or `secret`.
    pub kind: String,
    /// Ids of the credentials; with keys also those of the secrets that came with them and end with them.
    pub credentials: Vec<Uuid>,
    /// When one of them got its last token.
    #[schema(required)]
    pub last_token_issued_at: Option<OffsetDateTime>,
}

/// The two checks.
#[derive(ToSchema)]
pub struct MigrationChecks {
    /// Whether both passed.
    pub passed: bool,
    /// The new credential was used later than the old ones.
    pub new_used_more_recently: NewIsAhead,
    /// The old ones got no token for a day.
    pub old_unused_for_24_hours: OldIsQuiet,
}

/// The first check.
#[derive(ToSchema)]
pub struct NewIsAhead {
    /// Whether it passed.
    pub passed: bool,
    /// The last token of the new one.
    #[schema(required)]
    pub new_last_token_issued_at: Option<OffsetDateTime>,
    /// The last token of the old ones.
    #[schema(required)]
    pub old_last_token_issued_at: Option<OffsetDateTime>,
}

/// The second check.
#[derive(ToSchema)]
pub struct OldIsQuiet {
    /// Whether it passed.
    pub passed: bool,
    /// The last token of the old ones.
    #[schema(required)]
    pub old_last_token_issued_at: Option<OffsetDateTime>,
    /// When it passes, if nothing happens until then: a day and the few seconds that servers take to tell each other.
    #[schema(required)]
    pub passes_at: Option<OffsetDateTime>,
}

/// Whether the old credentials are refused on trial.
#[derive(ToSchema)]
pub struct BrownOut {
    /// They are.
    pub active: bool,
    /// Until when.
    #[schema(required)]
    pub until: Option<OffsetDateTime>,
}

/// When keys end.
#[derive(ToSchema)]
pub struct Deadlines {
    /// Where to read about it.
    #[schema(required)]
    pub announcement: Option<String>,
    /// From then on no new app can use keys.
    #[schema(required)]
    pub no_new_apps_from: Option<OffsetDateTime>,
    /// From then on no key can be added or renewed.
    #[schema(required)]
    pub no_renewal_from: Option<OffsetDateTime>,
    /// From then on keys are refused.
    #[schema(required)]
    pub disabled_from: Option<OffsetDateTime>,
}

/// Which way to go.
#[derive(ToSchema)]
pub struct MigrationWish {
    /// `key_to_secret`, the default, or `secret_to_key`.
    pub direction: Option<String>,
    /// The new key, for `secret_to_key`.
    pub public_key: Option<String>,
    /// Whom the new credential acts as: a technical account of the app, or null for the app itself. Needed only where the old
    /// credentials act as different subjects, and then one of those.
    pub technical_account: Option<Uuid>,
    /// A note for the new credential.
    #[schema(max_length = 64)]
    pub note: Option<String>,
}

/// The last step, which has no way back.
#[derive(ToSchema)]
pub struct Completion {
    /// The app's name, letter by letter.
    pub confirm_name: String,
    /// Complete although the checks did not pass.
    pub r#override: Option<bool>,
}
