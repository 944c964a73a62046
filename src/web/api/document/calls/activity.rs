//! What came of an app's requests, and tokens for trying out (R55).

use crate::web::api::document::call::{Answer, Body, CURSOR, Call, LIMIT, Parameter};

const READ: &[&[&str]] = &[&["apps:read"], &["apps:write"]];

/// Every call of this room.
pub(super) const CALLS: &[Call] = &[
    Call {
        detail: "The last requests at the OAuth endpoints. Nothing secret is kept.",
        scopes: READ,
        parameters: &[
            Parameter { place: "query", name: "refused", schema: r#"{"type": "boolean"}"#, text: "Only those that were refused." },
            CURSOR,
            LIMIT,
        ],
        answer: Answer::ok("RequestList", "One page of requests."),
        problems: &["invalid-field"],
        ..Call::new("get", "/orgs/{org}/apps/{client_id}/activity", "listRequests", "Activity", "List an app's requests")
    },
    Call {
        detail: "By the reference that the app was told: every check in its order, what was expected and what came.",
        scopes: READ,
        answer: Answer::ok("RequestWithChecks", "The request."),
        ..Call::new("get", "/orgs/{org}/apps/{client_id}/requests/{id}", "getRequest", "Activity", "Explain a request")
    },
    Call {
        detail: "What the app itself would get by client credentials. Counts as a use of its newest credential.",
        scopes: &[&["credentials:write", "apps:write"], &["credentials:write"]],
        body: Body::json("TokenWish", "{}"),
        answer: Answer::ok("TestToken", "The token answer."),
        ..Call::new("post", "/orgs/{org}/apps/{client_id}/test-token", "issueTestToken", "Activity", "Issue a token for trying out")
    },
];
