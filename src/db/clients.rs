//! `clients`: the apps of orgs, read as one record with org and living credentials.

use std::sync::Arc;

use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::client_jwks::JsonSet;
use crate::db::credentials::JsonRow;
use crate::db::{Connection, Error};
use crate::db::{migrations_of_clients, technical_accounts};
use crate::model::client::{Client, ClientKind, ClientProfile, ClientRecord, Compat, Links, RefreshPolicy};
use crate::model::ids::{ClientKey, OrgId, UserId};
use crate::model::public_key::FetchedJwks;
use crate::model::redirect_uri::RedirectUri;

/// The constraint by which the database refuses an app beyond the org's limit.
pub const APP_LIMIT_CONSTRAINT: &str = "clients_app_limit";

/// A client with org and credentials, as selected.
#[expect(clippy::struct_excessive_bools, reason = "a row has the columns that the table has")]
struct Row {
    id: Uuid,
    org_id: Uuid,
    client_id: String,
    kind: String,
    name: String,
    description: String,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    require_pkce: bool,
    allow_localhost: bool,
    access_token_lifetime: i32,
    refresh_enabled: bool,
    refresh_requires_offline_access: bool,
    refresh_rotation: bool,
    refresh_retry_window: i32,
    refresh_absolute_lifetime: Option<i64>,
    refresh_idle_lifetime: Option<i64>,
    allow_password_grant: bool,
    compat: Json<Compat>,
    jwks_uri: Option<String>,
    description_url: Option<String>,
    privacy_policy_url: Option<String>,
    terms_of_service_url: Option<String>,
    developer_name: Option<String>,
    developer_email: Option<String>,
    system: bool,
    version: i32,
    identity_version: i32,
    logo_digest: Option<String>,
    verified_at: Option<OffsetDateTime>,
    verification_lapsed_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    created_by: Option<Uuid>,
    updated_at: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
    disabled_at: Option<OffsetDateTime>,
    deleted_at: Option<OffsetDateTime>,
    org_slug: String,
    org_name: String,
    org_enabled: bool,
    credentials: Json<Vec<JsonRow>>,
    technical_accounts: Json<Vec<technical_accounts::JsonRow>>,
    jwks: Option<Json<JsonSet>>,
    published_token_at: Option<OffsetDateTime>,
    migration: Option<Json<migrations_of_clients::JsonRow>>,
}

/// One statement for every way to read clients: what differs is what follows FROM.
macro_rules! select_records {
    ($tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT c.id, c.org_id, c.client_id, c.kind, c.name, c.description, c.redirect_uris, c.scopes, c.require_pkce, c.allow_localhost,
                      c.access_token_lifetime, c.refresh_enabled, c.refresh_requires_offline_access, c.refresh_rotation, c.refresh_retry_window,
                      c.refresh_absolute_lifetime, c.refresh_idle_lifetime, c.allow_password_grant, c.compat AS "compat: Json<Compat>", c.jwks_uri,
                      c.description_url, c.privacy_policy_url, c.terms_of_service_url, c.developer_name, c.developer_email,
                      c.system, c.version, c.identity_version, c.logo_digest, c.verified_at, c.verification_lapsed_at, c.created_at, c.created_by, c.updated_at, c.last_used_at, c.disabled_at, c.deleted_at,
                      o.slug AS org_slug, o.name AS org_name, o.disabled_at IS NULL AS "org_enabled!",
                      (SELECT coalesce(json_agg(json_build_object('id', s.id, 'kind', s.kind, 'digest', encode(s.secret_digest, 'hex'),
                                  'hint', s.hint, 'note', s.note, 'created_at', s.created_at, 'created_by', s.created_by,
                                  'expires_at', s.expires_at, 'last_used_at', s.last_used_at, 'last_token_at', s.last_token_at, 'last_used_grant', s.last_used_grant,
                                  'technical_account', s.technical_account_id, 'paired_key', s.paired_key_id, 'algorithm', s.algorithm, 'jwk', s.public_jwk,
                                  'thumbprint', s.thumbprint, 'bits', s.key_bits, 'certificate', encode(s.certificate, 'hex'),
                                  'certificate_sha256', encode(sha256(s.certificate), 'hex'),
                                  'certificate_subject', s.certificate_subject, 'certificate_not_before', s.certificate_not_before,
                                  'certificate_not_after', s.certificate_not_after, 'is_current', s.is_current, 'revoked_at', s.revoked_at)
                                  ORDER BY s.created_at DESC, s.id DESC), '[]')
                       FROM credentials s WHERE s.client_id = c.id AND s.deleted_at IS NULL) AS "credentials!: Json<Vec<JsonRow>>",
                      (SELECT coalesce(json_agg(json_build_object('id', t.id, 'subject', t.subject, 'email', t.email,
                                  'created_at', t.created_at, 'created_by', t.created_by) ORDER BY t.created_at, t.id), '[]')
                       FROM technical_accounts t
                       WHERE t.client_id = c.id AND t.deleted_at IS NULL) AS "technical_accounts!: Json<Vec<technical_accounts::JsonRow>>",
                      (SELECT json_build_object('keys', j.keys, 'fetched_at', j.fetched_at, 'attempted_at', j.attempted_at, 'problem', j.problem)
                       FROM client_jwks j WHERE j.client_id = c.id AND j.uri = c.jwks_uri) AS "jwks: Json<JsonSet>",
                      (SELECT j.last_token_at FROM client_jwks j WHERE j.client_id = c.id) AS published_token_at,
                      (SELECT json_build_object('id', m.id, 'direction', m.direction, 'state', m.state, 'new_credential', m.new_credential_id,
                                  'started_at', m.started_at, 'finished_at', m.finished_at, 'brown_out_until', m.brown_out_until)
                       FROM credential_migrations m
                       WHERE m.client_id = c.id AND m.state <> 'cancelled') AS "migration: Json<migrations_of_clients::JsonRow>"
               FROM clients c JOIN orgs o ON o.id = c.org_id "# + $tail
            $(, $argument)*
        )
    };
}

mod development;
mod lists;
mod verification;

pub use development::{find_development_key, mark_development};
pub use lists::{AttentionBounds, ListFilter, list_deleted, list_records};
pub use verification::{lapse_verification, set_verified};

impl TryFrom<Row> for ClientRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let kind = ClientKind::parse(&row.kind).ok_or_else(|| Error::corrupt("clients", format!("kind {}", row.kind)))?;
        let refresh_tokens = RefreshPolicy {
            enabled: row.refresh_enabled,
            requires_offline_access: row.refresh_requires_offline_access,
            rotation: row.refresh_rotation,
            retry_window: row.refresh_retry_window,
            absolute_lifetime: row.refresh_absolute_lifetime,
            idle_lifetime: row.refresh_idle_lifetime,
        };
        let links = Links {
            description_url: row.description_url,
            privacy_policy_url: row.privacy_policy_url,
            terms_of_service_url: row.terms_of_service_url,
            developer_name: row.developer_name,
            developer_email: row.developer_email,
        };
        let profile = ClientProfile {
            name: row.name,
            description: row.description,
            redirect_uris: row.redirect_uris.into_iter().map(RedirectUri::from_registered).collect(),
            scopes: row.scopes.into(),
            require_pkce: row.require_pkce,
            allow_localhost: row.allow_localhost,
            access_token_lifetime: row.access_token_lifetime,
            refresh_tokens,
            allow_password_grant: row.allow_password_grant,
            jwks_uri: row.jwks_uri,
            compat: row.compat.0,
            links,
        };
        let client = Client {
            key: ClientKey(row.id),
            org: OrgId(row.org_id),
            client_id: row.client_id,
            kind,
            profile,
            system: row.system,
            version: row.version,
            identity_version: row.identity_version,
            logo: row.logo_digest,
            verification: verification::read(row.verified_at, row.verification_lapsed_at)?,
            created_at: row.created_at,
            created_by: row.created_by.map(UserId),
            updated_at: row.updated_at,
            last_used_at: row.last_used_at,
            disabled_at: row.disabled_at,
            deleted_at: row.deleted_at,
        };
        let jwks = client.profile.jwks_uri.as_ref().map(|_| Arc::new(row.jwks.map_or_else(FetchedJwks::default, |set| set.0.into())));
        Ok(Self {
            client,
            org_slug: row.org_slug,
            org_name: row.org_name,
            org_enabled: row.org_enabled,
            credentials: row.credentials.0.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            technical_accounts: row.technical_accounts.0.into_iter().map(Into::into).collect(),
            jwks,
            published_token_at: row.published_token_at,
            migration: row.migration.map(|own| own.0.try_into()).transpose()?,
        })
    }
}

/// The client that the outside calls `client_id`; deleted and disabled ones too, so callers ask `is_enabled`.
pub async fn find_record_by_client_id(connection: &mut Connection, client_id: &str) -> Result<Option<ClientRecord>, Error> {
    select_records!("WHERE c.client_id = $1", client_id).fetch_optional(connection).await?.map(TryInto::try_into).transpose()
}

/// The client of this row; deleted and disabled ones too, so callers ask `is_enabled`.
pub async fn find_record_by_key(connection: &mut Connection, key: ClientKey) -> Result<Option<ClientRecord>, Error> {
    select_records!("WHERE c.id = $1", key.0).fetch_optional(connection).await?.map(TryInto::try_into).transpose()
}

/// The client, if it is one of this org; deleted and disabled ones too.
pub async fn find_record_in_org(connection: &mut Connection, org: OrgId, client_id: &str) -> Result<Option<ClientRecord>, Error> {
    select_records!("WHERE c.org_id = $1 AND c.client_id = $2 AND NOT c.development", org.0, client_id)
        .fetch_optional(connection)
        .await?
        .map(TryInto::try_into)
        .transpose()
}

/// Like [`find_record_in_org`], and nobody else changes the client or adds credentials until the transaction ends.
///
/// Two statements: one that locked and read at once would read the credentials as they were before it waited for the lock.
pub async fn lock_record_in_org(connection: &mut Connection, org: OrgId, client_id: &str) -> Result<Option<ClientRecord>, Error> {
    let locked = sqlx::query_scalar!(
        "SELECT id FROM clients WHERE org_id = $1 AND client_id = $2 AND NOT development FOR NO KEY UPDATE",
        org.0,
        client_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    match locked {
        Some(id) => find_record_by_key(connection, ClientKey(id)).await,
        None => Ok(None),
    }
}

/// Adds a client. The database counts: [`APP_LIMIT_CONSTRAINT`] refuses one app too many.
pub async fn insert(connection: &mut Connection, client: &Client) -> Result<(), Error> {
    let profile = &client.profile;
    let uris: Vec<String> = profile.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO clients (id, org_id, client_id, kind, name, description, redirect_uris, scopes, require_pkce, allow_localhost,
             access_token_lifetime, refresh_enabled, refresh_requires_offline_access, refresh_rotation, refresh_retry_window,
             refresh_absolute_lifetime, refresh_idle_lifetime, allow_password_grant, compat, description_url, privacy_policy_url,
             terms_of_service_url, developer_name, developer_email, system, version, identity_version, created_at, created_by, updated_at, jwks_uri)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
             $26, $27, $28, $29, $30, $31)",
        client.key.0,
        client.org.0,
        client.client_id,
        client.kind.as_str(),
        profile.name,
        profile.description,
        &uris,
        profile.scopes.as_slice(),
        profile.require_pkce,
        profile.allow_localhost,
        profile.access_token_lifetime,
        profile.refresh_tokens.enabled,
        profile.refresh_tokens.requires_offline_access,
        profile.refresh_tokens.rotation,
        profile.refresh_tokens.retry_window,
        profile.refresh_tokens.absolute_lifetime,
        profile.refresh_tokens.idle_lifetime,
        profile.allow_password_grant,
        Json(profile.compat) as _,
        profile.links.description_url,
        profile.links.privacy_policy_url,
        profile.links.terms_of_service_url,
        profile.links.developer_name,
        profile.links.developer_email,
        client.system,
        client.version,
        client.identity_version,
        client.created_at,
        client.created_by.map(|user| user.0),
        client.updated_at,
        profile.jwks_uri,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the profile if the row still has the version before `client.version`; says whether it had (M7).
pub async fn update(connection: &mut Connection, client: &Client) -> Result<bool, Error> {
    let profile = &client.profile;
    let uris: Vec<String> = profile.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect();
    let done = sqlx::query!(
        "UPDATE clients SET name = $2, description = $3, redirect_uris = $4, scopes = $5, require_pkce = $6, allow_localhost = $7,
             access_token_lifetime = $8, refresh_enabled = $9, refresh_requires_offline_access = $10, refresh_rotation = $11,
             refresh_retry_window = $12, refresh_absolute_lifetime = $13, refresh_idle_lifetime = $14, allow_password_grant = $15,
             compat = $16, description_url = $17, privacy_policy_url = $18, terms_of_service_url = $19, developer_name = $20,
             developer_email = $21, version = $22, identity_version = $23, updated_at = $24, jwks_uri = $25
         WHERE id = $1 AND version = $22 - 1 AND deleted_at IS NULL",
        client.key.0,
        profile.name,
        profile.description,
        &uris,
        profile.scopes.as_slice(),
        profile.require_pkce,
        profile.allow_localhost,
        profile.access_token_lifetime,
        profile.refresh_tokens.enabled,
        profile.refresh_tokens.requires_offline_access,
        profile.refresh_tokens.rotation,
        profile.refresh_tokens.retry_window,
        profile.refresh_tokens.absolute_lifetime,
        profile.refresh_tokens.idle_lifetime,
        profile.allow_password_grant,
        Json(profile.compat) as _,
        profile.links.description_url,
        profile.links.privacy_policy_url,
        profile.links.terms_of_service_url,
        profile.links.developer_name,
        profile.links.developer_email,
        client.version,
        client.identity_version,
        client.updated_at,
        profile.jwks_uri,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Switches a living client off (`Some`) or on (`None`); says whether that changed it.
pub async fn set_disabled(
    connection: &mut Connection,
    key: ClientKey,
    disabled_at: Option<OffsetDateTime>,
    at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE clients SET disabled_at = $2, updated_at = $3, version = version + 1
         WHERE id = $1 AND deleted_at IS NULL AND (disabled_at IS NULL) <> ($2::timestamptz IS NULL)",
        key.0,
        disabled_at,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Names the client's logo, or none; users will be shown something else, so approvals are asked again (E8).
pub async fn set_logo(connection: &mut Connection, key: ClientKey, digest: Option<&str>, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE clients SET logo_digest = $2, updated_at = $3, version = version + 1, identity_version = identity_version + 1
         WHERE id = $1 AND deleted_at IS NULL AND logo_digest IS DISTINCT FROM $2",
        key.0,
        digest,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a living client, softly; its slot is free at once. Says whether it lived.
pub async fn delete(connection: &mut Connection, key: ClientKey, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE clients SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1 AND deleted_at IS NULL",
        key.0,
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Brings a client deleted after `since` back; [`APP_LIMIT_CONSTRAINT`] refuses when no slot is free. Says whether it could.
pub async fn restore(connection: &mut Connection, key: ClientKey, since: OffsetDateTime, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE clients SET deleted_at = NULL, updated_at = $3, version = version + 1 WHERE id = $1 AND deleted_at > $2",
        key.0,
        since,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The client publishes its keys nowhere any more.
pub async fn clear_jwks_uri(connection: &mut Connection, key: ClientKey, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE clients SET jwks_uri = NULL, updated_at = $2, version = version + 1 WHERE id = $1", key.0, at)
        .execute(connection)
        .await?;
    Ok(())
}
