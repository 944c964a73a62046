//! Whose credentials a caller may change, and how each such change begins.

use crate::db::{Connection, Transaction};
use crate::flows::Deps;
use crate::flows::clients::{self, Error, management_scopes};
use crate::flows::orgs::{OrgAccess, Rights};
use crate::model::client::ClientRecord;

/// Begins a change of an app's credentials: whoever may not make it learns nothing of the app, and nobody else changes the app
/// until the transaction ends.
pub(super) async fn begin(deps: &Deps, access: &OrgAccess, client_id: &str) -> Result<(Transaction, ClientRecord), Error> {
    access.check_manages_secrets(client_id)?;
    let mut transaction = deps.db.begin().await?;
    let old = lock(deps, &mut transaction, access, client_id).await?;
    Ok((transaction, old))
}

/// The same within a transaction that has begun.
pub(super) async fn lock(deps: &Deps, connection: &mut Connection, access: &OrgAccess, client_id: &str) -> Result<ClientRecord, Error> {
    access.check_manages_secrets(client_id)?;
    let old = clients::lock(connection, access, client_id).await?;
    check_reach(deps, access, &old)?;
    Ok(old)
}

/// A secret is as good as the app: Grantor's own apps keep theirs to themselves, and an app cannot take the place of one
/// that may do more in the management API than itself.
pub(in crate::flows) fn check_reach(deps: &Deps, access: &OrgAccess, target: &ClientRecord) -> Result<(), Error> {
    let client = &target.client;
    if access.is_itself(&client.client_id) {
        return Ok(());
    }
    if client.system && !matches!(access.rights, Rights::Operator) {
        return Err(Error::SystemApp);
    }
    let management = management_scopes(deps);
    let powers: Vec<&str> = client.profile.scopes.iter().filter(|scope| management.contains(scope)).collect();
    let grantable = access.grantable(&management);
    if powers.iter().all(|scope| grantable.contains(scope)) { Ok(()) } else { Err(Error::Forbidden { scope: None }) }
}
