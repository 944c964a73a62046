//! The layers, the refusals and what people see of them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::brand::Accent;
use crate::model::policy::{FetchPolicy, Policy};
use crate::settings::{Loaded, Problems, Purpose, Sources, load};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn environment(pairs: &[(&str, &str)]) -> Sources {
    let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>();
    Sources { environment, ..Sources::default() }
}

fn with(pairs: &[(&str, &str)]) -> Loaded {
    load(&environment(pairs)).expect("these settings can be read")
}

fn refused(pairs: &[(&str, &str)]) -> String {
    load(&environment(pairs)).expect_err("these settings are refused").to_string()
}

fn safe<'a>() -> Vec<(&'a str, &'a str)> {
    vec![("GRANTOR__ISSUER", "https://auth.example.com"), ("GRANTOR_ROOT_KEY", KEY), ("DATABASE_URL", "postgres://u:p@db/grantor")]
}

fn check(extra: &[(&str, &str)], purpose: Purpose) -> Result<(), Problems> {
    let mut pairs = safe();
    pairs.extend(extra);
    with(&pairs).check(purpose)
}

/// A file in a folder of this test's own, gone afterwards.
struct TempFile(std::path::PathBuf);

impl TempFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("grantor-settings-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("the temporary folder is writable");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("an ASCII path")
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn defaults_alone_are_complete() {
    let loaded = with(&[]);
    assert_eq!(loaded.settings.server.port, 8080);
    assert_eq!(loaded.settings.lifetimes.code, 60);
    assert_eq!(loaded.check(Purpose::Dev), Ok(()));
}

#[test]
fn r2_safe_settings_are_accepted_and_become_policy() {
    assert_eq!(check(&[], Purpose::Serve), Ok(()));
    let policy = with(&safe()).into_policy();
    assert_eq!(policy.issuer, "https://auth.example.com");
    assert!(policy.secure_cookies);
    assert_eq!(policy.apis.len(), 1);
    assert_eq!(policy.apis[0].identifier, policy.management_api());
    assert!(policy.apis[0].scope("tokens:revoke").is_some());
}

#[test]
fn g20_the_built_in_way_of_reading_key_sets_is_that_of_the_default_settings() {
    let (built_in, set) = (FetchPolicy::default(), with(&safe()).into_policy().keys.fetch);
    assert_eq!(built_in.patience, time::Duration::seconds(2));
    assert_eq!((built_in.patience, built_in.largest, built_in.pause), (set.patience, set.largest, set.pause));
    assert_eq!((built_in.max_age, built_in.trusted_for), (set.max_age, set.trusted_for));
}

#[test]
fn r70_an_org_may_have_ten_technical_accounts_and_deleted_ones_do_not_count() {
    let keys = with(&safe()).into_policy().keys;
    assert_eq!((keys.technical_accounts_per_org, keys.count_deleted_technical_accounts), (10, false));
}

#[test]
fn stronger_layers_win_and_are_named() {
    let file = TempFile::new("layers.toml", "[server]\nport = 1111\nheader_timeout = 7\n[lifetimes]\ncode = 30\n");
    let mut sources = environment(&[("PORT", "2222"), ("GRANTOR__SERVER__HEADER_TIMEOUT", "9")]);
    sources.file = Some(file.path().into());
    let loaded = load(&sources).expect("readable");
    assert_eq!((loaded.settings.server.port, loaded.settings.server.header_timeout, loaded.settings.lifetimes.code), (2222, 9, 30));
    assert_eq!(loaded.source_of("server.port"), "environment variable PORT");
    assert_eq!(loaded.source_of("lifetimes.code"), format!("file {}", file.path()));

    sources.environment.insert("GRANTOR__SERVER__PORT".to_owned(), "3333".to_owned());
    assert_eq!(load(&sources).expect("readable").settings.server.port, 3333);
    sources.flags.push(crate::settings::Flag { name: "--port", key: "server.port", value: 4444_u16.into() });
    let loaded = load(&sources).expect("readable");
    assert_eq!((loaded.settings.server.port, &*loaded.source_of("server.port")), (4444, "flag --port"));
}

#[test]
fn unknown_key_is_refused_with_the_nearest_known_name() {
    let message = refused(&[("GRANTOR__LIFETIMES__CODES", "60")]);
    assert!(
        message.contains("environment variable GRANTOR__LIFETIMES__CODES") && message.contains("did you mean `lifetimes.code`"),
        "{message}"
    );
    let message = refused(&[("GRANTOR__SERVER__PROT", "60")]);
    assert!(message.contains("did you mean `server.port`"), "{message}");
    let message = refused(&[("GRANTOR__SERVER", "60")]);
    assert!(message.contains("this is a section"), "{message}");
    let message = refused(&[("GRANTOR__ZZZZZZZZ", "60")]);
    assert!(message.contains("no such setting; `grantor settings show`"), "{message}");
}

#[test]
fn unknown_key_of_a_file_or_an_api_is_refused() {
    let file = TempFile::new("unknown.toml", "isuer = \"x\"\n[[apis]]\nidentifer = \"x\"\nscopes = [{ name = \"a\", titel = \"b\" }]\n");
    let message = load(&Sources { file: Some(file.path().into()), ..Sources::default() }).expect_err("refused").to_string();
    for part in [
        "`isuer`",
        "did you mean `issuer`",
        "apis[0].identifer",
        "did you mean `identifier`",
        "apis[0].scopes[0].titel",
        "did you mean `title`",
    ] {
        assert!(message.contains(part), "{part} is missing in {message}");
    }
}

#[test]
fn variable_with_one_underscore_is_refused_if_it_means_a_setting() {
    assert!(refused(&[("GRANTOR_ISSUER", "x")]).contains("write GRANTOR__ISSUER"));
    assert!(load(&environment(&[("GRANTOR_PORT", "tcp://10.0.0.1:8080"), ("GRANTOR_SERVICE_HOST", "10.0.0.1")])).is_ok());
}

#[test]
fn value_of_a_wrong_type_is_refused_with_its_source() {
    let message = refused(&[("PORT", "http")]);
    assert!(message.contains("`server.port` (environment variable PORT)"), "{message}");
    let message = refused(&[("GRANTOR__OAUTH__REQUIRE_PKCE", "never")]);
    assert!(message.contains("GRANTOR__OAUTH__REQUIRE_PKCE") && message.contains("never"), "{message}");
}

#[test]
fn file_that_is_missing_or_no_toml_is_refused_with_its_path() {
    let missing = Sources { file: Some("/nowhere/grantor.toml".into()), ..Sources::default() };
    assert!(load(&missing).expect_err("refused").to_string().contains("/nowhere/grantor.toml"));
    let file = TempFile::new("broken.toml", "issuer = \n");
    let broken = Sources { file: Some(file.path().into()), ..Sources::default() };
    assert!(load(&broken).expect_err("refused").to_string().contains("this is not TOML"));
}

#[test]
fn text_that_looks_like_a_number_stays_text_and_lists_are_split_at_commas() {
    let loaded = with(&[("GRANTOR__BRAND_NAME", "1984"), ("GRANTOR__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1")]);
    assert_eq!(loaded.settings.brand_name, "1984");
    let policy: Policy = loaded.into_policy();
    assert_eq!(policy.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "192.0.2.1/32"]);
}

#[test]
fn secret_may_stand_in_a_file() {
    let key = TempFile::new("key", &format!("{KEY}\n"));
    let url = TempFile::new("url", "postgres://u:p@db/g\n");
    let loaded = with(&[("GRANTOR_ROOT_KEY_FILE", key.path()), ("DATABASE_URL_FILE", url.path())]);
    assert_eq!(loaded.settings.root_key.expose(), KEY);
    assert_eq!(loaded.settings.database.url.expose(), "postgres://u:p@db/g");
    assert!(loaded.source_of("root_key").starts_with(&format!("file {}, named by", key.path())));

    let message = refused(&[("GRANTOR__ROOT_KEY_FILE", "/nowhere/key")]);
    assert!(message.contains("/nowhere/key cannot be read"), "{message}");
    let both = TempFile::new("both.toml", &format!("root_key = \"{KEY}\"\nroot_key_file = \"{}\"\n", key.path()));
    let message = load(&Sources { file: Some(both.path().into()), ..Sources::default() }).expect_err("refused").to_string();
    assert!(message.contains("keep one of the two") && !message.contains(KEY), "{message}");
}

#[test]
fn r2_unsafe_issuer_is_refused_in_production() {
    for issuer in [
        "",
        "auth.example.com",
        "http://auth.example.com",
        "http://127.0.0.1:8080",
        "https://auth.example.com/",
        "https://auth.example.com/base",
        "https://auth.example.com?x=1",
        "https://auth.example.com#x",
        "https://user:pass@auth.example.com",
        "https://AUTH.example.com",
        "https://auth.example.com:443",
        "ftp://auth.example.com",
    ] {
        let problems = check(&[("GRANTOR__ISSUER", issuer)], Purpose::Serve).expect_err(issuer);
        assert_eq!(problems.0.len(), 1, "{issuer}: {problems}");
        assert_eq!(problems.0[0].key, "issuer");
    }
    assert_eq!(check(&[("GRANTOR__ISSUER", "http://127.0.0.1:8080")], Purpose::Dev), Ok(()));
    assert!(check(&[("GRANTOR__ISSUER", "http://auth.example.com")], Purpose::Dev).is_err());
}

#[test]
fn r2_missing_or_weak_root_key_is_refused() {
    let same = "a1".repeat(32);
    let twice = format!("{KEY},{KEY}");
    for (key, why) in [
        ("", "no root key is set"),
        ("short", "neither hex nor base64url"),
        ("c2hvcnQx", "has 6 bytes and must have 32"),
        ("0001020304050607", "has 8 bytes and must have 32"),
        (&same, "can be guessed"),
        (&twice, "twice"),
        ("not a key!", "neither hex nor base64url"),
    ] {
        let problems = check(&[("GRANTOR__ROOT_KEY", key)], Purpose::Serve).expect_err(why).to_string();
        assert!(problems.contains(why), "{why}: {problems}");
        assert!(key.len() < 10 || !problems.contains(key), "the key itself is in the message");
    }
    let base64url = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    assert_eq!(check(&[("GRANTOR__ROOT_KEY", base64url)], Purpose::Serve), Ok(()));
}

#[test]
fn r2_every_problem_is_told_at_once() {
    let problems = check(
        &[("GRANTOR__LIFETIMES__CODE", "601"), ("GRANTOR__JOBS__LAST_USE_INTERVAL", "6"), ("DATABASE_URL", "mysql://x/y")],
        Purpose::Serve,
    )
    .expect_err("refused");
    let keys: Vec<_> = problems.0.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["database.url", "lifetimes.code", "jobs.last_use_interval"]);
}

#[test]
fn apis_that_contradict_each_other_are_refused() {
    let text = r#"
        [[apis]]
        identifier = "https://api.example.com"
        name = "One"
        scopes = [{ name = "apps:read", title = "x" }, { name = "read", title = "Read" }]
        [[apis]]
        identifier = "https://api.example.com"
        name = "Two"
        scopes = [{ name = "read", title = "Read" }, { name = "a b", title = "" }]
        [[apis]]
        identifier = "relative"
        name = ""
        scopes = []
    "#;
    let file = TempFile::new("apis.toml", text);
    let mut sources = environment(&safe());
    sources.file = Some(file.path().into());
    let problems = load(&sources).expect("readable").check(Purpose::Serve).expect_err("refused").to_string();
    for part in [
        "`apps:read` is taken",
        "`https://api.example.com` is taken",
        "`read` is taken",
        "`a b` must be",
        "`a b` needs a title",
        "`relative` must be",
    ] {
        assert!(problems.contains(part), "{part} is missing in {problems}");
    }
}

const API_SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// What `sha256sum` says of it, as base64url.
const API_SECRET_SHA256: &str = "ob9NwsDOqCF5jDjhb8wWZ9bwUEr6ghsYFnIDX8WWeJA";

/// Settings with one API that has these lines besides the needed ones.
fn with_api(name: &str, lines: &str) -> Result<Loaded, Problems> {
    let text = format!(
        "[[apis]]\nidentifier = \"https://api.example.com\"\nname = \"One\"\n{lines}\nscopes = [{{ name = \"read\", title = \"Read\" }}]\n"
    );
    let file = TempFile::new(name, &text);
    let mut sources = environment(&safe());
    sources.file = Some(file.path().into());
    load(&sources)
}

#[test]
fn r2_introspection_secret_of_an_api_becomes_a_digest_and_is_masked() {
    let file = TempFile::new("api-secret", &format!("{API_SECRET}\n"));
    let direct = format!("introspection_secret = \"{API_SECRET}\"");
    let by_file = format!("introspection_secret_file = \"{}\"", file.path());
    for (name, lines) in [("api-direct.toml", &direct), ("api-by-file.toml", &by_file)] {
        let loaded = with_api(name, lines).expect("readable");
        assert_eq!(loaded.check(Purpose::Serve), Ok(()));
        let shown = format!("{:?}", loaded.show());
        assert!(shown.contains("****") && !shown.contains(API_SECRET), "{shown}");
        assert!(!format!("{:?}", loaded.settings).contains(API_SECRET));
        let policy = loaded.into_policy();
        let digest = policy.apis[0].introspection_digest.expect("a digest");
        assert_eq!(URL_SAFE_NO_PAD.encode(digest.as_bytes()), API_SECRET_SHA256);
        assert_eq!(policy.apis[1].introspection_digest, None, "the management API has none");
    }
    let none = with_api("api-none.toml", "introspection_secret_file = \"\"").expect("readable").into_policy();
    assert_eq!(none.apis[0].introspection_digest, None);
}

#[test]
fn r2_weak_or_unreadable_introspection_secret_is_refused_and_never_told() {
    let (short, same) = (&API_SECRET[1..], "ab".repeat(16));
    for (name, secret, why) in [
        ("weak-empty.toml", "", "has 0 characters and must have at least 32; make one with `openssl rand -hex 32`"),
        ("weak-short.toml", short, "has 31 characters and must have at least 32"),
        ("weak-blank.toml", "0f1e2d3c4b5a6978 8796a5b4c3d2e1f0", "not visible ASCII"),
        ("weak-same.toml", &same, "can be guessed"),
    ] {
        let loaded = with_api(name, &format!("introspection_secret = \"{secret}\"")).expect("readable");
        let problems = loaded.check(Purpose::Serve).expect_err(why).to_string();
        assert!(problems.contains(why) && problems.contains("introspection_secret of `https://api.example.com`"), "{why}: {problems}");
        assert!(secret.is_empty() || !problems.contains(secret), "the secret itself is in the message");
    }
    let file = TempFile::new("both-api-secret", API_SECRET);
    let both = format!("introspection_secret = \"{API_SECRET}\"\nintrospection_secret_file = \"{}\"", file.path());
    for (name, lines, why) in [
        ("api-both.toml", both.as_str(), "`apis[0].introspection_secret` is set here as well; keep one of the two"),
        ("api-away.toml", "introspection_secret_file = \"/nowhere/secret\"", "/nowhere/secret cannot be read"),
        ("api-type.toml", "introspection_secret = 1234567890", "must be text"),
    ] {
        let message = with_api(name, lines).expect_err(why).to_string();
        assert!(message.contains(why) && !message.contains(API_SECRET) && !message.contains("1234567890"), "{why}: {message}");
    }
}

#[test]
fn shown_settings_are_masked_and_name_their_source() {
    let shown = with(&safe()).show();
    let line = |key: &str| shown.iter().find(|line| line.key == key).expect("every key is shown");
    assert_eq!(line("root_key").value, "\"****\"");
    assert_eq!(line("database.url").value, "\"postgres://u:****@db/grantor\"");
    assert_eq!(line("database.url").source, "environment variable DATABASE_URL");
    assert_eq!((line("server.port").value.as_str(), line("server.port").source.as_str()), ("8080", "built-in default"));
    assert_eq!(shown[0].key, "issuer");
}

#[test]
fn the_brands_accent_must_be_a_colour_that_can_be_read() {
    assert_eq!(check(&[("GRANTOR__BRAND_ACCENT", "#0b5cad")], Purpose::Serve), Ok(()));
    let policy = with(&[("GRANTOR__BRAND_ACCENT", "#0b5cad")]).into_policy();
    assert_eq!(policy.brand.accent.map(Accent::hex), Some("0b5cad".to_owned()));
    let pale = check(&[("GRANTOR__BRAND_ACCENT", "#ffcc00")], Purpose::Serve).expect_err("too pale").to_string();
    assert!(
        pale.starts_with("setting `brand_accent` (environment variable GRANTOR__BRAND_ACCENT): `#ffcc00` cannot be read on light pages"),
        "{pale}"
    );
    assert!(pale.contains("must be at least 4.5 : 1") && pale.contains("such as #"), "{pale}");
    let none = check(&[("GRANTOR__BRAND_ACCENT", "sea green")], Purpose::Dev).expect_err("no colour").to_string();
    assert!(none.contains("`sea green` is no colour; write it as #0b5cad"), "{none}");
}

#[test]
fn the_brands_logo_must_be_a_file_that_is_there() {
    let missing = check(&[("GRANTOR__BRAND_LOGO", "/nowhere/logo.png")], Purpose::Serve).expect_err("not there").to_string();
    assert!(missing.contains("setting `brand_logo`") && missing.contains("/nowhere/logo.png cannot be read"), "{missing}");
}

#[test]
fn r2_g20_reading_key_sets_from_ones_own_machine_is_refused_in_production() {
    let open = [("GRANTOR__KEYS__FETCH_LOOPBACK", "true")];
    let told = check(&open, Purpose::Serve).expect_err("not in production").to_string();
    assert!(told.contains("keys.fetch_loopback"), "{told}");
    check(&open, Purpose::Dev).expect("in development");
    let told = check(&[("GRANTOR__KEYS__FETCH_TRUSTED_FOR", "60")], Purpose::Dev).expect_err("shorter than the age").to_string();
    assert!(told.contains("fetch_trusted_for"), "{told}");
}
