//! What the pages of one app share: its head, its kind and state in the words of views.

use crate::model::client::{ClientKind, ClientRecord};
use crate::web::admin::list::row::reasons;
use crate::web::admin::place::Place;
use crate::web::views::apps::kind::{AppKind, AppStatus};
use crate::web::views::apps::show::header::{AppHeader, Tab};
use crate::web::views::mark::AppMark;

/// The kind as views name it.
pub(super) const fn kind(kind: ClientKind) -> AppKind {
    match kind {
        ClientKind::Web => AppKind::Web,
        ClientKind::Spa => AppKind::Spa,
        ClientKind::M2m => AppKind::M2m,
    }
}

/// Whether it works.
pub(super) fn status(record: &ClientRecord) -> AppStatus {
    if record.client.is_enabled() { AppStatus::Active } else { AppStatus::Disabled }
}

/// Name and id as views show them.
pub(super) fn mark(record: &ClientRecord) -> AppMark {
    AppMark::of(record)
}

/// The head of an app's pages.
pub(super) fn header(place: &Place, record: &ClientRecord) -> AppHeader {
    AppHeader {
        org: place.org.clone(),
        mark: mark(record),
        kind: kind(record.client.kind),
        status: status(record),
        verification: record.client.verification,
        created_at: record.client.created_at,
        last_used_at: record.client.last_used_at,
        system: record.client.system,
        reasons: reasons(place, record),
        tab: Tab::Settings,
    }
}
