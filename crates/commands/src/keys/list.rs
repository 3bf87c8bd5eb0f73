//! Keys: all of them at once.
//!
//! ```text
//! KEYS pattern
//! ```

use engine::{CommandError, Ctx, View};
use glob::Pattern;
use keyspace::{Key, UnixMillis};

use super::gather::{Names, is_live};

/// Runs with everything locked, so that the answer holds for one point in time.
pub(super) fn keys(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let pattern = Pattern::new(cx.args.word()?);
    let now = cx.view.now();
    let mut names = Names::default();
    if let Some(name) = pattern.literal() {
        let key = cx.engine.keyspace().key(name);
        let stripe = cx.engine.keyspace().stripe_of(key.hash());
        if is_there(&mut cx.view, stripe, &key, now) {
            names.push(name);
        }
    } else {
        let takes_all = pattern.is_star();
        cx.view.visit_tables(|table| {
            for entry in table.iter() {
                if (takes_all || pattern.matches(entry.key())) && is_live(&entry, now) {
                    names.push(entry.key());
                }
            }
        });
    }
    names.reply(&mut cx.reply);
    Ok(())
}

/// A pattern without choices names one key, which need not be searched for.
fn is_there(view: &mut View<'_>, stripe: usize, key: &Key<'_>, now: UnixMillis) -> bool {
    let db = view.db();
    view.visit(stripe, |stripe| {
        stripe.table(db).and_then(|table| table.find(key)).is_some_and(|entry| is_live(&entry, now))
    })
}
