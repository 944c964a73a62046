//! Public keys: pasted, uploaded or made in the browser; revoked, then deleted.

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::flows::clients::Error;
use crate::flows::clients::keys::{self, KeyDraft, MAX_BYTES};
use crate::model::client::ClientRecord;
use crate::model::field_error::FieldError as Fault;
use crate::web::AppState;
use crate::web::admin::credentials::secrets::end;
use crate::web::admin::credentials::{confidential, form_field, refused};
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::extract::browser_session::SignedIn;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::extract::upload::{TooLarge, is_multipart, read_form};
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::credentials::keys::{AddKeyPage, AddKeyValues};
use crate::web::views::apps::show::header::Tab;
use crate::web::views::form::{Choice, FieldError, Form};
use crate::web::views::layout::Notice;

/// The field of the file; it goes on as base64url.
const FILE: &str = "file";
/// What stands in place of a file that was too large.
const TOO_LARGE: &str = "file_too_large";

/// A form that may come with a file. A key is small, so a form with one can wait for the password like any other.
pub(in crate::web::admin) struct KeyPost(Lasting<RecentlyAuthenticated<Post>>);

impl FromRequest<AppState> for KeyPost {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        if !is_multipart(request.headers()) {
            return Lasting::from_request(request, app).await.map(Self);
        }
        let (mut parts, body) = request.into_parts();
        if body.size_hint().exact().is_none_or(|length| length > 4 * MAX_BYTES as u64) {
            // Of nobody in particular nothing large is read.
            SignedIn::from_request_parts(&mut parts, app).await?;
        }
        let upload = read_form(parts.clone(), body, FILE, MAX_BYTES).await.map_err(PageError::into_response)?;
        let mut pairs = upload.fields.into_pairs();
        pairs.push(match upload.file {
            Ok(file) => (FILE.to_owned(), URL_SAFE_NO_PAD.encode(file)),
            Err(TooLarge) => (TOO_LARGE.to_owned(), "true".to_owned()),
        });
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Lasting::from_request(Request::from_parts(parts, Body::from(body)), app).await.map(Self)
    }
}

/// The empty form.
pub(in crate::web::admin) async fn ask(place: Place) -> Result<Response, PageError> {
    place.access.check_manages_secrets(place.client_id()).map_err(page_error)?;
    let record = confidential(&place).await?;
    Ok(page(&place, &record, Form::default()).into_response())
}

/// Adds the key.
pub(in crate::web::admin) async fn add(KeyPost(late): KeyPost) -> Result<Response, PageError> {
    let Lasting { post: Post { place, fields }, is_late, .. } = late;
    let record = confidential(&place).await?;
    let text = |name: &str| fields.text(name).to_owned();
    let values =
        AddKeyValues { key: text("key"), note: text("note"), expires_in: text("expires_in"), technical_account: text("technical_account") };
    if is_late {
        let notice =
            "What you entered is still here, and nothing is saved yet. Check it, choose the file again if there was one, then send it.";
        let page = page(&place, &record, Form::new(values));
        return Ok(AddKeyPage { layout: place.layout_with(Notice::info(notice)), ..page }.into_response());
    }
    if fields.get(TOO_LARGE).is_some() {
        let message = "A public key or a certificate has at most 32 KiB. Choose another file.";
        return Ok(again(&place, &record, values, vec![Fault::new(FILE, "too_large", message)]));
    }
    let draft = match draft(&place, &values, fields.text(FILE)) {
        Ok(draft) => draft,
        Err(fault) => return Ok(again(&place, &record, values, vec![fault])),
    };
    match keys::add(&place.deps, &place.access, place.client_id(), draft, place.now).await {
        Ok(added) => Ok(place.to_app("credentials", if added.renewed { "key-renewed" } else { "key-added" })),
        Err(Error::Invalid(errors)) => Ok(again(&place, &record, values, errors)),
        Err(error) => refused(&place, error).await,
    }
}

/// It verifies no more.
pub(in crate::web::admin) async fn revoke(
    RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>,
) -> Result<Response, PageError> {
    let revoke_tokens = fields.get("revoke_tokens").is_some();
    match keys::revoke(&place.deps, &place.access, (place.client_id(), place.id()?), revoke_tokens, place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "key-revoked")),
        Err(error) => refused(&place, error).await,
    }
}

/// It leaves the list.
pub(in crate::web::admin) async fn delete(
    RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>,
) -> Result<Response, PageError> {
    match keys::delete(&place.deps, &place.access, (place.client_id(), place.id()?), place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "key-deleted")),
        Err(error) => refused(&place, error).await,
    }
}

fn draft(place: &Place, values: &AddKeyValues, file: &str) -> Result<KeyDraft, Fault> {
    let fault = |field, message: &str| Fault::new(field, "wrong", message);
    let file = URL_SAFE_NO_PAD.decode(file).map_err(|_| fault("key", "The file cannot be read."))?;
    if !file.is_empty() && !values.key.trim().is_empty() {
        return Err(fault("key", "Paste a key or choose a file, not both."));
    }
    let account = Some(values.technical_account.as_str()).filter(|id| !id.is_empty());
    let account = account.map(str::parse).transpose();
    Ok(KeyDraft {
        key: if file.is_empty() { values.key.clone().into_bytes() } else { file },
        note: values.note.clone(),
        expires_at: end(place, "expires_in", &values.choices(), &values.expires_in)
            .map_err(|error| Fault::new(error.field, "wrong", error.message))?,
        technical_account: account.map_err(|_| fault("technical_account", "The application has no such technical account."))?,
    })
}

/// The form with what is wrong. A private key is not sent back.
fn again(place: &Place, record: &ClientRecord, mut values: AddKeyValues, faults: Vec<Fault>) -> Response {
    if faults.iter().any(|fault| fault.code == "private_key") {
        values.key.clear();
    }
    let errors = faults.into_iter().map(|fault| FieldError::new(form_field(&fault.field), fault.message)).collect();
    (StatusCode::UNPROCESSABLE_ENTITY, page(place, record, Form::refused(values, errors))).into_response()
}

fn page(place: &Place, record: &ClientRecord, form: Form<AddKeyValues>) -> AddKeyPage {
    let itself = (!record.technical_accounts.is_empty()).then(|| Choice::new("", "The application itself"));
    let others = record.technical_accounts.iter().map(|account| Choice::new(account.id.to_string(), account.subject.clone()));
    AddKeyPage {
        layout: place.layout(),
        header: header(place, record).at(Tab::Credentials),
        form,
        accounts: itself.into_iter().chain(others).collect(),
    }
}
