//! People of an org: roles, invitations, mail, the audit trail, and proving again who one is.

use crate::kit::browser::{Browser, Page};
use crate::kit::world::World;

mod audit;
mod expiry;
mod forgot;
mod invitations;
mod members;
mod reauthentication;
mod smtp;

/// A browser signed in as `name@acme.test`.
async fn signed_in(world: &World, name: &str) -> Browser {
    let mut browser = Browser::new(world);
    browser.sign_in(&format!("{name}@acme.test")).await;
    browser
}

/// The token of the signed-in forms of `page`.
fn token(page: &Page) -> String {
    let (_, fields) = page.form("csrf").unwrap_or_else(|| panic!("no form with the token: {}", page.answer.body));
    fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1
}

/// A page without what is of this very request: its reference id and the tokens of its forms.
fn anonymous(page: &Page) -> String {
    let body = page.answer.body.replace(page.answer.header("x-request-id"), "");
    let mut parts = body.split("name=\"csrf\" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| before + part.split_once('"').map_or(part, |(_, rest)| rest))
}

/// A policy with mail, and its world.
async fn mailing() -> World {
    let mut policy = crate::kit::world::policy();
    policy.mail = true;
    World::with(policy).await
}

/// Sends what waits and reads it: address, subject, text.
async fn read_mail(world: &World) -> Vec<String> {
    let folder = crate::kit::process::Folder::new("mail");
    let mailer = grantor::mail::Mailer::folder(folder.path().to_owned(), "Grantor <grantor@example.test>").expect("a mailer");
    let deps = (*world.deps).clone().with_mailer(mailer);
    grantor::flows::mails::deliver::deliver(&deps, world.now()).await.expect("mail is sent");
    let mut mails = Vec::new();
    for entry in std::fs::read_dir(folder.path()).expect("the folder is there") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a mail");
        // Long lines are quoted-printable; what tests look for is ASCII.
        mails.push(text.replace("=\r\n", "").replace("=3D", "="));
    }
    mails
}

/// The path of the one-time link in a mail.
fn link(mail: &str, before: &str) -> String {
    let start = mail.find(&format!("{}{before}", crate::kit::world::ISSUER)).unwrap_or_else(|| panic!("no link in {mail}"));
    let rest = &mail[start + crate::kit::world::ISSUER.len()..];
    rest.split(|c: char| c.is_whitespace() || c == '"' || c == '<').next().expect("a link").to_owned()
}

/// The id of the person `name@acme.test`.
async fn id_of(world: &World, name: &str) -> String {
    let users = world.words("select email || ' ' || id::text from users").await;
    let found = users.iter().find_map(|line| line.strip_prefix(&format!("{name}@acme.test ")));
    found.unwrap_or_else(|| panic!("no {name} in {users:?}")).to_owned()
}

/// Posts a form of the people page.
async fn act(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open("/account").await;
    let csrf = token(&page);
    let mut sent = vec![("csrf", csrf.as_str())];
    sent.extend_from_slice(fields);
    browser.post(&format!("/orgs/acme/people/{path}"), &sent).await
}

/// A token of the management API for people.
async fn people_token(world: &World) -> String {
    let scopes = grantor::model::scope::ScopeSet::parse("people:read people:write").expect("scopes");
    let change = |client: &mut grantor::model::client::Client| {
        client.profile.scopes = scopes;
        client.system = true;
    };
    let app = world.app_with(grantor::model::client::ClientKind::M2m, change).await;
    world.machine_token(&app, "people:read people:write").await
}
