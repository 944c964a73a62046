//! `/orgs/{slug}/apps/new`: the kind, then step by step its fields, then everything once more. Nothing is stored before the last
//! post: what the other steps hold travels in the form, and every post checks it anew. The answer to the last one shows the
//! secret, this once; the same post again shows the same answer for a moment, since a double click aborts the first.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Value, json};
use time::Duration;

use crate::flows::clients::idempotency::{Answer, Once};
use crate::flows::clients::register::{self, Registered};
use crate::flows::clients::{self, Error, update};
use crate::flows::orgs;
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::client_draft::ClientDraft;
use crate::model::org::AppUsage;
use crate::secret::Secret;
use crate::web::admin::form;
use crate::web::admin::lasting::Lasting;
use crate::web::admin::list::{numbers, quota_page};
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::{header, kind as view_kind};
use crate::web::extract::fields::Fields;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::apps::choose::ChooseKindPage;
use crate::web::views::apps::create::CreateAppPage;
use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::quota::KeptForm;
use crate::web::views::apps::review::ReviewPage;
use crate::web::views::apps::show::header::Tab;
use crate::web::views::apps::show::secret_once::SecretOncePage;
use crate::web::views::apps::step::Step;
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::{Layout, Notice};

/// How long the same post again shows the same secret: as long as somebody may still wait for the first answer.
const SHOWN_AGAIN: Duration = Duration::minutes(10);

/// What somebody wants to register.
struct Wish {
    kind: ClientKind,
    values: AppValues,
}

/// The cards, or the first step of the kind that the query names, or why there is no slot.
pub(super) async fn ask(place: Place) -> Result<Response, PageError> {
    place.access.check_manages_apps().map_err(page_error)?;
    let usage = orgs::app_usage(&place.deps, &place.access).await.map_err(page_error)?;
    if usage.used >= usage.limit {
        return Ok(quota_page(&place, place.layout(), usage).await?.into_response());
    }
    let Some(kind) = ClientKind::parse(place.query("kind")) else {
        let (used, limit) = numbers(usage);
        return Ok(ChooseKindPage { layout: place.layout(), org: place.org.clone(), used, limit }.into_response());
    };
    let values = form::values_of(&ClientDraft::defaults(kind));
    Ok(step_page(&place, &Wish { kind, values }, Step::Details, Vec::new()))
}

/// A step's address without its form leads to the beginning.
pub(super) async fn lead_back(place: Place) -> Result<Response, PageError> {
    place.access.check_manages_apps().map_err(page_error)?;
    let query = ClientKind::parse(place.query("kind")).map(|kind| format!("?kind={}", kind.as_str())).unwrap_or_default();
    Ok(Redirect::to(&format!("{}/new{query}", paths::org_apps(&place.org.slug))).into_response())
}

/// To a step, forwards or back; what is wrong before it stops there.
pub(super) async fn go(step: Step, Post { place, fields }: Post) -> Result<Response, PageError> {
    let mut wish = wish(&place, &fields)?;
    if form::step(&fields, &mut wish.values) == form::Step::Edit {
        return Ok(step_page(&place, &wish, Step::Access, Vec::new()));
    }
    if let Err(error) = register::check(&place.deps, &place.access, wish.kind, wish.draft(), place.now) {
        let errors = mistakes(error, &wish.values)?;
        if let Some(at) = first_wrong(&errors).filter(|at| *at < step) {
            return Ok(step_page(&place, &wish, at, errors));
        }
    }
    if step == Step::Review { review(&place, place.layout(), &wish, None).await } else { Ok(step_page(&place, &wish, step, Vec::new())) }
}

/// Registers the app.
pub(super) async fn create(Lasting { post: Post { place, fields }, is_late, .. }: Lasting<Post>) -> Result<Response, PageError> {
    if is_late {
        return go(Step::Review, Post { place, fields }).await;
    }
    let wish = wish(&place, &fields)?;
    let registered = if let Some(key) = fields.get("once").filter(|once| (1..=64).contains(&once.len())) {
        once(&place, &wish, key).await
    } else {
        let made = register::register(&place.deps, &place.access, wish.kind, wish.draft(), place.now).await;
        made.map(|Registered { record, client_secret }| secret_page(&place, &record, client_secret))
    };
    match registered {
        Ok(response) => Ok(response),
        Err(Error::AppLimitReached(usage)) => full(&place, &wish, usage).await,
        Err(Error::IdempotencyInProgress) => {
            let notice = Notice::info("The application is being registered by your first click. Press the button once more to see it.");
            let mut response = review(&place, place.layout_with(notice), &wish, fields.get("once")).await?;
            *response.status_mut() = StatusCode::CONFLICT;
            Ok(response)
        }
        Err(error) => {
            let errors = mistakes(error, &wish.values)?;
            let at = first_wrong(&errors).filter(|at| *at < Step::Review).unwrap_or(Step::Details);
            Ok(step_page(&place, &wish, at, errors))
        }
    }
}

/// Registers the app once for this key, and answers the same post in the same way for a moment.
async fn once(place: &Place, wish: &Wish, key: &str) -> Result<Response, Error> {
    let request = json!([wish.kind.as_str(), wish.values.pairs()]).to_string();
    let render = |made: &Registered| {
        let secret = made.client_secret.as_ref().map(|secret| secret.expose().clone());
        json!({ "client_id": made.record.client.client_id, "client_secret": secret }).to_string().into_bytes()
    };
    let once = Once { key, request: &request, render: &render };
    let wished = (wish.kind, wish.draft());
    match register::register_once(&place.deps, &place.access, wished, &once, place.now).await? {
        Answer::Made(Registered { record, client_secret }, _) => Ok(secret_page(place, &record, client_secret)),
        Answer::Kept(kept) => {
            let kept: Value = serde_json::from_slice(kept.expose()).unwrap_or_default();
            let record = clients::find(&place.deps, &place.access, kept["client_id"].as_str().unwrap_or_default()).await?;
            if place.now - record.client.created_at > SHOWN_AGAIN {
                return Ok(Redirect::to(&paths::app(&place.org.slug, &record.client.client_id)).into_response());
            }
            Ok(secret_page(place, &record, kept["client_secret"].as_str().map(Secret::from)))
        }
    }
}

fn secret_page(place: &Place, record: &ClientRecord, client_secret: Option<Secret<String>>) -> Response {
    let issuer = place.deps.policy.issuer.clone();
    let header = header(place, record);
    let page = SecretOncePage { layout: place.layout(), header, client_secret, app_is_new: true, then: Tab::Quickstart, issuer };
    (StatusCode::CREATED, page).into_response()
}

impl Wish {
    fn draft(&self) -> ClientDraft {
        form::draft(&self.values, self.kind, ClientDraft::defaults(self.kind))
    }
}

/// What was sent. The limits keep their defaults where none of them was sent, for programs that fill in names only.
fn wish(place: &Place, fields: &Fields) -> Result<Wish, PageError> {
    let kind = ClientKind::parse(place.query("kind")).or_else(|| ClientKind::parse(fields.text("kind")));
    let kind = kind.ok_or_else(|| PageError::new(StatusCode::BAD_REQUEST))?;
    let mut values = form::values(fields);
    if fields.get("access_token_lifetime").is_none() {
        let defaults = form::values_of(&ClientDraft::defaults(kind));
        values = AppValues {
            access_token_lifetime: defaults.access_token_lifetime,
            refresh_tokens: defaults.refresh_tokens,
            rotation: defaults.rotation,
            retry_window: defaults.retry_window,
            absolute_lifetime: defaults.absolute_lifetime,
            idle_lifetime: defaults.idle_lifetime,
            ..values
        };
    }
    Ok(Wish { kind, values })
}

/// What is wrong with the fields; any other error is a page of its own.
fn mistakes(error: Error, values: &AppValues) -> Result<Vec<FieldError>, PageError> {
    match error {
        Error::Invalid(errors) => Ok(form::errors(errors, values)),
        error => Err(page_error(error)),
    }
}

/// The first step that asks for something that is wrong.
fn first_wrong(errors: &[FieldError]) -> Option<Step> {
    errors.iter().map(|error| Step::of_field(&error.field)).min()
}

/// A step, with what is wrong on it.
fn step_page(place: &Place, wish: &Wish, step: Step, mut errors: Vec<FieldError>) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let here: Vec<FieldError> = errors.iter().filter(|error| Step::of_field(&error.field) == step).cloned().collect();
    if !here.is_empty() {
        errors = here;
    }
    let scopes = form::scope_choices(&place.deps, wish.kind);
    let form = Form::refused(wish.values.clone(), errors);
    let page = CreateAppPage { layout: place.layout(), org: place.org.clone(), kind: view_kind(wish.kind), step, form, scopes };
    reusable((status, page).into_response())
}

/// Everything once more; `once` is the key of an earlier view of it.
async fn review(place: &Place, layout: Layout, wish: &Wish, once: Option<&str>) -> Result<Response, PageError> {
    let usage = orgs::app_usage(&place.deps, &place.access).await.map_err(page_error)?;
    if usage.used >= usage.limit && once.is_none() {
        return full(place, wish, usage).await;
    }
    let profile = register::check(&place.deps, &place.access, wish.kind, wish.draft(), place.now).map_err(page_error)?;
    let (used, limit) = numbers(usage);
    let page = ReviewPage {
        layout,
        org: place.org.clone(),
        kind: view_kind(wish.kind),
        values: wish.values.clone(),
        scopes: form::scope_choices(&place.deps, wish.kind),
        used,
        limit,
        warnings: update::warnings(&profile).into_iter().map(str::to_owned).collect(),
        once: once.map_or_else(|| place.deps.entropy.uuid(place.now).to_string(), str::to_owned),
    };
    Ok(reusable(page.into_response()))
}

/// Every slot is taken; what was typed is kept.
async fn full(place: &Place, wish: &Wish, usage: AppUsage) -> Result<Response, PageError> {
    let url = Step::Review.url(&place.org.slug, &view_kind(wish.kind));
    let kept = KeptForm { name: wish.values.name.clone(), url, fields: wish.values.pairs() };
    let mut page = quota_page(place, place.layout(), usage).await?;
    page.kept = Some(kept);
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Lets the browser show the page again when it goes back, rather than ask whether to send the form once more. Steps hold no
/// secret; they are still asked for anew in every other case.
fn reusable(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}
