//! Any bytes as a value: the first says the type, the second the dialect. Reading never panics; what is read is written and read again the same.

use rdb::dump::{self, Payload};
use rdb::{CopyError, Dialect, RawValue, Scratch, ValueType};

/// Checks one input.
pub fn rdb_dump(data: &[u8]) {
    let _ = Payload::parse(data).map(Payload::value);
    let [number, family, value @ ..] = data else { return };
    let dialect = if family & 1 == 0 { Dialect::Redis(12) } else { Dialect::Valkey(80) };
    let Some(value_type) = ValueType::of_number(*number, dialect) else { return };
    let raw = RawValue::new(value_type, value, 0);
    let passed = raw.decode(&mut Scratch::new()).skip().is_ok();
    let Ok(once) = copy(raw, dialect) else { return };
    assert!(passed, "what is read can be passed over");
    let twice = copy(value_of(&once), dialect).expect("what was written is read");
    let thrice = copy(value_of(&twice), dialect).expect("what was written is read");
    assert!(twice == thrice, "a copy of a copy is another");
}

fn value_of(payload: &[u8]) -> RawValue<'_> {
    Payload::parse(payload).expect("a payload").value().expect("a type of the dialect")
}

fn copy(raw: RawValue<'_>, dialect: Dialect) -> Result<Vec<u8>, CopyError> {
    let mut scratch = Scratch::new();
    let mut decoding = raw.decode(&mut scratch);
    dump::write(dialect, |value| value.copy(decoding.value()?))
}
