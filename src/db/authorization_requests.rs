//! `authorization_requests`: what was asked at the authorization endpoint and waits for its person.

use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::authorization_request::{Asked, AuthorizationRequest, Prompt, RequestStage};
use crate::model::ids::{AuthorizationRequestId, ClientKey, OrgId};
use crate::model::redirect_uri::RedirectUri;
use crate::model::scope::ScopeSet;
use crate::secret::Digest;

const TABLE: &str = "authorization_requests";

struct Row {
    id: Uuid,
    org_id: Uuid,
    client_id: Uuid,
    browser_digest: Vec<u8>,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    api: String,
    offline: bool,
    code_challenge: Option<String>,
    nonce: Option<String>,
    prompt: Vec<String>,
    max_age: Option<i32>,
    login_hint: Option<String>,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    stage: String,
    try_out: bool,
}

impl TryFrom<Row> for AuthorizationRequest {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let prompt = row.prompt.iter().map(|word| Prompt::parse(word)).collect::<Option<_>>();
        Ok(Self {
            id: AuthorizationRequestId(row.id),
            org: OrgId(row.org_id),
            client: ClientKey(row.client_id),
            browser: Digest::from_slice(&row.browser_digest).ok_or_else(|| Error::corrupt(TABLE, "a digest that is none"))?,
            asked: Asked {
                redirect_uri: RedirectUri::from_registered(row.redirect_uri),
                state: row.state,
                scopes: ScopeSet::from(row.scopes),
                api: row.api,
                offline: row.offline,
                code_challenge: row.code_challenge,
                nonce: row.nonce,
                prompt: prompt.ok_or_else(|| Error::corrupt(TABLE, "an unknown prompt"))?,
                max_age: row.max_age,
                login_hint: row.login_hint,
            },
            created_at: row.created_at,
            expires_at: row.expires_at,
            stage: RequestStage::parse(&row.stage).ok_or_else(|| Error::corrupt(TABLE, "an unknown stage"))?,
            try_out: row.try_out,
        })
    }
}

/// Stores a pending request.
pub async fn insert(connection: &mut Connection, request: &AuthorizationRequest) -> Result<(), Error> {
    let asked = &request.asked;
    let prompt: Vec<String> = asked.prompt.iter().map(|prompt| prompt.as_str().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO authorization_requests (id, org_id, client_id, browser_digest, redirect_uri, state, scopes, api, offline,
             code_challenge, nonce, prompt, max_age, login_hint, created_at, expires_at, stage, try_out)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'pending', $17)",
        request.id.0,
        request.org.0,
        request.client.0,
        &request.browser.as_bytes()[..],
        asked.redirect_uri.as_str(),
        asked.state,
        asked.scopes.as_slice(),
        asked.api,
        asked.offline,
        asked.code_challenge,
        asked.nonce,
        &prompt,
        asked.max_age,
        asked.login_hint,
        request.created_at,
        request.expires_at,
        request.try_out,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops the oldest pending requests of a browser beyond `keep` (B17); says how many.
pub async fn drop_oldest_of_browser(connection: &mut Connection, browser: &Digest, keep: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "DELETE FROM authorization_requests WHERE id IN (
             SELECT id FROM authorization_requests WHERE browser_digest = $1 AND stage = 'pending'
             ORDER BY created_at DESC, id DESC OFFSET $2)",
        &browser.as_bytes()[..],
        keep
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The request of this id, in any stage and of any browser.
pub async fn find_by_id(connection: &mut Connection, id: AuthorizationRequestId) -> Result<Option<AuthorizationRequest>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT id, org_id, client_id, browser_digest, redirect_uri, state, scopes, api, offline, code_challenge, nonce, prompt, max_age,
                login_hint, created_at, expires_at, stage, try_out
         FROM authorization_requests WHERE id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// Like [`find_by_id`], and keeps the row until the transaction ends: of two answers to one question, the second one waits and
/// then finds it answered (E4).
pub async fn lock_by_id(connection: &mut Connection, id: AuthorizationRequestId) -> Result<Option<AuthorizationRequest>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT id, org_id, client_id, browser_digest, redirect_uri, state, scopes, api, offline, code_challenge, nonce, prompt, max_age,
                login_hint, created_at, expires_at, stage, try_out
         FROM authorization_requests WHERE id = $1 FOR UPDATE",
        id.0
    )
    .fetch_optional(connection)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// Moves a pending request to its end; false when it was answered before.
pub async fn finish(
    connection: &mut Connection,
    id: AuthorizationRequestId,
    stage: RequestStage,
    at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE authorization_requests SET stage = $2, finished_at = $3 WHERE id = $1 AND stage = 'pending'",
        id.0,
        stage.as_str(),
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the answer of a try back, once; false when it was taken before.
pub async fn take_try(connection: &mut Connection, id: AuthorizationRequestId, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE authorization_requests SET tried_at = $2 WHERE id = $1 AND try_out AND stage <> 'pending' AND tried_at IS NULL",
        id.0,
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
