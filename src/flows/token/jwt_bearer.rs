//! The JWT bearer grant (RFC 7523 §2.1): an assertion signed with one of the app's keys for a token of the app itself.
//!
//! The app may authenticate besides, as for any grant; without that the assertion names it and proves it (RFC 7521 §4.1).

use std::net::IpAddr;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::flows::assertion::exchange::issue_once;
use crate::flows::assertion::{Asked, Problem, Profile, judge};
use crate::flows::client_auth::count_failure;
use crate::flows::token::Granted;
use crate::flows::{Deps, Error};
use crate::model::client::ClientRecord;
use crate::model::refusal::Refusal;
use crate::protocol::assertion::jws::named_client;
use crate::secret::Secret;
use crate::wire::ErrorCode;

/// Grants to a client that the caller knows, be it proved or not: the signature proves it here.
pub(super) async fn grant(
    deps: &Deps,
    record: Option<Arc<ClientRecord>>,
    assertion: &Secret<String>,
    (scope, resource): (Option<&str>, Option<&str>),
    now: OffsetDateTime,
) -> Result<Granted, Problem> {
    let asked = Asked { scope, resource };
    let judged = judge(deps, Profile::JwtBearer, record, (assertion.expose(), asked), now).await?;
    issue_once(deps, judged, now).await
}

/// Grants to whoever the assertion comes from, without other client authentication. Failures count as failed authentications
/// of the client that it names, and tokens as that client's.
pub(super) async fn grant_alone(
    deps: &Deps,
    client_id: Option<&str>,
    assertion: &Secret<String>,
    asked: (Option<&str>, Option<&str>),
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<Granted, Error> {
    let named = named_client(Profile::JwtBearer, assertion.expose());
    let named = client_id.or(named.as_deref());
    let record = match named {
        Some(named) => deps.clients.get(deps, named).await?,
        None => None,
    };
    if let Some(record) = &record {
        // Anybody can name a client, so one address must not use up what belongs to all.
        deps.rate.token_request(record.client.key, ip)?;
    }
    match grant(deps, record, assertion, asked, now).await {
        Ok(granted) => Ok(granted),
        Err(problem) => match problem.at(deps, Profile::JwtBearer) {
            Error::Refused(refusal) if counts(&refusal) => Err(count_failure(deps, named.unwrap_or_default(), ip, refusal)),
            other => Err(other),
        },
    }
}

/// Whether a refusal says that the proof was bad, rather than what was asked for.
fn counts(refusal: &Refusal) -> bool {
    refusal.error == ErrorCode::InvalidGrant
}
