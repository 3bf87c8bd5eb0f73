//! A table with hashes whose fields expire, against a naive twin.

use std::collections::BTreeMap;

use kvd_keyspace::{
    DbIndex, Entry, Expiry, FieldsExpired, Hash, Key, Keyspace, NewValue, Object, Table, UnixMillis,
};
use proptest::prelude::*;
use structures::hash::{Lifetime, Limits};

const DB: DbIndex = DbIndex(0);

#[derive(Clone, Debug)]
enum Step {
    SetField { key: u8, field: u8, expiry: Option<i64> },
    RemoveField { key: u8, field: u8 },
    SetString { key: u8 },
    SetExpiry { key: u8, at: Option<i64> },
    Copy { from: u8, to: u8 },
    Remove { key: u8 },
    ExpireFields { until: i64, fields_max: usize },
    ExpireKeys { until: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (key, at) = (0u8..12, 1i64..500);
    prop_oneof![
        8 => (key.clone(), 0u8..30, prop::option::of(at.clone())).prop_map(|(key, field, expiry)| Step::SetField { key, field, expiry }),
        2 => (key.clone(), 0u8..30).prop_map(|(key, field)| Step::RemoveField { key, field }),
        1 => key.clone().prop_map(|key| Step::SetString { key }),
        1 => (key.clone(), prop::option::of(at.clone())).prop_map(|(key, at)| Step::SetExpiry { key, at }),
        1 => (key.clone(), key.clone()).prop_map(|(from, to)| Step::Copy { from, to }),
        1 => key.prop_map(|key| Step::Remove { key }),
        1 => (at.clone(), 1usize..5).prop_map(|(until, fields_max)| Step::ExpireFields { until, fields_max }),
        1 => at.prop_map(|until| Step::ExpireKeys { until }),
    ]
}

/// A value of the twin: the fields, none of a string, with their expiries, and the expiry of the key.
type Value = (Option<BTreeMap<u8, Option<i64>>>, Option<i64>);
type Twin = BTreeMap<u8, Value>;

fn limits() -> Limits {
    Limits { fields_max: 8, bytes_max: 64, hash_key: structures::HashKey::new([1; 16]) }
}

fn apply(table: &mut Table, twin: &mut Twin, keyspace: &Keyspace, step: Step) {
    let with_key = |key: u8, table: &mut Table, work: &mut dyn FnMut(&mut Table, &Key<'_>)| {
        work(table, &keyspace.key(&[key]));
    };
    match step {
        Step::SetField { key, field, expiry } => with_key(key, table, &mut |table, name| {
            if table.find(name).is_none() {
                let empty = NewValue::Object(Object::Hash(Hash::default()));
                let _stored = table.set(name, empty, Expiry::None, 0);
                twin.insert(key, (Some(BTreeMap::new()), None));
            }
            if let Some(Some(mut hash)) = table.find_collection_mut::<Hash>(name, |_| ()) {
                hash.set(&[field], b"value", expiry.map_or(Lifetime::Forever, Lifetime::Until), &limits());
            }
            if let Some((Some(fields), _)) = twin.get_mut(&key) {
                fields.insert(field, expiry);
            }
        }),
        Step::RemoveField { key, field } => with_key(key, table, &mut |table, name| {
            if let Some(Some(mut hash)) = table.find_collection_mut::<Hash>(name, |_| ()) {
                hash.remove(&[field]);
            }
            if let Some((Some(fields), _)) = twin.get_mut(&key) {
                fields.remove(&field);
            }
        }),
        Step::SetString { key } => with_key(key, table, &mut |table, name| {
            let _stored = table.set(name, NewValue::Integer(7), Expiry::Keep, 0);
            let expiry = twin.get(&key).and_then(|(_, expiry)| *expiry);
            twin.insert(key, (None, expiry));
        }),
        Step::SetExpiry { key, at } => with_key(key, table, &mut |table, name| {
            table.set_expiry(name, at.map(UnixMillis));
            if let Some((_, expiry)) = twin.get_mut(&key) {
                *expiry = at;
            }
        }),
        Step::Copy { from, to } => {
            let copy = table.find(&keyspace.key(&[from])).map(|entry| entry.copy_under(&[to], 0));
            if let Some(copy) = copy {
                table.put(&keyspace.key(&[to]), copy);
                twin.insert(to, twin[&from].clone());
            }
        }
        Step::Remove { key } => {
            assert_eq!(table.remove(&keyspace.key(&[key])).is_some(), twin.remove(&key).is_some());
        }
        Step::ExpireFields { until, fields_max } => expire_fields(table, twin, keyspace, until, fields_max),
        Step::ExpireKeys { until } => {
            let mut show = |entry: &Entry| drop(twin.remove(&entry.key()[0]).expect("the twin has it"));
            while table.discard_due(UnixMillis(until), &mut show).is_some() {}
            twin.values().for_each(|(_, expiry)| assert!(expiry.is_none_or(|at| at >= until)));
        }
    }
}

fn expire_fields(table: &mut Table, twin: &mut Twin, keyspace: &Keyspace, until: i64, fields_max: usize) {
    while let Some(name) = table.first_with_due_fields(UnixMillis(until)) {
        let (Some(fields), _) = twin.get_mut(&name[0]).expect("the twin has it") else {
            panic!("a string has no fields")
        };
        let mut gone = Vec::new();
        let outcome = table
            .expire_fields(&keyspace.key(&name), UnixMillis(until), fields_max, |field| gone.push(field[0]));
        match outcome {
            FieldsExpired::None => panic!("fields are due"),
            FieldsExpired::Some => {
                assert!((1..=fields_max).contains(&gone.len()));
                for field in gone {
                    assert!(fields.remove(&field).expect("it was there").is_some_and(|at| at < until));
                }
                assert!(!fields.is_empty(), "otherwise the key is gone");
            }
            FieldsExpired::All(count, _discarded) => {
                assert_eq!(count, fields.len());
                assert!(fields.values().all(|expiry| expiry.is_some_and(|at| at < until)));
                twin.remove(&name[0]);
            }
        }
    }
    let fields = twin.values().filter_map(|(fields, _)| fields.as_ref()).flat_map(BTreeMap::values);
    fields.for_each(|expiry| assert!(expiry.is_none_or(|at| at >= until)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_table_knows_when_the_next_field_is_due(steps in prop::collection::vec(step(), 1..300)) {
        let keyspace = Keyspace::new(1, 1, dict::HashKey::new([9; 16]));
        let mut locked = keyspace.lock_all();
        let mut twin = Twin::new();
        let table = locked.stripe_mut(0).table_mut(DB);
        for step in steps {
            apply(table, &mut twin, &keyspace, step);
            table.check_invariants();
            prop_assert_eq!(table.len(), twin.len());
            let expiries = |value: &Value| -> Vec<i64> {
                let fields = value.0.iter().flat_map(BTreeMap::values).flatten();
                fields.chain(&value.1).copied().collect()
            };
            let next = twin.values().flat_map(expiries).min();
            prop_assert_eq!(table.next_due(), next.map(|at| UnixMillis(at + 1)));
            let with_fields = twin.values().filter(|(fields, _)| {
                fields.iter().flat_map(BTreeMap::values).any(Option::is_some)
            });
            prop_assert_eq!(table.subexpiring(), with_fields.count());
        }
    }
}
