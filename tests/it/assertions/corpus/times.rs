//! Times: `exp`, `nbf` and `iat`, their types and how far they are off (G15, G16, R34, R66).

use serde_json::{Value, json};

use crate::assertions::corpus::{Case, EXCHANGES_ONLY, GOOD, MALFORMED, REFUSED, TOKEN_ONLY, at, edit, payload, set, without};

pub(super) fn cases() -> Vec<Case> {
    [expiries(), beginnings("nbf"), beginnings("iat"), lives()].into_iter().flatten().collect()
}

fn expiries() -> Vec<Case> {
    vec![
        without("no exp", "exp", MALFORMED),
        set("exp null", "exp", Value::Null, REFUSED),
        set("exp as text", "exp", json!("9999999999"), REFUSED),
        set("exp as a date", "exp", json!("2026-03-01T12:01:00Z"), REFUSED),
        set("exp true", "exp", json!(true), REFUSED),
        set("exp a list", "exp", json!([9_999_999_999_i64]), REFUSED),
        set("exp an object", "exp", json!({}), REFUSED),
        edit(
            "exp with a fraction",
            |machine, _, claims| {
                claims["exp"] = serde_json::from_str(&format!("{}.5", machine.now() + 60)).expect("a number");
            },
            TOKEN_ONLY,
        ),
        edit("exp in milliseconds", |machine, _, claims| claims["exp"] = json!((machine.now() + 60) * 1_000), MALFORMED),
        set("exp at the greatest integer", "exp", json!(u64::MAX), MALFORMED),
        set("exp at the greatest signed integer", "exp", json!(i64::MAX), MALFORMED),
        set("exp at two to the 53rd", "exp", json!(9_007_199_254_740_993_i64), MALFORMED),
        payload("exp a huge number with an exponent", |good| good.replacen("\"exp\":", "\"exp\":1e300,\"was\":", 1), REFUSED),
        payload("exp beyond all numbers", |good| good.replacen("\"exp\":", "\"exp\":1e400,\"was\":", 1), REFUSED),
        set("exp zero", "exp", json!(0), REFUSED),
        set("exp negative", "exp", json!(-1), REFUSED),
        set("exp at the least integer", "exp", json!(i64::MIN), REFUSED),
        at("exp now", "exp", 0, REFUSED),
        at("exp a second ago", "exp", -1, REFUSED),
        at("exp an hour ago", "exp", -3_600, REFUSED),
        at("exp in a second", "exp", 1, GOOD),
        at("exp in an hour", "exp", 3_600, GOOD),
        at("exp in an hour and a second", "exp", 3_601, EXCHANGES_ONLY),
        at("exp in a day and a minute", "exp", 86_460, EXCHANGES_ONLY),
        at("exp in a day, a minute and a second", "exp", 86_461, MALFORMED),
        at("exp in a year", "exp", 31_536_000, MALFORMED),
    ]
}

fn beginnings(claim: &'static str) -> Vec<Case> {
    let named = |what: &str| -> &'static str { Box::leak(format!("{claim} {what}").into_boxed_str()) };
    vec![
        set(named("null"), claim, Value::Null, REFUSED),
        set(named("as text"), claim, json!("0"), REFUSED),
        set(named("true"), claim, json!(true), REFUSED),
        set(named("a list"), claim, json!([0]), REFUSED),
        set(named("an object"), claim, json!({}), REFUSED),
        set(named("at the greatest integer"), claim, json!(u64::MAX), REFUSED),
        set(named("in milliseconds"), claim, json!(1_772_366_400_000_i64), REFUSED),
        at(named("now"), claim, 0, GOOD),
        at(named("eight seconds ahead"), claim, 8, GOOD),
        at(named("59 seconds ahead"), claim, 59, GOOD),
        at(named("60 seconds ahead"), claim, 60, REFUSED),
        at(named("an hour ahead"), claim, 3_600, REFUSED),
        at(named("a minute ago"), claim, -60, GOOD),
    ]
}

fn lives() -> Vec<Case> {
    vec![
        at("iat an hour less a minute ago", "iat", -3_540, GOOD),
        at("iat an hour ago", "iat", -3_600, EXCHANGES_ONLY),
        at("iat a day ago", "iat", -86_400, GOOD_AT_EXCHANGES_WITHIN_A_DAY),
        at("iat a day and a second ago", "iat", -86_401, MALFORMED),
        set("iat in the year 1970", "iat", json!(0), MALFORMED),
    ]
}

/// `exp` is a minute ahead, so that this one lives for a day and a minute.
const GOOD_AT_EXCHANGES_WITHIN_A_DAY: crate::assertions::corpus::Ends = EXCHANGES_ONLY;
