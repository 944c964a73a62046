//! The command line: what commands do, what they say, and their exit codes (0 done, 1 failed, 2 wrong usage, 3 a check says no).

use std::process::Output;
use std::sync::Arc;

use grantor::model::client::ClientKind;

use crate::kit::postgres::database;
use crate::kit::process::{ROOT_KEY, run, run_with_input, said};
use crate::kit::world::{START, World, policy};

#[track_caller]
fn expect(output: &Output, code: i32, out: &str, err: &str) {
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout: {stdout}\nstderr: {stderr}");
    assert!(stdout.contains(out), "`{out}` is missing in stdout: {stdout}");
    assert!(stderr.contains(err), "`{err}` is missing in stderr: {stderr}");
}

fn operating(url: &str) -> [(&str, &str); 3] {
    [("DATABASE_URL", url), ("GRANTOR_ROOT_KEY", ROOT_KEY), ("GRANTOR__ISSUER", "https://auth.example.test")]
}

#[tokio::test]
async fn wrong_usage_ends_with_2_and_help_with_0() {
    expect(&run(&["bogus"], &[]).await, 2, "", "unrecognized subcommand");
    expect(&run(&["serve", "--port", "x"], &[]).await, 2, "", "--port");
    expect(&run(&[], &[]).await, 2, "", "Usage");
    for command in ["dev", "serve", "migrate", "org", "app", "user", "keys", "settings", "doctor", "prune", "openapi"] {
        expect(&run(&[command, "--help"], &[]).await, 0, "Usage: grantor", "");
    }
}

#[tokio::test]
async fn r2_serve_refuses_unsafe_and_unknown_settings_with_the_reason_and_the_fix() {
    let mut environment = operating("postgres://localhost/none").to_vec();
    environment.push(("GRANTOR__ISSUER", "http://auth.example.test"));
    expect(&run(&["serve"], &environment).await, 1, "", "is not https");
    environment.push(("GRANTOR__ISSUER", "https://auth.example.test"));
    environment.push(("GRANTOR_ROOT_KEY", "too-short-a-key-"));
    expect(&run(&["serve"], &environment).await, 1, "", "must have 32");
    environment.push(("GRANTOR__SERVER__PROT", "80"));
    expect(&run(&["serve"], &environment).await, 1, "", "did you mean `server.port`?");
}

#[tokio::test]
async fn settings_are_checked_and_shown_without_secrets() {
    expect(&run(&["settings", "check"], &[]).await, 3, "", "no issuer is set");
    let environment = operating("postgres://grantor:hunter2@localhost/none");
    expect(&run(&["settings", "check"], &environment).await, 0, "good for `grantor serve`", "");
    let shown = run(&["settings", "show"], &environment).await;
    expect(&shown, 0, "# environment variable DATABASE_URL", "");
    let text = said(&shown.stdout);
    assert!(!text.contains("hunter2") && !text.contains(ROOT_KEY), "{text}");
}

#[tokio::test]
async fn the_sample_file_of_the_compose_deployment_is_good_for_serve() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/grantor.example.toml");
    let environment = operating("postgres://localhost/none");
    expect(&run(&["--config", sample, "settings", "check"], &environment).await, 0, "good for `grantor serve`", "");
}

#[tokio::test]
async fn doctor_says_no_when_nobody_answers() {
    let (listener, url) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        (listener, url)
    };
    drop(listener);
    expect(&run(&["doctor", "--url", &url], &[]).await, 3, "", "does not answer");
    expect(&run(&["doctor"], &operating("postgres://127.0.0.1:1/none")).await, 3, "WRONG database", "fix");
}

#[tokio::test]
async fn migrate_check_says_no_until_migrations_are_applied() {
    let empty = crate::kit::postgres::empty_database().await;
    let environment = [("DATABASE_URL", empty.url.as_str())];
    expect(&run(&["migrate", "--check"], &environment).await, 3, "", "run `grantor migrate`");
    expect(&run(&["migrate"], &environment).await, 0, "applied; the database is up to date", "");
    expect(&run(&["migrate", "--check"], &environment).await, 0, "up to date", "");
    expect(&run(&["migrate"], &environment).await, 0, "the database is up to date", "");
    expect(&run(&["migrate"], &[("DATABASE_URL", "postgres://127.0.0.1:1/none")]).await, 1, "", "cannot be reached");
}

#[tokio::test]
async fn orgs_are_made_listed_and_limited() {
    let database = database().await;
    let environment = operating(&database.url);
    let create = ["org", "create", "--slug", "initech", "--name", "Initech", "--app-limit", "3"];
    expect(&run(&create, &environment).await, 0, "org initech", "");
    expect(&run(&create, &environment).await, 1, "", "there is an org `initech` already; choose another slug");
    expect(&run(&["org", "create", "--slug", "Not A Slug", "--name", "X"], &environment).await, 1, "", "is no slug");
    expect(&run(&["org", "list"], &environment).await, 0, "0 of 3", "");
    expect(&run(&["org", "set", "initech", "--app-limit", "25"], &environment).await, 0, "may have 25 apps", "");
    expect(&run(&["org", "list"], &environment).await, 0, "0 of 25", "");
    expect(&run(&["org", "set", "hooli", "--app-limit", "25"], &environment).await, 1, "", "`grantor org list` shows them");
}

#[tokio::test]
async fn apps_are_verified_by_the_operator() {
    let database = Arc::new(database().await);
    let environment = operating(&database.url);
    let world = World::on(Arc::clone(&database), policy(), START).await;
    let app = world.app(ClientKind::Web).await;
    let verify = ["app", "verify", &app.client_id];
    expect(
        &run(&verify, &environment).await,
        0,
        "is verified: \"The web app\" of acme Inc. (acme), sends people to https://app.example.test",
        "",
    );
    expect(&run(&verify, &environment).await, 0, "was already verified", "");
    assert!(world.record(&app).await.client.verification.verified_at().is_some());
    expect(&run(&["app", "unverify", &app.client_id], &environment).await, 0, "is not verified", "");
    expect(&run(&["app", "verify", "nope"], &environment).await, 1, "", "there is no app `nope`");
    expect(&run(&["app", "verify"], &environment).await, 2, "", "CLIENT_ID");
}

#[tokio::test]
async fn m13_people_get_a_chosen_password_or_a_one_time_link_and_never_a_default() {
    let database = database().await;
    let environment = operating(&database.url);
    run(&["org", "create", "--slug", "initech", "--name", "Initech"], &environment).await;
    let create = |email: &'static str| ["user", "create", "--org", "initech", "--role", "owner", "--email", email];
    expect(&run(&create("ada@initech.test"), &environment).await, 0, "https://auth.example.test/set-password/", "");
    expect(&run(&create("ada@initech.test"), &environment).await, 1, "", "is in this org already");

    let with_password = [&create("bob@initech.test")[..], &["--password-stdin"]].concat();
    expect(&run_with_input(&with_password, &environment, "short\n").await, 1, "", "password");
    let added = run_with_input(&with_password, &environment, "a long enough passphrase\n").await;
    expect(&added, 0, "bob@initech.test is owner of initech", "");
    assert!(!said(&added.stdout).contains("set-password"));

    expect(&run(&["user", "create", "--org", "initech", "--role", "king", "--email", "x@y.zz"], &environment).await, 2, "", "choose owner");
    expect(
        &run(&["user", "create", "--org", "hooli", "--role", "owner", "--email", "x@y.zz"], &environment).await,
        1,
        "",
        "no org `hooli`",
    );
    expect(&run(&create("nobody"), &environment).await, 1, "", "is no e-mail address");
}

#[tokio::test]
async fn keys_are_rotated_and_retired_at_the_command_line() {
    let database = database().await;
    let environment = operating(&database.url);
    let rotated = run(&["keys", "rotate"], &environment).await;
    expect(&rotated, 0, "is published and signs ES256 tokens", "");
    let kid = said(&rotated.stdout).split(' ').next().expect("a key id").to_owned();
    expect(&run(&["keys", "list"], &environment).await, 0, &kid, "");
    expect(&run(&["keys", "retire", &kid], &environment).await, 1, "", "is the only active ES256 key: rotate first");
    expect(&run(&["keys", "retire", "nope"], &environment).await, 1, "", "`grantor keys list` shows them");
    expect(&run(&["keys", "rotate", "--algorithm", "none"], &environment).await, 2, "", "choose ES256, RS256 or EdDSA");
}

#[tokio::test]
async fn r4_prune_tells_what_it_deleted() {
    let database = database().await;
    let pruned = run(&["prune"], &operating(&database.url)).await;
    expect(&pruned, 0, "ended authorizations", "");
    expect(&pruned, 0, "days of revoked token ids", "");
}
