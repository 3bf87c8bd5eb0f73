//! Transfers between accounts, each a transaction that watches both.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use fastrand::Rng;

use crate::hostile::client::Client;
use crate::wire::Frame;

/// What each account has at first.
const OPENING: i64 = 1000;

/// How much is done, and by how many.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Accounts: few, so that transfers meet.
    pub accounts: usize,
    /// Clients that transfer.
    pub clients: usize,
    /// Transfers that must succeed, all clients together.
    pub transfers: u64,
    /// What the clients choose follows from this.
    pub seed: u64,
}

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Transfers carried out.
    pub transfers: u64,
    /// Transactions that were not, since somebody else had changed an account.
    pub collisions: u64,
    /// How often somebody added up all accounts.
    pub audits: u64,
}

/// Moves money until the plan is fulfilled, while an auditor adds up all accounts time and again.
///
/// # Errors
/// When a connection fails, a reply is no reply to the request, or a sum isn't what it was.
pub fn run(address: SocketAddr, plan: &Plan) -> io::Result<Outcome> {
    let mut opener = Client::connect(address)?;
    for account in 0..plan.accounts {
        expect(&opener.ask(&["SET", &name(account), &OPENING.to_string()])?, &ok())?;
    }
    let is_over = AtomicBool::new(false);
    let mut outcome = Outcome::default();
    let share = plan.transfers.div_ceil(plan.clients as u64);
    thread::scope(|scope| {
        let tellers: Vec<_> = (0..plan.clients)
            .map(|number| scope.spawn(move || transfer(address, plan, share, plan.seed + number as u64)))
            .collect();
        let auditor = scope.spawn(|| audit(address, plan, &is_over));
        let mut first_error = None;
        for teller in tellers {
            match teller.join().unwrap_or_else(|_| Err(io::Error::other("a client panicked"))) {
                Ok((transfers, collisions)) => {
                    outcome.transfers += transfers;
                    outcome.collisions += collisions;
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        is_over.store(true, Relaxed);
        outcome.audits = auditor.join().unwrap_or_else(|_| Err(io::Error::other("the auditor panicked")))?;
        first_error.map_or(Ok(()), Err)
    })?;
    expect_sum(&mut opener, plan)?;
    Ok(outcome)
}

fn transfer(address: SocketAddr, plan: &Plan, share: u64, seed: u64) -> io::Result<(u64, u64)> {
    let mut random = Rng::with_seed(seed);
    let mut client = Client::connect(address)?;
    let (mut done, mut collisions) = (0, 0);
    while done < share {
        let from = random.usize(..plan.accounts);
        let to = (from + random.usize(1..plan.accounts)) % plan.accounts;
        let (from, to) = (name(from), name(to));
        expect(&client.ask(&["WATCH", &from, &to])?, &ok())?;
        let (has, had) = (balance(&mut client, &from)?, balance(&mut client, &to)?);
        let amount = random.i64(0..=has.max(0));
        expect(&client.ask(&["MULTI"])?, &ok())?;
        let queued = Frame::Status(b"QUEUED".to_vec());
        expect(&client.ask(&["SET", &from, &(has - amount).to_string()])?, &queued)?;
        expect(&client.ask(&["SET", &to, &(had + amount).to_string()])?, &queued)?;
        match client.ask(&["EXEC"])? {
            Frame::NilArray => collisions += 1,
            other => {
                expect(&other, &Frame::Array(vec![ok(), ok()]))?;
                done += 1;
            }
        }
    }
    Ok((done, collisions))
}

fn audit(address: SocketAddr, plan: &Plan, is_over: &AtomicBool) -> io::Result<u64> {
    let mut client = Client::connect(address)?;
    let mut audits = 0;
    while !is_over.load(Relaxed) {
        expect_sum(&mut client, plan)?;
        audits += 1;
    }
    Ok(audits)
}

fn expect_sum(client: &mut Client, plan: &Plan) -> io::Result<()> {
    let names: Vec<String> = (0..plan.accounts).map(name).collect();
    let mut request = vec!["MGET"];
    request.extend(names.iter().map(String::as_str));
    let reply = client.ask(&request)?;
    let Frame::Array(balances) = &reply else { return Err(unexpected(&reply)) };
    let sum: i64 = balances.iter().map(number).sum::<io::Result<_>>()?;
    let expected = OPENING * plan.accounts as i64;
    if sum == expected {
        Ok(())
    } else {
        Err(io::Error::other(format!("the accounts hold {sum}, not {expected}")))
    }
}

fn balance(client: &mut Client, account: &str) -> io::Result<i64> {
    number(&client.ask(&["GET", account])?)
}

fn number(frame: &Frame) -> io::Result<i64> {
    match frame {
        Frame::Bulk(text) => {
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or_else(|| unexpected(frame))
        }
        other => Err(unexpected(other)),
    }
}

fn name(account: usize) -> String {
    format!("account:{account}")
}

fn ok() -> Frame {
    Frame::Status(b"OK".to_vec())
}

fn expect(reply: &Frame, expected: &Frame) -> io::Result<()> {
    if reply == expected { Ok(()) } else { Err(unexpected(reply)) }
}

fn unexpected(reply: &Frame) -> io::Error {
    io::Error::other(format!("an unexpected reply: {reply:?}"))
}
