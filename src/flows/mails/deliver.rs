//! Sending what waits, a few mails at a time. A mail that the server refuses is given up; otherwise it is tried again, later and
//! later, until it is worth nothing.

use time::{Duration, OffsetDateTime};

use crate::crypto::token::mint_cookie;
use crate::db::mails::{self, Waiting};
use crate::db::{memberships, password_links, users};
use crate::flows::mails::{LABEL, Task, letters, queue};
use crate::flows::{Deps, Unavailable, audit};
use crate::mail;
use crate::model::audit::{Actor, AuditEvent, Origin};
use crate::model::user::Email;

/// Mails in one turn.
const BATCH: i64 = 20;
/// How long a mail is one server's to send; with each failure longer.
const PATIENCE: Duration = Duration::seconds(30);

/// Sends what is due; says how many mails left the line.
pub async fn deliver(deps: &Deps, now: OffsetDateTime) -> Result<u64, Unavailable> {
    let mut done = 0;
    loop {
        let taken = deps.db.statement(|mut c| async move { mails::take_due(&mut c, now, PATIENCE, BATCH).await }).await?;
        if taken.is_empty() {
            return Ok(done);
        }
        for waiting in taken {
            done += u64::from(handle(deps, &waiting, now).await?);
        }
    }
}

/// Whether the mail is out of the line.
async fn handle(deps: &Deps, waiting: &Waiting, now: OffsetDateTime) -> Result<bool, Unavailable> {
    let plain = deps.sealer.open(LABEL, &waiting.sealed);
    let task = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok()).filter(|_| now < waiting.expires_at);
    match task {
        None => {
            tracing::warn!(mail = %waiting.id, kind = waiting.kind, "a mail was given up: too old, or sealed with a root key that is gone");
            remove(deps, waiting).await?;
            Ok(true)
        }
        Some(Task::Reset { email, ip, request_id }) => {
            answer_reset(deps, waiting, &email, Origin { actor: Actor::Anonymous, ip, request_id }, now).await?;
            Ok(true)
        }
        Some(Task::Letter { to, letter }) => {
            let sent = match Email::parse(&to) {
                Some(to) => deps.mailer.send(waiting.id.0, &to, &letter).await,
                None => Err(mail::Error::Refused("no address".to_owned())),
            };
            finish(deps, waiting, sent).await
        }
    }
}

async fn finish(deps: &Deps, waiting: &Waiting, sent: Result<(), mail::Error>) -> Result<bool, Unavailable> {
    match sent {
        Ok(()) => metrics::counter!("grantor_mails_total", "outcome" => "sent").increment(1),
        Err(mail::Error::Refused(cause)) => {
            metrics::counter!("grantor_mails_total", "outcome" => "refused").increment(1);
            tracing::warn!(mail = %waiting.id, cause, "a mail was refused and is given up");
        }
        Err(mail::Error::Later(cause)) => {
            metrics::counter!("grantor_mails_total", "outcome" => "later").increment(1);
            tracing::warn!(mail = %waiting.id, attempts = waiting.attempts, cause, "a mail was not sent; tried again later");
            return Ok(false);
        }
    }
    remove(deps, waiting).await?;
    Ok(true)
}

async fn remove(deps: &Deps, waiting: &Waiting) -> Result<(), Unavailable> {
    let id = waiting.id;
    deps.db.statement(|mut c| async move { mails::delete(&mut c, id).await }).await?;
    Ok(())
}

/// Makes the link and its letter, if there is somebody to get it; in one transaction with taking the request out of the line.
async fn answer_reset(deps: &Deps, waiting: &Waiting, email: &str, origin: Origin, now: OffsetDateTime) -> Result<(), Unavailable> {
    let mut transaction = deps.db.begin().await?;
    if !mails::delete(&mut transaction, waiting.id).await? {
        return Ok(());
    }
    let known = match Email::parse(email) {
        Some(email) => users::find_by_email(&mut transaction, &email).await?,
        None => None,
    };
    let Some(user) = known.filter(|user| user.disabled_at.is_none()) else {
        transaction.commit().await?;
        return Ok(());
    };
    let minted = mint_cookie(&*deps.entropy);
    password_links::void_all_of_user(&mut transaction, user.id, now).await?;
    let expires_at = now + deps.policy.lifetimes.password_reset;
    password_links::insert(&mut transaction, deps.entropy.uuid(now), user.id, &minted.digest, now, expires_at).await?;
    queue(deps, &mut transaction, &user.email, letters::password_reset(&deps.policy, &minted.value), expires_at, now).await?;
    let orgs: Vec<_> = memberships::list_by_user(&mut transaction, user.id).await?.into_iter().map(|place| Some(place.org.id)).collect();
    let orgs = if orgs.is_empty() { vec![None] } else { orgs };
    for org in orgs {
        let event = AuditEvent {
            org,
            origin: origin.clone(),
            action: "user.request_password_reset",
            target_kind: "user",
            target_id: Some(user.id.to_string()),
            detail: serde_json::json!({ "email": user.email.as_str() }),
        };
        audit::record(deps, &mut transaction, event, now).await?;
    }
    transaction.commit().await?;
    Ok(())
}
