//! The checker: the same verdict as the door's, every check told, and nothing kept or used up.

use axum::http::Method;
use grantor::model::membership::Role;
use serde_json::{Value, json};

use crate::apps::{APPS, manager};
use crate::assertions::{DOORS, Door, Machine};
use crate::kit::browser::Browser;
use crate::kit::signer::{Pair, b64};

const fn profile(door: Door) -> &'static str {
    match door {
        Door::Client => "client_assertion",
        Door::Grant => "jwt_bearer",
        Door::Workfront => "workfront_exchange",
        Door::Ims => "ims_exchange",
    }
}

/// Asks the API about an assertion.
async fn ask(machine: &Machine, token: &str, door: Door, assertion: &str) -> Value {
    let path = format!("{APPS}/{}/assertion-check", machine.app.client_id);
    let body = json!({ "profile": profile(door), "assertion": assertion });
    machine.world.api(Method::POST, &path, token, Some(&body)).await.expect(200).json()
}

async fn reader(machine: &Machine) -> String {
    let manager = manager(&machine.world).await;
    machine.world.machine_token(&manager, "apps:read").await
}

/// The check that fails.
fn fault(report: &Value) -> &Value {
    let checks = report["checks"].as_array().expect("checks");
    let failed: Vec<_> = checks.iter().filter(|check| check["result"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{report}");
    let at = checks.iter().position(|check| check["result"] == "failed").expect("the one");
    assert!(checks[..at].iter().all(|check| check["result"] == "passed"), "{report}");
    assert!(checks[at + 1..].iter().all(|check| check["result"] == "not_reached" && check["came"] == ""), "{report}");
    failed[0]
}

#[tokio::test]
async fn an_assertion_that_was_checked_still_works_at_its_door_and_a_used_one_is_told() {
    let machine = Machine::new().await;
    let token = reader(&machine).await;
    for door in DOORS {
        let assertion = match door {
            Door::Ims => machine.signed(door, "", |claims| {
                claims.insert("jti".to_owned(), json!(7));
            }),
            _ => machine.assertion(door, &format!("{door:?}")),
        };
        for _ in 0..2 {
            let report = ask(&machine, &token, door, &assertion).await;
            assert_eq!(
                (&report["accepted"], &report["verified"], &report["refusal"]),
                (&json!(true), &json!(true), &Value::Null),
                "{report}"
            );
            assert_eq!(report["header"]["alg"], "RS256");
            assert!(report["checks"].as_array().expect("checks").iter().all(|check| check["result"] == "passed"), "{report}");
        }
        machine.show(door, &assertion).await.expect(200);
        let report = ask(&machine, &token, door, &assertion).await;
        assert_eq!(fault(&report)["check"], "replay", "{report}");
        let unknown_kid = machine.signed(door, &format!("{door:?} kid"), |_| ());
        assert_eq!(ask(&machine, &token, door, &format!(" {unknown_kid}\n")).await["accepted"], true, "a paste has blanks around it");
    }
    assert_eq!(machine.world.count("SELECT count(*) FROM assertion_uses").await, 4, "the doors' own");
}

/// What is wrong, the check that must fail, by how many seconds, and a part of what was expected.
type Case = (&'static str, String, &'static str, Option<i64>, &'static str);

fn cases(machine: &Machine, door: Door) -> Vec<Case> {
    let now = machine.now();
    let with = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| machine.signed(door, "case", |claims| change(claims));
    let good = machine.assertion(door, "case");
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let claims = Value::Object(machine.claims(door, "case")).to_string();
    let headed = |header: &str| Pair::Rsa.get().jws(header, &claims);
    let flipped = format!("{signed}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    vec![
        ("expired", with(&|claims| claims["exp"] = json!(now - 5)), "exp", Some(6), "after 2026-03-01T12:00:00Z"),
        ("expired now", with(&|claims| claims["exp"] = json!(now)), "exp", Some(1), "seconds"),
        ("milliseconds", with(&|claims| claims["exp"] = json!(now * 1000)), "exp", None, "seconds"),
        ("lives too long", with(&|claims| claims["exp"] = json!(now + 400_000)), "lifetime", Some(0), "exp at most"),
        ("not yet", with(&|claims| drop(claims.insert("nbf".into(), json!(now + 1000)))), "nbf", Some(0), "before"),
        ("made in the future", with(&|claims| drop(claims.insert("iat".into(), json!(now + 1000)))), "iat", Some(0), "before"),
        ("no issuer", with(&|claims| drop(claims.remove("iss"))), "iss", None, ""),
        ("another subject", with(&|claims| claims["sub"] = json!("nobody")), "sub", None, ""),
        (
            "another audience",
            with(&|claims| drop(claims.insert("aud".into(), json!("https://other.example.test")))),
            "aud",
            None,
            "https://auth.example.test",
        ),
        ("signed by a stranger", machine.signed_by(Pair::OtherRsa.get(), door, "case", |_| ()), "signature", None, "one of these keys"),
        ("a broken signature", flipped, "signature", None, ""),
        ("no algorithm", headed(r#"{"typ":"JWT"}"#), "alg", None, "RS256"),
        ("alg none", headed(r#"{"alg":"none"}"#), "alg", None, "RS256"),
        ("a key that is not there", headed(r#"{"alg":"RS256","kid":"nobody","crit":["x"],"x":1}"#), "crit", None, "no crit"),
        ("another kind", headed(r#"{"alg":"RS256","typ":"at+jwt"}"#), "typ", None, "JWT"),
        ("two parts", "abc.def".to_owned(), "form", None, "three base64url parts"),
        ("no base64url", format!("{signed}.a=="), "form", None, ""),
        ("no JSON", format!("{}.{}.c2ln", b64("{"), b64("{}")), "header", None, "a JSON object"),
        ("a list of claims", format!("{}.{}.c2ln", b64(r#"{"alg":"RS256"}"#), b64("[]")), "claims", None, "a JSON object"),
        ("too long", "a".repeat(16 * 1024 + 1), "size", None, "at most 16384 bytes"),
    ]
}

#[tokio::test]
async fn every_kind_of_failure_is_told_with_what_was_expected_and_as_the_door_answers_it() {
    let machine = Machine::new().await;
    let token = reader(&machine).await;
    for door in DOORS {
        for (what, assertion, check, seconds, expected) in cases(&machine, door) {
            let report = ask(&machine, &token, door, &assertion).await;
            let failed = fault(&report);
            // `sub` of Workfront's exchange is a person, who is asked for last.
            let check = if (door, what) == (Door::Workfront, "another subject") { "sub" } else { check };
            assert_eq!(failed["check"], check, "{door:?} {what}: {report}");
            match seconds {
                Some(0) => assert!(failed["seconds_off"].as_i64().is_some_and(|seconds| seconds > 0), "{door:?} {what}: {failed}"),
                seconds => assert_eq!(failed["seconds_off"].as_i64(), seconds, "{door:?} {what}: {failed}"),
            }
            assert!(failed["expected"].as_str().is_some_and(|text| text.contains(expected)), "{door:?} {what}: {failed}");
            assert!(failed["cause"].is_string() && report["accepted"] == false);
            let answer = machine.show(door, &assertion).await;
            assert_eq!(answer.text("error"), report["refusal"]["error"].as_str().expect("a code"), "{door:?} {what}");
        }
    }
    assert_eq!(machine.world.count("SELECT count(*) FROM assertion_uses").await, 0, "nothing failed was used up");
}

#[tokio::test]
async fn the_checker_says_so_when_every_key_was_revoked_and_writes_nothing_down() {
    let machine = Machine::new().await;
    let token = reader(&machine).await;
    let marked = machine.signed(Door::Client, "a word that nobody else writes", |_| ());
    let before = machine.world.count("SELECT count(*) FROM audit_events").await;
    ask(&machine, &token, Door::Client, &marked).await;
    machine.world.sql("UPDATE credentials SET revoked_at = created_at WHERE kind = 'key'").await;
    let report = ask(&machine, &token, Door::Client, &marked).await;
    let failed = fault(&report);
    assert_eq!((&failed["check"], &report["verified"]), (&json!("key"), &json!(false)));
    assert!(failed["cause"].as_str().expect("a cause").contains("revoked"), "{failed}");
    assert_eq!(report["claims"]["jti"], "a word that nobody else writes", "their own people may read it");
    assert_eq!(machine.world.count("SELECT count(*) FROM audit_events").await, before);
    assert_eq!(machine.world.count("SELECT count(*) FROM assertion_uses").await, 0);
}

#[tokio::test]
async fn a_developer_checks_on_the_page_and_reads_what_is_wrong_by_how_much() {
    let machine = Machine::new().await;
    machine.world.person(Role::Developer).await;
    let mut browser = Browser::new(&machine.world);
    browser.sign_in("developer@acme.test").await;
    let path = format!("/orgs/acme/apps/{}/credentials/check", machine.app.client_id);
    let form = browser.open(&path).await;
    let good = machine.assertion(Door::Client, "page");
    let told = browser.submit(&form, "assertion", &[("assertion", &good)]).await;
    assert!(told.answer.body.contains("It would be accepted") && told.answer.body.contains("Signed"), "{}", told.answer.body);
    assert_eq!(told.answer.header("cache-control"), "no-store");
    machine.show(Door::Client, &good).await.expect(200);
    let used = browser.submit(&told, "assertion", &[]).await;
    assert!(used.answer.body.contains("used before"), "what was pasted is still there to be checked again");
    let late = machine.signed(Door::Grant, "late", |claims| claims["exp"] = json!(machine.now() - 411));
    let told = browser.submit(&form, "assertion", &[("profile", "jwt_bearer"), ("assertion", &late)]).await;
    for words in ["It would be refused", "412 seconds, about 7 minutes", "invalid_grant", "Not reached"] {
        assert!(told.answer.body.contains(words), "{words}: {}", told.answer.body);
    }
    let hostile = machine.signed_by(Pair::OtherRsa.get(), Door::Client, "<script>alert(1)</script>", |_| ());
    let told = browser.submit(&form, "assertion", &[("assertion", &hostile)]).await;
    assert!(told.answer.body.contains("Not verified") && told.answer.body.contains("alert(1)"));
    assert!(!told.answer.body.contains("<script>alert"));
    for (sent, words) in [(("assertion", " "), "Paste an assertion."), (("profile", "x"), "Choose an endpoint.")] {
        let refused = browser.submit(&form, "assertion", &[("assertion", "x"), sent]).await;
        assert!(refused.answer.status == 422 && refused.answer.body.contains(words), "{words}");
    }
}
