//! What replies become.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kvd_embed::{CommandError, FromReply, Reply};

fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

fn fault<T: FromReply + std::fmt::Debug>(reply: Reply) -> String {
    reply.convert::<T>().unwrap_err().to_string()
}

#[test]
fn integers_come_from_integers_and_their_text() {
    assert_eq!(Reply::Integer(-5).convert(), Ok(-5i64));
    assert_eq!(bulk("-9223372036854775808").convert(), Ok(i64::MIN));
    assert_eq!(bulk("18446744073709551615").convert(), Ok(u64::MAX));
    assert_eq!(Reply::BigNumber(b"255".to_vec()).convert(), Ok(255u8));
    assert_eq!(i16::try_from(Reply::Integer(7)), Ok(7));
    assert_eq!(
        fault::<u64>(Reply::Integer(-1)),
        "expected an integer of 64 bits without sign, found the integer -1"
    );
    assert_eq!(
        fault::<u8>(Reply::Integer(256)),
        "expected an integer of 8 bits without sign, found the integer 256"
    );
    assert_eq!(fault::<i64>(bulk("abc")), "expected an integer of 64 bits, found the string \"abc\"");
    assert_eq!(fault::<i64>(bulk("+5")), "expected an integer of 64 bits, found the string \"+5\"");
    assert_eq!(fault::<i64>(Reply::Null), "expected an integer of 64 bits, found null");
    assert_eq!(fault::<i64>(Reply::Double(1.0)), "expected an integer of 64 bits, found the double 1");
}

#[test]
fn doubles_come_from_numbers_and_their_text() {
    assert_eq!(Reply::Double(0.5).convert(), Ok(0.5));
    assert_eq!(Reply::Integer(3).convert(), Ok(3.0));
    assert_eq!(bulk("-inf").convert(), Ok(f64::NEG_INFINITY));
    assert_eq!(fault::<f64>(bulk("")), "expected a number, found the string \"\"");
}

#[test]
fn booleans_are_not_guessed() {
    assert_eq!(Reply::Boolean(true).convert(), Ok(true));
    assert_eq!(Reply::Integer(0).convert(), Ok(false));
    assert_eq!(fault::<bool>(Reply::Integer(2)), "expected a boolean, 0 or 1, found the integer 2");
    assert_eq!(fault::<bool>(bulk("1")), "expected a boolean, 0 or 1, found the string \"1\"");
}

#[test]
fn texts_come_from_every_kind_of_text() {
    for reply in [bulk("a"), Reply::Simple(b"a".to_vec()), Reply::Verbatim(*b"txt", b"a".to_vec())] {
        assert_eq!(reply.clone().convert(), Ok("a".to_owned()));
        assert_eq!(reply.convert(), Ok(b"a".to_vec()));
    }
    assert_eq!(fault::<String>(Reply::Integer(1)), "expected a string, found the integer 1");
    assert_eq!(
        fault::<String>(Reply::Bulk(b"\xff".to_vec())),
        "expected a string of UTF-8, found the string \"\u{fffd}\""
    );
    let shown = fault::<i64>(bulk(&"x".repeat(1000)));
    assert!(shown.len() < 150 && shown.ends_with("x\"…"), "{shown}");
}

#[test]
fn only_null_is_none() {
    assert_eq!(Reply::Null.convert(), Ok(None::<i64>));
    assert_eq!(Reply::Integer(0).convert(), Ok(Some(0)));
    assert_eq!(bulk("").convert(), Ok(Some(String::new())));
    assert_eq!(Reply::Simple(b"OK".to_vec()).convert(), Ok(Some(())));
    assert!(Reply::Array(vec![]).convert::<Option<i64>>().is_err());
}

#[test]
fn vectors_come_from_arrays_sets_and_maps() {
    let numbers = vec![Reply::Integer(1), bulk("2"), Reply::Null];
    assert_eq!(Reply::Array(numbers.clone()).convert(), Ok(vec![Some(1), Some(2), None]));
    assert_eq!(
        fault::<Vec<i64>>(Reply::Array(numbers)),
        "element 2: expected an integer of 64 bits, found null"
    );
    assert_eq!(Reply::Set(vec![bulk("a")]).convert(), Ok(vec!["a".to_owned()]));
    let map = Reply::Map(vec![(bulk("a"), Reply::Integer(1))]);
    assert_eq!(map.convert(), Ok(vec![("a".to_owned(), 1)]));
    assert_eq!(fault::<Vec<String>>(bulk("a")), "expected an array, found the string \"a\"");
    assert_eq!(
        fault::<Vec<u8>>(Reply::Array(vec![Reply::Integer(1)])),
        "expected a string, found an array of 1"
    );
    let nested = Reply::Array(vec![Reply::Array(vec![bulk("a"), bulk("b")])]);
    assert_eq!(
        fault::<Vec<Vec<i64>>>(nested),
        "element 0: element 0: expected an integer of 64 bits, found the string \"a\""
    );
}

#[test]
fn maps_come_from_maps_and_from_what_stands_for_them() {
    let expected = HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let map = Reply::Map(vec![(bulk("a"), Reply::Integer(1)), (bulk("b"), Reply::Integer(2))]);
    let flat = Reply::Array(vec![bulk("a"), Reply::Integer(1), bulk("b"), Reply::Integer(2)]);
    let pair = |key, value| Reply::Array(vec![bulk(key), Reply::Integer(value)]);
    let pairs = Reply::Array(vec![pair("a", 1), pair("b", 2)]);
    for reply in [map, flat, pairs] {
        assert_eq!(reply.clone().convert(), Ok(expected.clone()));
        assert_eq!(BTreeMap::try_from(reply), Ok(BTreeMap::from_iter(expected.clone())));
    }
    assert_eq!(Reply::Array(vec![]).convert(), Ok(HashMap::<String, i64>::new()));
    assert_eq!(
        fault::<HashMap<String, i64>>(Reply::Array(vec![bulk("a")])),
        "expected a map, found an array of 1"
    );
    let wrong = Reply::Map(vec![(bulk("a"), bulk("x"))]);
    assert_eq!(
        fault::<HashMap<String, i64>>(wrong),
        "the value of the string \"a\": expected an integer of 64 bits, found the string \"x\""
    );
}

#[test]
fn sets_come_from_sets_and_arrays() {
    let elements = vec![bulk("b"), bulk("a"), bulk("b")];
    assert_eq!(Reply::Array(elements.clone()).convert(), Ok(HashSet::from(["a".to_owned(), "b".to_owned()])));
    assert_eq!(Reply::Set(elements).convert(), Ok(BTreeSet::from(["a".to_owned(), "b".to_owned()])));
}

#[test]
fn tuples_are_as_long_as_their_arrays() {
    let reply = Reply::Array(vec![Reply::Integer(7), bulk("a"), Reply::Null]);
    assert_eq!(reply.clone().convert(), Ok((7, "a".to_owned(), None::<i64>)));
    assert_eq!(fault::<(i64, String)>(reply.clone()), "expected an array of 2, found an array of 3");
    assert_eq!(
        fault::<(i64, i64, ())>(reply),
        "element 1: expected an integer of 64 bits, found the string \"a\""
    );
}

#[test]
fn errors_inside_of_replies_can_be_kept() {
    let error = CommandError { code: "ERR".to_owned(), message: "no".to_owned() };
    let reply = Reply::Array(vec![Reply::Integer(1), Reply::Error(error.clone())]);
    assert_eq!(reply.clone().convert(), Ok(vec![Ok(1), Err(error)]));
    assert_eq!(
        fault::<Vec<i64>>(reply),
        "element 1: expected an integer of 64 bits, found the error \"ERR no\""
    );
}

#[test]
fn who_asks_for_nothing_gets_it() {
    assert_eq!(Reply::Map(vec![]).convert(), Ok(()));
    assert_eq!(Reply::Map(vec![]).convert(), Ok(Reply::Map(vec![])));
}
