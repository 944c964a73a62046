//! Texts that are no compact JWS.

use crate::assertions::corpus::{Case, Ends, REFUSED, made, parts, payload, text};

/// The form parser refuses it before anybody reads an assertion.
const NO_FORM: Ends = [(400, "invalid_request"); 4];
const TOO_LARGE: Ends = [(413, "invalid_request"); 4];
/// An empty parameter is a missing one.
const MISSING: Ends = [(401, "invalid_client"), (400, "invalid_request"), (400, "invalid_request"), (400, "invalid_token")];

pub(super) fn cases() -> Vec<Case> {
    vec![
        text("nothing", |_| String::new(), MISSING),
        text("a word", |_| "assertion".to_owned(), REFUSED),
        text("words", |_| "not an assertion".to_owned(), REFUSED),
        text("two parts", |good| good.rsplit_once('.').expect("a dot").0.to_owned(), REFUSED),
        text("four parts", |good| format!("{good}.AAAA"), REFUSED),
        text("five parts as of a JWE", |good| format!("{good}.AAAA.AAAA"), REFUSED),
        text("dots alone", |_| "..".to_owned(), REFUSED),
        text("no signature", |good| format!("{}.", good.rsplit_once('.').expect("a dot").0), REFUSED),
        text("no header", |good| format!(".{}", good.split_once('.').expect("a dot").1), REFUSED),
        text(
            "no payload",
            |good| {
                let [header, _, signature] = parts(good);
                format!("{header}..{signature}")
            },
            REFUSED,
        ),
        text("a padded signature", |good| format!("{good}=="), REFUSED),
        text("a padded header", |good| good.replacen('.', "=.", 1), REFUSED),
        text("the standard alphabet", |good| good.replace('-', "+").replace('_', "/"), REFUSED),
        text("a blank before", |good| format!(" {good}"), REFUSED),
        text("a blank behind", |good| format!("{good} "), REFUSED),
        text("a blank within", |good| good.replacen('.', ". ", 1), REFUSED),
        text("a tab within", |good| good.replacen('.', ".\t", 1), REFUSED),
        text("a line break within", |good| good.replacen('.', ".\n", 1), NO_FORM),
        text("a carriage return behind", |good| format!("{good}\r\n"), NO_FORM),
        text("a NUL within", |good| good.replacen('.', ".\0", 1), NO_FORM),
        text("a character that is no base64url", |good| format!("{good}!"), REFUSED),
        text("a letter with an accent", |good| good.replacen('.', ".\u{e9}", 1), REFUSED),
        text("stray bits at the end", with_stray_bits, REFUSED),
        text("escaped dots", |good| good.replace('.', "%2E"), REFUSED),
        text("quotes around", |good| format!("\"{good}\""), REFUSED),
        text("a scheme before", |good| format!("Bearer {good}"), REFUSED),
        text(
            "header and payload exchanged",
            |good| {
                let [header, payload, signature] = parts(good);
                format!("{payload}.{header}.{signature}")
            },
            REFUSED,
        ),
        text(
            "the header twice",
            |good| {
                let [header, _, signature] = parts(good);
                format!("{header}.{header}.{signature}")
            },
            REFUSED,
        ),
        text("the JSON serialization", as_json, REFUSED),
        text("a bare JSON header", |good| format!("{{\"alg\":\"RS256\"}}.{}", good.split_once('.').expect("a dot").1), REFUSED),
        made("an access token of ours in its place", |_, _, _| "gra_0123456789abcdefghijklmnopqrstuv".to_owned(), REFUSED),
        payload("more than 16 KiB", |good| with_ballast(good, 14_000), REFUSED),
        payload("a mebibyte", |good| with_ballast(good, 1_048_576), TOO_LARGE),
        payload("almost 16 KiB", |good| with_ballast(good, 11_000), super::GOOD),
    ]
}

/// The last character of a 2048-bit signature has four bits that mean nothing and must be zero.
fn with_stray_bits(good: &str) -> String {
    let (rest, last) = good.split_at(good.len() - 1);
    let next = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    format!("{rest}{next}")
}

fn as_json(good: &str) -> String {
    let [header, payload, signature] = parts(good);
    serde_json::json!({ "protected": header, "payload": payload, "signature": signature }).to_string()
}

fn with_ballast(good: &str, bytes: usize) -> String {
    format!("{{\"ballast\":\"{}\",{}", "x".repeat(bytes), &good[1..])
}
