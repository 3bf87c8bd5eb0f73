//! Which keys cost the most (`HOTKEYS`): by calls, processor time, and bytes received and sent.
//!
//! ```text
//!  chunk ─ off? ─▶ nothing                          (one load; one comparison for each command)
//!          └ on ─▶ a command's turn? ─▶ Pick ─ chunk done ─▶ its keys, their share ─▶ the worker's sketches ─┐
//!                                                                    HOTKEYS GET ◀── added up ◀──────────────┘
//! ```
//!
//! What a command took isn't known before its chunk is done, nor is what others take of it: neighbours of a pipeline share their time equally,
//! as everywhere. Their replies are told apart.

mod measurement;
mod note;
mod picks;

pub(crate) use measurement::HotKeys;
pub use measurement::{HotKeysReport, HotKeysRequest, Hottest, Metric};
pub(crate) use picks::{Pick, Picks};
