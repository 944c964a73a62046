//! What the page of the audit trail and the management API share: reading filters, and writing exports.

pub mod actions;
pub mod export;

use time::{Date, Duration, OffsetDateTime, macros::format_description};

use crate::flows::audit::trail::Filter;
use crate::web::extract::fields::Fields;

/// The filter's fields as they were sent, kept in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Client id.
    pub app: String,
    /// Actor.
    pub actor: String,
    /// Action or noun.
    pub action: String,
    /// First day, `2026-08-14`.
    pub from: String,
    /// Last day, itself included.
    pub to: String,
}

impl Asked {
    /// Reads the query of a page.
    pub fn read(text: impl Fn(&str) -> String) -> Self {
        let field = |name: &str| text(name).trim().chars().take(200).collect();
        Self { app: field("app"), actor: field("actor"), action: field("action"), from: field("from"), to: field("to") }
    }

    /// From fields.
    pub fn from_fields(fields: &Fields) -> Self {
        Self::read(|name| fields.text(name).to_owned())
    }

    /// The filter; the name of the field that is no date otherwise.
    pub fn filter(&self) -> Result<Filter, &'static str> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let from = if self.from.is_empty() { None } else { Some(day(&self.from).ok_or("from")?) };
        let to = if self.to.is_empty() { None } else { Some(day(&self.to).ok_or("to")?.saturating_add(Duration::DAY)) };
        let (app, actor, action) = (given(&self.app), given(&self.actor), given(&self.action));
        Ok(Filter { app, actor, action, from, to, ..Filter::default() })
    }

    /// As a query, with `more` at the end.
    pub fn query(&self, more: &[(&str, &str)]) -> String {
        let own = [("app", &self.app), ("actor", &self.actor), ("action", &self.action), ("from", &self.from), ("to", &self.to)];
        let own = own.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (*name, value.as_str()));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(own.chain(more.iter().copied())).finish()
    }
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Option<OffsetDateTime> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    // Postgres knows no year 0.
    (date.year() >= 1).then(|| date.midnight().assume_utc())
}
