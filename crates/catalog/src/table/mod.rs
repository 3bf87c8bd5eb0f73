//! The table itself: one file per group, written to be edited by hand.
//!
//! An entry says what a reader of the documentation would want to know; everything that follows from that
//! (key shape, most categories, the tie between a container and its subcommands, the ids) is worked out by
//! the compiler. Subcommands stand right behind their container, in order of their names.

use crate::Command;

/// Makes of a group's entries an array and a module with their ids, which count from `$from`.
macro_rules! commands {
    (Group::$group:ident, from $from:expr; $($name:ident => $entry:expr),* $(,)?) => {
        const START: u16 = $from;
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// The id behind the last one of this group.
        pub(super) const END: u16 = START + NAMES.len() as u16;

        pub(super) const ENTRIES: &[crate::Command] = &[$($entry.in_group(Group::$group)),*];

        /// The ids of this group.
        pub(super) mod id {
            use super::{NAMES, START};
            use crate::CommandId;
            use crate::table::assemble::place;

            $(
                #[doc = concat!("The id of `", stringify!($name), "`.")]
                pub const $name: CommandId = CommandId(START + place(stringify!($name), NAMES));
            )*
        }
    };
}

mod assemble;
mod bitmap;
mod cluster;
mod connection;
mod generic;
mod geo;
mod hash;
mod hyperloglog;
mod list;
mod pubsub;
mod scripting;
mod server;
mod set;
mod sorted_set;
mod stream;
mod string;
mod transactions;
mod vector_set;

macro_rules! groups {
    ($($group:ident)*) => {
        /// The ids of all commands and subcommands by name: `GET`, `CONFIG_GET`.
        pub mod id {
            $(pub use super::$group::id::*;)*
        }

        const GROUPS: &[&[Command]] = &[$($group::ENTRIES),*];
    };
}

// Each group counts its ids from the end of the group before it.
groups! {
    generic string bitmap hyperloglog list set sorted_set geo hash stream vector_set pubsub transactions scripting
    connection server cluster
}

/// How many commands and subcommands there are.
pub const COUNT: usize = cluster::END as usize;

/// All commands and subcommands, at the index that is their id.
pub static COMMANDS: &[Command] = &TABLE;

pub(crate) static TABLE: [Command; COUNT] = assemble::assemble();
