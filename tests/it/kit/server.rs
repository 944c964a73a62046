//! Real server processes in front of a world. Each is reached through a router, so that tests do with them what they do in process.

use std::ops::Deref;
use std::process::ExitStatus;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use grantor::clock::{Clock as _, SystemClock};
use reqwest::redirect::Policy as Redirects;
use rustix::process::Signal;

use crate::kit::postgres::database;
use crate::kit::process::{Folder, ROOT_KEY, Server};
use crate::kit::world::{World, policy};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/kit/server.toml");

/// `grantor serve` on a world's database: the same world, behind the doors of another process. Killed when dropped.
pub(crate) struct Process {
    world: World,
    server: Server,
    _folder: Folder,
}

impl Deref for Process {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl World {
    /// A world whose clock stands at the present time, for servers that go by the real one.
    pub(crate) async fn in_real_time() -> Self {
        Self::on(Arc::new(database().await), policy(), SystemClock.now()).await
    }

    /// Sets the frozen clock to the present time.
    pub(crate) fn catch_up(&self) {
        self.clock.set(SystemClock.now());
    }

    /// A server process on this world's database.
    pub(crate) async fn process(&self) -> Process {
        self.process_with(&[]).await
    }

    /// The same with more in its environment.
    pub(crate) async fn process_with(&self, environment: &[(&str, &str)]) -> Process {
        let folder = Folder::new("server");
        let common = [("GRANTOR_ROOT_KEY", ROOT_KEY), ("DATABASE_URL", &*self.database.url)];
        let environment: Vec<_> = common.iter().chain(environment).copied().collect();
        let server = Server::start(&folder, &["serve", "--config", CONFIG], &environment).await;
        let world = Self { router: doors(server.url.clone()), ..self.clone() };
        Process { world, server, _folder: folder }
    }
}

impl Process {
    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Where its metrics are, as its log tells.
    pub(crate) fn metrics_url(&self) -> String {
        let log = std::fs::read_to_string(&self.server.log).expect("a log");
        let line = log.lines().find(|line| line.contains("metrics are served")).unwrap_or_else(|| panic!("no metrics in {log}"));
        let line: serde_json::Value = serde_json::from_str(line).expect("one JSON object a line");
        let address = [&line["address"], &line["fields"]["address"]].into_iter().find_map(serde_json::Value::as_str);
        format!("http://{}/metrics", address.unwrap_or_else(|| panic!("no address in {line}")))
    }

    /// Ends it as `kill -9` does.
    pub(crate) async fn kill(self) {
        self.server.signal(Signal::KILL);
        self.server.ended().await;
    }

    /// Asks it to stop and waits until it has; how it ended, and all that it wrote to the log.
    pub(crate) async fn stop(self) -> (ExitStatus, String) {
        self.server.stop().await
    }
}

/// Hands every request on as the TLS proxy in front would.
fn doors(base: String) -> Router {
    let client = reqwest::Client::builder().redirect(Redirects::none()).no_proxy().build().expect("a client without special wishes");
    Router::new().fallback(move |request: Request| hand_on(client.clone(), base.clone(), request))
}

async fn hand_on(client: reqwest::Client, base: String, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("tests' bodies are in memory");
    let url = format!("{base}{}", parts.uri);
    let sent = client.request(parts.method, url).headers(parts.headers).header("x-forwarded-proto", "https").body(body).send();
    // What a proxy says when the server is gone.
    let Ok(answer) = sent.await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
