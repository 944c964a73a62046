//! The fuzz targets of `fuzz/` on random input: their committed corpora as they stand, then changed byte by byte, and plain chance.
//! `PROPTEST_CASES=100000 cargo test --test it fuzzed` tries longer.

#[path = "../../../fuzz/targets/assertion.rs"]
mod assertion;
#[path = "../../../fuzz/targets/form.rs"]
mod form;
#[path = "../../../fuzz/targets/public_key.rs"]
mod public_key;
#[path = "../../../fuzz/targets/redirect_uri.rs"]
mod redirect_uri;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz");

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Put(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// A piece of itself again, somewhere else.
    Repeat(Index, Index, usize),
    Cut(Index),
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>) {
        let at = |index: Index, bytes: &Vec<u8>| index.index(bytes.len() + 1);
        match self {
            Self::Put(index, byte) => {
                let at = at(index, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = byte;
                }
            }
            Self::Insert(index, more) => {
                let at = at(index, bytes);
                bytes.splice(at..at, more);
            }
            Self::Remove(index, count) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + count);
                bytes.drain(at..end);
            }
            Self::Repeat(from, to, count) => {
                let from = at(from, bytes);
                let piece = bytes[from..bytes.len().min(from + count)].to_vec();
                let to = at(to, bytes);
                bytes.splice(to..to, piece);
            }
            Self::Cut(index) => {
                let at = at(index, bytes);
                bytes.truncate(at);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    // What means something in JSON, base64url, forms, PEM and URLs, more often than chance would have it.
    let telling = select(b"\"\\{}[]:,.=&%+-_/?#@*\0\r\n \t\xc3\xff0159aAzZ".to_vec());
    let byte = || prop_oneof![3 => telling.clone(), 1 => any::<u8>()];
    prop_oneof![
        3 => (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Put(at, byte)),
        2 => (any::<Index>(), vec(byte(), 1..8)).prop_map(|(at, more)| Change::Insert(at, more)),
        2 => (any::<Index>(), 1..16_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (any::<Index>(), any::<Index>(), 1..64_usize).prop_map(|(from, to, count)| Change::Repeat(from, to, count)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(FUZZ).join("corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    assert!(files.len() >= 8, "a corpus of {name}");
    files.iter().map(|file| fs::read(file).expect("readable")).collect()
}

/// Runs a target over its corpus, over changed entries of it and over chance.
fn fuzz(name: &str, target: fn(&[u8])) {
    let corpus = corpus(name);
    for entry in &corpus {
        target(entry);
    }
    let input = prop_oneof![
        8 => (select(corpus), vec(change(), 1..6)).prop_map(|(mut bytes, changes)| {
            for change in changes {
                change.apply(&mut bytes);
            }
            bytes
        }),
        1 => vec(any::<u8>(), 0..200),
    ];
    let cases = ProptestConfig::default().cases.max(1_024);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&input, |bytes| {
        target(&bytes);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn g16_k11_no_assertion_is_read_in_two_ways() {
    fuzz("assertion", assertion::run);
}

#[test]
fn r31_g22_no_input_becomes_a_weak_a_private_or_another_key() {
    fuzz("public_key", public_key::run);
}

#[test]
fn a15_a22_no_body_is_read_in_two_ways() {
    fuzz("form", form::run);
}

#[test]
fn c1_c3_no_redirect_uri_matches_one_that_leads_elsewhere() {
    fuzz("redirect_uri", redirect_uri::run);
}

#[test]
fn every_target_is_a_program_of_cargo_fuzz_and_a_test_here() {
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(Path::new(FUZZ).join(folder)).expect("readable").map(|entry| entry.expect("readable").path());
        let mut names: Vec<_> = entries.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        names.sort();
        names
    };
    let known = ["assertion", "form", "public_key", "redirect_uri"];
    for folder in ["targets", "fuzz_targets", "corpus"] {
        assert_eq!(names(folder), known, "fuzz/{folder}");
    }
    let manifest = fs::read_to_string(Path::new(FUZZ).join("Cargo.toml")).expect("readable");
    assert!(known.iter().all(|name| manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\""))));
}

/// The dependencies of a manifest with their versions, from its lines.
fn dependencies(manifest: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(manifest).expect("readable");
    let tables = text.split("\n[").filter(|table| table.starts_with("dependencies]"));
    let lines = tables.flat_map(str::lines).filter_map(|line| line.split_once(" = "));
    lines.filter_map(|(name, value)| Some((name.to_owned(), value.split('"').nth(1)?.to_owned()))).collect()
}

/// The bodies are compiled here; what else `fuzz/` needs for itself is what its manifest says.
#[test]
fn every_crate_that_a_target_uses_is_a_dependency_of_the_fuzz_crate_in_our_version() {
    let own = dependencies(&Path::new(FUZZ).join("Cargo.toml"));
    let ours = dependencies(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    assert!(own.len() > 5 && ours.len() > 40, "{own:?}");
    for (name, version) in own.iter().filter(|(name, _)| !["grantor", "libfuzzer-sys"].contains(&name.as_str())) {
        assert_eq!(ours.get(name), Some(version), "{name} in fuzz/Cargo.toml");
    }
    for target in fs::read_dir(Path::new(FUZZ).join("targets")).expect("readable") {
        let path = target.expect("readable").path();
        let text = fs::read_to_string(&path).expect("readable");
        let paths = text.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c))).filter_map(|word| word.split_once("::"));
        let crates = paths.map(|(first, _)| first.replace('_', "-")).filter(|first| first.starts_with(|c: char| c.is_lowercase()));
        for used in crates.filter(|used| ours.contains_key(used) || used == "grantor") {
            assert!(own.contains_key(&used), "{} uses {used}: name it in fuzz/Cargo.toml", path.display());
        }
    }
}
