//! `Deprecation` (RFC 9745) and `Sunset` (RFC 8594): what a client's monitoring can read of a way that is about to end.

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use time::UtcOffset;
use time::macros::format_description;

use crate::flows::clients::migrate::Deprecated;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The answer, with the headers if what the client showed is on its way out.
pub fn announce(mut response: Response, deprecated: Option<Deprecated>) -> Response {
    let Some(Deprecated { since, sunset }) = deprecated else { return response };
    // A structured field of type Date (RFC 9651 §3.3.7).
    let since = HeaderValue::from_str(&format!("@{}", since.unix_timestamp())).ok();
    // An HTTP-date (RFC 9110 §5.6.7).
    let form = format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let sunset = sunset.and_then(|at| HeaderValue::from_str(&at.to_offset(UtcOffset::UTC).format(form).ok()?).ok());
    let headers = response.headers_mut();
    for (name, value) in [(DEPRECATION, since), (SUNSET, sunset)] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}
