//! Two orgs with the same things in them, and addresses that lead to one's own, to the other's, or to nothing.

use grantor::model::client::ClientKind;
use grantor::model::ids::OrgId;
use grantor::model::org::Org;
use grantor::model::user::User;

use crate::kit::http::Answer;
use crate::kit::world::{App, World};
use crate::matrix::table::Row;

/// An id that nothing has.
pub(super) const NOTHING: &str = "01890000-0000-7000-8000-000000000000";
/// A client id that no app has.
const NOBODY: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzz";

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    Own,
    ForeignOrg,
    UnknownOrg,
    ForeignApp,
    UnknownApp,
    ForeignId,
    UnknownId,
}

/// The world with the other org.
pub(super) struct Place {
    pub(super) world: World,
    pub(super) other: Org,
    theirs: App,
    outsider: User,
    insider: User,
}

/// A filled address with what was filled in.
pub(super) struct Address {
    pub(super) path: String,
    filled: Vec<(String, String)>,
    /// Whether an id in it is made up, so that even the right person may be told that nothing is there.
    pub(super) made_up: bool,
}

impl Place {
    pub(super) async fn new(insider: User, world: World, other: Org, outsider: User) -> Self {
        world.sql("UPDATE orgs SET app_limit = 5000").await;
        let theirs = world.app_of(other.id, ClientKind::Web, |_| ()).await;
        Self { world, other, theirs, outsider, insider }
    }

    /// The address of `row` in the eyes of somebody of `acme`. What is one's own is made for each address anew.
    pub(super) async fn address(&self, row: &Row, aim: Aim) -> Address {
        let own = match aim {
            Aim::Own | Aim::ForeignId | Aim::UnknownId => Some(self.world.app(ClientKind::Web).await),
            _ => None,
        };
        let (org, app) = match aim {
            Aim::ForeignOrg => (self.other.slug.as_str(), Some(&self.theirs)),
            Aim::UnknownOrg => ("nowhere", None),
            Aim::ForeignApp => ("acme", Some(&self.theirs)),
            Aim::UnknownApp => ("acme", None),
            Aim::Own | Aim::ForeignId | Aim::UnknownId => ("acme", own.as_ref()),
        };
        let mut address = Address { path: row.path.clone(), filled: Vec::new(), made_up: false };
        let parts: Vec<&str> = row.path.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else { continue };
            let value = match name {
                "slug" | "org" => org.to_owned(),
                "client_id" => app.map_or(NOBODY.to_owned(), |app| app.client_id.clone()),
                _ => {
                    let id = self.id(parts[at - 1], aim, app).await;
                    address.made_up |= id.is_none();
                    id.unwrap_or_else(|| NOTHING.to_owned())
                }
            };
            address.path = address.path.replacen(&format!("{{{name}}}"), &value, 1);
            address.filled.push((format!("{{{name}}}"), value));
        }
        if row.path.ends_with("/apps/new") {
            address.path.push_str("?kind=web");
        }
        // A living app is not there to be restored.
        address.made_up |= row.path.ends_with("/restore");
        // Nor has an app a logo before it is given one.
        address.made_up |= row.path.ends_with("/logo");
        address
    }

    /// The id of a thing called `kind` at the aim; `None` where there is none, or the test knows no way to make one.
    async fn id(&self, kind: &str, aim: Aim, app: Option<&App>) -> Option<String> {
        let (org, app, user) = match aim {
            Aim::UnknownOrg | Aim::UnknownApp | Aim::UnknownId => return None,
            Aim::Own => (self.world.org.id, app?, &self.insider),
            _ => (self.other.id, &self.theirs, &self.outsider),
        };
        match kind {
            "credentials" | "secrets" => Some(self.world.record(app).await.credentials.first()?.id.to_string()),
            "keys" => Some(self.world.key(app).await.id.to_string()),
            "authorizations" => Some(self.authorization(org, app, user).await),
            "people" if aim == Aim::Own => {
                let name = format!("p{}", self.world.count("SELECT count(*) FROM users").await);
                let user = self.world.person_of(&self.world.org, &name, grantor::model::membership::Role::Member).await;
                Some(user.id.to_string())
            }
            "people" => Some(user.id.to_string()),
            _ => None,
        }
    }

    async fn authorization(&self, org: OrgId, app: &App, user: &User) -> String {
        let all = "SELECT id::text FROM authorizations";
        let before = self.world.words(all).await;
        if org == self.world.org.id {
            self.world.approved(app, user).await;
        } else {
            let elsewhere = World { org: self.other.clone(), ..self.world.clone() };
            elsewhere.approved(app, user).await;
        }
        let after = self.world.words(all).await;
        after.into_iter().find(|id| !before.contains(id)).expect("the authorization just made")
    }
}

impl Address {
    /// An address without names to hide.
    pub(super) fn plain(path: String) -> Self {
        Self { path, filled: Vec::new(), made_up: false }
    }

    /// The body without what names this very request and address.
    pub(super) fn without_names(&self, answer: &Answer) -> String {
        let mut body = answer.body.replace(answer.header("x-request-id"), "{request_id}");
        for (name, value) in &self.filled {
            body = body.replace(value, name);
        }
        body
    }
}
