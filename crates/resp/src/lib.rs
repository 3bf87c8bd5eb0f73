#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod burst;
mod double;
mod grisu;
mod grisu_powers;
mod number;

mod error;
mod limits;
mod line;

mod batch;
mod large;
mod length;
mod parse;
mod queue;
mod reader;
mod waiting;

mod output;
mod reply;
mod reply_later;

mod frame;
mod frame_reader;
mod frame_write;

#[cfg(feature = "codec")]
pub mod codec;

pub use batch::{Request, Words};
pub use double::{DoubleText, format_digits, format_double};
pub use error::{ProtocolError, ReplyError};
pub use frame::Frame;
pub use frame_reader::ReplyReader;
pub use frame_write::write_request;
pub use limits::{
    BULK_BYTES_MAX, DEPTH_MAX, INLINE_BYTES_MAX, LARGE_BULK_BYTES, ReplyLimits, RequestLimits,
    SHARED_REPLY_BYTES_MIN, UNAUTHENTICATED_BULK_BYTES_MAX, UNAUTHENTICATED_WORDS_MAX, WORDS_MAX,
};
pub use line::{UnbalancedQuotes, quote, quote_to, split_line};
pub use number::parse_i64;
pub use output::{Mark, Output};
pub use queue::RequestQueue;
pub use reader::RequestReader;
pub use reply::{Protocol, Reply};
pub use reply_later::Later;
