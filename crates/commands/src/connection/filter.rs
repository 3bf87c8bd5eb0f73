//! Which clients: the filters of CLIENT LIST and CLIENT KILL.
//!
//! ```text
//! [NOT-]ID client-id [client-id ...]
//! [NOT-]TYPE NORMAL | MASTER | PRIMARY | SLAVE | REPLICA | PUBSUB
//! [NOT-]USER username
//! [NOT-]ADDR ip:port
//! [NOT-]LADDR ip:port
//! [NOT-]IP ip
//! [NOT-]NAME name
//! [NOT-]LIB-NAME name
//! [NOT-]LIB-VER version
//! [NOT-]FLAGS flags
//! [NOT-]CAPA capabilities
//! [NOT-]DB index
//! MAXAGE seconds
//! IDLE seconds
//! SKIPME YES | NO
//! ```
//!
//! A client must satisfy all of them. Of a filter that is given twice the last counts; only ids gather.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::sync::atomic::Ordering::Relaxed;

use engine::{Args, Client, CommandError, Ctx, Engine, Moment};

use engine::description::{age_seconds, capabilities, flags, idle_seconds};

/// Every letter that can stand among a client's flags in one of the servers that kvd stands in for.
const FLAGS: &[u8] = b"ABEIMNOPRSTUbcdeirtux";
const CAPABILITIES: &[u8] = b"r";

/// What somebody says of the clients that he means.
#[derive(Default)]
pub(super) struct Filter<'a> {
    /// Of each property at most one condition, and one that negates it.
    conditions: Vec<Condition<'a>>,
    skips_me: Option<bool>,
}

/// A property that a client must have, or with `NOT-` must not have.
struct Condition<'a> {
    is_negated: bool,
    property: Property<'a>,
}

enum Property<'a> {
    Ids(BTreeSet<u64>),
    Kind(Kind),
    User(&'a [u8]),
    Address(&'a [u8]),
    LocalAddress(&'a [u8]),
    Host(&'a [u8]),
    Name(&'a [u8]),
    LibraryName(&'a [u8]),
    LibraryVersion(&'a [u8]),
    Flags(&'a [u8]),
    Capabilities(&'a [u8]),
    Db(u32),
    AgeSeconds(u64),
    IdleSeconds(u64),
}

/// What a connection is there for.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Kind {
    Normal,
    Primary,
    Replica,
    PubSub,
}

impl<'a> Filter<'a> {
    /// Reads all arguments that are left.
    pub(super) fn parse(cx: &mut Ctx<'a>) -> Result<Self, CommandError> {
        let mut filter = Self::default();
        while !cx.args.is_empty() {
            let name = cx.args.word()?;
            if name.eq_ignore_ascii_case(b"SKIPME") {
                filter.skips_me = Some(parse_yes_or_no(&mut cx.args)?);
                continue;
            }
            let condition = Condition::parse(name, &mut cx.args, cx.engine)?;
            filter.add(condition);
        }
        Ok(filter)
    }

    fn add(&mut self, condition: Condition<'a>) {
        let same = self.conditions.iter_mut().find(|other| {
            other.is_negated == condition.is_negated
                && discriminant(&other.property) == discriminant(&condition.property)
        });
        match (same, condition) {
            (None, condition) => self.conditions.push(condition),
            (
                Some(Condition { property: Property::Ids(ids), .. }),
                Condition { property: Property::Ids(more), .. },
            ) => ids.extend(more),
            (Some(same), condition) => *same = condition,
        }
    }

    /// What `SKIPME` says, if it is there.
    pub(super) fn skips_me(&self) -> Option<bool> {
        self.skips_me
    }

    /// Whether the client satisfies every condition.
    pub(super) fn matches(&self, client: &Client, now: Moment) -> bool {
        self.conditions.iter().all(|condition| condition.property.is_of(client, now) != condition.is_negated)
    }
}

impl<'a> Condition<'a> {
    fn parse(name: &[u8], args: &mut Args<'a>, engine: &Engine) -> Result<Self, CommandError> {
        let databases = engine.keyspace().databases();
        let is_negated = name.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"NOT-"));
        let plain = if is_negated { &name[4..] } else { name };
        let plain = plain.to_ascii_uppercase();
        if args.is_empty() {
            return Err(CommandError::Syntax);
        }
        let property = match (plain.as_slice(), is_negated) {
            (b"ID", _) => Property::Ids(parse_ids(args)?),
            (b"TYPE", _) => Property::Kind(parse_kind(args.word()?)?),
            (b"USER", _) => Property::User(parse_user(args.word()?, engine)?),
            (b"ADDR", _) => Property::Address(args.word()?),
            (b"LADDR", _) => Property::LocalAddress(args.word()?),
            (b"IP", _) => Property::Host(args.word()?),
            (b"NAME", _) => Property::Name(args.word()?),
            (b"LIB-NAME", _) => Property::LibraryName(args.word()?),
            (b"LIB-VER", _) => Property::LibraryVersion(args.word()?),
            (b"FLAGS", _) => Property::Flags(parse_letters(args.word()?, FLAGS, "flags", is_negated)?),
            (b"CAPA", _) => {
                Property::Capabilities(parse_letters(args.word()?, CAPABILITIES, "capa", is_negated)?)
            }
            (b"DB", _) => Property::Db(parse_db(args.word()?, databases, is_negated)?),
            (b"MAXAGE", false) => Property::AgeSeconds(parse_seconds(args.word()?, "maxage")?),
            (b"IDLE", false) => Property::IdleSeconds(parse_seconds(args.word()?, "idle")?),
            _ => return Err(CommandError::Syntax),
        };
        Ok(Self { is_negated, property })
    }
}

impl Property<'_> {
    fn is_of(&self, client: &Client, now: Moment) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(&client.id),
            Self::Kind(kind) => *kind == kind_of(client),
            Self::User(user) => client.user.equals(user),
            Self::Address(address) => client.peer.address.as_bytes() == *address,
            Self::LocalAddress(address) => client.peer.local_address.as_bytes() == *address,
            Self::Host(host) => client.peer.host().as_bytes() == *host,
            // A client without a name has none, not the empty one.
            Self::Name(name) => !name.is_empty() && client.name.equals(name),
            Self::LibraryName(name) => !name.is_empty() && client.library_name.equals(name),
            Self::LibraryVersion(version) => !version.is_empty() && client.library_version.equals(version),
            Self::Flags(letters) => has_all(&flags(client), letters),
            Self::Capabilities(letters) => has_all(capabilities(client), letters),
            Self::Db(db) => client.db.load(Relaxed) == *db,
            Self::AgeSeconds(seconds) => age_seconds(client, now) >= *seconds,
            Self::IdleSeconds(seconds) => idle_seconds(client, now) >= *seconds,
        }
    }
}

fn has_all(letters: &[u8], wanted: &[u8]) -> bool {
    wanted.iter().all(|letter| letters.contains(letter))
}

/// kvd serves no replicas and follows no primary yet.
fn kind_of(client: &Client) -> Kind {
    if client.is_listening() { Kind::PubSub } else { Kind::Normal }
}

/// At least one id, and as many as there are.
fn parse_ids(args: &mut Args<'_>) -> Result<BTreeSet<u64>, CommandError> {
    const NOT_AN_ID: CommandError = CommandError::fixed("ERR client-id should be greater than 0");
    let mut ids = BTreeSet::new();
    while let Some(id) = args.peek().and_then(resp::parse_i64) {
        ids.insert(u64::try_from(id).ok().filter(|id| *id > 0).ok_or(NOT_AN_ID)?);
        args.word()?;
    }
    if ids.is_empty() { Err(CommandError::Syntax) } else { Ok(ids) }
}

fn parse_kind(word: &[u8]) -> Result<Kind, CommandError> {
    const KINDS: [(&[u8], Kind); 6] = [
        (b"normal", Kind::Normal),
        (b"master", Kind::Primary),
        (b"primary", Kind::Primary),
        (b"slave", Kind::Replica),
        (b"replica", Kind::Replica),
        (b"pubsub", Kind::PubSub),
    ];
    let found = KINDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, kind)| *kind).ok_or_else(|| CommandError::quoting("ERR Unknown client type '", word, "'"))
}

fn parse_user<'a>(word: &'a [u8], engine: &Engine) -> Result<&'a [u8], CommandError> {
    if engine.read_users(|users| users.find(word).is_some()) {
        return Ok(word);
    }
    Err(CommandError::quoting("ERR No such user '", word, "'"))
}

fn parse_letters<'a>(
    word: &'a [u8],
    known: &[u8],
    what: &str,
    is_negated: bool,
) -> Result<&'a [u8], CommandError> {
    if has_all(known, word) {
        return Ok(word);
    }
    let filter =
        if is_negated { format!("NOT-{}", what.to_ascii_uppercase()) } else { "provided".to_owned() };
    Err(CommandError::quoting(&format!("ERR Unknown {what} found in the {filter} filter: "), word, ""))
}

fn parse_db(word: &[u8], databases: u32, is_negated: bool) -> Result<u32, CommandError> {
    let name = if is_negated { "NOT-DB" } else { "DB" };
    let Some(index) = resp::parse_i64(word).and_then(|index| i32::try_from(index).ok()) else {
        return Err(CommandError::text(format!("ERR {name} is not an integer or out of range")));
    };
    u32::try_from(index).ok().filter(|index| *index < databases).ok_or_else(|| {
        let last = databases - 1;
        CommandError::text(format!("ERR {name} number should be between 0 and {last}"))
    })
}

fn parse_seconds(word: &[u8], name: &str) -> Result<u64, CommandError> {
    let seconds = resp::parse_i64(word)
        .ok_or_else(|| CommandError::text(format!("ERR {name} is not an integer or out of range")))?;
    u64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| CommandError::text(format!("ERR {name} should be greater than 0")))
}

fn parse_yes_or_no(args: &mut Args<'_>) -> Result<bool, CommandError> {
    if args.option("YES") {
        Ok(true)
    } else if args.option("NO") {
        Ok(false)
    } else {
        Err(CommandError::Syntax)
    }
}
