//! Web origins of registered redirect URIs (index `clients_origins_idx`).

use crate::db::{Connection, Error};

/// Whether a living `web` or `spa` client of an enabled org has a redirect URI with this origin. `origin` has the form of the
/// SQL function `redirect_origins`: lower case, without a default port, and without any port for http on a loopback host.
pub async fn is_registered(connection: &mut Connection, origin: &str) -> Result<bool, Error> {
    let registered = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM clients c JOIN orgs o ON o.id = c.org_id
               WHERE redirect_origins(c.redirect_uris) @> ARRAY[$1]
                 AND c.kind IN ('web', 'spa') AND c.disabled_at IS NULL AND c.deleted_at IS NULL AND o.disabled_at IS NULL
           ) AS "registered!""#,
        origin
    )
    .fetch_one(connection)
    .await?;
    Ok(registered)
}
