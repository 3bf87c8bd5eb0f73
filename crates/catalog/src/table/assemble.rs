//! Puts the groups together, at compile time: numbers the commands and ties subcommands to their containers.

use super::{COUNT, GROUPS};
use crate::{Command, CommandId};

static IDS: [CommandId; COUNT] = {
    let mut ids = [CommandId(0); COUNT];
    let mut index = 0;
    while index < COUNT {
        ids[index] = CommandId(index as u16);
        index += 1;
    }
    ids
};

pub(super) const fn assemble() -> [Command; COUNT] {
    let mut table = concatenate();
    let mut index = 0;
    while index < COUNT {
        let behind = end_of_family(&table, index);
        let mut member = index + 1;
        while member < behind {
            table[member].container = Some(CommandId(index as u16));
            member += 1;
        }
        table[index].subcommands = ids_between(index + 1, behind);
        index = behind;
    }
    let mut index = 0;
    while index < COUNT {
        table[index] = table[index].complete();
        index += 1;
    }
    table
}

const fn concatenate() -> [Command; COUNT] {
    let mut table = [crate::command::command("", 0, ""); COUNT];
    let mut filled = 0;
    let mut group = 0;
    while group < GROUPS.len() {
        let mut entry = 0;
        while entry < GROUPS[group].len() {
            table[filled] = GROUPS[group][entry];
            table[filled].id = CommandId(filled as u16);
            filled += 1;
            entry += 1;
        }
        group += 1;
    }
    assert!(filled == COUNT, "a group doesn't count its ids from the end of the group before it");
    table
}

/// The index behind the last subcommand of the command at `index`.
const fn end_of_family(table: &[Command; COUNT], index: usize) -> usize {
    let mut behind = index + 1;
    while behind < COUNT && is_part_of(table[behind].name, table[index].name) {
        behind += 1;
    }
    behind
}

/// Whether `name` is `container`, a bar, and more.
const fn is_part_of(name: &str, container: &str) -> bool {
    match name.as_bytes().split_at_checked(container.len()) {
        Some((start, [b'|', ..])) => same(start, container.as_bytes()),
        _ => false,
    }
}

const fn ids_between(first: usize, behind: usize) -> &'static [CommandId] {
    IDS.split_at(behind).0.split_at(first).1
}

/// The place of a name in a list that has it.
pub(super) const fn place(name: &str, names: &[&str]) -> u16 {
    let mut index = 0;
    while !same(name.as_bytes(), names[index].as_bytes()) {
        index += 1;
    }
    index as u16
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}
