//! Table `request_traces`: what each app's last requests came to.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::check::Check;
use crate::model::ids::{ClientKey, OrgId};
use crate::model::request_trace::{Contrast, Endpoint, Fault, Outcome, RequestTrace};
use crate::wire::{AuthMethod, GrantType};

/// How many an app keeps.
pub const KEPT: i64 = 100;
/// How many refused ones an app keeps, however many succeed after them.
pub const KEPT_REFUSED: i64 = 50;

/// Where a page ends: the instant and the reference id of its last trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The instant.
    pub at: OffsetDateTime,
    /// The reference id.
    pub request_id: String,
}

/// Writes all of them at once. What is there already, and what belongs to no client any more, is left out.
pub async fn insert(connection: &mut Connection, traces: &[RequestTrace]) -> Result<(), Error> {
    fn column<T>(traces: &[RequestTrace], of: impl Fn(&RequestTrace) -> T) -> Vec<T> {
        traces.iter().map(of).collect()
    }
    let fault = |of: fn(&Fault) -> String| column(traces, |trace| trace.fault().map(of));
    let contrast = |of: fn(&Contrast) -> &String| {
        column(traces, |trace| trace.fault().and_then(|fault| fault.contrast.as_ref()).map(|both| of(both).clone()))
    };
    sqlx::query!(
        "INSERT INTO request_traces (client_id, org_id, at, request_id, endpoint, grant_type, method, status, outcome, error, cause, failed, expected, came)
         SELECT c.id, c.org_id, t.at, t.request_id, t.endpoint, t.grant_type, t.method, t.status, t.outcome, t.error, t.cause, t.failed, t.expected, t.came
         FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[],
                     $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
              AS t (client, at, request_id, endpoint, grant_type, method, status, outcome, error, cause, failed, expected, came)
         JOIN clients c ON c.id = t.client
         ON CONFLICT DO NOTHING",
        &column(traces, |trace| trace.client.0),
        &column(traces, |trace| trace.at),
        &column(traces, |trace| trace.request_id.clone()),
        &column(traces, |trace| trace.endpoint.as_str().to_owned()),
        &column(traces, |trace| trace.grant.map(|grant| grant.as_str().to_owned())) as &[Option<String>],
        &column(traces, |trace| trace.method.map(|method| method.as_str().to_owned())) as &[Option<String>],
        &column(traces, |trace| i16::try_from(trace.status).unwrap_or(0)),
        &column(traces, |trace| trace.outcome.as_str().to_owned()),
        &fault(|fault| fault.error.clone()) as &[Option<String>],
        &fault(|fault| fault.cause.clone()) as &[Option<String>],
        &fault(|fault| fault.check.key().to_owned()) as &[Option<String>],
        &contrast(|both| &both.expected) as &[Option<String>],
        &contrast(|both| &both.came) as &[Option<String>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes what these clients have beyond [`KEPT`], sparing [`KEPT_REFUSED`] refused ones.
pub async fn trim(connection: &mut Connection, clients: &[ClientKey]) -> Result<u64, Error> {
    let ids: Vec<_> = clients.iter().map(|key| key.0).collect();
    let delete = sqlx::query!(
        "DELETE FROM request_traces t USING (
             SELECT client_id, at, request_id, outcome,
                    row_number() OVER (PARTITION BY client_id ORDER BY at DESC, request_id DESC) AS place,
                    row_number() OVER (PARTITION BY client_id, outcome ORDER BY at DESC, request_id DESC) AS place_of_outcome
             FROM request_traces WHERE client_id = ANY($1)
         ) ranked
         WHERE t.client_id = ranked.client_id AND t.at = ranked.at AND t.request_id = ranked.request_id
           AND ranked.place > $2 AND NOT (ranked.outcome = 'refused' AND ranked.place_of_outcome <= $3)",
        &ids,
        KEPT,
        KEPT_REFUSED,
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// An app's traces, newest first.
pub async fn list(
    connection: &mut Connection,
    client: ClientKey,
    after: Option<&After>,
    refused_only: bool,
    limit: i64,
) -> Result<Vec<RequestTrace>, Error> {
    let (at, request_id) = (after.map(|after| after.at), after.map(|after| after.request_id.as_str()));
    let rows = sqlx::query_as!(
        Row,
        "SELECT client_id, org_id, at, request_id, endpoint, grant_type, method, status, outcome, error, cause, failed, expected, came
         FROM request_traces
         WHERE client_id = $1 AND ($2::timestamptz IS NULL OR (at, request_id) < ($2, $3)) AND (outcome = 'refused' OR NOT $4)
         ORDER BY at DESC, request_id DESC LIMIT $5",
        client.0,
        at,
        request_id,
        refused_only,
        limit,
    );
    rows.fetch_all(connection).await?.into_iter().map(Row::read).collect()
}

/// The newest trace of the app with this reference id.
pub async fn find(connection: &mut Connection, client: ClientKey, request_id: &str) -> Result<Option<RequestTrace>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT client_id, org_id, at, request_id, endpoint, grant_type, method, status, outcome, error, cause, failed, expected, came
         FROM request_traces WHERE client_id = $1 AND request_id = $2 ORDER BY at DESC LIMIT 1",
        client.0,
        request_id,
    );
    row.fetch_optional(connection).await?.map(Row::read).transpose()
}

struct Row {
    client_id: uuid::Uuid,
    org_id: uuid::Uuid,
    at: OffsetDateTime,
    request_id: String,
    endpoint: String,
    grant_type: Option<String>,
    method: Option<String>,
    status: i16,
    outcome: String,
    error: Option<String>,
    cause: Option<String>,
    failed: Option<String>,
    expected: Option<String>,
    came: Option<String>,
}

impl Row {
    fn read(self) -> Result<RequestTrace, Error> {
        let endpoint =
            Endpoint::parse(&self.endpoint).ok_or_else(|| Error::corrupt("request_traces", format!("endpoint {}", self.endpoint)))?;
        let contrast = self.expected.zip(self.came).map(|(expected, came)| Contrast { expected, came });
        let check = self.failed.as_deref().and_then(Check::parse).unwrap_or(Check::Rule);
        let outcome = match (self.outcome.as_str(), self.error, self.cause) {
            ("refused", Some(error), Some(cause)) => Outcome::Refused(Box::new(Fault { error, cause, check, contrast })),
            ("waiting", ..) => Outcome::Waiting,
            _ => Outcome::Answered,
        };
        Ok(RequestTrace {
            client: ClientKey(self.client_id),
            org: OrgId(self.org_id),
            at: self.at,
            request_id: self.request_id,
            endpoint,
            // Words of a newer version, while both run, are left out.
            grant: self.grant_type.as_deref().and_then(GrantType::parse),
            method: self.method.and_then(|word| AuthMethod::ALL.into_iter().find(|method| method.as_str() == word)),
            status: u16::try_from(self.status).unwrap_or(0),
            outcome,
        })
    }
}
