//! HTTP: routes, handlers and pages. Sees flows, model, wire, secret and clock; never db, crypto or protocol.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::flows::Deps;

pub mod admin;
pub mod api;
pub mod assets;
pub mod brand;
pub mod context;
pub mod extract;
pub mod health;
pub mod layers;
pub mod logos;
pub mod oauth;
pub mod pages;
pub mod paths;
pub mod router;
pub mod theme;
pub mod trail;
pub mod views;

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState {
    /// What flows work with.
    pub deps: Arc<Deps>,
    /// Set at shutdown: readiness answers 503 while requests are still served.
    pub draining: Arc<AtomicBool>,
}
