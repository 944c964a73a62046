//! `/metrics`: on a listener of its own, with the numbers that operators go by, and with nothing that a client sent.

use grantor::model::client::ClientKind;

use crate::kit::http::{basic, form};
use crate::kit::world::World;

/// The samples called `name`.
fn samples<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.split(['{', ' ']).next() == Some(name)).collect()
}

#[tokio::test]
async fn p1_metrics_are_told_on_their_own_port_without_what_clients_sent() {
    let world = World::in_real_time().await;
    let app = world.app(ClientKind::M2m).await;
    let process = world.process_with(&[("GRANTOR__METRICS__ADDRESS", "127.0.0.1:0")]).await;
    let token = process.token(&app, &[("grant_type", "client_credentials")]).await.expect(200).text("access_token");
    process.token(&app, &[("grant_type", "authorization_code"), ("code", "grc_s3cr3t-code"), ("redirect_uri", "x")]).await.expect(400);
    process.get(&format!("/s3cr3t-path?{}", form(&[("state", "s3cr3t-state")]))).await.expect(404);
    process.get("/orgs/s3cr3t-org/apps").await;
    process.get("/metrics").await.expect(404);

    let url = process.metrics_url();
    let answer = reqwest::Client::builder().no_proxy().build().expect("a client").get(&url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let text = answer.text().await.expect("text");

    let counted = samples(&text, "grantor_http_request_duration_seconds_count");
    for (route, status) in [("/token", "200"), ("/token", "400"), ("unmatched", "404"), ("/orgs/{slug}/apps", "303")] {
        let is_it = |line: &&str| line.contains(&format!("route=\"{route}\"")) && line.contains(&format!("status=\"{status}\""));
        assert!(counted.iter().any(is_it), "{route} {status} in {counted:#?}");
    }
    assert!(!samples(&text, "grantor_http_request_duration_seconds_bucket").is_empty(), "{text}");
    assert_eq!(samples(&text, "grantor_database_connections").len(), 2, "{text}");
    let build = format!("grantor_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    assert_eq!(samples(&text, "grantor_build_info"), [build]);
    let issued = samples(&text, "grantor_tokens_issued_total");
    assert!(issued.iter().any(|line| line.contains("client_credentials") && line.ends_with(" 1")), "{issued:?}");

    let (basic, id) = (basic(&app), app.client_id.as_str());
    for secret in [token.as_str(), app.secret.as_str(), basic.trim_start_matches("Basic "), id, "s3cr3t", "grc_", "grs_", "eyJ"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let (status, log) = process.stop().await;
    assert!(status.success(), "{log}");
}
