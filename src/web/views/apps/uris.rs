//! Redirect URIs as rows of a form: one field each, all with the name `redirect_uris`, added and removed by buttons that need no script.

use crate::web::views::apps::fields::AppValues;

/// One redirect URI of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriRow {
    /// 1 for the first; errors name it, `redirect_uri_1`.
    pub number: usize,
    /// What was typed.
    pub value: String,
}

impl UriRow {
    /// Id of its field.
    pub fn id(&self) -> String {
        format!("redirect_uri_{}", self.number)
    }

    /// Whether it was added just now and waits to be filled in.
    pub fn waits(&self) -> bool {
        self.number > 1 && self.value.is_empty()
    }
}

impl AppValues {
    /// The rows, at least one.
    pub fn uri_rows(&self) -> Vec<UriRow> {
        self.redirect_uris
            .split('\n')
            .enumerate()
            .map(|(index, value)| UriRow { number: index + 1, value: value.trim().to_owned() })
            .collect()
    }

    /// Adds an empty row.
    pub fn add_uri(&mut self) {
        self.redirect_uris.push('\n');
    }

    /// Takes the row called `number` away; the last one stays, empty.
    pub fn remove_uri(&mut self, number: usize) {
        let kept = self.uri_rows().into_iter().filter(|row| row.number != number).map(|row| row.value);
        self.redirect_uris = kept.collect::<Vec<_>>().join("\n");
    }
}
