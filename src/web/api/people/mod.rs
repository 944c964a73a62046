//! `/api/v1/orgs/{org}/people` and below: members and roles.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use crate::flows::people::{self, Denial, Error, Query as PeopleQuery, roles, standing};
use crate::model::field_error::FieldError;
use crate::model::membership::Role;
use crate::model::person::Person;
use crate::web::AppState;
use crate::web::api::app_json::{instant, instant_or_null};
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;

mod invitations;

/// Every route of this area.
pub(super) fn routes() -> Router<AppState> {
    let people = "/orgs/{org}/people";
    let below = |tail: &str| format!("{people}/{tail}");
    Router::new()
        .route(people, get(list).post(invitations::create))
        .route(&below("invitations"), get(invitations::list))
        .route(&below("invitations/{id}"), delete(invitations::remove))
        .route(&below("invitations/{id}/resend"), post(invitations::resend))
        .route(&below("{id}"), get(show).patch(change).delete(remove))
        .route(&below("{id}/disable"), post(disable))
        .route(&below("{id}/enable"), post(enable))
        .route(&below("{id}/sign-out"), post(sign_out))
}

/// `?q=&cursor=&limit=`
async fn list(door: Door, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["q", "cursor", "limit"])?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let asked = PeopleQuery { q: text("q"), cursor: text("cursor"), limit: query.limit()? };
    let page = people::list(&door.deps, &door.access, &asked).await?;
    let shown: Vec<Value> = page.items.iter().map(person).collect();
    Ok(json_body(&json!({ "people": shown, "next_cursor": page.next })))
}

async fn show(door: Door) -> Result<Response, Problem> {
    Ok(json_body(&person(&people::find(&door.deps, &door.access, door.id()?).await?)))
}

/// `{"role"}`
async fn change(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let mut errors = Vec::new();
    let mut role = String::new();
    let mut members = Members::new(body.object, "", &mut errors);
    members.take("role", &mut role, String::new());
    members.finish(&["id", "email", "name", "since", "last_seen_at", "status"]);
    let role = read_role(&role, errors)?;
    Ok(json_body(&person(&roles::change(&door.deps, &door.access, door.id()?, role, door.now).await?)))
}

/// The role, if nothing else is wrong either.
fn read_role(role: &str, mut errors: Vec<FieldError>) -> Result<Role, Problem> {
    let read = Role::parse(role);
    if read.is_none() && errors.iter().all(|error| error.field != "role") {
        errors.push(FieldError::new("role", "not_a_choice", "Choose owner, admin, developer or member."));
    }
    match read {
        Some(role) if errors.is_empty() => Ok(role),
        _ => Err(Problem::invalid(errors)),
    }
}

/// 204; what they allowed the org's apps has ended.
async fn remove(door: Door) -> Result<Response, Problem> {
    roles::remove(&door.deps, &door.access, door.id()?, door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn disable(door: Door) -> Result<Response, Problem> {
    Ok(json_body(&person(&standing::disable(&door.deps, &door.access, door.id()?, door.now).await?)))
}

async fn enable(door: Door) -> Result<Response, Problem> {
    Ok(json_body(&person(&standing::enable(&door.deps, &door.access, door.id()?, door.now).await?)))
}

async fn sign_out(door: Door) -> Result<Response, Problem> {
    Ok(json_body(&person(&standing::sign_out(&door.deps, &door.access, door.id()?, door.now).await?)))
}

fn person(person: &Person) -> Value {
    json!({
        "id": person.user.id,
        "email": person.user.email.as_str(),
        "name": person.user.name,
        "role": person.role,
        "since": instant(person.since),
        "last_seen_at": instant_or_null(person.last_seen_at),
        "status": if person.user.disabled_at.is_some() { "disabled" } else { "active" },
    })
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::Forbidden { scope } => Self::forbidden(scope),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Unavailable(trouble) => Self::unavailable(&trouble),
            Error::TooMany { retry_after } => Self::rate_limited(retry_after),
            Error::Denied(Denial::LastOwner) => {
                Self::conflict("last-owner", "Last owner", "An org keeps an owner who can sign in; make somebody else an owner first.")
            }
            Error::Denied(denial) => {
                let detail = match denial {
                    Denial::RoleAbove => "Nobody gives away more than they have; a token acts as an admin.",
                    _ => "They stand above whoever asks; a token acts as an admin.",
                };
                Self::above(detail)
            }
            Error::Yourself | Error::NotYours => {
                let detail = "The account is not this org's alone, or the operator disabled it; it can be removed from the org.";
                Self::conflict("not-this-orgs-alone", "Not this org's alone", detail)
            }
        }
    }
}
