//! The demo data of `grantor dev`: an org with a person of each role and an app of each kind, made through the same flows as
//! everybody's. What is there already stays; `dev.json` remembers what only its maker could know.

use crate::cli::dev::apps;
use crate::cli::dev::data_dir::DataDir;
use crate::cli::dev::record::{DevApi, DevOrg, DevRecord, DevUser, DevUsers};
use crate::entropy::Entropy;
use crate::flows::Deps;
use crate::flows::operator::{self, NewPerson};
use crate::model::membership::Role;
use crate::secret::Secret;
use crate::settings::Settings;

const SLUG: &str = "acme";

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
        None => apps::provide(deps, &org, &api.scopes).await?,
    };
    if apps.m2m.private_key_pem.is_empty() {
        apps.m2m.private_key_pem = apps::new_key(deps, &org, &apps.m2m.client_id).await?;
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
