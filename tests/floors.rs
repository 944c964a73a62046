//! The walls of the house (`docs/ARCHITECTURE.md`), checked: who may name whom, who may speak SQL, and how large things may grow.
//!
//! Works on tokens, so that paths inside macros count too. A rule may be broken only by a line in [`EXCEPTIONS`], with a reason.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

mod floors_tests;

const ALL: &[&str] = &["*"];

/// Room, the rooms it may name.
const ROOMS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("entropy", &[]),
    ("secret", &[]),
    ("fetch", &[]),
    ("wire", &["secret"]),
    ("model", &["wire", "secret"]),
    ("protocol", &["model", "wire", "secret"]),
    ("db", &["model", "wire", "secret"]),
    ("crypto", &["model", "wire", "secret", "entropy"]),
    ("mail", &["model", "secret"]),
    ("flows", &["mail", "fetch", "protocol", "db", "crypto", "model", "wire", "secret", "clock", "entropy"]),
    ("web", &["flows", "model", "wire", "secret", "clock"]),
    ("settings", &["model", "wire", "secret"]),
    ("managed_pg", &[]),
    ("app", ALL),
    ("jobs", ALL),
    ("cli", ALL),
    ("main", ALL),
];

/// Words that belong to some rooms only, and which. A word is a path or a macro's name, as written.
const WORDS: &[(&str, &[&str])] = &[
    // Only db speaks SQL.
    ("sqlx ::", &["db", "managed_pg"]),
    ("query !", &["db"]),
    ("query_as !", &["db"]),
    ("query_scalar !", &["db"]),
    ("query_file !", &["db"]),
    ("query_file_as !", &["db"]),
    ("query_unchecked !", &[]),
    ("query_as_unchecked !", &[]),
    ("query_scalar_unchecked !", &[]),
    ("sqlx :: query (", &[]),
    ("sqlx :: query_as (", &[]),
    ("sqlx :: query_as ::", &[]),
    ("sqlx :: query_scalar (", &[]),
    ("sqlx :: query_scalar ::", &[]),
    ("sqlx :: raw_sql (", &[]),
    // Only flows opens transactions.
    (". begin (", &["db", "flows"]),
    // Only web speaks HTTP; the roof listens.
    ("axum ::", &["web", "app", "cli"]),
    ("tower ::", &["web", "app", "cli"]),
    ("tower_http ::", &["web", "app", "cli"]),
    ("hyper ::", &["web", "app", "cli"]),
    // Rules are pure, and entities stand below them.
    ("tokio ::", &["db", "crypto", "flows", "mail", "fetch", "web", "settings", "managed_pg", "app", "jobs", "cli", "main"]),
    (". await", &["db", "crypto", "flows", "mail", "fetch", "web", "managed_pg", "app", "jobs", "cli", "main"]),
    // Nobody below settings reads the environment or files.
    ("env :: var", &["settings"]),
    ("env :: vars", &["settings"]),
    ("env :: var_os", &["settings"]),
    ("env :: vars_os", &["settings"]),
    ("include_str !", &["settings", "cli"]),
    ("include_bytes !", &["settings", "cli"]),
];

const MOST_LINES: usize = 400;
const MOST_FUNCTION_LINES: usize = 60;
const MOST_FILES: usize = 12;

/// What may break a rule: the rule, the file or folder, what exactly (the start of the violation's text), and why.
type Exception<'a> = (Rule, &'a str, &'a str, &'a str);

const EXCEPTIONS: &[Exception<'_>] = &[
    (Rule::Words, "src/managed_pg/binaries.rs", "env :: var_os", "PATH is where programs are, not a setting"),
    (Rule::Words, "src/managed_pg/server.rs", "include_str !", "the guard is a shell script and reads best as one"),
    (
        Rule::Words,
        "src/protocol/password.rs",
        "include_str !",
        "three thousand words are data, with their licence, and no code; read at build time",
    ),
    (Rule::Folder, "src/model", "", "one noun a file, and the noun is the file's name: the list is the vocabulary"),
    (Rule::Folder, "src/db", "", "one table a file, and the table is the file's name: the list is the schema"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    /// A room names only those the table gives it.
    Floors,
    /// Words of one room stay in it.
    Words,
    /// No `super::super`; no `super` out of a room.
    Super,
    /// Files stay readable.
    File,
    /// Functions stay readable.
    Function,
    /// Folders stay readable.
    Folder,
    /// Every file says what it is for.
    Doc,
    /// Tests sit in sibling files.
    Tests,
    /// Files are Rust we can parse.
    Syntax,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    rule: Rule,
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}:{}: {}", self.rule, self.path, self.line, self.what)
    }
}

/// Everything wrong with a tree of sources, given as path from the repository's root and text.
fn check(tree: &BTreeMap<String, String>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, text) in tree {
        if let Some((folder, _)) = path.rsplit_once('/') {
            *folders.entry(folder).or_default() += 1;
        }
        if Path::new(path).extension().is_some_and(|extension| extension == "rs") {
            check_file(path, text, &mut found);
        }
    }
    for (folder, files) in folders {
        if files > MOST_FILES {
            let what = format!("{files} files, at most {MOST_FILES}");
            found.push(Violation { rule: Rule::Folder, path: folder.to_owned(), line: 0, what });
        }
    }
    found.sort();
    found.dedup();
    found
}

fn check_file(path: &str, text: &str, found: &mut Vec<Violation>) {
    let mut report = |rule, line, what| found.push(Violation { rule, path: path.to_owned(), line, what });
    let lines = text.lines().count();
    if lines > MOST_LINES {
        report(Rule::File, lines, format!("{lines} lines, at most {MOST_LINES}"));
    }
    let (syntax, tokens) = match (syn::parse_file(text), text.parse::<TokenStream>()) {
        (Ok(syntax), Ok(tokens)) => (syntax, tokens),
        (Err(error), _) => return report(Rule::Syntax, error.span().start().line, error.to_string()),
        (_, Err(error)) => return report(Rule::Syntax, error.span().start().line, error.to_string()),
    };
    if !syntax.attrs.iter().any(|attribute| attribute.path().is_ident("doc") && matches!(attribute.style, syn::AttrStyle::Inner(_))) {
        report(Rule::Doc, 1, "no `//!` comment says what it is for".to_owned());
    }
    let mut shapes = Shapes { text, found: Vec::new() };
    shapes.visit_file(&syntax);
    for (rule, line, what) in shapes.found {
        report(rule, line, what);
    }
    let room = room_of(path);
    let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    if allowed.is_none() && room != "lib" {
        report(Rule::Floors, 1, format!("room `{room}` is not in the table of tests/floors.rs"));
    }
    let mut names = Names { room: &room, allowed: allowed.unwrap_or(ALL), at_root: path.matches('/').count() == 1, found: Vec::new() };
    names.at_root |= path == format!("src/{room}/mod.rs");
    names.walk(tokens, 0);
    for (rule, line, what) in names.found {
        report(rule, line, what);
    }
}

/// `src/web/router.rs` is of room `web`, `src/clock.rs` of room `clock`.
fn room_of(path: &str) -> String {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below.split('/').next().unwrap_or(below).trim_end_matches(".rs").to_owned()
}

/// Sizes of functions and places of tests.
struct Shapes<'a> {
    text: &'a str,
    found: Vec<(Rule, usize, String)>,
}

impl Shapes<'_> {
    /// Counts as clippy does: lines between the braces that are neither blank nor comment.
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (open, close) = (block.brace_token.span.open().end().line, block.brace_token.span.close().start().line);
        let inside = self.text.lines().skip(open).take(close.saturating_sub(open + 1));
        let lines = inside.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        if lines > MOST_FUNCTION_LINES {
            let what = format!("`{}` has {lines} lines, at most {MOST_FUNCTION_LINES}", signature.ident);
            self.found.push((Rule::Function, signature.span().start().line, what));
        }
    }
}

impl<'ast> Visit<'ast> for Shapes<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let test = item.attrs.iter().any(|attribute| match &attribute.meta {
            syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
            _ => false,
        });
        if test && item.content.is_some() {
            let what = format!("tests in `mod {} {{`: they sit in a sibling file", item.ident);
            self.found.push((Rule::Tests, item.span().start().line, what));
        }
        visit::visit_item_mod(self, item);
    }
}

/// Names of rooms, words and `super`, wherever they stand.
struct Names<'a> {
    room: &'a str,
    allowed: &'a [&'a str],
    /// Whether the file is the room's own module, whose `super` is the whole house.
    at_root: bool,
    found: Vec<(Rule, usize, String)>,
}

impl Names<'_> {
    /// Walks tokens; `depth` counts the modules written inside the file.
    fn walk(&mut self, tokens: TokenStream, depth: usize) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, tree) in trees.iter().enumerate() {
            let line = tree.span().start().line;
            let rest = &trees[at..];
            self.words(rest, line);
            match tree {
                TokenTree::Ident(ident) if ident == "crate" && is_path(&rest[1..]) => self.rooms(&rest[3..], line),
                TokenTree::Ident(ident) if ident == "super" && is_path(&rest[1..]) => {
                    let twice = matches!(rest.get(3), Some(TokenTree::Ident(next)) if next == "super");
                    if twice || (self.at_root && depth == 0) {
                        self.found.push((Rule::Super, line, "write `crate::<room>::...` in full".to_owned()));
                    }
                }
                // Paths in attributes such as serde's `with` are strings.
                TokenTree::Literal(literal) => {
                    if let Some(path) = literal.to_string().strip_prefix("\"crate::") {
                        self.room_named(path.split([':', '"']).next().unwrap_or_default(), line);
                    }
                }
                TokenTree::Group(group) => {
                    let module = at >= 2 && matches!(&trees[at - 2], TokenTree::Ident(word) if word == "mod");
                    self.walk(group.stream(), depth + usize::from(module));
                }
                _ => {}
            }
        }
    }

    /// The rooms after `crate::`, one or a `{group}`.
    fn rooms(&mut self, after: &[TokenTree], line: usize) {
        match after.first() {
            Some(TokenTree::Ident(room)) => self.room_named(&room.to_string(), line),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let mut fresh = true;
                for tree in group.stream() {
                    match &tree {
                        TokenTree::Ident(room) if fresh => self.room_named(&room.to_string(), tree.span().start().line),
                        _ => {}
                    }
                    fresh = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ',');
                }
            }
            _ => {}
        }
    }

    fn room_named(&mut self, named: &str, line: usize) {
        let known = ROOMS.iter().any(|(room, _)| *room == named);
        if known && named != self.room && self.allowed != ALL && !self.allowed.contains(&named) {
            self.found.push((Rule::Floors, line, format!("`{}` may not name `{named}`", self.room)));
        }
    }

    fn words(&mut self, rest: &[TokenTree], line: usize) {
        for (word, rooms) in WORDS {
            if self.room != "lib" && !rooms.contains(&self.room) && starts_with(rest, word) {
                self.found.push((Rule::Words, line, format!("{word} belongs to {rooms:?}, not to `{}`", self.room)));
            }
        }
    }
}

/// Whether tokens go on with `::`.
fn is_path(tokens: &[TokenTree]) -> bool {
    starts_with(tokens, "::")
}

/// Whether tokens begin with `word`, whose parts are apart by blanks; `(` is any call's parentheses.
fn starts_with(tokens: &[TokenTree], word: &str) -> bool {
    let is = |tree: Option<&TokenTree>, wanted: char| matches!(tree, Some(TokenTree::Punct(found)) if found.as_char() == wanted);
    let mut tokens = tokens.iter();
    word.split(' ').all(|part| match part {
        "::" => is(tokens.next(), ':') && is(tokens.next(), ':'),
        "!" => is(tokens.next(), '!'),
        "." => is(tokens.next(), '.'),
        _ => match tokens.next() {
            Some(TokenTree::Ident(found)) => found == part,
            Some(TokenTree::Group(group)) => part == "(" && group.delimiter() == Delimiter::Parenthesis,
            _ => false,
        },
    })
}

/// Splits violations into those nobody excused; and the exceptions that excuse nothing.
fn judge<'a>(found: &[Violation], exceptions: &'a [Exception<'a>]) -> (Vec<Violation>, Vec<&'a Exception<'a>>) {
    let excuses = |exception: &Exception<'_>, violation: &Violation| {
        exception.0 == violation.rule && exception.1 == violation.path && violation.what.starts_with(exception.2)
    };
    let left = found.iter().filter(|violation| !exceptions.iter().any(|exception| excuses(exception, violation))).cloned().collect();
    let idle = exceptions.iter().filter(|exception| !found.iter().any(|violation| excuses(exception, violation))).collect();
    (left, idle)
}

/// The sources of the house.
fn house() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    walkdir::WalkDir::new(root.join("src"))
        .into_iter()
        .map(|entry| entry.expect("src is readable"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(root).expect("it is below the root").to_string_lossy().replace('\\', "/");
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a source is readable")).into_owned();
            (path, text)
        })
        .collect()
}

#[test]
fn the_walls_hold() {
    let (left, _) = judge(&check(&house()), EXCEPTIONS);
    let list: Vec<String> = left.iter().map(Violation::to_string).collect();
    assert!(list.is_empty(), "{} violations (docs/ARCHITECTURE.md has the rules):\n{}", list.len(), list.join("\n"));
}

#[test]
fn every_exception_has_a_reason_and_is_needed() {
    for (rule, path, what, reason) in EXCEPTIONS {
        assert!(reason.len() > 10, "{rule:?} {path} {what}: why?");
    }
    // A folder's exception says what kind of list it is, also on days when the list is short.
    let single: Vec<_> = EXCEPTIONS.iter().filter(|exception| exception.0 != Rule::Folder).copied().collect();
    let (_, idle) = judge(&check(&house()), &single);
    assert!(idle.is_empty(), "these exceptions excuse nothing any more, remove them: {idle:?}");
}

/// One that nothing names is compiled, audited and carried along for nothing.
#[test]
fn every_dependency_is_named_by_the_sources() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("the manifest is readable");
    let list = manifest.split("[dependencies]\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list of dependencies");
    let (house, names) = (house(), list.lines().filter_map(|line| line.split(' ').next()));
    let idle: Vec<&str> =
        names.filter(|name| !house.values().any(|text| text.contains(&format!("{}::", name.replace('-', "_"))))).collect();
    assert!(idle.is_empty(), "remove them: {idle:?}");
}
