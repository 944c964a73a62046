//! Every action that a flow writes has words.

use std::path::Path;

use crate::web::trail::actions::{NOUNS, choices, words};

/// Every quoted `noun.verb` in the files of `folder`, of a noun of ours.
fn written(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            written(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        for quoted in text.split('"').skip(1).step_by(2) {
            let Some((noun, verb)) = quoted.split_once('.') else { continue };
            let is_verb = !verb.is_empty() && verb.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_verb && NOUNS.iter().any(|(known, _, _)| *known == noun) {
                found.push(quoted.to_owned());
            }
        }
    }
}

#[test]
fn every_action_that_is_written_has_words() {
    let mut found = Vec::new();
    written(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/flows")), &mut found);
    assert!(found.len() > 50, "{found:?}");
    let speechless: Vec<_> = found.iter().filter(|action| words(action) == **action).collect();
    assert!(speechless.is_empty(), "say in src/web/trail/actions.rs what these mean: {speechless:?}");
}

#[test]
fn a_filter_keeps_what_was_asked() {
    assert!(choices("secret.create").iter().any(|choice| choice.is("secret.create")));
    assert_eq!(choices("nonsense").iter().filter(|choice| choice.is("nonsense")).count(), 1);
    assert_eq!(choices("").len(), choices("client").len());
}
