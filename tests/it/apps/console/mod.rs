//! The list of apps and the way to a new one, as pages.

mod list_page;
mod wizard;
