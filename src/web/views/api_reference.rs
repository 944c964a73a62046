//! `/docs/api`: the management API for people; the same words as its document for programs.

use askama::Template;
use askama_web::WebTemplate;
use serde_json::Value;

use crate::web::api::document::call::{Call, Parameter};
use crate::web::api::document::problems::Problem;
use crate::web::api::document::{DOCUMENT, SCOPES, calls, problems};
use crate::web::views::layout::Layout;

/// The reference.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "api_reference.html")]
pub struct ApiReferencePage {
    /// The frame.
    pub layout: Layout,
    /// The issuer, for the examples.
    pub issuer: String,
}

/// Calls that belong together.
pub struct Group {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub text: &'static str,
    /// Its calls.
    pub calls: Vec<&'static Call>,
}

/// An object with its members.
pub struct Shape {
    /// Its name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Its members.
    pub members: Vec<Member>,
    /// Its words, if it is one of some words.
    pub words: Vec<String>,
}

/// A member of an object.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its type, for people.
    pub kind: String,
    /// The object it is or holds, if it is one.
    pub shape: Option<String>,
    /// Whether it is always there.
    pub required: bool,
    /// What it means.
    pub text: String,
}

impl ApiReferencePage {
    /// The groups with their calls.
    pub fn groups(&self) -> Vec<Group> {
        let of = |tag: &str| calls::all().filter(|call| call.tag == tag).collect();
        calls::TAGS.iter().map(|(name, text)| Group { name, text, calls: of(name) }).collect()
    }

    /// Every problem type.
    pub fn problems(&self) -> &'static [Problem] {
        problems()
    }

    /// Every scope with its words.
    pub fn scopes(&self) -> &'static [(&'static str, &'static str)] {
        &SCOPES
    }

    /// Every object.
    pub fn shapes(&self) -> Vec<Shape> {
        let schemas = DOCUMENT["components"]["schemas"].as_object();
        schemas.into_iter().flatten().map(|(name, schema)| shape(name, schema)).collect()
    }

    /// An anchor for a group.
    pub fn anchor(&self, name: &str) -> String {
        format!("group-{}", name.to_ascii_lowercase().replace(' ', "-"))
    }

    /// The scopes that are enough for `call`, in words.
    pub fn needs(&self, call: &Call) -> String {
        call.scopes.iter().map(|needed| needed.join(" and ")).collect::<Vec<_>>().join(", or ")
    }

    /// A JSON example, laid out.
    pub fn pretty(&self, json: &str) -> String {
        serde_json::from_str::<Value>(json).map(|value| format!("{value:#}")).unwrap_or_default()
    }

    /// The type of a parameter.
    pub fn kind_of(&self, parameter: &Parameter) -> String {
        let schema: Value = serde_json::from_str(parameter.schema).unwrap_or_default();
        match schema["enum"].as_array() {
            Some(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            None => kind(&schema).0,
        }
    }

    /// As a stranger sees it.
    pub fn sample() -> Self {
        Self { layout: Layout::sample_signed_out(), issuer: "https://auth.example.com".to_owned() }
    }
}

fn shape(name: &str, schema: &Value) -> Shape {
    let text = |value: &Value| value["description"].as_str().unwrap_or_default().to_owned();
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let members = schema["properties"].as_object().into_iter().flatten().map(|(member, property)| {
        let (kind, shape) = kind(property);
        Member { name: member.clone(), kind, shape, required: required.contains(&member.as_str()), text: text(property) }
    });
    let words = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Shape { name: name.to_owned(), text: text(schema), members: members.collect(), words }
}

/// A schema's type for people, and the object it leads to.
fn kind(schema: &Value) -> (String, Option<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return (name.to_owned(), Some(name.to_owned()));
    }
    if let Some(choices) = ["oneOf", "anyOf"].into_iter().find_map(|word| schema[word].as_array()) {
        let kinds: Vec<_> = choices.iter().map(kind).collect();
        let words: Vec<&str> = kinds.iter().map(|(word, _)| word.as_str()).collect();
        return (words.join(" or "), kinds.iter().find_map(|(_, shape)| shape.clone()));
    }
    let words: Vec<&str> = match &schema["type"] {
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        Value::String(word) => vec![word],
        _ => Vec::new(),
    };
    let (items, shape) = if words.contains(&"array") { kind(&schema["items"]) } else { (String::new(), None) };
    let word = |word: &&str| match (*word, schema["format"].as_str()) {
        ("array", _) => format!("list of {items}"),
        ("string", Some("date-time")) => "instant".to_owned(),
        ("string", Some("uuid")) => "uuid".to_owned(),
        (word, _) => word.to_owned(),
    };
    (words.iter().map(word).collect::<Vec<_>>().join(" or "), shape)
}
