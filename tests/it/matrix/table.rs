//! The routes as `docs/ROUTES.md` classifies them, and as the router knows them.

use std::collections::BTreeSet;

use axum::Router;
use axum::http::Method;
use grantor::model::membership::Role;

/// Who may use a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    Anyone,
    Holder,
    Client,
    SignedIn,
    Role(Role),
    /// A token of the org that has one of these lists of scopes; an empty list is enough by itself.
    Token(Vec<Vec<String>>),
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) who: Who,
    pub(crate) sent: String,
}

impl Row {
    /// The names of what stands in braces.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    pub(crate) fn has(&self, parameter: &str) -> bool {
        self.parameters().any(|own| own == parameter)
    }

    pub(crate) fn changes(&self) -> bool {
        !matches!(self.method, Method::GET | Method::OPTIONS)
    }
}

/// Every classified route.
pub(crate) fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ROUTES.md")).expect("docs/ROUTES.md");
    text.lines().filter_map(row).collect()
}

/// A line with a method and a path; other tables of the document have none.
fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
    let [method, path, who, sent] = cells[..] else { return None };
    if !path.starts_with('/') {
        return None;
    }
    let method = method.parse().unwrap_or_else(|_| panic!("no method: {line}"));
    let who = read_who(who).unwrap_or_else(|| panic!("docs/ROUTES.md does not know the word: {line}"));
    Some(Row { method, path: path.to_owned(), who, sent: sent.to_owned() })
}

fn read_who(word: &str) -> Option<Who> {
    Some(match word {
        "anyone" => Who::Anyone,
        "holder" => Who::Holder,
        "client" => Who::Client,
        "signed-in" => Who::SignedIn,
        "token" => Who::Token(vec![Vec::new()]),
        _ => match word.strip_prefix("scope ") {
            Some(lists) => Who::Token(lists.split(' ').map(|list| list.split('+').map(str::to_owned).collect()).collect()),
            None => Who::Role(Role::parse(word)?),
        },
    })
}

/// What the router answers, method and path, read from how it describes itself: axum has no other list of its routes.
pub(crate) fn known(server: &Router) -> BTreeSet<(String, String)> {
    let text = format!("{server:?}");
    let (doors, _) = text.split_once("fallback_router").expect("axum describes a router as we know it");
    let (routes, tree) = doors.split_once("node: Node").expect("axum describes a router as we know it");
    let mut found = BTreeSet::new();
    for part in tree.split("RouteId(").skip(1) {
        let (id, rest) = part.split_once(')').expect("a route's number");
        let path = rest.split('"').nth(1).expect("a route's path");
        for method in methods(routes, id) {
            found.insert((method.to_owned(), path.to_owned()));
        }
    }
    found
}

/// The methods of the route with this number.
fn methods<'t>(routes: &'t str, id: &str) -> Vec<&'static str> {
    const METHODS: [(&str, &str); 8] = [
        ("get", "GET"),
        ("delete", "DELETE"),
        ("options", "OPTIONS"),
        ("patch", "PATCH"),
        ("post", "POST"),
        ("put", "PUT"),
        ("trace", "TRACE"),
        ("connect", "CONNECT"),
    ];
    let marker = format!("RouteId({id}): ");
    let at = routes.find(&marker).unwrap_or_else(|| panic!("no route {id}"));
    let own = &routes[at + marker.len()..];
    let own: &'t str = own.split("RouteId(").next().unwrap_or(own);
    let is_there = |field: &str| {
        let field = format!(" {field}: ");
        own.split_once(&field).is_none_or(|(_, value)| !value.starts_with("None"))
    };
    METHODS.into_iter().filter(|(field, _)| is_there(field)).map(|(_, method)| method).collect()
}
