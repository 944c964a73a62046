//! `client_logos`: the pictures of apps, as we drew them.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::{ClientKey, OrgId};

/// A logo as it is kept.
#[derive(Debug)]
pub struct Logo<'a> {
    /// SHA-256 of `png` in hex.
    pub digest: &'a str,
    /// At most 256 by 256.
    pub png: &'a [u8],
}

/// Puts the logo in the place of the one the client had.
pub async fn replace(
    connection: &mut Connection,
    (org, client): (OrgId, ClientKey),
    logo: &Logo<'_>,
    at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO client_logos (client_id, org_id, digest, png, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT client_logos_pkey DO UPDATE SET digest = excluded.digest, png = excluded.png, created_at = excluded.created_at",
        client.0,
        org.0,
        logo.digest,
        logo.png,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the client's logo away.
pub async fn delete(connection: &mut Connection, client: ClientKey) -> Result<(), Error> {
    sqlx::query!("DELETE FROM client_logos WHERE client_id = $1", client.0).execute(connection).await?;
    Ok(())
}

/// The picture with this digest, whichever app shows it.
pub async fn find_png(connection: &mut Connection, digest: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(sqlx::query_scalar!("SELECT png FROM client_logos WHERE digest = $1 LIMIT 1", digest).fetch_optional(connection).await?)
}
