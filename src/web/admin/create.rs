//! `/orgs/{slug}/apps/new`: first the kind, then its fields; the answer to the post shows the secret, this once.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::Error;
use crate::flows::clients::register::{self, Registered};
use crate::flows::orgs;
use crate::model::client::ClientKind;
use crate::model::client_draft::ClientDraft;
use crate::web::admin::form::{self, Step};
use crate::web::admin::list::{numbers, quota_page};
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::{header, kind as view_kind};
use crate::web::pages::error::PageError;
use crate::web::views::apps::choose::ChooseKindPage;
use crate::web::views::apps::create::CreateAppPage;
use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::show::header::Tab;
use crate::web::views::apps::show::secret_once::SecretOncePage;
use crate::web::views::form::Form;

/// The cards, or the fields of the kind that the query names, or why there is no slot.
pub(super) async fn ask(place: Place) -> Result<Response, PageError> {
    place.access.check_manages_apps().map_err(page_error)?;
    let usage = orgs::app_usage(&place.deps, &place.access).await.map_err(page_error)?;
    if usage.used >= usage.limit {
        return Ok(quota_page(&place, usage).await?.into_response());
    }
    let Some(kind) = ClientKind::parse(place.query("kind")) else {
        let (used, limit) = numbers(usage);
        return Ok(ChooseKindPage { layout: place.layout(), org: place.org.clone(), used, limit }.into_response());
    };
    let form = Form::new(form::values_of(&ClientDraft::defaults(kind)));
    Ok(page(&place, kind, form).into_response())
}

/// Registers the app.
pub(super) async fn create(Post { place, fields }: Post) -> Result<Response, PageError> {
    let kind = ClientKind::parse(place.query("kind")).ok_or_else(|| PageError::new(StatusCode::BAD_REQUEST))?;
    let mut values = form::values(&fields);
    if form::step(&fields, &mut values) == Step::Edit {
        return Ok(page(&place, kind, Form::new(values)).into_response());
    }
    let draft = form::draft(&values, kind, ClientDraft::defaults(kind));
    match register::register(&place.deps, &place.access, kind, draft, place.now).await {
        Ok(Registered { record, client_secret }) => {
            let header = header(&place, &record);
            let issuer = place.deps.policy.issuer.clone();
            let page = SecretOncePage { layout: place.layout(), header, client_secret, app_is_new: true, then: Tab::Settings, issuer };
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let errors = form::errors(errors, &values);
            let page = page(&place, kind, Form::refused(values, errors));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(Error::AppLimitReached(usage)) => Ok((StatusCode::CONFLICT, quota_page(&place, usage).await?).into_response()),
        Err(error) => Err(page_error(error)),
    }
}

fn page(place: &Place, kind: ClientKind, form: Form<AppValues>) -> CreateAppPage {
    let scopes = form::scope_choices(&place.deps, kind);
    CreateAppPage { layout: place.layout(), org: place.org.clone(), kind: view_kind(kind), form, scopes }
}
