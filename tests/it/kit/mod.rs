//! What tests stand on: a database of their own, a world with a frozen clock and seeded chance, a browser and a client.

pub(crate) mod browser;
pub(crate) mod document;
pub(crate) mod grants;
pub(crate) mod heard;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod keys;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod server;
pub(crate) mod signer;
pub(crate) mod tls;
pub(crate) mod world;
