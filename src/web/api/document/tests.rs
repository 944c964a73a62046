//! The document against the routes and refusals it describes.

use std::collections::BTreeSet;

use super::{DOCUMENT, calls, problems};

#[test]
fn ids_and_places_are_unique_and_every_name_exists() {
    let mut seen = BTreeSet::new();
    for call in calls::all() {
        assert!(seen.insert(call.id.to_owned()) && seen.insert(format!("{} {}", call.method, call.path)), "{} twice", call.id);
        assert!(calls::TAGS.iter().any(|(tag, _)| *tag == call.tag), "{} has an unknown tag", call.id);
        let known = |name: &&str| problems().iter().any(|problem| problem.name == *name);
        assert!(call.problems.iter().all(known), "{} names an unknown problem", call.id);
        let scopes = call.scopes.concat();
        assert!(scopes.iter().all(|scope| super::SCOPES.iter().any(|(own, _)| own == scope)), "{} names an unknown scope", call.id);
        for parameter in call.parameters {
            let schema: Result<serde_json::Value, _> = serde_json::from_str(parameter.schema);
            assert!(schema.is_ok(), "{} of {}", parameter.name, call.id);
        }
    }
}

#[test]
fn every_reference_leads_to_a_schema() {
    let text = DOCUMENT.to_string();
    let names: BTreeSet<&str> = text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let schemas = DOCUMENT["components"]["schemas"].as_object().expect("schemas");
    for name in names {
        assert!(schemas.contains_key(name), "{name}");
    }
}
