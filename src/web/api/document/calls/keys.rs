//! Public keys, service credentials and technical accounts (R31, R54, R57, R64).

use crate::web::api::document::call::{Answer, Body, Call, LOCATION, Parameter};

const KEYS: &str = "/orgs/{org}/apps/{client_id}/keys";
const KEY: &str = "/orgs/{org}/apps/{client_id}/keys/{id}";
const REVOKE: &str = "/orgs/{org}/apps/{client_id}/keys/{id}/revoke";
const SERVICE: &str = "/orgs/{org}/apps/{client_id}/service-credentials";
const CHECK: &str = "/orgs/{org}/apps/{client_id}/assertion-check";
const ACCOUNTS: &str = "/orgs/{org}/apps/{client_id}/technical-accounts";
const ACCOUNT: &str = "/orgs/{org}/apps/{client_id}/technical-accounts/{id}";
const READ: &[&[&str]] = &[&["apps:read"], &["apps:write"], &["credentials:write"]];
const WRITE: &[&[&str]] = &[&["credentials:write", "apps:write"], &["credentials:write"]];

/// Every call of this room.
pub(super) const CALLS: &[Call] = &[
    Call {
        detail: "Those that were registered, and what the app publishes at its `jwks_uri`.",
        scopes: READ,
        answer: Answer::ok("KeyList", "The keys."),
        ..Call::new("get", KEYS, "listKeys", "Keys", "List an app's public keys")
    },
    Call {
        detail: "PEM (certificate, SPKI, PKCS#1) or JWK; RSA of 2048 bits or more, P-256, P-384, Ed25519. Private keys are refused.",
        scopes: WRITE,
        body: Body::json("KeyWish", r#"{"key": "-----BEGIN PUBLIC KEY-----\n...", "note": "build server"}"#),
        answer: Answer {
            also: &[(200, "The key was there already and has a newer certificate now.")],
            ..Answer::created("Credential", "The key.").with_headers(&[LOCATION])
        },
        problems: &["key-limit-reached", "migration-in-progress", "migration-completed", "deadline-passed"],
        ..Call::new("post", KEYS, "createKey", "Keys", "Register a public key")
    },
    Call {
        detail: "It stops working at once and stays in the list until it is deleted.",
        scopes: WRITE,
        parameters: &[Parameter {
            place: "query",
            name: "revoke_tokens",
            schema: r#"{"type": "boolean"}"#,
            text: "Also end the tokens that were got with it.",
        }],
        answer: Answer::ok("Credential", "The key, revoked."),
        problems: &["invalid-field", "last-credential", "migration-in-progress", "migration-completed"],
        ..Call::new("post", REVOKE, "revokeKey", "Keys", "Revoke a key")
    },
    Call {
        scopes: WRITE,
        answer: Answer::nothing("It is gone from the list."),
        problems: &["key-still-works", "last-credential", "migration-in-progress", "migration-completed"],
        ..Call::new("delete", KEY, "deleteKey", "Keys", "Delete a revoked or expired key")
    },
    Call {
        detail: "Makes a key with its certificate, and a technical account if none is named. The private key is in the answer and nowhere else.",
        scopes: WRITE,
        body: Body::json("ServiceCredentialsWish", r#"{"note": "author environment"}"#),
        answer: Answer::created("ServiceCredentials", "The document, now and never again.").with_headers(&[LOCATION]),
        problems: &[
            "key-limit-reached",
            "technical-account-limit-reached",
            "migration-in-progress",
            "migration-completed",
            "deadline-passed",
        ],
        ..Call::new("post", SERVICE, "createServiceCredentials", "Keys", "Make service credentials")
    },
    Call {
        detail: "Tells every check in its order, what was expected and what came, and by how many seconds it fails. The assertion is neither \
            kept nor logged nor used up.",
        scopes: READ,
        body: Body::json("AssertionWish", r#"{"profile": "client_assertion", "assertion": "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"}"#),
        answer: Answer::ok("AssertionReport", "Every check."),
        problems: &["invalid-field"],
        ..Call::new("post", CHECK, "checkAssertion", "Keys", "Check an assertion")
    },
    Call {
        scopes: READ,
        answer: Answer::ok("TechnicalAccountList", "The technical accounts with their keys."),
        ..Call::new("get", ACCOUNTS, "listTechnicalAccounts", "Keys", "List technical accounts")
    },
    Call {
        scopes: WRITE,
        answer: Answer::nothing("It is gone."),
        problems: &["technical-account-in-use", "migration-in-progress", "migration-completed", "last-credential"],
        ..Call::new("delete", ACCOUNT, "deleteTechnicalAccount", "Keys", "Delete a technical account")
    },
];
