//! The demo apps of `grantor dev`: made where they are missing, and given new secrets and a new key where `dev.json` is lost, so that
//! a loss takes no slot of the org.

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use crate::cli::dev::record::{DevApps, MachineApp, SigningApp, SpaApp, WebApp};
use crate::flows::Deps;
use crate::flows::clients;
use crate::flows::clients::keys::{self, KeyDraft};
use crate::flows::clients::list::{self, Query};
use crate::flows::clients::register::{register, register_system};
use crate::flows::clients::secrets::{self, SecretDraft};
use crate::flows::orgs::OrgAccess;
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::client_draft::ClientDraft;
use crate::model::org::Org;

/// Nothing listens there: a person reads the code from the address bar, a script from the Location header.
const WEB_CALLBACK: &str = "http://127.0.0.1:8765/callback";
const SPA_CALLBACK: &str = "http://127.0.0.1:5173/callback";
/// The note of secrets and keys whose value is in `dev.json`; after its loss they are good for nothing.
const NOTE: &str = "In dev.json";
/// The note that an older version gave to keys.
const OLD_KEY_NOTE: &str = "Its private half is in dev.json";

/// An app with what only its maker knows; empty where the org has no room for it.
#[derive(Default)]
struct Demo {
    client_id: String,
    client_secret: String,
    redirect_uri: String,
}

/// All of them, each found by its name or made.
pub(super) async fn provide(deps: &Deps, org: &Org, scopes: &[String]) -> anyhow::Result<DevApps> {
    let access = OrgAccess::operator(org.clone());
    let draft = |kind, name: &str, description: &str, redirect_uri: Option<&str>| ClientDraft {
        name: name.to_owned(),
        description: description.to_owned(),
        redirect_uris: redirect_uri.into_iter().map(str::to_owned).collect(),
        scopes: scopes.to_vec(),
        ..ClientDraft::defaults(kind)
    };
    let web = draft(ClientKind::Web, "Demo web app", "Runs on a server and acts for people.", Some(WEB_CALLBACK));
    let web = find_or_register(deps, &access, ClientKind::Web, web, false).await?;
    let spa = draft(ClientKind::Spa, "Demo single-page app", "Runs in the browser and acts for people.", Some(SPA_CALLBACK));
    let spa = find_or_register(deps, &access, ClientKind::Spa, spa, false).await?;
    let m2m = draft(ClientKind::M2m, "Demo machine app", "Runs on a server and acts for itself.", None);
    let m2m = find_or_register(deps, &access, ClientKind::M2m, m2m, false).await?;
    let management = deps.policy.api(&deps.policy.management_api()).map(|api| api.scopes.iter().map(|scope| scope.name.clone()).collect());
    let manager = ClientDraft {
        scopes: management.unwrap_or_default(),
        ..draft(ClientKind::M2m, "Manager", "Manages the organization by the REST API.", None)
    };
    let manager = find_or_register(deps, &access, ClientKind::M2m, manager, true).await?;
    Ok(DevApps {
        web: WebApp { client_id: web.client_id, client_secret: web.client_secret, redirect_uri: web.redirect_uri },
        spa: SpaApp { client_id: spa.client_id, redirect_uri: spa.redirect_uri },
        m2m: SigningApp { client_id: m2m.client_id, client_secret: m2m.client_secret, private_key_pem: String::new() },
        manager: MachineApp { client_id: manager.client_id, client_secret: manager.client_secret },
    })
}

async fn find_or_register(deps: &Deps, access: &OrgAccess, kind: ClientKind, draft: ClientDraft, system: bool) -> anyhow::Result<Demo> {
    let query = Query { q: Some(draft.name.clone()), kind: Some(kind), system: Some(system), ..Query::default() };
    let listed = list::list(deps, access, &query).await?.items;
    if let Some(known) = listed.into_iter().find(|known| known.client.profile.name == draft.name) {
        let client_secret = if kind.is_confidential() { new_secret(deps, access, &known).await? } else { String::new() };
        let redirect_uri = known.client.profile.redirect_uris.first().map(ToString::to_string).unwrap_or_default();
        return Ok(Demo { client_id: known.client.client_id, client_secret, redirect_uri });
    }
    let redirect_uri = draft.redirect_uris.first().cloned().unwrap_or_default();
    let (name, now) = (draft.name.clone(), deps.clock.now());
    let registered =
        if system { register_system(deps, access, kind, draft, now).await } else { register(deps, access, kind, draft, now).await };
    match registered {
        Ok(made) => {
            let client_secret = made.client_secret.map(|secret| secret.expose().clone()).unwrap_or_default();
            Ok(Demo { client_id: made.record.client.client_id, client_secret, redirect_uri })
        }
        Err(clients::Error::AppLimitReached(usage)) => {
            tracing::warn!(app = name, used = usage.used, limit = usage.limit, "the org has no slot for this app; dev.json is without it");
            Ok(Demo::default())
        }
        Err(error) => Err(error.into()),
    }
}

/// A secret beside the present one. Where there is no room, the oldest goes: dev.json is lost, and of two secrets nobody may know any.
async fn new_secret(deps: &Deps, access: &OrgAccess, app: &ClientRecord) -> anyhow::Result<String> {
    let (client_id, now) = (&*app.client.client_id, deps.clock.now());
    let draft = || SecretDraft { note: NOTE.to_owned(), expires_at: None };
    let mut added = secrets::add(deps, access, client_id, draft(), now).await;
    if let Err(clients::Error::SecretLimitReached { .. }) = added {
        let own = app.credentials.iter().filter(|own| own.is_secret() && own.technical_account.is_none() && own.is_live(now));
        if let Some(oldest) = own.min_by_key(|own| own.created_at) {
            added = match secrets::delete(deps, access, (client_id, oldest.id), false, now).await {
                Ok(_) => secrets::add(deps, access, client_id, draft(), now).await,
                Err(refused) => Err(refused),
            };
        }
    }
    match added {
        Ok(added) => Ok(added.client_secret.expose().clone()),
        Err(clients::Error::Unavailable(trouble)) => Err(trouble.into()),
        Err(refused) => {
            tracing::warn!(app = app.client.profile.name, "no new secret: {refused}; dev.json is without it");
            Ok(String::new())
        }
    }
}

/// A key for the machine app, and its private half as PKCS#8; nothing where somebody deleted the app or gave it all keys it may have.
pub(super) async fn new_key(deps: &Deps, org: &Org, client_id: &str) -> anyhow::Result<String> {
    let access = OrgAccess::operator(org.clone());
    let pair = tokio::task::spawn_blocking(|| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)).await??;
    let draft = KeyDraft { key: pair.public_key_pem().into_bytes(), note: NOTE.to_owned(), ..KeyDraft::default() };
    match replace_key(deps, &access, client_id, draft).await {
        Ok(()) => Ok(pair.serialize_pem()),
        Err(clients::Error::Unavailable(trouble)) => Err(trouble.into()),
        Err(_) => Ok(String::new()),
    }
}

/// Adds a key; those whose private half was in a lost `dev.json` go.
async fn replace_key(deps: &Deps, access: &OrgAccess, client_id: &str, draft: KeyDraft) -> Result<(), clients::Error> {
    let now = deps.clock.now();
    let lost = keys::list(deps, access, client_id).await?.credentials;
    for own in lost.iter().filter(|own| own.key().is_some() && [NOTE, OLD_KEY_NOTE].contains(&&*own.note)) {
        keys::revoke(deps, access, (client_id, own.id), false, now).await?;
        keys::delete(deps, access, (client_id, own.id), now).await?;
    }
    keys::add(deps, access, client_id, draft, now).await.map(drop)
}
