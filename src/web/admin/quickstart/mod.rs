//! `/orgs/{slug}/apps/{client_id}/quickstart`

use axum::response::{IntoResponse as _, Response};

use crate::flows::clients;
use crate::model::client::ClientRecord;
use crate::model::credential::CredentialKind;
use crate::model::public_key::KeyAlgorithm;
use crate::web::admin::place::{Place, page_error};
use crate::web::admin::show::{header, kind};
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::quickstart::{QuickstartPage, Values};
use crate::web::views::form::Form;

mod legs;
pub(super) mod tried;

/// Where a program on one's own machine listens when any port will do.
const LOOPBACK: &str = "8765";

/// The programs with the app's own values.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    Ok(page(&place, Form::default()).await?.into_response())
}

/// The page; a form that was refused keeps what was typed.
async fn page(place: &Place, tryout: Form<String>) -> Result<QuickstartPage, PageError> {
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let page = QuickstartPage::new(place.layout(), header(place, &record), values(place, &record));
    Ok(if tryout.is_refused() { QuickstartPage { tryout, ..page } } else { page })
}

fn values(place: &Place, record: &ClientRecord) -> Values {
    let client = &record.client;
    let live = || record.credentials.iter().filter(|credential| credential.is_live(place.now));
    let is_rsa = |kind: &CredentialKind| matches!(kind, CredentialKind::Key(key) if key.algorithm == KeyAlgorithm::Rs256);
    Values {
        issuer: place.deps.policy.issuer.clone(),
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri(record),
        scopes: scopes(place, record),
        kind: kind(client.kind),
        has_secret: live().any(|credential| matches!(credential.kind, CredentialKind::Secret { .. })),
        has_rsa_key: live().any(|credential| is_rsa(&credential.kind)),
    }
}

/// One where a program can listen, if there is one.
fn redirect_uri(record: &ClientRecord) -> String {
    let all = &record.client.profile.redirect_uris;
    let is_here = |uri: &str| ["http://127.0.0.1", "http://localhost"].iter().any(|here| uri.starts_with(here));
    let chosen = all.iter().find(|uri| is_here(uri.as_str())).or_else(|| all.first());
    let chosen = chosen.map(|uri| uri.as_str().to_owned()).unwrap_or_default();
    // A loopback address without a port stands for every port (RFC 8252 §7.3).
    ["http://127.0.0.1/", "http://localhost/"]
        .into_iter()
        .find_map(|bare| chosen.strip_prefix(bare).map(|rest| format!("{}:{LOOPBACK}/{rest}", bare.trim_end_matches('/'))))
        .unwrap_or(chosen)
}

/// The app's scopes of the first API it has any of: a request names scopes of one API.
fn scopes(place: &Place, record: &ClientRecord) -> Vec<String> {
    let own = &record.client.profile.scopes;
    let apis = place.deps.policy.apis.iter().map(|api| api.own(own));
    apis.into_iter().find(|scopes| !scopes.is_empty()).map(|scopes| scopes.iter().map(str::to_owned).collect()).unwrap_or_default()
}
