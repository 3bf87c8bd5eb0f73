//! A cache in front of a slow page: kvd inside a small web server, shared by its threads.
//!
//! ```text
//! cargo run -p kvd-embed --example web_cache              starts it, asks it 300 times, shows how often the cache knew the answer
//! cargo run -p kvd-embed --example web_cache -- 8080      serves on that port until it is stopped
//! ```
//!
//! Each page lives for a second. Every visit counts, in the same database, and survives its page.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use kvd_embed::{Db, Options};

const PAGE_SECONDS: u32 = 1;
const REQUEST_LINE_BYTES_MAX: u64 = 1024;
const VISITORS: usize = 3;
const VISITS_EACH: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let db = Db::open(Options::default())?;
    if let Some(port) = std::env::args().nth(1) {
        serve(&TcpListener::bind(("127.0.0.1", port.parse()?))?, &db);
        return Ok(());
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = db.clone();
    // Ends with the process.
    thread::Builder::new().spawn(move || serve(&listener, &server))?;
    let visitors: Vec<_> = (0..VISITORS)
        .map(|number| thread::Builder::new().spawn(move || visit(address, number)))
        .collect::<Result<_, _>>()?;
    for visitor in visitors {
        visitor.join().expect("a visitor doesn't panic")?;
    }
    report(&db)
}

fn serve(listener: &TcpListener, db: &Db) {
    for stream in listener.incoming().flatten() {
        let db = db.clone();
        let answered = thread::Builder::new().spawn(move || {
            if let Err(error) = answer(stream, &db) {
                eprintln!("a visitor got no answer: {error}");
            }
        });
        if let Err(error) = answered {
            eprintln!("no thread for a visitor: {error}");
        }
    }
}

/// Reads `GET /path …`, and sends the page.
fn answer(mut stream: TcpStream, db: &Db) -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    BufReader::new((&stream).take(REQUEST_LINE_BYTES_MAX)).read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/");
    let page = page(db, path)?;
    write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len())?;
    Ok(())
}

/// The page from the cache, or made anew and put there.
fn page(db: &Db, path: &str) -> Result<String, kvd_embed::Error> {
    let key = format!("page:{path}");
    // Both at once: what the cache has, and the count of visits.
    let (cached, _visits): (Option<String>, i64) =
        db.pipeline().cmd(["GET", &key]).cmd(["INCR", &format!("visits:{path}")]).query()?;
    if let Some(page) = cached {
        db.call(["INCR", "hits"])?;
        return Ok(page);
    }
    let page = render(path);
    // NX: should another thread have been faster, its page stays.
    db.call(("SET", &key, &page, "NX", "EX", PAGE_SECONDS))?;
    db.call(["INCR", "misses"])?;
    Ok(page)
}

/// The work that a cache saves.
fn render(path: &str) -> String {
    let digest = (0..200_000u64).fold(path.len() as u64, |sum, step| sum.rotate_left(5) ^ step);
    format!("<h1>{path}</h1><p>{digest:x}</p>\n")
}

/// Asks for one page of ten after the other.
fn visit(address: SocketAddr, number: usize) -> io::Result<()> {
    for visit in 0..VISITS_EACH {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET /article/{} HTTP/1.0\r\n\r\n", (visit + number) % 10)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with("HTTP/1.0 200 OK\r\n") {
            return Err(io::Error::other(answer));
        }
    }
    Ok(())
}

fn report(db: &Db) -> Result<(), Box<dyn Error>> {
    let (hits, misses): (Option<u32>, u32) = db.query(["MGET", "hits", "misses"])?;
    let hits = hits.unwrap_or_default();
    let all = hits + misses;
    println!(
        "{all} visits, {misses} pages made: the cache knew {:.1} %",
        f64::from(hits) / f64::from(all) * 100.0
    );
    let most: u32 = db.query(["GET", "visits:/article/0"])?;
    println!("/article/0 was visited {most} times");
    Ok(())
}
