//! `dev.json`: what a script needs to try a development server. Its names are part of the public surface.

use serde::{Deserialize, Serialize};

use crate::model::membership::Role;

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DevRecord {
    pub(crate) base_url: String,
    pub(crate) issuer: String,
    pub(crate) org: DevOrg,
    pub(crate) users: DevUsers,
    pub(crate) apps: DevApps,
    pub(crate) api: DevApi,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DevOrg {
    pub(crate) slug: String,
    pub(crate) id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DevUsers {
    pub(crate) owner: DevUser,
    pub(crate) admin: DevUser,
    pub(crate) developer: DevUser,
    pub(crate) member: DevUser,
}

impl DevUsers {
    /// One for each role, from `user`.
    pub(crate) fn each(mut user: impl FnMut(Role) -> DevUser) -> Self {
        Self { owner: user(Role::Owner), admin: user(Role::Admin), developer: user(Role::Developer), member: user(Role::Member) }
    }

    pub(crate) fn get(&self, role: Role) -> &DevUser {
        match role {
            Role::Owner => &self.owner,
            Role::Admin => &self.admin,
            Role::Developer => &self.developer,
            Role::Member => &self.member,
        }
    }

    pub(crate) fn by_role(&self) -> impl Iterator<Item = (&'static str, &DevUser)> {
        Role::ALL.into_iter().map(|role| (role.as_str(), self.get(role)))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DevUser {
    pub(crate) email: String,
    pub(crate) password: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DevApps {
    pub(crate) web: WebApp,
    pub(crate) spa: SpaApp,
    pub(crate) m2m: SigningApp,
    pub(crate) manager: MachineApp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WebApp {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) redirect_uri: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SpaApp {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MachineApp {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// A machine app with a key besides its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SigningApp {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// The private half of its key, PKCS#8; empty where an older version wrote the file.
    #[serde(default)]
    pub(crate) private_key_pem: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DevApi {
    pub(crate) identifier: String,
    pub(crate) scopes: Vec<String>,
}
