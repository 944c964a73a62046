//! People of an org: roles, invitations, mail, the audit trail, and proving again who one is.

use crate::kit::browser::{Browser, Page};
use crate::kit::world::World;

mod reauthentication;

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
