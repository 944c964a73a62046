//! The door of the management API: who asks, in which org, about which thing.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, IF_MATCH};
use axum::http::request::Parts;
use time::OffsetDateTime;

use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, access, orgs};
use crate::model::audit::{Actor, Origin};
use crate::web::AppState;
use crate::web::api::problem::Problem;
use crate::web::extract::credentials::session_id;
use crate::web::extract::{ClientIp, Now, RequestId};

/// An app that showed a good token, inside its own org.
pub(super) struct Door {
    /// What flows work with.
    pub(super) deps: Arc<Deps>,
    /// Its rights.
    pub(super) access: OrgAccess,
    /// The instant of the request.
    pub(super) now: OffsetDateTime,
    /// Method and path, part of what an idempotency key stands for.
    pub(super) target: String,
    /// The headers.
    pub(super) headers: HeaderMap,
    params: HashMap<String, String>,
}

impl Door {
    /// The `{client_id}` of the path.
    pub(super) fn client_id(&self) -> &str {
        self.params.get("client_id").map_or("", String::as_str)
    }

    /// The `{id}` of the path; what is no id is not found.
    pub(super) fn id<T: FromStr>(&self) -> Result<T, Problem> {
        self.params.get("id").and_then(|id| id.parse().ok()).ok_or_else(Problem::not_found)
    }

    /// The version that `If-Match` asks for (RFC 9110 §13.1.1); `None` when it was not sent or is `*`.
    pub(super) fn if_match(&self) -> Result<Option<i32>, Problem> {
        let mut sent = self.headers.get_all(IF_MATCH).iter();
        let (Some(only), None) = (sent.next(), sent.next()) else {
            return if self.headers.contains_key(IF_MATCH) { Err(Problem::precondition_failed()) } else { Ok(None) };
        };
        let tag = only.to_str().map_err(|_| Problem::precondition_failed())?.trim();
        if tag == "*" {
            return Ok(None);
        }
        let version = tag.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"')).and_then(|version| version.parse().ok());
        version.map(Some).ok_or_else(Problem::precondition_failed)
    }

    /// The `Idempotency-Key`, if one was sent: 1 to 255 visible ASCII characters.
    pub(super) fn idempotency_key(&self) -> Result<Option<&str>, Problem> {
        let mut sent = self.headers.get_all("idempotency-key").iter();
        let Some(key) = sent.next() else { return Ok(None) };
        let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
        match (key, sent.next()) {
            (Some(key), None) => Ok(Some(key)),
            _ => Err(Problem::malformed("An Idempotency-Key is one header of 1 to 255 visible ASCII characters.")),
        }
    }
}

impl FromRequestParts<AppState> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let Ok(Now(now)) = Now::from_request_parts(parts, app).await;
        let Ok(ClientIp(ip)) = ClientIp::from_request_parts(parts, app).await;
        let Ok(RequestId(request_id)) = RequestId::from_request_parts(parts, app).await;
        let bearer = match session_id(&parts.headers) {
            Some(token) => access::authenticate_session_id(&app.deps, token, now).await?,
            None => access::authenticate_bearer(&app.deps, token(&parts.headers)?, now).await?,
        };
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        let params: HashMap<String, String> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let origin = Origin { actor: Actor::Anonymous, ip, request_id: Some(request_id) };
        let org = params.get("org").map_or("", String::as_str);
        let access = orgs::enter_as_client(&app.deps, &bearer, org, &origin).await?;
        let target = format!("{} {}", parts.method, parts.uri.path());
        Ok(Self { deps: app.deps.clone(), access, now, target, headers: parts.headers.clone(), params })
    }
}

/// The token of the one `Authorization: Bearer` header (RFC 6750 §2.1); the scheme's case does not matter (K10).
fn token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(only) = sent.next() else { return Err(Problem::no_token()) };
    if sent.next().is_some() {
        return Err(Problem::malformed("Send one Authorization header."));
    }
    let (scheme, token) = only.to_str().ok().and_then(|value| value.trim().split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Problem::no_token()) }
}
