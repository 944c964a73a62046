//! How the operator's product looks beside its name: a logo and a colour.

use std::sync::Arc;

/// The operator's logo and colour; without them Grantor's own.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    /// PNG, JPEG, WebP or GIF, re-encoded and served from our own origin.
    pub logo: Option<Arc<Logo>>,
    /// The accent colour of buttons and links.
    pub accent: Option<Accent>,
}

/// A logo that was decoded and encoded again, so that nothing but pixels is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// PNG.
    pub png: Vec<u8>,
}

/// An accent colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// Red, green, blue.
    pub rgb: [u8; 3],
}
