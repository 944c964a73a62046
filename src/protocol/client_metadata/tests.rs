//! The table of registration (C4, C5), texts (E9), links (E10), scopes and lifetimes.

use crate::model::client::{ClientKind, ClientProfile};
use crate::model::client_draft::ClientDraft;
use crate::model::field_error::FieldError;
use crate::model::scope::ScopeSet;
use crate::protocol::client_metadata::{
    RedirectUriFault, ScopeRules, changes_identity, check, check_redirect_uri, lapses_verification, warnings,
};

fn set(scopes: &[&str]) -> ScopeSet {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

fn rules() -> ScopeRules {
    let management = set(&["apps:read", "apps:write"]);
    ScopeRules {
        known: set(&["projects:read"]).union(&management),
        grantable: management.clone(),
        management,
        held: ScopeSet::default(),
        password_grant: true,
        loopback_keys: false,
    }
}

fn draft(kind: ClientKind) -> ClientDraft {
    let redirect_uris = if kind.has_users() { vec!["https://app.example/cb".to_owned()] } else { Vec::new() };
    ClientDraft { name: "Portal".to_owned(), redirect_uris, ..ClientDraft::defaults(kind) }
}

fn checked(kind: ClientKind, draft: ClientDraft) -> ClientProfile {
    check(kind, draft, &rules()).expect("the draft is good")
}

fn errors(kind: ClientKind, change: impl FnOnce(&mut ClientDraft)) -> Vec<(String, &'static str)> {
    let mut draft = draft(kind);
    change(&mut draft);
    let errors = check(kind, draft, &rules()).expect_err("the draft is bad");
    errors.into_iter().map(|FieldError { field, code, .. }| (field, code)).collect()
}

#[test]
fn r76_the_password_grant_is_for_apps_that_keep_a_secret_where_the_server_offers_it() {
    let asked = |kind| ClientDraft { allow_password_grant: true, ..draft(kind) };
    for kind in [ClientKind::Web, ClientKind::M2m] {
        assert!(!ClientDraft::defaults(kind).allow_password_grant && !checked(kind, draft(kind)).allow_password_grant);
        let profile = checked(kind, asked(kind));
        assert!(profile.allow_password_grant && warnings(&profile).len() == 1);
    }
    let told = |kind, rules: &ScopeRules| check(kind, asked(kind), rules).expect_err("refused").remove(0);
    assert_eq!(told(ClientKind::Spa, &rules()).code, "not_for_kind");
    let without = ScopeRules { password_grant: false, ..rules() };
    let error = told(ClientKind::Web, &without);
    assert_eq!((&*error.field, error.code), ("allow_password_grant", "not_available"));
}

#[test]
fn c4_registration_takes_https_and_loopback_ips() {
    for uri in [
        "https://app.example",
        "https://app.example/",
        "https://app.example/cb?tenant=7",
        "https://app.example?tenant=7",
        "https://app.example:8443/cb",
        "https://xn--bcher-kva.example/cb",
        "https://app.example/a%20b",
        "https://localhost/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:3000/cb",
        "http://[::1]/cb",
        "http://[::1]:49152/cb",
    ] {
        assert_eq!(check_redirect_uri(uri, false), Ok(()), "{uri}");
    }
    assert_eq!(check_redirect_uri("http://localhost:3000/cb", true), Ok(()));
}

#[test]
fn c4_registration_refuses_what_a_browser_or_an_attacker_could_bend() {
    use RedirectUriFault as Fault;
    let table = [
        ("", Fault::Empty),
        ("https://app.example/cb#top", Fault::Fragment),
        ("https://app.example/cb#", Fault::Fragment),
        ("/cb", Fault::Scheme),
        ("//app.example/cb", Fault::Scheme),
        ("app.example/cb", Fault::Scheme),
        ("https:/app.example/cb", Fault::Scheme),
        ("https:app.example/cb", Fault::Scheme),
        ("https://", Fault::Malformed),
        ("https:///cb", Fault::Malformed),
        ("https://?tenant=7", Fault::Malformed),
        ("https://app.example:99999/cb", Fault::Malformed),
        ("https://*.app.example/cb", Fault::Wildcard),
        ("https://app.example/*", Fault::Wildcard),
        ("javascript:alert(1)", Fault::Scheme),
        ("javascript://app.example/%0aalert(1)", Fault::Scheme),
        ("JaVaScRiPt://app.example/x", Fault::Scheme),
        ("data:text/html,x", Fault::Scheme),
        ("vbscript:x", Fault::Scheme),
        ("file:///etc/passwd", Fault::Scheme),
        ("blob:https://app.example/x", Fault::Scheme),
        ("about:blank", Fault::Scheme),
        ("ws://app.example/cb", Fault::Scheme),
        ("wss://app.example/cb", Fault::Scheme),
        ("HTTPS://app.example/cb", Fault::Scheme),
        ("com.example.app:/cb", Fault::Scheme),
        ("com.example.app://cb", Fault::Scheme),
        (" https://app.example/cb", Fault::Characters),
        ("https://app.example/cb ", Fault::Characters),
        ("\thttps://app.example/cb", Fault::Characters),
        ("https://app.example/c\nb", Fault::Characters),
        ("https://app.example/c\u{0}b", Fault::Characters),
        ("https://b\u{fc}cher.example/cb", Fault::Characters),
        ("https://app.example\\@evil.example/cb", Fault::Characters),
        ("https://app.example@evil.example/cb", Fault::Userinfo),
        ("https://@app.example/cb", Fault::Userinfo),
        ("https://user:word@app.example/cb", Fault::Userinfo),
        ("http://app.example/cb", Fault::PlainHttp),
        ("http://127.0.0.1.evil.example/cb", Fault::PlainHttp),
        ("http://localhost.evil.example/cb", Fault::PlainHttp),
        ("http://10.0.0.1/cb", Fault::PlainHttp),
        ("http://0.0.0.0/cb", Fault::PlainHttp),
        ("http://localhost/cb", Fault::Localhost),
    ];
    for (uri, fault) in table {
        assert_eq!(check_redirect_uri(uri, false), Err(fault), "{uri}");
    }
    for uri in [
        "https://App.example/cb",
        "https://app.example:443/cb",
        "https://app.example/a/../cb",
        "https://app.example/a/%2e%2e/cb",
        "http://2130706433/cb",
        "http://127.1/cb",
    ] {
        assert!(matches!(check_redirect_uri(uri, false), Err(Fault::NotNormal(_))), "{uri}");
    }
    assert_eq!(check_redirect_uri(&format!("https://app.example/{}", "a".repeat(2_048)), false), Err(Fault::TooLong));
}

#[test]
fn c5_a_redirect_uri_must_not_bring_the_answers_own_parameters() {
    for name in ["code", "state", "iss", "error", "response", "c%6Fde"] {
        let uri = format!("https://app.example/cb?tenant=7&{name}=1");
        assert_eq!(check_redirect_uri(&uri, false), Err(RedirectUriFault::ResponseParameter), "{uri}");
    }
    assert_eq!(check_redirect_uri("https://app.example/cb?encode=1&Code=1", false), Ok(()));
}

#[test]
fn r73_six_callbacks_and_up_to_fifty_redirect_uris_are_accepted_and_the_rest_told_one_by_one() {
    let many = |count: usize| (0..count).map(|at| format!("https://app.example/{at}")).collect::<Vec<_>>();
    assert_eq!(checked(ClientKind::Web, ClientDraft { redirect_uris: many(50), ..draft(ClientKind::Web) }).redirect_uris.len(), 50);
    assert_eq!(errors(ClientKind::Web, |draft| draft.redirect_uris = many(51)), [("redirect_uris".to_owned(), "too_many")]);
    let uris = ["https://a.example/", "http://a.example/", "https://a.example/", "https://a.example/#"].map(str::to_owned).to_vec();
    let found = errors(ClientKind::Spa, |draft| draft.redirect_uris = uris);
    let expected = [("redirect_uris[1]", "not_https"), ("redirect_uris[2]", "duplicate"), ("redirect_uris[3]", "fragment")];
    assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code)));
    assert_eq!(errors(ClientKind::Web, |draft| draft.redirect_uris.clear()), [("redirect_uris".to_owned(), "required")]);
}

#[test]
fn e9_names_are_trimmed_bounded_and_free_of_invisible_characters() {
    let name = |name: &str| ClientDraft { name: name.to_owned(), ..draft(ClientKind::Web) };
    assert_eq!(checked(ClientKind::Web, name("  Brand Portal\t")).name, "Brand Portal");
    assert_eq!(checked(ClientKind::Web, name("<img onerror=x> \"><svg {{7*7}}")).name, "<img onerror=x> \"><svg {{7*7}}");
    assert_eq!(checked(ClientKind::Web, name(&"\u{e9}".repeat(100))).name.chars().count(), 100);
    for hidden in ['\u{202e}', '\u{200b}', '\u{200d}', '\u{2066}', '\u{feff}', '\u{0}', '\u{7f}', '\u{e0041}', '\u{2028}'] {
        let found = errors(ClientKind::Web, |draft| draft.name = format!("Brand{hidden}Portal"));
        assert_eq!(found, [("name".to_owned(), "hidden_characters")], "{hidden:?}");
    }
    assert_eq!(errors(ClientKind::Web, |draft| draft.name = " \t ".to_owned()), [("name".to_owned(), "required")]);
    assert_eq!(errors(ClientKind::Web, |draft| draft.name = "a".repeat(10_000)), [("name".to_owned(), "too_long")]);
    assert_eq!(errors(ClientKind::Web, |draft| draft.description = "a".repeat(1_001)), [("description".to_owned(), "too_long")]);
    let lines = ClientDraft { description: "one\r\ntwo".to_owned(), ..draft(ClientKind::Web) };
    assert_eq!(checked(ClientKind::Web, lines).description, "one\ntwo");
}

#[test]
fn e10_links_are_https_only_and_the_developers_address_is_one() {
    for link in
        ["http://a.example/", "javascript:alert(1)", "//a.example", "https://", "https://u:p@a.example/", "https://a.example/\u{202e}"]
    {
        let found = errors(ClientKind::Web, |draft| draft.links.privacy_policy_url = Some(link.to_owned()));
        assert_eq!(found, [("links.privacy_policy_url".to_owned(), "not_https")], "{link}");
    }
    let found = errors(ClientKind::Web, |draft| draft.links.developer_email = Some("nobody".to_owned()));
    assert_eq!(found, [("links.developer_email".to_owned(), "not_an_email")]);
    let mut emptied = draft(ClientKind::Web);
    emptied.links.description_url = Some(" ".to_owned());
    assert_eq!(checked(ClientKind::Web, emptied).links.description_url, None);
}

#[test]
fn scopes_are_known_and_those_of_the_management_api_only_go_to_machines() {
    let scopes = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        errors(ClientKind::Web, |draft| draft.scopes = scopes(&["projects:read", "nope"])),
        [("scopes[1]".to_owned(), "unknown_scope")]
    );
    assert_eq!(errors(ClientKind::Web, |draft| draft.scopes = scopes(&["apps:read"])), [("scopes[0]".to_owned(), "not_for_kind")]);
    let machine = ClientDraft { scopes: scopes(&["apps:read"]), ..draft(ClientKind::M2m) };
    assert_eq!(checked(ClientKind::M2m, machine.clone()).scopes, set(&["apps:read"]));
    let weak = ScopeRules { grantable: ScopeSet::default(), ..rules() };
    assert_eq!(check(ClientKind::M2m, machine.clone(), &weak).expect_err("a way up")[0].code, "not_grantable");
    let holding = ScopeRules { held: set(&["apps:read"]), ..weak };
    assert!(check(ClientKind::M2m, machine, &holding).is_ok());
}

#[test]
fn r83_access_tokens_live_from_five_minutes_to_ninety_days() {
    for seconds in [300, 1_800, 86_400, 7_776_000] {
        let draft = ClientDraft { access_token_lifetime: seconds, ..draft(ClientKind::Web) };
        assert_eq!(i64::from(checked(ClientKind::Web, draft).access_token_lifetime), seconds);
    }
    for seconds in [299, 0, -1, 7_776_001, i64::MAX] {
        let found = errors(ClientKind::Web, |draft| draft.access_token_lifetime = seconds);
        assert_eq!(found, [("access_token_lifetime".to_owned(), "out_of_range")]);
    }
    assert_eq!(ClientDraft::defaults(ClientKind::Web).access_token_lifetime, 3_600);
    assert_eq!(ClientDraft::defaults(ClientKind::M2m).access_token_lifetime, 86_400);
}

#[test]
fn refresh_limits_are_positive_or_none_and_a_useless_idle_limit_is_only_remarked() {
    let found = errors(ClientKind::Web, |draft| {
        draft.refresh_tokens.retry_window = 20;
        draft.refresh_tokens.absolute_lifetime = Some(0);
        draft.refresh_tokens.idle_lifetime = Some(i64::MAX);
    });
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["refresh_tokens.retry_window", "refresh_tokens.absolute_lifetime", "refresh_tokens.idle_lifetime"]);
    let mut equal = draft(ClientKind::Web);
    equal.refresh_tokens.idle_lifetime = equal.refresh_tokens.absolute_lifetime;
    assert_eq!(warnings(&checked(ClientKind::Web, equal)).len(), 1);
    let mut forever = draft(ClientKind::Web);
    forever.refresh_tokens.idle_lifetime = None;
    forever.refresh_tokens.absolute_lifetime = None;
    assert!(warnings(&checked(ClientKind::Web, forever)).is_empty());
}

#[test]
fn kinds_have_what_they_must_and_nothing_else() {
    let mut lax = draft(ClientKind::Spa);
    lax.require_pkce = false;
    lax.refresh_tokens.rotation = false;
    let spa = checked(ClientKind::Spa, lax);
    assert!(spa.require_pkce && spa.refresh_tokens.rotation);
    let found = errors(ClientKind::M2m, |draft| {
        draft.redirect_uris = vec!["https://app.example/cb".to_owned()];
        draft.refresh_tokens.enabled = true;
    });
    let expected = [("redirect_uris", "not_for_kind"), ("refresh_tokens.enabled", "not_for_kind")];
    assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code)));
    assert!(!checked(ClientKind::M2m, draft(ClientKind::M2m)).refresh_tokens.enabled);
}

#[test]
fn what_users_saw_on_the_consent_page_is_the_identity() {
    let old = checked(ClientKind::Web, draft(ClientKind::Web));
    let renamed = ClientProfile { name: "Other".to_owned(), ..old.clone() };
    let slower = ClientProfile { access_token_lifetime: 300, ..old.clone() };
    assert!(changes_identity(&old, &renamed));
    assert!(!changes_identity(&old, &slower));
}

#[test]
fn what_the_operator_looked_at_is_the_name_the_links_and_the_sites() {
    let uris = |uris: &[&str]| draft_with(&|draft| draft.redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect());
    let old = uris(&["https://app.example/cb", "http://127.0.0.1/cb"]);
    for same in [&["https://app.example/cb"][..], &["https://app.example/other", "http://127.0.0.1/x"]] {
        assert!(!lapses_verification(&old, &uris(same)), "{same:?}");
    }
    for other in ["https://app.example.evil/cb", "https://app.example:8443/cb", "http://[::1]/cb", "https://sub.app.example/cb"] {
        assert!(lapses_verification(&old, &uris(&["https://app.example/cb", other])), "{other}");
    }
    let plain = draft_with(&|_| {});
    assert!(lapses_verification(&plain, &draft_with(&|draft| draft.name = "Other".to_owned())));
    let linked = draft_with(&|draft| draft.links.terms_of_service_url = Some("https://app.example/terms".to_owned()));
    assert!(lapses_verification(&plain, &linked) && lapses_verification(&linked, &plain));
    assert!(!lapses_verification(&plain, &draft_with(&|draft| draft.description = "Other".to_owned())));
}

fn draft_with(change: &dyn Fn(&mut ClientDraft)) -> ClientProfile {
    let mut draft = draft(ClientKind::Web);
    change(&mut draft);
    checked(ClientKind::Web, draft)
}
