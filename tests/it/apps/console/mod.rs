//! The list of apps and the way to a new one, as pages.

mod credentials_page;
mod late_forms;
mod list_page;
mod settings_page;
mod wizard;

use grantor::model::membership::Role;

use crate::kit::browser::Browser;
use crate::kit::world::World;

/// Somebody of this role at their browser.
async fn signed_in(role: Role) -> (World, Browser) {
    let world = World::new().await;
    world.person(role).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(&format!("{}@acme.test", role.as_str())).await;
    (world, browser)
}
