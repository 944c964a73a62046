//! The demo data of `grantor dev`: an org with a person of each role and an app of each kind, made through the same flows as
//! everybody's. What is there already stays; `dev.json` remembers what only its maker could know.

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use crate::cli::dev::data_dir::DataDir;
use crate::cli::dev::record::{DevApi, DevApps, DevOrg, DevRecord, DevUser, DevUsers, MachineApp, SigningApp, SpaApp, WebApp};
use crate::entropy::Entropy;
use crate::flows::Deps;
use crate::flows::clients;
use crate::flows::clients::keys::{self, KeyDraft};
use crate::flows::clients::register::{Registered, register, register_system};
use crate::flows::operator::{self, NewPerson};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientKind;
use crate::model::client_draft::ClientDraft;
use crate::model::membership::Role;
use crate::model::org::Org;
use crate::secret::Secret;
use crate::settings::Settings;

const SLUG: &str = "acme";
/// Nothing listens there: a person reads the code from the address bar, a script from the Location header.
const WEB_CALLBACK: &str = "http://127.0.0.1:8765/callback";
const SPA_CALLBACK: &str = "http://127.0.0.1:5173/callback";

/// Makes what is missing and writes `dev.json`.
pub(crate) async fn prepare(deps: &Deps, data: &DataDir, base_url: &str, settings: &Settings) -> anyhow::Result<DevRecord> {
    let now = deps.clock.now();
    let known = data.read_record()?;
    let org = match operator::find_org(deps, SLUG).await? {
        Some(org) => org,
        None => operator::create_org(deps, SLUG, "Acme Corporation", None, now).await?,
    };
    // Credentials of another database are good for nothing here.
    let known = known.filter(|known| known.org.id == org.id.to_string());
    let users = match &known {
        Some(known) => known.users.clone(),
        None => people(deps).await?,
    };
    let api = settings.apis.first().map_or_else(
        || DevApi { identifier: deps.policy.management_api(), scopes: Vec::new() },
        |api| DevApi { identifier: api.identifier.clone(), scopes: api.scopes.iter().map(|scope| scope.name.clone()).collect() },
    );
    let mut apps = match known {
        Some(known) => known.apps,
        None => apps(deps, &org, &api.scopes).await?,
    };
    if apps.m2m.private_key_pem.is_empty() {
        apps.m2m.private_key_pem = key(deps, &org, &apps.m2m.client_id).await?;
    }
    let org = DevOrg { slug: org.slug, id: org.id.to_string() };
    let record = DevRecord { base_url: base_url.to_owned(), issuer: deps.policy.issuer.clone(), org, users, apps, api };
    data.write_record(&record)?;
    Ok(record)
}

/// One person of each role. Who is there already, from a start whose `dev.json` is lost, gets a new password.
async fn people(deps: &Deps) -> anyhow::Result<DevUsers> {
    let users = DevUsers::each(|role| DevUser { email: format!("{}@acme.test", role.as_str()), password: password(&*deps.entropy) });
    for role in Role::ALL {
        let user = users.get(role);
        let secret = Secret::from(user.password.as_str());
        let name = match role {
            Role::Owner => "Olivia Owner",
            Role::Admin => "Adam Admin",
            Role::Developer => "Dana Developer",
            Role::Member => "Milo Member",
        };
        let person = NewPerson { org: SLUG, email: &user.email, name: Some(name), role, password: Some(&secret) };
        let now = deps.clock.now();
        match operator::add_person(deps, &person, now).await {
            Ok(_) => {}
            Err(operator::Error::HasAccount(_)) => {
                operator::set_password(deps, &user.email, &secret, now).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(users)
}

/// Four groups of four letters and digits, 82 bits, easy to copy by hand.
fn password(entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let group = |bytes: &[u8]| bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect::<String>();
    entropy.bytes::<16>().chunks(4).map(group).collect::<Vec<_>>().join("-")
}

async fn apps(deps: &Deps, org: &Org, scopes: &[String]) -> anyhow::Result<DevApps> {
    let access = OrgAccess::operator(org.clone());
    let now = deps.clock.now();
    let draft = |kind, name: &str, description: &str, redirect_uri: Option<&str>| ClientDraft {
        name: name.to_owned(),
        description: description.to_owned(),
        redirect_uris: redirect_uri.into_iter().map(str::to_owned).collect(),
        scopes: scopes.to_vec(),
        ..ClientDraft::defaults(kind)
    };
    let web = draft(ClientKind::Web, "Demo web app", "Runs on a server and acts for people.", Some(WEB_CALLBACK));
    let web = register(deps, &access, ClientKind::Web, web, now).await?;
    let spa = draft(ClientKind::Spa, "Demo single-page app", "Runs in the browser and acts for people.", Some(SPA_CALLBACK));
    let spa = register(deps, &access, ClientKind::Spa, spa, now).await?;
    let m2m = draft(ClientKind::M2m, "Demo machine app", "Runs on a server and acts for itself.", None);
    let m2m = register(deps, &access, ClientKind::M2m, m2m, now).await?;
    let management = deps.policy.api(&deps.policy.management_api()).map(|api| api.scopes.iter().map(|scope| scope.name.clone()).collect());
    let manager = ClientDraft {
        scopes: management.unwrap_or_default(),
        ..draft(ClientKind::M2m, "Manager", "Manages the organization by the REST API.", None)
    };
    let manager = register_system(deps, &access, ClientKind::M2m, manager, now).await?;
    let machine = |app: &Registered| MachineApp { client_id: app.record.client.client_id.clone(), client_secret: secret(app) };
    Ok(DevApps {
        web: WebApp { client_id: web.record.client.client_id.clone(), client_secret: secret(&web), redirect_uri: WEB_CALLBACK.to_owned() },
        spa: SpaApp { client_id: spa.record.client.client_id.clone(), redirect_uri: SPA_CALLBACK.to_owned() },
        m2m: SigningApp { client_id: m2m.record.client.client_id.clone(), client_secret: secret(&m2m), private_key_pem: String::new() },
        manager: machine(&manager),
    })
}

/// A key for an app that has none, and its private half as PKCS#8; nothing where somebody deleted the app or gave it all keys it may have.
async fn key(deps: &Deps, org: &Org, client_id: &str) -> anyhow::Result<String> {
    let pair = tokio::task::spawn_blocking(|| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)).await??;
    let draft =
        KeyDraft { key: pair.public_key_pem().into_bytes(), note: "Its private half is in dev.json".to_owned(), ..KeyDraft::default() };
    match keys::add(deps, &OrgAccess::operator(org.clone()), client_id, draft, deps.clock.now()).await {
        Ok(_) => Ok(pair.serialize_pem()),
        Err(clients::Error::Unavailable(trouble)) => Err(trouble.into()),
        Err(_) => Ok(String::new()),
    }
}

fn secret(app: &Registered) -> String {
    app.client_secret.as_ref().map(|secret| secret.expose().clone()).unwrap_or_default()
}
