//! Every problem type of the API (RFC 9457 §3.1.1); `type` is `<issuer>/problems/<name>` and leads to these words.

/// One problem type.
#[derive(Debug, Clone, Copy)]
pub struct Problem {
    /// The last part of `type`.
    pub name: &'static str,
    /// The status it comes with.
    pub status: u16,
    /// What it means and what to do.
    pub meaning: &'static str,
    /// Where it is met.
    pub met: Met,
    /// Headers of the answer.
    pub headers: &'static [(&'static str, &'static str)],
}

/// Which calls can answer with a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// Every call that needs a token.
    Everywhere,
    /// Every call that needs a scope.
    WithScope,
    /// Every call that takes JSON.
    WithBody,
    /// Those that name it.
    Named,
}

const CHALLENGE: &[(&str, &str)] = &[("WWW-Authenticate", "The challenge (RFC 6750 §3).")];
const WAIT: &[(&str, &str)] = &[("Retry-After", "Seconds to wait.")];

const fn problem(status: u16, name: &'static str, met: Met, meaning: &'static str) -> Problem {
    Problem { name, status, meaning, met, headers: &[] }
}

/// All of them, by status.
pub const PROBLEMS: &[Problem] = &[
    problem(400, "malformed-request", Met::Everywhere, "The body, a header or the query cannot be read at all."),
    Problem { headers: CHALLENGE, ..problem(401, "unauthorized", Met::Everywhere, "No token came. Send one as Bearer.") },
    Problem {
        headers: CHALLENGE,
        ..problem(401, "invalid-token", Met::Everywhere, "The token is unknown, expired, revoked or for another API. Get a new one.")
    },
    problem(403, "forbidden", Met::WithScope, "The token lacks the scope, or may not do this to this app."),
    problem(404, "not-found", Met::Everywhere, "There is nothing here that this token may see; another org's things do not exist for it."),
    problem(405, "method-not-allowed", Met::Named, "The address does not know the method; `Allow` names those it knows."),
    problem(408, "too-slow", Met::WithBody, "The body did not arrive in time."),
    problem(409, "app-limit-reached", Met::Named, "All slots of the org are in use. Delete an app, or ask the operator for more."),
    problem(409, "secret-limit-reached", Met::Named, "The app has as many active secrets as it may have. Delete one first."),
    problem(409, "migration-in-progress", Met::Named, "A migration of the app runs. Complete or cancel it first."),
    problem(409, "migration-completed", Met::Named, "The app has left this kind of credential for good."),
    problem(409, "migration-not-running", Met::Named, "No migration of the app runs."),
    problem(409, "nothing-to-migrate", Met::Named, "The app has no credential of the kind that the migration would replace."),
    problem(
        409,
        "subjects-differ",
        Met::Named,
        "The old credentials act as different subjects. Name the one that the new credential acts as in `technical_account`; null is the app itself.",
    ),
    problem(
        409,
        "checks-not-passed",
        Met::Named,
        "The new credential is not in use yet, or the old one still is. Wait, or send `override`.",
    ),
    problem(409, "deadline-passed", Met::Named, "The operator has ended this kind of credential."),
    problem(409, "key-limit-reached", Met::Named, "The app has as many keys as it may have, revoked and expired ones included."),
    problem(409, "key-still-works", Met::Named, "Only a revoked or expired key can be deleted. Revoke it first."),
    problem(409, "technical-account-limit-reached", Met::Named, "The org has as many technical accounts as it may have."),
    problem(409, "technical-account-in-use", Met::Named, "The technical account still has keys. Revoke and delete them first."),
    problem(409, "last-owner", Met::Named, "An org keeps an owner who can sign in. Make somebody else an owner first."),
    problem(
        409,
        "not-this-orgs-alone",
        Met::Named,
        "The account belongs to other orgs too, or the operator disabled it. It can be removed from the org.",
    ),
    problem(409, "last-credential", Met::Named, "It is the only credential that works. Add another one first."),
    Problem {
        headers: WAIT,
        ..problem(409, "request-in-progress", Met::Named, "The first request with this Idempotency-Key still runs. Try again soon.")
    },
    problem(412, "precondition-failed", Met::Named, "The app has another version than If-Match says. Read it again and repeat the change."),
    problem(413, "too-large", Met::WithBody, "A body has at most 64 KiB."),
    problem(415, "unsupported-media-type", Met::WithBody, "Send the body as application/json, or application/merge-patch+json for PATCH."),
    problem(422, "invalid-field", Met::WithBody, "Fields or query parameters are at fault; `errors` names each of them."),
    problem(422, "idempotency-key-reused", Met::Named, "The Idempotency-Key came with another request before. Use a new one."),
    problem(422, "name-mismatch", Met::Named, "The typed name is not the app's, letter by letter."),
    Problem { headers: WAIT, ..problem(429, "rate-limited", Met::Named, "Too often. Wait as long as `Retry-After` says.") },
    Problem { headers: WAIT, ..problem(503, "unavailable", Met::Everywhere, "The server cannot answer now. Try again soon.") },
];
