//! A host that an app's admin named: answers what a test wants, counts who asks, and can keep a connection waiting.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::kit::signer::Signer;

/// What the host does with a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
    holds: bool,
}

impl Reply {
    /// A document.
    pub(crate) fn json(document: &Value) -> Self {
        Self::of("200 OK", "", document.to_string().as_bytes())
    }

    /// A set of public keys, each under its name.
    pub(crate) fn keys(keys: &[(&str, &Signer)]) -> Self {
        let keys: Vec<Value> = keys.iter().map(|(kid, signer)| jwk(kid, signer)).collect();
        Self::json(&json!({ "keys": keys }))
    }

    /// Any status line, further headers (each with its line end) and body.
    pub(crate) fn of(status: &str, headers: &str, body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\n");
        if !headers.contains("content-length") && !headers.contains("transfer-encoding") {
            write!(head, "content-length: {}\r\n", body.len()).expect("text is written");
        }
        Self { bytes: [head.as_bytes(), b"\r\n", body].concat(), holds: false }
    }

    /// Nothing, for ever.
    pub(crate) fn silence() -> Self {
        Self { bytes: Vec::new(), holds: true }
    }

    /// The same bytes, and then nothing for ever.
    pub(crate) fn and_silence(self) -> Self {
        Self { holds: true, ..self }
    }
}

/// A public key as apps publish it.
pub(crate) fn jwk(kid: &str, signer: &Signer) -> Value {
    let mut jwk = serde_json::to_value(&signer.public.jwk).expect("a JWK");
    jwk["kid"] = json!(kid);
    jwk
}

/// The host. Ends when dropped.
pub(crate) struct Host {
    /// Where it is.
    pub(crate) url: String,
    reply: Arc<Mutex<Reply>>,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Host {
    /// By http on a loopback address.
    pub(crate) async fn start() -> Self {
        Self::listen("http://127.0.0.1", None).await
    }

    /// By https under the name `localhost`, and its certificate as PEM.
    pub(crate) async fn start_tls() -> (Self, Vec<u8>) {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key);
        let acceptor = TlsAcceptor::from(Arc::new(config.expect("a TLS server")));
        (Self::listen("https://localhost", Some(acceptor)).await, certified.cert.pem().into_bytes())
    }

    async fn listen(base: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("{base}:{}/jwks.json", listener.local_addr().expect("an address").port());
        let (reply, asked) = (Arc::new(Mutex::new(Reply::default())), Arc::new(AtomicUsize::new(0)));
        let (shown, count) = (reply.clone(), asked.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, shown, count) = (tls.clone(), shown.clone(), count.clone());
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &shown, &count).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream, &shown, &count).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, reply, asked, task }
    }

    /// What it does from now on.
    pub(crate) fn replies(&self, reply: Reply) {
        *self.reply.lock().expect("nobody panicked") = reply;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, reply: &Mutex<Reply>, asked: &AtomicUsize) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    asked.fetch_add(1, Ordering::SeqCst);
    let Reply { bytes, holds } = reply.lock().expect("nobody panicked").clone();
    // Who reads no further has hung up; that is theirs to decide.
    let _ = stream.write_all(&bytes).await;
    let _ = stream.flush().await;
    if holds {
        // Until the other side gives up.
        let _ = stream.read_u8().await;
    }
    let _ = stream.shutdown().await;
}
