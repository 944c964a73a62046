//! Holds every answer of the management API that a test gets against the OpenAPI document: its status, its content type, each
//! member of its body and the type of a problem. So each test of the API is one of the document as well.

use axum::http::Method;
use grantor::web::api::document::DOCUMENT;
use grantor::web::api::document::call::Call;
use grantor::web::api::document::calls;
use serde_json::Value;

use crate::kit::http::Answer;

/// Asserts that the document allows `answer` of this request.
#[track_caller]
pub(crate) fn hold(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or(path);
    let Some(below) = path.strip_prefix("/api/v1") else { return };
    let method = method.as_str().to_ascii_lowercase();
    // Whether each route is in the document is a test of its own (`matrix`).
    let Some(call) = calls::all().find(|call| call.method == method && matches(call.path, below)) else { return };
    let what = format!("{} answers {} {}", call.id, answer.status, answer.body);
    let told = &DOCUMENT["paths"][call.path][call.method]["responses"][answer.status.as_str()];
    assert!(told.is_object(), "this status is not in src/web/api/document/calls: {what}");
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    if kind.is_empty() {
        assert!(told["content"].is_null() && answer.body.is_empty(), "without a content type {what}");
        return;
    }
    let content = &told["content"][kind];
    assert!(content.is_object(), "the document does not know that with {kind} {what}");
    if kind == "application/problem+json" {
        hold_problem(call, answer, &what);
    }
    if kind.ends_with("json") {
        let mut wrong = Vec::new();
        conform(&content["schema"], &answer.json(), "", &mut wrong);
        assert!(wrong.is_empty(), "{wrong:#?}\n{what}");
    }
}

fn hold_problem(call: &Call, answer: &Answer, what: &str) {
    let kind = answer.text("type");
    let name = kind.rsplit('/').next().unwrap_or_default();
    let is_told = call.problems().any(|problem| problem.name == name && problem.status == answer.status.as_u16());
    assert!(is_told, "the problem {name} is not in src/web/api/document for this call: {what}");
}

fn matches(template: &str, path: &str) -> bool {
    let (mut parts, mut values) = (template.split('/'), path.split('/'));
    loop {
        match (parts.next(), values.next()) {
            (None, None) => return true,
            (Some(part), Some(value)) if part.starts_with('{') || part == value => {}
            _ => return false,
        }
    }
}

/// What of `value` is not as `schema` says; members that no schema names are wrong too.
fn conform(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return conform(&DOCUMENT["components"]["schemas"][name], value, at, wrong);
    }
    if let Some(choices) = ["oneOf", "anyOf"].into_iter().find_map(|word| schema[word].as_array()) {
        let fits = choices.iter().any(|choice| {
            let mut inner = Vec::new();
            conform(choice, value, at, &mut inner);
            inner.is_empty()
        });
        if !fits {
            wrong.push(format!("{at}: {value} fits none of {schema}"));
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    if !kinds.iter().any(|kind| is_a(kind, value)) {
        wrong.push(format!("{at}: {value} is no {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array().filter(|words| !words.contains(value)) {
        wrong.push(format!("{at}: {value} is none of {words:?}"));
    }
    if let (Some(items), true) = (value.as_array(), schema["items"].is_object()) {
        items.iter().enumerate().for_each(|(index, item)| conform(&schema["items"], item, &format!("{at}[{index}]"), wrong));
    }
    if let (Some(members), Some(properties)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, member) in members {
            match properties.get(name) {
                Some(property) => conform(property, member, &format!("{at}.{name}"), wrong),
                None => wrong.push(format!("{at}.{name}: not in src/web/api/document/schemas.rs")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        wrong.extend(required.filter(|name| !members.contains_key(*name)).map(|name| format!("{at}.{name}: missing")));
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
