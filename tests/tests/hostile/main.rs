//! kvd under attack: clients that never read, never finish, send too much, or come in thousands.
//!
//! Every test is a [`battle::Battle`]: kvd as a process, a bystander that asks all the while and must be answered each time,
//! an attack, and then the questions: how much memory did it take at its worst, what did the attacker get, and is the server
//! whole afterwards? Where the peers do otherwise, a comment says what they do (redis 8.2 and valkey 9.1).

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "clients that are slow take their time")]

mod battle;
mod connections;
mod evicted;
mod limits;
mod listeners;
mod malformed;
mod replies;
mod requests;
