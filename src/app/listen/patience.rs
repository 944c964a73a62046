//! A time limit for the head of each request, from its first byte on: a client that sends its headers drop by drop is cut off,
//! while one that rests between two requests is not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Counts the changes between "between requests" (even) and "in a request" (odd); shared by a connection's stream and its service.
#[derive(Debug, Clone)]
pub(super) struct HeadTimer {
    changes: Arc<AtomicU64>,
    limit: Duration,
}

impl HeadTimer {
    pub(super) fn new(limit: Duration) -> Self {
        Self { changes: Arc::new(AtomicU64::new(0)), limit }
    }

    /// A request's headers are complete: what comes now is its body, which the handler's own time limit bounds.
    pub(super) fn head_is_read(&self) {
        self.changes.fetch_or(1, Ordering::Relaxed);
    }

    /// The request is answered: what comes now is the next one's head.
    pub(super) fn next_head_may_come(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream whose reads fail when a head takes too long.
#[derive(Debug)]
pub(super) struct Patient {
    stream: TcpStream,
    timer: HeadTimer,
    /// The head that is being read.
    head: Option<Head>,
}

/// A head of which something has arrived.
#[derive(Debug)]
struct Head {
    /// The count at which it began.
    count: u64,
    until: Instant,
    /// Set up when there is something to wait for: most heads arrive whole, and need no timer.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    pub(super) fn new(stream: TcpStream, timer: HeadTimer) -> Self {
        Self { stream, timer, head: None }
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let count = this.timer.changes.load(Ordering::Relaxed);
        this.head.take_if(|head| head.count != count);
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        let between_requests = count.is_multiple_of(2);
        let arrived = matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() > before;
        if between_requests && arrived && this.head.is_none() {
            this.head = Some(Head { count, until: Instant::now() + this.timer.limit, deadline: None });
        }
        let Some(head) = &mut this.head else { return read };
        if head.until <= Instant::now() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if read.is_pending() {
            let deadline = head.deadline.get_or_insert_with(|| Box::pin(sleep_until(head.until)));
            if deadline.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
