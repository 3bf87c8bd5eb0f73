//! What a command's function works with.

use catalog::Command;
use resp::Reply;

use crate::args::Args;
use crate::clock::{Clock, Moment};
use crate::condition::Held;
use crate::engine::Engine;
use crate::refusal::Standing;
use crate::session::Session;
use crate::view::View;

/// One command under way: its arguments, the data locked for it, the reply, and whose it is.
///
/// The parts are separate fields so that a value borrowed from the view can be written to the reply.
pub struct Ctx<'a> {
    /// The arguments, behind the command's name.
    pub args: Args<'a>,
    /// Where the reply goes.
    pub reply: Reply<'a>,
    /// The data.
    pub view: View<'a>,
    /// The client's session.
    pub session: &'a mut Session,
    /// The engine, for what concerns the server as a whole.
    pub engine: &'a Engine,
    /// What is being run.
    pub command: &'static Command,
    /// When the command began. Every key is judged by this moment.
    pub now: Moment,
    /// How far its commands are looked at before they run.
    pub(crate) standing: Standing,
    /// `maxmemory` is exceeded and nothing can be evicted: what may need memory is refused.
    pub(crate) is_full: bool,
    /// What holds of the server.
    pub(crate) conditions: Held,
    /// What to ask for the time when a command has others run one by one.
    pub(crate) clock: &'a dyn Clock,
    /// It is one of several that `EXEC` runs.
    pub(crate) is_in_block: bool,
    /// Somebody is shown what it runs.
    pub(crate) is_monitored: bool,
}

impl Ctx<'_> {
    /// Whether the present command is one of several that `EXEC` runs.
    pub fn is_in_block(&self) -> bool {
        self.is_in_block
    }

    /// Brings what others see of this client's replies up to date, for a command that shows it: it is noted after a batch only.
    pub fn note_replies(&mut self) {
        let output = self.reply.output();
        self.session.client.note_replies(output.len() as u64, output.capacity() as u64);
    }
}
