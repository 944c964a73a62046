//! The only redirect to an app (RFC 6749 §4.1.2, RFC 9207 §2), and what a page must allow so that the browser follows it.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::flows::authorize::{Answer, Content};
use crate::model::redirect_uri::RedirectUri;
use crate::web::layers::PAGE_CSP;
use crate::web::pages::error::PageError;
use crate::web::{AppState, paths};

/// The `lane` of the Workfront switch: there is one.
const WORKFRONT_LANE: &str = "my";

/// 303 to the app, with `code` or `error`, `state` if one was sent, and `iss`. Never 307, which would carry a posted password along (A11).
pub fn redirect(app: &AppState, answer: &Answer, request_id: &str) -> Response {
    let target = location(&app.deps.policy.issuer, answer, request_id);
    // A header value cannot hold a line break, and what no browser would follow is not sent (C10).
    let parsed = url::Url::parse(&target).ok().and_then(|_| HeaderValue::from_str(&target).ok());
    let Some(target) = parsed else {
        tracing::error!("a registered redirect URI cannot be written into a header");
        return PageError::new(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    let headers = [
        (LOCATION, target),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn location(issuer: &str, answer: &Answer, request_id: &str) -> String {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    match answer.content() {
        Content::Code(code) => pairs.push(("code", code.expose().clone())),
        Content::Refused(refusal) => {
            let code = refusal.error.as_str();
            pairs.push(("error", code.to_owned()));
            pairs.push(("error_description", format!("{} Reference: {request_id}", refusal.description)));
            pairs.push(("error_uri", paths::error_uri(issuer, code)));
        }
    }
    pairs.extend(answer.address().state().map(|state| ("state", state.to_owned())));
    pairs.push(("iss", issuer.to_owned()));
    if let Some(domain) = answer.workfront_domain() {
        pairs.push(("domain", domain.to_owned()));
        pairs.push(("lane", WORKFRONT_LANE.to_owned()));
    }
    append(answer.address().redirect_uri().as_str(), &pairs)
}

/// `uri` as registered, byte for byte, with `pairs` behind its own query (RFC 6749 §3.1.2).
fn append(uri: &str, pairs: &[(&str, String)]) -> String {
    let mut target = uri.to_owned();
    let mut separator = match uri.find('?') {
        None => "?",
        Some(_) if uri.ends_with(['?', '&']) => "",
        Some(_) => "&",
    };
    for (name, value) in pairs {
        target.push_str(separator);
        target.push_str(name);
        target.push('=');
        for part in url::form_urlencoded::byte_serialize(value.as_bytes()) {
            // Every decoder reads %20 as a blank; some read + as itself.
            target.push_str(if part == "+" { "%20" } else { part });
        }
        separator = "&";
    }
    target
}

/// The policy of a page whose form may end in a redirect to `uri`: browsers hold `form-action` against redirects too, and would
/// stop the person on the way, silently, when the code is already spent (A25).
///
/// They hold it against every hop of the chain: a callback at `https://api.app.example` that goes on to `https://app.example`
/// is stopped there unless the scheme is allowed as well (seen in Chromium). So the origin is named, and the schemes to which
/// such an app goes on: https, and plain http only where the callback is plain http on the person's own machine.
pub fn page_csp(uri: &RedirectUri) -> HeaderValue {
    let policy = match form_action(uri) {
        Some(sources) => PAGE_CSP.replace("form-action 'self'", &format!("form-action 'self' {sources}")),
        None => PAGE_CSP.to_owned(),
    };
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(PAGE_CSP))
}

/// The source expressions (CSP Level 3 §2.3.1) of where `uri` leads, and where it may lead on.
fn form_action(uri: &RedirectUri) -> Option<String> {
    let url = url::Url::parse(uri.as_str()).ok()?;
    let scheme = format!("{}:", url.scheme());
    let plain = |source: &str| source.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.:/".contains(&byte));
    // The grammar of sources has neither IPv6 addresses nor hosts with `_`; the scheme, which stands beside it anyway, is the
    // narrowest that can be written.
    let origin = uri.origin().filter(|origin| plain(origin));
    let mut sources: Vec<String> = origin.into_iter().chain(Some(scheme).filter(|scheme| plain(scheme))).collect();
    if url.scheme() != "https" {
        sources.push("https:".to_owned());
    }
    Some(sources.join(" "))
}

/// Puts [`page_csp`] on a page.
pub fn allow_redirect(page: Response, uri: &RedirectUri) -> Response {
    let mut page = page;
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, page_csp(uri));
    page
}

#[cfg(test)]
mod tests;
