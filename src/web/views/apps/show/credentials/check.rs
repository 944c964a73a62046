//! `/orgs/{slug}/apps/{client_id}/credentials/check`: which check an assertion fails, and by how much.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        kind::AppKind,
        show::header::{AppHeader, Tab},
    },
    form::{Choice, FieldError, Form},
    layout::{Layout, Section},
    mark::AppMark,
    text,
};

/// The assertion checker. Posts `csrf`, `profile` and `assertion` to this address and is answered with the same page; nothing is kept.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/credentials/check.html")]
pub struct CheckPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// What was pasted, and for which door.
    pub form: Form<CheckValues>,
    /// The doors.
    pub doors: Vec<Choice>,
    /// What became of it; `None` before anything was pasted.
    pub verdict: Option<Verdict>,
}

/// The fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckValues {
    /// The word of the door.
    pub profile: String,
    /// The assertion.
    pub assertion: String,
}

/// What became of an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The door in words.
    pub door: String,
    /// What the door would answer; `None` when it would accept it.
    pub refusal: Option<RefusalFacts>,
    /// Every check in order.
    pub steps: Vec<CheckRow>,
    /// What stands in it, if it can be read.
    pub contents: Option<Contents>,
}

/// What a door would answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalFacts {
    /// The OAuth code.
    pub error: String,
    /// The text beside it.
    pub description: String,
}

/// Header and claims as indented JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The protected header.
    pub header: String,
    /// The claims.
    pub claims: String,
    /// Whether one of the app's keys signed them.
    pub is_signed: bool,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// What must hold.
    pub title: String,
    /// `passed`, `failed` or `not_reached`.
    pub result: &'static str,
    /// What would have been right.
    pub expected: String,
    /// What came; may be empty.
    pub came: String,
    /// What is wrong, when it failed.
    pub cause: Option<String>,
    /// By how many seconds.
    pub seconds_off: Option<i64>,
}

impl CheckRow {
    /// The word for people.
    pub fn label(&self) -> &'static str {
        match self.result {
            "passed" => "Passed",
            "failed" => "Failed",
            _ => "Not reached",
        }
    }

    /// The icon beside it.
    pub fn icon(&self) -> &'static str {
        match self.result {
            "passed" => "check",
            "failed" => "x",
            _ => "ban",
        }
    }

    /// Whether it is the one that fails.
    pub fn failed(&self) -> bool {
        self.result == "failed"
    }

    /// `Off by 412 seconds, about 7 minutes`.
    pub fn distance(&self) -> Option<String> {
        let seconds = u64::try_from(self.seconds_off?).ok()?;
        let exact = text::count(seconds, "second");
        let about = match seconds {
            0..=90 => return Some(format!("Off by {exact}.")),
            91..=5_400 => text::count((seconds + 30) / 60, "minute"),
            5_401..=129_600 => text::count((seconds + 1_800) / 3_600, "hour"),
            _ => text::count((seconds + 43_200) / 86_400, "day"),
        };
        Some(format!("Off by {exact}, about {about}."))
    }
}

impl Verdict {
    /// The check that fails.
    pub fn fault(&self) -> Option<&CheckRow> {
        self.steps.iter().find(|step| step.failed())
    }
}

impl CheckPage {
    /// Whether the door's text says something else than the cause that is shown.
    pub fn adds(&self, description: &str) -> bool {
        let cause = self.verdict.as_ref().and_then(Verdict::fault).and_then(|fault| fault.cause.as_deref());
        cause != Some(description)
    }

    /// Nothing pasted yet.
    pub fn sample() -> Self {
        let mut header = AppHeader::sample().at(Tab::Credentials);
        header.kind = AppKind::M2m;
        header.mark = AppMark::new("Nightly Sync", "m7t3r9k1x5b8n2v4c6z0q1w3e5");
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header,
            form: Form::default(),
            doors: vec![
                Choice::new("client_assertion", "Client authentication (private_key_jwt)"),
                Choice::new("jwt_bearer", "Grant jwt-bearer at /token"),
            ],
            verdict: None,
        }
    }

    /// One that has expired.
    pub fn sample_expired() -> Self {
        let step = |title: &str, result, expected: &str, came: &str| CheckRow {
            title: title.into(),
            result,
            expected: expected.into(),
            came: came.into(),
            cause: None,
            seconds_off: None,
        };
        let expiry = CheckRow {
            cause: Some("The assertion has expired.".into()),
            seconds_off: Some(412),
            ..step("exp lies ahead", "failed", "seconds, after 2026-08-14T09:30:00Z", "1786699388 (2026-08-14T09:23:08Z)")
        };
        let verdict = Verdict {
            door: "Client authentication (private_key_jwt)".into(),
            refusal: Some(RefusalFacts { error: "invalid_client".into(), description: "The assertion has expired.".into() }),
            steps: vec![
                step("Three base64url parts", "passed", "three base64url parts without padding, joined by dots", "3 parts"),
                step("One of these keys made the signature", "passed", "made by one of these keys", ""),
                expiry,
                step("jti is as it must be", "not_reached", "a string", ""),
            ],
            contents: Some(Contents {
                header: "{\n  \"alg\": \"ES256\"\n}".into(),
                claims: "{\n  \"exp\": 1786699388\n}".into(),
                is_signed: true,
            }),
        };
        let values =
            CheckValues { profile: "client_assertion".into(), assertion: "eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjE3ODY2OTkzODh9.c2FtcGxl".into() };
        Self { form: Form::new(values), verdict: Some(verdict), ..Self::sample() }
    }

    /// One that would be accepted.
    pub fn sample_accepted() -> Self {
        let mut page = Self::sample_expired();
        if let Some(verdict) = &mut page.verdict {
            verdict.refusal = None;
            verdict.steps.retain(|step| step.result == "passed");
        }
        page
    }

    /// Nothing was pasted.
    pub fn sample_refused() -> Self {
        let error = FieldError::new("assertion", "Paste an assertion.");
        Self { form: Form::refused(CheckValues::default(), vec![error]), ..Self::sample() }
    }
}
