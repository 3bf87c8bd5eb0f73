//! The bytes that say what comes next in a file. Others are types of values.

pub(crate) const END: u8 = 0xFF;
pub(crate) const SELECT_DB: u8 = 0xFE;
/// The next key expires: i32, in seconds.
pub(crate) const EXPIRES: u8 = 0xFD;
/// The next key expires: i64, in milliseconds.
pub(crate) const EXPIRES_MS: u8 = 0xFC;
pub(crate) const RESIZE_DB: u8 = 0xFB;
pub(crate) const AUX: u8 = 0xFA;
pub(crate) const FREQUENCY: u8 = 0xF9;
pub(crate) const IDLE: u8 = 0xF8;
pub(crate) const MODULE_AUX: u8 = 0xF7;
pub(crate) const OLD_FUNCTION: u8 = 0xF6;
pub(crate) const FUNCTION: u8 = 0xF5;
pub(crate) const SLOT_INFO: u8 = 0xF4;
/// Valkey's alone: a later Redis means something else by it.
pub(crate) const SLOT_IMPORT: u8 = 0xF3;
/// A type, of values that can't be passed over without knowing the module.
pub(crate) const OLD_MODULE: u8 = 6;
