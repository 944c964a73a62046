//! The checker is seen to fail: each rule on a small source that breaks it, beside one that does not.

use std::collections::BTreeMap;

use crate::{MOST_FILES, MOST_FUNCTION_LINES, MOST_LINES, Rule, check, judge};

/// What is wrong with one file; it gets the doc comment every file needs.
fn wrong(path: &str, body: &str) -> Vec<(Rule, String)> {
    let tree = BTreeMap::from([(path.to_owned(), format!("//! For the test.\n{body}"))]);
    check(&tree).into_iter().map(|violation| (violation.rule, violation.what)).collect()
}

fn rules(path: &str, body: &str) -> Vec<Rule> {
    wrong(path, body).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn a_lower_floor_that_names_an_upper_one_is_seen_wherever_it_does() {
    for body in [
        "use crate::flows::login;",
        "use crate::{model::Client, flows};",
        "use crate::{flows::{a, b}, wire};",
        "pub fn f() { crate::flows::login(); }",
        "pub fn f() -> crate::flows::Login { loop {} }",
        "pub fn f() { let _ = vec![crate::flows::X]; }",
        "#[derive(Deserialize)] struct S { #[serde(with = \"crate::flows::date\")] at: u8 }",
        "macro_rules! m { () => { crate::flows::login() } }",
        "mod inner { use crate::flows::login; }",
    ] {
        assert_eq!(wrong("src/protocol/quota.rs", body), [(Rule::Floors, "`protocol` may not name `flows`".to_owned())], "{body}");
    }
}

#[test]
fn what_the_table_allows_is_allowed() {
    for (path, body) in [
        ("src/web/router.rs", "use crate::{flows, model::Client, wire::token, secret::Secret, clock::Clock};"),
        ("src/web/router.rs", "use crate::web::paths;"),
        ("src/flows/login.rs", "use crate::{protocol::quota, db, crypto};"),
        ("src/cli/dev.rs", "use crate::{web, db, managed_pg};"),
        ("src/model/mod.rs", "pub mod client; pub(crate) fn f() {}"),
        ("src/model/client.rs", "// crate::flows in a comment\n/// crate::flows in a doc\npub fn f() {}"),
    ] {
        assert_eq!(rules(path, body), [], "{path}: {body}");
    }
}

#[test]
fn web_sees_neither_database_nor_rules() {
    for room in ["db", "crypto", "protocol", "entropy", "settings"] {
        assert_eq!(rules("src/web/oauth/token.rs", &format!("use crate::{room}::thing;")), [Rule::Floors], "{room}");
    }
    assert_eq!(rules("src/managed_pg/mod.rs", "use crate::secret::Secret;"), [Rule::Floors]);
    assert_eq!(rules("src/utils/mod.rs", ""), [Rule::Floors], "a room the table does not know");
}

#[test]
fn sql_outside_its_room_is_seen() {
    for body in ["fn f() { sqlx::query!(\"select 1\"); }", "fn f() { query_as!(Row, \"select 1\"); }", "use sqlx::PgPool;"] {
        assert!(rules("src/flows/login.rs", body).contains(&Rule::Words), "{body}");
    }
    assert_eq!(rules("src/db/clients.rs", "fn f() { sqlx::query!(\"select 1\"); query_scalar!(\"select 1\"); }"), []);
    assert_eq!(rules("src/db/clients.rs", "fn f() { sqlx::query(\"unchecked\"); }"), [Rule::Words]);
    assert_eq!(rules("src/web/router.rs", "fn f() { let query = !true; query.a(); }"), []);
}

#[test]
fn other_words_stay_in_their_rooms() {
    assert_eq!(rules("src/web/apps.rs", "fn f() { database.begin(); }"), [Rule::Words]);
    assert_eq!(rules("src/flows/apps.rs", "fn f() { database.begin(); }"), []);
    assert_eq!(rules("src/protocol/quota.rs", "async fn f() { g().await }"), [Rule::Words]);
    assert_eq!(rules("src/flows/apps.rs", "use axum::Router;"), [Rule::Words]);
    assert_eq!(rules("src/web/apps.rs", "fn f() { std::env::var(\"X\").ok(); }"), [Rule::Words]);
    assert_eq!(rules("src/settings/mod.rs", "fn f() { std::env::var(\"X\").ok(); }"), []);
    assert_eq!(rules("src/web/apps.rs", "const X: &str = include_str!(\"x\");"), [Rule::Words]);
}

#[test]
fn super_does_not_climb_out() {
    assert_eq!(rules("src/web/oauth/token.rs", "use super::super::router;"), [Rule::Super]);
    assert_eq!(rules("src/web/oauth/token.rs", "use super::error;"), []);
    assert_eq!(rules("src/clock.rs", "use super::db;"), [Rule::Super], "`super` of a room is the house");
    assert_eq!(rules("src/db/mod.rs", "use super::flows;"), [Rule::Super]);
    assert_eq!(rules("src/db/mod.rs", "mod inner { use super::Error; }"), []);
    assert_eq!(rules("src/db/mod.rs", "pub(super) fn f() {}"), []);
}

#[test]
fn what_grew_too_large_is_listed() {
    let long = |lines: usize| format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines));
    assert_eq!(rules("src/clock.rs", &long(MOST_FUNCTION_LINES)), []);
    assert_eq!(wrong("src/clock.rs", &long(MOST_FUNCTION_LINES + 1)), [(Rule::Function, "`f` has 61 lines, at most 60".to_owned())]);
    let method = format!("impl X {{\n{}}}\n", long(MOST_FUNCTION_LINES + 1));
    assert_eq!(rules("src/clock.rs", &method), [Rule::Function]);
    let explained = format!("fn f() {{\n{}{}}}\n", "    // why\n\n".repeat(40), "    g();\n".repeat(MOST_FUNCTION_LINES));
    assert_eq!(rules("src/clock.rs", &explained), [], "comments and blank lines are free, as in clippy");
    assert_eq!(rules("src/clock.rs", &"\n".repeat(MOST_LINES - 1)), []);
    assert_eq!(rules("src/clock.rs", &"\n".repeat(MOST_LINES)), [Rule::File]);

    let files = |count: usize| (0..count).map(|n| (format!("src/wire/f{n}.rs"), "//! A file.\n".to_owned())).collect::<BTreeMap<_, _>>();
    assert_eq!(check(&files(MOST_FILES)), []);
    assert_eq!(check(&files(MOST_FILES + 1)).iter().map(|found| found.rule).collect::<Vec<_>>(), [Rule::Folder]);
}

#[test]
fn files_explain_themselves_and_keep_their_tests_apart() {
    let bare = BTreeMap::from([("src/clock.rs".to_owned(), "/// Not about the file.\npub fn f() {}\n".to_owned())]);
    assert_eq!(check(&bare).iter().map(|found| found.rule).collect::<Vec<_>>(), [Rule::Doc]);
    assert_eq!(rules("src/clock.rs", "#[cfg(test)]\nmod tests { #[test] fn f() {} }"), [Rule::Tests]);
    assert_eq!(rules("src/clock.rs", "#[cfg(test)]\nmod tests;"), []);
    assert_eq!(rules("src/clock.rs", "fn f( {"), [Rule::Syntax]);
}

#[test]
fn an_exception_excuses_one_thing_and_is_reported_when_idle() {
    let tree = BTreeMap::from([("src/clock.rs".to_owned(), "//! A file.\nuse crate::db::X;\nuse crate::web::Y;\n".to_owned())]);
    let exceptions = [
        (Rule::Floors, "src/clock.rs", "`clock` may not name `db`", "needed by the test"),
        (Rule::Floors, "src/entropy.rs", "", "needed by nobody"),
    ];
    let (left, idle) = judge(&check(&tree), &exceptions);
    assert_eq!(left.iter().map(|found| &*found.what).collect::<Vec<_>>(), ["`clock` may not name `web`"]);
    assert_eq!(idle, [&exceptions[1]]);
}
