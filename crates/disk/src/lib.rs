//! The file system as a server needs it that must not lose data.
//!
//! It isn't an asynchronous file API and has no paths of its own: whoever writes a log or a snapshot does so through [`Disk`], and
//! tests put a disk under it that loses power or fails.
//!
//! ```text
//!   log, snapshot ──▶ dyn Disk ─┬─ OsDisk          the real one
//!                               ├─ SimulatedDisk   in memory; knows what is written and what is durable; crash, kill
//!                               └─ FaultyDisk      around another: the n-th write fails, fsync fails, the machine halts
//! ```
//!
//! Two kinds of durability are kept apart, as the kernel does: what a file holds is safe after [`File::sync_data`], that it has its
//! name after [`Disk::sync_dir`] of its directory.
//!
//! ```
//! use std::path::Path;
//! use kvd_disk::{Disk, SimulatedDisk, Writes, write_all};
//!
//! let disk = SimulatedDisk::default();
//! let mut file = disk.create_new(Path::new("/log"))?;
//! disk.sync_dir(Path::new("/"))?;
//! write_all(&mut *file, b"safe")?;
//! file.sync_data()?;
//! write_all(&mut *file, b", perhaps")?;
//!
//! let found = disk.crash(&mut fastrand::Rng::with_seed(7), Writes::InOrder);
//! assert!(kvd_disk::read(&found, Path::new("/log"), 100)?.starts_with(b"safe"));
//! # Ok::<(), kvd_disk::DiskError>(())
//! ```
#![forbid(unsafe_code)]

mod disk;
mod error;
mod file_writer;
mod whole_file;

mod os;

mod inode;
mod names;
mod simulated;

mod faulty;

pub use disk::{Disk, File, Found, Kind, Lock};
pub use error::{DiskError, Operation};
pub use faulty::{Fault, FaultyDisk, Outcome};
pub use file_writer::{FileReader, FileWriter};
pub use os::OsDisk;
pub use simulated::{SimulatedDisk, Writes};
pub use whole_file::{read, replace, write_all};
