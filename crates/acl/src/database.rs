//! Which databases a request is about.

use catalog::{Categories, CommandId, Flags, KeyFlags, KeySpec, Words, command, id};

use crate::database_rules::DatabaseRules;

/// The databases as the session sees them.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Databases {
    /// The selected one.
    pub selected: u32,
    /// How many there are. Requests for others fail by themselves.
    pub count: u32,
}

/// The word that names the first database that isn't permitted; 0 for the selected one or all.
pub(crate) fn denied_database<W: Words + ?Sized>(
    rules: &DatabaseRules,
    command: CommandId,
    words: &W,
    databases: Databases,
) -> Option<usize> {
    let selected = || (uses_database(command) && !rules.permit(databases.selected)).then_some(0);
    let named = Named { rules, words, count: databases.count };
    match command {
        // These are about all of them.
        id::FLUSHALL
        | id::CLUSTER_FLUSHSLOT
        | id::CLUSTER_MIGRATESLOTS
        | id::CLUSTER_CANCELSLOTMIGRATIONS => (!rules.permit_first(databases.count)).then_some(0),
        id::SELECT => named.first_denied([1].into_iter()),
        id::SWAPDB => named.first_denied([1, 2].into_iter()),
        id::MOVE => named.first_denied([2].into_iter()).or_else(selected),
        id::COPY => named.first_denied(copy_targets(words)).or_else(selected),
        _ => selected(),
    }
}

/// Databases that words name.
struct Named<'r, W: ?Sized> {
    rules: &'r DatabaseRules,
    words: &'r W,
    count: u32,
}

impl<W: Words + ?Sized> Named<'_, W> {
    /// The first of the words that names a database that isn't permitted; none if one of them names no database at
    /// all, since the command fails then.
    fn first_denied(&self, mut indexes: impl Iterator<Item = usize> + Clone) -> Option<usize> {
        if indexes.clone().any(|index| self.database(index).is_none()) {
            return None;
        }
        indexes.find(|&index| self.database(index).is_some_and(|database| !self.rules.permit(database)))
    }

    fn database(&self, index: usize) -> Option<u32> {
        let number = self.words.word(index).and_then(resp::parse_i64)?;
        u32::try_from(number).ok().filter(|&number| number < self.count)
    }
}

/// The words behind each DB of a COPY. A word that is no option stands for one that isn't there.
fn copy_targets<W: Words + ?Sized>(words: &W) -> impl Iterator<Item = usize> + Clone {
    let mut next = 3;
    std::iter::from_fn(move || {
        let is = |index: usize, option: &str| {
            words.word(index).is_some_and(|word| word.eq_ignore_ascii_case(option.as_bytes()))
        };
        while is(next, "replace") {
            next += 1;
        }
        if next >= words.count() {
            return None;
        }
        let target = if is(next, "db") { next + 1 } else { words.count() };
        next += 2;
        Some(target)
    })
}

/// Whether the command reads or changes the selected database, as far as the catalog tells.
fn uses_database(id: CommandId) -> bool {
    let command = command(id);
    let finds_keys = |spec: &KeySpec| !spec.flags.contains(KeyFlags::NOT_KEY);
    command.flags.intersects(Flags::WRITE.union(Flags::READONLY))
        || command.categories.contains(Categories::KEYSPACE)
        || command.key_specs.iter().any(finds_keys)
}
