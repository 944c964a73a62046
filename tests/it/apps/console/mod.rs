//! The list of apps and the way to a new one, as pages.

mod credentials_page;
mod list_page;
mod settings_page;
mod wizard;
