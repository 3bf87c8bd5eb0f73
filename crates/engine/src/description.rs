//! A client's line in `CLIENT LIST` and `ACL LOG`.
//!
//! The fields are those of Redis and Valkey together, in their order. Where kvd is built differently, they say what is closest to their name:
//! `io-thread` is the worker, `rbs` the reply buffer's size, `rbp` the most that ever waited in it, `obl` what waits in it now,
//! `oll` how many messages wait behind it (of channels and the like), `omem` the memory that both take.

use std::fmt::{self, Display};
use std::sync::atomic::Ordering::Relaxed;

use pubsub::Kind;

use crate::client::{Client, Text};
use crate::clock::Moment;

/// Bytes kept of each text that a client told about itself, in a line that is kept.
const TEXT_BYTES_MAX: usize = 128;

/// Appends the line, line break included.
pub fn describe(client: &Client, now: Moment, line: &mut Vec<u8>) {
    write_line(client, now, Fields { line, text_bytes_max: usize::MAX });
}

/// The same for a line that is kept when the client has gone: its texts are cut to a bearable length.
pub(crate) fn describe_briefly(client: &Client, now: Moment, line: &mut Vec<u8>) {
    write_line(client, now, Fields { line, text_bytes_max: TEXT_BYTES_MAX });
}

fn write_line(client: &Client, now: Moment, mut fields: Fields<'_>) {
    identity(&mut fields, client, now);
    state(&mut fields, client);
    buffers(&mut fields, client);
    activity(&mut fields, client);
    fields.line.pop();
    fields.line.push(b'\n');
}

/// Seconds since the client came.
pub fn age_seconds(client: &Client, now: Moment) -> u64 {
    now.nanos_since(client.since) / 1_000_000_000
}

/// Seconds since something last came from the client.
pub fn idle_seconds(client: &Client, now: Moment) -> u64 {
    (now.unix_millis().0 as u64).saturating_sub(client.active_ms.load(Relaxed)) / 1000
}

/// One letter for each thing that is special about the client, `N` for none.
///
/// `O` monitors, `P` listens to channels, `t` tracks keys for its cache, `R` redirects to one that is gone, `B` tracks by prefixes, `U` came through a Unix socket, `x` has a transaction open, `b` waits in a blocking command, `e` is never evicted, `T`
/// leaves the access clock of keys alone.
pub fn flags(client: &Client) -> Vec<u8> {
    let special = [
        (client.is_monitor.load(Relaxed), b'O'),
        (client.is_listening(), b'P'),
        (client.is_tracking(), b't'),
        (client.is_redirect_broken(), b'R'),
        (client.is_broadcast(), b'B'),
        (client.peer.is_unix_socket, b'U'),
        (client.queued.load(Relaxed) >= 0, b'x'),
        (client.is_blocked.load(Relaxed), b'b'),
        (client.is_no_evict.load(Relaxed), b'e'),
        (client.is_no_touch.load(Relaxed), b'T'),
    ];
    let flags: Vec<u8> = special.iter().filter(|(is_set, _)| *is_set).map(|(_, letter)| *letter).collect();
    if flags.is_empty() { vec![b'N'] } else { flags }
}

/// One letter for each thing that the client can do: `r` for `redirect`.
pub fn capabilities(client: &Client) -> &'static [u8] {
    if client.can_redirect.load(Relaxed) { b"r" } else { b"" }
}

fn identity(fields: &mut Fields<'_>, client: &Client, now: Moment) {
    fields.field("id", client.id);
    fields.field("addr", &client.peer.address);
    fields.field("laddr", &client.peer.local_address);
    fields.field("fd", client.peer.descriptor);
    fields.text("name", &client.name);
    fields.field("age", age_seconds(client, now));
    fields.field("idle", idle_seconds(client, now));
}

fn state(fields: &mut Fields<'_>, client: &Client) {
    fields.bytes("flags", &flags(client));
    fields.bytes("capa", capabilities(client));
    fields.field("db", client.db.load(Relaxed));
    fields.field("sub", client.subscriptions(Kind::Channel));
    fields.field("psub", client.subscriptions(Kind::Pattern));
    fields.field("ssub", client.subscriptions(Kind::ShardChannel));
    fields.field("multi", client.queued.load(Relaxed));
    fields.field("watch", client.watched.load(Relaxed));
}

fn buffers(fields: &mut Fields<'_>, client: &Client) {
    let query_bytes = client.query_bytes.load(Relaxed);
    let query_capacity = client.query_capacity.load(Relaxed);
    let reply_bytes = client.reply_bytes.load(Relaxed);
    let reply_capacity = client.reply_capacity.load(Relaxed);
    fields.field("qbuf", query_bytes);
    fields.field("qbuf-free", query_capacity.saturating_sub(query_bytes));
    // The words of a request stay in the query buffer until they have been run.
    fields.field("argv-mem", 0);
    fields.field("multi-mem", client.queued_bytes.load(Relaxed));
    fields.field("rbs", reply_capacity);
    fields.field("rbp", client.reply_bytes_peak.load(Relaxed));
    fields.field("obl", reply_bytes);
    fields.field("oll", client.messages());
    fields.field("omem", if reply_bytes > 0 { reply_capacity } else { 0 } + client.message_bytes());
    fields.field("tot-mem", client.memory_bytes());
    fields.field("events", if reply_bytes > 0 { "rw" } else { "r" });
}

fn activity(fields: &mut Fields<'_>, client: &Client) {
    fields.field("cmd", client.last_command().map_or("NULL", |command| command.name));
    fields.text("user", &client.user);
    fields.field("redir", client.redirect.load(Relaxed));
    fields.field("resp", client.protocol.load(Relaxed));
    fields.text("lib-name", &client.library_name);
    fields.text("lib-ver", &client.library_version);
    fields.field("io-thread", client.worker);
    fields.field("tot-net-in", client.received_bytes.load(Relaxed));
    fields.field("tot-net-out", client.sent_bytes.load(Relaxed));
    fields.field("tot-cmds", client.commands.load(Relaxed));
}

/// Writes `name=value` and a blank.
struct Fields<'l> {
    line: &'l mut Vec<u8>,
    text_bytes_max: usize,
}

impl Fields<'_> {
    fn field(&mut self, name: &str, value: impl Display) {
        fmt::Write::write_fmt(self, format_args!("{name}={value} ")).expect("a Vec takes all text");
    }

    fn text(&mut self, name: &str, text: &Text) {
        let text = text.first(self.text_bytes_max);
        self.bytes(name, &text);
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        for part in [name.as_bytes(), b"=", value, b" "] {
            self.line.extend_from_slice(part);
        }
    }
}

impl fmt::Write for Fields<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.line.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
