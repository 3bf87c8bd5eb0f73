//! The values of all parameters, and what else a configuration file says.

use crate::error::ValueError;
use crate::parameter::{ParameterId, Status};
use crate::structured::{OutputLimits, Primary, SavePoint};
use crate::table::{PARAMETERS, id};
use crate::value::Value;

/// Who sets a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A configuration file, before the server starts.
    File,
    /// The command line, before the server starts.
    CommandLine,
    /// CONFIG SET from another machine.
    Client,
    /// CONFIG SET from this machine, which `enable-protected-configs local` trusts.
    LocalClient,
}

/// The lines of a file that set no parameter, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// `user …`: the words behind it, a name first.
    pub users: Vec<Vec<Vec<u8>>>,
    /// The names of those users that don't stand in the file which was loaded first, and where they do: in a file that
    /// it includes, in another one, or on the command line.
    pub users_elsewhere: Vec<(Vec<u8>, String)>,
    /// `rename-command old new`; a command renamed to nothing doesn't exist.
    pub renamed_commands: Vec<(Vec<u8>, Vec<u8>)>,
    /// `loadmodule path argument…`.
    pub modules: Vec<Vec<Vec<u8>>>,
    /// `module.parameter value…`: the words, the name first.
    pub module_parameters: Vec<Vec<Vec<u8>>>,
    /// Parameters of older servers that the peers read and ignore.
    pub outdated: Vec<&'static str>,
}

/// The configuration of one server.
///
/// Setting is all or nothing, so a caller that must act on changes copies it, sets the copy, acts, and keeps the copy
/// if that went well.
#[derive(Clone, Debug)]
pub struct Config {
    /// One for every row of the table, of its kind.
    pub(crate) values: Vec<Value>,
    /// Who set it last; `None` is the default.
    pub(crate) origins: Vec<Option<Origin>>,
    pub(crate) directives: Directives,
    /// A file was loaded.
    pub(crate) has_file: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            values: PARAMETERS.iter().map(|row| row.default_value()).collect(),
            origins: vec![None; PARAMETERS.len()],
            directives: Directives::default(),
            has_file: false,
        }
    }
}

/// Equal values and directives. Who set them doesn't matter.
impl PartialEq for Config {
    fn eq(&self, other: &Config) -> bool {
        self.values == other.values && self.directives == other.directives
    }
}

/// Typed access. Each panics if the parameter is of another kind, which is a slip of the caller's and not of input.
impl Config {
    /// A boolean.
    #[track_caller]
    pub fn boolean(&self, id: ParameterId) -> bool {
        match self.value(id) {
            Value::Boolean(boolean) => *boolean,
            other => wrong_kind(id, other),
        }
    }

    /// An integer, a power of two, file permissions, or memory that may be -1.
    #[track_caller]
    pub fn integer(&self, id: ParameterId) -> i64 {
        match self.value(id) {
            Value::Integer(number) | Value::Octal(number) => *number,
            other => wrong_kind(id, other),
        }
    }

    /// Memory. A percentage is that of `maxmemory`.
    #[track_caller]
    pub fn bytes(&self, id: ParameterId) -> u64 {
        match self.value(id) {
            Value::Bytes(bytes) => *bytes,
            Value::Percent(percent) => {
                let whole = u128::from(self.bytes(id::MAXMEMORY));
                u64::try_from(whole * u128::from(*percent) / 100).unwrap_or(u64::MAX)
            }
            other => wrong_kind(id, other),
        }
    }

    /// One of the words that the parameter takes, as the table spells it.
    #[track_caller]
    pub fn choice(&self, id: ParameterId) -> &'static str {
        match self.value(id) {
            Value::Choice(choice) => choice,
            other => wrong_kind(id, other),
        }
    }

    /// Text.
    #[track_caller]
    pub fn text(&self, id: ParameterId) -> &[u8] {
        match self.value(id) {
            Value::Text(text) => text,
            other => wrong_kind(id, other),
        }
    }

    /// Addresses, scores, or the words that say how to stop.
    #[track_caller]
    pub fn words(&self, id: ParameterId) -> &[Vec<u8>] {
        match self.value(id) {
            Value::Words(words) => words,
            other => wrong_kind(id, other),
        }
    }

    /// When to save.
    pub fn save_points(&self) -> &[SavePoint] {
        match self.value(id::SAVE) {
            Value::SavePoints(points) => points,
            other => wrong_kind(id::SAVE, other),
        }
    }

    /// How much unsent output clients may have.
    pub fn output_limits(&self) -> &OutputLimits {
        match self.value(id::CLIENT_OUTPUT_BUFFER_LIMIT) {
            Value::OutputLimits(limits) => limits,
            other => wrong_kind(id::CLIENT_OUTPUT_BUFFER_LIMIT, other),
        }
    }

    /// The percentiles of latencies to report.
    pub fn percentiles(&self) -> &[f64] {
        match self.value(id::LATENCY_TRACKING_INFO_PERCENTILES) {
            Value::Percentiles(percentiles) => percentiles,
            other => wrong_kind(id::LATENCY_TRACKING_INFO_PERCENTILES, other),
        }
    }

    /// The primary that the configuration names.
    pub fn primary(&self) -> Option<&Primary> {
        match self.value(id::REPLICAOF) {
            Value::Primary(primary) => primary.as_ref(),
            other => wrong_kind(id::REPLICAOF, other),
        }
    }

    pub(crate) fn value(&self, id: ParameterId) -> &Value {
        &self.values[usize::from(id.0)]
    }
}

/// What a configuration shows of itself.
impl Config {
    /// The value as CONFIG GET shows it.
    pub fn show(&self, id: ParameterId) -> Vec<u8> {
        self.value(id).show()
    }

    /// The names and aliases that CONFIG GET finds with a pattern, sorted. What is hidden is found by
    /// [`ParameterId::named`] only. Names are in lower case; the peers' patterns match them in any case.
    pub fn names(&self, matching: impl Fn(&str) -> bool) -> Vec<(&'static str, ParameterId)> {
        let shown = ParameterId::all().filter(|id| !id.row().flags.hidden);
        let both = shown.flat_map(|id| {
            let row = id.row();
            [Some(row.name), row.alias].into_iter().flatten().map(move |name| (name, id))
        });
        let mut names: Vec<_> = both.filter(|(name, _)| matching(name)).collect();
        names.sort_unstable();
        names
    }

    /// Who set a parameter last, if anybody did.
    pub fn origin(&self, id: ParameterId) -> Option<Origin> {
        self.origins[usize::from(id.0)]
    }

    /// Whether a parameter has a value that asks for something, and kvd does nothing about it yet.
    pub fn is_without_effect(&self, id: ParameterId) -> bool {
        let row = id.row();
        row.status == Status::Accepted && row.idle.is_none_or(|idle| self.show(id) != idle.as_bytes())
    }

    /// The parameters that the file or the command line gave and that have no effect yet: worth a warning.
    pub fn given_without_effect(&self) -> impl Iterator<Item = ParameterId> + '_ {
        let given = |id: &ParameterId| matches!(self.origin(*id), Some(Origin::File | Origin::CommandLine));
        ParameterId::all().filter(given).filter(|id| self.is_without_effect(*id))
    }

    /// The lines that set no parameter.
    pub fn directives(&self) -> &Directives {
        &self.directives
    }
}

impl Config {
    /// Sets one parameter, or leaves it if the words say nothing that it takes.
    pub(crate) fn put(&mut self, id: ParameterId, words: &[&[u8]], origin: Origin) -> Result<(), ValueError> {
        let index = usize::from(id.0);
        let mut value = bounded(id, id.row().parse(words, &self.values[index])?);
        if id == id::SAVE {
            self.join_save_points(&mut value, origin);
        }
        self.values[index] = value;
        self.origins[index] = Some(origin);
        Ok(())
    }

    /// `save` lines of a file and a command line add up, except that the first replaces the default and that an
    /// empty one starts anew.
    fn join_save_points(&self, value: &mut Value, origin: Origin) {
        let starting = |origin| matches!(origin, Origin::File | Origin::CommandLine);
        let continues = starting(origin) && self.origin(id::SAVE).is_some_and(starting);
        if let Value::SavePoints(points) = value
            && continues
            && !points.is_empty()
        {
            points.splice(0..0, self.save_points().iter().copied());
        }
    }
}

/// Numbers that are taken and then put within narrower bounds, as the peers do.
fn bounded(id: ParameterId, value: Value) -> Value {
    const HZ: std::ops::RangeInclusive<i64> = 1..=500;
    const BACKLOG_BYTES_MIN: u64 = 16 * 1024;
    match value {
        Value::Integer(hz) if id == id::HZ => Value::Integer(hz.clamp(*HZ.start(), *HZ.end())),
        Value::Bytes(bytes) if id == id::REPL_BACKLOG_SIZE => Value::Bytes(bytes.max(BACKLOG_BYTES_MIN)),
        other => other,
    }
}

#[track_caller]
fn wrong_kind(id: ParameterId, value: &Value) -> ! {
    panic!("{} was read as what it isn't: it is {value:?}", id.row().name)
}
