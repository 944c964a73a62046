//! What handlers take from a request. axum's own extractors accept duplicate parameters and refuse in plain text, so doors use these.

pub mod browser_session;
pub mod csrf;
pub mod fields;
pub mod kept;
pub mod query;
pub mod recent;
pub mod upload;

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use time::OffsetDateTime;

use crate::web::context::RequestContext;

pub mod credentials;
pub mod form;

/// The one instant of this request.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub OffsetDateTime);

/// Where the request came from; `None` when served in process.
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub Option<IpAddr>);

/// The reference id of this request.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

fn context(parts: &Parts) -> &RequestContext {
    parts.extensions.get::<RequestContext>().expect("the router puts a context into every request")
}

macro_rules! from_context {
    ($($name:ident => |$context:ident| $value:expr),+ $(,)?) => {$(
        impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Infallible;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
                let $context = context(parts);
                Ok(Self($value))
            }
        }
    )+};
}

from_context! {
    Now => |context| context.now,
    ClientIp => |context| context.ip,
    RequestId => |context| context.request_id.clone(),
}
