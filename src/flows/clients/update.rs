//! Changing an app, without losing anybody else's change (M7).

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::db::authorizations::{self, Limits};
use crate::db::{Connection, clients};
use crate::flows::Deps;
use crate::flows::clients::{Error, find, finish, finish_revoking, lock_changeable, record, scope_rules};
use crate::flows::orgs::OrgAccess;
use crate::model::client::{Client, ClientProfile, ClientRecord};
use crate::model::client_draft::ClientDraft;
use crate::model::field_error::FieldError;
use crate::model::migration::Change;
use crate::protocol::client_metadata;
use crate::protocol::migration::{check_may_add_key, check_may_change};

/// Applies `edit` to the app as it is now. With `expected` it must still have that version.
pub async fn update(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    expected: Option<i32>,
    edit: impl FnOnce(ClientDraft) -> Result<ClientDraft, Vec<FieldError>>,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    access.check_manages_apps()?;
    let mut transaction = deps.db.begin().await?;
    let old = lock_changeable(&mut transaction, access, client_id).await?;
    if expected.is_some_and(|version| version != old.client.version) {
        return Err(Error::VersionConflict { current: old.client.version });
    }
    let draft = edit(ClientDraft::from(&old.client.profile)).map_err(Error::Invalid)?;
    let mut rules = scope_rules(deps, access, old.client.profile.scopes.clone());
    // An app that was allowed it keeps the switch while the server does not offer it, so that its other settings can be saved.
    rules.password_grant |= old.client.profile.allow_password_grant;
    let profile = client_metadata::check(old.client.kind, draft, &rules).map_err(Error::Invalid)?;
    if profile.scopes != old.client.profile.scopes {
        check_may_change(&old, Change::Scopes)?;
    }
    if profile.jwks_uri != old.client.profile.jwks_uri {
        check_may_change(&old, Change::Keys)?;
        if profile.jwks_uri.is_some() {
            check_may_add_key(&old, &deps.policy.jwt_deadlines, now)?;
        }
    }
    let changes = differences(&old.client.profile, &profile);
    if changes.is_empty() {
        return Ok(old);
    }
    let old_profile = old.client.profile.clone();
    let new_identity = client_metadata::changes_identity(&old.client.profile, &profile);
    let client = Client {
        version: old.client.version + 1,
        identity_version: old.client.identity_version + i32::from(new_identity),
        updated_at: now,
        profile,
        ..old.client
    };
    if !clients::update(&mut transaction, &client).await? {
        return Err(Error::VersionConflict { current: client.version });
    }
    if client_metadata::lapses_verification(&old_profile, &client.profile) {
        lapse_verification(deps, &mut transaction, access, &client, now).await?;
    }
    let (was, is) = (limits(&old_profile), limits(&client.profile));
    let earlier = if was == is { 0 } else { authorizations::shorten(&mut transaction, client.key, is).await? };
    let mut detail = json!({ "changes": changes });
    if earlier > 0 {
        detail["authorizations_ending_earlier"] = earlier.into();
    }
    record(deps, &mut transaction, access, ("client.update", &client), detail, now).await?;
    if earlier > 0 { finish_revoking(deps, transaction, &client).await } else { finish(deps, transaction, &client).await }
}

/// Takes the operator's mark from an app that has one, in the transaction that changed what they had looked at.
pub(super) async fn lapse_verification(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if clients::lapse_verification(connection, client.key, now).await? {
        record(deps, connection, access, ("client.lapse_verification", client), json!({}), now).await?;
    }
    Ok(())
}

/// What a change would do to the app's living authorizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// Living authorizations that can be renewed.
    pub living: u64,
    /// Those that would end earlier than now.
    pub earlier: u64,
    /// Those of them that would end at once.
    pub at_once: u64,
}

/// What `draft` would do to the living authorizations, for those who ask first; `None` when it leaves the limits as they are, or
/// is none that can be saved.
pub async fn effect(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    draft: &ClientDraft,
    now: OffsetDateTime,
) -> Result<Option<Effect>, Error> {
    access.check_manages_apps()?;
    let client = find(deps, access, client_id).await?.client;
    let mut rules = scope_rules(deps, access, client.profile.scopes.clone());
    rules.password_grant |= client.profile.allow_password_grant;
    let Ok(profile) = client_metadata::check(client.kind, draft.clone(), &rules) else { return Ok(None) };
    let to = limits(&profile);
    if to == limits(&client.profile) {
        return Ok(None);
    }
    let touched = deps
        .db
        .statement(|mut connection| async move { authorizations::count_shortened(&mut connection, client.key, to, now).await })
        .await?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Some(Effect { living: count(touched.living), earlier: count(touched.earlier), at_once: count(touched.at_once) }))
}

fn limits(profile: &ClientProfile) -> Limits {
    let refresh = &profile.refresh_tokens;
    Limits { absolute: refresh.absolute_lifetime, idle: refresh.idle_lifetime }
}

/// Remarks about the app's settings that stop nothing.
pub fn warnings(profile: &ClientProfile) -> Vec<&'static str> {
    client_metadata::warnings(profile)
}

/// The same about what `draft` would make of the app; none when it is none that can be saved.
pub fn warnings_of(deps: &Deps, access: &OrgAccess, client: &Client, draft: ClientDraft) -> Vec<&'static str> {
    let mut rules = scope_rules(deps, access, client.profile.scopes.clone());
    rules.password_grant |= client.profile.allow_password_grant;
    client_metadata::check(client.kind, draft, &rules).map(|profile| client_metadata::warnings(&profile)).unwrap_or_default()
}

/// Every changed member with its old and new value; a profile holds no secrets.
fn differences(old: &ClientProfile, new: &ClientProfile) -> serde_json::Map<String, Value> {
    let members = |profile: &ClientProfile| {
        json!({
            "name": profile.name, "description": profile.description, "redirect_uris": profile.redirect_uris,
            "scopes": profile.scopes, "require_pkce": profile.require_pkce, "allow_localhost": profile.allow_localhost,
            "access_token_lifetime": profile.access_token_lifetime, "refresh_tokens": profile.refresh_tokens,
            "allow_password_grant": profile.allow_password_grant, "jwks_uri": profile.jwks_uri, "compat": profile.compat, "links": profile.links,
        })
    };
    let (old, mut new) = (members(old), members(new));
    let old = old.as_object().cloned().unwrap_or_default();
    old.into_iter()
        .filter_map(|(name, from)| {
            let to = new[name.as_str()].take();
            (from != to).then(|| (name, json!({ "from": from, "to": to })))
        })
        .collect()
}
