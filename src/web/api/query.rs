//! Query parameters of lists: typed, each at most once, none that nobody knows (M9).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::model::field_error::FieldError;
use crate::web::AppState;
use crate::web::api::problem::Problem;
use crate::web::extract::form;

/// The pairs of a query.
pub(super) struct Query(Vec<(String, String)>);

impl FromRequestParts<AppState> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let pairs = form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(Self(pairs.map_err(|_| Problem::malformed("The query is not percent-encoded UTF-8."))?))
    }
}

impl Query {
    /// Refuses names beside `known` and names that appear twice.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        for (index, (name, _)) in self.0.iter().enumerate() {
            let shown: String = name.chars().take(64).collect();
            if !known.contains(&name.as_str()) {
                errors.push(FieldError::new(shown, "unknown_field", "There is no such parameter."));
            } else if self.0[..index].iter().any(|(before, _)| before == name) {
                errors.push(FieldError::new(shown, "duplicate", "Send this parameter once."));
            }
        }
        if errors.is_empty() { Ok(self) } else { Err(Problem::invalid(errors)) }
    }

    /// A parameter's value, if it was sent and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A parameter read by `parse`.
    pub(super) fn parsed<T>(&self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let refuse = || Problem::invalid(vec![FieldError::new(name, "wrong_type", expected)]);
        self.text(name).map(|text| parse(text).ok_or_else(refuse)).transpose()
    }

    /// The `limit` of a list.
    pub(super) fn limit(&self) -> Result<Option<i64>, Problem> {
        self.parsed("limit", "Give an integer.", |text| text.parse().ok())
    }

    /// A flag: `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.parsed(name, "Give true or false.", |text| text.parse().ok())?.unwrap_or(false))
    }
}
