//! HTTP: routes, handlers and pages. Sees flows, model, wire, secret; never db, crypto or protocol.

pub mod assets;
pub mod views;
