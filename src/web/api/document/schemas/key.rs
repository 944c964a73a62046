//! Public keys, service credentials and technical accounts.

use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::web::api::document::schemas::credential::Credential;

/// The keys of an app.
#[derive(ToSchema)]
pub struct KeyList {
    /// The app.
    pub client_id: String,
    /// Registered keys.
    pub keys: Vec<Credential>,
    /// What was found at its `jwks_uri`, if it has one.
    #[schema(required)]
    pub published: Option<PublishedKeys>,
}

/// What was found at a `jwks_uri`.
#[derive(ToSchema)]
pub struct PublishedKeys {
    /// Where.
    #[schema(required)]
    pub jwks_uri: Option<String>,
    /// The keys that can be used.
    pub keys: Vec<PublishedKey>,
    /// When it was read last.
    #[schema(required)]
    pub fetched_at: Option<OffsetDateTime>,
    /// When reading was tried last.
    #[schema(required)]
    pub attempted_at: Option<OffsetDateTime>,
    /// Why that failed.
    #[schema(required)]
    pub problem: Option<String>,
}

/// A key of a published set.
#[derive(ToSchema)]
pub struct PublishedKey {
    /// Its id in the set.
    #[schema(required)]
    pub kid: Option<String>,
    /// The algorithm that it signs with.
    pub algorithm: String,
    /// Its size.
    pub bits: u16,
    /// Its RFC 7638 thumbprint.
    pub thumbprint: String,
}

/// A key to register.
#[derive(ToSchema)]
pub struct KeyWish {
    /// PEM as a string, or a JWK as an object.
    pub key: Value,
    /// Where it is used.
    #[schema(max_length = 64)]
    pub note: Option<String>,
    /// When it stops working; `null` for never, or with its certificate.
    pub expires_at: Option<OffsetDateTime>,
    /// Whom its tokens act as; the app itself when absent.
    pub technical_account: Option<Uuid>,
}

/// What can be chosen for service credentials.
#[derive(ToSchema)]
pub struct ServiceCredentialsWish {
    /// Where they are used.
    #[schema(max_length = 64)]
    pub note: Option<String>,
    /// Whom they act as; a new technical account when absent.
    pub technical_account: Option<Uuid>,
}

/// The document that clients read.
#[derive(ToSchema)]
pub struct ServiceCredentials {
    /// `true`
    pub ok: bool,
    /// What a client needs.
    pub integration: Integration,
    /// `200`
    #[schema(rename = "statusCode")]
    pub status_code: u16,
}

/// What a client with service credentials needs.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Integration {
    /// The host to ask, without a scheme.
    pub ims_endpoint: String,
    /// Scopes, separated by commas.
    pub metascopes: String,
    /// The app.
    pub technical_account: ServiceClient,
    /// The technical account's address.
    pub email: String,
    /// The technical account, the `sub` of assertions.
    pub id: String,
    /// The org, the `iss` of assertions.
    pub org: String,
    /// The private key, as PEM.
    pub private_key: String,
    /// The certificate, as PEM.
    pub public_key: String,
}

/// An app with its secret.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ServiceClient {
    /// The client id.
    pub client_id: String,
    /// The secret that goes with the key.
    pub client_secret: String,
}

/// An assertion to check.
#[derive(ToSchema)]
pub struct AssertionWish {
    /// Where it is meant to go: `client_assertion`, `jwt_bearer`, `workfront_exchange` or `ims_exchange`.
    pub profile: String,
    /// The JWT.
    pub assertion: String,
}

/// What would become of an assertion.
#[derive(ToSchema)]
pub struct AssertionReport {
    /// The app.
    pub client_id: String,
    /// Where it is meant to go.
    pub profile: String,
    /// Whether that door would accept it now.
    pub accepted: bool,
    /// Whether a live key of the app signed it; if not, header and claims are anybody's words.
    pub verified: bool,
    /// What the door would answer; `null` when it would accept it.
    #[schema(required)]
    pub refusal: Option<AssertionRefusal>,
    /// Every check in its order.
    pub checks: Vec<AssertionCheck>,
    /// The header; `null` when it cannot be read.
    #[schema(required, value_type = Option<Object>)]
    pub header: Option<Value>,
    /// The claims; `null` when they cannot be read.
    #[schema(required, value_type = Option<Object>)]
    pub claims: Option<Value>,
}

/// The error that a door would answer with.
#[derive(ToSchema)]
pub struct AssertionRefusal {
    /// The OAuth code.
    pub error: String,
    /// The text beside it.
    pub error_description: String,
}

/// One check of an assertion.
#[derive(ToSchema)]
pub struct AssertionCheck {
    /// A stable word.
    pub check: String,
    /// What must hold, for people.
    pub title: String,
    /// `passed`, `failed` or `not_reached`.
    pub result: String,
    /// What would have been right.
    pub expected: String,
    /// What came, cut to a readable length; empty when nothing did.
    pub came: String,
    /// What is wrong, if it failed.
    #[schema(required)]
    pub cause: Option<String>,
    /// By how many seconds, where the check is about time.
    #[schema(required)]
    pub seconds_off: Option<i64>,
}

/// The technical accounts of an app.
#[derive(ToSchema)]
pub struct TechnicalAccountList {
    /// The app.
    pub client_id: String,
    /// Its technical accounts, oldest first.
    pub technical_accounts: Vec<TechnicalAccount>,
}

/// Somebody who is no person: what a key's tokens act as.
#[derive(ToSchema)]
pub struct TechnicalAccount {
    /// Its id.
    pub id: Uuid,
    /// The `sub` of its tokens.
    pub subject: String,
    /// An address that products can show.
    pub email: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// By whom, if by a person.
    #[schema(required)]
    pub created_by: Option<Uuid>,
    /// Ids of its keys.
    pub keys: Vec<Uuid>,
}
