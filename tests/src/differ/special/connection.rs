//! Connections: names and passwords that exist, and no way to cut off the connection that asks.

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("auth", "username", user),
    ("hello", "username", user),
    ("hello", "clientname", name),
    ("client|setname", "connection-name", name),
    ("client|setinfo", "libname", name),
    ("client|setinfo", "libver", name),
    ("client|unblock", "client-id", nobody),
    ("client|list", "client-id", nobody),
    ("client|list", "username", user),
];

pub(super) const REQUESTS: &[(&str, Make)] = &[("client|kill", kill), ("hello", hello)];

fn user(pools: &mut Pools) -> Word {
    pools.pick(&["default", "default", "default", "nobody", ""]).as_bytes().to_vec()
}

fn name(pools: &mut Pools) -> Word {
    if pools.percent(80) {
        pools.pick(&["worker", "a-b_c", "1.2.3", "", "!~"]).as_bytes().to_vec()
    } else {
        pools.text()
    }
}

/// A number that no connection has.
fn nobody(pools: &mut Pools) -> Word {
    pools.pick(&["999999999", "999999999", "9223372036854775807", "0", "-1", "x"]).as_bytes().to_vec()
}

/// Filters that nobody meets.
fn kill(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![b"CLIENT".to_vec(), b"KILL".to_vec()];
    let filters: [(&str, &[&str]); 6] = [
        ("ID", &["999999999", "9223372036854775807", "-1", "x", "0"]),
        ("ADDR", &["1.2.3.4:5", "", "[::1]:0"]),
        ("LADDR", &["1.2.3.4:5"]),
        ("TYPE", &["pubsub", "replica", "master", "nosuch"]),
        ("USER", &["nobody"]),
        ("", &["1.2.3.4:5", "nonsense"]),
    ];
    for _ in 0..pools.rng.usize(1..=2) {
        let (filter, values) = *pools.pick(&filters);
        let value = *pools.pick(values);
        if filter.is_empty() {
            words.push(value.as_bytes().to_vec());
            break;
        }
        words.extend([pools.spelt(filter), value.as_bytes().to_vec()]);
    }
    words
}

fn hello(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("HELLO")];
    if pools.percent(90) {
        words.push(pools.pick(&["2", "3", "3", "2", "1", "4", "x", "", "03"]).as_bytes().to_vec());
        if pools.percent(30) {
            let password = pools.text();
            words.extend([pools.spelt("AUTH"), user(pools), password]);
        }
        if pools.percent(30) {
            words.extend([pools.spelt("SETNAME"), name(pools)]);
        }
    }
    words
}
