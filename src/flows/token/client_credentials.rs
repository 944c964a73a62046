//! The client credentials grant (RFC 6749 §4.4): a token for the app itself. With JWTs it needs no database work at all.

use time::OffsetDateTime;

use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::token::issue::{self, Subject};
use crate::flows::{Deps, Error};
use crate::protocol::token::scope;
use crate::wire::token::TokenResponse;

/// Issues a token for the client itself; never a refresh token (RFC 6749 §4.4.3).
pub(super) async fn grant(
    deps: &Deps,
    client: &AuthenticatedClient,
    sent_scope: Option<&str>,
    resource: Option<&str>,
    now: OffsetDateTime,
) -> Result<TokenResponse, Error> {
    let asked = scope::parse(sent_scope)?;
    let (api, scopes) = scope::for_client(&deps.policy.apis, &client.record.client.profile.scopes, asked.as_ref(), resource)?;
    let subject = Subject::of(client);
    let issued = issue::for_client(deps, client, (&subject, api, scopes), now)?;
    issued.store_alone(deps).await?;
    Ok(issued.response)
}
