//! Which server is being asked, and the conditions under which an expectation holds.
//!
//! A condition is a list of alternatives: `redis>=8.2 valkey kvd` holds on any of them. Each alternative may
//! join parts with `&`: `valkey&resp3`. `*` holds everywhere.

use std::fmt;

/// The program that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// kvd itself, over a socket or in this process.
    Kvd,
    /// redis-server.
    Redis,
    /// valkey-server.
    Valkey,
}

/// The first two numbers of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

/// A product at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// The program.
    pub product: Product,
    /// Its version.
    pub version: Version,
}

/// The protocol version that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// What a connection speaks before HELLO.
    Resp2,
    /// What `HELLO 3` switches to.
    Resp3,
}

/// Alternatives of which one must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(Vec<Vec<Part>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Anything,
    Speaks(Protocol),
    Is(Product),
    AtLeast(Product, Version),
    Below(Product, Version),
}

impl Condition {
    /// Reads alternatives separated by blanks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let alternatives: Vec<Vec<Part>> = text
            .split_whitespace()
            .map(|alternative| alternative.split('&').map(Part::parse).collect())
            .collect::<Result<_, String>>()?;
        if alternatives.is_empty() {
            Err("a condition needs a word".to_owned())
        } else {
            Ok(Self(alternatives))
        }
    }

    /// Whether `server` on a connection that speaks `protocol` meets one alternative.
    pub fn holds(&self, server: &Server, protocol: Protocol) -> bool {
        self.0.iter().any(|parts| parts.iter().all(|part| part.holds(server, protocol)))
    }
}

impl Part {
    fn parse(word: &str) -> Result<Self, String> {
        match word {
            "*" => return Ok(Self::Anything),
            "resp2" => return Ok(Self::Speaks(Protocol::Resp2)),
            "resp3" => return Ok(Self::Speaks(Protocol::Resp3)),
            _ => {}
        }
        if let Some((name, version)) = word.split_once(">=") {
            return Ok(Self::AtLeast(product(name)?, Version::parse(version)?));
        }
        if let Some((name, version)) = word.split_once('<') {
            return Ok(Self::Below(product(name)?, Version::parse(version)?));
        }
        product(word).map(Self::Is)
    }

    fn holds(&self, server: &Server, protocol: Protocol) -> bool {
        match *self {
            Self::Anything => true,
            Self::Speaks(wanted) => wanted == protocol,
            Self::Is(wanted) => wanted == server.product,
            Self::AtLeast(wanted, version) => wanted == server.product && server.version >= version,
            Self::Below(wanted, version) => wanted == server.product && server.version < version,
        }
    }
}

fn product(name: &str) -> Result<Product, String> {
    match name {
        "kvd" => Ok(Product::Kvd),
        "redis" => Ok(Product::Redis),
        "valkey" => Ok(Product::Valkey),
        _ => Err(format!("'{name}' is none of kvd, redis, valkey, resp2, resp3, *")),
    }
}

impl Version {
    /// Reads `8`, `8.2` or `8.2.3`; what follows the second number is dropped.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut numbers = text.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), None) => Ok(Self(major, 0)),
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Self(major, minor)),
            _ => Err(format!("'{text}' is no version")),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.product {
            Product::Kvd => "kvd",
            Product::Redis => "redis",
            Product::Valkey => "valkey",
        };
        write!(f, "{name} {}.{}", self.version.0, self.version.1)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resp2 => "RESP2",
            Self::Resp3 => "RESP3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDIS_7: Server = Server { product: Product::Redis, version: Version(7, 0) };
    const VALKEY: Server = Server { product: Product::Valkey, version: Version(9, 1) };

    fn holds(condition: &str, server: Server, protocol: Protocol) -> bool {
        Condition::parse(condition).unwrap().holds(&server, protocol)
    }

    #[test]
    fn alternatives_are_ored_and_parts_are_anded() {
        assert!(holds("redis>=8 valkey", VALKEY, Protocol::Resp2));
        assert!(!holds("redis>=8 valkey", REDIS_7, Protocol::Resp2));
        assert!(holds("redis<8&resp3", REDIS_7, Protocol::Resp3));
        assert!(!holds("redis<8&resp3", REDIS_7, Protocol::Resp2));
        assert!(holds("*", REDIS_7, Protocol::Resp2));
    }

    #[test]
    fn unknown_names_and_versions_are_refused() {
        assert!(Condition::parse("reddis").is_err());
        assert!(Condition::parse("redis>=x").is_err());
        assert!(Condition::parse("").is_err());
    }
}
