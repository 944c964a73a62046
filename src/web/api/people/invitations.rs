//! Invitations: `POST …/people`, `…/people/invitations` and below.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::flows::people::invitations::{self, Sent};
use crate::model::invitation::Invitation;
use crate::web::api::app_json::instant;
use crate::web::api::body::JsonBody;
use crate::web::api::door::Door;
use crate::web::api::members::Members;
use crate::web::api::orgs::json_body;
use crate::web::api::people::read_role;
use crate::web::api::problem::Problem;
use crate::web::paths;

/// `{"email", "role"}`; 201. Where the server sends no mail, `link` is in the answer, this once.
pub(super) async fn create(door: Door, body: JsonBody) -> Result<Response, Problem> {
    let mut errors = Vec::new();
    let (mut email, mut role) = (String::new(), String::new());
    let mut members = Members::new(body.object, "", &mut errors);
    members.take("email", &mut email, String::new());
    members.take("role", &mut role, String::new());
    members.finish(&["id", "link", "sent_at", "expires_at"]);
    let role = read_role(&role, errors)?;
    let sent = invitations::invite(&door.deps, &door.access, &email, role, door.now).await?;
    let location = format!("{}/orgs/{}/people/invitations/{}", door.deps.policy.management_api(), door.access.org.slug, sent.invitation.id);
    let headers = [(CONTENT_TYPE, "application/json"), (LOCATION, location.as_str())];
    Ok((StatusCode::CREATED, headers, with_link(&door, &sent).to_string()).into_response())
}

/// The open ones.
pub(super) async fn list(door: Door) -> Result<Response, Problem> {
    let open = invitations::list(&door.deps, &door.access).await?;
    let shown: Vec<Value> = open.iter().map(invitation).collect();
    Ok(json_body(&json!({ "invitations": shown })))
}

/// 204; the link is worth nothing.
pub(super) async fn remove(door: Door) -> Result<Response, Problem> {
    invitations::revoke(&door.deps, &door.access, door.id()?, door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A new link; the old one is worth nothing.
pub(super) async fn resend(door: Door) -> Result<Response, Problem> {
    let sent = invitations::resend(&door.deps, &door.access, door.id()?, door.now).await?;
    Ok(json_body(&with_link(&door, &sent)))
}

fn with_link(door: &Door, sent: &Sent) -> Value {
    let mut shown = invitation(&sent.invitation);
    if let Some(link) = &sent.link {
        shown["link"] = format!("{}{}", door.deps.policy.issuer, paths::invitation(link.expose())).into();
    }
    shown
}

fn invitation(invitation: &Invitation) -> Value {
    json!({
        "id": invitation.id,
        "email": invitation.email.as_str(),
        "role": invitation.role,
        "created_at": instant(invitation.created_at),
        "sent_at": instant(invitation.sent_at),
        "expires_at": instant(invitation.expires_at),
    })
}
