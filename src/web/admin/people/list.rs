//! `/orgs/{slug}/people`

use std::collections::HashMap;

use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::authorizations;
use crate::flows::people::{self, Query, invitations, rank};
use crate::model::ids::UserId;
use crate::model::invitation::Invitation;
use crate::model::membership::Role;
use crate::model::person::Person;
use crate::web::admin::people::page_error;
use crate::web::admin::place::Place;
use crate::web::extract::browser_session::role_of;
use crate::web::pages::error::PageError;
use crate::web::views::form::{Choice, Form};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::people::list::{InvitationRow, InviteValues, PeoplePage, PersonRow, PersonState};

/// The people and the invitations of the org.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    Ok(page(&place).await?.into_response())
}

pub(super) async fn page(place: &Place) -> Result<PeoplePage, PageError> {
    let (q, cursor) = (place.query("q"), place.query("cursor"));
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let query = Query { q: given(q), cursor: given(cursor), limit: None };
    let found = people::list(&place.deps, &place.access, &query).await.map_err(page_error)?;
    let open = invitations::list(&place.deps, &place.access).await.map_err(page_error)?;
    let inviters: Vec<UserId> = open.iter().filter_map(|invitation| invitation.invited_by).collect();
    let names = authorizations::names(&place.deps, &inviters).await.map_err(|error| page_error(error.into()))?;
    let rank = rank(&place.access).unwrap_or(Role::Member);
    Ok(PeoplePage {
        layout: Layout { section: Section::People, ..place.layout() },
        org: place.org.clone(),
        q: q.to_owned(),
        is_first: cursor.is_empty(),
        people: found.items.iter().map(|person| row(place, rank, person)).collect(),
        next: found.next.map(|next| address(place, q, &next)),
        invitations: open.iter().map(|invitation| invited(place, rank, invitation, &names)).collect(),
        invite: Form::new(InviteValues { email: String::new(), role: Role::Member.as_str().to_owned() }),
        roles: choices(rank),
        mail: place.deps.policy.mail,
    })
}

fn address(place: &Place, q: &str, cursor: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).append_pair("cursor", cursor).finish();
    format!("/orgs/{}/people?{query}", place.org.slug)
}

fn row(place: &Place, rank: Role, person: &Person) -> PersonRow {
    let own = place.access.user() == Some(person.user.id);
    let below = person.role <= rank;
    let alone = person.orgs <= 1;
    let state = match (person.user.disabled_at, person.disabled_by_org) {
        (None, _) => PersonState::Active,
        (Some(_), Some(org)) if org == place.access.org.id => PersonState::Disabled,
        (Some(_), _) => PersonState::DisabledElsewhere,
    };
    PersonRow {
        id: person.user.id.to_string(),
        name: person.user.name.clone(),
        email: person.user.email.to_string(),
        role: role_of(person.role),
        since: person.since,
        last_seen_at: person.last_seen_at,
        yourself: own,
        roles: if below { choices(rank) } else { Vec::new() },
        chosen: person.role.as_str().to_owned(),
        can_sign_out: below && !own && alone && state == PersonState::Active && person.last_seen_at.is_some(),
        can_disable: below && !own && alone && state == PersonState::Active,
        can_enable: below && state == PersonState::Disabled,
        state,
    }
}

fn invited(place: &Place, rank: Role, invitation: &Invitation, names: &HashMap<UserId, String>) -> InvitationRow {
    InvitationRow {
        id: invitation.id.to_string(),
        email: invitation.email.to_string(),
        role: role_of(invitation.role),
        invited_by: invitation.invited_by.and_then(|user| names.get(&user).cloned()),
        sent_at: invitation.sent_at,
        expires_at: invitation.expires_at,
        expired: invitation.expires_at <= place.now,
        editable: invitation.role <= rank,
    }
}

/// The roles that somebody of this rank may give away, weakest first.
fn choices(rank: Role) -> Vec<Choice> {
    let given = Role::ALL.into_iter().rev().filter(|role| *role <= rank);
    given.map(|role| Choice::new(role.as_str(), format!("{}: {}", role_of(role).label(), role_of(role).explained()))).collect()
}
