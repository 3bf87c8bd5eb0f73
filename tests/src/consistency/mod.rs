//! What many clients at once may see.
//!
//! [`bank`] moves money between accounts in transactions: the sum must stay. [`record`] lets clients read and write a few keys and notes when
//! each request was sent and when its reply came; [`linear`] then looks for an order of all requests that explains every reply.

pub mod bank;
pub mod history;
pub mod linear;
pub mod record;
