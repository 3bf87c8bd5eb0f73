//! One connection: bytes from the socket to the engine, replies back, until either side ends it.

use std::future::{Future, poll_fn};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Buf;
use engine::{Engine, Flow, OUTPUT_BYTES_HIGH, Peer, Session, Wake};
use resp::{Output, RequestReader};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::Sleep;
use tokio_util::io::{poll_read_buf, poll_write_buf};

use crate::backlog::Backlog;
use crate::clock::SystemClock;

/// Wakes a connection's task. A task's waker stays the same for life, so it is taken once instead of at every read.
struct TaskWake(Waker);

impl Wake for TaskWake {
    fn wake(&self) {
        self.0.wake_by_ref();
    }
}

/// Who had so much received at once has had its turn: the worker looks for what others have sent before it goes on.
const TURN_BYTES: usize = 64 * 1024;

/// Who has left hears what waits for a disk if it comes so soon. A log that can't be written must not keep the connections of all who have given up.
const LEFT_PATIENCE: Duration = Duration::from_secs(1);

/// What an idle connection reads into, on the stack: ten thousand of them need no buffers.
const FIRST_READ_BYTES: usize = 256;

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
        patience: None,
        is_idle: true,
        has_unserved: false,
        has_ended: false,
        had_turn: false,
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
    /// How long replies may still wait for the disk, as nobody may be there any more.
    patience: Option<Pin<Box<Sleep>>>,
    /// It has no buffers until something comes.
    is_idle: bool,
    /// Something came that the engine has not seen.
    has_unserved: bool,
    /// The client sends no more, or is listened to no more; what it sent is still to be answered.
    has_ended: bool,
    /// It has been served for long without a pause.
    had_turn: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    async fn run(&mut self) -> io::Result<()> {
        loop {
            self.room().await?;
            if !self.has_unserved && (self.has_ended || !poll_fn(|cx| self.poll_news(cx)).await?) {
                return self.finish().await;
            }
            loop {
                let flow = self.serve();
                self.had_turn |= flow == Flow::Flush;
                self.give_turn().await;
                poll_fn(|cx| self.poll_write_some(cx)).await?;
                match flow {
                    Flow::More => break,
                    Flow::Flush => self.room().await?,
                    Flow::Wait => self.wait().await?,
                    Flow::Close => return self.finish().await,
                }
            }
        }
    }

    /// Gives the worker's other connections a turn: those that have input by now, after a long turn those whose input the runtime has yet
    /// to hear of, too. The runtime asks the kernel only when nobody else is ready or after dozens of turns; one client that sends
    /// without end would make that milliseconds.
    async fn give_turn(&mut self) {
        if std::mem::take(&mut self.had_turn) {
            tokio::task::yield_now().await;
        } else {
            behind_others().await;
        }
    }

    fn serve(&mut self) -> Flow {
        let Some(session) = &mut self.session else { return Flow::Close };
        self.has_unserved = false;
        self.engine.serve(session, &mut self.input, &SystemClock, &mut self.output)
    }

    /// Waits until so few replies wait that requests may be run.
    ///
    /// Until then the client's requests are received and kept, within `client-query-buffer-limit`: it may send a whole pipeline
    /// before it reads the first reply, and were it not read from, both sides would wait forever. They are not run, so that whoever
    /// doesn't read costs what it sent and not what it asked for.
    async fn room(&mut self) -> io::Result<()> {
        while !poll_fn(|cx| self.poll_room(cx)).await? {
            self.give_turn().await;
        }
        Ok(())
    }

    /// Ready when there is room, or when something was received instead.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        ready!(self.poll_write_some(cx))?;
        if self.output.remaining() <= OUTPUT_BYTES_HIGH {
            return Poll::Ready(Ok(true));
        }
        if self.has_ended {
            return Poll::Pending;
        }
        ready!(self.poll_read(cx))?;
        if let Some(session) = &self.session {
            self.engine.note_buffers(session, &self.input, &self.output);
        }
        Poll::Ready(Ok(false))
    }

    /// Rings when the time is up for the command that waits, if it has one.
    fn alarm(&self) -> Option<Pin<Box<Sleep>>> {
        let until = self.session.as_ref()?.waits_until()??;
        let left = until.nanos_since(engine::Clock::now(&SystemClock));
        // The timer counts whole milliseconds: it must not ring before the moment has come.
        Some(Box::pin(tokio::time::sleep(Duration::from_nanos(left))))
    }

    /// Waits until the command that waits has its reply, or its time is up. What the client sends meanwhile is kept; if it leaves, the wait
    /// ends with the connection.
    async fn wait(&mut self) -> io::Result<()> {
        let mut alarm = self.alarm();
        while !poll_fn(|cx| self.poll_wait(cx, &mut alarm)).await? {
            self.give_turn().await;
        }
        Ok(())
    }

    /// Ready when the wait is over or a message can be delivered, or when something was received.
    fn poll_wait(
        &mut self,
        cx: &mut Context<'_>,
        alarm: &mut Option<Pin<Box<Sleep>>>,
    ) -> Poll<io::Result<bool>> {
        ready!(self.poll_write_some(cx))?;
        let rings = alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(cx).is_ready());
        let now = engine::Clock::now(&SystemClock);
        if rings || self.session.as_ref().is_none_or(|session| session.is_wait_over(now)) {
            return Poll::Ready(Ok(true));
        }
        if self.has_mail() && self.output.remaining() <= OUTPUT_BYTES_HIGH {
            return Poll::Ready(Ok(true));
        }
        if ready!(self.poll_read(cx))? == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if let Some(session) = &self.session {
            self.engine.note_buffers(session, &self.input, &self.output);
        }
        Poll::Ready(Ok(false))
    }

    /// Ready when the client sent something, or somebody left a message for it. `false`: it has left, or is sent away.
    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.has_mail() && !self.is_killed() {
            return Poll::Ready(Ok(true));
        }
        Poll::Ready(Ok(ready!(self.poll_read(cx))? > 0))
    }

    /// Reads what is there, and writes meanwhile what could not be written before. 0: the client has left, or is sent away.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.is_killed() {
            self.has_ended = true;
            return Poll::Ready(Ok(0));
        }
        if self.output.has_remaining() {
            ready!(self.poll_write_some(cx))?;
        }
        self.trim_if_asked();
        let read = if self.is_idle {
            ready!(self.poll_first_read(cx))?
        } else {
            ready!(poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.input.unfilled()))?
        };
        self.has_ended = read == 0;
        self.has_unserved |= read > 0;
        self.had_turn |= read >= TURN_BYTES;
        let counters = self.engine.stats().counters(self.worker);
        counters.received_bytes.add(read as u64);
        counters.reads.add(1);
        if let Some(session) = &self.session {
            session.note_received(read as u64);
        }
        Poll::Ready(Ok(read))
    }

    fn poll_first_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut first = [MaybeUninit::uninit(); FIRST_READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut first);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        self.input.feed(buffer.filled());
        self.is_idle = false;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Gives the buffers back if nothing is in them and the client has been idle for a while.
    fn trim_if_asked(&mut self) {
        let Some(session) = &mut self.session else { return };
        if session.client().take_trim() && self.input.buffered() == 0 && self.output.is_empty() {
            self.input.shrink();
            self.output.shrink();
            session.trim();
            self.engine.note_buffers(session, &self.input, &self.output);
            self.is_idle = true;
        }
    }

    /// Writes what the socket takes now; when it takes more, the task is woken. An error if the client leaves more replies waiting
    /// than `client-output-buffer-limit` allows.
    fn poll_write_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_write_all(cx) {
            Poll::Pending => Poll::Ready(Ok(())),
            ready => ready,
        }
    }

    /// Sends what is left, then closes.
    async fn finish(&mut self) -> io::Result<()> {
        self.has_ended = true;
        poll_fn(|cx| self.poll_write_all(cx)).await?;
        self.stream.shutdown().await
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.output.has_remaining() {
            return Poll::Ready(Ok(()));
        }
        while self.output.has_remaining() {
            if self.is_killed() {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            let passable = self.passable();
            if passable == 0 {
                self.check_backlog(cx)?;
                self.check_patience(cx)?;
                return Poll::Pending;
            }
            self.patience = None;
            let Poll::Ready(written) = self.poll_write(cx, passable)? else {
                self.check_backlog(cx)?;
                return Poll::Pending;
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.note_written(written as u64);
        }
        self.output.clear();
        self.backlog.clear();
        Poll::Ready(Ok(()))
    }

    /// How many bytes depend on nothing that isn't as safe as the configuration promises. If there are none, the task is woken when there are some.
    #[inline]
    fn passable(&mut self) -> usize {
        let waiting = self.output.remaining();
        self.session.as_mut().map_or(waiting, |session| self.engine.passable(session, waiting))
    }

    fn note_written(&self, bytes: u64) {
        let counters = self.engine.stats().counters(self.worker);
        counters.sent_bytes.add(bytes);
        counters.writes.add(1);
        if let Some(session) = &self.session {
            session.note_sent(bytes);
            if self.output.has_remaining() {
                // Whoever takes a long reply slowly is not idle.
                session.note_active(engine::Clock::now(&SystemClock));
            }
        }
    }

    /// Writes no more than so many bytes. One system call, the plain one where there is nothing to gather: `writev` costs more.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes_max: usize) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        let chunk = self.output.chunk();
        if chunk.len() < self.output.remaining().min(bytes_max) {
            return match bytes_max < self.output.remaining() {
                true => poll_write_buf(stream, cx, &mut (&mut self.output).take(bytes_max)),
                false => poll_write_buf(stream, cx, &mut self.output),
            };
        }
        let written = ready!(stream.poll_write(cx, &chunk[..chunk.len().min(bytes_max)]))?;
        self.output.advance(written);
        Poll::Ready(Ok(written))
    }

    /// An error if the client has left more replies and messages waiting than `client-output-buffer-limit` allows.
    fn check_backlog(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Some(session) = &self.session else { return Ok(()) };
        let client = session.client();
        let waiting = self.output.remaining() + client.message_bytes() as usize;
        let limit = self.engine.output_limit(client);
        if !self.backlog.poll_exceeds(cx, waiting, limit) {
            return Ok(());
        }
        self.engine.stats().counters(self.worker).output_limit_closed.add(1);
        let address = &client.peer.address;
        tracing::warn!(
            "closing {address}: {waiting} bytes of replies wait for it (client-output-buffer-limit)"
        );
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// An error if the client has left, and what it was to hear has waited for the disk for long enough.
    fn check_patience(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if !self.has_ended {
            return Ok(());
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(LEFT_PATIENCE)));
        match patience.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }

    fn has_mail(&self) -> bool {
        self.session.as_ref().is_some_and(Session::has_mail)
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

#[cfg(test)]
mod tests {
    use config::{Config, Origin};
    use engine::{Clock, NoHost, Options};
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};
    use tokio::task::{JoinHandle, LocalSet, spawn_local};
    use tokio::time::timeout;

    use super::*;

    /// An engine whose replies wait for a log that never syncs by itself.
    fn engine() -> Arc<Engine> {
        let engine = Engine::new(Options {
            config: Config::default(),
            handlers: commands::handlers(),
            workers: 1,
            seed: [7; 32],
            now: SystemClock.now(),
            host: Box::new(NoHost),
        });
        engine.set_parameters(&[(b"appendfsync", b"always")], Origin::Client).expect("a policy");
        engine.promise_log(true);
        Arc::new(engine)
    }

    /// A client of it. To be called in a `LocalSet`.
    fn connect(engine: &Arc<Engine>) -> (DuplexStream, JoinHandle<()>) {
        let (client, server) = duplex(1 << 20);
        (client, spawn_local(serve(Arc::clone(engine), 0, Peer::in_process(), server)))
    }

    /// Has a command run that changes something.
    async fn change(engine: &Engine, client: &mut DuplexStream) {
        let before = engine.journal().end();
        client.write_all(b"INCR a\r\n").await.expect("it listens");
        while engine.journal().end() == before {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_without_pause_is_answered() {
        let story = async {
            let engine = engine();
            let (mut client, _served) = connect(&engine);
            let _log = engine.journal().subscribe();
            let mut taken = engine.journal().end();
            for number in 1..100 {
                // Its next command has been run whenever an fsync ends, of what was there when that began.
                change(&engine, &mut client).await;
                engine.note_durable(taken);
                taken = engine.journal().end();
                if number < 3 {
                    continue;
                }
                let reply = format!(":{}\r\n", number - 2);
                let mut heard = vec![0; reply.len()];
                let read = timeout(Duration::from_secs(60), client.read_exact(&mut heard)).await;
                read.unwrap_or_else(|_| panic!("the reply {reply:?} has not left")).expect("it is connected");
                assert_eq!(heard, reply.as_bytes());
            }
        };
        LocalSet::new().run_until(story).await;
    }

    /// Whether the connection of a client that sends this and then leaves is closed in the end.
    async fn is_closed(engine: &Arc<Engine>, request: &[u8], closes: bool) -> bool {
        let (mut client, served) = connect(engine);
        client.write_all(request).await.expect("it listens");
        if closes {
            client.shutdown().await.expect("it is connected");
        }
        timeout(Duration::from_secs(3600), served).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_left_is_not_kept_by_a_log_that_fails() {
        let story = async {
            let engine = engine();
            let _log = engine.journal().subscribe();
            let set = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100000\r\n";
            let much = [&set[..], &[b'x'; 100_000], b"\r\n", &b"GET a\r\n".repeat(10)].concat();
            assert!(is_closed(&engine, b"INCR n\r\n", true).await);
            assert!(is_closed(&engine, b"INCR n\r\nQUIT\r\n", false).await);
            assert!(is_closed(&engine, b"INCR n\r\n*nonsense\r\n", false).await);
            assert!(is_closed(&engine, &much, true).await, "more waits than requests are run for");
            assert!(engine.clients().is_empty());
            assert!(!is_closed(&engine, b"INCR n\r\n", false).await, "who is there may wait");
        };
        LocalSet::new().run_until(story).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_only_stopped_sending_hears_what_is_durable_soon() {
        let story = async {
            let engine = engine();
            let _log = engine.journal().subscribe();
            let (mut client, _served) = connect(&engine);
            change(&engine, &mut client).await;
            client.shutdown().await.expect("it is connected");
            tokio::time::sleep(LEFT_PATIENCE / 2).await;
            engine.note_durable(engine.journal().end());
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).await.expect("it is connected");
            assert_eq!(heard, b":1\r\n");
        };
        LocalSet::new().run_until(story).await;
    }
}
