//! DEBUG DIGEST, DIGEST-VALUE, OBJECT: data as it is stored.

use engine::{CommandError, Ctx};
use keyspace::{DbIndex, Entry, List, Object, Value};
use structures::list::{NodeRef, Quicklist};

use super::digest::Digest;

/// The access clock is shown with as many bits as the peers have.
const CLOCK_BITS: u32 = 24;

/// The longest string that the peers keep in one piece with its object.
const EMBSTR_BYTES_MAX: usize = 44;

pub(super) fn digest(cx: &mut Ctx<'_>) {
    let now = cx.view.now();
    let mut all = Digest::default();
    for db in 0..cx.engine.keyspace().databases() {
        let mut keys = Vec::new();
        for stripe in 0..cx.view.stripes() {
            cx.view.visit(stripe, |stripe| {
                let table = stripe.table(DbIndex(db));
                let entries = table.into_iter().flat_map(|table| table.iter());
                let alive = entries.filter(|entry| !entry.expiry().is_some_and(|at| at.is_due(now)));
                keys.extend(alive.map(|entry| of_key(&entry)));
            });
        }
        if !keys.is_empty() {
            all.mix(&db.to_be_bytes());
        }
        keys.iter().for_each(|key| all.add_digest(key));
    }
    cx.reply.simple(&all.text());
}

fn of_key(entry: &Entry) -> Digest {
    let mut digest = Digest::default();
    digest.mix(entry.key());
    digest.mix_value(entry);
    digest
}

pub(super) fn digest_value(cx: &mut Ctx<'_>) {
    cx.reply.array(cx.args.remaining());
    for name in cx.args.rest() {
        let key = cx.engine.keyspace().key(name);
        let mut digest = Digest::default();
        if let Some(entry) = cx.view.peek(&key) {
            digest.mix_value(&entry);
        }
        cx.reply.simple(&digest.text());
    }
}

/// Without `serializedlength`: that is the length in a dump.
pub(super) fn object(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.engine.keyspace().key(cx.args.word()?);
    if !cx.args.is_empty() && !cx.args.option("FAST") {
        return Err(CommandError::Syntax);
    }
    let (policy, now) = (cx.view.access_policy(), cx.now);
    let listpack_max = cx.engine.settings().list_max_listpack_size();
    let Some(entry) = cx.view.peek(&key) else { return Err(CommandError::NoSuchKey) };
    let text = format!(
        "Value at:{:p} refcount:1 encoding:{} lru:{} lru_seconds_idle:{}{}",
        entry.address(),
        encoding(&entry),
        entry.clock() & ((1 << CLOCK_BITS) - 1),
        policy.idle_seconds(entry.clock(), now).unwrap_or(0),
        match entry.object().as_deref() {
            Some(Object::List(List::Large(list))) => nodes(list, listpack_max),
            _ => String::new(),
        },
    );
    cx.reply.simple(&text);
    Ok(())
}

/// Of what parts a large list consists. None is ever compressed.
fn nodes(list: &Quicklist, listpack_max: i64) -> String {
    let nodes = list.nodes();
    let count = nodes.len();
    let average = list.len() as f64 / count.max(1) as f64;
    let bytes: usize = nodes
        .map(|node| match node {
            NodeRef::Packed(listpack) => listpack.as_bytes().len(),
            NodeRef::Plain(text) => text.len(),
        })
        .sum();
    format!(
        " ql_nodes:{count} ql_avg_node:{average:.2} ql_listpack_max:{listpack_max} ql_compressed:0 ql_uncompressed_size:{bytes}"
    )
}

fn encoding(entry: &Entry) -> &'static str {
    match entry.value() {
        Value::Integer(_) => "int",
        value if entry.is_edited() || value.len() > EMBSTR_BYTES_MAX => "raw",
        Value::Bytes(_) | Value::Shared(_) => "embstr",
        Value::Object => crate::keys::encoding_of(entry),
    }
}
