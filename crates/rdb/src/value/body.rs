//! How far a value has been read, in a form that survives when the reader of its parts is dropped; and how to pass over the rest.
//!
//! A stream is nested three deep. Its position is flat nevertheless: one stage, and how often each of the loops has still to be gone through.
//!
//! ```text
//! Start ─▶ Nodes ─▶ Metadata ─▶ Groups ─▶ Pending ─▶ ConsumerCount ─▶ Consumers ─▶ Owned ─┐
//!                                 ▲ ▲                                  │    ▲             │
//!                                 │ └──────────── no more ─────────────┘    └─────────────┘
//!                                 └─▶ Done
//! ```

use crate::error::{Error, Fault, Limit};
use crate::input::Input;
use crate::read::token;
use crate::value_type::{Piece, ValueType};

/// Bytes of a stream's ids, where they are not numbers.
const ID_BYTES: u64 = 16;

/// Where reading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was read.
    Start,
    /// The pieces of simple values.
    Pieces,
    /// The stages of a stream.
    Nodes,
    Metadata,
    Groups,
    Pending,
    ConsumerCount,
    Consumers,
    Owned,
    /// The items of a module's value.
    Items,
    Done,
}

/// A value that is being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub(crate) value_type: ValueType,
    pub(crate) stage: Stage,
    /// Pieces, nodes, pending entries or owned ids that are left.
    pub(crate) left: u64,
    pub(crate) groups_left: u64,
    pub(crate) consumers_left: u64,
    /// The earliest expiry, from which others are told.
    pub(crate) base_ms: i64,
}

/// Passes over pieces of a value: looking at them, so that they are buffered as a whole, or letting them go.
pub(crate) struct Walk<'i, I> {
    input: &'i mut I,
    at: usize,
    /// How many bytes may be kept; `None` if none is.
    kept_max: Option<usize>,
}

/// Why a walk stopped.
pub(crate) enum Stop {
    Error(Error),
    /// There is more than may be kept.
    TooLong,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Body {
    pub(crate) fn new(value_type: ValueType) -> Self {
        Self { value_type, stage: Stage::Start, left: 0, groups_left: 0, consumers_left: 0, base_ms: 0 }
    }

    /// Nothing to read.
    pub(crate) fn done() -> Self {
        Self { stage: Stage::Done, ..Self::new(ValueType::String) }
    }

    /// Goes on to a stage of a stream of which something is left. At most four steps: owned, consumers, groups, done.
    pub(crate) fn leave_finished_stages(&mut self) {
        loop {
            self.stage = match self.stage {
                Stage::Nodes if self.left == 0 => Stage::Metadata,
                Stage::Pending if self.left == 0 => Stage::ConsumerCount,
                Stage::Owned if self.left == 0 => Stage::Consumers,
                Stage::Consumers if self.consumers_left == 0 => Stage::Groups,
                Stage::Groups if self.groups_left == 0 => Stage::Done,
                _ => return,
            }
        }
    }

    /// Passes over what is left.
    pub(crate) fn skip<I: Input>(&mut self, input: &mut I) -> Result<(), Error> {
        let mut walk = Walk { input, at: 0, kept_max: None };
        match self.walk(&mut walk) {
            Ok(()) | Err(Stop::TooLong) => Ok(()),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// The number of bytes of a value of which nothing was read, all of them buffered; `None` if they are more than `bytes_max`.
    pub(crate) fn skim<I: Input>(mut self, input: &mut I, bytes_max: usize) -> Result<Option<usize>, Error> {
        let mut walk = Walk { input, at: 0, kept_max: Some(bytes_max) };
        match self.walk(&mut walk) {
            Ok(()) => Ok(Some(walk.at)),
            Err(Stop::TooLong) => Ok(None),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn walk<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        while self.stage != Stage::Done {
            match self.stage {
                Stage::Start => self.walk_start(walk)?,
                Stage::Pieces => self.walk_pieces(walk)?,
                Stage::Items => self.walk_items(walk)?,
                _ => self.walk_stream(walk)?,
            }
        }
        Ok(())
    }

    fn walk_start<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        match self.value_type {
            ValueType::Module => {
                walk.length()?;
                self.stage = Stage::Items;
            }
            ValueType::Stream1 | ValueType::Stream2 | ValueType::Stream3 => {
                self.left = walk.length()?;
                self.stage = Stage::Nodes;
            }
            simple => {
                if simple.has_base() {
                    walk.raw(8)?;
                }
                self.left = if simple.is_counted() { walk.length()? } else { 1 };
                self.stage = Stage::Pieces;
            }
        }
        Ok(())
    }

    fn walk_pieces<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        let pieces = self.value_type.pieces();
        while self.left > 0 {
            for piece in pieces {
                walk.piece(*piece)?;
            }
            self.left -= 1;
        }
        self.stage = Stage::Done;
        Ok(())
    }

    fn walk_items<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        while walk.item()? {}
        self.stage = Stage::Done;
        Ok(())
    }

    /// One stage of a stream.
    fn walk_stream<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        match self.stage {
            Stage::Nodes => {
                walk.repeat(&mut self.left, |walk| walk.text().and_then(|()| walk.text()))?;
                self.stage = Stage::Metadata;
            }
            Stage::Metadata => {
                let lengths = if self.value_type == ValueType::Stream1 { 3 } else { 8 };
                for _ in 0..lengths {
                    walk.length()?;
                }
                self.groups_left = walk.length()?;
                self.stage = Stage::Groups;
            }
            Stage::Groups => self.walk_group(walk)?,
            Stage::Pending => {
                walk.repeat(&mut self.left, |walk| {
                    walk.raw(ID_BYTES + 8)?;
                    walk.length().map(|_| ())
                })?;
                self.stage = Stage::ConsumerCount;
            }
            Stage::ConsumerCount => {
                self.consumers_left = walk.length()?;
                self.stage = Stage::Consumers;
            }
            Stage::Consumers => self.walk_consumer(walk)?,
            Stage::Owned => {
                walk.repeat(&mut self.left, |walk| walk.raw(ID_BYTES))?;
                self.stage = Stage::Consumers;
            }
            Stage::Start | Stage::Pieces | Stage::Items | Stage::Done => {}
        }
        Ok(())
    }

    fn walk_group<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        let Some(left) = self.groups_left.checked_sub(1) else {
            self.stage = Stage::Done;
            return Ok(());
        };
        self.groups_left = left;
        walk.text()?;
        walk.length()?;
        walk.length()?;
        if self.value_type != ValueType::Stream1 {
            walk.length()?;
        }
        self.left = walk.length()?;
        self.stage = Stage::Pending;
        Ok(())
    }

    fn walk_consumer<I: Input>(&mut self, walk: &mut Walk<'_, I>) -> Result<(), Stop> {
        let Some(left) = self.consumers_left.checked_sub(1) else {
            self.stage = Stage::Groups;
            return Ok(());
        };
        self.consumers_left = left;
        walk.text()?;
        walk.raw(if self.value_type == ValueType::Stream3 { 16 } else { 8 })?;
        self.left = walk.length()?;
        self.stage = Stage::Owned;
        Ok(())
    }
}

impl<I: Input> Walk<'_, I> {
    fn piece(&mut self, piece: Piece) -> Result<(), Stop> {
        match piece {
            Piece::Text => self.text(),
            Piece::Length => self.length().map(|_| ()),
            Piece::Eight => self.raw(8),
            Piece::NumberText => {
                let [len] = token::chunk(self.input, &mut self.at)?;
                // From 253 on the byte is the number: not a number, and the two infinities.
                self.raw(if len < 253 { u64::from(len) } else { 0 })
            }
        }
    }

    fn length(&mut self) -> Result<u64, Stop> {
        let length = token::length(self.input, &mut self.at)?;
        self.raw(0)?;
        Ok(length)
    }

    fn text(&mut self) -> Result<(), Stop> {
        let len = token::text_bytes(self.input, &mut self.at)?;
        self.raw(len)
    }

    /// Passes over what was looked at and `len` bytes more.
    fn raw(&mut self, len: u64) -> Result<(), Stop> {
        match self.kept_max {
            None => {
                self.input.pass(self.at as u64)?;
                self.at = 0;
                Ok(self.input.pass(len)?)
            }
            Some(max) => {
                let end = usize::try_from(len).ok().and_then(|len| self.at.checked_add(len));
                let end = end.filter(|end| *end <= max).ok_or(Stop::TooLong)?;
                self.input.ahead(self.at, end - self.at)?;
                self.at = end;
                Ok(())
            }
        }
    }

    /// Passes over an item of a module's value; `false` after the last.
    fn item(&mut self) -> Result<bool, Stop> {
        let place = self.input.offset() + self.at as u64;
        match self.length()? {
            0 => return Ok(false),
            1 | 2 => self.length().map(|_| ())?,
            3 => self.raw(4)?,
            4 => self.raw(8)?,
            5 => self.text()?,
            other => return Err(Error::new(place, Fault::ModuleItem(other)).into()),
        }
        Ok(true)
    }

    fn repeat(
        &mut self,
        left: &mut u64,
        mut each: impl FnMut(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        while *left > 0 {
            each(self)?;
            *left -= 1;
        }
        Ok(())
    }
}

/// Looks at an item of a module's value, and says how many bytes it has; `None` at the last.
pub(crate) fn item_len<I: Input>(input: &mut I) -> Result<Option<usize>, Error> {
    let bytes_max = input.text_bytes_max();
    let offset = input.offset();
    let mut walk = Walk { input, at: 0, kept_max: Some(bytes_max) };
    match walk.item() {
        Ok(is_item) => Ok(is_item.then_some(walk.at)),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::TooLong) => Err(Error::new(offset, Limit::Text(bytes_max as u64))),
    }
}
