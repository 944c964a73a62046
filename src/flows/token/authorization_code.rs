//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;

use crate::crypto::token::digest;
use crate::db::authorizations::{self, Redemption};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::token::{Attempt, ROUNDS, Step, api_identifiers, check_api, end_family};
use crate::flows::{Deps, Error, Unavailable};
use crate::protocol::token::code::{self, Decision, Presented};
use crate::protocol::token::{invalid_grant, refresh};
use crate::secret::Secret;
use crate::wire::token::TokenResponse;

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) code: &'a Secret<String>,
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) verifier: Option<&'a Secret<String>>,
}

/// Redeems a code.
pub(super) async fn redeem(deps: &Deps, client: &AuthenticatedClient, sent: Sent<'_>, now: OffsetDateTime) -> Result<TokenResponse, Error> {
    let id = deps.sealer.open_code(sent.code.expose()).ok_or(invalid_grant("the code was not minted by this server"))?;
    let challenge = sent.verifier.map(|verifier| code::check_verifier(verifier.expose()).map(|()| challenge_of(verifier))).transpose()?;
    let apis = api_identifiers(deps);
    let redemption = Redemption {
        id,
        client: client.record.client.key,
        redirect_uri: sent.redirect_uri,
        challenge: challenge.as_deref(),
        apis: &apis,
        now,
    };
    let mut attempt = Attempt::new(deps, client, None, now);
    if let Some(response) = attempt.first(Step::Redeem(redemption)).await? {
        return Ok(response);
    }
    for _ in 0..ROUNDS {
        let found = deps.db.statement(|mut connection| async move { authorizations::find_facts_by_id(&mut connection, id).await }).await?;
        let Some(facts) = found else { return Err(invalid_grant("the authorization is long gone").into()) };
        let presented = Presented {
            client: redemption.client,
            redirect_uri: redemption.redirect_uri,
            challenge: redemption.challenge,
            repeated: attempt.repeated,
            now,
        };
        match code::decide(&facts, &presented) {
            Decision::Redeem => check_api(deps, &facts.authorization)?,
            Decision::Resume => return attempt.answer(&refresh::unchanged(&facts)).await,
            Decision::End(cause, refusal) => {
                return Err(end_family(deps, client, &facts.authorization, (cause, refusal), now).await?.into());
            }
            Decision::Refuse(refusal) => return Err(refusal.into()),
        }
        if let Some(response) = attempt.alone(Step::Redeem(redemption)).await? {
            return Ok(response);
        }
    }
    Err(Unavailable::because(format_args!("authorization {id} kept changing under its redemption")).into())
}

/// `BASE64URL(SHA256(verifier))` (RFC 7636 §4.2).
pub(in crate::flows) fn challenge_of(verifier: &Secret<String>) -> String {
    URL_SAFE_NO_PAD.encode(digest(verifier.expose()).as_bytes())
}
