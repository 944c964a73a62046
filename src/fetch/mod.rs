//! Outgoing HTTP: reading a small document from a host that somebody outside named. An edge of the house, like mail.
//!
//! The name and the host are hostile until shown otherwise (SSRF, G20). What protects the network around this server, in order:
//! the URL is https, on port 443 or one above the well-known ones; an address that stands in it is public; a name is resolved here, every address it has is public, and the
//! connection goes to those very addresses, so that a name cannot mean something else a moment later; no proxy of the
//! environment is asked; a redirect is not followed. What protects this server: one deadline for everything from the first look at
//! the name to the last byte, a largest size that is counted and not believed, no decompression, few at one time.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy as Redirects;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard, Semaphore};
use url::{Host, Url};

pub mod address;
#[cfg(test)]
mod tests;

/// Documents that are read at one time, and names that are resolved at one time.
const AT_ONCE: usize = 32;

/// How much patience, and with whom.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// For everything together.
    pub patience: Duration,
    /// The largest document, in bytes.
    pub largest: usize,
    /// Whether this very machine may be asked, also by http.
    pub loopback: bool,
    /// The first port besides that of https; those below it belong to services that everybody knows.
    pub first_free_port: u16,
    /// Certificate authorities as PEM that are believed besides the system's.
    pub authorities: Vec<Vec<u8>>,
}

/// Reads documents.
#[derive(Debug)]
pub struct Fetcher {
    bounds: Bounds,
    look_up: LookUp,
    // Made when first needed: a server without certificate authorities can do all else.
    client: OnceLock<reqwest::Client>,
    running: Semaphore,
    turns: Mutex<HashMap<String, Weak<Turns<()>>>>,
}

/// The right to be the only one in this process who reads what a name stands for; ends when dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedMutexGuard<()>);

/// Why nothing was read; the texts are for whoever named the document, and tell nothing of the network around this server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not an address we ask.
    #[error("The address is no URL that begins with https://, or has a user name in it.")]
    NotHttps,
    /// Another well-known port than that of https.
    #[error("The port belongs to another service. Use 443, or one from 1024 up.")]
    Port,
    /// A private address, or a name that has one.
    #[error("The host is not on the public internet, so it is not asked.")]
    NotPublic,
    /// The name means nothing now.
    #[error("The name of the host could not be resolved.")]
    NoAddress,
    /// Nobody listens, or the connection broke.
    #[error("No connection to the host, or it broke.")]
    Unreachable,
    /// Its certificate is not for this name, has expired, or nobody we believe signed it.
    #[error("The certificate of the host is not valid for it.")]
    Certificate,
    /// It took too long, all in all.
    #[error("The host did not answer in time.")]
    Slow,
    /// It sends us elsewhere.
    #[error("The host answers with a redirect, which is not followed. Give the final address.")]
    Redirect,
    /// Another status than 200.
    #[error("The host answers with the status {0}, not 200.")]
    Status(u16),
    /// More than we read.
    #[error("The document has more than {0} bytes.")]
    TooLong(usize),
}

impl Fetcher {
    /// Nothing is connected or resolved yet.
    pub fn new(bounds: Bounds) -> Self {
        Self::resolving(bounds, LookUp(Arc::new(|host| (host, 0).to_socket_addrs().map(Vec::from_iter))))
    }

    /// The same with another way to the addresses of a name.
    fn resolving(bounds: Bounds, look_up: LookUp) -> Self {
        Self { bounds, look_up, client: OnceLock::new(), running: Semaphore::new(AT_ONCE), turns: Mutex::default() }
    }

    /// Reads the document at `url`.
    pub async fn get(&self, url: &str) -> Result<Vec<u8>, Error> {
        let url = self.check(url)?;
        let reading = async {
            let _permit = self.running.acquire().await.map_err(|_| Error::Slow)?;
            self.read(url).await
        };
        tokio::time::timeout(self.bounds.patience, reading).await.unwrap_or(Err(Error::Slow))
    }

    /// Waits for those in this process who read `name` now, so that many who miss the same thing read it once.
    pub async fn turn(&self, name: &str) -> Turn {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let known = turns.get(name).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let new = Arc::new(Turns::new(()));
                turns.insert(name.to_owned(), Arc::downgrade(&new));
                new
            })
        };
        Turn(turn.lock_owned().await)
    }

    /// What can be told from the URL alone. `url` has already turned decimal, octal and hexadecimal spellings into addresses.
    fn check(&self, url: &str) -> Result<Url, Error> {
        let url = Url::parse(url).map_err(|_| Error::NotHttps)?;
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(Error::NotHttps),
        };
        let here = self.bounds.loopback && (address.is_some_and(|own| own.is_loopback()) || url.host_str() == Some("localhost"));
        let scheme = url.scheme() == "https" || (here && url.scheme() == "http");
        if !scheme || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::NotHttps);
        }
        if !here && !may_ask_port(&url, self.bounds.first_free_port) {
            return Err(Error::Port);
        }
        if address.is_some_and(|address| !may_ask(address, self.bounds.loopback)) {
            return Err(Error::NotPublic);
        }
        Ok(url)
    }

    async fn read(&self, url: Url) -> Result<Vec<u8>, Error> {
        let largest = self.bounds.largest;
        let request = self.client()?.get(url).header("accept", "application/jwk-set+json, application/json;q=0.9, */*;q=0.1");
        let mut answer = request.send().await.map_err(|error| sort(&error))?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(Error::Redirect);
        }
        if status != reqwest::StatusCode::OK {
            return Err(Error::Status(status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| sort(&error))? {
            if body.len() + chunk.len() > largest {
                return Err(Error::TooLong(largest));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let refused = |error: reqwest::Error| {
            tracing::error!(%error, "no way to ask hosts by TLS; are certificate authorities installed?");
            Error::Unreachable
        };
        let look_up = self.look_up.clone();
        let resolver = Guarded { loopback: self.bounds.loopback, look_up, running: Arc::new(Semaphore::new(AT_ONCE)) };
        let mut builder = reqwest::Client::builder()
            .dns_resolver(Arc::new(resolver))
            .redirect(Redirects::none())
            .no_proxy()
            .referer(false)
            .https_only(!self.bounds.loopback)
            .http1_only()
            .pool_max_idle_per_host(0)
            .user_agent("grantor");
        for pem in &self.bounds.authorities {
            builder = builder.tls_certs_merge([reqwest::Certificate::from_pem(pem).map_err(refused)?]);
        }
        let client = builder.build().map_err(refused)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// How the addresses of a name are found: the system's way, or that of a test. It may block.
#[derive(Clone)]
struct LookUp(Arc<LookingUp>);

type LookingUp = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl fmt::Debug for LookUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookUp")
    }
}

/// Resolves names to addresses that may be asked; the connection goes to what comes out here.
struct Guarded {
    loopback: bool,
    look_up: LookUp,
    running: Arc<Semaphore>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (loopback, running, host) = (self.loopback, self.running.clone(), name.as_str().to_owned());
        let LookUp(find) = self.look_up.clone();
        Box::pin(async move {
            let permit = running.acquire_owned().await?;
            // The permit ends with the work and not with our patience, so that a resolver that hangs holds few threads.
            let look_up = move || {
                let found = find(&host);
                drop(permit);
                found
            };
            let found = tokio::task::spawn_blocking(look_up).await?.map_err(|_| Error::NoAddress)?;
            check_addresses(&found, loopback)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether a name that means these addresses may be asked, at any of them. One private address among public ones is no accident.
fn check_addresses(found: &[SocketAddr], loopback: bool) -> Result<(), Error> {
    if found.is_empty() {
        return Err(Error::NoAddress);
    }
    if found.iter().all(|address| may_ask(address.ip(), loopback)) { Ok(()) } else { Err(Error::NotPublic) }
}

/// Whether the port is that of https, or none of those that have services which everybody knows: whoever names a document must not be
/// able to make this server knock at somebody's mail or remote login.
fn may_ask_port(url: &Url, first_free: u16) -> bool {
    url.port().is_none_or(|port| port >= first_free)
}

fn may_ask(address: IpAddr, loopback: bool) -> bool {
    address::is_public(address) || (loopback && address.is_loopback())
}

/// Our own words for what went wrong below.
fn sort(error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::Slow;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(own) = cause {
        if let Some(known) = own.downcast_ref::<Error>() {
            return known.clone();
        }
        if own.to_string().contains("certificate") {
            return Error::Certificate;
        }
        cause = own.source();
    }
    Error::Unreachable
}
