//! Users and what they may do: the rules of ACL SETUSER, the aclfile, the checks, and the log of what was refused.
//!
//! It knows requests and the command table, but no sessions, connections or replies, and it reads no clock and no file.
//!
//! ```text
//!  ACL SETUSER ─set_user─▶┐                                      ┌─▶ Ok
//!  user lines ──declare──▶├─▶ Users ─▶ User ──check(request)──▶──┤
//!  aclfile ─────load─────▶┘     │       │ ▲                      └─▶ Denied ─▶ NOPERM text, Log
//!                               │       │ └─ authenticate(name, password)
//!                 write ◀───────┘       └─▶ line, flags, rules: ACL LIST, GETUSER
//! ```
//!
//! A user's rules are kept as the peers show them, shortened where a later rule makes an earlier one pointless; what they
//! amount to is kept beside them, so that a check reads a bit for the command and a list of patterns for each key.
//!
//! ```
//! use kvd_acl::{Databases, Denied, Users, check};
//!
//! let mut users = Users::default();
//! users.set_user(b"anna", &["on", ">secret", "~anna:*", "%R~shared:*", "-@all", "+@read", "+set"]).unwrap();
//! let anna = users.authenticate(b"anna", b"secret").unwrap();
//!
//! let here = Databases { selected: 0, count: 16 };
//! let request = ["set", "shared:news", "none"];
//! let set = catalog::resolve(&request).unwrap();
//! let denied = check(&anna, set, &request, here).unwrap_err();
//! assert_eq!(denied, Denied::Key(1));
//! assert_eq!(denied.text(&anna), b"No permissions to access a key");
//! assert_eq!(check(&anna, set, &["set", "anna:news", "none"], here), Ok(()));
//! ```
//!
//! # For the engine
//!
//! - A session holds the `Arc<User>` and what [`Generation::now`] said when it got it. A request begins with a look at the
//!   generation; if it moved, [`Users::find`] has the user as it is now, or nobody.
//! - Then [`User::is_unrestricted`], one branch, and only for others [`check`].
//! - [`Users::remove`] and [`Users::load`] return users who are gone; their connections are to be closed. Those of users who
//!   changed stay, even if the user is off now, except connections that listen to what the user no longer may:
//!   [`User::may_use_channel`].

#![forbid(unsafe_code)]

mod error;
mod word;

mod password;

mod channel_rules;
mod command_rules;
mod database_rules;
mod key_rules;

mod rule;

mod permissions;
mod user;
mod users;

mod file;

mod check;
mod database;

mod log;

pub use channel_rules::ChannelDefault;
pub use check::{Denied, NOPERM, check, may_read_all_keys};
pub use command_rules::commands_in;
pub use database::Databases;
pub use error::{AuthenticationFailed, DefaultUserStays, LIST_MAX, RuleError, SetUserError};
pub use file::{DeclarationError, FAULTS_MAX, FileError, FileFault, LineFault};
pub use log::{Context, Entry, Log, Reason, Refusal};
pub use password::{BitsOutOfRange, Digest, NewPassword};
pub use permissions::Permissions;
pub use user::User;
pub use users::{Change, DEFAULT, Generation, Users};
