//! A token for trying out (R55): what the app itself would get, for an admin who has no secret at hand.

use std::cmp::Reverse;
use std::sync::Arc;

use serde_json::json;
use time::OffsetDateTime;

use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::clients::reach::check_reach;
use crate::flows::clients::{self, Error};
use crate::flows::orgs::OrgAccess;
use crate::flows::token::issue_token;
use crate::flows::{self, Deps, Unavailable};
use crate::model::audit::Whence;
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::field_error::FieldError;
use crate::model::ids::CredentialId;
use crate::model::migration::{Proof, Shown};
use crate::protocol::migration::check_may_use;
use crate::wire::AuthMethod;
use crate::wire::token::{TokenRequest, TokenResponse};

/// What was issued.
#[derive(Debug)]
pub struct Issued {
    /// To whom.
    pub record: Arc<ClientRecord>,
    /// As the app would read it.
    pub answer: TokenResponse,
}

/// Issues a token to a machine-to-machine app as if it had asked with its newest credential that works, whose use it counts as.
pub async fn issue(deps: &Deps, access: &OrgAccess, client_id: &str, scope: Option<&str>, now: OffsetDateTime) -> Result<Issued, Error> {
    access.check_manages_secrets(client_id)?;
    let record = clients::find(deps, access, client_id).await?;
    check_reach(deps, access, &record)?;
    let client = machine(deps, record, now)?;
    deps.rate.token_request(client.record.client.key, None).map_err(|error| told(error, "scope"))?;
    // Before the token: one that nobody can account for must not exist.
    let mut transaction = deps.db.begin().await?;
    let detail = json!({ "credential": client.credential, "scope": scope });
    clients::record(deps, &mut transaction, access, ("client.test_token", &client.record.client), detail, now).await?;
    transaction.commit().await?;
    let request = TokenRequest::ClientCredentials { scope: scope.map(str::to_owned), resource: None };
    let granted = issue_token(deps, &client, request, now).await.map_err(|error| told(error, "scope"))?;
    Ok(Issued { record: client.record, answer: granted.response })
}

/// The app, as if it had proved itself with its newest credential that works.
fn machine(deps: &Deps, record: ClientRecord, now: OffsetDateTime) -> Result<AuthenticatedClient, Error> {
    let refuse = |code, message| Err(Error::Invalid(vec![FieldError::new("client_id", code, message)]));
    if record.client.system {
        return Err(Error::SystemApp);
    }
    if record.client.kind != ClientKind::M2m {
        return refuse("wrong_kind", "Only a machine-to-machine application gets tokens for itself; try the others with a user.");
    }
    if !record.is_enabled() {
        return refuse("disabled", "The application is disabled.");
    }
    let Some((credential, proof)) = usable(deps, &record, now)? else {
        return refuse("no_credential", "The application has no credential that works. Add one first.");
    };
    let method = match proof {
        Proof::Key => AuthMethod::PrivateKeyJwt,
        Proof::Secret => AuthMethod::ClientSecretBasic,
    };
    Ok(AuthenticatedClient { record: Arc::new(record), credential, method, whence: Whence::default() })
}

/// The newest living credential that the app may use now; a published key set, which has no row, is the last resort. Where there
/// are only such that it may not use, the reason is that of the newest: a token that the app itself would not get proves nothing.
fn usable(deps: &Deps, record: &ClientRecord, now: OffsetDateTime) -> Result<Option<(Option<CredentialId>, Proof)>, Error> {
    let mut living: Vec<_> = record.credentials.iter().filter(|credential| credential.is_live(now)).collect();
    living.sort_by_key(|credential| Reverse((credential.created_at, credential.id)));
    let published = record.client.profile.jwks_uri.is_some().then_some(Shown::PublishedKey);
    let mut refusal = None;
    for shown in living.into_iter().map(Shown::Credential).chain(published) {
        match check_may_use(record, shown, &deps.policy.jwt_deadlines, now) {
            Ok(()) => return Ok(Some((shown.credential(), shown.proof()))),
            Err(refused) => refusal = refusal.or(Some(refused)),
        }
    }
    refusal.map_or(Ok(None), |refused| Err(told(refused.into(), "client_id")))
}

/// A refusal of the token rules as an error of `field`.
pub(super) fn told(error: flows::Error, field: &str) -> Error {
    match error {
        flows::Error::Refused(refusal) => Error::Invalid(vec![FieldError::new(field, refusal.error.as_str(), refusal.description)]),
        flows::Error::RateLimited { retry_after } => Unavailable { cause: "too many token requests".to_owned(), retry_after }.into(),
        flows::Error::Unavailable(trouble) => trouble.into(),
    }
}
