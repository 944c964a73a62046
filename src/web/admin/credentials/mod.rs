//! `/orgs/{slug}/apps/{client_id}/credentials` and below: what an app proves itself with.

use std::collections::HashMap;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use time::OffsetDateTime;

use crate::flows::clients::{self, Error, authorizations};
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::credential::{Credential, CredentialKind, ExpiryWarning};
use crate::model::ids::UserId;
use crate::model::public_key::{Jwk, PublicKey};
use crate::web::AppState;
use crate::web::admin::place::{Place, page_error, sentence};
use crate::web::admin::show::header;
use crate::web::extract::upload::body_limit;
use crate::web::pages::error::PageError;
use crate::web::views::apps::row::Tone;
use crate::web::views::apps::show::credentials::keys::{CertificateFacts, KeyRow, KeyState};
use crate::web::views::apps::show::credentials::service::{AccountRow, ServiceSection};
use crate::web::views::apps::show::credentials::{AddSecretValues, AssertionWords, CredentialsPage, ExchangeWords, LastUse, SecretRow};
use crate::web::views::apps::show::header::Tab;
use crate::web::views::form::Form;
use crate::web::views::layout::Notice;

mod check;
mod keys;
mod published;
mod secrets;
mod service;

/// Every route of this tab, which is at `tab`.
pub(super) fn routes(tab: &str) -> Router<AppState> {
    let below = |tail: &str| format!("{tab}/{tail}");
    Router::new()
        .route(tab, get(show).post(secrets::add))
        .route(&below("download"), post(secrets::download))
        .route(&below("{id}/note"), post(secrets::note))
        .route(&below("{id}/delete"), post(secrets::delete))
        .route(&below("keys/new"), get(keys::ask).post(keys::add).layer(body_limit()))
        .route(&below("keys/{id}/revoke"), post(keys::revoke))
        .route(&below("keys/{id}/delete"), post(keys::delete))
        .route(&below("key-set"), post(published::set))
        .route(&below("service"), post(service::create))
        .route(&below("accounts/{id}/delete"), post(service::delete_account))
        .route(&below("check"), get(check::ask).post(check::tell))
}

/// Secrets without their values, keys, technical accounts.
async fn show(place: Place) -> Result<Response, PageError> {
    Ok(page(&place).await?.into_response())
}

/// The page again with the reason on top, where the reason is how things stand.
async fn refused(place: &Place, error: Error) -> Result<Response, PageError> {
    match error {
        Error::SecretLimitReached { .. }
        | Error::KeyLimitReached { .. }
        | Error::KeyStillWorks
        | Error::TechnicalAccountLimitReached { .. }
        | Error::TechnicalAccountHasKeys
        | Error::LastCredential
        | Error::Migration(_) => {
            let page = CredentialsPage { layout: place.layout_with(Notice::failure(sentence(&error))), ..page(place).await? };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        error => Err(page_error(error)),
    }
}

/// The app, for pages that only apps with credentials have.
async fn confidential(place: &Place) -> Result<ClientRecord, PageError> {
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    if record.client.kind.is_confidential() { Ok(record) } else { Err(PageError::not_found()) }
}

async fn page(place: &Place) -> Result<CredentialsPage, PageError> {
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let rows = Rows::of(place, &record).await?;
    Ok(CredentialsPage {
        layout: place.layout(),
        header: header(place, &record).at(Tab::Credentials),
        secrets: record.credentials.iter().filter(|own| own.technical_account.is_none()).filter_map(|own| rows.secret(own)).collect(),
        limit: place.deps.policy.limits.secrets_per_app,
        add: Form::new(AddSecretValues { note: String::new(), expires_in: "none".to_owned(), others_end_in: "none".to_owned() }),
        once: place.deps.entropy.uuid(place.now).to_string(),
        keys: record.credentials.iter().filter(|own| own.technical_account.is_none()).filter_map(|own| rows.key(own)).collect(),
        key_count: record.credentials.iter().filter(|own| !own.is_secret()).count(),
        key_limit: place.deps.policy.keys.per_app,
        assertions: assertion_words(place, &record),
        published: published::key_set(&record),
        service: (record.client.kind == ClientKind::M2m)
            .then(|| ServiceSection { once: place.deps.entropy.uuid(place.now).to_string(), ..rows.service() }),
        migrating: record.migration.as_ref().is_some_and(|own| own.finished_at.is_none()),
    })
}

fn assertion_words(place: &Place, record: &ClientRecord) -> AssertionWords {
    let exchange = place.access.user().filter(|_| record.client.kind == ClientKind::M2m);
    AssertionWords {
        issuer: place.deps.policy.issuer.clone(),
        exchange: exchange.map(|user| ExchangeWords { org: record.client.org.to_string(), user: user.to_string() }),
    }
}

/// What the rows of one app need to know.
struct Rows<'r> {
    record: &'r ClientRecord,
    names: HashMap<UserId, String>,
    now: OffsetDateTime,
}

impl<'r> Rows<'r> {
    async fn of(place: &Place, record: &'r ClientRecord) -> Result<Self, PageError> {
        let by_credential = record.credentials.iter().filter_map(|own| own.created_by);
        let by_account = record.technical_accounts.iter().filter_map(|own| own.created_by);
        let makers: Vec<UserId> = by_credential.chain(by_account).collect();
        let names = authorizations::names(&place.deps, &makers).await.map_err(page_error)?;
        Ok(Self { record, names, now: place.now })
    }

    fn name(&self, user: Option<UserId>) -> Option<String> {
        user.and_then(|user| self.names.get(&user).cloned())
    }

    fn secret(&self, own: &Credential) -> Option<SecretRow> {
        let CredentialKind::Secret { hint, .. } = &own.kind else { return None };
        Some(SecretRow {
            id: own.id.to_string(),
            hint: hint.clone(),
            note: own.note.clone(),
            edit: None,
            created_at: own.created_at,
            created_by: self.name(own.created_by),
            last_used: last_used(own),
            expires_at: own.expires_at,
            is_over: !own.is_live(self.now),
            ends_soon: own.expiry_warning(self.now).map(|warning| match warning {
                ExpiryWarning::Days3 => Tone::Danger,
                ExpiryWarning::Days30 => Tone::Warning,
            }),
        })
    }

    fn key(&self, own: &Credential) -> Option<KeyRow> {
        let key = own.key()?;
        Some(KeyRow {
            id: own.id.to_string(),
            thumbprint: key.thumbprint.clone(),
            algorithm: key.algorithm.as_str().to_owned(),
            size: size(key),
            note: own.note.clone(),
            certificate: key.certificate.as_ref().map(|own| CertificateFacts {
                subject: own.subject.clone(),
                not_before: own.not_before,
                not_after: own.not_after,
            }),
            created_at: own.created_at,
            created_by: self.name(own.created_by),
            last_used: last_used(own),
            ends_at: own.ends_at(),
            state: state(own, key, self.now),
            is_current: key.is_current,
            secret_hint: self.secret_beside(own),
        })
    }

    /// The end of the secret that was made in the same moment for the same technical account.
    fn secret_beside(&self, key: &Credential) -> Option<String> {
        key.technical_account?;
        let same = |own: &&Credential| own.technical_account == key.technical_account && own.created_at == key.created_at;
        self.record.credentials.iter().filter(same).find_map(|own| match &own.kind {
            CredentialKind::Secret { hint, .. } => Some(hint.clone()),
            CredentialKind::Key(_) => None,
        })
    }

    fn service(&self) -> ServiceSection {
        let accounts = self.record.technical_accounts.iter().map(|account| AccountRow {
            id: account.id.to_string(),
            subject: account.subject.clone(),
            created_at: account.created_at,
            created_by: self.name(account.created_by),
            keys: self
                .record
                .credentials
                .iter()
                .filter(|own| own.technical_account == Some(account.id))
                .filter_map(|own| self.key(own))
                .collect(),
        });
        ServiceSection { accounts: accounts.collect(), note: String::new(), wrong: None, once: String::new() }
    }
}

fn last_used(own: &Credential) -> Option<LastUse> {
    own.last_use.map(|last| LastUse { at: last.at, grant_type: last.grant_type.map(|grant| grant.as_str().to_owned()).unwrap_or_default() })
}

fn size(key: &PublicKey) -> String {
    match &key.jwk {
        Jwk::Rsa { .. } => format!("RSA {}", key.bits),
        Jwk::Ec { crv, .. } | Jwk::Okp { crv, .. } => crv.clone(),
    }
}

fn state(own: &Credential, key: &PublicKey, now: OffsetDateTime) -> KeyState {
    if let Some(at) = key.revoked_at.filter(|at| *at <= now) {
        return KeyState::Revoked(at);
    }
    if own.ends_at().is_some_and(|end| end <= now) {
        return KeyState::Expired;
    }
    match own.expiry_warning(now) {
        _ if !own.is_live(now) => KeyState::NotYet,
        Some(ExpiryWarning::Days3) => KeyState::EndsNow,
        Some(ExpiryWarning::Days30) => KeyState::EndsSoon,
        None => KeyState::Works,
    }
}

/// The fields of the forms are called as people choose: by how long, not until when.
fn form_field(field: &str) -> &str {
    if field == "expires_at" { "expires_in" } else { field }
}
