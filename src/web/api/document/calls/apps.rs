//! Apps and who connected to them.

use crate::web::api::document::call::{Answer, Body, CURSOR, Call, ETAG, IDEMPOTENCY_KEY, IF_MATCH, LIMIT, LOCATION, Parameter, REPLAYED};

const READ: &[&[&str]] = &[&["apps:read"], &["apps:write"]];
const WRITE: &[&[&str]] = &[&["apps:write"]];
const LOGO: &str = "/orgs/{org}/apps/{client_id}/logo";
const APP: &str = "/orgs/{org}/apps/{client_id}";

const fn query(name: &'static str, schema: &'static str, text: &'static str) -> Parameter {
    Parameter { place: "query", name, schema, text }
}

/// Every call of this room.
pub(super) const CALLS: &[Call] = &[
    Call {
        scopes: READ,
        parameters: &[
            query("q", r#"{"type": "string"}"#, "Part of a name or client id."),
            query("kind", r#"{"type": "string", "enum": ["web", "spa", "m2m"]}"#, "Only apps of this kind."),
            query("credential", r#"{"type": "string", "enum": ["jwt", "secret"]}"#, "Only apps that prove themselves so."),
            query("attention", r#"{"type": "boolean"}"#, "Only apps that need attention."),
            CURSOR,
            LIMIT,
        ],
        answer: Answer::ok("AppList", "One page of apps."),
        problems: &["invalid-field"],
        ..Call::new("get", "/orgs/{org}/apps", "listApps", "Apps", "List apps")
    },
    Call {
        detail: "The answer for a `web` or `m2m` app has `client_secret`, now and never again.",
        scopes: WRITE,
        parameters: &[IDEMPOTENCY_KEY],
        body: Body::json("NewApp", r#"{"kind": "web", "name": "Brand Portal", "redirect_uris": ["https://portal.example/callback"]}"#),
        answer: Answer::created("App", "The app, with its secret.").with_headers(&[LOCATION, ETAG, REPLAYED]),
        problems: &["app-limit-reached", "deadline-passed", "request-in-progress", "idempotency-key-reused"],
        ..Call::new("post", "/orgs/{org}/apps", "createApp", "Apps", "Register an app")
    },
    Call {
        detail: "An app with `credentials:write` may see itself.",
        scopes: READ,
        answer: Answer::ok("App", "The app.").with_headers(&[ETAG]),
        ..Call::new("get", APP, "getApp", "Apps", "Show an app")
    },
    Call {
        scopes: WRITE,
        parameters: &[IF_MATCH],
        body: Body::patch("AppChange", r#"{"description": "Publishes files to the portal"}"#),
        answer: Answer::ok("App", "The app as it is now.").with_headers(&[ETAG]),
        problems: &["precondition-failed", "migration-in-progress", "migration-completed", "deadline-passed"],
        ..Call::new("patch", APP, "changeApp", "Apps", "Change an app")
    },
    Call {
        detail: "Ends its tokens and authorizations at once and frees its slot. It can be restored for 30 days.",
        scopes: WRITE,
        parameters: &[IF_MATCH],
        answer: Answer::nothing("The app is deleted."),
        problems: &["precondition-failed"],
        ..Call::new("delete", APP, "deleteApp", "Apps", "Delete an app")
    },
    Call {
        detail: "Its secrets work again; people have to connect again.",
        scopes: WRITE,
        answer: Answer::ok("App", "The app again.").with_headers(&[ETAG]),
        problems: &["app-limit-reached"],
        ..Call::new("post", "/orgs/{org}/apps/{client_id}/restore", "restoreApp", "Apps", "Restore a deleted app")
    },
    Call {
        detail: "It gets no tokens until it is enabled again, and those it has stop working here.",
        scopes: WRITE,
        answer: Answer::ok("App", "The app, switched off.").with_headers(&[ETAG]),
        ..Call::new("post", "/orgs/{org}/apps/{client_id}/disable", "disableApp", "Apps", "Disable an app")
    },
    Call {
        scopes: WRITE,
        answer: Answer::ok("App", "The app, switched on.").with_headers(&[ETAG]),
        ..Call::new("post", "/orgs/{org}/apps/{client_id}/enable", "enableApp", "Apps", "Enable an app")
    },
    Call {
        scopes: READ,
        answer: Answer { kind: "image/png", headers: &[ETAG], ..Answer::ok("", "The logo, drawn anew as PNG of at most 256 x 256.") },
        ..Call::new("get", LOGO, "getLogo", "Apps", "Show the logo")
    },
    Call {
        detail: "At most 1 MiB. It is decoded and drawn anew; SVG is refused.",
        scopes: WRITE,
        parameters: &[IF_MATCH],
        body: Some(Body { kinds: &["image/png", "image/jpeg", "image/webp", "image/gif"], schema: "", example: "", optional: false }),
        answer: Answer::ok("App", "The app with its logo.").with_headers(&[ETAG]),
        problems: &["precondition-failed", "invalid-field", "too-large", "too-slow"],
        ..Call::new("put", LOGO, "setLogo", "Apps", "Set the logo")
    },
    Call {
        scopes: WRITE,
        parameters: &[IF_MATCH],
        answer: Answer::nothing("Initials stand in its place."),
        problems: &["precondition-failed"],
        ..Call::new("delete", LOGO, "deleteLogo", "Apps", "Remove the logo")
    },
    Call {
        scopes: READ,
        parameters: &[CURSOR, LIMIT],
        answer: Answer::ok("AuthorizationList", "One page of living authorizations."),
        problems: &["invalid-field"],
        ..Call::new("get", "/orgs/{org}/apps/{client_id}/authorizations", "listAuthorizations", "Authorizations", "List who connected")
    },
    Call {
        scopes: &[&["tokens:revoke"]],
        answer: Answer::nothing("It has ended, and its tokens with it."),
        ..Call::new(
            "delete",
            "/orgs/{org}/apps/{client_id}/authorizations/{id}",
            "endAuthorization",
            "Authorizations",
            "End an authorization",
        )
    },
];
