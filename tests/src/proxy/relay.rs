//! One connection through the proxy: a thread for each direction.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use socket2::SockRef;

use super::plan::{Direction, Ending, Plan, Step};

/// How often a direction that waits for bytes looks whether the connection has ended; and how long a merge waits for more.
const LOOK: Duration = Duration::from_millis(2);
const READ_BYTES: usize = 64 * 1024;

/// Both ends of a connection. They are closed when the last direction lets go of this.
pub(super) struct Relay {
    client: TcpStream,
    server: TcpStream,
    has_ended: AtomicBool,
}

/// Nothing more passes in this direction.
struct Ended;

impl Relay {
    pub(super) fn new(client: TcpStream, server: TcpStream) -> io::Result<Self> {
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(LOOK))?;
            // A side that never reads must not keep a thread of ours for ever.
            stream.set_write_timeout(Some(Duration::from_secs(30)))?;
        }
        Ok(Self { client, server, has_ended: AtomicBool::new(false) })
    }

    /// Closes both ends as soon as both directions notice.
    pub(super) fn end(&self) {
        self.has_ended.store(true, Relaxed);
    }

    /// Passes bytes on in one direction until it ends.
    pub(super) fn pass(&self, direction: Direction, plan: Plan) {
        let (from, to) = match direction {
            Direction::Request => (&self.client, &self.server),
            Direction::Reply => (&self.server, &self.client),
        };
        let mut pump = Pump { relay: self, from, to, buffer: Vec::new(), sent: 0, plan };
        while pump.step().is_ok() {}
        if !self.has_ended.load(Relaxed) {
            // The other side learns that nothing more comes; it may be gone already.
            let _ = to.shutdown(Shutdown::Write);
        }
    }

    fn end_by(&self, ending: Ending) {
        match ending {
            Ending::HalfClose => return,
            Ending::Close => {}
            Ending::Reset => {
                for stream in [&self.client, &self.server] {
                    // Closing a socket that doesn't linger resets the connection. One that is gone needs no reset.
                    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                }
            }
        }
        self.end();
    }
}

struct Pump<'r> {
    relay: &'r Relay,
    from: &'r TcpStream,
    to: &'r TcpStream,
    /// Received; the first `sent` bytes of it are passed on.
    buffer: Vec<u8>,
    sent: usize,
    plan: Plan,
}

impl Pump<'_> {
    fn step(&mut self) -> Result<(), Ended> {
        match self.plan.next_step() {
            Step::Pause(time) => {
                std::thread::sleep(time);
                Ok(())
            }
            Step::End(ending) => {
                self.relay.end_by(ending);
                Err(Ended)
            }
            Step::Pass(bytes) => {
                self.wait()?;
                self.send(bytes)
            }
            Step::Merge(bytes) => {
                self.wait()?;
                while self.waiting() < bytes && self.receive()? > 0 {}
                self.send(bytes)
            }
        }
    }

    fn waiting(&self) -> usize {
        self.buffer.len() - self.sent
    }

    /// Waits until there is something to pass on.
    fn wait(&mut self) -> Result<(), Ended> {
        while self.waiting() == 0 {
            self.buffer.clear();
            self.sent = 0;
            self.receive()?;
        }
        Ok(())
    }

    /// Receives what is there, 0 bytes if there is nothing for a while.
    fn receive(&mut self) -> Result<usize, Ended> {
        if self.relay.has_ended.load(Relaxed) {
            return Err(Ended);
        }
        let mut chunk = [0; READ_BYTES];
        match self.from.read(&mut chunk) {
            Ok(0) if self.waiting() == 0 => Err(Ended),
            Ok(count) => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(count)
            }
            Err(error) if is_silence(&error) => Ok(0),
            Err(_) => Err(self.fail()),
        }
    }

    fn send(&mut self, bytes: usize) -> Result<(), Ended> {
        let end = self.sent + bytes.min(self.waiting());
        if let Err(error) = self.to.write_all(&self.buffer[self.sent..end]) {
            // What a side that closes has said before still reaches the other; one that stopped reading is given up.
            return Err(if is_silence(&error) { self.fail() } else { Ended });
        }
        let bytes = end - self.sent;
        self.sent = end;
        self.plan.passed(bytes);
        Ok(())
    }

    /// A connection that one side has reset is reset on the other side too.
    fn fail(&self) -> Ended {
        self.relay.end_by(Ending::Reset);
        Ended
    }
}

fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
