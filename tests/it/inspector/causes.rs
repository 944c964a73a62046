//! Every cause of a refusal has its line in `protocol::explain::causes`, and every line is the cause of something.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use grantor::protocol::explain::causes;
use syn::visit::{self, Visit};
use walkdir::WalkDir;

/// Where refusals are made.
const PLACES: [&str; 10] = [
    "src/protocol/assertion",
    "src/protocol/authorize",
    "src/protocol/client_auth.rs",
    "src/protocol/migration.rs",
    "src/protocol/token",
    "src/flows/assertion",
    "src/flows/client_auth.rs",
    "src/flows/introspect.rs",
    "src/flows/token",
    "src/web/oauth/token.rs",
];
/// Sentences in these places that are said beside a cause, or to somebody else.
const NO_CAUSES: [&str; 18] = [
    "The code or refresh token is invalid, expired or revoked.",
    "The username or the password is wrong.",
    "The assertion is not accepted.",
    "The app may not exchange assertions.",
    "There is no such client.",
    "Could not match JWT signature to any of the bindings.",
    "an assertion for client authentication was to be granted",
    "too many password checks are waiting",
    "a client's row is gone",
    "a member appears twice",
    "another server reads the key set of this client",
    "a code of this app",
    "a code of another app",
    "a code that was redeemed",
    "a token of this app",
    "a token of another app",
    "absolute limit",
    "idle limit",
];

/// The sentences among a file's string literals, those of its tests, of its log lines and of contrasts aside.
#[derive(Default)]
struct Sentences(BTreeSet<String>);

impl<'ast> Visit<'ast> for Sentences {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_macro(&mut self, _: &'ast syn::Macro) {}

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        if !["with", "expect", "map_or"].contains(&call.method.to_string().as_str()) {
            call.args.iter().for_each(|argument| self.visit_expr(argument));
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        // What a check is called, for people who watch an assertion being checked.
        if function.sig.ident != "title" {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.0.insert(text.value());
        visit::visit_lit_str(self, text);
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(place: &Path) -> Vec<PathBuf> {
    let files = WalkDir::new(place).into_iter().map(|entry| entry.expect("a readable folder").into_path());
    // What was expected and what came is said beside a cause.
    let is_source = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") && !path.ends_with("assertion/report.rs")
    };
    files.filter(is_source).collect()
}

fn sentences(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).expect("a readable source");
    let mut found = Sentences::default();
    found.visit_file(&syn::parse_file(&text).expect("a source that compiles"));
    found.0
}

#[test]
fn every_cause_in_the_rules_names_its_check() {
    let mut unnamed = Vec::new();
    for place in PLACES {
        for path in sources(&root().join(place)) {
            let said = sentences(&path);
            let is_sentence = |text: &&String| text.trim().contains(' ') && !text.contains(['{', '/', '[']);
            let missing =
                said.iter().filter(is_sentence).filter(|text| causes::find(text).is_none() && !NO_CAUSES.contains(&text.as_str()));
            unnamed.extend(missing.map(|text| format!("{}: {text}", path.display())));
        }
    }
    assert!(unnamed.is_empty(), "give these a line in src/protocol/explain/causes.rs:\n{}", unnamed.join("\n"));
}

#[test]
fn every_line_is_the_cause_of_something() {
    let all = sources(&root().join("src"));
    let said: BTreeSet<String> = all.iter().filter(|path| !path.ends_with("explain/causes.rs")).flat_map(|path| sentences(path)).collect();
    let stale: Vec<_> = causes::known().filter(|cause| !said.contains(*cause)).collect();
    assert!(stale.is_empty(), "nothing refuses for these: {stale:#?}");
    let known: Vec<_> = causes::known().collect();
    assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), known.len(), "each cause has one line");
}
