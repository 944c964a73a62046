//! JSON bodies, read strictly: the right content type (M8), one object, no member twice, at most 64 KiB.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use http_body_util::{BodyExt as _, Limited};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::web::AppState;
use crate::web::api::problem::Problem;
use crate::web::layers::BODY_LIMIT;

/// How long a body may take to arrive (A19).
const PATIENCE: Duration = Duration::from_secs(10);

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
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return false;
    }
    let Ok(only) = only.to_str() else { return false };
    let mut parts = only.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let known = essence == "application/json" || (essence == "application/merge-patch+json" && method == Method::PATCH);
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"),
        _ => true,
    };
    known && parts.all(utf8)
}

async fn read(body: Body) -> Result<JsonBody, Problem> {
    let whole = Limited::new(body, BODY_LIMIT).collect();
    let bytes = match tokio::time::timeout(PATIENCE, whole).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if is_length_limit(&*error) => return Err(Problem::too_large()),
        Ok(Err(_)) => return Err(Problem::malformed("The body broke off.")),
        Err(_) => return Err(Problem::too_slow()),
    };
    let malformed = || Problem::malformed("The body is not a JSON object in UTF-8 whose members each appear once.");
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| malformed())?;
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let value = Once.deserialize(&mut deserializer).map_err(|_| malformed())?;
    deserializer.end().map_err(|_| malformed())?;
    match value {
        Value::Object(object) => Ok(JsonBody { object, text }),
        _ => Err(malformed()),
    }
}

/// Two limits stand before this body, this one's and the router's.
fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if current.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = current.source();
    }
    false
}

/// Reads any JSON value, at every depth without repeated members: two readers of one body must not see two things.
struct Once;

impl<'de> DeserializeSeed<'de> for Once {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Self)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member appears twice"));
            }
        }
        Ok(Value::Object(object))
    }
}
