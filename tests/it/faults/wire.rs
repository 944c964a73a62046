//! A wire to the database that can be cut at a chosen message, or go silent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use url::Url;

use crate::kit::postgres::TestDatabase;

/// Where the wire is cut.
#[derive(Debug, Clone)]
enum Cut {
    /// The message that contains this does not arrive.
    Before(Vec<u8>),
    /// The message that contains this arrives and is acted on; the answer is lost.
    After(Vec<u8>),
}

/// Carries connections to a database until told otherwise.
pub(super) struct Wire {
    /// How to connect through it.
    pub(super) options: PgConnectOptions,
    cut: Arc<Mutex<Option<Cut>>>,
    silent: watch::Sender<bool>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Wire {
    /// A wire to `database`.
    pub(super) async fn to(database: &TestDatabase) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("it listens");
        let (silent, hush) = watch::channel(false);
        let cut = Arc::new(Mutex::new(None));
        let (plan, ends) = (cut.clone(), database.options.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = connect(&ends).await {
                    tokio::spawn(carry(client, server, plan.clone(), hush.clone()));
                }
            }
        });
        let options = through(address, &database.url).as_str().parse().expect("a URL that sqlx reads");
        Self { options, cut, silent }
    }

    /// Cuts the connection that sends `message`, once, before it arrives.
    pub(super) fn cut_before(&self, message: impl Into<Vec<u8>>) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(Cut::Before(message.into()));
    }

    /// Cuts the connection that sends `message`, once, when it was acted on.
    pub(super) fn cut_after(&self, message: impl Into<Vec<u8>>) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(Cut::After(message.into()));
    }

    /// Whether the cut was made.
    pub(super) fn was_cut(&self) -> bool {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// From now on nothing arrives anywhere, and nobody is told: a network that drops.
    pub(super) fn fall_silent(&self, silent: bool) {
        self.silent.send_replace(silent);
    }
}

/// The same database and role, reached at `address`.
fn through(address: SocketAddr, url: &str) -> Url {
    let mut url: Url = url.parse().expect("the kit writes URLs");
    let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| !["host", "port", "sslmode"].contains(&name.as_str())).collect();
    url.set_ip_host(address.ip()).expect("the scheme has hosts");
    url.set_port(Some(address.port())).expect("the scheme has ports");
    // Messages are looked into, so nothing may hide them.
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("sslmode", "disable");
    url
}

async fn connect(target: &PgConnectOptions) -> std::io::Result<Box<dyn Stream>> {
    Ok(match target.get_socket() {
        Some(folder) => Box::new(UnixStream::connect(folder.join(format!(".s.PGSQL.{}", target.get_port()))).await?),
        None => Box::new(TcpStream::connect((target.get_host(), target.get_port())).await?),
    })
}

/// One connection, until one end closes or it is cut.
async fn carry(mut client: TcpStream, mut server: Box<dyn Stream>, plan: Arc<Mutex<Option<Cut>>>, mut hush: watch::Receiver<bool>) {
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let sent = tokio::select! {
            read = client.read(&mut up) => read.map(|count| (true, count)),
            read = server.read(&mut down) => read.map(|count| (false, count)),
        };
        let Ok((from_client, count @ 1..)) = sent else { return };
        if hush.wait_for(|silent| !silent).await.is_err() {
            return;
        }
        if !from_client {
            if client.write_all(&down[..count]).await.is_err() {
                return;
            }
            continue;
        }
        let due = take_due(&plan, &up[..count]);
        if matches!(due, Some(Cut::Before(_))) || server.write_all(&up[..count]).await.is_err() {
            return;
        }
        if due.is_some() {
            // An answer means that it was acted on. Nobody else will see it.
            let _ = server.read(&mut down).await;
            return;
        }
    }
}

fn take_due(plan: &Mutex<Option<Cut>>, message: &[u8]) -> Option<Cut> {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    let contains = |part: &Vec<u8>| message.windows(part.len()).any(|window| window == part);
    plan.take_if(|cut| match cut {
        Cut::Before(part) | Cut::After(part) => contains(part),
    })
}
