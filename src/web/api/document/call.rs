//! What the document says of one call.

use crate::web::api::document::problems::{Met, PROBLEMS, Problem};

/// One call: a method at a path.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// `get`, in small letters as `OpenAPI` writes it.
    pub method: &'static str,
    /// Below `/api/v1`, with `{names}`.
    pub path: &'static str,
    /// A name for generated clients; never changes.
    pub id: &'static str,
    /// The group it is shown in.
    pub tag: &'static str,
    /// A few words.
    pub summary: &'static str,
    /// More, in whole sentences; may be empty.
    pub detail: &'static str,
    /// Lists of scopes, one of which a token must have whole.
    pub scopes: &'static [&'static [&'static str]],
    /// Whether it needs no token at all.
    pub public: bool,
    /// Queries and headers.
    pub parameters: &'static [Parameter],
    /// The body it takes.
    pub body: Option<Body>,
    /// What it answers when it does as asked.
    pub answer: Answer,
    /// Names of problems besides those that every call has.
    pub problems: &'static [&'static str],
}

/// A query parameter or a header.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// `query` or `header`.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its JSON schema.
    pub schema: &'static str,
    /// What it does.
    pub text: &'static str,
}

/// A request's body.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    /// Content types.
    pub kinds: &'static [&'static str],
    /// Name of the schema; empty for bytes.
    pub schema: &'static str,
    /// A good one, as JSON.
    pub example: &'static str,
    /// Whether it may be absent.
    pub optional: bool,
}

/// The answer of success.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What it holds, in words.
    pub text: &'static str,
    /// Content type; empty when there is no body.
    pub kind: &'static str,
    /// Name of the schema.
    pub schema: &'static str,
    /// Further content types that can be asked for.
    pub other_kinds: &'static [&'static str],
    /// Headers with their meaning.
    pub headers: &'static [(&'static str, &'static str)],
    /// Other statuses of success with the same body, in words.
    pub also: &'static [(u16, &'static str)],
}

/// The tag of the version, answered with an app.
pub const ETAG: (&str, &str) = ("ETag", "The app's version, for If-Match.");
/// Where the new thing is.
pub const LOCATION: (&str, &str) = ("Location", "The address of what was made.");
/// Whether the answer is that of an earlier request.
pub const REPLAYED: (&str, &str) = ("Idempotency-Replayed", "`true` when this is the kept answer of the first request with the key.");

/// `If-Match`
pub const IF_MATCH: Parameter = Parameter {
    place: "header",
    name: "If-Match",
    schema: r#"{"type": "string", "example": "\"v3\""}"#,
    text: "Change only this version; any when absent.",
};
/// `Idempotency-Key`
pub const IDEMPOTENCY_KEY: Parameter = Parameter {
    place: "header",
    name: "Idempotency-Key",
    schema: r#"{"type": "string", "minLength": 1, "maxLength": 255}"#,
    text: "A repeated request with the same key and body gets the same answer for a day and makes nothing new.",
};
/// `cursor`
pub const CURSOR: Parameter =
    Parameter { place: "query", name: "cursor", schema: r#"{"type": "string"}"#, text: "`next_cursor` of the page before." };
/// `limit`
pub const LIMIT: Parameter =
    Parameter { place: "query", name: "limit", schema: r#"{"type": "integer", "minimum": 1, "maximum": 100}"#, text: "How many at most." };

impl Answer {
    /// 200 with a JSON object.
    pub const fn ok(schema: &'static str, text: &'static str) -> Self {
        Self { status: 200, text, kind: "application/json", schema, other_kinds: &[], headers: &[], also: &[] }
    }

    /// 201 with a JSON object.
    pub const fn created(schema: &'static str, text: &'static str) -> Self {
        Self { status: 201, headers: &[LOCATION], ..Self::ok(schema, text) }
    }

    /// 204
    pub const fn nothing(text: &'static str) -> Self {
        Self { status: 204, text, kind: "", schema: "", other_kinds: &[], headers: &[], also: &[] }
    }

    /// The same with these headers.
    #[must_use]
    pub const fn with_headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}

impl Body {
    /// A JSON object.
    pub const fn json(schema: &'static str, example: &'static str) -> Option<Self> {
        Some(Self { kinds: &["application/json"], schema, example, optional: false })
    }

    /// A JSON object that is merged as RFC 7396 says.
    pub const fn patch(schema: &'static str, example: &'static str) -> Option<Self> {
        Some(Self { kinds: &["application/merge-patch+json", "application/json"], schema, example, optional: false })
    }
}

impl Call {
    /// A call with nothing said but what it is.
    pub const fn new(method: &'static str, path: &'static str, id: &'static str, tag: &'static str, summary: &'static str) -> Self {
        let answer = Answer::nothing("Done.");
        Self {
            method,
            path,
            id,
            tag,
            summary,
            detail: "",
            scopes: &[&[]],
            public: false,
            parameters: &[],
            body: None,
            answer,
            problems: &[],
        }
    }

    /// Every problem it can answer with.
    pub fn problems(&self) -> impl Iterator<Item = &'static Problem> {
        let (names, public) = (self.problems, self.public);
        let with_body = self.body.is_some_and(|body| body.kinds.iter().any(|kind| kind.contains("json")));
        let scoped = !self.scopes.iter().any(|needed| needed.is_empty());
        PROBLEMS.iter().filter(move |problem| {
            names.contains(&problem.name)
                || match problem.met {
                    Met::Everywhere => !public,
                    Met::WithScope => scoped && !public,
                    Met::WithBody => with_body,
                    Met::Named => false,
                }
        })
    }
}
