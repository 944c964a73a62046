//! JSON bodies, read strictly: the right content type (M8), one object, no member twice, at most 64 KiB.

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::web::AppState;
use crate::web::api::problem::Problem;
use crate::web::extract::form::{self, FormError};
use crate::wire::json;

/// The object of a body, with its text for the idempotency key.
pub(super) struct JsonBody {
    /// Its members.
    pub(super) object: Map<String, Value>,
    /// As it was sent.
    pub(super) text: String,
}

impl FromRequest<AppState> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        if !is_json(request.method(), request.headers()) {
            return Err(Problem::wrong_type());
        }
        read(request.into_body()).await
    }
}

/// The same where a request may go without a body; nothing counts as an empty object.
pub(super) struct MaybeJsonBody(pub(super) Map<String, Value>);

impl FromRequest<AppState> for MaybeJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let is_empty = request.body().is_end_stream() && !request.headers().contains_key(CONTENT_TYPE);
        if is_empty { Ok(Self(Map::new())) } else { JsonBody::from_request(request, app).await.map(|body| Self(body.object)) }
    }
}

/// `application/json` in UTF-8; for PATCH also RFC 7396 by name.
fn is_json(method: &Method, headers: &HeaderMap) -> bool {
    match form::media_type(headers).as_deref() {
        Some("application/json") => true,
        Some("application/merge-patch+json") => method == Method::PATCH,
        _ => false,
    }
}

async fn read(body: Body) -> Result<JsonBody, Problem> {
    let bytes = form::whole(body).await.map_err(|error| match error {
        FormError::TooLarge => Problem::too_large(),
        FormError::TooSlow => Problem::too_slow(),
        FormError::WrongType | FormError::Duplicate | FormError::Malformed(_) => Problem::malformed("The body broke off."),
    })?;
    let malformed = || Problem::malformed("The body is not a JSON object in UTF-8 whose members each appear once.");
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| malformed())?;
    let object = json::object(text.as_bytes()).map_err(|_| malformed())?;
    Ok(JsonBody { object, text })
}
