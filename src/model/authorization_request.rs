//! A validated authorization request that waits for its person.

use time::OffsetDateTime;

use crate::model::ids::{AuthorizationRequestId, ClientKey, OrgId};
use crate::model::redirect_uri::RedirectUri;
use crate::model::scope::ScopeSet;
use crate::secret::Digest;

/// What was asked, after every check; the browser only ever holds its id.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Row id, the `{id}` of `/consent/{id}`.
    pub id: AuthorizationRequestId,
    /// The client's org.
    pub org: OrgId,
    /// Who asks.
    pub client: ClientKey,
    /// SHA-256 of the cookie of the browser that started it.
    pub browser: Digest,
    /// What was asked.
    pub asked: Asked,
    /// When it came.
    pub created_at: OffsetDateTime,
    /// When it is forgotten.
    pub expires_at: OffsetDateTime,
    /// Where it stands.
    pub stage: RequestStage,
    /// Whether the pages' own "try this app" began it: its answer goes to Grantor's own callback.
    pub try_out: bool,
}

/// The checked content of an authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Where the answer goes: the exact string sent, proved against the registration.
    pub redirect_uri: RedirectUri,
    /// Comes back byte for byte.
    pub state: Option<String>,
    /// All of one API; `offline_access` among them when it was asked for.
    pub scopes: ScopeSet,
    /// The API's identifier.
    pub api: String,
    /// Whether a refresh token goes with it.
    pub offline: bool,
    /// RFC 7636 §4.2, always S256.
    pub code_challenge: Option<String>,
    /// OpenID Connect Core §3.1.2.1; kept for later use.
    pub nonce: Option<String>,
    /// `none`, `login`, `consent`, `select_account`.
    pub prompt: Vec<Prompt>,
    /// Seconds since the person last proved who they are.
    pub max_age: Option<i32>,
    /// Fills the e-mail field.
    pub login_hint: Option<String>,
}

/// A value of `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Show no page.
    None,
    /// Ask for the password again.
    Login,
    /// Ask for approval again.
    Consent,
    /// Let the person choose who they are.
    SelectAccount,
}

impl Prompt {
    /// All values.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }

    /// Reads one value.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == word)
    }
}

/// Where a request stands; it moves once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStage {
    /// Waits for the person.
    Pending,
    /// A code was minted.
    Approved,
    /// The person said no, or the rules did.
    Denied,
}

impl RequestStage {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Denied].into_iter().find(|stage| stage.as_str() == word)
    }
}
