//! From the options to a mode.

use crate::failure::Result;
use crate::options::Options;

use super::{expiry, hits, insert, loading, matrix, memory, saving};

/// Do what the options say.
pub(crate) fn run(options: &Options) -> Result<()> {
    match (options.insert, options.expiry, options.hits) {
        (Some(inserts), _, _) => insert::run(options, inserts),
        (_, Some(due), _) => expiry::run(options, due),
        (_, _, Some(bytes_max)) => hits::run(options, bytes_max),
        _ if options.saving => saving::run(options),
        _ if options.loading => loading::run(options),
        _ if options.memory => memory::run(options),
        _ => matrix::run(options),
    }
}
