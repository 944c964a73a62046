//! The audit trail: who did what to which thing, when, from where.

use std::net::IpAddr;

use time::OffsetDateTime;

use crate::model::client::Client;
use crate::model::ids::{AuditEventId, OrgId, UserId};

/// Who acts and from where; travels from the door to every flow that changes something.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// From where, behind trusted proxies only.
    pub ip: Option<IpAddr>,
    /// The request's reference id.
    pub request_id: Option<String>,
}

/// From where an app acts, until it is known what it does.
#[derive(Debug, Clone, Default)]
pub struct Whence {
    /// Its address, behind trusted proxies only.
    pub ip: Option<IpAddr>,
    /// The request's reference id.
    pub request_id: Option<String>,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    User {
        /// Who.
        id: UserId,
        /// Their e-mail at that time.
        email: String,
    },
    /// A client with its own credentials.
    Client {
        /// Public id.
        client_id: String,
        /// Name at that time.
        name: String,
    },
    /// Somebody at the server's command line.
    Operator,
    /// The server itself.
    Server,
    /// Nobody we know, such as a failed sign-in.
    Anonymous,
}

impl Actor {
    /// The stored word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Client { .. } => "client",
            Self::Operator => "operator",
            Self::Server => "server",
            Self::Anonymous => "anonymous",
        }
    }

    /// The stored id.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::User { id, .. } => Some(id.to_string()),
            Self::Client { client_id, .. } => Some(client_id.clone()),
            Self::Operator | Self::Server | Self::Anonymous => None,
        }
    }

    /// The name shown, as it was at the time.
    pub fn label(&self) -> &str {
        match self {
            Self::User { email, .. } => email,
            Self::Client { name, .. } => name,
            Self::Operator => "operator",
            Self::Server => "server",
            Self::Anonymous => "anonymous",
        }
    }
}

impl Origin {
    /// Something the server does by itself.
    pub const fn server() -> Self {
        Self { actor: Actor::Server, ip: None, request_id: None }
    }

    /// Something done at the command line.
    pub const fn operator() -> Self {
        Self { actor: Actor::Operator, ip: None, request_id: None }
    }

    /// Something an app does with its own credentials.
    pub fn of_client(client: &Client, whence: &Whence) -> Self {
        let actor = Actor::Client { client_id: client.client_id.clone(), name: client.profile.name.clone() };
        Self { actor, ip: whence.ip, request_id: whence.request_id.clone() }
    }

    /// The same place with another actor.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ip: self.ip, request_id: self.request_id.clone() }
    }
}

/// One entry to write; never holds a secret.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// Whose trail it belongs to.
    pub org: Option<OrgId>,
    /// Who and from where.
    pub origin: Origin,
    /// What, as `noun.verb`: `client.create`, `secret.delete`, `authorization.reuse`.
    pub action: &'static str,
    /// The kind of the thing: `client`, `user`, `authorization`.
    pub target_kind: &'static str,
    /// Its id as people know it.
    pub target_id: Option<String>,
    /// What changed, without secret values.
    pub detail: serde_json::Value,
}

/// One entry as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailEntry {
    /// Row id; the order of the trail.
    pub id: AuditEventId,
    /// When.
    pub at: OffsetDateTime,
    /// What kind of actor: `user`, `client`, `operator`, `server`, `anonymous`.
    pub actor_kind: String,
    /// Their id, if they have one.
    pub actor_id: Option<String>,
    /// Their name at that time.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: String,
    /// The kind of the thing.
    pub target_kind: String,
    /// Its id.
    pub target_id: Option<String>,
    /// From where.
    pub ip: Option<IpAddr>,
    /// The request's reference id.
    pub request_id: Option<String>,
    /// What changed, without secret values.
    pub detail: serde_json::Value,
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was tried and refused, or ended by us as an attack.
    Refused,
}

impl TrailEntry {
    /// How it went, as its action tells.
    pub fn outcome(&self) -> Outcome {
        let refused = ["_failed", ".reuse", ".code_replay", ".code_mismatch", ".refused", "_refused"];
        if refused.iter().any(|end| self.action.ends_with(end)) { Outcome::Refused } else { Outcome::Done }
    }
}

impl Outcome {
    /// The word of lists and exports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}
