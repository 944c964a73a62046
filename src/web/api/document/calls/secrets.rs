//! Secrets (R50-R53).

use crate::web::api::document::call::{Answer, Body, Call, IDEMPOTENCY_KEY, LOCATION, Parameter, REPLAYED};

const SECRETS: &str = "/orgs/{org}/apps/{client_id}/secrets";
const SECRET: &str = "/orgs/{org}/apps/{client_id}/secrets/{id}";
const WRITE: &[&[&str]] = &[&["credentials:write", "apps:write"], &["credentials:write"]];
const OWN: &str = "An app that has `credentials:write` alone manages its own secrets and no others'.";

/// Every call of this room.
pub(super) const CALLS: &[Call] = &[
    Call {
        detail: "Dates and notes; values are never told again. An app with `credentials:write` may see its own.",
        scopes: &[&["apps:read"], &["apps:write"], &["credentials:write"]],
        answer: Answer::ok("SecretList", "The secrets."),
        ..Call::new("get", SECRETS, "listSecrets", "Secrets", "List an app's secrets")
    },
    Call {
        detail: OWN,
        scopes: WRITE,
        parameters: &[IDEMPOTENCY_KEY],
        body: Body::json("SecretWish", r#"{"note": "production"}"#),
        answer: Answer::created("Credential", "The secret with its value, now and never again.").with_headers(&[LOCATION, REPLAYED]),
        problems: &[
            "secret-limit-reached",
            "migration-in-progress",
            "migration-completed",
            "deadline-passed",
            "request-in-progress",
            "idempotency-key-reused",
        ],
        ..Call::new("post", SECRETS, "createSecret", "Secrets", "Make a secret")
    },
    Call {
        detail: OWN,
        scopes: WRITE,
        body: Body::patch("SecretWish", r#"{"note": "staging"}"#),
        answer: Answer::ok("Credential", "The secret as it is now."),
        problems: &["last-credential", "migration-in-progress", "migration-completed"],
        ..Call::new("patch", SECRET, "changeSecret", "Secrets", "Change note or expiry of a secret")
    },
    Call {
        detail: OWN,
        scopes: WRITE,
        parameters: &[Parameter {
            place: "query",
            name: "revoke_tokens",
            schema: r#"{"type": "boolean"}"#,
            text: "Also end the tokens that were got with it.",
        }],
        answer: Answer::nothing("It stopped working."),
        problems: &["last-credential", "invalid-field", "migration-in-progress", "migration-completed"],
        ..Call::new("delete", SECRET, "deleteSecret", "Secrets", "Delete a secret")
    },
];
