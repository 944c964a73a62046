//! What the consent and login pages promise.

use askama::Template as _;
use grantor::web::views::{
    consent::show::{ConsentPage, Lasts},
    errors::authorize::AuthorizeErrorPage,
    login::LoginPage,
    mark::OutsideLink,
};
use scraper::{Html, Selector};

fn words(html: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let selector = Selector::parse(selector).expect("a good selector");
    page.select(&selector).map(|part| part.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn e1_consent_names_the_app_its_org_the_host_each_scope_and_the_duration() {
    let html = ConsentPage::sample().render().expect("renders");
    assert_eq!(words(&html, "h1"), ["Brand Portal asks for access to your account"]);
    let main = words(&html, "main").join(" ");
    for part in [
        "Registered by Acme Studios",
        "See your projects",
        "Upload and replace files Sensitive",
        "For 180 days, or until it has not been used for 30 days.",
        "ada@acme.example",
    ] {
        assert!(main.contains(part), "{part} in {main}");
    }
    assert_eq!(words(&html, "strong.host"), ["portal.acme.example"]);
    assert!(words(&html, ".scopes li")[0].contains("Sensitive"), "the sensitive scope comes first");
}

#[test]
fn r9_the_page_links_what_the_app_publishes_about_itself() {
    let html = ConsentPage::sample().render().expect("renders");
    let below = words(&html, ".below").join(" ");
    for part in ["From Brand Portal :", "what it is", "privacy policy", "terms of service"] {
        assert!(below.contains(part), "{part} in {below}");
    }
    let silent = ConsentPage { about: None, privacy_policy: None, terms_of_service: None, ..ConsentPage::sample() };
    assert!(words(&silent.render().expect("renders"), ".below").is_empty());
}

#[test]
fn e12_nothing_on_the_consent_page_has_the_focus_and_sign_in_begins_at_its_first_field() {
    let focused = |html: &str| {
        let page = Html::parse_document(html);
        let selector = Selector::parse("[autofocus]").expect("a good selector");
        page.select(&selector).map(|field| field.attr("id").unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let consent = ConsentPage::sample().render().expect("renders");
    assert!(focused(&consent).is_empty());
    assert_eq!(words(&consent, ".decision button"), ["Cancel", "Allow"], "of one form and one weight");
    assert_eq!(consent.matches("class=\"button even\"").count(), 2);
    assert_eq!(focused(&LoginPage::sample().render().expect("renders")), ["email"]);
    assert_eq!(focused(&LoginPage::sample_refused().render().expect("renders")), ["password"], "the address is kept");
}

#[test]
fn a_permission_without_limits_says_that_it_lasts_until_it_is_ended() {
    assert_eq!(Lasts::Refreshable { absolute: None, idle: None }.text(), "Until you end it.");
    assert_eq!(Lasts::OneToken(3_600).text(), "For 1 hour, then it has to ask again.");
}

#[test]
fn e9_whatever_an_app_calls_itself_is_text() {
    for hostile in ["<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "{{7*7}}", "\u{202e}evil", "a\u{200b}b"] {
        let mut page = ConsentPage::sample();
        page.app.name = hostile.into();
        page.description = hostile.into();
        page.org_name = hostile.into();
        let html = page.render().expect("renders");
        let parsed = Html::parse_document(&html);
        let bad = Selector::parse("main img, [onerror], [onload]").expect("a good selector");
        assert_eq!(parsed.select(&bad).count(), 0, "{hostile}");
        assert!(words(&html, "h1 bdi")[0].contains(hostile.trim()), "{hostile} is shown as it is, set apart from its surroundings");
    }
}

#[test]
fn e10_only_https_links_of_an_app_become_links_and_they_tell_nothing() {
    for refused in ["http://acme.example/", "javascript:alert(1)", "data:text/html,x", "//acme.example", "acme"] {
        assert_eq!(OutsideLink::new(refused), None, "{refused}");
    }
    let html = ConsentPage::sample().render().expect("renders");
    let page = Html::parse_document(&html);
    let links = Selector::parse("a[href^='https://acme.example/']").expect("a good selector");
    assert_eq!(page.select(&links).count(), 3);
    for link in page.select(&links) {
        assert_eq!(link.attr("rel"), Some("noopener noreferrer"));
    }
}

#[test]
fn e13_login_and_consent_have_stable_names() {
    let page = Html::parse_document(&LoginPage::sample().render().expect("renders"));
    for field in ["csrf", "return_to", "email", "password"] {
        let selector = Selector::parse(&format!("form[action='/login'] input[name={field}]")).expect("a good selector");
        assert_eq!(page.select(&selector).count(), 1, "{field}");
    }
    let page = Html::parse_document(&ConsentPage::sample().render().expect("renders"));
    for decision in ["allow", "deny"] {
        let selector = Selector::parse(&format!("form.decision button.even[name=decision][value={decision}]:not([autofocus])"));
        assert_eq!(page.select(&selector.expect("a good selector")).count(), 1, "{decision}");
    }
}

#[test]
fn what_is_registered_is_not_told_to_outsiders() {
    let html = AuthorizeErrorPage::sample_outsider().render().expect("renders");
    let main = words(&html, "main").join(" ");
    assert!(!main.contains("What was sent") && !main.contains("Registered redirect URIs"), "{main}");
    assert!(main.contains("the developer of the app"), "{main}");
}
