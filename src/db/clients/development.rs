//! The org's hidden app for development tokens: in no list, in no slot, found by nothing but this.

use crate::db::{Connection, Error};
use crate::model::ids::{ClientKey, OrgId};

/// The row of the org's hidden app; `None` until the first token.
pub async fn find_development_key(connection: &mut Connection, org: OrgId) -> Result<Option<ClientKey>, Error> {
    let id = sqlx::query_scalar!("SELECT id FROM clients WHERE org_id = $1 AND development", org.0).fetch_optional(connection).await?;
    Ok(id.map(ClientKey))
}

/// Makes one of Grantor's own apps the hidden app of its org; each org has one (`clients_development_key`).
pub async fn mark_development(connection: &mut Connection, key: ClientKey) -> Result<bool, Error> {
    let done = sqlx::query!("UPDATE clients SET development = true WHERE id = $1 AND system", key.0).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
