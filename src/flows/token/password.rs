//! The password grant (RFC 6749 §4.3): an authorization without a page, for apps whose admin allows it (R76).
//!
//! Tries count for the account, together with those at the sign-in page, and wrong ones for the app. Nothing is remembered as
//! consent: a person who typed a password into an app has seen no page of ours, so `/authorize` still asks. What began here is
//! listed and ended like every other authorization.

use time::OffsetDateTime;

use crate::db::authorizations::{PasswordGrant, begin_by_password};
use crate::db::{throttles, users};
use crate::flows::account::login::{self, Verdict};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::token::issue::{self, Issued};
use crate::flows::{Deps, Error, Unavailable, audit};
use crate::model::audit::{AuditEvent, Origin};
use crate::model::ids::AuthorizationId;
use crate::model::user::{Email, User};
use crate::protocol::authorize::scope::Granted;
use crate::protocol::token::password::{decide, wrong_password};
use crate::secret::Secret;
use crate::wire::token::TokenResponse;

/// How often the password is looked at again when the stored hash has changed meanwhile.
const ROUNDS: usize = 2;

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) username: &'a str,
    pub(super) password: &'a Secret<String>,
    pub(super) scope: Option<&'a str>,
    pub(super) resource: Option<&'a str>,
}

/// The two counters of a try.
struct Counters {
    account: String,
    client: String,
}

/// Issues tokens for the person whose password was sent, an enabled member of the app's org.
pub(super) async fn grant(deps: &Deps, client: &AuthenticatedClient, sent: Sent<'_>, now: OffsetDateTime) -> Result<TokenResponse, Error> {
    let granted = decide(sent.scope, sent.resource, &client.record.client, &deps.policy)?;
    let counters = Counters { account: login::account_key(sent.username), client: format!("password:client:{}", client.record.client.key) };
    let limits = &deps.policy.limits;
    for (key, limit) in [(&counters.client, limits.password_failures_per_client), (&counters.account, limits.login_attempts_per_account)] {
        if let Some(retry_after) = login::count(deps, key, limit, now).await? {
            return Err(Error::RateLimited { retry_after });
        }
    }
    for _ in 0..ROUNDS {
        let known = find(deps, client, sent.username).await?;
        let (user, hash, needs_rehash) = match login::compare(deps, known, sent.password).await? {
            Verdict::Right { user, hash, needs_rehash } => (user, hash, needs_rehash),
            Verdict::Wrong => {
                record(deps, client, now).await?;
                return Err(wrong_password("no enabled member of the org has this name and password").into());
            }
            Verdict::Busy => return Err(Unavailable::because("too many password checks are waiting").into()),
        };
        let stronger = if needs_rehash { deps.passwords.hash(sent.password).await.ok().map(Secret::new) } else { None };
        let issued = begin(deps, client, &granted, &counters, (&user, &hash, stronger.as_ref()), now).await?;
        if let Some(issued) = issued {
            return Ok(issued.response);
        }
    }
    Err(wrong_password("the app, its org, the membership or the password changed meanwhile").into())
}

async fn find(deps: &Deps, client: &AuthenticatedClient, username: &str) -> Result<Option<users::Login>, Error> {
    let (Some(email), org) = (Email::parse(username), client.record.client.org) else { return Ok(None) };
    let email = &email;
    Ok(deps.db.statement(|mut connection| async move { users::find_member_login(&mut connection, email, org).await }).await?)
}

/// The authorization, its access token where that is stored, and the entry in the trail, in one transaction. `None` when the facts
/// have changed since the password was looked at.
async fn begin(
    deps: &Deps,
    client: &AuthenticatedClient,
    granted: &Granted,
    counters: &Counters,
    (user, hash, stronger): (&User, &Secret<String>, Option<&Secret<String>>),
    now: OffsetDateTime,
) -> Result<Option<Issued>, Error> {
    let app = &client.record.client;
    let id = AuthorizationId(deps.entropy.uuid(now));
    let new = PasswordGrant {
        id,
        client: app.key,
        user: user.id,
        password_hash: hash,
        offline: granted.offline,
        scopes: &granted.scopes,
        api: &granted.api,
        now,
    };
    let mut transaction = deps.db.begin().await?;
    let Some(live) = begin_by_password(&mut transaction, &new).await? else { return Ok(None) };
    let issued = issue::for_user(deps, client, &live, None, now)?;
    issued.store(&mut transaction).await?;
    throttles::clear(&mut transaction, &counters.account).await?;
    throttles::take_back(&mut transaction, &counters.client, now).await?;
    if let Some(stronger) = stronger {
        users::rehash_password(&mut transaction, user.id, hash, stronger).await?;
    }
    let detail =
        serde_json::json!({ "authorization": id, "app": app.profile.name, "email": user.email.as_str(), "scopes": granted.scopes });
    audit::record(deps, &mut transaction, event(client, "authorization.password", detail), now).await?;
    transaction.commit().await?;
    Ok(Some(issued))
}

/// A try that failed, in the trail of the app's org. It does not say for whom: what stands in the place of a name may be a password.
async fn record(deps: &Deps, client: &AuthenticatedClient, now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    let detail = serde_json::json!({ "app": client.record.client.profile.name });
    audit::record(deps, &mut transaction, event(client, "authorization.password_failed", detail), now).await?;
    Ok(transaction.commit().await?)
}

fn event(client: &AuthenticatedClient, action: &'static str, detail: serde_json::Value) -> AuditEvent {
    let app = &client.record.client;
    AuditEvent {
        org: Some(app.org),
        origin: Origin::of_client(app, &client.whence),
        action,
        target_kind: "client",
        target_id: Some(app.client_id.clone()),
        detail,
    }
}
