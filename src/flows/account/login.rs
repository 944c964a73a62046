//! Signing in: guesses are counted before the password is looked at, and every failure looks alike.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};

use time::OffsetDateTime;

use crate::crypto::token;
use crate::db::users::Login;
use crate::db::{Transaction, browser_sessions, memberships, throttles, users};
use crate::flows::{Deps, Error, audit};
use crate::model::audit::{Actor, AuditEvent, Origin};
use crate::model::browser_session::BrowserSession;
use crate::model::ids::{BrowserSessionId, UserId};
use crate::model::user::{Email, User};
use crate::protocol::password::MAXIMUM_BYTES;
use crate::secret::Secret;

/// The longest browser name that is kept, in characters.
const USER_AGENT_LENGTH: usize = 300;
/// Wishes for a new password for one address in a window: each is a mail to somebody.
const RESETS_PER_ACCOUNT: i32 = 5;

/// What a sign-in form sends.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// As typed.
    pub email: &'a str,
    /// As typed.
    pub password: &'a Secret<String>,
    /// The session cookie that the browser has already, whoever's: it ends (O2).
    pub previous: Option<&'a str>,
    /// As the browser names itself.
    pub user_agent: &'a str,
}

/// What became of it.
#[derive(Debug)]
pub enum SignIn {
    /// A new session with a new cookie.
    Done(Box<NewSession>),
    /// Unknown address, wrong password, or disabled.
    Refused,
    /// Too many tries for this account or from this address.
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Too many password checks are waiting (N7).
    Busy,
}

/// What a look at the password showed.
pub(in crate::flows) enum Verdict {
    Right { user: User, hash: Secret<String>, needs_rehash: bool },
    Wrong,
    Busy,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct NewSession {
    /// The session.
    pub session: BrowserSession,
    /// The cookie's value; only its digest is stored.
    pub cookie: Secret<String>,
}

/// Signs a person in.
pub async fn login(deps: &Deps, attempt: &Attempt<'_>, origin: &Origin, now: OffsetDateTime) -> Result<SignIn, Error> {
    if let Some(retry_after) = count_address(deps, origin.ip, now).await? {
        return Ok(SignIn::Throttled { retry_after });
    }
    let account = account_key(attempt.email);
    if let Some(retry_after) = count(deps, &account, deps.policy.limits.login_attempts_per_account, now).await? {
        return Ok(SignIn::Throttled { retry_after });
    }
    let (user, hash, needs_rehash) = match verify(deps, attempt).await? {
        Verdict::Right { user, hash, needs_rehash } => (user, hash, needs_rehash),
        Verdict::Wrong => {
            record_failure(deps, attempt.email, origin, now).await?;
            return Ok(SignIn::Refused);
        }
        Verdict::Busy => return Ok(SignIn::Busy),
    };
    let stronger = if needs_rehash { deps.passwords.hash(attempt.password).await.ok().map(Secret::new) } else { None };

    let mut transaction = deps.db.begin().await?;
    throttles::clear(&mut transaction, &account).await?;
    if let Some(previous) = attempt.previous {
        browser_sessions::end_by_token(&mut transaction, &token::digest(previous), now).await?;
    }
    if let Some(stronger) = stronger {
        users::rehash_password(&mut transaction, user.id, &hash, &stronger).await?;
    }
    let new = begin(deps, &mut transaction, user.clone(), attempt.user_agent, origin.ip, now).await?;
    record(deps, &mut transaction, "user.login", &user, origin, now).await?;
    transaction.commit().await?;
    Ok(SignIn::Done(Box::new(new)))
}

/// The living session of a cookie. Its use is noted at most once a minute.
pub async fn find_session(deps: &Deps, cookie: &str, now: OffsetDateTime) -> Result<Option<BrowserSession>, Error> {
    let digest = token::digest(cookie);
    let found = deps.db.statement(|mut c| async move { browser_sessions::find_live_by_token(&mut c, &digest, now).await }).await?;
    let Some(mut session) = found else { return Ok(None) };
    if now - session.last_seen_at >= time::Duration::MINUTE {
        let (id, idle) = (session.id, now + deps.policy.lifetimes.session_idle);
        deps.db.statement(|mut c| async move { browser_sessions::touch(&mut c, id, now, idle).await }).await?;
        session.idle_expires_at = idle.min(session.absolute_expires_at);
    }
    Ok(Some(session))
}

/// Begins a session in `transaction`.
pub(in crate::flows) async fn begin(
    deps: &Deps,
    transaction: &mut Transaction,
    user: User,
    user_agent: &str,
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<NewSession, Error> {
    let minted = token::mint_cookie(&*deps.entropy);
    let lifetimes = &deps.policy.lifetimes;
    let absolute = now + lifetimes.session_absolute;
    let session = BrowserSession {
        id: BrowserSessionId(deps.entropy.uuid(now)),
        user,
        authenticated_at: now,
        created_at: now,
        last_seen_at: now,
        idle_expires_at: absolute.min(now + lifetimes.session_idle),
        absolute_expires_at: absolute,
        user_agent: user_agent.chars().take(USER_AGENT_LENGTH).collect(),
        ip,
    };
    browser_sessions::insert(transaction, &session, &minted.digest).await?;
    Ok(NewSession { session, cookie: minted.value })
}

/// Counts a guess at an account; says how long to wait when there were too many. Whether the account exists makes no difference.
pub(super) async fn count_guess(deps: &Deps, email: &str, now: OffsetDateTime) -> Result<Option<u32>, Error> {
    count(deps, &account_key(email), deps.policy.limits.login_attempts_per_account, now).await
}

/// Looks at the password; the same work is done for people who do not exist or may not sign in (N4).
async fn verify(deps: &Deps, attempt: &Attempt<'_>) -> Result<Verdict, Error> {
    let known = match Email::parse(attempt.email) {
        Some(email) => {
            let email = &email;
            deps.db.statement(|mut c| async move { users::find_login(&mut c, email).await }).await?
        }
        None => None,
    };
    compare(deps, known.filter(|login| login.user.disabled_at.is_none()), attempt.password).await
}

/// Compares a password with that of `enabled`; the same work is done when there is nobody (N4).
pub(in crate::flows) async fn compare(deps: &Deps, enabled: Option<Login>, password: &Secret<String>) -> Result<Verdict, Error> {
    // No stored password is that long, and hashing it would be work for nothing, whoever it is for.
    if password.expose().len() > MAXIMUM_BYTES {
        return Ok(Verdict::Wrong);
    }
    let hash = enabled.as_ref().and_then(|login| login.password_hash.as_ref()).map(|hash| hash.expose().as_str());
    let Ok(verified) = deps.passwords.verify(password, hash).await else { return Ok(Verdict::Busy) };
    Ok(match enabled {
        Some(Login { user, password_hash: Some(hash) }) if verified.matches => {
            Verdict::Right { user, hash, needs_rehash: verified.needs_rehash }
        }
        _ => Verdict::Wrong,
    })
}

/// Counts a wish for a new password, by its own counters: who asks in another's name must not keep them from signing in (N5).
pub(super) async fn count_reset(deps: &Deps, email: &str, ip: Option<IpAddr>, now: OffsetDateTime) -> Result<Option<u32>, Error> {
    let limits = &deps.policy.limits;
    if let Some(prefix) = ip.map(prefix) {
        let wait = count(deps, &format!("reset:ip:{prefix}"), limits.login_attempts_per_ip, now).await?;
        if wait.is_some() {
            return Ok(wait);
        }
    }
    count(deps, &throttle_key("reset", email), RESETS_PER_ACCOUNT, now).await
}

async fn count_address(deps: &Deps, ip: Option<IpAddr>, now: OffsetDateTime) -> Result<Option<u32>, Error> {
    let Some(ip) = ip else { return Ok(None) };
    count(deps, &format!("login:ip:{}", prefix(ip)), deps.policy.limits.login_attempts_per_ip, now).await
}

/// An IPv6 customer has a /64 to choose addresses from.
fn prefix(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// Counts one try under `key`; says how many seconds to wait when there were more than `limit` in this window.
pub(in crate::flows) async fn count(deps: &Deps, key: &str, limit: i32, now: OffsetDateTime) -> Result<Option<u32>, Error> {
    let mut connection = deps.db.acquire().await?;
    let counted = throttles::count(&mut connection, key, now, deps.policy.limits.login_window).await?;
    let wait = (counted.window_ends_at - now).whole_seconds().max(1);
    Ok((counted.attempts > limit).then(|| u32::try_from(wait).unwrap_or(u32::MAX)))
}

/// The counter of an account: a digest, so that the table does not say who was guessed at.
pub(in crate::flows) fn account_key(email: &str) -> String {
    throttle_key("login", email)
}

/// The same for another kind of try.
fn throttle_key(what: &str, email: &str) -> String {
    let canonical = Email::parse(email).map_or_else(|| email.to_lowercase(), |email| email.as_str().to_owned());
    let mut key = format!("{what}:account:");
    for byte in token::digest(&canonical).as_bytes() {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// An entry about a failure: in the trail of each org of the person, or in the operator's when there is nobody, so that it takes the
/// same statements (N4). What was typed in place of a known address is not kept: it may be a password.
async fn record_failure(deps: &Deps, email: &str, origin: &Origin, now: OffsetDateTime) -> Result<(), Error> {
    let Some(email) = Email::parse(email) else { return Ok(()) };
    let mut transaction = deps.db.begin().await?;
    let user = users::find_by_email(&mut transaction, &email).await?;
    write(deps, &mut transaction, "user.login_failed", user.as_ref(), &origin.acting_as(Actor::Anonymous), now).await?;
    Ok(transaction.commit().await?)
}

/// One entry in the trail of each org that the person belongs to, or in the operator's.
pub(super) async fn record(
    deps: &Deps,
    transaction: &mut Transaction,
    action: &'static str,
    user: &User,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<(), Error> {
    write(deps, transaction, action, Some(user), origin, now).await
}

async fn write(
    deps: &Deps,
    transaction: &mut Transaction,
    action: &'static str,
    user: Option<&User>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let orgs = memberships::list_by_user(transaction, user.map_or(UserId(uuid::Uuid::nil()), |user| user.id)).await?;
    let orgs = if orgs.is_empty() { vec![None] } else { orgs.into_iter().map(|membership| Some(membership.org.id)).collect() };
    let actor = match (&origin.actor, user) {
        (Actor::Anonymous, Some(user)) if action != "user.login_failed" => Actor::User { id: user.id, email: user.email.to_string() },
        (other, _) => other.clone(),
    };
    for org in orgs {
        let event = AuditEvent {
            org,
            origin: origin.acting_as(actor.clone()),
            action,
            target_kind: "user",
            target_id: user.map(|user| user.id.to_string()),
            detail: user.map_or_else(|| serde_json::json!({}), |user| serde_json::json!({ "email": user.email.as_str() })),
        };
        audit::record(deps, transaction, event, now).await?;
    }
    Ok(())
}

/// Forgets the guesses at an account, in the transaction that makes them moot.
pub(super) async fn clear_guesses(transaction: &mut Transaction, email: &str) -> Result<(), Error> {
    throttles::clear(transaction, &account_key(email)).await?;
    Ok(())
}
