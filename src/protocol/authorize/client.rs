//! Phase one: who asks, and where the answer goes (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
//!
//! | check | the page says |
//! |---|---|
//! | `client_id` came twice, `redirect_uri` came twice | [`PageProblem::Repeated`] |
//! | `client_id` missing | [`PageProblem::ClientMissing`] |
//! | no such client, or deleted | [`PageProblem::ClientUnknown`] |
//! | client or org disabled, or a client without users and redirect URIs | [`PageProblem::ClientDisabled`] |
//! | `redirect_uri` missing, even if only one is registered | [`PageProblem::RedirectMissing`] |
//! | `redirect_uri` not registered, letter by letter | [`PageProblem::RedirectMismatch`] |

use crate::model::client::{Client, ClientRecord};
use crate::model::redirect_uri::RedirectUri;
use crate::model::refusal::Refusal;
use crate::protocol::authorize::{MAX_STATE, redirect_uri};
use crate::wire::ErrorCode;
use crate::wire::authorize::AuthorizationParams;

/// A proved redirect URI with the state that goes back to it. Only this file makes one, so an answer cannot be sent anywhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    redirect_uri: RedirectUri,
    state: Option<String>,
}

impl ReturnAddress {
    /// The exact string sent.
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// What comes back byte for byte; `None` when none was sent, or one that is too long to carry.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// Why a request is answered by a page and not by a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageProblem {
    /// No `client_id`.
    ClientMissing,
    /// A `client_id` that no app has (or had).
    ClientUnknown,
    /// The app, its org or its use of this endpoint is switched off.
    ClientDisabled,
    /// No `redirect_uri`.
    RedirectMissing,
    /// A `redirect_uri` that is not registered.
    RedirectMismatch,
    /// `client_id` or `redirect_uri` came more than once.
    Repeated,
    /// The query or body cannot be decoded.
    Malformed,
}

impl PageProblem {
    /// The code that the page names.
    pub const fn error(self) -> ErrorCode {
        match self {
            Self::ClientDisabled => ErrorCode::UnauthorizedClient,
            _ => ErrorCode::InvalidRequest,
        }
    }
}

/// Which client to load for phase one.
pub fn named_client(params: &AuthorizationParams) -> Result<&str, PageProblem> {
    if params.is_repeated("client_id") || params.is_repeated("redirect_uri") {
        return Err(PageProblem::Repeated);
    }
    params.client_id.as_deref().ok_or(PageProblem::ClientMissing)
}

/// Phase one, with the client that [`named_client`] names as the database has it.
pub fn prove_return_address(params: &AuthorizationParams, record: Option<&ClientRecord>) -> Result<ReturnAddress, PageProblem> {
    let record = record.filter(|record| record.client.deleted_at.is_none()).ok_or(PageProblem::ClientUnknown)?;
    let sent = params.redirect_uri.as_deref().ok_or(PageProblem::RedirectMissing);
    if !record.is_enabled() || (!record.client.kind.has_users() && record.client.profile.redirect_uris.is_empty()) {
        return Err(PageProblem::ClientDisabled);
    }
    prove(record, sent?, params.state.as_deref())
}

/// Proves an address against the registration as it is now: at the request, and again when it is answered (C8).
pub fn prove(record: &ClientRecord, sent: &str, state: Option<&str>) -> Result<ReturnAddress, PageProblem> {
    check_enabled(record)?;
    if !redirect_uri::is_registered(sent, &record.client) {
        return Err(PageProblem::RedirectMismatch);
    }
    Ok(address(sent, state))
}

/// The address of a try: a page of this very server, which the server chose. What a request names is never an argument here, and no
/// registration has this address, so nobody can ask for it at the endpoint.
pub fn prove_own(record: &ClientRecord, own: &str, state: Option<&str>) -> Result<ReturnAddress, PageProblem> {
    check_enabled(record)?;
    Ok(address(own, state))
}

fn check_enabled(record: &ClientRecord) -> Result<(), PageProblem> {
    if record.client.deleted_at.is_some() {
        return Err(PageProblem::ClientUnknown);
    }
    if record.is_enabled() { Ok(()) } else { Err(PageProblem::ClientDisabled) }
}

fn address(sent: &str, state: Option<&str>) -> ReturnAddress {
    let state = state.filter(|state| state.len() <= MAX_STATE).map(str::to_owned);
    ReturnAddress { redirect_uri: RedirectUri::from_registered(sent.to_owned()), state }
}

/// A client without users has no use for this endpoint (B4).
pub fn check_has_users(client: &Client) -> Result<(), Refusal> {
    if client.kind.has_users() {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::UnauthorizedClient, "This kind of app gets its tokens without a user."))
}
