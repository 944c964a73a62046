//! Bodies and queries as OAuth reads them: strict where two readers could differ, and no parameter twice (RFC 6749 §3.1, §3.2).
//!
//! Order of the checks: size (413), content type (415), encoding (400), duplicates (400).

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::web::layers::BODY_LIMIT;
use crate::wire::{DuplicateParameter, Parameters};

mod json;
mod parts;

/// How long a body may take to arrive (A19).
const PATIENCE: Duration = Duration::from_secs(10);
/// More parameters than any request of ours has; each costs memory.
const MOST: usize = 200;

/// Why a body or query could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormError {
    /// More than [`BODY_LIMIT`] bytes: 413.
    TooLarge,
    /// Neither form nor JSON, or in another character set: 415.
    WrongType,
    /// Did not arrive in time: 408.
    TooSlow,
    /// The connection broke, or the text is no form or JSON object: 400.
    Malformed(&'static str),
    /// A parameter came twice: 400.
    Duplicate,
}

impl From<DuplicateParameter> for FormError {
    fn from(_: DuplicateParameter) -> Self {
        Self::Duplicate
    }
}

/// The forms a body may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Urlencoded,
    Json,
    Multipart,
}

/// Reads the parameters of a body: `application/x-www-form-urlencoded` or `application/json`.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Parameters, FormError> {
    let form = form_of(headers).and_then(|form| if form == Form::Multipart { Err(FormError::WrongType) } else { Ok(form) });
    read_as(form, headers, body).await
}

/// The same, or `multipart/form-data`.
pub async fn read_or_parts(headers: &HeaderMap, body: Body) -> Result<Parameters, FormError> {
    read_as(form_of(headers), headers, body).await
}

async fn read_as(form: Result<Form, FormError>, headers: &HeaderMap, body: Body) -> Result<Parameters, FormError> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        return Err(FormError::TooLarge);
    }
    let form = form?;
    let bytes = whole(body).await?;
    let pairs = match form {
        Form::Urlencoded => urlencoded(&bytes)?,
        Form::Json => json::object(&bytes)?,
        Form::Multipart => Box::pin(parts::pairs(headers.get(CONTENT_TYPE).ok_or(FormError::WrongType)?, bytes)).await?,
    };
    parameters(pairs)
}

/// All of a body of at most [`BODY_LIMIT`] bytes, if it arrives in time (A19).
pub async fn whole(body: Body) -> Result<Bytes, FormError> {
    within(body, PATIENCE).await
}

async fn within(body: Body, patience: Duration) -> Result<Bytes, FormError> {
    let collected = tokio::time::timeout(patience, Limited::new(body, BODY_LIMIT).collect()).await.map_err(|_| FormError::TooSlow)?;
    let cause =
        |error: axum::BoxError| if is_length_limit(&*error) { FormError::TooLarge } else { FormError::Malformed("The body broke off.") };
    Ok(collected.map_err(cause)?.to_bytes())
}

/// Two limits stand before a body, this room's and the router's, and the inner one wraps what the outer one says.
fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<LengthLimitError>)
}

/// Reads the parameters of a query.
pub fn read_query(query: Option<&str>) -> Result<Parameters, FormError> {
    parameters(urlencoded(query.unwrap_or_default().as_bytes())?)
}

fn parameters(pairs: Vec<(String, String)>) -> Result<Parameters, FormError> {
    if pairs.len() > MOST {
        return Err(FormError::Malformed("There are too many parameters."));
    }
    if pairs.iter().any(|(name, value)| [name, value].into_iter().any(|text| text.contains(['\0', '\r', '\n']))) {
        return Err(FormError::Malformed("A parameter contains a control character."));
    }
    Ok(Parameters::from_pairs(pairs)?)
}

fn form_of(headers: &HeaderMap) -> Result<Form, FormError> {
    match media_type(headers).as_deref() {
        Some("application/x-www-form-urlencoded") => Ok(Form::Urlencoded),
        Some("application/json") => Ok(Form::Json),
        Some("multipart/form-data") => Ok(Form::Multipart),
        _ => Err(FormError::WrongType),
    }
}

/// The one media type of a body, in lower case; `None` where there is none or several, where the body is compressed or says to be in
/// another character set than UTF-8 (A18).
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return None };
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return None;
    }
    let mut parts = only.to_str().ok()?.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let utf8 = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    };
    parts.all(utf8).then_some(essence)
}

/// Splits and decodes `application/x-www-form-urlencoded` text. Unlike the URL standard, which repairs everything, this
/// refuses broken escapes and what is not UTF-8, surrogates and overlong forms included (A22).
pub fn urlencoded(text: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let decoded = |part| decode(part).ok_or(FormError::Malformed("The parameters are not percent-encoded UTF-8."));
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .take(MOST + 1)
        .map(|pair| {
            let split = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = split.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

/// `+` is a space, `%XX` a byte, and the whole UTF-8; `None` otherwise.
pub fn decode(part: &[u8]) -> Option<String> {
    if !part.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return str::from_utf8(part).ok().map(str::to_owned);
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(*rest.next()?)? << 4 | hex(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
