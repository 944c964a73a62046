//! Signing out: the session ends on the server, so that a copy of its cookie is worth nothing (O4).

use time::OffsetDateTime;

use crate::crypto::token;
use crate::db::browser_sessions;
use crate::flows::account::login;
use crate::flows::{Deps, Error};
use crate::model::audit::{Actor, Origin};
use crate::model::browser_session::BrowserSession;

/// Ends the session of `cookie`; what apps were allowed stays allowed.
pub async fn logout(deps: &Deps, session: &BrowserSession, cookie: &str, origin: &Origin, now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    if browser_sessions::end_by_token(&mut transaction, &token::digest(cookie), now).await? {
        let actor = Actor::User { id: session.user.id, email: session.user.email.to_string() };
        login::record(deps, &mut transaction, "user.logout", &session.user, &origin.acting_as(actor), now).await?;
    }
    transaction.commit().await?;
    Ok(())
}
