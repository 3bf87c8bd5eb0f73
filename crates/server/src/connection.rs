//! One connection: bytes from the socket to the engine, replies back, until either side ends it.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Buf;
use engine::{Engine, Flow, Peer, Session, Wake};
use resp::{Output, RequestReader};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::io::{poll_read_buf, poll_write_buf};

use crate::backlog::{BACKLOG_BYTES_MAX, Backlog};
use crate::clock::SystemClock;

/// Wakes a connection's task. A task's waker stays the same for life, so it is taken once instead of at every read.
struct TaskWake(Waker);

impl Wake for TaskWake {
    fn wake(&self) {
        self.0.wake_by_ref();
    }
}

/// Serves a client until it leaves, is sent away, or its connection breaks.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    engine: Arc<Engine>,
    worker: usize,
    peer: Peer,
    mut stream: S,
) {
    let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
    let now = engine::Clock::now(&SystemClock);
    let session = match engine.open(worker, &peer, now, Arc::new(TaskWake(waker))) {
        Ok(session) => session,
        Err(refused) => {
            // The client is turned away either way; whether it hears why is up to its side.
            let _told = stream.write_all(format!("-{refused}\r\n").as_bytes()).await;
            return;
        }
    };
    let mut connection = Connection {
        session: Some(session),
        engine,
        worker,
        stream,
        input: RequestReader::new(),
        output: Output::new(),
        backlog: Backlog::default(),
    };
    if let Err(error) = connection.run().await {
        tracing::debug!(peer = %peer.address, %error, "connection broke");
    }
}

/// Lets the worker's other connections that have input run first, so that their replies and ours leave one after the other.
///
/// Writing to a socket wakes whoever waits at its other end. When one client process holds many of our connections, the first of
/// several writes in a row wakes it and the others find it awake; with a write after each batch every write pays for a wake:
/// it was a third of all time at pipelines of 100. Alone, a connection gets its turn back at once.
async fn behind_others() {
    let mut waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        // The runtime puts a task that wakes itself at the end of its queue.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct Connection<S> {
    /// There until the connection is dropped.
    session: Option<Session>,
    engine: Arc<Engine>,
    worker: usize,
    stream: S,
    input: RequestReader,
    output: Output,
    backlog: Backlog,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    async fn run(&mut self) -> io::Result<()> {
        loop {
            if poll_fn(|cx| self.poll_read(cx)).await? == 0 {
                return self.finish().await;
            }
            loop {
                let flow = self.serve();
                if self.output.has_remaining() {
                    behind_others().await;
                    poll_fn(|cx| self.poll_write_some(cx)).await?;
                    self.check_backlog()?;
                }
                match flow {
                    Flow::More => break,
                    Flow::Flush => poll_fn(|cx| self.poll_room(cx)).await?,
                    Flow::Close => return self.finish().await,
                }
            }
        }
    }

    fn serve(&mut self) -> Flow {
        let Some(session) = &mut self.session else { return Flow::Close };
        self.engine.serve(session, &mut self.input, &SystemClock, &mut self.output)
    }

    /// Reads what is there, and writes meanwhile what could not be written before. 0: the client has left, or is sent away.
    ///
    /// A client may send a whole pipeline before it reads the first reply; were it not read from while replies wait for it,
    /// both sides would wait forever.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.is_killed() {
            return Poll::Ready(Ok(0));
        }
        if self.output.has_remaining() {
            ready!(self.poll_room(cx))?;
        }
        let read = ready!(poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.input.unfilled()))?;
        let counters = self.engine.stats().counters(self.worker);
        counters.received_bytes.add(read as u64);
        counters.reads.add(1);
        if let Some(session) = &self.session {
            session.note_received(read as u64);
        }
        Poll::Ready(Ok(read))
    }

    /// Writes what the socket takes. Ready when little enough waits for more requests to be run.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_some(cx))?;
        if self.output.remaining() > BACKLOG_BYTES_MAX { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    /// Writes what the socket takes now; when it takes more, the task is woken.
    fn poll_write_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_write_all(cx) {
            Poll::Pending => Poll::Ready(Ok(())),
            ready => ready,
        }
    }

    /// Whether the client has left more replies waiting than `client-output-buffer-limit` allows.
    fn check_backlog(&mut self) -> io::Result<()> {
        let waiting = self.output.remaining();
        let limit = self.engine.settings().output_limit();
        if !self.backlog.exceeds(waiting as u64, limit, SystemClock) {
            return Ok(());
        }
        let address = self.session.as_ref().map_or("", |session| &session.client().peer.address);
        tracing::warn!(peer = %address, "closing a client that left {waiting} bytes of replies waiting (client-output-buffer-limit)");
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Sends what is left, then closes.
    async fn finish(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_write_all(cx)).await?;
        self.stream.shutdown().await
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.output.has_remaining() {
            if self.is_killed() {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            let written = ready!(self.poll_write(cx))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let counters = self.engine.stats().counters(self.worker);
            counters.sent_bytes.add(written as u64);
            counters.writes.add(1);
            if let Some(session) = &self.session {
                session.note_sent(written as u64);
                if self.output.has_remaining() {
                    // Whoever takes a long reply slowly is not idle.
                    session.note_active(engine::Clock::now(&SystemClock));
                }
            }
        }
        self.output.clear();
        Poll::Ready(Ok(()))
    }

    /// One system call, the plain one where there is nothing to gather: `writev` costs more.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        let chunk = self.output.chunk();
        if chunk.len() < self.output.remaining() {
            return poll_write_buf(stream, cx, &mut self.output);
        }
        let written = ready!(stream.poll_write(cx, chunk))?;
        self.output.advance(written);
        Poll::Ready(Ok(written))
    }

    fn is_killed(&self) -> bool {
        self.session.as_ref().is_none_or(|session| session.client().is_killed())
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.engine.close(session);
        }
    }
}
