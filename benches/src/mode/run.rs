//! From the options to a mode.

use crate::failure::Result;
use crate::options::Options;

use super::{expiry, insert, matrix, memory};

/// Do what the options say.
pub(crate) fn run(options: &Options) -> Result<()> {
    match (options.insert, options.expiry) {
        (Some(inserts), _) => insert::run(options, inserts),
        (_, Some(due)) => expiry::run(options, due),
        _ if options.memory => memory::run(options),
        _ => matrix::run(options),
    }
}
