//! `/orgs/{slug}/apps`: the applications of an org, looked for, filtered and ordered by the address.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::paths;
use crate::web::views::{
    apps::{kind::AppKind, row::AppRow},
    form::Choice,
    layout::{Layout, OrgLink, Role, Section},
};

/// The list.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/list.html")]
pub struct AppsPage {
    /// The frame.
    pub layout: Layout,
    /// The org and the person's role in it; admins see buttons, developers do not.
    pub org: OrgLink,
    /// Applications that take a place.
    pub used: u64,
    /// Places.
    pub limit: u64,
    /// What is looked for, and in which order.
    pub asked: Asked,
    /// This page of the org's own applications.
    pub apps: Vec<AppRow>,
    /// Place of the next page; `None` on the last.
    pub next: Option<String>,
    /// Whether this is not the first page.
    pub is_further: bool,
    /// How many need attention; `None` = not counted on this page.
    pub attention: Option<u64>,
    /// What the operator announced, when applications of this page are concerned.
    pub deadlines: Option<KeysEnd>,
    /// Applications of this page that the operator runs; they take no place.
    pub system: Vec<AppRow>,
    /// How many deleted ones can be restored, for those who may.
    pub deleted: u64,
}

/// The announced end of keys (R46).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeysEnd {
    /// The operator's words; may be empty.
    pub announcement: String,
    /// What happens when, in order.
    pub dates: Vec<(OffsetDateTime, &'static str)>,
}

/// What is looked for: the state that the address carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Part of a name, or a client id.
    pub q: String,
    /// `web`, `spa`, `m2m`; empty = all.
    pub kind: String,
    /// `active`, `disabled`; empty = all.
    pub status: String,
    /// `jwt`, `secret`; empty = all.
    pub credential: String,
    /// Only those that need attention.
    pub attention: bool,
    /// One of [`ORDERS`].
    pub sort: String,
}

/// An order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The word in the address; empty = the order when nobody says.
    pub word: &'static str,
    /// What people choose.
    pub label: &'static str,
    /// The column that is in order.
    pub column: &'static str,
    /// Upwards.
    pub ascending: bool,
}

/// Every order, the first of a column being the one that a click on its head gives.
pub const ORDERS: [Order; 6] = [
    Order { word: "", label: "Newest first", column: "Created", ascending: false },
    Order { word: "oldest", label: "Oldest first", column: "Created", ascending: true },
    Order { word: "name", label: "Name, A to Z", column: "Application", ascending: true },
    Order { word: "name_desc", label: "Name, Z to A", column: "Application", ascending: false },
    Order { word: "used", label: "Last used first", column: "Last used", ascending: false },
    Order { word: "unused", label: "Longest unused first", column: "Last used", ascending: true },
];

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What people read.
    pub label: &'static str,
    /// Where ordering by it leads; `None` = it cannot be ordered by.
    pub url: Option<String>,
    /// `ascending`, `descending`; `None` = the list is not in its order.
    pub sorted: Option<&'static str>,
}

impl Asked {
    /// Whether anything narrows the list.
    pub fn is_narrow(&self) -> bool {
        self.attention || ![&self.q, &self.kind, &self.status, &self.credential].iter().all(|word| word.is_empty())
    }

    /// The order in force.
    pub fn order(&self) -> Order {
        ORDERS.into_iter().find(|order| order.word == self.sort).unwrap_or(ORDERS[0])
    }

    /// The list in this state, from the top or from `cursor` on.
    pub fn url(&self, slug: &str, cursor: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let words =
            [("q", &self.q), ("kind", &self.kind), ("status", &self.status), ("credential", &self.credential), ("sort", &self.sort)];
        for (name, value) in words.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        if self.attention {
            query.append_pair("attention", "true");
        }
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
        let (path, query) = (paths::org_apps(slug), query.finish());
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// The kinds to choose from.
    pub fn kinds(&self) -> Vec<Choice> {
        let kinds = AppKind::ALL.into_iter().map(|kind| Choice::new(kind.word(), kind.label()));
        std::iter::once(Choice::new("", "All kinds")).chain(kinds).collect()
    }

    /// The states to choose from.
    pub fn statuses(&self) -> Vec<Choice> {
        vec![Choice::new("", "Any status"), Choice::new("active", "Active"), Choice::new("disabled", "Disabled")]
    }

    /// The credentials to choose from.
    pub fn credentials(&self) -> Vec<Choice> {
        vec![Choice::new("", "All credentials"), Choice::new("secret", "With a secret"), Choice::new("jwt", "With a JWT credential")]
    }

    /// The orders to choose from.
    pub fn orders(&self) -> Vec<Choice> {
        ORDERS.into_iter().map(|order| Choice::new(order.word, order.label)).collect()
    }
}

impl AppsPage {
    /// Whether the org has no application of its own at all.
    pub fn is_untouched(&self) -> bool {
        self.apps.is_empty() && !self.asked.is_narrow() && !self.is_further
    }

    /// The columns.
    pub fn columns(&self) -> Vec<Column> {
        ["Application", "Kind", "Credentials", "Last used", "Created", "Status"].into_iter().map(|label| self.column(label)).collect()
    }

    fn column(&self, label: &'static str) -> Column {
        let now = self.asked.order();
        let mut own = ORDERS.into_iter().filter(|order| order.column == label);
        let Some(first) = own.next() else { return Column { label, url: None, sorted: None } };
        // A second click turns the order around.
        let next = if now == first { own.next().unwrap_or(first) } else { first };
        let url = Asked { sort: next.word.to_owned(), ..self.asked.clone() }.url(&self.org.slug, None);
        let sorted = (now.column == label).then_some(if now.ascending { "ascending" } else { "descending" });
        Column { label, url: Some(url), sorted }
    }

    /// The address of the next page.
    pub fn next_url(&self) -> Option<String> {
        self.next.as_deref().map(|cursor| self.asked.url(&self.org.slug, Some(cursor)))
    }

    /// The address of the first page in this state.
    pub fn first_url(&self) -> String {
        self.asked.url(&self.org.slug, None)
    }

    /// The address of this list, of all of it or of what needs attention.
    pub fn attention_url(&self, attention: bool) -> String {
        Asked { attention, ..self.asked.clone() }.url(&self.org.slug, None)
    }

    /// The address of the applications with a JWT credential.
    pub fn jwt_url(&self) -> String {
        Asked { credential: "jwt".to_owned(), ..Asked::default() }.url(&self.org.slug, None)
    }

    /// Four apps, and the operator's.
    pub fn sample() -> Self {
        let org = OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin };
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org,
            used: 4,
            limit: 10,
            asked: Asked::default(),
            apps: AppRow::samples(),
            next: None,
            is_further: false,
            attention: Some(2),
            deadlines: None,
            system: vec![AppRow::sample_system()],
            deleted: 1,
        }
    }

    /// No app yet.
    pub fn sample_empty() -> Self {
        Self { used: 0, apps: Vec::new(), attention: None, system: Vec::new(), deleted: 0, ..Self::sample() }
    }

    /// No app yet, for somebody who cannot make one.
    pub fn sample_empty_developer() -> Self {
        let mut page = Self::sample_empty();
        page.org.role = Role::Developer;
        page
    }

    /// Nothing that was looked for.
    pub fn sample_nothing_found() -> Self {
        let asked = Asked { q: "intranet".into(), kind: "spa".into(), ..Asked::default() };
        Self { apps: Vec::new(), system: Vec::new(), attention: None, deleted: 0, asked, ..Self::sample() }
    }

    /// Nothing that needs attention.
    pub fn sample_all_well() -> Self {
        let asked = Asked { attention: true, ..Asked::default() };
        Self { asked, ..Self::sample_nothing_found() }
    }

    /// The second of many pages, by name.
    pub fn sample_further() -> Self {
        let asked = Asked { sort: "name".into(), status: "active".into(), ..Asked::default() };
        let rows = AppRow::samples().into_iter().filter(|row| row.status.is_active()).collect();
        let next = Some("bmV4dA".into());
        Self {
            used: 62,
            limit: 100,
            asked,
            apps: rows,
            is_further: true,
            next,
            attention: None,
            system: Vec::new(),
            deleted: 0,
            ..Self::sample()
        }
    }

    /// What a developer sees, where keys come to an end.
    pub fn sample_developer() -> Self {
        let mut page = Self::sample();
        page.org.role = Role::Developer;
        page.deleted = 0;
        page.deadlines = Some(KeysEnd {
            announcement: "Keys are being replaced by client secrets.".into(),
            dates: vec![
                (datetime!(2026-12-01 00:00 UTC), "applications get no further keys"),
                (datetime!(2027-03-01 00:00 UTC), "keys are refused"),
            ],
        });
        page
    }
}
