//! The refresh token grant (RFC 6749 §6, RFC 9700 §4.14).

use time::OffsetDateTime;

use crate::db::authorizations::{self, Rotation};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::token::{Attempt, ROUNDS, Step, api_identifiers, check_api, end_family, record};
use crate::flows::{Deps, Error, Unavailable};
use crate::model::authorization::{Authorization, EndCause};
use crate::model::scope::{OFFLINE_ACCESS, ScopeSet};
use crate::protocol::token::refresh::{self, Decision, Presented};
use crate::protocol::token::{invalid_grant, scope};
use crate::secret::Secret;
use crate::wire::token::TokenResponse;

/// Refreshes: a fresh access token, and the successor of the refresh token.
pub(super) async fn refresh(
    deps: &Deps,
    client: &AuthenticatedClient,
    refresh_token: &Secret<String>,
    sent_scope: Option<&str>,
    now: OffsetDateTime,
) -> Result<TokenResponse, Error> {
    let opened = deps.sealer.open_refresh_token(refresh_token.expose());
    let (id, generation) = opened.ok_or(invalid_grant("the refresh token was not minted by this server"))?;
    let asked = scope::parse(sent_scope)?;
    let guarded = asked.as_ref().map(|asked| asked.without(OFFLINE_ACCESS));
    let profile = &client.record.client.profile;
    let apis = api_identifiers(deps);
    let scopes = guarded.as_ref().map(ScopeSet::as_slice);
    let rotation = Rotation { id, client: client.record.client.key, generation, scopes, apis: &apis, now };
    let mut attempt = Attempt::new(deps, client, asked.as_ref(), now);
    // What the cache says of the client only chooses the first try; the statement reads the client's own row.
    if profile.refresh_tokens.rotation
        && guarded.as_ref().is_none_or(|asked| asked.is_subset(&profile.scopes))
        && let Some(response) = attempt.first(Step::Rotate(rotation)).await?
    {
        return Ok(response);
    }
    for _ in 0..ROUNDS {
        let found = deps.db.statement(|mut connection| async move { authorizations::find_facts_by_id(&mut connection, id).await }).await?;
        let Some(facts) = found else { return Err(invalid_grant("the authorization is long gone").into()) };
        let presented = Presented {
            client: rotation.client,
            generation,
            scope: asked.as_ref(),
            allowed: &profile.scopes,
            repeated: attempt.repeated,
            now,
        };
        let decision = refresh::decide(&facts, &presented);
        if !matches!(decision, Decision::Replay(_) | Decision::Refuse(_)) {
            check_api(deps, &facts.authorization)?;
        }
        let step = match decision {
            Decision::Rotate => Step::Rotate(rotation),
            Decision::Keep { write: true } => Step::Touch(rotation),
            Decision::Keep { write: false } | Decision::Retry { .. } => {
                return attempt.answer(&refresh::unchanged(&facts)).await;
            }
            Decision::FastForward => {
                fast_forward(deps, client, &facts.authorization, generation, now).await?;
                continue;
            }
            Decision::Replay(refusal) => {
                return Err(end_family(deps, client, &facts.authorization, (EndCause::Reuse, refusal), now).await?.into());
            }
            Decision::Refuse(refusal) => return Err(refusal.into()),
        };
        if let Some(response) = attempt.alone(step).await? {
            return Ok(response);
        }
    }
    Err(Unavailable::because(format_args!("authorization {id} kept changing under its refresh")).into())
}

/// Brings a row from an older backup up to the generation that its token proves, and says so in the audit trail.
async fn fast_forward(
    deps: &Deps,
    client: &AuthenticatedClient,
    authorization: &Authorization,
    generation: i32,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    if authorizations::fast_forward(&mut transaction, authorization.id, authorization.generation, generation).await? {
        let detail = serde_json::json!({ "from": authorization.generation, "to": generation });
        record(deps, &mut transaction, client, authorization, ("authorization.restored_family_advanced", detail), now).await?;
    }
    transaction.commit().await?;
    tracing::warn!(authorization = %authorization.id, from = authorization.generation, to = generation, "restored family advanced");
    Ok(())
}
