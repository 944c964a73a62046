//! The records (`docs/*.md`, the README) name what exists: each test and file of `docs/RFC-MAP.md` and `docs/CHECKLIST.md`, and
//! the end of each relative link. And what exists is named: each route, command, flag and problem in `docs/INTERFACE.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use grantor::cli::Cli;
use grantor::web::api::document::problems::PROBLEMS;

/// The public surface.
const INTERFACE: &str = "docs/INTERFACE.md";

/// The records that name tests.
const MAPS: [&str; 2] = ["docs/RFC-MAP.md", "docs/CHECKLIST.md"];

/// Links whose end is made outside of the sources, or by another hand: the start of the end, and why it may be missing.
const MAY_BE_MISSING: [(&str, &str); 1] = [("docs/screenshots/", "pictures are taken of a running server")];

/// Test functions by name, each with the modules it stands in.
type Tests = BTreeMap<String, Vec<Vec<String>>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Files below `folders` with this extension, by path from the repository's root.
fn files(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let walks = folders.iter().flat_map(|folder| {
        walkdir::WalkDir::new(root().join(folder)).into_iter().filter_entry(|entry| entry.file_name() != "node_modules")
    });
    let entries = walks.map(|entry| entry.expect("the tree is readable").into_path());
    let relative = entries.map(|path| path.strip_prefix(root()).expect("below the root").to_owned());
    relative.filter(|path| path.extension().is_some_and(|own| own == extension)).collect()
}

/// The modules of a source file as people say them: without the folders that hold all, and without `tests` and `mod`.
fn modules(path: &Path) -> Vec<String> {
    let parts = path.with_extension("");
    let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| !["src", "tests", "mod"].contains(&part.as_str())).collect()
}

/// The test functions of one source, read line by line, so that those inside macros count too.
fn test_functions(text: &str) -> Vec<String> {
    let mut is_test = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.ends_with("test]") || line.contains("::test(") || line == "#[rstest]";
        }
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(name) = function.and_then(|rest| rest.split(['(', '<']).next()) {
            found.extend(is_test.then(|| name.to_owned()));
            is_test = false;
        }
    }
    found
}

fn tests() -> Tests {
    let mut tests = Tests::new();
    for path in files(&["src", "tests"], "rs") {
        for name in test_functions(&read(&root().join(&path))) {
            tests.entry(name).or_default().push(modules(&path));
        }
    }
    tests
}

/// What stands between backticks.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The modules and the name of a test path such as `refresh::i1_r19_each_refresh_returns_a_new_refresh_token`.
fn test_path(span: &str) -> Option<(Vec<&str>, &str)> {
    let mut parts: Vec<&str> = span.split("::").collect();
    let name = parts.pop().filter(|_| !parts.is_empty())?;
    (is_word(name) && parts.iter().all(|part| is_word(part))).then_some((parts, name))
}

/// A source or another file of the repository: it has a folder and an extension, and is no URL path.
fn is_file(span: &str) -> bool {
    let extension = span.rsplit_once('.').map_or("", |(_, extension)| extension);
    span.contains('/') && !span.starts_with('/') && ["rs", "toml", "md", "sql", "service", "sh"].contains(&extension)
}

/// The test paths of `text` that lead to no test.
fn unknown_tests<'t>(text: &'t str, tests: &Tests) -> Vec<&'t str> {
    let leads_nowhere = |span: &&str| {
        test_path(span).is_some_and(|(path, name)| {
            let places = tests.get(name).map_or(&[][..], Vec::as_slice);
            !places.iter().any(|place| place.iter().map(String::as_str).collect::<Vec<_>>().ends_with(&path))
        })
    };
    spans(text).filter(leads_nowhere).collect()
}

/// The ends of the relative links of a Markdown text, without their fragments.
fn relative_links(text: &str) -> Vec<&str> {
    let mut is_code = false;
    let prose = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        is_code ^= fence;
        !is_code && !fence
    });
    let ends = prose.flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()));
    let own = ends.map(|end| end.split('#').next().unwrap_or_default());
    own.filter(|end| !end.is_empty() && !end.contains("://") && !end.starts_with("mailto:")).collect()
}

/// `end` as seen from the root, when the link stands in a file of `folder`.
fn resolved(folder: &Path, end: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in Path::new(end) {
        match part.to_str() {
            Some("..") => drop(path.pop()),
            Some(".") => {}
            _ => path.push(part),
        }
    }
    path
}

#[test]
fn every_test_that_a_record_names_exists() {
    let tests = tests();
    for map in MAPS {
        let text = read(&root().join(map));
        let named = spans(&text).filter(|span| test_path(span).is_some()).count();
        assert!(named > 200, "{map} names {named} tests: are they still read?");
        assert_eq!(unknown_tests(&text, &tests), <[&str; 0]>::default(), "{map} names tests that do not exist");
    }
}

#[test]
fn every_file_that_a_record_names_exists() {
    for map in MAPS {
        let text = read(&root().join(map));
        let exists = |span: &str| root().join(span).is_file() || root().join("src").join(span).is_file();
        let missing: Vec<&str> = spans(&text).filter(|span| is_file(span) && !exists(span)).collect();
        assert!(missing.is_empty(), "{map} names files that do not exist: {missing:?}");
    }
}

#[test]
fn every_relative_link_of_a_record_leads_somewhere() {
    let mut records = files(&["docs"], "md");
    records.extend(["README.md", "CHANGELOG.md"].map(PathBuf::from));
    assert!(records.len() > 8, "{records:?}");
    for record in records {
        let text = read(&root().join(&record));
        for end in relative_links(&text) {
            let target = resolved(record.parent().unwrap_or(Path::new("")), end);
            let excused = MAY_BE_MISSING.iter().any(|(start, _)| target.to_string_lossy().starts_with(start));
            assert!(excused || root().join(&target).exists(), "{}: {end} leads nowhere", record.display());
        }
    }
}

/// A call as INTERFACE.md names it: method, whole path, and the last cell of its row.
type NamedCall = (String, String, String);

/// What `…` stands for below a heading of INTERFACE.md.
fn abbreviated(heading: &str) -> &'static str {
    match heading {
        "For people" => "/orgs/{slug}",
        "The management API" => "/api/v1/orgs/{org}",
        _ => "",
    }
}

/// Every call of INTERFACE.md: a span such as `PUT\|DELETE …/logo`.
fn named_calls(text: &str) -> Vec<NamedCall> {
    let (mut heading, mut found) = ("", Vec::new());
    for line in text.lines() {
        heading = line.strip_prefix("## ").unwrap_or(heading);
        let last = line.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default();
        for (methods, path) in spans(line).filter_map(|span| span.split_once(' ')) {
            let is_call = methods.split("\\|").all(|method| method.bytes().all(|b| b.is_ascii_uppercase()));
            if is_call && path.starts_with(['/', '…']) {
                let path = path.replacen('…', abbreviated(heading), 1);
                found.extend(methods.split("\\|").map(|method| (method.to_owned(), path.clone(), last.to_owned())));
            }
        }
    }
    found
}

/// The scopes of a row of ROUTES.md in the words of INTERFACE.md; `None` where there are none.
fn scopes_in_words(who: &str) -> Option<String> {
    if who == "token" {
        return Some("any token of the org".to_owned());
    }
    let listed = |scopes: Vec<&str>, word: &str| scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(word);
    let scopes = who.strip_prefix("scope ")?;
    Some(if scopes.contains('+') { listed(scopes.split('+').collect(), " and ") } else { listed(scopes.split(' ').collect(), " or ") })
}

#[test]
fn every_route_is_named_with_its_scopes() {
    let (routes, interface) = (read(&root().join("docs/ROUTES.md")), read(&root().join(INTERFACE)));
    let calls = named_calls(&interface);
    let classified = routes.lines().filter_map(|line| {
        let mut row = line.strip_prefix("| ")?.split(" | ");
        let (method, path, who) = (row.next()?, row.next()?.trim_matches('`'), row.next()?);
        (path.starts_with('/') && method != "OPTIONS").then_some((method, path, who))
    });
    let mut count = 0;
    let mut missing = Vec::new();
    for (method, path, who) in classified {
        count += 1;
        let scopes = scopes_in_words(who);
        let is_it = |(m, p, last): &NamedCall| m == method && p == path && scopes.as_ref().is_none_or(|scopes| scopes == last);
        if !calls.iter().any(is_it) {
            missing.push(format!("{method} {path} {}", scopes.unwrap_or_default()));
        }
    }
    assert!(count > 120, "{count} routes: is docs/ROUTES.md still read?");
    assert!(missing.is_empty(), "name these calls, with these scopes, in {INTERFACE}: {missing:#?}");
    let gone: Vec<&NamedCall> = calls.iter().filter(|(m, p, _)| p != "/metrics" && !routes.contains(&format!("| {m} | `{p}` |"))).collect();
    assert!(gone.is_empty(), "{INTERFACE} names calls that are not there: {gone:#?}");
}

/// Every command without subcommands, as one types it, with its long flags.
fn commands(command: &clap::Command, before: &str) -> Vec<(String, Vec<String>)> {
    let path = format!("{before}{}", command.get_name());
    if command.has_subcommands() {
        return command.get_subcommands().flat_map(|own| commands(own, &format!("{path} "))).collect();
    }
    vec![(path, command.get_arguments().filter_map(clap::Arg::get_long).map(|long| format!("--{long}")).collect())]
}

#[test]
fn every_command_and_flag_is_named() {
    let text = read(&root().join(INTERFACE));
    let cli = Cli::command();
    for flag in cli.get_arguments().filter_map(clap::Arg::get_long) {
        assert!(text.contains(&format!("--{flag}")), "name --{flag} in {INTERFACE}");
    }
    let all = commands(&cli, "");
    assert!(all.len() > 15, "{all:?}");
    for (command, flags) in all {
        let own: Vec<&str> =
            spans(&text).filter(|span| span.strip_prefix(&*command).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))).collect();
        assert!(!own.is_empty(), "name `{command}` in {INTERFACE}");
        let missing: Vec<&String> = flags.iter().filter(|flag| !own.iter().any(|span| span.contains(&**flag))).collect();
        assert!(missing.is_empty(), "name {missing:?} of `{command}` in {INTERFACE}");
    }
}

/// The words of a shell line; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut open, mut is_quoted) = (Vec::new(), None::<String>, false);
    for c in line.chars() {
        match c {
            '"' => {
                is_quoted = !is_quoted;
                open.get_or_insert_default();
            }
            c if c.is_whitespace() && !is_quoted => words.extend(open.take()),
            c => open.get_or_insert_default().push(c),
        }
    }
    words.extend(open);
    words
}

/// The command lines of Grantor in the blocks of a Markdown text: `grantor …`, and what follows `cargo run --release --`.
fn shown_commands(text: &str) -> Vec<Vec<String>> {
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    let command = |line: &str| {
        let words = words(line.split(" #").next().unwrap_or_default());
        let is_run = words.starts_with(&["cargo".to_owned(), "run".to_owned()]);
        let at = words.iter().position(|word| word == "grantor" || is_run && word == "--")?;
        Some([&["grantor".to_owned()], &words[at + 1..]].concat())
    };
    blocks.flat_map(str::lines).filter_map(command).collect()
}

#[test]
fn every_command_of_the_readme_is_understood() {
    let commands = shown_commands(&read(&root().join("README.md")));
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        if let Err(refused) = Cli::command().try_get_matches_from(&command) {
            panic!("{}: {refused}", command.join(" "));
        }
    }
}

#[test]
fn every_problem_is_named_with_its_status() {
    let text = read(&root().join(INTERFACE));
    for problem in PROBLEMS {
        let start = format!("| {} | ", problem.status);
        let row = text.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
        assert!(spans(row).any(|span| span == problem.name), "name `{}` with {} in {INTERFACE}", problem.name, problem.status);
    }
}

#[test]
fn what_rots_is_seen() {
    let source = "#[test]\nfn a() {}\nfn b() {}\n#[rstest]\n#[case::x(1)]\n#[tokio::test]\nasync fn c(#[case] x: u8) {}\n    #[test]\n    fn d(x in 1..2) {}";
    assert_eq!(test_functions(source), ["a", "c", "d"]);
    let tests =
        Tests::from([("a".to_owned(), vec![modules(Path::new("src/crypto/token/tests.rs")), modules(Path::new("tests/it/keys.rs"))])]);
    let text = "| `token::a`, `crypto::token::a`, `it::keys::a` | `db::a`, `token::b` | `src/x.rs` `code_challenge` `Vec::new` |";
    assert_eq!(unknown_tests(text, &tests), ["db::a", "token::b"]);
    assert!(is_file("web/layers.rs") && is_file("deploy/grantor.service") && !is_file("/token") && !is_file("layers.rs"));
    let text = "[a](b.md#c) [d](https://e.example/f.md) ![g](h/i.png)\n```\n[j](k.md)\n```\n[l](#m) [n](../o)";
    assert_eq!(relative_links(text), ["b.md", "h/i.png", "../o"]);
    assert_eq!(resolved(Path::new("docs/adr"), "../x/./y.md"), Path::new("docs/x/y.md"));
    let text = "## The management API\n| `GET\\|PUT …/logo` (`If-Match`), `name` | `a` or `b` |\n## For clients\n| `GET /x` | y |";
    let calls = named_calls(text);
    let call = |method: &str, path: &str, last: &str| (method.to_owned(), path.to_owned(), last.to_owned());
    let logo = "/api/v1/orgs/{org}/logo";
    assert_eq!(calls, [call("GET", logo, "`a` or `b`"), call("PUT", logo, "`a` or `b`"), call("GET", "/x", "y")]);
    assert_eq!(scopes_in_words("scope a+b"), Some("`a` and `b`".to_owned()));
    let text = "grantor no\n```sh\nx exec grantor org set \"a b\" # why\n```\n```sh\ncargo run -q -- dev\ncp grantor.toml y\n```";
    assert_eq!(shown_commands(text), [vec!["grantor", "org", "set", "a b"], vec!["grantor", "dev"]]);
}
