//! Every call of the API. A new route fails `tests/it/matrix` until it stands here.

use crate::web::api::document::PATH;
use crate::web::api::document::call::Answer;
pub use crate::web::api::document::call::Call;

mod activity;
mod apps;
mod keys;
mod migration;
mod people;
mod secrets;

/// The groups, in the order shown.
pub const TAGS: [(&str, &str); 9] = [
    ("Apps", "Register, change, disable, delete and restore apps."),
    ("Secrets", "An app's secrets: two may work side by side, so that they can be changed without a gap."),
    ("Keys", "Public keys, and the technical accounts that they may belong to."),
    ("Migration", "From keys to a secret or back, without a pause: both work until it is completed."),
    ("Activity", "What came of an app's requests, and tokens for trying out."),
    ("Authorizations", "Who connected to an app."),
    ("People", "Who belongs to the org and as what, and who is invited."),
    ("Audit", "Who did what, when and from where."),
    ("Org", "The org itself, and this document."),
];

const ORG: &[Call] = &[
    Call {
        detail: "Any token of the org may ask.",
        answer: Answer::ok("Org", "The org with its quota."),
        ..Call::new("get", "/orgs/{org}", "getOrg", "Org", "Show the org")
    },
    Call {
        public: true,
        answer: Answer { schema: "", ..Answer::ok("", "An OpenAPI 3.1 document.") },
        ..Call::new("get", PATH, "getDocument", "Org", "This document")
    },
];

/// All of them, in the order shown.
pub fn all() -> impl Iterator<Item = &'static Call> {
    [apps::CALLS, secrets::CALLS, keys::CALLS, migration::CALLS, activity::CALLS, people::CALLS, people::AUDIT, ORG].into_iter().flatten()
}
