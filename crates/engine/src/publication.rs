//! What was published, as its receivers get it.

use std::sync::Arc;

use resp::{Output, Protocol, SHARED_REPLY_BYTES_MIN};

/// A published message. Clones share its text.
///
/// In RESP3 it is a push, in RESP2 an array: only the first byte differs, so one text serves both.
#[derive(Clone, Debug)]
pub struct Publication {
    /// All but the first byte.
    text: Arc<Vec<u8>>,
}

impl Publication {
    /// For those who listen to the channel.
    pub(crate) fn to_channel(channel: &[u8], payload: &[u8]) -> Self {
        Self::new(b"3\r\n$7\r\nmessage\r\n", &[channel, payload])
    }

    /// For those who listen to a pattern.
    pub(crate) fn to_pattern(pattern: &[u8], channel: &[u8], payload: &[u8]) -> Self {
        Self::new(b"4\r\n$8\r\npmessage\r\n", &[pattern, channel, payload])
    }

    /// For those who listen to the sharded channel.
    pub(crate) fn to_shard_channel(channel: &[u8], payload: &[u8]) -> Self {
        Self::new(b"3\r\n$8\r\nsmessage\r\n", &[channel, payload])
    }

    /// That these keys were changed, or all, for those who track them.
    pub(crate) fn invalidation(keys: Option<&[&[u8]]>) -> Self {
        Self::with_keys(b"2\r\n$10\r\ninvalidate\r\n", keys, b"_\r\n")
    }

    /// The same as a message of a channel, for those whose protocol has no pushes.
    pub(crate) fn invalidation_published(keys: Option<&[&[u8]]>) -> Self {
        let head = b"3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n";
        Self::with_keys(head, keys, b"*-1\r\n")
    }

    /// That the client to which invalidations were redirected has gone.
    pub(crate) fn redirection_broken(client: u64) -> Self {
        Self { text: Arc::new(format!("2\r\n$21\r\ntracking-redir-broken\r\n:{client}\r\n").into()) }
    }

    fn with_keys(head: &[u8], keys: Option<&[&[u8]]>, none: &[u8]) -> Self {
        let Some(keys) = keys else { return Self { text: Arc::new([head, none].concat()) } };
        let head = [head, b"*", itoa::Buffer::new().format(keys.len()).as_bytes(), b"\r\n"].concat();
        Self::new(&head, keys)
    }

    fn new(head: &[u8], words: &[&[u8]]) -> Self {
        /// `$`, a length, and twice CR and LF.
        const AROUND_WORD: usize = 16;
        let room = words.iter().map(|word| word.len() + AROUND_WORD).sum::<usize>();
        let mut text = Vec::with_capacity(head.len() + room);
        text.extend_from_slice(head);
        for word in words {
            text.push(b'$');
            text.extend_from_slice(itoa::Buffer::new().format(word.len()).as_bytes());
            text.extend_from_slice(b"\r\n");
            text.extend_from_slice(word);
            text.extend_from_slice(b"\r\n");
        }
        Self { text: Arc::new(text) }
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn write(&self, output: &mut Output, protocol: Protocol) {
        output.extend(match protocol {
            Protocol::Resp2 => b"*",
            Protocol::Resp3 => b">",
        });
        if self.text.len() < SHARED_REPLY_BYTES_MIN {
            output.extend(&self.text);
        } else {
            output.extend_shared(&self.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(publication: &Publication, protocol: Protocol) -> Vec<u8> {
        let mut output = Output::new();
        publication.write(&mut output, protocol);
        output.to_vec()
    }

    #[test]
    fn one_text_serves_both_protocols() {
        let publication = Publication::to_pattern(b"n*", b"news", b"");
        let text = b"4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$0\r\n\r\n";
        assert_eq!(written(&publication, Protocol::Resp2), [b"*", &text[..]].concat());
        assert_eq!(written(&publication, Protocol::Resp3), [b">", &text[..]].concat());
    }

    #[test]
    fn a_long_message_is_sent_from_where_it_is() {
        let payload = vec![b'x'; SHARED_REPLY_BYTES_MIN];
        let publication = Publication::to_channel(b"c", &payload);
        let mut output = Output::new();
        publication.write(&mut output, Protocol::Resp3);
        assert_eq!(Arc::strong_count(&publication.text), 2);
        assert_eq!(output.len(), publication.len() + 1);
    }
}
