//! The floor: what axum alone does with a form and a JSON answer of the same size, in a process of its own.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use anyhow::Context as _;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::load;

/// Six hundred characters, about the length of a signed access token.
const TOKEN: &str = include_str!("token.txt");

#[derive(Serialize)]
struct Tokens {
    access_token: &'static str,
    token_type: &'static str,
    expires_in: u32,
    scope: String,
}

#[derive(Serialize)]
struct Introspection {
    active: bool,
    client_id: String,
    exp: u64,
}

fn json_of(document: &impl Serialize) -> Response {
    let body = serde_json::to_vec(document).expect("plain members serialize");
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

#[expect(clippy::disallowed_types, reason = "the floor is axum as it comes")]
async fn form(axum::Form(mut sent): axum::Form<HashMap<String, String>>) -> Response {
    let scope = sent.remove("scope").unwrap_or_default();
    json_of(&Tokens { access_token: TOKEN, token_type: "Bearer", expires_in: 3_600, scope })
}

#[expect(clippy::disallowed_types, reason = "the floor is axum as it comes")]
async fn json(axum::Form(mut sent): axum::Form<HashMap<String, String>>) -> Response {
    json_of(&Introspection { active: true, client_id: sent.remove("client_id").unwrap_or_default(), exp: 1_800_000_000 })
}

/// A page of so many bytes, made once.
async fn page(
    axum::extract::State(page): axum::extract::State<axum::body::Bytes>,
    axum::extract::Path(length): axum::extract::Path<usize>,
) -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], page.slice(..length.min(page.len()))).into_response()
}

/// Serves the floor until killed.
pub(crate) async fn serve(port: u16) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    std::io::Write::write_all(&mut std::io::stdout(), format!("{address}\n").as_bytes())?;
    let router = Router::new().route("/form", post(form)).route("/json", post(json));
    let pages = Router::new().route("/page/{length}", get(page)).with_state(axum::body::Bytes::from(vec![b'x'; 256 * 1024]));
    let router = router.merge(pages);
    Ok(axum::serve(axum::serve::ListenerExt::tap_io(listener, |io| drop(io.set_nodelay(true))), router).await?)
}

/// The running floor server.
pub(crate) struct Floor {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    _process: Child,
}

impl Floor {
    /// Starts this very program as a floor server.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let mut process =
            Command::new(std::env::current_exe()?).args(["--floor", "0"]).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line).await?;
        Ok(Self { address: line.trim().parse()?, _process: process })
    }

    /// A token request.
    pub(crate) fn form_request() -> Vec<u8> {
        let body = "grant_type=client_credentials&client_id=abcdefghijklmnopqrstuvwxyz&client_secret=grs_0123456789012345678901234567890123456789abcdef&scope=read";
        load::post("/form", "", body)
    }

    /// A request for a page of `length` bytes.
    pub(crate) fn page_request(length: usize) -> Vec<u8> {
        format!("GET /page/{length} HTTP/1.1\r\nHost: bench\r\n\r\n").into_bytes()
    }

    /// An introspection request.
    pub(crate) fn json_request() -> Vec<u8> {
        load::post("/json", "", &format!("client_id=abcdefghijklmnopqrstuvwxyz&token={TOKEN}"))
    }
}
