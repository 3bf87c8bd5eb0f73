//! What can be wrong with a configuration, in the peers' words.

use std::fmt;

use thiserror::Error;

/// Why a value is not one that the parameter takes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// A boolean is neither of its words.
    #[error("argument must be 'yes' or 'no'")]
    NotBoolean,
    /// Not a decimal number of 64 bits.
    #[error("argument couldn't be parsed into an integer")]
    NotInteger,
    /// Not digits from 0 to 7.
    #[error("argument couldn't be parsed as an octal number")]
    NotOctal,
    /// A number beyond its bounds.
    #[error("argument must be between {min} and {max} inclusive")]
    OutOfRange {
        /// The least number allowed, as shown.
        min: String,
        /// The greatest number allowed, as shown.
        max: String,
    },
    /// A number of stripes that can't be an index mask.
    #[error("argument must be a power of two")]
    NotPowerOfTwo,
    /// Not digits with a unit, or more bytes than 64 bits count.
    #[error("argument must be a memory value")]
    NotMemory,
    /// Neither bytes nor a percentage.
    #[error("argument must be a memory or percent value")]
    NotMemoryOrPercent,
    /// More than the whole.
    #[error("percentage argument must be less or equal to 100")]
    PercentTooGreat,
    /// A word that isn't on the list.
    #[error("argument(s) must be one of the following: {}", .0.join(", "))]
    NotOneOf(&'static [&'static str]),
    /// Too few or too many words.
    #[error("wrong number of arguments")]
    WrongCount,
    /// A parameter that can't be nothing.
    #[error("{0} can't be empty")]
    Empty(&'static str),
    /// A folder where a bare name is wanted.
    #[error("{name} can't be a path, just a {noun}")]
    IsPath {
        /// The parameter.
        name: &'static str,
        /// `filename` or `dirname`.
        noun: &'static str,
    },
    /// A character that no host name has.
    #[error("Hostnames may only contain alphanumeric characters, hyphens or dots")]
    Hostname,
    /// A character that would spoil the nodes file.
    #[error("Announced human node name contained invalid character")]
    NodeName,
    /// Not an IPv4 address.
    #[error("Invalid IPv4 address")]
    Ipv4,
    /// Not an IPv6 address.
    #[error("Invalid IPv6 address")]
    Ipv6,
    /// An unknown variable, an open brace, or nothing.
    #[error("template format is invalid or contains unknown variables")]
    TitleTemplate,
    /// A letter that stands for no event.
    #[error("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")]
    KeyspaceEvents,
    /// Not pairs of seconds and changes.
    #[error("Invalid save parameters")]
    SavePoints,
    /// Not groups of four.
    #[error("Wrong number of arguments in buffer limit configuration.")]
    OutputLimitCount,
    /// A class that has no limit to set.
    #[error("Invalid client class specified in buffer limit configuration.")]
    OutputLimitClass,
    /// A limit that is no number.
    #[error("Error in hard, soft or soft_seconds setting in buffer limit configuration.")]
    OutputLimitNumber,
    /// A percentile that is no number.
    #[error("Invalid latency-tracking-info-percentiles parameters")]
    Percentile,
    /// A percentile beyond its bounds.
    #[error("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")]
    PercentileRange,
    /// A score that is no number or beyond its bounds.
    #[error("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")]
    OomScore,
    /// Two words that say the opposite.
    #[error("shutdown options SAVE and NOSAVE can't be used simultaneously")]
    ShutdownOptions,
    /// More addresses than are listened on.
    #[error("Too many bind addresses specified.")]
    TooManyAddresses,
    /// No port of a primary.
    #[error("Invalid primary port")]
    PrimaryPort,
}

/// Why CONFIG SET did nothing. The text is the reply's, without `ERR`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetError {
    /// No parameter of this name.
    #[error("Unknown option or number of arguments for CONFIG SET - '{0}'")]
    Unknown(String),
    /// A parameter can't have what was asked for.
    #[error("CONFIG SET failed (possibly related to argument '{name}') - {why}")]
    Failed {
        /// The parameter, under the name that was used.
        name: &'static str,
        /// What is wrong.
        why: SetFailure,
    },
}

/// Why one parameter can't be set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetFailure {
    /// It is set at the start or never.
    #[error("can't set immutable config")]
    Immutable,
    /// `enable-protected-configs` doesn't allow it.
    #[error("can't set protected config")]
    Protected,
    /// It is there twice.
    #[error("duplicate parameter")]
    Duplicate,
    /// The value is bad.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The value is good and the caller couldn't bring it about, such as an address that can't be bound.
    #[error("{0}")]
    Apply(String),
}

/// Why a line of a configuration is not obeyed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// A quote without its end, or text right behind it.
    #[error("Unbalanced quotes in configuration line")]
    Quotes,
    /// No such parameter, or a directive with too few or too many words.
    #[error("Bad directive or wrong number of arguments")]
    Directive,
    /// A parameter of a module, and nothing behind it.
    #[error("Module config specified without value")]
    ModuleParameter,
    /// The value is bad.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A user is declared twice.
    #[error(
        "Error in user declaration '{0}': Duplicate user found. A user can only be defined once in config files"
    )]
    DuplicateUser(String),
    /// `sentinel …`: kvd is no sentinel.
    #[error("sentinel directive while not in sentinel mode")]
    Sentinel,
    /// The file to include can't be read.
    #[error("Fatal error, {0}")]
    Include(String),
    /// More files, or more bytes in them, than a configuration may have. Files that include each other end here.
    #[error("the configuration and what it includes is too big or includes itself")]
    TooMuch,
}

/// A line that is not obeyed, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct LoadError {
    /// The file, as the caller or an `include` named it; `None` is the command line.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// What is written there. Bytes that are no UTF-8 are replaced.
    pub text: String,
    /// What is wrong with it.
    pub why: LineError,
    /// The name that was meant, perhaps.
    pub near: Option<&'static str>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LoadError { file, line, text, why, near } = self;
        let dashes = match file {
            Some(file) => {
                write!(f, "Reading the configuration file '{file}', at line {line}\n>>> '{text}'\n{why}")?;
                ""
            }
            None => {
                write!(f, "Reading the command line\n>>> '--{text}'\n{why}")?;
                "--"
            }
        };
        near.map_or(Ok(()), |name| write!(f, "; did you mean '{dashes}{name}'?"))
    }
}

impl SetError {
    /// The error for a value that is good and that the caller couldn't bring about.
    pub fn apply(parameter: crate::ParameterId, why: impl Into<String>) -> SetError {
        SetError::Failed { name: parameter.row().name, why: SetFailure::Apply(why.into()) }
    }
}
