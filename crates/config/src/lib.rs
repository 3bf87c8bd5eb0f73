//! The configuration of a server: redis.conf and valkey.conf, the command line, and typed parameters.
//!
//! It isn't the engine's options, and it acts on nothing: no file is opened, no socket bound. The caller hands over
//! bytes and reads typed values; whether an address can be bound or a folder exists is for the caller to find out.
//!
//! ```text
//!  redis.conf ──load──▶┐
//!  arguments ──lines──▶├─▶ Config ──integer, bytes, choice…──▶ the server
//!  CONFIG SET ───set──▶┘     │ └───────names, show───────────▶ CONFIG GET
//!                            └──rewrite(old file)────────────▶ CONFIG REWRITE
//! ```
//!
//! Every parameter of Redis 8.2 and of Valkey 9.1 is known and checked, whether kvd does something with it yet or
//! not; [`Status`] tells which. Where this differs from the peers is written in docs/compatibility.md.
//!
//! ```
//! use kvd_config::{Config, Origin, id};
//!
//! let mut config = Config::default();
//! config.load(b"maxmemory 100mb\nsave 900 1\n", "my.conf", &mut |_| Ok(Vec::new()))?;
//! let changed = config.set(&[(b"timeout", b"5"), (b"appendfsync", b"always")], Origin::Client)?;
//!
//! assert_eq!(changed, [id::TIMEOUT, id::APPENDFSYNC]);
//! assert_eq!(config.bytes(id::MAXMEMORY), 104_857_600);
//! assert_eq!(config.show(id::SAVE), b"900 1");
//! assert_eq!(config.set(&[(b"port", b"x")], Origin::Client).unwrap_err().to_string(),
//!     "CONFIG SET failed (possibly related to argument 'port') - argument couldn't be parsed into an integer");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod parameter;
mod table;

mod check;
mod number;
mod structured;
mod value;

mod config;
mod set;

mod arguments;
mod file;
mod nearest;
mod words;

mod rewrite;

mod error;

pub use arguments::{ArgumentError, arguments_to_lines};
pub use config::{Config, Directives, Origin};
pub use error::{LineError, LoadError, SetError, SetFailure, ValueError};
pub use file::{Included, LOADED_BYTES_MAX, LOADED_FILES_MAX};
pub use parameter::{Flags, Kind, Parameter, ParameterId, Peers, STRIPES_MAX, Status, TextRule, WordsRule};
pub use structured::{ClientClass, OutputLimit, OutputLimits, Primary, SavePoint};
pub use table::{PARAMETERS, id};
