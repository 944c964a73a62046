//! Lists of an org's apps, a page at a time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::clients::{self, AttentionBounds, ListFilter};
use crate::flows::Deps;
use crate::flows::clients::Error;
use crate::flows::orgs::OrgAccess;
use crate::model::attention::{Attention, SOON, UNUSED};
use crate::model::client::{ClientKind, ClientRecord, Sort};
use crate::model::field_error::FieldError;
use crate::model::ids::{ClientKey, OrgId};
use crate::model::migration::Proof;
use crate::protocol::attention::reasons;

/// How many apps a page has when nobody says.
pub const LIMIT_DEFAULT: i64 = 50;
/// How many a page has at most.
pub const LIMIT_MAX: i64 = 100;

const LABEL: &str = "cursor of apps";

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Part of the name, or the client id.
    pub q: Option<String>,
    /// Of this kind only.
    pub kind: Option<ClientKind>,
    /// With a credential of this kind only: `jwt` is [`Proof::Key`] (R46).
    pub credential: Option<Proof>,
    /// Only apps that need attention at this instant; see [`attention`].
    pub attention_at: Option<OffsetDateTime>,
    /// Enabled ones only, or disabled ones only.
    pub enabled: Option<bool>,
    /// The operator's only, or the org's own only.
    pub system: Option<bool>,
    /// The order; the newest first when nobody says.
    pub sort: Sort,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 100; `None` = 50.
    pub limit: Option<i64>,
}

/// Part of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Leads to the next page; `None` on the last. Opaque and sealed: nothing but our own cursor opens (M9).
    pub next: Option<String>,
}

/// The org's living apps.
pub async fn list(deps: &Deps, access: &OrgAccess, query: &Query) -> Result<Page<ClientRecord>, Error> {
    access.check_reads_apps()?;
    let org = access.org.id;
    let limit = check_limit(query.limit)?;
    let after = query.cursor.as_deref().map(|cursor| open_cursor(deps, org, cursor)).transpose()?;
    let q = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty() && !q.contains('\0')).map(str::to_owned);
    // One more than asked tells whether there is a next page.
    let attention = query.attention_at.map(|now| AttentionBounds { unused_since: now - UNUSED, expires_until: now + SOON });
    let filter = ListFilter {
        q,
        kind: query.kind,
        credential: query.credential,
        attention,
        enabled: query.enabled,
        system: query.system,
        sort: query.sort,
        after,
        limit: limit + 1,
    };
    let filter = &filter;
    let mut items = deps.db.statement(|mut connection| async move { clients::list_records(&mut connection, org, filter).await }).await?;
    let fits = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > fits;
    items.truncate(fits);
    let next = items.last().filter(|_| more).map(|last| seal_cursor(deps, org, last));
    Ok(Page { items, next })
}

/// Why the app should be looked at, the most pressing reason first; empty when all is well. An app is listed with
/// [`Query::attention_at`] exactly when it has a reason.
pub fn attention(record: &ClientRecord, now: OffsetDateTime) -> Vec<Attention> {
    reasons(record, now)
}

/// The org's deleted apps that can still be restored, latest first.
pub async fn list_deleted(deps: &Deps, access: &OrgAccess, now: OffsetDateTime) -> Result<Vec<ClientRecord>, Error> {
    access.check_manages_apps()?;
    let (org, since) = (access.org.id, now - deps.policy.lifetimes.restore_app);
    Ok(deps.db.statement(|mut connection| async move { clients::list_deleted(&mut connection, org, since).await }).await?)
}

/// The limit of a page, if it may be so.
pub fn check_limit(limit: Option<i64>) -> Result<i64, Error> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::Invalid(vec![FieldError::new("limit", "out_of_range", format!("Choose a limit from 1 to {LIMIT_MAX}."))]))
    }
}

/// The refusal of a cursor that is not ours.
pub fn bad_cursor() -> Error {
    Error::Invalid(vec![FieldError::new("cursor", "invalid", "Use the cursor of the page before as it is, or none.")])
}

fn seal_cursor(deps: &Deps, org: OrgId, last: &ClientRecord) -> String {
    let place = [org.0.as_bytes().as_slice(), last.client.key.0.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(deps.sealer.seal(LABEL, &place, &*deps.entropy))
}

fn open_cursor(deps: &Deps, org: OrgId, cursor: &str) -> Result<ClientKey, Error> {
    let open = || {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let place = deps.sealer.open(LABEL, &sealed)?;
        let (of, key) = place.expose().split_first_chunk::<16>()?;
        let key = Uuid::from_slice(key).ok()?;
        (Uuid::from_bytes(*of) == org.0).then_some(ClientKey(key))
    };
    open().ok_or_else(bad_cursor)
}
