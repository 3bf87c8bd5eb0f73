//! A client at the other end of a stream: the engine as a server without a socket of its own.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use bytes::Buf;
use engine::{Engine, Flow, Moment, Peer, Session};
use resp::{Output, RequestReader};

use crate::bell::Bell;
use crate::core::Core;

/// Bytes taken from the stream at once.
const READ_BYTES: usize = 16 * 1024;

/// Serves until the client leaves, or is sent away.
pub(crate) fn serve(core: &Core, mut stream: impl Read + Write) -> io::Result<()> {
    let lane = core.lanes.assign();
    let bell = Arc::new(Bell::default());
    let waker = Arc::clone(&bell);
    let opened = {
        let _worker = core.lanes.lock(lane);
        core.engine.open(lane, &Peer::in_process(), core.clock.now(), waker)
    };
    let session = match opened {
        Ok(session) => session,
        Err(refused) => return stream.write_all(format!("-{refused}\r\n").as_bytes()),
    };
    let mut client = Client {
        engine: &core.engine,
        session: Some(session),
        input: RequestReader::new(),
        output: Output::new(),
    };
    let mut piece = vec![0; READ_BYTES];
    loop {
        let read = match stream.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => piece.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        client.input.feed(read);
        loop {
            let flow = client.run(core, lane);
            client.answer(&mut stream)?;
            match flow {
                Flow::Flush => {}
                Flow::More => break,
                // What the client sends meanwhile is read afterwards; a stream can't be waited at together with something else.
                Flow::Wait => bell.sleep(client.waits_until(), core.time()),
                Flow::Close => return Ok(()),
            }
        }
    }
}

struct Client<'e> {
    engine: &'e Engine,
    /// There until it is dropped.
    session: Option<Session>,
    input: RequestReader,
    output: Output,
}

impl Client<'_> {
    /// Has the engine run what has come. The lane is held for that only, not while the client is waited for.
    fn run(&mut self, core: &Core, lane: usize) -> Flow {
        let Some(session) = &mut self.session else { return Flow::Close };
        let _worker = core.lanes.lock(lane);
        self.engine.serve(session, &mut self.input, &*core.clock, &mut self.output)
    }

    fn waits_until(&self) -> Option<Moment> {
        self.session.as_ref().and_then(Session::waits_until).flatten()
    }

    fn answer(&mut self, stream: &mut impl Write) -> io::Result<()> {
        while self.output.has_remaining() {
            let written = match stream.write(self.output.chunk()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => written,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.output.advance(written);
            if let Some(session) = &self.session {
                session.note_sent(written as u64);
            }
        }
        stream.flush()
    }
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.engine.close(session);
        }
    }
}
