//! The management API: tokens with and without the scope, of this and of another org.

use axum::body::Body;
use axum::http::Request;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::scope::ScopeSet;

use crate::kit::browser::Browser;
use crate::kit::document;
use crate::kit::http::{Answer, send};
use crate::kit::world::{App, World};
use crate::matrix::is_allowed;
use crate::matrix::place::{Address, Aim, Place};
use crate::matrix::table::{Row, Who, rows};

/// Every scope of the management API.
const SCOPES: [&str; 8] =
    ["apps:read", "apps:write", "credentials:write", "people:read", "people:write", "audit:read", "introspect", "tokens:revoke"];

impl World {
    /// The header of a token with every scope, of an app of the org called `slug`.
    pub(super) async fn manager_token(&self, slug: &str) -> String {
        let app = self.manager_of(slug).await;
        self.bearer(&app, &SCOPES).await
    }

    async fn manager_of(&self, slug: &str) -> App {
        let org = if slug == "acme" { self.org.id } else { self.org_id(slug).await };
        let scopes = ScopeSet::parse(&SCOPES.join(" ")).expect("scopes");
        self.app_of(org, ClientKind::M2m, |client| client.profile.scopes = scopes).await
    }

    async fn org_id(&self, slug: &str) -> grantor::model::ids::OrgId {
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        grantor::db::orgs::find_by_slug(&mut connection, slug).await.expect("orgs are read").expect("the org is there").id
    }

    async fn bearer(&self, app: &App, scopes: &[&str]) -> String {
        format!("Bearer {}", self.machine_token(app, &scopes.join(" ")).await)
    }
}

pub(super) async fn call(place: &Place, row: &Row, address: &Address, header: (&str, &str)) -> Answer {
    let mut request = Request::builder().method(row.method.clone()).uri(&address.path);
    if !header.1.is_empty() {
        request = request.header(header.0, header.1);
    }
    if !row.sent.is_empty() {
        request = request.header("content-type", "application/json");
    }
    let answer = send(&place.world.router, request.body(Body::from(row.sent.clone())).expect("a request")).await;
    document::hold(&row.method, &address.path, &answer);
    answer
}

/// Sets of scopes with which `lists` are not satisfied: all but what they name, and all but one where all are needed.
fn too_few(lists: &[Vec<String>]) -> Vec<Vec<&'static str>> {
    let without =
        |lacking: &[String]| -> Vec<&'static str> { SCOPES.into_iter().filter(|own| !lacking.iter().any(|l| l == own)).collect() };
    let mut sets = vec![without(&lists.concat())];
    if let [all] = lists {
        sets.extend(all.iter().map(|one| without(std::slice::from_ref(one))));
    }
    sets.retain(|set| !lists.iter().any(|list| list.iter().all(|scope| set.contains(&scope.as_str()))));
    sets
}

async fn place() -> Place {
    let world = World::new().await;
    let other = world.org("globex").await;
    let insider = world.person(Role::Owner).await;
    let outsider = world.person_of(&other, "owner", Role::Owner).await;
    Place::new(insider, world, other, outsider).await
}

fn calls() -> impl Iterator<Item = (Row, Vec<Vec<String>>)> {
    rows().into_iter().filter_map(|row| match row.who.clone() {
        Who::Token(lists) => Some((row, lists)),
        _ => None,
    })
}

#[tokio::test]
async fn m4_m5_every_call_with_and_without_its_scope() {
    let place = place().await;
    let manager = place.world.manager_of("acme").await;
    let mut session = Browser::new(&place.world);
    session.sign_in("owner@acme.test").await;
    let cookie = session.cookie("__Host-grantor_session").map(|value| format!("__Host-grantor_session={value}")).expect("a session");
    for (row, lists) in calls() {
        let address = place.address(&row, Aim::Own).await;
        for header in [("authorization", ""), ("authorization", "Bearer x"), ("cookie", cookie.as_str())] {
            let answer = call(&place, &row, &address, header).await;
            assert_eq!(answer.status, 401, "{header:?} {} {}: {}", row.method, address.path, answer.body);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{} {}", row.method, address.path);
        }
        for scopes in too_few(&lists) {
            let token = place.world.bearer(&manager, &scopes).await;
            let answer = call(&place, &row, &address, ("authorization", &token)).await;
            assert_eq!(answer.status, 403, "{scopes:?} {} {}: {}", row.method, address.path, answer.body);
        }
        for list in &lists {
            let scopes: Vec<&str> = if list.is_empty() { vec!["introspect"] } else { list.iter().map(String::as_str).collect() };
            let token = place.world.bearer(&manager, &scopes).await;
            let address = place.address(&row, Aim::Own).await;
            let answer = call(&place, &row, &address, ("authorization", &token)).await;
            let what = format!("{scopes:?} {} {}: {} {}", row.method, address.path, answer.status, answer.body);
            assert!(is_allowed(answer.status, false), "{what}");
        }
    }
}

#[tokio::test]
async fn m4_every_call_from_and_into_another_org_finds_nothing() {
    let place = place().await;
    let (ours, theirs) = (place.world.manager_token("acme").await, place.world.manager_token("globex").await);
    for (row, _) in calls() {
        let nothing = place.address(&row, Aim::UnknownOrg).await;
        let plain = call(&place, &row, &nothing, ("authorization", &ours)).await;
        assert_eq!(plain.status, 404, "{} {}", row.method, nothing.path);
        let mut tried = vec![(Aim::ForeignOrg, &ours), (Aim::Own, &theirs), (Aim::UnknownOrg, &theirs)];
        if row.has("client_id") {
            tried.extend([(Aim::ForeignApp, &ours), (Aim::UnknownApp, &ours)]);
        }
        if row.parameters().count() > 2 {
            tried.extend([(Aim::ForeignId, &ours), (Aim::UnknownId, &ours)]);
        }
        for (aim, token) in tried {
            let address = place.address(&row, aim).await;
            let answer = call(&place, &row, &address, ("authorization", token)).await;
            assert_eq!(answer.status, 404, "{aim:?} {} {}: {}", row.method, address.path, answer.body);
            assert_eq!(address.without_names(&answer), nothing.without_names(&plain), "{aim:?} {} {}", row.method, address.path);
        }
    }
}
