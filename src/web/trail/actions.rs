//! What the trail's actions mean, in words; and what can be filtered by.

use crate::web::views::form::Choice;

/// A noun, its name in the filter, and each action of it with what it means.
type Noun = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// In the order of the filter.
const NOUNS: [Noun; 11] = [
    (
        "client",
        "Applications",
        &[
            ("client.create", "Registered"),
            ("client.update", "Changed settings"),
            ("client.verify", "Verified"),
            ("client.unverify", "Took the verification back"),
            ("client.lapse_verification", "Lost the verification by a change"),
            ("client.disable", "Disabled"),
            ("client.enable", "Enabled"),
            ("client.delete", "Deleted"),
            ("client.restore", "Restored"),
            ("client.purge", "Erased for good"),
            ("client.test_token", "Issued a test token"),
            ("client.try_out", "Tried the application"),
        ],
    ),
    (
        "secret",
        "Secrets",
        &[("secret.create", "Made a secret"), ("secret.update", "Changed a secret"), ("secret.delete", "Deleted a secret")],
    ),
    (
        "key",
        "Keys",
        &[
            ("key.create", "Added a key"),
            ("key.renew", "Renewed a certificate"),
            ("key.revoke", "Revoked a key"),
            ("key.delete", "Deleted a key"),
            ("key.publish", "Published other keys"),
        ],
    ),
    (
        "technical_account",
        "Technical accounts",
        &[("technical_account.create", "Made a technical account"), ("technical_account.delete", "Deleted a technical account")],
    ),
    (
        "migration",
        "Migrations",
        &[
            ("migration.start", "Started a migration"),
            ("migration.cancel", "Cancelled a migration"),
            ("migration.complete", "Completed a migration"),
            ("migration.brown_out", "Began a brown-out"),
            ("migration.brown_out_end", "Ended a brown-out"),
        ],
    ),
    (
        "authorization",
        "Access of apps",
        &[
            ("authorization.approve", "Allowed access"),
            ("authorization.deny", "Denied access"),
            ("authorization.revoke", "Ended access"),
            ("authorization.password", "Got access by password"),
            ("authorization.password_failed", "Tried a wrong password"),
            ("authorization.reuse", "Used a refresh token again"),
            ("authorization.code_replay", "Used a code again"),
            ("authorization.code_mismatch", "Sent a code that is not its own"),
            ("authorization.restored_family_advanced", "Went on after a restored backup"),
        ],
    ),
    ("access_token", "Access tokens", &[("access_token.revoke", "Revoked an access token")]),
    (
        "user",
        "Sign-in and accounts",
        &[
            ("user.login", "Signed in"),
            ("user.login_failed", "Failed to sign in"),
            ("user.logout", "Signed out"),
            ("user.reauthenticate", "Confirmed the password"),
            ("user.end_session", "Ended a session"),
            ("user.end_other_sessions", "Ended all other sessions"),
            ("user.sign_out", "Signed out everywhere"),
            ("user.change_password", "Changed the password"),
            ("user.set_password", "Chose a new password"),
            ("user.request_password_reset", "Asked for a new password"),
            ("user.make_password_link", "Made a link to choose a password"),
            ("user.disable", "Disabled an account"),
            ("user.enable", "Enabled an account"),
        ],
    ),
    (
        "membership",
        "People",
        &[("membership.create", "Added a person"), ("membership.change_role", "Changed a role"), ("membership.delete", "Removed a person")],
    ),
    (
        "invitation",
        "Invitations",
        &[
            ("invitation.create", "Invited"),
            ("invitation.resend", "Sent an invitation again"),
            ("invitation.revoke", "Took an invitation back"),
            ("invitation.accept", "Accepted an invitation"),
        ],
    ),
    (
        "org",
        "Organization",
        &[
            ("org.create", "Made the organization"),
            ("org.disable", "Disabled the organization"),
            ("org.enable", "Enabled the organization"),
            ("org.set_app_limit", "Changed the number of applications"),
        ],
    ),
];

/// What an action means; the action itself where nobody found words for it.
pub fn words(action: &str) -> String {
    let known = NOUNS.iter().flat_map(|(_, _, actions)| *actions).find(|(known, _)| *known == action);
    known.map_or(action, |(_, words)| words).to_owned()
}

/// What a filter offers; what is asked for stands in it even if it is none of ours.
pub fn choices(asked: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "Anything")];
    for (noun, title, actions) in NOUNS {
        choices.push(Choice::new(noun, title));
        choices.extend(actions.iter().map(|(action, words)| Choice::new(*action, format!("{title}: {}", lower(words)))));
    }
    if !choices.iter().any(|choice| choice.is(asked)) {
        choices.push(Choice::new(asked, asked));
    }
    choices
}

fn lower(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

#[cfg(test)]
mod tests;
