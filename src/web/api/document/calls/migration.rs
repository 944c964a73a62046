//! From keys to a secret or back (R36-R46).

use crate::web::api::document::call::{Answer, Body, Call};

const MIGRATION: &str = "/orgs/{org}/apps/{client_id}/migration";
const BROWN_OUT: &str = "/orgs/{org}/apps/{client_id}/migration/brown-out";
const WRITE: &[&[&str]] = &[&["credentials:write", "apps:write"], &["credentials:write"]];

/// Every call of this room.
pub(super) const CALLS: &[Call] = &[
    Call {
        detail: "The state, both kinds of credentials with their last use, and the two checks before completing.",
        scopes: &[&["apps:read"], &["apps:write"], &["credentials:write"]],
        answer: Answer::ok("Migration", "The migration."),
        ..Call::new("get", MIGRATION, "getMigration", "Migration", "Review the migration")
    },
    Call {
        detail: "Without a body from keys to a secret, which is told once. Client id, subject and scopes stay as they are. Where the old credentials act as different subjects, `technical_account` says which one the new one acts as.",
        scopes: WRITE,
        body: Some(Body { kinds: &["application/json"], schema: "MigrationWish", example: "{}", optional: true }),
        answer: Answer::created("Migration", "The migration with the new credential."),
        problems: &[
            "migration-in-progress",
            "migration-completed",
            "nothing-to-migrate",
            "subjects-differ",
            "deadline-passed",
            "secret-limit-reached",
        ],
        ..Call::new("post", MIGRATION, "startMigration", "Migration", "Start a migration")
    },
    Call {
        detail: "The new credential is gone, the old ones stay.",
        scopes: WRITE,
        answer: Answer::nothing("Everything is as before."),
        problems: &["migration-not-running", "migration-completed", "last-credential"],
        ..Call::new("delete", MIGRATION, "cancelMigration", "Migration", "Cancel the migration")
    },
    Call {
        detail: "The old credentials are gone for good. Needs both checks, or `override`.",
        scopes: WRITE,
        body: Body::json("Completion", r#"{"confirm_name": "Brand Portal", "override": false}"#),
        answer: Answer::ok("Migration", "The completed migration."),
        problems: &["name-mismatch", "checks-not-passed", "migration-not-running", "migration-completed"],
        ..Call::new("post", "/orgs/{org}/apps/{client_id}/migration/complete", "completeMigration", "Migration", "Complete the migration")
    },
    Call {
        detail: "For a few minutes the old credentials are refused, to see who still uses them.",
        scopes: WRITE,
        answer: Answer::ok("Migration", "The migration with its brown-out."),
        problems: &["migration-not-running", "migration-completed"],
        ..Call::new("post", BROWN_OUT, "beginBrownOut", "Migration", "Refuse the old credentials on trial")
    },
    Call {
        scopes: WRITE,
        answer: Answer::ok("Migration", "The old credentials work again."),
        problems: &["migration-not-running", "migration-completed"],
        ..Call::new("delete", BROWN_OUT, "endBrownOut", "Migration", "End the trial")
    },
];
