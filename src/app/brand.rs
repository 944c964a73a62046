//! The operator's logo, read once at start and drawn anew like every other picture that we serve.

use std::sync::Arc;

use anyhow::Context as _;

use crate::crypto::token::hex_digest;
use crate::model::brand::Logo;
use crate::protocol::logo::redraw;

/// The logo in the file at `path`; none when that is empty.
pub fn logo(path: &str) -> anyhow::Result<Option<Arc<Logo>>> {
    if path.is_empty() {
        return Ok(None);
    }
    let file = std::fs::read(path).with_context(|| format!("setting `brand_logo`: the file {path} cannot be read"))?;
    let png = redraw(&file).map_err(|fault| anyhow::anyhow!("setting `brand_logo`: the file {path} is no logo. {}", fault.message()))?;
    Ok(Some(Arc::new(Logo { digest: hex_digest(&png), png })))
}
