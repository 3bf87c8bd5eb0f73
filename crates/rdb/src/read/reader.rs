//! The reader of files.
//!
//! ```text
//! magic │ { opcode … }* │ FF │ checksum
//!
//! FA aux │ F5 function │ F7 of a module │ FE database │ FB, F4 sizes │ F3 slots │ FD, FC, F9, F8 of the next key │ else type, key, value
//! ```

use std::io::Read;

use listpack::{Element, TextBuffer};

use super::entry::{Entry, Meta};
use super::item::{Item, SlotImport, SlotRange, Trailer};
use super::options::ReadOptions;
use super::token;
use crate::checksum::Checksum;
use crate::dialect::{Dialect, MAGIC_BYTES, MagicFault};
use crate::error::{Error, ErrorKind, Fault, Limit, Unsupported};
use crate::input::{Bytes, Source};
use crate::opcode;
use crate::scratch::Scratch;
use crate::value::Module;
use crate::value::body::Body;
use crate::value_type::ValueType;

/// Slots of a cluster: more ranges than that are no ranges.
const SLOTS: u64 = 16384;

/// Reads a file item by item, in bounded memory.
///
/// ```text
/// let mut reader = Reader::new(file, ReadOptions::default())?;
/// while let Some(item) = reader.next_item()? { … }
/// ```
///
/// Lengths in a file are never believed: memory is taken as bytes come.
#[derive(Debug)]
pub struct Reader<R> {
    source: Source<R>,
    dialect: Dialect,
    key: Vec<u8>,
    body: Body,
    ranges: Vec<SlotRange>,
    ended: bool,
}

/// What the next opcode announces.
enum Next {
    Aux,
    Function,
    ModuleAux,
    SelectDb,
    ResizeDb,
    SlotInfo,
    SlotImport,
    Entry(ValueType, Meta),
    End,
}

impl<R: Read> Reader<R> {
    /// Reads the magic.
    ///
    /// # Errors
    ///
    /// It isn't one, or that of a version that is not read.
    pub fn new(read: R, options: ReadOptions) -> Result<Self, Error> {
        let checksum = options.checksum.then(Checksum::new);
        let mut source = Source::new(read, checksum, Scratch::with_text_bytes_max(options.text_bytes_max));
        let magic = token::chunk::<_, MAGIC_BYTES>(&mut source, &mut 0)?;
        let dialect = Dialect::of_magic(&magic).map_err(|fault| match fault {
            MagicFault::Unknown => Error::new(0, Fault::Magic),
            MagicFault::Version(version) => Error::new(0, Unsupported::Version(version)),
        })?;
        source.take(MAGIC_BYTES);
        Ok(Self { source, dialect, key: Vec::new(), body: Body::done(), ranges: Vec::new(), ended: false })
    }

    /// Whose file it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Bytes that were read so far, without those that wait in the buffer.
    pub fn offset(&self) -> u64 {
        self.source.offset()
    }

    /// What follows the file: bytes that were read ahead, and the reader of all others.
    ///
    /// In a log of Redis before 7.0 these are commands. Of no use before [`Item::End`].
    pub fn into_rest(self) -> (Vec<u8>, R) {
        self.source.into_rest()
    }

    /// The next item; `None` after [`Item::End`].
    ///
    /// What wasn't read of the item before is passed over.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn next_item(&mut self) -> Result<Option<Item<'_, Source<R>>>, Error> {
        self.body.skip(&mut self.source)?;
        if self.ended {
            return Ok(None);
        }
        self.next()?.map_or(Ok(None), |next| self.item(next).map(Some))
    }

    /// Takes opcodes up to the next that begins an item.
    fn next(&mut self) -> Result<Option<Next>, Error> {
        let mut meta = Meta::default();
        loop {
            let mut at = 0;
            let source = &mut self.source;
            let [byte] = token::chunk(source, &mut at)?;
            let next = match byte {
                opcode::EXPIRES_MS => {
                    meta.expires_at_ms = Some(i64::from_le_bytes(token::chunk(source, &mut at)?));
                    None
                }
                opcode::EXPIRES => {
                    let seconds = i32::from_le_bytes(token::chunk(source, &mut at)?);
                    meta.expires_at_ms = Some(i64::from(seconds) * 1000);
                    None
                }
                opcode::IDLE => {
                    meta.idle_seconds = Some(token::length(source, &mut at)?);
                    None
                }
                opcode::FREQUENCY => {
                    let [frequency] = token::chunk(source, &mut at)?;
                    meta.frequency = Some(frequency);
                    None
                }
                opcode::AUX => Some(Next::Aux),
                opcode::FUNCTION => Some(Next::Function),
                opcode::MODULE_AUX => Some(Next::ModuleAux),
                opcode::SELECT_DB => Some(Next::SelectDb),
                opcode::RESIZE_DB => Some(Next::ResizeDb),
                opcode::SLOT_INFO => Some(Next::SlotInfo),
                opcode::SLOT_IMPORT if matches!(self.dialect, Dialect::Valkey(_)) => Some(Next::SlotImport),
                opcode::END => Some(Next::End),
                number => Some(Next::Entry(self.value_type(number)?, meta)),
            };
            self.source.take(at);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn value_type(&self, number: u8) -> Result<ValueType, Error> {
        let unsupported = match number {
            opcode::OLD_FUNCTION => Unsupported::OldFunction,
            opcode::OLD_MODULE => Unsupported::OldModule,
            _ => Unsupported::Type(number),
        };
        ValueType::of_number(number, self.dialect)
            .ok_or_else(|| Error::new(self.source.offset(), unsupported))
    }

    fn item(&mut self, next: Next) -> Result<Item<'_, Source<R>>, Error> {
        match next {
            Next::Entry(value_type, meta) => self.entry(value_type, meta),
            Next::Aux => self.aux(),
            Next::Function => crate::value::string(&mut self.source).map(Item::Function),
            Next::ModuleAux => {
                self.body = Body::new(ValueType::Module);
                Module::begin(&mut self.source, &mut self.body).map(Item::ModuleAux)
            }
            Next::SelectDb => self.lengths().map(|[db]| Item::SelectDb(db)),
            Next::ResizeDb => self.lengths().map(|[keys, expiring]| Item::ResizeDb { keys, expiring }),
            Next::SlotInfo => {
                self.lengths().map(|[slot, keys, expiring]| Item::SlotInfo { slot, keys, expiring })
            }
            Next::SlotImport => self.slot_import(),
            Next::End => self.end(),
        }
    }

    fn entry(&mut self, value_type: ValueType, meta: Meta) -> Result<Item<'_, Source<R>>, Error> {
        let (offset, mut at) = (self.source.offset(), 0);
        let token = token::token(&mut self.source, &mut at)?;
        let (bytes, scratch) = self.source.take(at);
        crate::scratch::release(&mut self.key, token.len());
        self.key.clear();
        let key = token.text(bytes, &mut scratch.first, offset)?;
        self.key.extend_from_slice(key.text(&mut TextBuffer::new()));
        self.body = Body::new(value_type);
        Ok(Item::Entry(Entry { key: &self.key, meta, input: &mut self.source, body: &mut self.body }))
    }

    fn aux(&mut self) -> Result<Item<'_, Source<R>>, Error> {
        let (offset, mut at) = (self.source.offset(), 0);
        let key = token::token(&mut self.source, &mut at)?;
        let value = token::token(&mut self.source, &mut at)?;
        let (bytes, scratch) = self.source.take(at);
        let key = key.text(bytes, &mut scratch.first, offset)?;
        let value = value.text(bytes, &mut scratch.second, offset)?;
        Ok(Item::Aux { key, value })
    }

    fn slot_import(&mut self) -> Result<Item<'_, Source<R>>, Error> {
        let (offset, mut at) = (self.source.offset(), 0);
        let job = token::token(&mut self.source, &mut at)?;
        let count = token::length(&mut self.source, &mut at)?;
        if count > SLOTS {
            return Err(Error::new(offset, Limit::SlotRanges(count)));
        }
        self.ranges.clear();
        for _ in 0..count {
            let first = token::length(&mut self.source, &mut at)?;
            let last = token::length(&mut self.source, &mut at)?;
            self.ranges.push(SlotRange { first, last });
        }
        let (bytes, scratch) = self.source.take(at);
        let job: Element<'_> = job.text(bytes, &mut scratch.first, offset)?;
        Ok(Item::SlotImport(SlotImport { job, ranges: &self.ranges }))
    }

    fn lengths<const N: usize>(&mut self) -> Result<[u64; N], Error> {
        let mut at = 0;
        let mut lengths = [0; N];
        for length in &mut lengths {
            *length = token::length(&mut self.source, &mut at)?;
        }
        self.source.take(at);
        Ok(lengths)
    }

    fn end(&mut self) -> Result<Item<'_, Source<R>>, Error> {
        self.ended = true;
        if !self.dialect.has_checksum() {
            return Ok(Item::End(Trailer::None));
        }
        let offset = self.source.offset();
        let computed = self.source.checksum();
        let mut at = 0;
        let stored = u64::from_le_bytes(token::chunk(&mut self.source, &mut at)?);
        self.source.take(at);
        match computed {
            _ if stored == 0 => Ok(Item::End(Trailer::Omitted)),
            Some(computed) if computed == stored => Ok(Item::End(Trailer::Verified)),
            Some(computed) => Err(Error::new(offset, ErrorKind::Checksum { stored, computed })),
            None => Ok(Item::End(Trailer::Unverified)),
        }
    }
}
