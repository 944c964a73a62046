//! A load generator with as little of its own as possible: HTTP/1.1 over keep-alive sockets, one request at a time on each.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How much load, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// The server.
    pub(crate) address: SocketAddr,
    /// Sockets at one time.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) length: Duration,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// `Location`, if any.
    pub(crate) location: Option<String>,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

/// One keep-alive socket.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends `request` and reads the whole answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let (status, length, location) = parse_head(std::str::from_utf8(&self.buffer[..head])?)?;
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        Ok(Answer { status, location, body: self.buffer[head..head + length].to_vec() })
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed the connection");
        Ok(())
    }
}

fn parse_head(head: &str) -> anyhow::Result<(u16, usize, Option<String>)> {
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?.parse()?;
    let (mut length, mut location) = (0, None);
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "location" => location = Some(value.trim().to_owned()),
            "transfer-encoding" => bail!("the load generator reads no chunks"),
            _ => {}
        }
    }
    Ok((status, length, location))
}

/// A form post.
pub(crate) fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Load {
    /// Answers a second when every connection repeats one request.
    pub(crate) async fn repeat(self, request: &[u8]) -> anyhow::Result<f64> {
        let chains = (0..self.connections).map(|_| {
            let request = request.to_vec();
            move |_: Option<&[u8]>| Ok(request.clone())
        });
        Ok(self.chains(chains).await?.0)
    }

    /// Answers a second when each connection makes its next request from its last answer; also the last answer of each.
    pub(crate) async fn chains<F>(self, chains: impl Iterator<Item = F>) -> anyhow::Result<(f64, Vec<Vec<u8>>)>
    where
        F: FnMut(Option<&[u8]>) -> anyhow::Result<Vec<u8>> + Send + 'static,
    {
        let mut connections = JoinSet::new();
        let started = Instant::now();
        for (number, mut next) in chains.enumerate() {
            connections.spawn(async move {
                let mut connection = Connection::open(self.address).await?;
                let (mut count, mut last) = (0_u64, None::<Vec<u8>>);
                while started.elapsed() < self.length {
                    let answer = connection.send(&next(last.as_deref())?).await?;
                    ensure!(answer.status == 200, "answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                    (count, last) = (count + 1, Some(answer.body));
                }
                anyhow::Ok((number, count, last.unwrap_or_default()))
            });
        }
        let mut ends = Vec::new();
        while let Some(ended) = connections.join_next().await {
            ends.push(ended??);
        }
        let took = started.elapsed().as_secs_f64();
        ends.sort_unstable_by_key(|(number, ..)| *number);
        let total: u64 = ends.iter().map(|(_, count, _)| count).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds are far below 2^52")]
        Ok((total as f64 / took, ends.into_iter().map(|(.., last)| last).collect()))
    }

    /// Answers a second when the requests are worked off once, each on whichever connection is free.
    pub(crate) async fn work_off(self, requests: &[Vec<u8>]) -> anyhow::Result<f64> {
        let share = requests.len().div_ceil(self.connections);
        let mut connections = JoinSet::new();
        let started = Instant::now();
        for part in requests.chunks(share) {
            let part = part.to_vec();
            connections.spawn(async move {
                let mut connection = Connection::open(self.address).await?;
                for request in part {
                    let answer = connection.send(&request).await?;
                    ensure!(answer.status == 200, "answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                }
                anyhow::Ok(())
            });
        }
        while let Some(ended) = connections.join_next().await {
            ended??;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds are far below 2^52")]
        Ok(requests.len() as f64 / started.elapsed().as_secs_f64())
    }
}
