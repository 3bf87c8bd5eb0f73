//! A TLS connection: made on the thread of handshakes, served on a worker.

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;

use super::socket::Socket;

/// How long a client may take to let the server close in good order.
const CLOSE_MAX: Duration = Duration::from_secs(10);

/// A connection whose handshake is done, between two threads: no runtime watches its socket.
pub(crate) struct Established {
    stream: TlsStream<Socket>,
    socket: std::net::TcpStream,
}

impl Established {
    /// Takes a connection out of this thread's runtime.
    pub(super) fn leave(mut stream: TlsStream<Socket>) -> io::Result<Self> {
        let socket = stream.get_mut().0.take()?;
        Ok(Self { stream, socket })
    }

    /// Puts it into this thread's runtime.
    pub(crate) fn arrive(self) -> io::Result<Connection> {
        let Self { mut stream, socket } = self;
        stream.get_mut().0.put(socket)?;
        Ok(Connection { stream, closing: None })
    }
}

/// A connection as its worker reads and writes it.
///
/// Three things are done for whoever uses it like a plain socket:
/// - Records that the socket had no room for stay in rustls; reading sends them on, so nobody has to flush.
/// - A client that closes its socket without a closing record has left like any other. Cutting requests short that way gains
///   an attacker nothing: their lengths stand before them.
/// - Whatever way the server ends a connection, the client gets a closing record, if its socket has room for it.
pub(crate) struct Connection {
    stream: TlsStream<Socket>,
    /// Runs from the first attempt to close.
    closing: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.stream.get_ref().1.wants_write()
            && let Poll::Ready(Err(error)) = Pin::new(&mut self.stream).poll_flush(cx)
        {
            return Poll::Ready(Err(error));
        }
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            read => read,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    /// Gathers: rustls fills its records across the slices.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Sends what is left and the closing record. A plain socket's kernel does that on its own time; here a client that reads nothing
    /// would keep the connection forever.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Poll::Ready(closed) = Pin::new(&mut this.stream).poll_shutdown(cx) {
            return Poll::Ready(closed);
        }
        let closing = this.closing.get_or_insert_with(|| Box::pin(tokio::time::sleep(CLOSE_MAX)));
        closing.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let (socket, session) = self.stream.get_mut();
        session.send_close_notify();
        let mut records = Vec::new();
        while session.wants_write() && session.write_tls(&mut records).is_ok() {}
        if !records.is_empty() {
            // Who has gone needs no goodbye.
            let _said = socket.write_now(&records);
        }
    }
}
