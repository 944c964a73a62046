//! The exchanges of the source systems: a signed assertion and the app's secret for an access token (R32-R34, R58-R68).
//!
//! The checks, in order: the client and its secret, that an assertion came, the assertion itself. Workfront's door speaks of the
//! client as `/token` does; the IMS door as its table does, which tells an unknown client (400) from a wrong secret (401).

use std::net::IpAddr;

use time::OffsetDateTime;

use crate::flows::assertion::{Asked, Judged, Problem, Profile, judge, use_once};
use crate::flows::client_auth::{AuthenticatedClient, PresentedCredentials, authenticate_for_token};
use crate::flows::clients::migrate::deprecation;
use crate::flows::token::{Granted, issue};
use crate::flows::{Deps, Error, Unavailable};
use crate::model::audit::Whence;
use crate::model::refusal::Refusal;
use crate::protocol::client_auth;
use crate::secret::Secret;
use crate::wire::{AuthMethod, ErrorCode, GrantType};

/// What was sent besides the credentials.
#[derive(Debug)]
pub struct Sent<'a> {
    /// `jwt_token`
    pub assertion: Option<Secret<String>>,
    /// Space- or comma-separated; the IMS door has metascopes instead.
    pub scope: Option<&'a str>,
}

/// Exchanges an assertion at one of the two doors; never gives a refresh token (R68).
pub async fn exchange(
    deps: &Deps,
    profile: Profile,
    presented: &PresentedCredentials,
    sent: Sent<'_>,
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<Granted, Error> {
    if profile == Profile::ImsExchange {
        check_known(deps, presented).await?;
    }
    let client = authenticate_for_token(deps, presented, ip, now).await?;
    if !matches!(client.method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost) {
        return Err(Refusal::new(ErrorCode::InvalidClient, "The exchange needs the client secret besides the assertion.").into());
    }
    let assertion = sent.assertion.ok_or(missing(profile))?;
    let asked = Asked { scope: sent.scope, resource: None };
    let outcome = issue_for(deps, profile, &client, (assertion.expose(), asked), now).await;
    let mut granted = outcome.map_err(|problem| problem.at(deps, profile))?.or_since(deprecation(deps, &client));
    // Without the secret there would be no token either: whoever deletes it cuts this client off.
    client.note_token(deps, GrantType::JwtBearer, now);
    if profile == Profile::ImsExchange && client.record.client.profile.compat.exchange_milliseconds {
        granted.response.expires_in = granted.response.expires_in.saturating_mul(1_000);
    }
    Ok(granted)
}

/// The table of the IMS door has an answer of its own for a client that is not there.
async fn check_known(deps: &Deps, presented: &PresentedCredentials) -> Result<(), Error> {
    let claim = client_auth::claim(presented).map_err(Refusal::with_bad_request)?;
    if deps.clients.get(deps, &claim.client_id).await?.is_none() {
        let refusal = Refusal::new(ErrorCode::InvalidClient, "There is no such client.");
        return Err(refusal.because("unknown client").with_bad_request().into());
    }
    Ok(())
}

const fn missing(profile: Profile) -> Refusal {
    let text = "The parameter jwt_token is missing.";
    match profile {
        Profile::ImsExchange => Refusal::new(ErrorCode::InvalidToken, text).with_bad_request(),
        _ => Refusal::new(ErrorCode::InvalidRequest, text),
    }
}

async fn issue_for(
    deps: &Deps,
    profile: Profile,
    client: &AuthenticatedClient,
    sent: (&str, Asked<'_>),
    now: OffsetDateTime,
) -> Result<Granted, Problem> {
    let judged = judge(deps, profile, Some(client.record.clone()), sent, now).await?;
    issue_once(deps, judged, now).await
}

/// Issues for an assertion that passed: marks it as used, makes the token, and notes the use of the key.
pub(in crate::flows) async fn issue_once(deps: &Deps, judged: Judged<'_>, now: OffsetDateTime) -> Result<Granted, Problem> {
    let Judged { record, credential, accepted, subject, grant } = judged;
    let (api, scopes) = grant.ok_or_else(|| Unavailable::because("an assertion for client authentication was to be granted"))?;
    use_once(deps, &record, &accepted, now).await?;
    let signer = AuthenticatedClient { record, credential, method: AuthMethod::PrivateKeyJwt, whence: Whence::default() };
    let issued = issue::for_client(deps, &signer, (&subject, api, scopes), now)?;
    issued.store_alone(deps).await?;
    signer.note_token(deps, GrantType::JwtBearer, now);
    deps.last_use.record_client(signer.record.client.key, now);
    metrics::counter!("grantor_tokens_issued_total", "grant_type" => GrantType::JwtBearer.as_str()).increment(1);
    Ok(Granted { deprecated: deprecation(deps, &signer), response: issued.response })
}
