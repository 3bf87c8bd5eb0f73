//! Code that uses Redis in production, tested without one.
//!
//! Two ways. Code of your own speaks through a small trait: one implementation over the client library, one over kvd, and a test decides what
//! time it is. Code that insists on an address gets one: kvd answers there, in the test's own process.
//!
//! ```text
//! cargo run -p kvd-embed --example test_double                            both ways, without a server
//! cargo run -p kvd-embed --example test_double -- redis://127.0.0.1/      the first way against a real server as well
//! cargo test -p kvd-embed --example test_double                           the same as tests
//! ```

use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use kvd_embed::{Db, Options, TestClock};
use redis::Commands;

type Failure = Box<dyn Error + Send + Sync>;

/// What the code under test needs of a store; no more, so that it is quickly implemented.
trait Store {
    /// Counts one more under `key`, for which a new period of `seconds` begins with the first.
    fn count(&mut self, key: &str, seconds: u32) -> Result<u64, Failure>;
}

/// Production: the client library, over the network.
struct Remote(redis::Connection);

impl Store for Remote {
    fn count(&mut self, key: &str, seconds: u32) -> Result<u64, Failure> {
        let set = redis::cmd("SET").arg(key).arg(0).arg("NX").arg("EX").arg(seconds).to_owned();
        let (count,) = redis::pipe().add_command(set).ignore().incr(key, 1).query(&mut self.0)?;
        Ok(count)
    }
}

/// Tests, or a program that grew out of needing a server: the same commands, in this process.
impl Store for Db {
    fn count(&mut self, key: &str, seconds: u32) -> Result<u64, Failure> {
        let ((), count) =
            self.pipeline().cmd(("SET", key, 0, "NX", "EX", seconds)).cmd(["INCR", key]).query()?;
        Ok(count)
    }
}

/// The code under test: whether `user` may log in once more this minute.
fn may_log_in(store: &mut impl Store, user: &str) -> Result<bool, Failure> {
    Ok(store.count(&format!("logins:{user}"), 60)? <= 3)
}

/// The test of it. Time passes when the test says so.
fn three_logins_a_minute() -> Result<(), Failure> {
    let clock = TestClock::new();
    let mut db = Db::open(Options::default().clock(clock.clone()))?;
    for _ in 0..3 {
        assert!(may_log_in(&mut db, "ada")?);
    }
    assert!(!may_log_in(&mut db, "ada")?);
    assert!(may_log_in(&mut db, "grace")?, "each user has a count of their own");
    clock.advance(Duration::from_secs(61));
    assert!(may_log_in(&mut db, "ada")?, "a new minute has begun");
    Ok(())
}

/// An address at which `db` answers for as long as the process lives.
fn address_of(db: &Db) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let db = db.clone();
    thread::Builder::new().spawn(move || {
        for stream in listener.incoming().flatten() {
            let db = db.clone();
            let client = thread::Builder::new().spawn(move || db.serve(stream));
            drop(client);
        }
    })?;
    Ok(format!("redis://{address}/"))
}

/// The test of code that insists on an address: it has a client library and a connection of its own. Even here the test has the clock, and looks
/// into the database without a connection.
fn code_that_wants_an_address() -> Result<(), Failure> {
    let clock = TestClock::new();
    let db = Db::open(Options::default().clock(clock.clone()))?;
    let mut client = redis::Client::open(address_of(&db)?)?.get_connection()?;
    let _: () = client.set_ex("session:7", "ada", 60)?;
    assert_eq!(db.query::<Option<String>>(["GET", "session:7"])?.as_deref(), Some("ada"));
    clock.advance(Duration::from_secs(61));
    assert_eq!(client.get::<_, Option<String>>("session:7")?, None);

    let mut store = Remote(client);
    for _ in 0..3 {
        assert!(may_log_in(&mut store, "ada")?);
    }
    assert!(!may_log_in(&mut store, "ada")?);
    Ok(())
}

fn main() -> Result<(), Failure> {
    three_logins_a_minute()?;
    code_that_wants_an_address()?;
    println!("both tests passed, without a server");
    if let Some(address) = std::env::args().nth(1) {
        let mut store = Remote(redis::Client::open(address)?.get_connection()?);
        let user = format!("test-{}", std::process::id());
        let logins: Vec<bool> = (0..4).map(|_| may_log_in(&mut store, &user)).collect::<Result<_, _>>()?;
        assert_eq!(logins, [true, true, true, false]);
        println!("and so did the first against a real one");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn three_logins_a_minute() {
        super::three_logins_a_minute().unwrap();
    }

    #[test]
    fn code_that_wants_an_address() {
        super::code_that_wants_an_address().unwrap();
    }
}
