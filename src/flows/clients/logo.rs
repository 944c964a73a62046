//! An app's logo: drawn anew, kept beside the app, served by its digest.

use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use crate::crypto::token::hex_digest;
use crate::db::{client_logos, clients};
use crate::flows::clients::update::lapse_verification;
use crate::flows::clients::{Error, find, finish, lock_changeable, record};
use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, Unavailable};
use crate::model::client::ClientRecord;
use crate::model::field_error::FieldError;
use crate::protocol::logo::{self, LogoFault};

pub use crate::protocol::logo::MAX_BYTES;

/// How many pictures are decoded at one time; each may take tens of megabytes.
static DECODING: Semaphore = Semaphore::const_new(2);

/// Gives the app the picture in `file`. With `expected` the app must still have that version.
pub async fn set(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    file: Vec<u8>,
    expected: Option<i32>,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    access.check_manages_apps()?;
    // Nobody's bytes are decoded before it is known whose app it is.
    find(deps, access, client_id).await?;
    let png = redraw(file).await?;
    let digest = hex_digest(&png);
    change(deps, access, client_id, Some((&digest, &png)), expected, now).await
}

/// Takes the app's picture away.
pub async fn remove(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    expected: Option<i32>,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    access.check_manages_apps()?;
    change(deps, access, client_id, None, expected, now).await
}

/// The picture with this digest.
pub async fn find_png(deps: &Deps, digest: &str) -> Result<Option<Vec<u8>>, Unavailable> {
    Ok(deps.db.statement(|mut connection| async move { client_logos::find_png(&mut connection, digest).await }).await?)
}

/// The refusal of a file, at the field that it came in.
pub fn refused(fault: LogoFault) -> Error {
    Error::Invalid(vec![FieldError::new("logo", fault.code(), fault.message())])
}

/// The refusal of a file that was not even read to its end.
pub fn too_large() -> Error {
    refused(LogoFault::TooLarge)
}

async fn redraw(file: Vec<u8>) -> Result<Vec<u8>, Error> {
    let _turn = DECODING.acquire().await.map_err(Unavailable::because)?;
    let drawn = tokio::task::spawn_blocking(move || logo::redraw(&file)).await.map_err(Unavailable::because)?;
    drawn.map_err(refused)
}

async fn change(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    logo: Option<(&str, &[u8])>,
    expected: Option<i32>,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    let mut transaction = deps.db.begin().await?;
    let old = lock_changeable(&mut transaction, access, client_id).await?;
    if expected.is_some_and(|version| version != old.client.version) {
        return Err(Error::VersionConflict { current: old.client.version });
    }
    let key = old.client.key;
    if !clients::set_logo(&mut transaction, key, logo.map(|(digest, _)| digest), now).await? {
        return Ok(old);
    }
    match logo {
        Some((digest, png)) => {
            let kept = client_logos::Logo { digest, png };
            client_logos::replace(&mut transaction, (old.client.org, key), &kept, now).await?;
        }
        None => client_logos::delete(&mut transaction, key).await?,
    }
    let changes = json!({ "changes": { "logo": { "from": old.client.logo, "to": logo.map(|(digest, _)| digest) } } });
    record(deps, &mut transaction, access, ("client.update", &old.client), changes, now).await?;
    lapse_verification(deps, &mut transaction, access, &old.client, now).await?;
    finish(deps, transaction, &old.client).await
}
