//! What kvd calls itself where clients ask which server they have before them.

/// The level of compatibility that client libraries read.
pub const REDIS_VERSION: &str = "8.2.0";
