//! The operator's brand: `/brand/{file}` serves its colours as a stylesheet and its logo as a picture, both from our own origin, so
//! that no page needs an inline style or anything from elsewhere.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::model::brand::{Accent, Tones};
use crate::model::policy::Policy;
use crate::web::logos::as_picture;
use crate::web::views::layout::Brand;
use crate::web::{AppState, paths};

/// The route of [`show`].
pub const ROUTE: &str = "/brand/{file}";

/// The brand as pages show it.
pub fn of(policy: &Policy) -> Brand {
    Brand {
        name: policy.brand_name.clone(),
        logo_url: policy.brand.logo.as_ref().map(|logo| paths::brand(&logo_file(&logo.digest))),
        stylesheet: policy.brand.accent.map(|accent| paths::brand(&stylesheet_file(accent))),
    }
}

/// The stylesheet or the logo in force; 404 for every other name. Names change with what they name, so both may be kept.
pub async fn show(State(app): State<AppState>, Path(file): Path<String>) -> Response {
    let brand = &app.deps.policy.brand;
    let mut response = match (&brand.logo, brand.accent) {
        (Some(logo), _) if file == logo_file(&logo.digest) => as_picture(logo.png.clone()),
        (_, Some(accent)) if file == stylesheet_file(accent) => {
            ([(CONTENT_TYPE, "text/css; charset=utf-8")], stylesheet(accent.tones())).into_response()
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

fn logo_file(digest: &str) -> String {
    format!("logo-{}.png", digest.get(..16).unwrap_or(digest))
}

/// The version stands in it because the tones are made by this program.
fn stylesheet_file(accent: Accent) -> String {
    format!("accent-{}-{}.css", accent.hex(), env!("CARGO_PKG_VERSION"))
}

/// The tokens of static/app.css that an accent replaces, in its layer.
fn stylesheet(tones: Tones) -> String {
    let tokens = [("accent", tones.accent), ("accent-strong", tones.strong), ("accent-soft", tones.soft), ("on-accent", tones.on)];
    let lines = tokens.map(|(name, (light, dark))| format!("--{name}: light-dark(#{}, #{});", light.hex(), dark.hex()));
    format!("@layer tokens {{ :root {{ {} }} }}\n", lines.join(" "))
}
