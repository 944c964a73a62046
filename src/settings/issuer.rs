//! The rules for the issuer identifier (RFC 8414 §2), each with its fix.

use url::{Host, Url};

/// Checks an issuer. `loopback_http` allows http on a loopback address, which only development does.
pub(super) fn check_issuer(issuer: &str, loopback_http: bool) -> Result<(), String> {
    if issuer.is_empty() {
        return Err("no issuer is set; set it to the https address of this server, as https://auth.example.com".to_owned());
    }
    let url =
        Url::parse(issuer).map_err(|error| format!("`{issuer}` is no absolute URL ({error}); write it as https://auth.example.com"))?;
    let allowed = match url.scheme() {
        "https" => true,
        "http" => loopback_http && is_loopback(&url),
        _ => false,
    };
    if !allowed {
        return Err(format!(
            "`{issuer}` is not https, so passwords and tokens could be read on the way; use https (for trying out there is `grantor dev`)"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not carry a user name or password; remove the part before the @".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("`{issuer}` must have no query and no fragment (RFC 8414 §2); remove what follows the host"));
    }
    if url.path() != "/" {
        return Err(format!("`{issuer}` has a path, but Grantor owns the root of its host; give it a host of its own"));
    }
    let canonical = url.origin().ascii_serialization();
    if canonical != issuer {
        return Err(format!("`{issuer}` is compared byte by byte by clients; write it in its one plain form, {canonical}"));
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
