//! E9, O: whatever apps, people and addresses say is text on every page; links lead nowhere that runs; pictures are pictures.

mod by_hand;
mod fed;
mod schemes;

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::redirect_uri::RedirectUri;
use scraper::{Html, Selector};

use crate::kit::browser::{Browser, Page, authorize_url};
use crate::kit::http::{form, pkce};
use crate::kit::world::{App, CALLBACK, PASSWORD, World, policy};
use crate::matrix::table::rows;

/// What gets out of text, attributes, titles, text areas and templates where they forget to escape.
const CORPUS: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</title></textarea><script>alert(1)</script>",
    "\" autofocus onfocus=alert(1) x=\"",
    "`'\"--></style><iframe srcdoc=x>",
    "{{7*7}}${7*7}<%=7*7%>{% raw %}",
    "&lt;b&gt;&#60;b&#62;",
    "<a href=javascript:alert(1)>x</a>",
    // Text that turns around, that cannot be seen, and that looks like another's name (Cyrillic letters).
    "\u{202e}gnp.<b>exe",
    "zero\u{200b}width\u{200d}\u{feff}<i>",
    "\u{440}\u{430}\u{443}\u{440}\u{430}l <u>",
];

/// The corpus in few pieces that are as long as a name may be, for pages that take many steps to come to.
fn packs() -> Vec<String> {
    let mut packs = vec![String::new()];
    for words in CORPUS {
        if packs.last().is_some_and(|pack| pack.chars().count() + words.chars().count() > 100) {
            packs.push(String::new());
        }
        packs.last_mut().expect("there is one").push_str(words);
    }
    packs
}

/// What a browser may run, read or load when a link is followed.
const SCHEMES: [&str; 12] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "javascript://app.example.test/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "blob:https://app.example.test/x",
    "filesystem:https://app.example.test/x",
    "view-source:https://app.example.test/",
    "//app.example.test/",
];

/// Asserts that nothing on the page runs but our own module, and nothing leads to where something would.
#[track_caller]
pub(crate) fn assert_harmless(url: &str, body: &str, policy: &str) {
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{url}: {policy}");
    let html = Html::parse_document(body);
    let everything = Selector::parse("*").expect("a selector");
    for element in html.select(&everything) {
        let name = element.value().name();
        let what = format!("{url}: {}", element.html().chars().take(200).collect::<String>());
        assert!(!matches!(name, "iframe" | "object" | "embed" | "base" | "style" | "template" | "math"), "{what}");
        if name == "script" {
            assert!(element.text().all(|text| text.trim().is_empty()), "{what}");
        }
        for (attribute, value) in element.value().attrs() {
            assert!(!attribute.starts_with("on") && !matches!(attribute, "style" | "srcdoc" | "http-equiv"), "{what}");
            if matches!(attribute, "href" | "src" | "action" | "formaction" | "xlink:href") {
                let own = value.is_empty() || (value.starts_with(['/', '#', '?']) && !value.starts_with("//"));
                assert!(own || value.starts_with("https://"), "{attribute}: {what}");
            }
        }
    }
}

#[track_caller]
fn assert_page(page: &Page) {
    assert!(page.answer.status.as_u16() < 500, "{}: {}", page.url, page.answer.body);
    if page.answer.header("content-type").starts_with("text/html") {
        assert_harmless(&page.url, &page.answer.body, page.answer.header("content-security-policy"));
    } else {
        let kind = page.answer.header("content-type");
        let is_plain = kind.is_empty() || ["text/plain", "application/"].iter().any(|known| kind.starts_with(known));
        assert!(is_plain && page.answer.header("x-content-type-options") == "nosniff", "{}: {kind}", page.url);
    }
}

/// Asserts that the page says `words` as text or in a field, letter by letter.
#[track_caller]
fn assert_says(page: &Page, words: &str) {
    let html = Html::parse_document(&page.answer.body);
    let everything = Selector::parse("*").expect("a selector");
    let text: String = html.root_element().text().collect();
    let is_field = html.select(&everything).any(|one| one.value().attrs().any(|(_, value)| value.contains(words)));
    assert!(text.contains(words) || is_field, "{} does not say {words}: {}", page.url, page.answer.body);
}

/// An app of whose strings each is `words`.
async fn app_that_says(world: &World, words: &str) -> App {
    world
        .app_with(ClientKind::Web, |client| {
            words.clone_into(&mut client.profile.name);
            words.clone_into(&mut client.profile.description);
            client.profile.links.developer_name = Some(words.to_owned());
            client.profile.links.developer_email = Some(words.to_owned());
            client.profile.links.privacy_policy_url = Some(format!("https://app.example.test/?{}", form(&[("x", words)])));
            client.profile.links.description_url = Some(format!("https://app.example.test/?{words}"));
            client.profile.links.terms_of_service_url = Some(format!("https://app.example.test/#{words}"));
            client.profile.redirect_uris.push(RedirectUri::from_registered(format!("https://app.example.test/cb?{words}")));
        })
        .await
}

/// `words` where credentials, keys and key sets have some.
async fn annotate(world: &World, words: &str) {
    let quoted = words.replace('\'', "''");
    for statement in [
        format!("UPDATE credentials SET note = left('{quoted}', 64)"),
        format!("UPDATE client_jwks SET attempted_at = TIMESTAMPTZ '2026-03-01 11:00:00Z', problem = '{quoted}'"),
    ] {
        assert_eq!(world.refused_sql(&statement).await, None);
    }
    world.deps.clients.forget_all();
}

fn question(app: &App) -> String {
    let (_, challenge) = pkce();
    authorize_url(&[
        ("client_id", &app.client_id),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ])
}

/// `words` in the names of org and person and as what the browser says about itself.
async fn rename(world: &World, words: &str) {
    let quoted = words.replace('\'', "''");
    for statement in [
        format!("UPDATE orgs SET name = '{quoted}' WHERE slug = 'acme'"),
        format!("UPDATE users SET name = '{quoted}'"),
        format!("UPDATE browser_sessions SET user_agent = '{quoted}'"),
    ] {
        assert_eq!(world.refused_sql(&statement).await, None);
    }
    world.deps.clients.forget_all();
}

#[tokio::test]
async fn e9_names_and_descriptions_are_text_on_every_page() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let mut owner = Browser::new(&world);
    owner.sign_in("owner@acme.test").await;
    for words in CORPUS {
        rename(&world, words).await;
        let app = app_that_says(&world, words).await;
        let at = format!("/orgs/acme/apps/{}", app.client_id);
        world.key(&app).await;
        annotate(&world, words).await;
        for tab in ["settings", "credentials", "activity", "quickstart", "migration"] {
            let page = owner.open(&format!("{at}/{tab}")).await;
            assert_page(&page);
            assert_says(&page, words);
        }
        let page = owner.open(&question(&app)).await;
        assert_page(&page);
        assert_says(&page, words);
        owner.approve(&question(&app), "owner@acme.test").await;
        let wrong = owner.open(&question(&app).replace("callback", "elsewhere")).await;
        assert_page(&wrong);
        for path in ["/", "/orgs/acme/apps", "/orgs/acme/apps/new", "/orgs/acme/people", "/orgs/acme/audit", "/account", "/account/apps"] {
            let page = owner.open(path).await;
            assert_page(&page);
            assert_says(&page, words);
        }
        let deleted = owner.open(&format!("{at}/settings")).await;
        assert_page(&owner.submit(&deleted, "confirm_name", &[("confirm_name", words)]).await);
        assert_page(&owner.open("/orgs/acme/audit").await);
        assert_page(&owner.open("/orgs/acme/apps").await);
    }
}

/// The path of a route with `segment` in the place of each of its names.
fn filled(path: &str, segment: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { segment } else { part }).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn e9_what_an_address_says_is_text_on_the_page_behind_it() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let app = world.app(ClientKind::Web).await;
    let mut owner = Browser::new(&world);
    owner.sign_in("owner@acme.test").await;
    let at = format!("/orgs/acme/apps/{}", app.client_id);
    for words in CORPUS {
        let sent = form(&[("x", words)]);
        let sent = &sent[2..];
        let segment = sent.replace('+', "%20");
        let shown = rows().into_iter().filter(|row| row.method == Method::GET && row.path.contains('{') && !row.path.contains('*'));
        let mut paths: Vec<String> = shown.map(|row| filled(&row.path, &segment)).collect();
        for query in ["q", "kind", "credential", "attention", "cursor", "sort", "after", "status"] {
            paths.push(format!("/orgs/acme/apps?{query}={sent}"));
        }
        for query in ["q", "cursor", "after"] {
            paths.push(format!("/orgs/acme/people?{query}={sent}"));
        }
        for query in ["actor", "action", "app", "from", "to", "cursor"] {
            paths.push(format!("/orgs/acme/audit?{query}={sent}"));
        }
        paths.push(format!("/orgs/acme/apps/new?kind={sent}"));
        paths.push(format!("{at}/activity?ref={sent}&refused={sent}"));
        paths.push(format!("{at}/activity/{segment}"));
        paths.push(format!("/login?return_to={sent}"));
        for parameter in
            ["client_id", "redirect_uri", "state", "scope", "response_type", "prompt", "code_challenge", "login_hint", "ui_locales"]
        {
            paths.push(format!("/authorize?client_id={}&{parameter}={sent}", if parameter == "client_id" { "" } else { &app.client_id }));
        }
        for path in &paths {
            assert_page(&owner.open(path).await);
            assert_page(&Browser::new(&world).open(path).await);
        }
    }
}

#[tokio::test]
async fn e9_a_refused_form_gives_back_what_was_typed_as_text() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let app = world.app(ClientKind::Web).await;
    let mut owner = Browser::new(&world);
    owner.sign_in("owner@acme.test").await;
    let at = format!("/orgs/acme/apps/{}", app.client_id);
    for words in CORPUS {
        let page = owner.open(&format!("{at}/settings")).await;
        let fields = [("name", words), ("description", words), ("redirect_uris", words), ("privacy_policy_url", words), ("scopes", words)];
        let refused = owner.submit(&page, "redirect_uris", &fields).await;
        assert_eq!(refused.answer.status, 422);
        assert_page(&refused);
        assert_says(&refused, words);
        let long = words.repeat(20);
        let page = owner.open(&format!("{at}/credentials")).await;
        assert_page(&owner.submit(&page, "note", &[("note", &long)]).await);
        let page = owner.open(&format!("{at}/settings")).await;
        assert_page(&owner.submit(&page, "confirm_name", &[("confirm_name", words)]).await);
        let page = owner.open("/orgs/acme/people").await;
        assert_page(&owner.submit(&page, "role", &[("email", words), ("role", words)]).await);
        let mut stranger = Browser::new(&world);
        for (path, field) in [("/login", "password"), ("/forgot", "email")] {
            let page = stranger.open(path).await;
            if page.form(field).is_some() {
                assert_page(&stranger.submit(&page, field, &[("email", words), ("password", PASSWORD)]).await);
            }
        }
    }
}

#[tokio::test]
async fn e9_what_the_operator_wrote_about_scopes_is_text() {
    for words in CORPUS {
        let mut policy = policy();
        words.clone_into(&mut policy.brand_name);
        for api in &mut policy.apis {
            words.clone_into(&mut api.name);
            for scope in &mut api.scopes {
                words.clone_into(&mut scope.title);
                words.clone_into(&mut scope.description);
            }
        }
        let world = World::with(policy).await;
        world.person(Role::Owner).await;
        let app = world.app(ClientKind::Web).await;
        let mut owner = Browser::new(&world);
        owner.sign_in("owner@acme.test").await;
        for path in [question(&app), format!("/orgs/acme/apps/{}/settings", app.client_id), "/docs/api".to_owned(), "/account".to_owned()] {
            let page = owner.open(&path).await;
            assert_page(&page);
            assert_says(&page, words);
        }
    }
}

#[tokio::test]
async fn e9_ten_thousand_characters_are_refused_or_shown_and_never_too_much() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let app = world.app(ClientKind::Web).await;
    let mut owner = Browser::new(&world);
    owner.sign_in("owner@acme.test").await;
    let long = "<b>".repeat(3_334);
    // A line of a request has at most 64 KiB, which four names of this length fill nearly.
    let segment = format!("{}{}", "%3Cb%3E".repeat(1_000), "b".repeat(7_000));
    let at = format!("/orgs/acme/apps/{}", app.client_id);
    for row in rows().into_iter().filter(|row| row.method == Method::GET && row.path.contains('{')) {
        assert_page(&owner.open(&filled(&row.path, &segment)).await);
    }
    for (path, named) in [("settings", "version"), ("credentials", "note"), ("quickstart", "scope")] {
        let page = owner.open(&format!("{at}/{path}")).await;
        for field in ["name", "description", "redirect_uris", "terms_of_service_url", "note", "scope"]
            .into_iter()
            .filter(|field| page.asks_for(field))
        {
            let refused = owner.submit(&page, named, &[(field, &long)]).await;
            assert_eq!(refused.answer.status, 422, "{field} at {}", refused.url);
            assert_page(&refused);
        }
    }
    let page = owner.open("/orgs/acme/people").await;
    assert_page(&owner.submit(&page, "role", &[("email", &long)]).await);
    assert_page(&owner.open(&format!("/orgs/acme/apps?q={segment}")).await);
    assert_eq!(world.record(&app).await.client.version, 1);
}
