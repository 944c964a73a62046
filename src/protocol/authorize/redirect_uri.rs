//! Whether a redirect URI is one that the client registered: a comparison of strings, never of parsed URLs (RFC 9700 §2.1, §4.1.3).
//!
//! The only exception is the port of a loopback redirect (RFC 8252 §7.3): a program on the person's own machine listens where it
//! finds a free port. It holds for `http` on the literal hosts `127.0.0.1` and `[::1]`, and on `localhost` where the app allows
//! it; all the rest still has to be equal byte by byte.

use crate::model::client::Client;

/// Whether `sent` is registered for `client`.
pub fn is_registered(sent: &str, client: &Client) -> bool {
    let profile = &client.profile;
    profile.redirect_uris.iter().any(|registered| matches(registered.as_str(), sent, profile.allow_localhost))
}

/// Whether `sent` stands for `registered`.
pub fn matches(registered: &str, sent: &str, allow_localhost: bool) -> bool {
    registered == sent || is_same_but_for_the_port(registered, sent, allow_localhost)
}

fn is_same_but_for_the_port(registered: &str, sent: &str, allow_localhost: bool) -> bool {
    match (loopback(registered, allow_localhost), loopback(sent, allow_localhost)) {
        (Some(registered), Some(sent)) => registered == sent,
        _ => false,
    }
}

/// The host and what follows the port of a loopback URI; `None` when it is none, or its port is no port.
fn loopback(uri: &str, allow_localhost: bool) -> Option<(&str, &str)> {
    const HOSTS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
    let rest = uri.strip_prefix("http://")?;
    let host = HOSTS.into_iter().find(|host| rest.starts_with(host)).filter(|host| allow_localhost || *host != "localhost")?;
    let rest = &rest[host.len()..];
    let rest = match rest.strip_prefix(':') {
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            is_port(&after[..digits]).then(|| &after[digits..])?
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

fn is_port(digits: &str) -> bool {
    !digits.starts_with('0') && digits.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests;
