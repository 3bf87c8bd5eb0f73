//! What a batch of requests is going to do, found out before anything is locked.

use catalog::{CommandId, id};
use keyspace::Keyspace;
use resp::{Request, RequestReader};

use crate::handlers::{Built, Handlers, Scope};
use crate::names::Naming;

/// A key among the words of a request.
#[derive(Copy, Clone, Debug)]
pub(crate) struct PlannedKey {
    pub(crate) word: u32,
    pub(crate) hash: u64,
}

/// One request of the batch.
#[derive(Copy, Clone)]
pub(crate) struct Step {
    /// The command, or `None` when the words don't name one (why is found out again when it is replied to).
    pub(crate) command: Option<CommandId>,
    /// How to run it, if it is built.
    pub(crate) built: Option<Built>,
    first_key: u32,
    end_key: u32,
}

impl Step {
    /// Whether it may run together with its neighbours.
    pub(crate) fn shares_locks(&self) -> bool {
        self.built.is_some_and(|built| built.scope == Scope::Key)
    }

    /// Whether its reply may tell of data. `INFO` and its like tell of the server, also and above all while the log can't be written. `EXEC` knows
    /// by itself whether it did anything.
    #[inline]
    pub(crate) fn shows_data(&self) -> bool {
        let tells_of_server = matches!(self.command, Some(id::INFO | id::MEMORY_DOCTOR | id::MEMORY_STATS));
        self.built.is_some_and(|built| built.scope != Scope::Session) && !tells_of_server
    }

    pub(crate) fn keys(&self) -> usize {
        (self.end_key - self.first_key) as usize
    }
}

/// The plan of a batch. Its buffers are kept from one batch to the next.
#[derive(Default)]
pub(crate) struct Plan {
    steps: Vec<Step>,
    keys: Vec<PlannedKey>,
    /// Bytes of all requests.
    bytes: usize,
    /// Steps that have been run.
    done: usize,
}

impl Plan {
    /// Plans every request in `input`; they are of so many bytes.
    pub(crate) fn make(
        &mut self,
        input: &RequestReader,
        bytes: usize,
        (handlers, naming): (&Handlers, Naming),
        keyspace: &Keyspace,
    ) {
        self.clear();
        self.bytes = bytes;
        let mut last = Resolved::nothing();
        for index in 0..input.len() {
            let request = input.request(index);
            let first_key = self.keys.len() as u32;
            if !last.applies_to(request) {
                last = Resolved::new(request, handlers, naming);
            }
            let Resolved { command, built, .. } = last;
            let built = built.map(|built| built.for_request(request));
            // Whatever is locked: keys are also remembered for clients that cache, and measured.
            if let (Some(command), Some(_)) = (command, built) {
                self.add_keys(command, request, keyspace);
            }
            self.steps.push(Step { command, built, first_key, end_key: self.keys.len() as u32 });
        }
    }

    fn add_keys(&mut self, command: CommandId, request: Request<'_>, keyspace: &Keyspace) {
        // Words that can't be read as keys (a number of keys that is none) are the handler's to complain about, before it
        // touches any.
        let _unreadable = catalog::for_each_key(command, &Words(request), |word| {
            let hash = keyspace.key(request.word(word)).hash();
            self.keys.push(PlannedKey { word: word as u32, hash });
        });
    }

    /// Adds a step of another plan, with its keys.
    pub(crate) fn add(&mut self, step: &Step, keys: &[PlannedKey]) {
        let first_key = self.keys.len() as u32;
        self.keys.extend_from_slice(keys);
        self.steps.push(Step { first_key, end_key: self.keys.len() as u32, ..*step });
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Bytes of all requests: none of them has more.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    /// Bytes of its steps and keys.
    pub(crate) fn table_bytes(&self) -> usize {
        size_of_val(&*self.steps) + size_of_val(&*self.keys)
    }

    /// Bytes reserved for them.
    pub(crate) fn capacity(&self) -> usize {
        self.steps.capacity() * size_of::<Step>() + self.keys.capacity() * size_of::<PlannedKey>()
    }

    /// Which step is to be run next.
    pub(crate) fn next(&self) -> usize {
        self.done
    }

    /// The next `count` steps have been run.
    pub(crate) fn advance(&mut self, count: usize) {
        self.done += count;
    }

    /// Whether every step has been run.
    pub(crate) fn is_done(&self) -> bool {
        self.done == self.steps.len()
    }

    fn clear(&mut self) {
        self.steps.clear();
        self.keys.clear();
        self.bytes = 0;
        self.done = 0;
    }

    /// The keys of one step.
    pub(crate) fn keys_of(&self, step: &Step) -> &[PlannedKey] {
        &self.keys[step.first_key as usize..step.end_key as usize]
    }

    /// The keys of neighbouring steps.
    pub(crate) fn keys_of_all(&self, steps: &[Step]) -> &[PlannedKey] {
        match (steps.first(), steps.last()) {
            (Some(first), Some(last)) => &self.keys[first.first_key as usize..last.end_key as usize],
            _ => &[],
        }
    }

    /// Has a step look like one that no function carries out.
    pub(crate) fn forget_handler(&mut self, index: usize) {
        if let Some(step) = self.steps.get_mut(index) {
            step.built = None;
        }
    }

    /// Gives back what an unusually large batch made the buffers grow to. Only when every step has been run.
    pub(crate) fn trim(&mut self, kept: usize) {
        self.clear();
        self.steps.shrink_to(kept);
        self.keys.shrink_to(kept);
    }
}

/// What one request's name was found to mean. Pipelines repeat commands: the next one is first compared with the one before.
#[derive(Copy, Clone)]
struct Resolved<'a> {
    /// `None` where the name alone doesn't tell the command.
    name: Option<&'a [u8]>,
    words: usize,
    command: Option<CommandId>,
    built: Option<Built>,
}

impl<'a> Resolved<'a> {
    fn nothing() -> Self {
        Self { name: None, words: 0, command: None, built: None }
    }

    fn new(request: Request<'a>, handlers: &Handlers, naming: Naming) -> Self {
        let command = handlers.resolve_by(naming, &Words(request)).ok();
        let built = command.and_then(|command| handlers.find(command));
        let stands_alone = command.is_some_and(|command| catalog::command(command).container.is_none());
        let name = stands_alone.then(|| request.word(0));
        Self { name, words: request.len(), command, built }
    }

    #[inline]
    fn applies_to(&self, request: Request<'_>) -> bool {
        request.len() == self.words && Some(request.word(0)) == self.name
    }
}

/// A request as the catalog reads it.
pub(crate) struct Words<'a>(pub(crate) Request<'a>);

impl catalog::Words for Words<'_> {
    #[inline]
    fn count(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn word(&self, index: usize) -> Option<&[u8]> {
        self.0.get(index)
    }
}
