//! Who connected to an app, and ending one connection.

use std::collections::HashMap;

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{authorizations, memberships};
use crate::flows::clients::list::{Page, bad_cursor, check_limit};
use crate::flows::clients::{Error, find, lock, record};
use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, revocation};
use crate::model::authorization::{Authorization, EndCause};
use crate::model::ids::{AuthorizationId, UserId};

/// A living authorization with its person.
#[derive(Debug)]
pub struct Connected {
    /// The authorization.
    pub authorization: Authorization,
    /// The person's e-mail address.
    pub email: String,
    /// The person's name.
    pub name: String,
}

/// The living authorizations of an app, newest first. `cursor` is the id of the last one of the page before.
pub async fn list(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    (cursor, limit): (Option<&str>, Option<i64>),
    now: OffsetDateTime,
) -> Result<Page<Connected>, Error> {
    access.check_reads_apps()?;
    let limit = check_limit(limit)?;
    let before = cursor.map(|cursor| cursor.parse::<AuthorizationId>().map_err(|_| bad_cursor())).transpose()?;
    let key = find(deps, access, client_id).await?.client.key;
    let (mut found, names) = deps
        .db
        .statement(|mut connection| async move {
            let found = authorizations::list_live_by_client(&mut connection, key, now, before, limit + 1).await?;
            let people: Vec<UserId> = found.iter().map(|authorization| authorization.user).collect();
            Ok((found, memberships::list_names(&mut connection, &people).await?))
        })
        .await?;
    let fits = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > fits;
    found.truncate(fits);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let names: HashMap<UserId, (String, String)> = names.into_iter().map(|(user, email, name)| (user, (email, name))).collect();
    let items = found.into_iter().map(|authorization| {
        let (email, name) = names.get(&authorization.user).cloned().unwrap_or_default();
        Connected { authorization, email, name }
    });
    Ok(Page { items: items.collect(), next })
}

/// Ends one authorization of the app.
pub async fn end(deps: &Deps, access: &OrgAccess, client_id: &str, id: AuthorizationId, now: OffsetDateTime) -> Result<(), Error> {
    access.check_revokes()?;
    let mut transaction = deps.db.begin().await?;
    let client = lock(&mut transaction, access, client_id).await?.client;
    let facts = authorizations::find_facts_by_id(&mut transaction, id).await?;
    let own = facts.is_some_and(|facts| facts.authorization.client == client.key && facts.authorization.end.is_none());
    if !own || !authorizations::end(&mut transaction, id, EndCause::RevokedByAdmin, now).await? {
        return Err(Error::NotFound);
    }
    let detail = json!({ "authorization": id });
    record(deps, &mut transaction, access, ("authorization.revoke", &client), detail, now).await?;
    Ok(revocation::commit(deps, transaction).await?)
}

/// E-mail address or name of each of these people, to say who did something.
pub async fn names(deps: &Deps, users: &[UserId]) -> Result<HashMap<UserId, String>, Error> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let found = deps.db.statement(|mut connection| async move { memberships::list_names(&mut connection, users).await }).await?;
    Ok(found.into_iter().map(|(user, _, name)| (user, name)).collect())
}
