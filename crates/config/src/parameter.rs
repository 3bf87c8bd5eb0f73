//! What a parameter is: its name, the kind of its values, its default and when it may be set.

/// A parameter, by its row in [`PARAMETERS`](crate::PARAMETERS). The constants are in [`id`](crate::id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(pub(crate) u16);

impl ParameterId {
    /// All parameters, in the order of their names.
    pub fn all() -> impl Iterator<Item = ParameterId> {
        (0..crate::PARAMETERS.len() as u16).map(ParameterId)
    }

    /// The parameter of this name or alias, in any case.
    ///
    /// A scan: configuration is no hot path, and the table fits a few cache lines of names.
    pub fn named(name: &[u8]) -> Option<ParameterId> {
        let is = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
        ParameterId::all().find(|id| is(id.row().name) || id.row().alias.is_some_and(is))
    }

    /// What the table says about it.
    pub fn row(self) -> &'static Parameter {
        &crate::PARAMETERS[usize::from(self.0)]
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Parameter {
    /// The name under which CONFIG REWRITE writes it.
    pub name: &'static str,
    /// A second name that is as good as the first.
    pub alias: Option<&'static str>,
    /// Which of the peers has it.
    pub peers: Peers,
    /// What values it takes.
    pub kind: Kind,
    /// The value that it has when nobody sets it, as CONFIG GET shows it.
    pub default: &'static str,
    /// When it may be set, and how it is shown.
    pub flags: Flags,
    /// Whether kvd acts on it.
    pub status: Status,
    /// The value, as CONFIG GET shows it, that asks for nothing: who gives it to a parameter without effect misses nothing.
    pub idle: Option<&'static str>,
}

/// The servers that know a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peers {
    /// Redis 8.2 has it.
    pub redis: bool,
    /// Valkey 9.1 has it.
    pub valkey: bool,
}

/// Rules about setting and showing a parameter. No flag set means: CONFIG SET may change it at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Flags {
    /// Only the file and the command line may set it.
    pub immutable: bool,
    /// A client may set it only if `enable-protected-configs` allows.
    pub protected: bool,
    /// The value must not appear in logs.
    pub sensitive: bool,
    /// CONFIG GET shows it only when asked by its exact name.
    pub hidden: bool,
    /// CONFIG SET must refuse it while a data set is being loaded. The caller knows whether that is so.
    pub denied_while_loading: bool,
    /// It names a file or folder that is read whenever it is set, to the same name, too.
    pub rereads: bool,
}

/// Whether kvd acts on a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has its effect.
    Active,
    /// It is read, checked and shown, and has no effect yet.
    Accepted,
}

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `yes` or `no`.
    Boolean,
    /// A decimal number in the inclusive range.
    Integer {
        /// The smallest number allowed.
        min: i64,
        /// The greatest number allowed.
        max: i64,
    },
    /// A power of two from 1 to `max`.
    PowerOfTwo {
        /// The greatest number allowed.
        max: i64,
    },
    /// File permissions.
    Octal {
        /// The greatest number allowed; the least is 0.
        max: i64,
    },
    /// Bytes, with a unit if wanted: `k` is 1000 and `kb` is 1024, and so on to `gb`.
    Memory {
        /// The smallest number of bytes allowed.
        min: u64,
        /// The greatest number of bytes allowed.
        max: u64,
    },
    /// Bytes, or a percentage of `maxmemory`.
    MemoryOrPercent,
    /// Bytes, or -1 for no limit.
    MemoryOrUnlimited,
    /// One word of a list, in any case.
    Choice(&'static [&'static str]),
    /// One word with a rule of its own.
    Text(TextRule),
    /// Any number of words.
    Words(WordsRule),
}

/// What one word must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRule {
    /// Anything.
    Any,
    /// Anything but nothing.
    NotEmpty,
    /// The name of a file without a folder.
    FileName,
    /// The name of a folder without another.
    DirectoryName,
    /// Letters, digits, hyphens and dots, or nothing.
    Hostname,
    /// A name for people, without spaces and control characters.
    NodeName,
    /// An IPv4 address or nothing.
    Ipv4,
    /// An IPv6 address or nothing.
    Ipv6,
    /// A template with the variables of `proc-title-template`.
    TitleTemplate,
    /// The letters of `notify-keyspace-events`.
    KeyspaceEvents,
}

/// What a list of words must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsRule {
    /// Addresses to bind.
    Addresses,
    /// `save`: pairs of seconds and changes.
    SavePoints,
    /// `client-output-buffer-limit`: class, hard limit, soft limit, seconds.
    OutputLimits,
    /// Numbers from 0 to 100.
    Percentiles,
    /// Three numbers from -2000 to 2000.
    OomScores,
    /// Words that say how to stop.
    ShutdownOptions,
    /// Host and port of the primary, or `no one`.
    Primary,
}

/// The greatest number of stripes. Beyond it the locks cost more memory than they save waiting.
pub const STRIPES_MAX: i64 = 1 << 16;

impl Peers {
    pub(crate) const BOTH: Peers = Peers { redis: true, valkey: true };
    pub(crate) const REDIS: Peers = Peers { redis: true, valkey: false };
    pub(crate) const VALKEY: Peers = Peers { redis: false, valkey: true };
    /// A parameter of kvd alone.
    pub(crate) const NONE: Peers = Peers { redis: false, valkey: false };
}

impl Parameter {
    pub(crate) const fn new(
        name: &'static str,
        peers: Peers,
        kind: Kind,
        default: &'static str,
    ) -> Parameter {
        let flags = Flags {
            immutable: false,
            protected: false,
            sensitive: false,
            hidden: false,
            denied_while_loading: false,
            rereads: false,
        };
        Parameter { name, alias: None, peers, kind, default, flags, status: Status::Accepted, idle: None }
    }

    pub(crate) const fn alias(mut self, alias: &'static str) -> Parameter {
        self.alias = Some(alias);
        self
    }

    pub(crate) const fn immutable(mut self) -> Parameter {
        self.flags.immutable = true;
        self
    }

    pub(crate) const fn protected(mut self) -> Parameter {
        self.flags.protected = true;
        self
    }

    pub(crate) const fn sensitive(mut self) -> Parameter {
        self.flags.sensitive = true;
        self
    }

    pub(crate) const fn hidden(mut self) -> Parameter {
        self.flags.hidden = true;
        self
    }

    pub(crate) const fn denied_while_loading(mut self) -> Parameter {
        self.flags.denied_while_loading = true;
        self
    }

    pub(crate) const fn rereads(mut self) -> Parameter {
        self.flags.rereads = true;
        self
    }

    pub(crate) const fn idle(mut self, value: &'static str) -> Parameter {
        self.idle = Some(value);
        self
    }

    pub(crate) const fn active(mut self) -> Parameter {
        self.status = Status::Active;
        self
    }

    /// The spelling of the table for a name that a caller used, whatever its case.
    pub(crate) fn spelling(&self, used: &[u8]) -> &'static str {
        match self.alias {
            Some(alias) if alias.as_bytes().eq_ignore_ascii_case(used) => alias,
            _ => self.name,
        }
    }
}
