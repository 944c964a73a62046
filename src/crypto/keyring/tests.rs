//! Signatures against another library in both directions, and everything that must not verify.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use rstest::rstest;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::crypto::jwks::PublicMembers;
use crate::crypto::jwt::{AccessTokenClaims, MAX_TOKEN_LEN, TokenType, kid_of};
use crate::crypto::keyring::{Keyring, KeyringError, NoSigningKey, SEAL_LABEL, generate};
use crate::crypto::token::Sealer;
use crate::entropy::SeededEntropy;
use crate::model::ids::{AuthorizationId, OrgId};
use crate::model::signing_key::{Algorithm, SigningKey};
use crate::secret::Secret;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn sealer() -> Sealer {
    Sealer::new(&[Secret::new([1; 32])]).expect("one root key")
}

fn key(algorithm: Algorithm, active_at: OffsetDateTime) -> SigningKey {
    generate(algorithm, &sealer(), &SeededEntropy::new(1), active_at.min(NOW), active_at).expect("a key")
}

fn ring(keys: &[SigningKey]) -> Keyring {
    Keyring::load(keys, &sealer(), NOW).expect("every key opens")
}

fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://grantor.example".into(),
        sub: "01890000-0000-7000-8000-000000000001".into(),
        aud: "https://api.example".into(),
        exp: NOW.unix_timestamp() + 3_600,
        iat: NOW.unix_timestamp(),
        jti: "t1".into(),
        client_id: "abcdefghijklmnopqrstuvwxyz".into(),
        scope: "orders:read orders:write".into(),
        org: OrgId(Uuid::from_u128(1)),
        authz: Some(AuthorizationId(Uuid::from_u128(2))),
        cred: None,
        auth_time: Some(NOW.unix_timestamp() - 60),
    }
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    }
}

/// The private half as the other library takes it.
fn encoding_key(key: &SigningKey) -> EncodingKey {
    let pkcs8 = sealer().open(SEAL_LABEL, &key.private_sealed).expect("opens");
    match key.algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_der(pkcs8.expose()),
        Algorithm::EdDsa => EncodingKey::from_ed_der(pkcs8.expose()),
        Algorithm::Rs256 => {
            let pem = pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8.expose().clone()));
            EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a PEM of PKCS#8")
        }
    }
}

/// Signs any header and payload with `key`, as an attacker could who held it; most tests need only the payload odd.
fn signed_by(key: &SigningKey, header: &Value, payload: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &encoding_key(key), theirs(key.algorithm)).expect("signs");
    format!("{signed}.{signature}")
}

fn header_of(key: &SigningKey) -> Value {
    json!({ "alg": key.algorithm.as_str(), "kid": key.kid, "typ": "at+jwt" })
}

#[rstest]
fn k1_what_we_sign_another_library_verifies_by_our_key_set(
    #[values(Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa)] algorithm: Algorithm,
    #[values(TokenType::AtJwt, TokenType::Jwt)] typ: TokenType,
) {
    let ring = ring(&[key(algorithm, NOW)]);
    let token = ring.sign(algorithm, typ, &claims()).expect("an active key");

    let published: jsonwebtoken::jwk::JwkSet =
        serde_json::from_value(serde_json::to_value(ring.jwks()).expect("JSON")).expect("a JWK set as the other library reads it");
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    assert_eq!((header.typ.as_deref(), header.alg), (Some(typ.as_str()), theirs(algorithm)));
    let jwk = published.find(&header.kid.expect("a kid")).expect("published");
    assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).expect("a thumbprint"), ring.jwks().keys[0].kid);
    let mut validation = Validation::new(theirs(algorithm));
    validation.set_audience(&["https://api.example"]);
    validation.set_issuer(&["https://grantor.example"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let read = jsonwebtoken::decode::<AccessTokenClaims>(&token, &DecodingKey::from_jwk(jwk).expect("a key"), &validation);
    assert_eq!(read.expect("verifies").claims, claims());

    let ours = ring.verify(&token).expect("we verify it too");
    assert_eq!((ours.claims, ours.typ), (claims(), typ));
}

#[rstest]
fn k1_what_another_library_signs_with_our_key_we_verify(
    #[values(Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa)] algorithm: Algorithm,
) {
    let key = key(algorithm, NOW);
    let header = Header { typ: Some("at+jwt".into()), kid: Some(key.kid.clone()), ..Header::new(theirs(algorithm)) };
    let token = jsonwebtoken::encode(&header, &claims(), &encoding_key(&key)).expect("signs");
    assert_eq!(ring(&[key]).verify(&token).map(|verified| verified.claims), Some(claims()));
}

#[test]
fn k1_claims_that_do_not_apply_are_left_out() {
    let payload = serde_json::to_value(AccessTokenClaims { authz: None, auth_time: None, ..claims() }).expect("JSON");
    let names: Vec<_> = payload.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "client_id", "exp", "iat", "iss", "jti", "org", "scope", "sub"]);
}

#[test]
fn k4_none_and_symmetric_and_swapped_algorithms_are_refused() {
    let (es, rs, ed) = (key(Algorithm::Es256, NOW), key(Algorithm::Rs256, NOW), key(Algorithm::EdDsa, NOW));
    let ring = ring(&[es.clone(), rs.clone(), ed.clone()]);
    let payload = serde_json::to_string(&claims()).expect("JSON");
    for own in [&es, &rs, &ed] {
        for alg in ["none", "None", "HS256", "RS384", "PS256", "ES384", "es256", "", "ES256", "RS256", "EdDSA", "Ed25519"] {
            let header = json!({ "alg": alg, "kid": own.kid, "typ": "at+jwt" });
            let verified = ring.verify(&signed_by(own, &header, &payload));
            assert_eq!(verified.is_some(), alg == own.algorithm.as_str(), "{alg} with a key of {}", own.algorithm.as_str());
        }
        // The public key as the secret of an HMAC: the old confusion.
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "kid": own.kid, "typ": "at+jwt" }).to_string()),
            URL_SAFE_NO_PAD.encode(&payload)
        );
        let secret = EncodingKey::from_secret(own.public_jwk.to_string().as_bytes());
        let mac = jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256).expect("signs");
        assert_eq!(ring.verify(&format!("{signed}.{mac}")), None);
        assert_eq!(ring.verify(&format!("{signed}.")), None);
    }
}

#[test]
fn k4_another_key_under_our_key_id_is_refused() {
    let (ours, foreign) = (key(Algorithm::Es256, NOW), key(Algorithm::Es256, NOW));
    let token = signed_by(&foreign, &header_of(&ours), &serde_json::to_string(&claims()).expect("JSON"));
    assert_eq!(ring(&[ours]).verify(&token), None);
}

#[test]
fn k4_every_changed_character_of_a_token_is_refused() {
    let ring = ring(&[key(Algorithm::EdDsa, NOW)]);
    let token = ring.sign(Algorithm::EdDsa, TokenType::AtJwt, &claims()).expect("an active key");
    for at in 0..token.len() {
        for other in ['A', 'B', '_', '.', '='] {
            if !token[at..].starts_with(other) {
                let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert_eq!(ring.verify(&changed), None, "character {at} as {other}");
            }
        }
        assert_eq!(ring.verify(&token[..at]), None, "first {at} characters");
    }
    for more in ["A", "=", ".", ".x", " "] {
        assert_eq!(ring.verify(&format!("{token}{more}")), None);
        assert_eq!(ring.verify(&format!("{more}{token}")), None);
    }
}

#[rstest]
#[case::string_exp(json!({ "exp": "9999999999" }))]
#[case::float_exp(json!({ "exp": 9_999_999_999.5 }))]
#[case::huge_exp(json!({ "exp": 1e300 }))]
#[case::null_exp(json!({ "exp": null }))]
#[case::string_iat(json!({ "iat": "1" }))]
#[case::object_aud(json!({ "aud": {} }))]
#[case::numbers_in_aud(json!({ "aud": [1] }))]
#[case::number_sub(json!({ "sub": 1 }))]
#[case::null_iss(json!({ "iss": null }))]
#[case::list_scope(json!({ "scope": ["orders:read"] }))]
#[case::org_that_is_no_id(json!({ "org": "acme" }))]
#[case::authz_that_is_no_id(json!({ "authz": 7 }))]
#[case::string_auth_time(json!({ "auth_time": "now" }))]
fn g16_a_claim_of_the_wrong_type_refuses_the_token(#[case] change: Value) {
    let key = key(Algorithm::EdDsa, NOW);
    let mut payload = serde_json::to_value(claims()).expect("JSON");
    let members = payload.as_object_mut().expect("an object");
    members.extend(change.as_object().expect("an object").clone());
    let token = signed_by(&key, &header_of(&key), &payload.to_string());
    assert_eq!(ring(&[key]).verify(&token), None);
}

#[rstest]
fn k1_a_missing_claim_refuses_the_token(#[values("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "org")] claim: &str) {
    let key = key(Algorithm::EdDsa, NOW);
    let mut payload = serde_json::to_value(claims()).expect("JSON");
    payload.as_object_mut().expect("an object").remove(claim).expect("it was there");
    let token = signed_by(&key, &header_of(&key), &payload.to_string());
    assert_eq!(ring(&[key]).verify(&token), None);
}

#[rstest]
#[case::twice_in_the_payload(r#"{"alg":"EdDSA","kid":"KID","typ":"at+jwt"}"#, r#","exp":9999999999}"#)]
#[case::alg_twice(r#"{"alg":"EdDSA","alg":"EdDSA","kid":"KID","typ":"at+jwt"}"#, "}")]
#[case::kid_twice(r#"{"alg":"EdDSA","kid":"KID","kid":"KID","typ":"at+jwt"}"#, "}")]
#[case::typ_twice(r#"{"alg":"EdDSA","kid":"KID","typ":"at+jwt","typ":"JWT"}"#, "}")]
fn k11_a_member_given_twice_refuses_the_token(#[case] header: &str, #[case] end: &str) {
    let key = key(Algorithm::EdDsa, NOW);
    let payload = serde_json::to_string(&claims()).expect("JSON");
    let payload = format!("{}{end}", payload.trim_end_matches('}'));
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.replace("KID", &key.kid)), URL_SAFE_NO_PAD.encode(payload));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &encoding_key(&key), theirs(key.algorithm)).expect("signs");
    assert_eq!(ring(&[key]).verify(&format!("{signed}.{signature}")), None);
}

#[rstest]
#[case::no_typ(json!({ "typ": null }))]
#[case::id_token_kind(json!({ "typ": "id+jwt" }))]
#[case::logout_token(json!({ "typ": "logout+jwt" }))]
#[case::proof(json!({ "typ": "dpop+jwt" }))]
#[case::number(json!({ "typ": 1 }))]
#[case::critical(json!({ "crit": ["exp"] }))]
#[case::critical_and_unencoded(json!({ "crit": ["b64"], "b64": false }))]
#[case::number_kid(json!({ "kid": 1 }))]
#[case::unknown_kid(json!({ "kid": "of-somebody-else" }))]
#[case::null_alg(json!({ "alg": null }))]
fn k3_a_header_of_another_kind_refuses_the_token(#[case] change: Value) {
    let key = key(Algorithm::EdDsa, NOW);
    let mut header = header_of(&key);
    header.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    let token = signed_by(&key, &header, &serde_json::to_string(&claims()).expect("JSON"));
    assert_eq!(ring(&[key]).verify(&token), None);
}

#[test]
fn k1_the_kind_is_a_media_type_and_may_be_spelled_in_full() {
    let key = key(Algorithm::EdDsa, NOW);
    let ring = ring(std::slice::from_ref(&key));
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let mut header = header_of(&key);
        header["typ"] = typ.into();
        let token = signed_by(&key, &header, &serde_json::to_string(&claims()).expect("JSON"));
        assert_eq!(ring.verify(&token).map(|verified| verified.typ), Some(TokenType::AtJwt), "{typ}");
    }
}

#[test]
fn k11_a_huge_or_deep_token_is_refused_quickly() {
    let key = key(Algorithm::EdDsa, NOW);
    let ring = ring(std::slice::from_ref(&key));
    let with = |extra: Value| {
        let mut payload = serde_json::to_value(claims()).expect("JSON");
        payload["extra"] = extra;
        signed_by(&key, &header_of(&key), &payload.to_string())
    };
    assert!(ring.verify(&with("x".repeat(1_000).into())).is_some(), "claims we do not know are ignored");
    let huge = with("x".repeat(MAX_TOKEN_LEN).into());
    assert_eq!((ring.verify(&huge), kid_of(&huge)), (None, None));
    // Only the header of a stranger's token is ever parsed, and what is nested in it is skipped without recursion.
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let header = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"at+jwt","deep":{deep}}}"#, key.kid);
    assert_eq!(ring.verify(&format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"))), None);
    for junk in ["", ".", "..", "...", "a.b.c", "....."] {
        assert_eq!(ring.verify(junk), None);
    }
}

#[test]
fn k5_the_key_set_has_public_members_only_of_next_active_and_retired_keys() {
    let next = key(Algorithm::Es256, NOW + Duration::DAY);
    let active = key(Algorithm::Rs256, NOW - Duration::DAY);
    let mut retired = key(Algorithm::EdDsa, NOW - Duration::DAY * 2);
    retired.retired_at = Some(NOW - Duration::HOUR);
    retired.expires_at = Some(NOW + Duration::HOUR);
    let mut expired = key(Algorithm::Es256, NOW - Duration::DAY * 3);
    expired.retired_at = Some(NOW - Duration::DAY);
    expired.expires_at = Some(NOW);
    let ring = ring(&[expired.clone(), retired.clone(), active.clone(), next.clone()]);

    let set = serde_json::to_value(ring.jwks()).expect("JSON");
    let keys = set["keys"].as_array().expect("a list");
    let members: Vec<Vec<&str>> = keys.iter().map(|key| key.as_object().expect("an object").keys().map(String::as_str).collect()).collect();
    assert_eq!(
        members,
        [
            vec!["alg", "crv", "kid", "kty", "use", "x", "y"],
            vec!["alg", "e", "kid", "kty", "n", "use"],
            vec!["alg", "crv", "kid", "kty", "use", "x"]
        ]
    );
    assert_eq!([&keys[0], &keys[1], &keys[2]], [&next.public_jwk, &active.public_jwk, &retired.public_jwk]);
    assert!(keys.iter().all(|key| key["use"] == "sig"));
    assert!(ring.knows(&next.kid) && !ring.knows(&expired.kid));
}

#[test]
fn k5_only_the_newest_active_key_signs() {
    let (older, newer) = (key(Algorithm::EdDsa, NOW - Duration::DAY), key(Algorithm::EdDsa, NOW));
    let next = key(Algorithm::EdDsa, NOW + Duration::SECOND);
    let mut retired = key(Algorithm::EdDsa, NOW);
    (retired.retired_at, retired.expires_at) = (Some(NOW), Some(NOW + Duration::HOUR));
    let all = ring(&[retired.clone(), older, newer.clone(), next.clone()]);
    let token = all.sign(Algorithm::EdDsa, TokenType::AtJwt, &claims()).expect("an active key");
    assert_eq!(kid_of(&token), Some(newer.kid));
    assert_eq!(ring(&[next, retired]).sign(Algorithm::EdDsa, TokenType::AtJwt, &claims()), Err(NoSigningKey(Algorithm::EdDsa)));
    assert_eq!(Keyring::empty().sign(Algorithm::Es256, TokenType::AtJwt, &claims()), Err(NoSigningKey(Algorithm::Es256)));
}

#[test]
fn k5_a_retired_key_still_verifies_and_an_expired_one_no_more() {
    let mut key = key(Algorithm::EdDsa, NOW - Duration::DAY);
    let token = ring(std::slice::from_ref(&key)).sign(Algorithm::EdDsa, TokenType::AtJwt, &claims()).expect("an active key");
    (key.retired_at, key.expires_at) = (Some(NOW - Duration::HOUR), Some(NOW + Duration::SECOND));
    assert!(ring(std::slice::from_ref(&key)).verify(&token).is_some());
    key.expires_at = Some(NOW);
    assert!(ring(&[key]).verify(&token).is_none());
}

#[test]
fn k7_a_key_of_another_environment_or_a_planted_one_does_not_load() {
    let key = key(Algorithm::Es256, NOW);
    let other = Sealer::new(&[Secret::new([2; 32])]).expect("one root key");
    assert!(matches!(Keyring::load(std::slice::from_ref(&key), &other, NOW), Err(KeyringError::Sealed { .. })));

    let mut renamed = key.clone();
    renamed.kid = "another".into();
    assert!(matches!(Keyring::load(&[renamed], &sealer(), NOW), Err(KeyringError::Damaged { .. })));
    let mut unsealed = key.clone();
    unsealed.private_sealed = sealer().open(SEAL_LABEL, &key.private_sealed).expect("opens").expose().clone();
    assert!(matches!(Keyring::load(&[unsealed], &sealer(), NOW), Err(KeyringError::Sealed { .. })));
    let mut relabelled = key.clone();
    relabelled.algorithm = Algorithm::EdDsa;
    assert!(matches!(Keyring::load(&[relabelled], &sealer(), NOW), Err(KeyringError::Damaged { .. })));
    let mut junk = key;
    junk.private_sealed = sealer().seal(SEAL_LABEL, b"no key", &SeededEntropy::new(2));
    assert!(matches!(Keyring::load(&[junk], &sealer(), NOW), Err(KeyringError::Damaged { .. })));
}

#[test]
fn k7_private_halves_show_neither_at_rest_nor_in_debug() {
    let key = key(Algorithm::EdDsa, NOW);
    let pkcs8 = sealer().open(SEAL_LABEL, &key.private_sealed).expect("opens");
    assert!(!key.private_sealed.windows(16).any(|window| pkcs8.expose().windows(16).any(|part| part == window)));
    let shown = format!("{:?}", ring(std::slice::from_ref(&key)));
    assert_eq!(shown, format!("[({:?}, EdDsa, Active)]", key.kid));
}

#[test]
fn key_ids_are_rfc_7638_thumbprints() {
    // The example of RFC 7638 §3.1.
    let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
        tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI\
        SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let modulus = URL_SAFE_NO_PAD.decode(modulus).expect("base64url");
    let members = PublicMembers::rsa(&modulus, &[1, 0, 1]);
    assert_eq!(members.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}
