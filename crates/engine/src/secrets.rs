//! Which words of a request nobody else may see.

use catalog::{CommandId, id};
use config::ParameterId;
use resp::Request;

/// The secret words of one request: their indexes.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<usize>);

impl Secrets {
    /// Whether the word at this index is secret.
    pub(crate) fn contains(&self, word: usize) -> bool {
        self.0.contains(&word)
    }
}

/// Finds passwords, and what is said of users, by the places where such stand.
pub(crate) fn secret_words(command: CommandId, request: Request<'_>) -> Secrets {
    let words = request.len();
    let behind = |from: usize, option: &'static str, count: usize| {
        let is = move |index: &usize| request.word(*index).eq_ignore_ascii_case(option.as_bytes());
        // Every one of them: what follows the wrong one would be shown otherwise, and what is hidden needlessly does no harm.
        (from..words).filter(is).flat_map(move |index| index + 1..index + 1 + count)
    };
    Secrets(match command {
        id::AUTH => (1..words).collect(),
        id::ACL_SETUSER | id::ACL_GETUSER | id::ACL_DELUSER => (2..words).collect(),
        id::HELLO => behind(2, "AUTH", 2).collect(),
        id::MIGRATE => behind(6, "AUTH", 1).chain(behind(6, "AUTH2", 2)).collect(),
        id::CONFIG_SET => {
            let is_sensitive = |name: &usize| {
                let parameter = ParameterId::named(request.word(*name));
                parameter.is_some_and(|parameter| parameter.row().flags.sensitive)
            };
            let names = (2..words).step_by(2);
            names.filter(is_sensitive).map(|name| name + 1).collect()
        }
        _ => Vec::new(),
    })
}
