//! The values of real servers, recorded by `golden/record.py`: the same commands must lead to the same bytes.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use kvd_listpack::{Dialect, Element, Intset, IntsetRef, Listpack, ListpackRef, Position};

type Words = Vec<Vec<u8>>;

struct Case {
    commands: Vec<Words>,
    /// Redis's value, and Valkey's if it is another.
    values: Vec<Vec<u8>>,
}

fn cases() -> Vec<Case> {
    let table = include_str!("golden/values.txt");
    table.lines().filter(|line| !line.starts_with('#')).map(case).collect()
}

fn case(line: &str) -> Case {
    let (values, commands): (Vec<_>, Vec<_>) = line.split('\t').partition(|part| part.starts_with("= "));
    Case {
        commands: commands.iter().map(|command| command.split(' ').map(word).collect()).collect(),
        values: values.iter().map(|value| value[2..].split(' ').flat_map(hex).collect()).collect(),
    }
}

fn word(text: &str) -> Vec<u8> {
    if text == "\\e" {
        return Vec::new();
    }
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().expect("split gives at least one").as_bytes().to_vec();
    for part in parts {
        let byte = u8::from_str_radix(&part[..2], 16).expect("two hex digits");
        match part[2..].strip_prefix('*') {
            Some(times) => bytes.resize(bytes.len() + times.parse::<usize>().expect("a number"), byte),
            None => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
        }
    }
    bytes
}

fn hex(token: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&token[at..at + 2], 16).expect("two hex digits");
    match token.split_once('*') {
        Some((_, times)) => vec![byte(0); times.parse().expect("a number")],
        None => (0..token.len()).step_by(2).map(byte).collect(),
    }
}

fn elements(words: &[Vec<u8>]) -> Vec<Element<'_>> {
    words.iter().map(|word| Element::Bytes(word)).collect()
}

/// What a server does to a packed list; those that have no place here are not in the table.
fn run(list: &mut Listpack, command: &[Vec<u8>]) {
    let (name, words) = command.split_first().expect("a command has a name");
    match (&name[..], words) {
        (b"RPUSH" | b"SADD", words) => list.append(elements(words)).unwrap(),
        (b"LPUSH", words) => words.iter().for_each(|word| list.push_front(&word[..]).unwrap()),
        (b"LSET", [index, word]) => {
            let index: i64 = std::str::from_utf8(index).unwrap().parse().unwrap();
            let view = list.view();
            let position =
                if index < 0 { view.nth_back((-index - 1) as usize) } else { view.nth(index as usize) };
            list.replace(position.unwrap(), &word[..]).unwrap();
        }
        (b"LINSERT", [side, pivot, word]) => {
            let pivot = list.view().find(pivot, 0).unwrap();
            let before = if side == b"BEFORE" { Some(pivot) } else { list.view().next(pivot) };
            list.insert(before, [Element::Bytes(word)]).unwrap();
        }
        (b"LREM", [_, word]) => {
            if let Some(position) = list.view().find(word, 0) {
                list.delete(position);
            }
        }
        (b"LTRIM", _) => {
            list.delete(list.view().last().unwrap());
        }
        (b"HSET", words) => words.chunks_exact(2).for_each(|pair| hset(list, pair)),
        (b"HDEL", [field]) => {
            if let Some(position) = list.view().find(field, 1) {
                assert_eq!(list.delete_run(position, 2), 2);
            }
        }
        (b"ZADD", words) => words.chunks_exact(2).for_each(|pair| zadd(list, &pair[0], &pair[1])),
        (other, _) => panic!("{}", other.escape_ascii()),
    }
    list.check_invariants();
}

fn hset(list: &mut Listpack, pair: &[Vec<u8>]) {
    match list.view().find(&pair[0], 1) {
        Some(field) => list.replace(list.view().next(field).unwrap(), &pair[1][..]).unwrap(),
        None => list.append(elements(pair)).unwrap(),
    }
}

fn zadd(list: &mut Listpack, score: &[u8], member: &[u8]) {
    let number = |score: &[u8]| -> f64 { std::str::from_utf8(score).unwrap().parse().unwrap() };
    if let Some(old) = list.view().find(member, 1) {
        list.delete_run(old, 2);
    }
    let follows = |list: &Listpack, position: Position| {
        let view = list.view();
        let other = number(&view.at(view.next(position).unwrap()).unwrap().to_vec());
        let tie = other == number(score) && view.at(position).unwrap().cmp_text(member).is_gt();
        other > number(score) || tie
    };
    let mut place = list.view().first();
    while let Some(position) = place.filter(|&position| !follows(list, position)) {
        place = list.view().next(position).and_then(|score| list.view().next(score));
    }
    list.insert(place, [Element::Bytes(member), Element::Bytes(score)]).unwrap();
}

/// The value after a set of integers was changed; a set without integers is no set any more.
fn intset(commands: &[Words]) -> Vec<u8> {
    let mut set = Intset::new();
    for command in commands {
        let value = Element::Bytes(&command[1]).int().expect("an integer");
        match &command[0][..] {
            b"SADD" => drop(set.insert(value).unwrap()),
            _ => drop(set.remove(value)),
        }
        set.check_invariants();
        if set.view().is_empty() {
            set = Intset::new();
        }
    }
    set.into_storage()
}

fn is_intset(case: &Case) -> bool {
    let integer = |word: &Vec<u8>| Element::Bytes(word).int().is_some();
    case.commands.iter().all(|command| matches!(&command[0][..], b"SADD" | b"SREM") && integer(&command[1]))
}

#[test]
fn the_same_commands_lead_to_the_same_bytes() {
    let mut two_values = 0;
    for case in cases() {
        let shown = format!("{:?}", case.commands);
        if is_intset(&case) {
            assert_eq!(intset(&case.commands), case.values[0], "{shown}");
            continue;
        }
        let mut list = Listpack::new();
        case.commands.iter().for_each(|command| run(&mut list, command));
        assert_eq!(list.as_bytes(), case.values[0], "{shown}");
        assert_eq!(list.view().in_dialect(Dialect::Redis), case.values[0], "{shown}");
        let valkey = case.values.last().unwrap();
        assert_eq!(&list.view().in_dialect(Dialect::Valkey)[..], &valkey[..], "{shown}");
        two_values += case.values.len() - 1;
    }
    assert_eq!(two_values, 2, "texts on which Redis and Valkey differ");
}

#[test]
fn values_of_servers_are_valid() {
    for case in cases() {
        for value in &case.values {
            if is_intset(&case) {
                IntsetRef::new(value).unwrap();
                continue;
            }
            let list = ListpackRef::new(value).unwrap();
            let mut back: Vec<_> = list.iter().rev().collect();
            back.reverse();
            assert_eq!(list.iter().collect::<Vec<_>>(), back);
            assert_eq!(list.iter().count(), list.len());
        }
    }
}

/// Every byte of a server's value made wrong in turn: either that is noticed, or reading it goes well.
#[test]
fn changed_bytes_are_noticed_or_harmless() {
    let mut noticed = 0;
    for case in cases().into_iter().filter(|case| !is_intset(case) && case.values[0].len() < 3000) {
        for at in 0..case.values[0].len() {
            let mut bytes = case.values[0].clone();
            bytes[at] ^= 0x81;
            match Listpack::from_bytes(bytes) {
                Ok(list) => assert_eq!(list.view().iter().count(), list.view().len()),
                Err(_) => noticed += 1,
            }
        }
    }
    assert!(noticed > 1000, "{noticed}");
}
