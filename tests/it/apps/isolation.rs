//! Who may do what: another org's things do not exist, one's own role decides the rest.

use axum::http::{Method, StatusCode};
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::scope::ScopeSet;
use serde_json::{Value, json};

use crate::apps::{ALL, APPS, body, managed, manager};
use crate::kit::browser::Browser;
use crate::kit::http::Answer;
use crate::kit::world::{App, CALLBACK, World};

/// A foreign app with its secret's id, in the org `globex`.
async fn foreign(world: &World) -> (App, String) {
    let globex = world.org("globex").await;
    let app = world.app_of(globex.id, ClientKind::Web, |_| ()).await;
    let id = world.record(&app).await.credentials[0].id.to_string();
    (app, id)
}

/// Every route below an app, with a body where it takes one.
fn api_routes(org: &str, client_id: &str, id: &str) -> Vec<(Method, String, Option<Value>)> {
    let app = format!("/api/v1/orgs/{org}/apps/{client_id}");
    vec![
        (Method::GET, app.clone(), None),
        (Method::PATCH, app.clone(), Some(json!({ "name": "Mine now" }))),
        (Method::DELETE, app.clone(), None),
        (Method::POST, format!("{app}/restore"), None),
        (Method::POST, format!("{app}/disable"), None),
        (Method::POST, format!("{app}/enable"), None),
        (Method::GET, format!("{app}/secrets"), None),
        (Method::POST, format!("{app}/secrets"), Some(json!({}))),
        (Method::PATCH, format!("{app}/secrets/{id}"), Some(json!({ "note": "mine" }))),
        (Method::DELETE, format!("{app}/secrets/{id}"), None),
        (Method::GET, format!("{app}/authorizations"), None),
        (Method::DELETE, format!("{app}/authorizations/{id}"), None),
    ]
}

/// A body without what names this very request.
fn anonymous(answer: &Answer) -> Value {
    let mut body = answer.json();
    body.as_object_mut().expect("a problem").remove("request_id");
    body
}

#[tokio::test]
async fn m4_another_orgs_things_answer_like_unknown_ones_on_every_api_route() {
    let (world, token) = managed().await;
    let (app, id) = foreign(&world).await;
    let unknown = "zzzzzzzzzzzzzzzzzzzzzzzzzz";
    let no_id = "01890000-0000-7000-8000-000000000000";
    let plain = anonymous(&world.api(Method::GET, &format!("{APPS}/{unknown}"), &token, None).await.expect(404));
    let mut routes = api_routes("acme", &app.client_id, &id);
    routes.extend(api_routes("globex", &app.client_id, &id));
    routes.extend(api_routes("acme", unknown, no_id));
    routes.extend(api_routes("nowhere", unknown, no_id));
    for org in ["globex", "nowhere"] {
        routes.push((Method::GET, format!("/api/v1/orgs/{org}"), None));
        routes.push((Method::GET, format!("/api/v1/orgs/{org}/apps"), None));
        routes.push((Method::POST, format!("/api/v1/orgs/{org}/apps"), Some(body("Mine"))));
    }
    for (method, path, sent) in routes {
        let answer = world.api(method.clone(), &path, &token, sent.as_ref()).await;
        assert_eq!((answer.status, anonymous(&answer)), (StatusCode::NOT_FOUND, plain.clone()), "{method} {path}");
    }
    let untouched = world.record(&app).await;
    assert!(untouched.client.is_enabled() && untouched.client.version == 1 && untouched.credentials.len() == 1);
}

#[tokio::test]
async fn m4_a_secret_or_authorization_of_another_app_is_not_found_below_ones_own() {
    let (world, token) = managed().await;
    let (_, id) = foreign(&world).await;
    let own = world.app(ClientKind::Web).await;
    for (method, path, sent) in api_routes("acme", &own.client_id, &id).into_iter().filter(|(_, path, _)| path.ends_with(&id)) {
        world.api(method, &path, &token, sent.as_ref()).await.expect(404);
    }
}

/// Every page below an app; posts with a field each.
fn pages(org: &str, client_id: &str, id: &str) -> Vec<(Method, String)> {
    let app = format!("/orgs/{org}/apps/{client_id}");
    let get = ["", "/settings", "/credentials"].map(|tail| (Method::GET, format!("{app}{tail}")));
    let post =
        ["/settings", "/disable", "/enable", "/delete", "/restore", "/credentials"].map(|tail| (Method::POST, format!("{app}{tail}")));
    let secret = ["note", "delete"].map(|verb| (Method::POST, format!("{app}/credentials/{id}/{verb}")));
    get.into_iter().chain(post).chain(secret).collect()
}

async fn visit(browser: &mut Browser, csrf: &str, method: &Method, path: &str) -> StatusCode {
    if *method == Method::GET {
        return browser.send(Method::GET, path, &[], String::new()).await.status;
    }
    let fields = [("csrf", csrf), ("version", "1"), ("name", "Mine"), ("redirect_uris", CALLBACK), ("confirm_name", "The web app")];
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://auth.example.test")];
    browser.send(Method::POST, path, &headers, crate::kit::http::form(&fields)).await.status
}

/// The token of this session's forms, from a page that every role sees.
async fn csrf(browser: &mut Browser) -> String {
    let page = browser.open("/account").await;
    let (_, fields) = page.form("csrf").expect("a form with a token");
    fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1
}

#[tokio::test]
async fn m4_r27_every_page_by_every_role_in_the_own_and_in_another_org() {
    let world = World::new().await;
    let (theirs, their_secret) = foreign(&world).await;
    let own = world.app(ClientKind::Web).await;
    let own_secret = world.record(&own).await.credentials[0].id.to_string();
    for role in Role::ALL {
        world.person(role).await;
        let mut browser = Browser::new(&world);
        browser.sign_in(&format!("{}@acme.test", role.as_str())).await;
        let csrf = csrf(&mut browser).await;
        let foreign_pages =
            pages("globex", &theirs.client_id, &their_secret).into_iter().chain(pages("acme", &theirs.client_id, &their_secret));
        for (method, path) in foreign_pages {
            let status = visit(&mut browser, &csrf, &method, &path).await;
            // A role that may not ask is told so before anybody looks whether the thing exists: that tells nothing either.
            let too_low = path.starts_with("/orgs/acme") && status == StatusCode::FORBIDDEN && !role.manages_apps();
            assert!(status == StatusCode::NOT_FOUND || too_low, "{role:?} {method} {path}: {status}");
        }
        if role.manages_apps() {
            continue;
        }
        for (method, path) in pages("acme", &own.client_id, &own_secret) {
            let status = visit(&mut browser, &csrf, &method, &path).await;
            let reads = method == Method::GET && role.reads_apps() && status.as_u16() < 400;
            assert!(reads || status == StatusCode::FORBIDDEN, "{role:?} {method} {path}: {status}");
        }
        assert_eq!(visit(&mut browser, &csrf, &Method::GET, "/orgs/acme/apps/new?kind=web").await, StatusCode::FORBIDDEN);
        assert_eq!(visit(&mut browser, &csrf, &Method::POST, "/orgs/acme/apps/new?kind=web").await, StatusCode::FORBIDDEN);
    }
    assert_eq!(world.record(&own).await.client.version, 1, "nobody changed it");
    assert_eq!(world.record(&theirs).await.client.version, 1);
}

#[tokio::test]
async fn m5_members_that_cannot_be_chosen_are_refused_by_name() {
    let (world, token) = managed().await;
    let mut sent = body("Portal");
    sent["system"] = json!(true);
    sent["org_id"] = json!("x");
    sent["refresh_tokens"] = json!({ "forever": true });
    sent["links"] = json!({ "logo": 1 });
    let refused = world.api(Method::POST, APPS, &token, Some(&sent)).await.expect(422).json();
    let errors: Vec<(&str, &str)> = refused["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["field"].as_str().expect("a field"), error["code"].as_str().expect("a code")))
        .collect();
    for expected in
        [("system", "read_only"), ("org_id", "unknown_field"), ("refresh_tokens.forever", "unknown_field"), ("links.logo", "unknown_field")]
    {
        assert!(errors.contains(&expected), "{expected:?} in {errors:?}");
    }
}

#[tokio::test]
async fn m5_an_app_cannot_give_or_take_more_than_it_has() {
    let world = World::new().await;
    let weak_scopes = ScopeSet::parse("apps:read apps:write credentials:write").expect("scopes");
    let weak = world.app_with(ClientKind::M2m, |client| client.profile.scopes = weak_scopes).await;
    let token = world.machine_token(&weak, "apps:read apps:write credentials:write").await;
    let strong = json!({ "kind": "m2m", "name": "Strong", "scopes": ["tokens:revoke"] });
    let refused = world.api(Method::POST, APPS, &token, Some(&strong)).await.expect(422);
    assert_eq!(refused.json()["errors"][0]["code"], "not_grantable");
    let manager = manager(&world).await;
    let steal = format!("{APPS}/{}/secrets", manager.client_id);
    world.api(Method::POST, &steal, &token, Some(&json!({}))).await.expect(403);
    let powerful = ScopeSet::parse(ALL).expect("scopes");
    let powerful = world.app_with(ClientKind::M2m, |client| client.profile.scopes = powerful).await;
    let steal = format!("{APPS}/{}/secrets", powerful.client_id);
    world.api(Method::POST, &steal, &token, Some(&json!({}))).await.expect(403);
}

#[tokio::test]
async fn a_system_app_is_listed_and_never_changed_by_its_org() {
    let (world, token) = managed().await;
    let listed = world.api(Method::GET, APPS, &token, None).await.expect(200).json();
    let manager = listed["apps"][0]["client_id"].as_str().expect("the manager").to_owned();
    assert_eq!(listed["apps"][0]["system"], true);
    let path = format!("{APPS}/{manager}");
    world.api(Method::PATCH, &path, &token, Some(&json!({ "name": "Other" }))).await.expect(403);
    world.api(Method::DELETE, &path, &token, None).await.expect(403);
    world.api(Method::POST, &format!("{path}/disable"), &token, None).await.expect(403);
    world.api(Method::POST, &format!("{path}/secrets"), &token, Some(&json!({}))).await.expect(201);
}
