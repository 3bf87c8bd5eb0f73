//! CONFIG SET: several parameters at once, all or nothing.

use crate::config::{Config, Origin};
use crate::error::{SetError, SetFailure};
use crate::parameter::ParameterId;
use crate::table::id;
use crate::value::at_spaces;

impl Config {
    /// Sets parameters by name or alias, all or none, and tells which of them have another value than before, or name a file that
    /// may have ([`Flags::rereads`](crate::Flags::rereads)).
    ///
    /// All names are checked before all values, so that of several faults the peers' one is named.
    pub fn set(&mut self, pairs: &[(&[u8], &[u8])], origin: Origin) -> Result<Vec<ParameterId>, SetError> {
        let named = self.named(pairs, origin)?;
        let mut next = self.clone();
        let mut changed = Vec::new();
        for Assignment { id, name, value } in named {
            let words = if id.row().takes_words() { at_spaces(value) } else { vec![value] };
            let failed = |why| SetError::Failed { name, why: SetFailure::Value(why) };
            next.put(id, &words, origin).map_err(failed)?;
            if !changed.contains(&id) {
                changed.push(id);
            }
        }
        // Two names of one parameter may have set it away and back.
        changed.retain(|id| id.row().flags.rereads || next.value(*id) != self.value(*id));
        *self = next;
        Ok(changed)
    }

    /// The parameters that pairs name, if this origin may set them.
    fn named<'a>(
        &self,
        pairs: &[(&[u8], &'a [u8])],
        origin: Origin,
    ) -> Result<Vec<Assignment<'a>>, SetError> {
        let mut named: Vec<Assignment<'a>> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            let unknown = || SetError::Unknown(String::from_utf8_lossy(name).into_owned());
            let id = ParameterId::named(name).ok_or_else(unknown)?;
            let name = id.row().spelling(name);
            let failed = |why| Err(SetError::Failed { name, why });
            if let Some(why) = self.forbids(id, origin) {
                return failed(why);
            }
            // An alias is another name to the peers, too: both may be set, and the last one holds.
            if named.iter().any(|earlier| earlier.name == name) {
                return failed(SetFailure::Duplicate);
            }
            named.push(Assignment { id, name, value });
        }
        Ok(named)
    }

    fn forbids(&self, id: ParameterId, origin: Origin) -> Option<SetFailure> {
        let trusted = match origin {
            Origin::File | Origin::CommandLine => return None,
            Origin::Client => ["yes"].as_slice(),
            Origin::LocalClient => &["yes", "local"],
        };
        let flags = id.row().flags;
        if flags.immutable {
            Some(SetFailure::Immutable)
        } else if flags.protected && !trusted.contains(&self.choice(id::ENABLE_PROTECTED_CONFIGS)) {
            Some(SetFailure::Protected)
        } else {
            None
        }
    }
}

/// One parameter to set.
struct Assignment<'a> {
    id: ParameterId,
    /// The name that was used, as the table spells it.
    name: &'static str,
    value: &'a [u8],
}
