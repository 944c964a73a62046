//! `/orgs/{slug}/apps/{client_id}/migration`: from keys to a client secret or back, while both work.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    apps::{
        kind::AppKind,
        show::header::{AppHeader, Tab},
    },
    form::{Choice, FieldError, Form},
    layout::{Layout, Role, Section},
};

/// The migration tab. Starting posts `csrf`, `direction`, towards a key `public_key`, and `technical_account` where there is a choice to this address; the other steps post
/// `csrf` to `migration/cancel`, `migration/brown-out`, `migration/brown-out/end`, and with `confirm_name` and `override` to
/// `migration/complete`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/migration.html")]
pub struct MigrationPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// What the operator announced about keys; `None` when the app has none or nothing is announced.
    pub deadlines: Option<Deadlines>,
    /// How far it is.
    pub stage: Stage,
    /// What was typed to start towards a key.
    pub start: Form<StartValues>,
    /// What was typed to complete.
    pub complete: Form<CompleteValues>,
}

/// How far it is.
#[derive(Debug, Clone)]
pub enum Stage {
    /// There is nothing to move from, or nowhere to move to.
    Nothing,
    /// It can start in these directions.
    Offer(Vec<Offer>),
    /// Both credentials work.
    Running(Box<Running>),
    /// It is completed.
    Done(Way, OffsetDateTime),
}

/// A direction in which it can start.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The direction.
    pub way: Way,
    /// Whom the new credential may act as, the empty choice first; empty when there is nothing to choose.
    pub subjects: Vec<Choice>,
}

/// From what to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From keys to a client secret.
    KeyToSecret,
    /// From client secrets to a key.
    SecretToKey,
}

/// A migration that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// From what to what.
    pub way: Way,
    /// Since when.
    pub started_at: OffsetDateTime,
    /// What the old credentials are called: ends of secrets, thumbprints of keys.
    pub old_names: Vec<String>,
    /// Some of them are secrets that came with keys.
    pub old_has_paired: bool,
    /// The last token by any of them.
    pub old_last_token: Option<OffsetDateTime>,
    /// What the new credential is called.
    pub new_name: String,
    /// The last token by it.
    pub new_last_token: Option<OffsetDateTime>,
    /// The new one was used, and later than the old ones.
    pub new_is_ahead: bool,
    /// The old ones were unused for a day.
    pub old_is_quiet: bool,
    /// When they will have been, if nobody uses them.
    pub quiet_from: Option<OffsetDateTime>,
    /// Until when the old ones are refused on trial.
    pub brown_out_until: Option<OffsetDateTime>,
    /// How long a brown-out is, in seconds.
    pub brown_out_seconds: i64,
}

/// What the operator announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// In the operator's words; may be empty.
    pub announcement: String,
    /// Dates with what happens then.
    pub dates: Vec<(OffsetDateTime, &'static str)>,
}

/// The fields that start towards a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartValues {
    /// PEM or JWK.
    pub public_key: String,
    /// Whom the new credential acts as, as its choice is called.
    pub technical_account: String,
}

/// The fields that complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompleteValues {
    /// The app's name, typed.
    pub confirm_name: String,
    /// Whether the checks are to be passed over.
    pub overridden: bool,
}

impl Way {
    /// The word in forms and in the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::KeyToSecret => "key_to_secret",
            Self::SecretToKey => "secret_to_key",
        }
    }

    /// The heading.
    pub fn title(&self) -> &'static str {
        match self {
            Self::KeyToSecret => "From keys to a client secret",
            Self::SecretToKey => "From client secrets to a key",
        }
    }

    /// Whether it leads to a key.
    pub fn is_to_key(&self) -> bool {
        matches!(self, Self::SecretToKey)
    }

    /// The old credentials, within a sentence.
    pub fn old(&self) -> &'static str {
        match self {
            Self::KeyToSecret => "keys",
            Self::SecretToKey => "secrets",
        }
    }

    /// The new credential, within a sentence.
    pub fn successor(&self) -> &'static str {
        match self {
            Self::KeyToSecret => "secret",
            Self::SecretToKey => "key",
        }
    }

    /// Icon of the old kind.
    pub fn old_icon(&self) -> &'static str {
        match self {
            Self::KeyToSecret => "shield",
            Self::SecretToKey => "key",
        }
    }

    /// Icon of the new kind.
    pub fn new_icon(&self) -> &'static str {
        match self {
            Self::KeyToSecret => "key",
            Self::SecretToKey => "shield",
        }
    }
}

impl Running {
    /// Whether nothing speaks against completing.
    pub fn is_ready(&self) -> bool {
        self.new_is_ahead && self.old_is_quiet
    }
}

impl MigrationPage {
    /// An app with keys that could start.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header: AppHeader { kind: AppKind::M2m, tab: Tab::Migration, ..AppHeader::sample() },
            deadlines: Some(Deadlines {
                announcement: "Keys are going away: please move to client secrets this year.".into(),
                dates: vec![
                    (datetime!(2026-09-01 00:00 UTC), "applications without a key get none"),
                    (datetime!(2027-03-01 00:00 UTC), "keys are refused"),
                ],
            }),
            stage: Stage::Offer(vec![Offer { way: Way::KeyToSecret, subjects: Vec::new() }]),
            start: Form::default(),
            complete: Form::default(),
        }
    }

    /// An app with secrets only, whose new key was not one.
    pub fn sample_start_refused() -> Self {
        let error = FieldError::new("public_key", "This RSA key is too short. Use 2048 bits or more.");
        Self {
            deadlines: None,
            stage: Stage::Offer(vec![Offer { way: Way::SecretToKey, subjects: Vec::new() }]),
            start: Form::refused(StartValues { public_key: "-----BEGIN PUBLIC KEY-----".into(), ..StartValues::default() }, vec![error]),
            ..Self::sample()
        }
    }

    /// An app whose keys act as different subjects, and nobody chose.
    pub fn sample_subjects() -> Self {
        let choices = [
            ("", "Choose…"),
            ("app", "The application itself"),
            ("0198b2c4-0000-7000-8000-000000000001", "5b1c0f6d2a7e4c8895d3e1f0a2b4c6d8@techacct.auth.example.com"),
        ];
        let subjects = choices.map(|(value, label)| Choice::new(value, label)).to_vec();
        let error = FieldError::new("technical_account", "Choose whom the new credential acts as.");
        Self {
            deadlines: None,
            stage: Stage::Offer(vec![Offer { way: Way::KeyToSecret, subjects }]),
            start: Form::refused(StartValues::default(), vec![error]),
            ..Self::sample()
        }
    }

    /// Both credentials work; the old one is still in use.
    pub fn sample_running() -> Self {
        Self { stage: Stage::Running(Box::new(Self::sample_migration())), ..Self::sample() }
    }

    /// Everybody has switched.
    pub fn sample_ready() -> Self {
        let mut migration = Self::sample_migration();
        migration.old_last_token = Some(datetime!(2026-08-12 22:10 UTC));
        migration.quiet_from = Some(datetime!(2026-08-13 22:10 UTC));
        migration.new_is_ahead = true;
        migration.old_is_quiet = true;
        Self { deadlines: None, stage: Stage::Running(Box::new(migration)), ..Self::sample() }
    }

    /// The old credentials are refused on trial.
    pub fn sample_brown_out() -> Self {
        let mut migration = Self::sample_migration();
        migration.way = Way::SecretToKey;
        migration.old_names = vec!["grs_…x7Qd".into()];
        migration.old_has_paired = false;
        migration.new_name = "NzbLsXh8uDCcd".into();
        migration.new_last_token = None;
        migration.brown_out_until = Some(datetime!(2026-08-14 09:34 UTC));
        Self { deadlines: None, stage: Stage::Running(Box::new(migration)), ..Self::sample() }
    }

    /// A wrong name, and no override.
    pub fn sample_wrong_name() -> Self {
        let mut page = Self::sample_running();
        let error = FieldError::new("confirm_name", "Type the name exactly: Brand Portal.");
        page.complete = Form::refused(CompleteValues { confirm_name: "brand portal".into(), overridden: true }, vec![error]);
        page
    }

    /// It is completed.
    pub fn sample_done() -> Self {
        Self { deadlines: None, stage: Stage::Done(Way::KeyToSecret, datetime!(2026-08-13 15:00 UTC)), ..Self::sample() }
    }

    /// What a developer sees of an app with nothing to move.
    pub fn sample_nothing() -> Self {
        let mut page = Self { deadlines: None, stage: Stage::Nothing, ..Self::sample() };
        page.header.org.role = Role::Developer;
        page
    }

    fn sample_migration() -> Running {
        Running {
            way: Way::KeyToSecret,
            started_at: datetime!(2026-08-10 08:00 UTC),
            old_names: vec!["NzbLsXh8uDCcd…".into(), "q4w8e2r6t0y3u…".into(), "grs_…T5vb".into()],
            old_has_paired: true,
            old_last_token: Some(datetime!(2026-08-14 08:52 UTC)),
            new_name: "grs_…m2Kp".into(),
            new_last_token: Some(datetime!(2026-08-14 09:27 UTC)),
            new_is_ahead: true,
            old_is_quiet: false,
            quiet_from: Some(datetime!(2026-08-15 08:52 UTC)),
            brown_out_until: None,
            brown_out_seconds: 300,
        }
    }
}
