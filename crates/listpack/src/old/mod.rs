//! What older servers wrote where newer ones write packed lists. Read only.

mod ziplist;
mod zipmap;

pub use ziplist::ZiplistRef;
pub use zipmap::ZipmapRef;
