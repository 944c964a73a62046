//! Proving again who one is (M14): before what cannot be undone, the password must have been typed a short while ago.
//!
//! A form that arrives too late is not lost: it is sealed into the page that asks for the password and goes on from there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::crypto::token;
use crate::db::{browser_sessions, users};
use crate::flows::account::{by, login};
use crate::flows::{Deps, Error};
use crate::model::audit::Origin;
use crate::model::browser_session::BrowserSession;
use crate::model::ids::BrowserSessionId;
use crate::protocol::password::MAXIMUM_BYTES;
use crate::secret::Secret;

const LABEL: &str = "continued form";
/// How long a form waits for the password.
const PATIENCE: Duration = Duration::minutes(30);

/// A form that waits until its person has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    session: BrowserSessionId,
    expires_at: i64,
    path: String,
    fields: Vec<(String, String)>,
}

/// What became of it.
#[derive(Debug)]
pub enum Proof {
    /// The same session, from now on with this cookie (O2).
    Done(Secret<String>),
    /// Another password.
    Wrong,
    /// Too many tries.
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
}

/// Whether this session's person proved who they are a short while ago.
pub fn is_recent(deps: &Deps, session: &BrowserSession, now: OffsetDateTime) -> bool {
    now - session.authenticated_at < deps.policy.lifetimes.reauthentication
}

/// Seals a form that was sent to `path`, for this session only.
#[expect(clippy::missing_panics_doc, reason = "text and numbers are always JSON")]
pub fn hold(deps: &Deps, session: &BrowserSession, path: &str, fields: Vec<(String, String)>, now: OffsetDateTime) -> String {
    let expires_at = (now + PATIENCE).unix_timestamp();
    let held = Continuation { session: session.id, expires_at, path: path.to_owned(), fields };
    let plain = serde_json::to_vec(&held).expect("text and numbers are JSON");
    URL_SAFE_NO_PAD.encode(deps.sealer.seal(LABEL, &plain, &*deps.entropy))
}

/// The fields of a form that was held for this session and path; `None` when it is not ours, somebody else's, or too old.
pub fn resume(deps: &Deps, session: &BrowserSession, path: &str, sealed: &str, now: OffsetDateTime) -> Option<Vec<(String, String)>> {
    let plain = deps.sealer.open(LABEL, &URL_SAFE_NO_PAD.decode(sealed).ok()?)?;
    let held: Continuation = serde_json::from_slice(plain.expose()).ok()?;
    let good = held.session == session.id && held.path == path && now.unix_timestamp() < held.expires_at;
    good.then_some(held.fields)
}

/// Looks at the password; guesses are counted as those of the sign-in page (N5).
pub async fn prove(
    deps: &Deps,
    session: &BrowserSession,
    password: &Secret<String>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Proof, Error> {
    let user = &session.user;
    if let Some(retry_after) = login::count_guess(deps, user.email.as_str(), now).await? {
        return Ok(Proof::Throttled { retry_after });
    }
    let id = user.id;
    let hash = deps.db.statement(|mut c| async move { users::find_password_hash(&mut c, id).await }).await?;
    let hash = hash.filter(|_| password.expose().len() <= MAXIMUM_BYTES);
    if !deps.passwords.verify(password, hash.as_ref().map(|hash| hash.expose().as_str())).await?.matches {
        return Ok(Proof::Wrong);
    }
    let minted = token::mint_cookie(&*deps.entropy);
    let mut transaction = deps.db.begin().await?;
    if !browser_sessions::reauthenticate(&mut transaction, session.id, &minted.digest, now).await? {
        return Ok(Proof::Wrong);
    }
    login::clear_guesses(&mut transaction, user.email.as_str()).await?;
    login::record(deps, &mut transaction, "user.reauthenticate", user, &by(session, origin), now).await?;
    transaction.commit().await?;
    Ok(Proof::Done(minted.value))
}
