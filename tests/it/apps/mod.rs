//! Apps by pages and by the management API: quota, rights, secrets, edits, deletion.

use grantor::flows::orgs::{self, OrgAccess};
use grantor::model::audit::{Actor, Origin};
use grantor::model::client::ClientKind;
use grantor::model::client_draft::ClientDraft;
use grantor::model::membership::Role;
use grantor::model::scope::ScopeSet;
use serde_json::{Value, json};

use crate::kit::world::{App, CALLBACK, World};

mod api;
mod console;
mod edits;
mod isolation;
mod keys;
mod lifecycle;
mod lists;
mod logos;
mod pages;
mod quota;
mod secrets;
mod service_credentials;
mod settings;

/// Every scope of the management API that these tests need.
pub(crate) const ALL: &str = "apps:read apps:write credentials:write tokens:revoke";

/// Where the apps of `acme` are.
pub(crate) const APPS: &str = "/api/v1/orgs/acme/apps";

/// The org's own manager: an app with the org's rights that takes no slot.
pub(crate) async fn manager(world: &World) -> App {
    let scopes = ScopeSet::parse(ALL).expect("scopes");
    let change = |client: &mut grantor::model::client::Client| {
        client.profile.scopes = scopes;
        client.system = true;
    };
    world.app_with(ClientKind::M2m, change).await
}

/// A world with the manager's token.
pub(crate) async fn managed() -> (World, String) {
    let world = World::new().await;
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    (world, token)
}

/// A person of `acme` at the door of their org.
pub(crate) async fn inside(world: &World, role: Role) -> OrgAccess {
    let user = world.person(role).await;
    let origin = Origin { actor: Actor::Anonymous, ip: None, request_id: None };
    orgs::enter_as_user(&world.deps, &user, "acme", &origin).await.expect("their own org")
}

/// A good wish for an app.
fn wish(name: &str) -> ClientDraft {
    ClientDraft { name: name.to_owned(), redirect_uris: vec![CALLBACK.to_owned()], ..ClientDraft::defaults(ClientKind::Web) }
}

/// The same for the API.
fn body(name: &str) -> Value {
    json!({ "kind": "web", "name": name, "redirect_uris": [CALLBACK] })
}

/// The operator inside `acme`.
pub(crate) fn inside_as_operator(world: &World) -> OrgAccess {
    OrgAccess::operator(world.org.clone())
}

/// A manager whose tokens live for weeks.
pub(crate) async fn lasting_manager(world: &World) -> App {
    let scopes = ScopeSet::parse(ALL).expect("scopes");
    let change = |client: &mut grantor::model::client::Client| {
        client.profile.scopes = scopes;
        client.profile.access_token_lifetime = 7_776_000;
        client.system = true;
    };
    world.app_with(ClientKind::M2m, change).await
}
