//! How much the other side may ask for.

/// The longest bulk string of a request unless configured otherwise (`proto-max-bulk-len`): 512 MiB.
pub const BULK_BYTES_MAX: usize = 512 * 1024 * 1024;
/// The most words of a request.
pub const WORDS_MAX: usize = i32::MAX as usize;
/// The longest inline request and the longest line that announces a count or a length.
pub const INLINE_BYTES_MAX: usize = 64 * 1024;
/// The most words of a request before the client authenticated.
pub const UNAUTHENTICATED_WORDS_MAX: usize = 10;
/// The longest bulk string of a request before the client authenticated.
pub const UNAUTHENTICATED_BULK_BYTES_MAX: usize = 16 * 1024;
/// From this length on a word of a request is received into a buffer of its own, see [`Request::shared`](crate::Request::shared).
pub const LARGE_BULK_BYTES: usize = 32 * 1024;
/// From this length on [`Reply::shared`](crate::Reply::shared) sends the value where it is instead of copying it.
pub const SHARED_REPLY_BYTES_MIN: usize = 16 * 1024;
/// The deepest nesting that a [`ReplyReader`](crate::ReplyReader) ever accepts: dropping a frame recurses.
pub const DEPTH_MAX: usize = 1024;

/// What a client may send. Every length is checked before memory is reserved for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// The longest bulk string.
    pub bulk_bytes_max: usize,
    /// The most words.
    pub words_max: usize,
    /// The longest inline request, and the longest line that announces a count or a length.
    pub inline_bytes_max: usize,
    /// Whether the client has authenticated, or needn't. If not, [`UNAUTHENTICATED_WORDS_MAX`] and
    /// [`UNAUTHENTICATED_BULK_BYTES_MAX`] hold as well.
    pub authenticated: bool,
}

impl RequestLimits {
    /// The limits of a client that has authenticated, or needn't.
    pub const DEFAULT: Self = Self {
        bulk_bytes_max: BULK_BYTES_MAX,
        words_max: WORDS_MAX,
        inline_bytes_max: INLINE_BYTES_MAX,
        authenticated: true,
    };

    /// The limits of a client that still has to authenticate.
    pub const UNAUTHENTICATED: Self = Self { authenticated: false, ..Self::DEFAULT };
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a server may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyLimits {
    /// The longest string or line.
    pub bulk_bytes_max: usize,
    /// The most elements of one reply, those of nested aggregates included. A pair of a map counts as two.
    pub elements_max: usize,
    /// The deepest nesting; more than [`DEPTH_MAX`] is taken as `DEPTH_MAX`.
    pub depth_max: usize,
}

impl ReplyLimits {
    /// 512 MiB of text, 2^26 elements, 128 levels.
    pub const DEFAULT: Self = Self { bulk_bytes_max: BULK_BYTES_MAX, elements_max: 1 << 26, depth_max: 128 };
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
