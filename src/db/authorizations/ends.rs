//! Ends by will. An end never changes afterwards: each statement repeats `ended_at IS NULL`, so the first cause stands.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::authorization::EndCause;
use crate::model::ids::{AuthorizationId, ClientKey, OrgId, UserId};

/// Ends one authorization; false when it had ended already or is unknown.
pub async fn end(connection: &mut Connection, id: AuthorizationId, cause: EndCause, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations SET ended_at = $2, end_cause = $3 WHERE id = $1 AND ended_at IS NULL",
        id.0,
        at,
        cause.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every authorization of an app; says how many.
pub async fn end_all_of_client(connection: &mut Connection, client: ClientKey, cause: EndCause, at: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations SET ended_at = $2, end_cause = $3 WHERE client_id = $1 AND ended_at IS NULL",
        client.0,
        at,
        cause.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Ends every authorization of a person; says how many.
pub async fn end_all_of_user(connection: &mut Connection, user: UserId, cause: EndCause, at: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations SET ended_at = $2, end_cause = $3 WHERE user_id = $1 AND ended_at IS NULL",
        user.0,
        at,
        cause.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Ends every authorization of a person for one app; says how many.
pub async fn end_all_of_user_and_client(
    connection: &mut Connection,
    user: UserId,
    client: ClientKey,
    cause: EndCause,
    at: OffsetDateTime,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations SET ended_at = $3, end_cause = $4 WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL",
        user.0,
        client.0,
        at,
        cause.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Ends every authorization of a person for the apps of one org; says how many.
pub async fn end_all_of_user_in_org(
    connection: &mut Connection,
    user: UserId,
    org: OrgId,
    cause: EndCause,
    at: OffsetDateTime,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations SET ended_at = $3, end_cause = $4 WHERE user_id = $1 AND org_id = $2 AND ended_at IS NULL",
        user.0,
        org.0,
        at,
        cause.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
