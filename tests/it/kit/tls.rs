//! TLS in front of a server, as the proxy of a deployment ends it, and a client that trusts its certificate and writes its own bytes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::kit::http::Answer;

/// A listener that ends TLS for one host name. Ended when dropped.
pub(crate) struct Terminator {
    address: SocketAddr,
    host: String,
    certificate: CertificateDer<'static>,
    task: JoinHandle<()>,
}

impl Drop for Terminator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Terminator {
    /// Listens with a certificate of its own for `host` and hands requests to `router`.
    pub(crate) async fn start(host: &str, router: Router) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).expect("a certificate");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a key that fits");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let served = http1::Builder::new();
                    let _ = served.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
                });
            }
        });
        Self { address, host: host.to_owned(), certificate, task }
    }

    /// A client that finds the host here.
    pub(crate) fn wire(&self) -> Wire {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Wire { connector: TlsConnector::from(Arc::new(config)), address: self.address, host: self.host.clone() }
    }
}

/// A client of bytes over TLS.
pub(crate) struct Wire {
    connector: TlsConnector,
    address: SocketAddr,
    host: String,
}

impl Wire {
    /// Sends these very bytes on a connection of its own, which they ask to be closed, and reads the answer.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        let stream = TcpStream::connect(self.address).await.expect("the listener accepts");
        let name = ServerName::try_from(self.host.clone()).expect("a host name");
        let mut stream = self.connector.connect(name, stream).await.expect("a certificate for this host");
        stream.write_all(request.as_bytes()).await.expect("the request is sent");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("the answer ends");
        parse(&String::from_utf8(bytes).expect("text"))
    }
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {answer:?}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).map(StatusCode::from_u16);
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| {
        let name: HeaderName = name.parse().expect("a header's name");
        (name, HeaderValue::from_str(value).expect("a header's value"))
    });
    let headers: HeaderMap = headers.collect();
    assert!(!headers.contains_key("transfer-encoding"), "an answer of known length");
    Answer { status: status.expect("a status line").expect("a status"), headers, body: body.to_owned() }
}
