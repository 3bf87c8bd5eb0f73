//! A table against a naive twin: random operations with time going by.

use std::collections::BTreeMap;
use std::sync::Arc;

use kvd_keyspace::{DbIndex, EMBEDDED_BYTES_MAX, Entry, Expiry, Key, Keyspace, NewValue, Table, UnixMillis};
use proptest::prelude::*;

const DB: DbIndex = DbIndex(0);

#[derive(Clone, Debug)]
enum Step {
    Set { key: u8, value: Content, expiry: Lifetime },
    Append { key: u8, bytes: Vec<u8> },
    SetExpiry { key: u8, at: Option<i64> },
    Copy { from: u8, to: u8 },
    Remove { key: u8 },
    Expire { until: i64 },
}

#[derive(Clone, Debug)]
enum Content {
    Integer(i64),
    Bytes(Vec<u8>),
    Shared(usize),
}

#[derive(Clone, Debug)]
enum Lifetime {
    None,
    Keep,
    At(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0u8..40;
    let bytes = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..400),
            prop::collection::vec(any::<u8>(), 4090..4100)
        ]
    };
    let content = prop_oneof![
        any::<i64>().prop_map(Content::Integer),
        bytes().prop_map(Content::Bytes),
        (0..EMBEDDED_BYTES_MAX * 2).prop_map(Content::Shared),
    ];
    let lifetime =
        prop_oneof![Just(Lifetime::None), Just(Lifetime::Keep), (0i64..1000).prop_map(Lifetime::At)];
    prop_oneof![
        5 => (key.clone(), content, lifetime).prop_map(|(key, value, expiry)| Step::Set { key, value, expiry }),
        2 => (key.clone(), bytes()).prop_map(|(key, bytes)| Step::Append { key, bytes }),
        2 => (key.clone(), prop::option::of(0i64..1000)).prop_map(|(key, at)| Step::SetExpiry { key, at }),
        1 => (key.clone(), key.clone()).prop_map(|(from, to)| Step::Copy { from, to }),
        2 => key.prop_map(|key| Step::Remove { key }),
        1 => (0i64..1000).prop_map(|until| Step::Expire { until }),
    ]
}

/// Keys of several lengths: the short form's limit lies between.
fn name(key: u8) -> Vec<u8> {
    let mut name = vec![b'k'; [3, 16, 250, 255, 256, 300][usize::from(key) % 6]];
    name.push(key);
    name
}

type Twin = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

fn apply(table: &mut Table, twin: &mut Twin, keyspace: &Keyspace, step: Step) {
    match step {
        Step::Set { key, value, expiry } => set(table, twin, &keyspace.key(&name(key)), value, expiry),
        Step::Append { key, bytes } => {
            let name = name(key);
            if let Some(mut entry) = table.find_mut(&keyspace.key(&name)) {
                entry.edit(|value| value.extend_from_slice(&bytes));
                assert!(entry.is_edited());
            }
            if let Some((value, _)) = twin.get_mut(&name) {
                value.extend_from_slice(&bytes);
            }
        }
        Step::SetExpiry { key, at } => {
            let name = name(key);
            let had = table.set_expiry(&keyspace.key(&name), at.map(UnixMillis));
            let twin = twin.get_mut(&name).map(|(_, expiry)| std::mem::replace(expiry, at));
            assert_eq!(had, twin.map(|expiry| expiry.map(UnixMillis)));
        }
        Step::Copy { from, to } => {
            let (from, to) = (name(from), name(to));
            let copy = table.find(&keyspace.key(&from)).map(|entry| entry.copy_under(&to, 7));
            if let Some(copy) = copy {
                let _replaced = table.put(&keyspace.key(&to), copy);
                twin.insert(to, twin[&from].clone());
            }
        }
        Step::Remove { key } => {
            let name = name(key);
            let removed = table.remove(&keyspace.key(&name)).map(|entry| entry.value().to_vec());
            assert_eq!(removed, twin.remove(&name).map(|(value, _)| value));
        }
        Step::Expire { until } => {
            let mut last = i64::MIN;
            let mut show = |entry: &Entry| {
                let expiry = entry.expiry().expect("only keys with an expiry are due").0;
                assert!(last <= expiry && expiry < until, "the longest overdue comes first");
                last = expiry;
                assert!(twin.remove(entry.key()).is_some());
            };
            while table.discard_due(UnixMillis(until), &mut show).is_some() {}
            assert!(
                twin.values().all(|(_, expiry)| expiry.is_none_or(|at| at >= until)),
                "everything due is gone"
            );
        }
    }
}

fn set(table: &mut Table, twin: &mut Twin, key: &Key<'_>, value: Content, expiry: Lifetime) {
    let text = match &value {
        Content::Integer(number) => number.to_string().into_bytes(),
        Content::Bytes(bytes) => bytes.clone(),
        Content::Shared(len) => vec![b's'; *len],
    };
    let value = match &value {
        Content::Integer(number) => NewValue::Integer(*number),
        Content::Bytes(bytes) => NewValue::Bytes(bytes),
        Content::Shared(_) => NewValue::Shared(Arc::new(text.clone())),
    };
    let (expiry, at) = match expiry {
        Lifetime::None => (Expiry::None, None),
        Lifetime::Keep => (Expiry::Keep, twin.get(key.bytes()).and_then(|(_, expiry)| *expiry)),
        Lifetime::At(at) => (Expiry::At(UnixMillis(at)), Some(at)),
    };
    let stored = table.set(key, value, expiry, 1);
    assert_eq!(stored.is_new, twin.insert(key.bytes().to_vec(), (text, at)).is_none());
}

fn compare(table: &Table, twin: &Twin, keyspace: &Keyspace) {
    table.check_invariants();
    assert_eq!(table.len(), twin.len());
    for (name, (value, expiry)) in twin {
        let entry = table.find(&keyspace.key(name)).expect("the twin has it");
        assert_eq!(entry.key(), name);
        assert_eq!(*entry.value().text(), **value);
        assert_eq!(entry.expiry().map(|at| at.0), *expiry);
    }
    let next = twin.values().filter_map(|(_, expiry)| *expiry).min();
    assert_eq!(table.next_due().map(|due| due.0), next.map(|at| at + 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_behaves_like_a_map_with_expiries(steps in prop::collection::vec(step(), 1..300)) {
        let keyspace = Keyspace::new(1, 1, dict::HashKey::new([9; 16]));
        let mut locked = keyspace.lock_all();
        let mut twin = Twin::new();
        let table = locked.stripe_mut(0).table_mut(DB);
        for (index, step) in steps.into_iter().enumerate() {
            apply(table, &mut twin, &keyspace, step);
            if index % 20 == 0 {
                compare(table, &twin, &keyspace);
            }
        }
        compare(table, &twin, &keyspace);
    }
}
