//! What happens to the server and to its files.

mod plan;
mod round;

mod bgsave;
mod flip;
mod full;
mod loading;
mod nuisance;
mod plain;
mod rewrite;
mod stop;
mod tail;

mod kinds;

pub use kinds::Scenario;
pub(crate) use plan::Plan;
pub use plan::Policy;
pub(crate) use round::Round;
