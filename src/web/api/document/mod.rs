//! The management API told to programs: one `OpenAPI` 3.1 document, made from the calls, problems and schemas of this room.
//!
//! `docs/ROUTES.md` is compared with the router, this document with `docs/ROUTES.md`, and every answer that a test gets with
//! this document: nothing can be added to the API without being told here.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

pub mod call;
pub mod calls;
pub mod problems;
pub mod schemas;

use call::{Body, Call, Parameter};
use problems::{PROBLEMS, Problem};

/// The path of the document below the API's own.
pub const PATH: &str = "/openapi.json";

/// The scopes of this API in words.
pub const SCOPES: [(&str, &str); 8] = [
    ("apps:read", "Read apps, the dates of their credentials, their requests and who connected"),
    ("apps:write", "Register, change, disable, delete and restore apps"),
    ("credentials:write", "Make and delete credentials: of the own app, and with apps:write of every app"),
    ("people:read", "Read who belongs to the org"),
    ("people:write", "Invite people, change their roles and remove them"),
    ("audit:read", "Read the audit trail"),
    ("introspect", "Ask what a token is worth (RFC 7662)"),
    ("tokens:revoke", "End authorizations"),
];

/// The whole document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// The document as it is served and printed.
pub static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", *DOCUMENT));

/// `GET /api/v1/openapi.json`, for everybody.
pub(super) async fn show() -> Response {
    let mut response = ([(CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn document() -> Value {
    let mut paths = Map::new();
    for call in calls::all() {
        let item = paths.entry(call.path).or_insert_with(|| json!({}));
        item[call.method] = operation(call);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Grantor management API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Manages the OAuth applications of one org. Get a token by client credentials at /token with an m2m app that \
                was given the scopes, for the audience <issuer>/api/v1, and send it as Bearer. Errors are RFC 9457 problems.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/api/v1" }],
        "tags": calls::TAGS.iter().map(|(name, text)| json!({ "name": name, "description": text })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": { "oauth": {
                "type": "oauth2",
                "description": "An access token of this very server.",
                "flows": { "clientCredentials": { "tokenUrl": "/token", "scopes": SCOPES.into_iter().collect::<std::collections::BTreeMap<_, _>>() } },
            } },
        },
    })
}

fn operation(call: &Call) -> Value {
    let mut operation = json!({
        "operationId": call.id,
        "tags": [call.tag],
        "summary": call.summary,
        "parameters": parameters(call),
        "responses": responses(call),
    });
    if !call.detail.is_empty() {
        operation["description"] = call.detail.into();
    }
    if !call.public {
        operation["security"] = call.scopes.iter().map(|needed| json!({ "oauth": needed })).collect();
    }
    if let Some(body) = &call.body {
        operation["requestBody"] = request_body(body);
    }
    operation
}

/// Those of the path, then the call's own.
fn parameters(call: &Call) -> Vec<Value> {
    let names = call.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        let (schema, text) = match name {
            "org" => (json!({ "type": "string", "example": "acme" }), "The org's slug."),
            "client_id" => (json!({ "type": "string" }), "The app's client id."),
            "id" if call.path.contains("/requests/") => (json!({ "type": "string" }), "The reference of a request."),
            _ => (json!({ "type": "string", "format": "uuid" }), "The id, as a list gave it."),
        };
        json!({ "name": name, "in": "path", "required": true, "description": text, "schema": schema })
    });
    in_path.chain(call.parameters.iter().map(parameter)).collect()
}

fn parameter(parameter: &Parameter) -> Value {
    let schema: Value = serde_json::from_str(parameter.schema).unwrap_or_default();
    json!({ "name": parameter.name, "in": parameter.place, "required": false, "description": parameter.text, "schema": schema })
}

fn request_body(body: &Body) -> Value {
    let mut media = json!({});
    if !body.schema.is_empty() {
        media["schema"] = reference(body.schema);
    }
    if let Ok(example) = serde_json::from_str::<Value>(body.example) {
        media["example"] = example;
    }
    let content: Map<String, Value> = body.kinds.iter().map(|kind| ((*kind).to_owned(), media.clone())).collect();
    json!({ "required": !body.optional, "content": content })
}

fn responses(call: &Call) -> Map<String, Value> {
    let mut responses = Map::new();
    let good = &call.answer;
    let mut answer = json!({ "description": good.text });
    if !good.kind.is_empty() {
        let schema = if good.schema.is_empty() { json!({ "type": "string" }) } else { reference(good.schema) };
        answer["content"] = json!({ good.kind: { "schema": schema } });
        for kind in good.other_kinds {
            answer["content"][kind] = json!({ "schema": { "type": "string" } });
        }
    }
    for (name, text) in good.headers {
        answer["headers"][name] = json!({ "description": text, "schema": { "type": "string" } });
    }
    for (status, text) in good.also {
        let mut other = answer.clone();
        other["description"] = (*text).into();
        responses.insert(status.to_string(), other);
    }
    responses.insert(good.status.to_string(), answer);
    for problem in call.problems() {
        let answer = responses.entry(problem.status.to_string()).or_insert_with(|| problem_response(problem));
        let told = format!("`{}`: {}", problem.name, problem.meaning);
        let text =
            answer["description"].as_str().map(|before| if before.is_empty() { told.clone() } else { format!("{before}\n\n{told}") });
        answer["description"] = text.unwrap_or(told).into();
    }
    responses
}

fn problem_response(problem: &Problem) -> Value {
    let mut response = json!({ "description": "", "content": { "application/problem+json": { "schema": reference("Problem") } } });
    for (name, text) in problem.headers {
        response["headers"][name] = json!({ "description": text, "schema": { "type": "string" } });
    }
    response
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The problem types, for who documents them all.
pub const fn problems() -> &'static [Problem] {
    PROBLEMS
}

#[cfg(test)]
mod tests;
