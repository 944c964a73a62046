//! `/orgs/{slug}/apps` and what can be restored.

use axum::response::{IntoResponse as _, Redirect, Response};

use crate::flows::clients::list::{self, LIMIT_MAX, Page, Query};
use crate::flows::clients::{self, Error};
use crate::flows::orgs;
use crate::model::client::ClientRecord;
use crate::model::org::AppUsage;
use crate::web::admin::place::{Place, page_error};
use crate::web::admin::show::kind;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::apps::deleted::DeletedAppsPage;
use crate::web::views::apps::list::AppsPage;
use crate::web::views::apps::quota::QuotaPage;
use crate::web::views::apps::row::{AppRow, DeletedApp};
use crate::web::views::layout::Layout;
use crate::web::views::mark::AppMark;

mod asked;
pub(super) mod row;

/// How many apps a page shows.
pub(super) const PAGE: i64 = 25;
/// How many apps the page about the limit looks at; an org has ten, unless the operator raised its limit.
const LOOKED_AT: usize = 1_000;
/// How many unused apps the page about the limit names.
const NAMED: usize = 5;

/// A page of the apps.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    let asked = asked::read(&place);
    if let Some(found) = by_id(&place, &asked.q).await? {
        return Ok(Redirect::to(&paths::app(&place.org.slug, &found)).into_response());
    }
    let cursor = Some(place.query("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let is_further = cursor.is_some();
    let query = asked::query(&asked, cursor, place.now);
    let Page { items, next } = list::list(&place.deps, &place.access, &query).await.map_err(page_error)?;
    let (used, limit) = numbers(orgs::app_usage(&place.deps, &place.access).await.map_err(page_error)?);
    let is_first = !is_further && !asked.is_narrow();
    let deleted = if is_first { deleted(&place).await?.len() } else { 0 };
    let deadlines = row::keys_end(&place, &items);
    let (system, apps): (Vec<AppRow>, Vec<AppRow>) = items.iter().map(|record| row::row(&place, record)).partition(|row| row.system);
    let needy = apps.iter().filter(|row| row.needs_attention).count();
    let page = AppsPage {
        layout: place.layout(),
        org: place.org.clone(),
        used,
        limit,
        attention: (is_first && next.is_none()).then(|| count(needy)),
        asked,
        apps,
        next,
        is_further,
        deadlines,
        system,
        deleted: count(deleted),
    };
    Ok(page.into_response())
}

/// What can be restored.
pub(super) async fn show_deleted(place: Place) -> Result<Response, PageError> {
    place.access.check_manages_apps().map_err(page_error)?;
    let (used, limit) = numbers(orgs::app_usage(&place.deps, &place.access).await.map_err(page_error)?);
    let records = deleted(&place).await?;
    let gone = records.iter().filter_map(|record| {
        let deleted_at = record.client.deleted_at?;
        let restore_until = orgs::restorable_until(&place.deps, deleted_at);
        Some(DeletedApp { mark: AppMark::of(record), kind: kind(record.client.kind), deleted_at, restore_until })
    });
    let kept_for = place.deps.policy.lifetimes.restore_app.whole_seconds();
    let page = DeletedAppsPage { layout: place.layout(), org: place.org.clone(), used, limit, kept_for, deleted: gone.collect() };
    Ok(page.into_response())
}

/// A pasted client id of this org leads straight to its app.
async fn by_id(place: &Place, q: &str) -> Result<Option<String>, PageError> {
    let looks_like_one = (16..=64).contains(&q.len()) && q.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !looks_like_one {
        return Ok(None);
    }
    match clients::find(&place.deps, &place.access, q).await {
        Ok(record) => Ok(Some(record.client.client_id)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(page_error(error)),
    }
}

/// The deleted apps, for those who may bring them back.
async fn deleted(place: &Place) -> Result<Vec<ClientRecord>, PageError> {
    if !place.org.role.changes_apps() {
        return Ok(Vec::new());
    }
    list::list_deleted(&place.deps, &place.access, place.now).await.map_err(page_error)
}

/// What stands in place of a form when every slot is taken, in this frame.
pub(super) async fn quota_page(place: &Place, layout: Layout, usage: AppUsage) -> Result<QuotaPage, PageError> {
    let mut records = every_app(place).await.map_err(page_error)?;
    // Never used sorts before every instant.
    records.sort_by_key(|record| (record.client.last_used_at, record.client.created_at));
    let (used, limit) = numbers(usage);
    let unused = records.iter().take(NAMED).map(|record| row::row(place, record)).collect();
    let deleted = count(deleted(place).await?.len());
    Ok(QuotaPage { layout, org: place.org.clone(), used, limit, unused, deleted, kept: None })
}

/// Usage as pages count.
pub(super) fn numbers(usage: AppUsage) -> (u64, u64) {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    (count(usage.used), count(usage.limit))
}

fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}

/// The org's own apps.
async fn every_app(place: &Place) -> Result<Vec<ClientRecord>, Error> {
    let mut records = Vec::new();
    let mut query = Query { system: Some(false), limit: Some(LIMIT_MAX), ..Query::default() };
    loop {
        let page = list::list(&place.deps, &place.access, &query).await?;
        records.extend(page.items);
        if page.next.is_none() || records.len() >= LOOKED_AT {
            return Ok(records);
        }
        query.cursor = page.next;
    }
}
