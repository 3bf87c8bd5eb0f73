//! Codecs for `tokio_util::codec::Framed`, for where convenience counts more than copies.
//!
//! What is no request or no reply is an [`io::Error`](std::io::Error) of kind `InvalidData` around the
//! [`ProtocolError`](crate::ProtocolError) or [`ReplyError`](crate::ReplyError). Feature `codec`.

use bytes::BytesMut;
use tokio_util::codec::{Decoder, Encoder};

use crate::frame::Frame;
use crate::frame_reader::ReplyReader;
use crate::frame_write::write_request;
use crate::limits::{ReplyLimits, RequestLimits};
use crate::reader::RequestReader;

/// The client's end: sends requests, receives [`Frame`]s.
#[derive(Debug, Default)]
pub struct ClientCodec {
    reader: ReplyReader,
    limits: ReplyLimits,
}

impl ClientCodec {
    /// A codec of a new connection.
    pub fn new(limits: ReplyLimits) -> Self {
        Self { reader: ReplyReader::new(), limits }
    }
}

impl Decoder for ClientCodec {
    type Item = Frame;
    type Error = std::io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Frame>, Self::Error> {
        self.reader.feed(&source.split());
        self.reader.parse(&self.limits).map_err(invalid_data)
    }
}

impl<W: AsRef<[u8]>> Encoder<&[W]> for ClientCodec {
    type Error = std::io::Error;

    fn encode(&mut self, words: &[W], target: &mut BytesMut) -> Result<(), Self::Error> {
        let mut bytes = Vec::new();
        write_request(&mut bytes, words);
        target.extend_from_slice(&bytes);
        Ok(())
    }
}

/// The server's end: receives requests as their words, sends [`Frame`]s.
#[derive(Debug, Default)]
pub struct ServerCodec {
    reader: RequestReader,
    limits: RequestLimits,
}

impl ServerCodec {
    /// A codec of a new connection.
    pub fn new(limits: RequestLimits) -> Self {
        Self { reader: RequestReader::new(), limits }
    }
}

impl Decoder for ServerCodec {
    type Item = Vec<Vec<u8>>;
    type Error = std::io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        self.reader.feed(&source.split());
        if !self.reader.parse(&self.limits).map_err(invalid_data)? {
            return Ok(None);
        }
        let words = self.reader.request(0).words().map(<[u8]>::to_vec).collect();
        self.reader.release();
        Ok(Some(words))
    }
}

impl Encoder<Frame> for ServerCodec {
    type Error = std::io::Error;

    fn encode(&mut self, frame: Frame, target: &mut BytesMut) -> Result<(), Self::Error> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        target.extend_from_slice(&bytes);
        Ok(())
    }
}

fn invalid_data(error: impl std::error::Error + Send + Sync + 'static) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_frames_pass_between_both_ends() {
        let mut client = ClientCodec::default();
        let mut server = ServerCodec::default();
        let mut wire = BytesMut::new();
        client.encode(&["GET", "a"][..], &mut wire).unwrap();
        client.encode(&[b"PING"][..], &mut wire).unwrap();
        assert_eq!(server.decode(&mut wire).unwrap(), Some(vec![b"GET".to_vec(), b"a".to_vec()]));
        assert_eq!(server.decode(&mut wire).unwrap(), Some(vec![b"PING".to_vec()]));
        assert_eq!(server.decode(&mut wire).unwrap(), None);

        server.encode(Frame::Bulk(b"1".to_vec()), &mut wire).unwrap();
        let tail = wire.split_off(3);
        assert_eq!(client.decode(&mut wire).unwrap(), None);
        wire.unsplit(tail);
        assert_eq!(client.decode(&mut wire).unwrap(), Some(Frame::Bulk(b"1".to_vec())));
    }

    #[test]
    fn what_is_no_request_is_an_error() {
        let fault = ServerCodec::default().decode(&mut BytesMut::from(&b"*x\r\n"[..])).unwrap_err();
        assert_eq!(fault.to_string(), "invalid multibulk length");
    }
}
