//! Members, roles and invitations; the audit trail.

use crate::web::api::document::call::{Answer, Body, CURSOR, Call, LIMIT, LOCATION, Parameter};

const PEOPLE: &str = "/orgs/{org}/people";
const PERSON: &str = "/orgs/{org}/people/{id}";
const READ: &[&[&str]] = &[&["people:read"], &["people:write"]];
const WRITE: &[&[&str]] = &[&["people:write"]];
const AS_ADMIN: &str = "A token acts as an admin: it changes no owner and makes none.";

const fn filter(name: &'static str, schema: &'static str, text: &'static str) -> Parameter {
    Parameter { place: "query", name, schema, text }
}

/// Every call of this room.
pub(super) const CALLS: &[Call] = &[
    Call {
        scopes: READ,
        parameters: &[filter("q", r#"{"type": "string"}"#, "Part of the name or the address."), CURSOR, LIMIT],
        answer: Answer::ok("PersonList", "One page of people, by address."),
        problems: &["invalid-field"],
        ..Call::new("get", PEOPLE, "listPeople", "People", "List the org's people")
    },
    Call {
        detail: "Sends a link by mail that works once, for a limited time and for that address only. Where the server sends no mail, the \
                 link is in the answer, now and never again. A token invites up to admins.",
        scopes: WRITE,
        body: Body::json("InvitationWish", r#"{"email": "ada@example.com", "role": "developer"}"#),
        answer: Answer::created("Invitation", "The invitation.").with_headers(&[LOCATION]),
        problems: &["rate-limited"],
        ..Call::new("post", PEOPLE, "invitePerson", "People", "Invite a person")
    },
    Call {
        scopes: READ,
        answer: Answer::ok("InvitationList", "The open ones, newest first; expired ones too."),
        ..Call::new("get", "/orgs/{org}/people/invitations", "listInvitations", "People", "List open invitations")
    },
    Call {
        detail: "Its link is worth nothing from then on.",
        scopes: WRITE,
        answer: Answer::nothing("It is taken back."),
        ..Call::new("delete", "/orgs/{org}/people/invitations/{id}", "revokeInvitation", "People", "Take an invitation back")
    },
    Call {
        detail: "The old link is worth nothing from then on.",
        scopes: WRITE,
        answer: Answer::ok("Invitation", "The invitation with its new dates, and the link where no mail is sent."),
        problems: &["rate-limited"],
        ..Call::new("post", "/orgs/{org}/people/invitations/{id}/resend", "resendInvitation", "People", "Send a new link")
    },
    Call { scopes: READ, answer: Answer::ok("Person", "The person."), ..Call::new("get", PERSON, "getPerson", "People", "Show a person") },
    Call {
        detail: AS_ADMIN,
        scopes: WRITE,
        body: Body::patch("PersonChange", r#"{"role": "admin"}"#),
        answer: Answer::ok("Person", "The person as they are now."),
        problems: &["last-owner"],
        ..Call::new("patch", PERSON, "changePerson", "People", "Change a role")
    },
    Call {
        detail: "What they allowed the org's apps ends at once, everywhere.",
        scopes: WRITE,
        answer: Answer::nothing("They belong to the org no more."),
        problems: &["last-owner"],
        ..Call::new("delete", PERSON, "removePerson", "People", "Remove a person from the org")
    },
    Call {
        detail: "For an account that is this org's alone: sessions and authorizations end at once, everywhere.",
        scopes: WRITE,
        answer: Answer::ok("Person", "The person as they are now."),
        problems: &["last-owner", "not-this-orgs-alone"],
        ..Call::new("post", "/orgs/{org}/people/{id}/disable", "disablePerson", "People", "Disable a person")
    },
    Call {
        detail: "If this org disabled them. What ended stays ended.",
        scopes: WRITE,
        answer: Answer::ok("Person", "The person as they are now."),
        problems: &["not-this-orgs-alone"],
        ..Call::new("post", "/orgs/{org}/people/{id}/enable", "enablePerson", "People", "Enable a person")
    },
    Call {
        detail: "Ends every browser session of an account that is this org's alone. Connected apps go on.",
        scopes: WRITE,
        answer: Answer::ok("Person", "The person."),
        problems: &["not-this-orgs-alone"],
        ..Call::new("post", "/orgs/{org}/people/{id}/sign-out", "signOutPerson", "People", "Sign a person out everywhere")
    },
];

/// The trail.
pub(super) const AUDIT: &[Call] = &[Call {
    detail: "Who did what to which thing, when and from where, newest first; entries are never changed or deleted. With `Accept: text/csv` all \
             that fit the filter, up to 100000, as one file.",
    scopes: &[&["audit:read"]],
    parameters: &[
        filter("app", r#"{"type": "string"}"#, "About or by the app with this client id."),
        filter("actor", r#"{"type": "string"}"#, "By this actor: the id, or the label."),
        filter(
            "action",
            r#"{"type": "string", "example": "secret"}"#,
            "This action, as `secret.create`, or every one of a noun, as `secret`.",
        ),
        filter("from", r#"{"type": "string", "format": "date"}"#, "From this day on (UTC)."),
        filter("to", r#"{"type": "string", "format": "date"}"#, "Up to this day, itself included (UTC)."),
        CURSOR,
        LIMIT,
    ],
    answer: Answer { other_kinds: &["text/csv"], ..Answer::ok("Trail", "One page of the trail.") },
    problems: &["invalid-field"],
    ..Call::new("get", "/orgs/{org}/audit", "listAuditEvents", "Audit", "Read the audit trail")
}];
