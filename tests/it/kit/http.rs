//! Requests to the doors of a world, in process, and answers that tests can look at.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http_body_util::BodyExt as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use url::form_urlencoded::Serializer;

use crate::kit::document;
use crate::kit::world::{App, World};

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body as text.
    pub(crate) body: String,
}

impl Answer {
    /// A header's value; empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    /// A text member of the JSON body.
    pub(crate) fn text(&self, member: &str) -> String {
        let json = self.json();
        json[member].as_str().unwrap_or_else(|| panic!("no {member} in {json}")).to_owned()
    }

    /// Asserts the status, showing the body otherwise.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// Asserts an OAuth error body (RFC 6749 §5.2).
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, error: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.text("error"), error, "{}", answer.body);
        answer
    }
}

/// Sends one request.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("the router is infallible");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("the body is read").to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// A form body.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// `Basic` credentials as most clients send them.
pub(crate) fn basic(app: &App) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", app.client_id, app.secret)))
}

/// A good verifier and its S256 challenge (RFC 7636 §4.2).
pub(crate) fn pkce() -> (String, String) {
    let verifier = "a-verifier-of-more-than-forty-three-characters".to_owned();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    (verifier, challenge)
}

impl World {
    /// GET without cookies.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(&self.router, Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// A form post without cookies.
    pub(crate) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.post_as(path, None, pairs).await
    }

    /// A form post with an `Authorization` header.
    pub(crate) async fn post_as(&self, path: &str, authorization: Option<&str>, pairs: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        send(&self.router, request.body(Body::from(form(pairs))).expect("a request")).await
    }

    /// A request of the management API with a bearer token.
    pub(crate) async fn api(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path).header("authorization", format!("Bearer {token}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        let answer = send(&self.router, request.body(body).expect("a request")).await;
        document::hold(&method, path, &answer);
        answer
    }

    /// A token request of `app`, which authenticates with Basic if it has a secret and by `client_id` otherwise.
    pub(crate) async fn token(&self, app: &App, pairs: &[(&str, &str)]) -> Answer {
        if app.secret.is_empty() {
            let with_id: Vec<_> = pairs.iter().copied().chain([("client_id", app.client_id.as_str())]).collect();
            return self.post("/token", &with_id).await;
        }
        self.post_as("/token", Some(&basic(app)), pairs).await
    }

    /// A refresh.
    pub(crate) async fn refresh(&self, app: &App, token: &str) -> Answer {
        self.token(app, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// A client-credentials access token with `scope`.
    pub(crate) async fn machine_token(&self, app: &App, scope: &str) -> String {
        self.token(app, &[("grant_type", "client_credentials"), ("scope", scope)]).await.expect(200).text("access_token")
    }
}
