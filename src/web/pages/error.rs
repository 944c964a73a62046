//! How trouble becomes a page: a handler answers a [`PageError`], and [`render`] draws it with the frame of its request.

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::flows;
use crate::web::AppState;
use crate::web::brand;
use crate::web::context::RequestContext;
use crate::web::extract::browser_session::theme;
use crate::web::views::errors::page::ErrorPage;
use crate::web::views::layout::{Layout, Section};

/// A page that cannot be shown.
#[derive(Debug, Clone)]
pub struct PageError {
    status: StatusCode,
    detail: Option<String>,
    retry_after: Option<u32>,
}

impl PageError {
    /// The page of `status`.
    pub fn new(status: StatusCode) -> Self {
        Self { status, detail: None, retry_after: None }
    }

    /// With one more sentence about this very case.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Nothing here, or not for this person: the two look alike.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND)
    }

    /// Not for this person.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN)
    }
}

impl From<flows::Error> for PageError {
    fn from(error: flows::Error) -> Self {
        match error {
            flows::Error::Refused(refusal) => Self::new(StatusCode::BAD_REQUEST).with_detail(refusal.description),
            flows::Error::RateLimited { retry_after } => {
                Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS) }
            }
            flows::Error::Unavailable(trouble) => trouble.into(),
        }
    }
}

impl From<flows::Unavailable> for PageError {
    fn from(trouble: flows::Unavailable) -> Self {
        tracing::error!(cause = trouble.cause, "unavailable");
        Self { retry_after: Some(trouble.retry_after), ..Self::new(StatusCode::SERVICE_UNAVAILABLE) }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Draws the page of an answer that is a [`PageError`].
pub async fn render(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>().cloned();
    let theme = theme(request.headers());
    let mut response = next.run(request).await;
    let (Some(context), Some(error)) = (context, response.extensions_mut().remove::<PageError>()) else { return response };
    let layout = Layout {
        csrf: String::new(),
        theme,
        signed_in: None,
        org: None,
        section: Section::Elsewhere,
        notice: None,
        request_id: context.request_id,
        now: context.now,
        brand: brand::of(&app.deps.policy),
        development: false,
        session_ends_in: None,
    };
    let page =
        ErrorPage { detail: error.detail, retry_after: error.retry_after.map(u64::from), ..ErrorPage::new(layout, error.status.as_u16()) };
    let (parts, _) = response.into_parts();
    let mut drawn = page.into_response();
    *drawn.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        // The empty answer had no body of its own to describe.
        if name != axum::http::header::CONTENT_LENGTH && name != axum::http::header::CONTENT_TYPE {
            drawn.headers_mut().append(name.clone(), value.clone());
        }
    }
    drawn
}
