//! The org, who connected, and problems.

use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// An org with its quota.
#[derive(ToSchema)]
pub struct Org {
    /// Its id.
    pub id: Uuid,
    /// Its name in addresses.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// How many apps it has and may have.
    pub apps: Usage,
}

/// A quota.
#[derive(ToSchema)]
pub struct Usage {
    /// In use; deleted apps do not count.
    pub used: u32,
    /// At most.
    pub limit: u32,
}

/// One page of authorizations.
#[derive(ToSchema)]
pub struct AuthorizationList {
    /// Living ones, newest first.
    pub authorizations: Vec<Authorization>,
    /// Send it as `cursor` for the next page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A person's approval that still lives.
#[derive(ToSchema)]
pub struct Authorization {
    /// Its id.
    pub id: Uuid,
    /// Who approved.
    pub user: ConnectedUser,
    /// What was approved.
    pub scopes: Vec<String>,
    /// The API it is for.
    pub api: String,
    /// Whether it has a refresh token.
    pub refresh_token: bool,
    /// When it was approved.
    pub created_at: OffsetDateTime,
    /// When it got its last token.
    #[schema(required)]
    pub last_used_at: Option<OffsetDateTime>,
    /// When it ends unless it is used.
    #[schema(required)]
    pub idle_expires_at: Option<OffsetDateTime>,
    /// When it ends in any case.
    #[schema(required)]
    pub absolute_expires_at: Option<OffsetDateTime>,
}

/// A person who connected.
#[derive(ToSchema)]
pub struct ConnectedUser {
    /// Their id.
    pub id: Uuid,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// What went wrong (RFC 9457).
#[derive(ToSchema)]
pub struct Problem {
    /// Names the kind of problem and leads to its description.
    #[schema(format = "uri")]
    pub r#type: String,
    /// The same in a few words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// This very case, for people.
    pub detail: String,
    /// Reference of this request, as in `X-Request-Id`.
    pub request_id: String,
    /// Each field at fault.
    #[schema(required = false, nullable = false)]
    pub errors: Option<Vec<FieldError>>,
}

/// A field at fault.
#[derive(ToSchema)]
pub struct FieldError {
    /// `name`, `redirect_uris[2]`, `refresh_tokens.retry_window`
    pub field: String,
    /// A stable word for programs.
    pub code: String,
    /// How to put it right.
    pub message: String,
}
