#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod db;
mod options;

mod connection;
mod pipeline;
mod stream;
mod subscription;

mod words;

mod convert;
mod reply;

mod error;

mod clock;
mod events;

mod bell;
mod core;
mod encoder;
mod host;
mod housekeeping;
mod lane;
mod link;
mod permission;

pub use config::{SetError, SetFailure, ValueError};
pub use connection::Connection;
pub use convert::FromReply;
pub use db::Db;
pub use engine::{Clock, EventClass, Moment};
pub use error::{CommandError, ConversionError, Error, OpenError};
pub use events::{Event, Events};
pub use options::Options;
pub use pipeline::Pipeline;
pub use reply::Reply;
pub use subscription::{Message, Subscription};
pub use words::{Word, Words};

pub use clock::{SystemClock, TestClock};
