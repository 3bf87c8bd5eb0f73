//! Commands that wait, with toys in place of lists: a key holds one string, `RPUSH` puts it there, `BLPOP` takes it away, `BLMOVE` moves it.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use catalog::id;
use config::Config;
use keyspace::{Expiry, Key};
use kvd_engine::{
    AwaitedKind, Clock, CommandError, Ctx, DEL, Effect, Engine, Event, Flow, Handlers, Moment, NoHost,
    Options, Peer, Scope, Serving, Session, View, Waiting, Wake,
};
use resp::{Output, Reply, RequestReader};

const PUT: Event = Event::generic("put");

fn put(view: &mut View<'_>, key: &Key<'_>, value: &[u8]) {
    view.set(key, keyspace::NewValue::Bytes(value), Expiry::None);
    view.record(key, PUT, Effect::Instead(&[b"SET", key.bytes(), value]));
}

fn take(view: &mut View<'_>, key: &Key<'_>) -> Option<Vec<u8>> {
    let value = view.peek(key)?.value().to_vec();
    view.remove(key);
    view.record(key, DEL, Effect::Instead(&[b"DEL", key.bytes()]));
    Some(value)
}

fn rpush(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let value = cx.args.word()?;
    put(&mut cx.view, &key, value);
    cx.reply.ok();
    Ok(())
}

struct Pop;

impl Waiting for Pop {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::List
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        let Some(value) = take(serving.view, key) else { return Ok(false) };
        serving.reply.bulk(&value);
        Ok(true)
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null_array();
    }
}

fn blpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mut keys = Vec::new();
    while cx.args.remaining() > 1 {
        keys.push(cx.args.key()?);
    }
    let until = until(cx)?;
    for key in &keys {
        if let Some(value) = take(&mut cx.view, key) {
            cx.reply.bulk(&value);
            return Ok(());
        }
    }
    cx.wait(&keys, until, Box::new(Pop));
    Ok(())
}

fn until(cx: &mut Ctx<'_>) -> Result<Option<Moment>, CommandError> {
    let seconds = cx.args.integer()? as u64;
    Ok((seconds > 0).then(|| Moment::from_unix_nanos(cx.now.unix_nanos() + seconds * 1_000_000_000)))
}

struct Move {
    to: Box<[u8]>,
}

impl Waiting for Move {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::List
    }

    fn also_touches(&self) -> &[Box<[u8]>] {
        std::slice::from_ref(&self.to)
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        let Some(value) = take(serving.view, key) else { return Ok(false) };
        let to = serving.engine.keyspace().key(&self.to);
        put(serving.view, &to, &value);
        serving.reply.bulk(&value);
        Ok(true)
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null();
    }
}

fn blmove(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let from = cx.args.key()?;
    let to = cx.args.key()?;
    cx.args.word()?;
    cx.args.word()?;
    let until = until(cx)?;
    cx.wait(&[from], until, Box::new(Move { to: to.bytes().into() }));
    Ok(())
}

fn get(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    match cx.view.read(&key) {
        Some(entry) => cx.reply.bulk(&entry.value().to_vec()),
        None => cx.reply.null(),
    }
    Ok(())
}

struct Toys {
    engine: Arc<Engine>,
    now_ms: Cell<u64>,
}

impl Clock for Toys {
    fn now(&self) -> Moment {
        Moment::from_unix_millis(self.now_ms.get())
    }
}

fn engine(workers: usize) -> Arc<Engine> {
    let mut handlers = Handlers::default();
    handlers
        .add(id::RPUSH, Scope::Key, rpush)
        .add(id::BLPOP, Scope::Keys, blpop)
        .add(id::BLMOVE, Scope::Keys, blmove)
        .add(id::GET, Scope::Key, get);
    Arc::new(Engine::new(Options {
        config: Config::default(),
        handlers,
        workers,
        seed: [3; 32],
        now: Moment::from_unix_millis(1_800_000_000_000),
        host: Box::new(NoHost),
    }))
}

impl Toys {
    fn new() -> Self {
        Self { engine: engine(1), now_ms: Cell::new(1_800_000_000_000) }
    }

    fn client(&self) -> Client<'_> {
        let woken = Arc::new(Woken::default());
        let session = self
            .engine
            .open(0, &Peer::in_process(), self.now(), Arc::clone(&woken) as Arc<dyn Wake>)
            .expect("room");
        Client {
            toys: self,
            session: Some(session),
            input: RequestReader::new(),
            output: Output::new(),
            woken,
        }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(&self) {
        self.0.store(true, Relaxed);
    }
}

struct Client<'t> {
    toys: &'t Toys,
    session: Option<Session>,
    input: RequestReader,
    output: Output,
    woken: Arc<Woken>,
}

impl Client<'_> {
    fn send(&mut self, requests: &str) -> Flow {
        self.input.feed(requests.replace(';', "\n").as_bytes());
        self.input.feed(b"\n");
        self.serve()
    }

    fn serve(&mut self) -> Flow {
        let session = self.session.as_mut().expect("it has not gone");
        self.toys.engine.serve(session, &mut self.input, self.toys, &mut self.output)
    }

    fn replies(&mut self) -> String {
        let replies = String::from_utf8(self.output.to_vec()).expect("text").replace("\r\n", " ");
        self.output.clear();
        replies
    }

    fn run(&mut self, requests: &str) -> String {
        self.send(requests);
        self.replies()
    }

    /// What it has got after being woken; nothing if it was not.
    fn woken(&mut self) -> String {
        if !self.woken.0.swap(false, Relaxed) {
            return String::new();
        }
        self.serve();
        self.replies()
    }

    fn leave(mut self) {
        self.toys.engine.close(self.session.take().expect("it has not gone"));
    }
}

#[test]
fn who_waits_gets_what_comes_and_the_pipeline_goes_on() {
    let toys = Toys::new();
    let (mut waiter, mut pusher) = (toys.client(), toys.client());
    assert_eq!(waiter.send("GET a;BLPOP a b 0;GET a;RPUSH c 3"), Flow::Wait);
    assert_eq!(waiter.replies(), "$-1 ");
    assert_eq!(toys.engine.blocked_clients(), 1);
    assert_eq!(waiter.woken(), "");
    assert_eq!(pusher.run("RPUSH b 1;GET b"), "+OK $-1 ", "it is gone before the next command");
    assert_eq!(toys.engine.blocked_clients(), 0);
    assert_eq!(waiter.woken(), "$1 1 $-1 +OK ");
    assert_eq!(pusher.run("RPUSH a 2;GET a;GET c"), "+OK $1 2 $1 3 ", "nobody waits any more");
}

#[test]
fn first_come_first_served() {
    let toys = Toys::new();
    let mut pusher = toys.client();
    let mut waiters: Vec<_> = (0..100).map(|_| toys.client()).collect();
    for waiter in &mut waiters {
        assert_eq!(waiter.send("BLPOP a 0"), Flow::Wait);
    }
    pusher.run(&(0..100).map(|n| format!("RPUSH a {n:03}")).collect::<Vec<_>>().join(";"));
    for (number, waiter) in waiters.iter_mut().enumerate() {
        assert_eq!(waiter.woken(), format!("$3 {number:03} "));
    }
}

#[test]
fn a_wait_ends_when_its_time_is_up() {
    let toys = Toys::new();
    let (mut waiter, mut pusher) = (toys.client(), toys.client());
    assert_eq!(waiter.send("BLPOP a 2;GET a"), Flow::Wait);
    let until = waiter.session.as_ref().and_then(Session::waits_until);
    assert_eq!(until, Some(Some(Moment::from_unix_millis(1_800_000_002_000))));
    toys.now_ms.set(1_800_000_001_999);
    assert_eq!(waiter.serve(), Flow::Wait);
    toys.now_ms.set(1_800_000_002_000);
    assert_eq!(waiter.serve(), Flow::More);
    assert_eq!(waiter.replies(), "*-1 $-1 ");
    assert_eq!(pusher.run("RPUSH a 1;GET a"), "+OK $1 1 ");
}

#[test]
fn a_client_that_has_gone_gets_nothing() {
    let toys = Toys::new();
    let (mut gone, mut next, mut pusher) = (toys.client(), toys.client(), toys.client());
    gone.send("BLPOP a b 0");
    next.send("BLPOP a 0");
    gone.leave();
    assert_eq!(pusher.run("RPUSH a 1;RPUSH b 2;GET b"), "+OK +OK $1 2 ");
    assert_eq!(next.woken(), "$1 1 ");
}

#[test]
fn others_can_end_a_wait() {
    let toys = Toys::new();
    let mut waiter = toys.client();
    let number = waiter.session.as_ref().expect("there").client().id;
    assert!(!toys.engine.unblock(number, false), "it doesn't wait");
    waiter.send("BLPOP a 0");
    assert!(toys.engine.unblock(number, false));
    assert!(!toys.engine.unblock(number, true), "once");
    assert_eq!(waiter.woken(), "*-1 ");
    waiter.send("BLPOP a 0");
    assert!(toys.engine.unblock(number, true));
    assert_eq!(waiter.woken(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK ");
    assert!(!toys.engine.unblock(12345, false));
}

#[test]
fn what_a_served_command_changes_serves_others() {
    let toys = Toys::new();
    let mut movers: Vec<_> = (0..20).map(|_| toys.client()).collect();
    for (number, mover) in movers.iter_mut().enumerate() {
        assert_eq!(mover.send(&format!("BLMOVE k{number} k{} LEFT RIGHT 0", number + 1)), Flow::Wait);
    }
    let mut pusher = toys.client();
    assert_eq!(pusher.run("RPUSH k0 v;GET k0;GET k20"), "+OK $-1 $1 v ");
    for mover in &mut movers {
        assert_eq!(mover.woken(), "$1 v ");
    }
}

#[test]
fn replies_that_nobody_wants_are_left_out() {
    let toys = Toys::new();
    let (mut waiter, mut pusher) = (toys.client(), toys.client());
    let session = waiter.session.as_mut().expect("there");
    session.set_reply_mode(kvd_engine::ReplyMode::Off);
    waiter.send("BLPOP a 0");
    pusher.run("RPUSH a 1");
    assert_eq!(waiter.woken(), "");
    assert_eq!(pusher.run("GET a"), "$-1 ");
}

/// Threads push and take at a few keys at once: everything that was pushed is taken exactly once.
#[test]
fn nothing_is_lost_or_taken_twice_between_threads() {
    const ROUNDS: u64 = 2000;
    let engine = engine(4);
    let now = Moment::from_unix_millis(1_800_000_000_000);
    let run = |session: &mut Session, line: &str| {
        let (mut input, mut output) = (RequestReader::new(), Output::new());
        input.feed(format!("{line}\n").as_bytes());
        while engine.serve(session, &mut input, &now, &mut output) == Flow::Wait {
            std::thread::yield_now();
        }
        String::from_utf8(output.to_vec()).expect("text")
    };
    let open = |worker: usize| engine.open(worker, &Peer::in_process(), now, Arc::new(())).expect("room");
    let taken: Vec<u64> = std::thread::scope(|scope| {
        for pusher in 0..2 {
            let (run, open) = (&run, &open);
            scope.spawn(move || {
                let mut session = open(pusher);
                for round in 0..ROUNDS {
                    let number = round * 2 + pusher as u64;
                    // A key holds one value only and has one pusher, who waits until the last one was taken.
                    let key = pusher as u64 * 4 + round % 4;
                    while run(&mut session, &format!("GET k{key}")) != "$-1\r\n" {
                        std::thread::yield_now();
                    }
                    run(&mut session, &format!("RPUSH k{key} {number:06}"));
                }
            });
        }
        let takers: Vec<_> = (2..4)
            .map(|worker| {
                let (run, open) = (&run, &open);
                scope.spawn(move || {
                    let mut session = open(worker);
                    let take = |_| run(&mut session, "BLPOP k0 k1 k2 k3 k4 k5 k6 k7 0");
                    let replies: Vec<String> = (0..ROUNDS).map(take).collect();
                    replies
                })
            })
            .collect();
        takers
            .into_iter()
            .flat_map(|taker| taker.join().expect("no panic"))
            .map(|reply| reply.split("\r\n").nth(1).expect("a value").parse().expect("a number"))
            .collect()
    });
    let mut taken = taken;
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len() as u64, ROUNDS * 2);
}
