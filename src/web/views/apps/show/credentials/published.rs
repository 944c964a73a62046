//! The key set that an application publishes itself (`jwks_uri`, RFC 7591 §2), in the list of its credentials.

use time::{OffsetDateTime, macros::datetime};

use crate::web::views::form::Form;

/// Where the application publishes its keys, and what was read there.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    /// The form: its one value is the address, empty = it publishes none.
    pub form: Form<String>,
    /// What was read; `None` when it publishes none.
    pub reading: Option<Reading>,
}

/// How the set was read last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// When it was read well; `None` = never yet.
    pub fetched_at: Option<OffsetDateTime>,
    /// When somebody last began to read it.
    pub attempted_at: Option<OffsetDateTime>,
    /// Why that failed; `None` when it did not.
    pub problem: Option<String>,
    /// Those of its keys that we can use.
    pub keys: Vec<PublishedKey>,
}

/// A key of the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// The name that the application gave it; may be empty.
    pub kid: String,
    /// Its algorithm, wire word.
    pub algorithm: String,
    /// Kind and size, such as `RSA 2048`.
    pub size: String,
    /// RFC 7638.
    pub thumbprint: String,
}

impl KeySet {
    /// A set of one key whose host has been away since.
    pub fn sample() -> Self {
        let key = PublishedKey {
            kid: "2026-08".into(),
            algorithm: "ES256".into(),
            size: "P-256".into(),
            thumbprint: "c5Rt8Yu1Io2Pa3Sd4Fg5Hj6Kl7Zx8Cv9Bn0Mq1We2Er".into(),
        };
        let reading = Reading {
            fetched_at: Some(datetime!(2026-08-14 08:10 UTC)),
            attempted_at: Some(datetime!(2026-08-14 09:11 UTC)),
            problem: Some("the host does not answer".into()),
            keys: vec![key],
        };
        Self { form: Form::new("https://sync.acme.example/.well-known/jwks.json".into()), reading: Some(reading) }
    }
}
