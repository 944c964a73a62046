//! People, invitations, the audit trail.

use std::collections::BTreeMap;

use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// One page of people.
#[derive(ToSchema)]
pub struct PersonList {
    /// By address.
    pub people: Vec<Person>,
    /// Send it as `cursor` for the next page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// Somebody who belongs to the org.
#[derive(ToSchema)]
pub struct Person {
    /// Their id.
    pub id: Uuid,
    /// How they sign in.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are in this org.
    pub role: Role,
    /// Since when they belong to it.
    pub since: OffsetDateTime,
    /// When a browser of theirs was last seen.
    #[schema(required)]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Whether they can sign in.
    pub status: Standing,
}

/// What somebody may do in an org.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but changing owners.
    Admin,
    /// Reads apps.
    Developer,
    /// Their own account.
    Member,
}

/// Whether somebody can sign in.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Standing {
    /// Yes.
    Active,
    /// No.
    Disabled,
}

/// A person's change.
#[derive(ToSchema)]
pub struct PersonChange {
    /// What they are to be.
    pub role: Role,
}

/// Whom to invite.
#[derive(ToSchema)]
pub struct InvitationWish {
    /// One address.
    #[schema(max_length = 254)]
    pub email: String,
    /// As what.
    pub role: Role,
}

/// The open invitations.
#[derive(ToSchema)]
pub struct InvitationList {
    /// Newest first.
    pub invitations: Vec<Invitation>,
}

/// An open invitation.
#[derive(ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When its link was last sent.
    pub sent_at: OffsetDateTime,
    /// From when on the link is refused.
    pub expires_at: OffsetDateTime,
    /// The link to hand over, where the server sends no mail: in the answer that made it and never again.
    #[schema(required = false, nullable = false, format = "uri")]
    pub link: Option<String>,
}

/// One page of the audit trail.
#[derive(ToSchema)]
pub struct Trail {
    /// Newest first.
    pub events: Vec<AuditEvent>,
    /// Send it as `cursor` for the next page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// One entry of the trail.
#[derive(ToSchema)]
pub struct AuditEvent {
    /// Its id; ids rise with time.
    pub id: Uuid,
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub actor: AuditActor,
    /// What, as `noun.verb`.
    #[schema(example = "secret.create")]
    pub action: String,
    /// How it went.
    pub outcome: AuditOutcome,
    /// What it was done to.
    pub target: AuditTarget,
    /// From where.
    #[schema(required)]
    pub ip: Option<String>,
    /// Reference of the request that did it, as in `X-Request-Id`.
    #[schema(required)]
    pub request_id: Option<String>,
    /// What changed, without secret values.
    pub detail: BTreeMap<String, Value>,
}

/// Who did it.
#[derive(ToSchema)]
pub struct AuditActor {
    /// What they are.
    pub kind: AuditActorKind,
    /// A person's id or an app's client id.
    #[schema(required)]
    pub id: Option<String>,
    /// What they were called then.
    pub label: String,
}

/// Kinds of actors.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum AuditActorKind {
    /// A person.
    User,
    /// An app.
    Client,
    /// The operator at the command line.
    Operator,
    /// The server by itself.
    Server,
    /// Nobody known.
    Anonymous,
}

/// How it went.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was tried and refused, or ended as an attack.
    Refused,
}

/// What it was done to.
#[derive(ToSchema)]
pub struct AuditTarget {
    /// What kind of thing.
    #[schema(example = "client")]
    pub kind: String,
    /// Its id.
    #[schema(required)]
    pub id: Option<String>,
}
