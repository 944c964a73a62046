//! `/orgs/{slug}/apps`

use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::Error;
use crate::flows::clients::list::{self, LIMIT_MAX, Query};
use crate::flows::orgs;
use crate::model::client::ClientRecord;
use crate::model::org::AppUsage;
use crate::web::admin::place::{Place, page_error};
use crate::web::admin::show::{kind, mark, row};
use crate::web::pages::error::PageError;
use crate::web::views::apps::list::{AppsPage, DeletedApp};
use crate::web::views::apps::quota::QuotaPage;

/// How many apps one page shows; an org has ten, unless the operator raised its limit.
const SHOWN: usize = 1_000;
/// How many unused apps the page about the limit names.
const NAMED: usize = 5;

/// Every app, and what can be restored.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    let records = every_app(&place).await.map_err(page_error)?;
    let usage = orgs::app_usage(&place.deps, &place.access).await.map_err(page_error)?;
    let deleted = if place.org.role.changes_apps() {
        list::list_deleted(&place.deps, &place.access, place.now).await.map_err(page_error)?
    } else {
        Vec::new()
    };
    let gone = deleted.iter().filter_map(|record| {
        let deleted_at = record.client.deleted_at?;
        let restore_until = orgs::restorable_until(&place.deps, deleted_at);
        Some(DeletedApp { mark: mark(record), kind: kind(record.client.kind), deleted_at, restore_until })
    });
    let (used, limit) = numbers(usage);
    let page = AppsPage {
        layout: place.layout(),
        org: place.org.clone(),
        used,
        limit,
        apps: records.iter().map(row).collect(),
        deleted: gone.collect(),
    };
    Ok(page.into_response())
}

/// What stands in place of a form when every slot is taken.
pub(super) async fn quota_page(place: &Place, usage: AppUsage) -> Result<QuotaPage, PageError> {
    let mut records = every_app(place).await.map_err(page_error)?;
    records.retain(|record| !record.client.system);
    // Never used sorts before every instant.
    records.sort_by_key(|record| record.client.last_used_at);
    let (used, limit) = numbers(usage);
    let unused = records.iter().take(NAMED).map(row).collect();
    Ok(QuotaPage { layout: place.layout(), org: place.org.clone(), used, limit, unused })
}

/// Usage as pages count.
pub(super) fn numbers(usage: AppUsage) -> (u64, u64) {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    (count(usage.used), count(usage.limit))
}

async fn every_app(place: &Place) -> Result<Vec<ClientRecord>, Error> {
    let mut records = Vec::new();
    let mut query = Query { limit: Some(LIMIT_MAX), ..Query::default() };
    loop {
        let page = list::list(&place.deps, &place.access, &query).await?;
        records.extend(page.items);
        if page.next.is_none() || records.len() >= SHOWN {
            return Ok(records);
        }
        query.cursor = page.next;
    }
}
