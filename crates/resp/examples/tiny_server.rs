//! A server that knows GET, SET, HELLO and PING. Try it with redis-cli:
//!
//! ```text
//! cargo run -p kvd-resp --example tiny_server -- 127.0.0.1:6399
//! redis-cli -p 6399 set greeting hello
//! ```
//!
//! Values of 32 KiB and more are never copied: they are received into the buffer that is stored, and sent from there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Buf;
use kvd_resp::{Output, Protocol, Reply, Request, RequestLimits, RequestReader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};

type Store = Rc<RefCell<BTreeMap<Vec<u8>, Arc<Vec<u8>>>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:6399".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    LocalSet::new().run_until(accept(listener)).await
}

async fn accept(listener: TcpListener) -> io::Result<()> {
    let store = Store::default();
    loop {
        let (connection, _) = listener.accept().await?;
        let store = Rc::clone(&store);
        spawn_local(async move {
            if let Err(error) = serve(connection, &store).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn serve(mut connection: TcpStream, store: &Store) -> io::Result<()> {
    let mut reader = RequestReader::new();
    let mut output = Output::new();
    let mut protocol = Protocol::Resp2;
    while connection.read_buf(&mut reader.unfilled()).await? > 0 {
        let end = loop {
            match reader.parse(&RequestLimits::DEFAULT) {
                Ok(true) => {}
                Ok(false) => break None,
                Err(error) => break Some(error),
            }
        };
        for index in 0..reader.len() {
            execute(&reader.request(index), store, &mut protocol, &mut output);
        }
        reader.release();
        if let Some(error) = &end {
            Reply::new(&mut output, protocol).protocol_error(error);
        }
        while output.has_remaining() {
            connection.write_buf(&mut output).await?;
        }
        if end.is_some() {
            break;
        }
    }
    Ok(())
}

fn execute(request: &Request<'_>, store: &Store, protocol: &mut Protocol, output: &mut Output) {
    let mut reply = Reply::new(output, *protocol);
    let name = request.word(0).to_ascii_uppercase();
    match (&name[..], request.len()) {
        (b"PING", 1) => reply.simple("PONG"),
        (b"GET", 2) => match store.borrow().get(request.word(1)) {
            Some(value) => reply.shared(value),
            None => reply.null(),
        },
        (b"SET", 3) => {
            let value = request.shared(2).map_or_else(|| Arc::new(request.word(2).to_vec()), Arc::clone);
            store.borrow_mut().insert(request.word(1).to_vec(), value);
            reply.ok();
        }
        (b"HELLO", _) => {
            *protocol = if request.get(1) == Some(b"3") { Protocol::Resp3 } else { Protocol::Resp2 };
            reply.set_protocol(*protocol);
            reply.map(2);
            reply.bulk(b"server");
            reply.bulk(b"tiny");
            reply.bulk(b"proto");
            reply.integer(if *protocol == Protocol::Resp3 { 3 } else { 2 });
        }
        _ => reply.error_bytes(&[b"ERR unknown command or wrong number of arguments: ", &name[..]].concat()),
    }
}
