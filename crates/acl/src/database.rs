//! Which databases a request is about.

use catalog::{CommandId, Words, id};

use crate::check::uses_database;
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
    let is_denied = |index: &usize| {
        let named = words.word(*index).and_then(resp::parse_i64);
        let named = named.and_then(|number| u32::try_from(number).ok()).filter(|&number| number < databases.count);
        named.is_some_and(|number| !rules.permit(number))
    };
    let selected = || (uses_database(command) && !rules.permit(databases.selected)).then_some(0);
    match command {
        // These are about all of them; a list of numbers doesn't say all, even if it has every number.
        id::FLUSHALL | id::CLUSTER_FLUSHSLOT | id::CLUSTER_MIGRATESLOTS | id::CLUSTER_CANCELSLOTMIGRATIONS => {
            Some(0)
        }
        id::SELECT => Some(1).filter(is_denied),
        id::SWAPDB => [1, 2].into_iter().find(is_denied),
        id::MOVE => Some(2).filter(is_denied).or_else(selected),
        id::COPY => copy_targets(words).find(is_denied).or_else(selected),
        _ => selected(),
    }
}

/// The words behind each DB of a COPY.
fn copy_targets<W: Words + ?Sized>(words: &W) -> impl Iterator<Item = usize> {
    const FIRST_OPTION: usize = 3;
    let is_db = |index: usize| words.word(index).is_some_and(|word| word.eq_ignore_ascii_case(b"db"));
    (FIRST_OPTION..words.count()).filter(move |&index| is_db(index)).map(|index| index + 1)
}
