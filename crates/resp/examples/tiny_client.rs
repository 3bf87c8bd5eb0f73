//! Sends one request and prints the reply:
//!
//! ```text
//! cargo run -p kvd-resp --example tiny_client -- 127.0.0.1:6379 SET greeting hello
//! ```

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use kvd_resp::{Frame, ReplyLimits, ReplyReader, write_request};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:6379".into());
    let mut words: Vec<String> = args.collect();
    if words.is_empty() {
        words.push("PING".into());
    }
    let mut connection = TcpStream::connect(address)?;
    let mut request = Vec::new();
    write_request(&mut request, &words);
    connection.write_all(&request)?;
    print(&receive(&mut connection)?, 0);
    Ok(())
}

fn receive(connection: &mut TcpStream) -> Result<Frame, Box<dyn Error>> {
    let mut reader = ReplyReader::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(frame) = reader.parse(&ReplyLimits::DEFAULT)? {
            return Ok(frame);
        }
        let count = connection.read(&mut piece)?;
        if count == 0 {
            return Err("the server closed the connection".into());
        }
        reader.feed(&piece[..count]);
    }
}

/// No deeper than `ReplyLimits::depth_max`.
fn print(frame: &Frame, depth: usize) {
    let indent = "  ".repeat(depth);
    if let Some(text) = frame.as_bytes() {
        println!("{indent}{}", text.escape_ascii());
    } else if let Some(elements) = frame.elements() {
        println!("{indent}{} elements", elements.len());
        elements.iter().for_each(|element| print(element, depth + 1));
    } else if let Frame::Map(pairs) = frame {
        for (key, value) in pairs {
            print(key, depth);
            print(value, depth + 1);
        }
    } else {
        println!("{indent}{frame:?}");
    }
}
