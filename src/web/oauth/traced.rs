//! What the app's owner is told of a request at these doors: noted when it is answered, whatever the answer.
//!
//! Every door that is opened and answered by [`Door`] is noted; none has to think of it. A request that names no known app leaves
//! nothing behind, so that strangers fill nobody's table.

use std::sync::{Arc, OnceLock};

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::flows::traces::{Asked, Refused};
use crate::model::client::ClientRecord;
use crate::model::request_trace::Endpoint;
use crate::web::extract::credentials::Authorization;
use crate::web::oauth::Door;
use crate::web::oauth::error::Failure;
use crate::web::paths;
use crate::wire::{AuthMethod, GrantType, Parameters};

/// What is known of a request until it is answered.
#[derive(Debug)]
pub(super) struct Account {
    endpoint: Option<Endpoint>,
    sent: OnceLock<Arc<Parameters>>,
    client: OnceLock<Arc<ClientRecord>>,
}

impl Account {
    pub(super) fn of(path: &str) -> Self {
        Self { endpoint: endpoint(path), sent: OnceLock::new(), client: OnceLock::new() }
    }

    /// Remembers the parameters.
    pub(super) fn keep(&self, sent: Arc<Parameters>) -> Arc<Parameters> {
        Arc::clone(self.sent.get_or_init(|| sent))
    }

    /// Remembers whose request it is; without this the client that the request names is looked up.
    pub(super) fn is_of(&self, record: &Arc<ClientRecord>) {
        self.client.get_or_init(|| Arc::clone(record));
    }
}

fn endpoint(path: &str) -> Option<Endpoint> {
    match path.trim_end_matches('/') {
        paths::TOKEN | paths::TOKEN_REFRESH | paths::alias::TOKEN | paths::alias::IMS_TOKEN => Some(Endpoint::Token),
        paths::REVOKE | paths::alias::REVOKE => Some(Endpoint::Revoke),
        paths::INTROSPECT => Some(Endpoint::Introspect),
        path => [Endpoint::JwtExchange, Endpoint::ImsExchange].into_iter().find(|endpoint| endpoint.path() == path),
    }
}

impl Door {
    /// Notes the request with its outcome.
    pub(super) fn note(&self, client: Option<Arc<ClientRecord>>, outcome: &Result<Response, Failure>) {
        let (Some(endpoint), Some(record)) = (self.account.endpoint, client) else { return };
        let asked = Asked {
            at: self.context.now,
            request_id: self.context.request_id.clone(),
            endpoint,
            grant: self.sent("grant_type").and_then(GrantType::parse),
            method: self.method(),
        };
        let traces = &self.app.deps.traces;
        match outcome {
            Ok(response) => traces.answered(&record, asked, response.status().as_u16()),
            Err(failure) => {
                let (status, error, cause, contrast) = failure.explained();
                let sent = |name: &str| self.sent(name);
                let why = Refused { error, cause, contrast, sent: &sent, secret: self.secret() };
                traces.refused(&self.app.deps, &record, asked, status, &why);
            }
        }
    }

    fn sent(&self, name: &str) -> Option<&str> {
        self.account.sent.get().and_then(|sent| sent.get(name))
    }

    /// The app that proved itself, or else the one that the request names.
    pub(super) async fn client(&self) -> Option<Arc<ClientRecord>> {
        if let Some(record) = self.account.client.get() {
            return Some(Arc::clone(record));
        }
        let named = self.named_client()?;
        self.app.deps.clients.get(&self.app.deps, &named).await.ok().flatten()
    }

    fn named_client(&self) -> Option<String> {
        if let Authorization::Basic(basic) = &self.authorization {
            return Some(basic.client_id.clone());
        }
        if let Some(named) = self.sent("client_id") {
            return Some(named.to_owned());
        }
        let assertion = ["client_assertion", "assertion", "jwt_token"].into_iter().find_map(|name| self.sent(name));
        assertion.and_then(issuer_of).or_else(|| {
            let query = self.query.as_deref().unwrap_or_default();
            url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "client_id").map(|(_, value)| value.into_owned())
        })
    }

    fn method(&self) -> Option<AuthMethod> {
        let word = match &self.authorization {
            Authorization::Basic(_) => "client_secret_basic",
            Authorization::Bearer(_) | Authorization::Malformed => return None,
            Authorization::Absent if self.sent("client_assertion").is_some() => "private_key_jwt",
            Authorization::Absent if self.sent("client_secret").is_some() => "client_secret_post",
            Authorization::Absent => "none",
        };
        AuthMethod::ALL.into_iter().find(|method| method.as_str() == word)
    }

    fn secret(&self) -> Option<&str> {
        match &self.authorization {
            Authorization::Basic(basic) if !basic.client_secret.expose().is_empty() => Some(basic.client_secret.expose().as_str()),
            _ => self.sent("client_secret"),
        }
    }
}

/// Who an assertion says issued it, believed only so far as to choose whose list the request appears in.
fn issuer_of(assertion: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    let claim = |name: &str| claims.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    claim("client_id").or_else(|| claim("iss"))
}
