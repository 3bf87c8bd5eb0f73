//! What the tools of servers say of the same files, and servers that run.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use kvd_tests::process::{Missing, Peer, skipped};
use kvd_tests::wire;

use crate::files::{all_golden, contents, folder, golden, log, small};
use crate::run::run;

/// Runs a server under the name by which it checks files; whether it found the file good. It may die of what it reads.
fn approves(peer: Peer, tool: &str, words: &[&str], answer: &[u8]) -> Result<bool, Missing> {
    let program = peer.find()?;
    let mut command = Command::new(program.path);
    command.arg0(tool).args(words).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(answer);
    Ok(child.wait().unwrap().success())
}

fn peer_of(path: &Path) -> (Peer, &'static str) {
    match path.file_name().unwrap().to_str().unwrap().get(..2).unwrap() {
        "r7" => (Peer::Redis7, "redis-check-rdb"),
        "r8" => (Peer::Redis8, "redis-check-rdb"),
        _ => (Peer::Valkey9, "valkey-check-rdb"),
    }
}

#[test]
fn good_snapshots_are_good_for_both() {
    for path in all_golden() {
        let (peer, tool) = peer_of(&path);
        match approves(peer, tool, &[path.to_str().unwrap()], b"") {
            Ok(is_good) => assert!(is_good, "{}", path.display()),
            Err(missing) => skipped("redis-check-rdb", missing),
        }
        run(&["-q", "rdb", path.to_str().unwrap()]).ended(0);
    }
}

#[test]
fn damage_that_redis_finds_in_a_snapshot_is_found() {
    let file = small(false);
    let folder = folder(&[]);
    let path = folder.path().join("bad.rdb");
    let path = path.to_str().unwrap();
    let (mut both, mut mine) = (0, 0);
    for at in 0..file.len() {
        let mut bad = file.clone();
        bad[at] ^= 0xFF;
        fs::write(path, &bad).unwrap();
        match approves(Peer::Redis7, "redis-check-rdb", &[path], b"") {
            Err(missing) => return skipped("redis-check-rdb", missing),
            Ok(is_good) => {
                let found = run(&["-q", "rdb", path]).code == 1;
                assert!(found || is_good, "redis-check-rdb finds damage at byte {at}");
                both += usize::from(found && !is_good);
                mine += usize::from(found && is_good);
            }
        }
    }
    assert!(both > file.len() / 4, "{both} found by both, {mine} by this one alone");
}

#[test]
fn logs_are_judged_and_cut_as_by_redis() {
    // A torn annotation is no fault for Redis: it reads lines that end nowhere.
    let whole = log(&["SELECT 0", "SET a 1", "MULTI", "INCR a", "EXEC", "SET b 2", "DEL a"]);
    let manifest = b"file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n";
    let check = |words: &[&str], answer: &[u8]| approves(Peer::Redis7, "redis-check-aof", words, answer);
    for end in (0..=whole.len()).step_by(7) {
        let files: [(&str, &[u8]); 3] =
            [("a.manifest", manifest), ("a.1.base.rdb", &small(true)), ("a.1.incr.aof", &whole[..end])];
        let (ours, theirs) = (folder(&files), folder(&files));
        let path = |folder: &tempfile::TempDir| folder.path().join("a.manifest").to_str().unwrap().to_owned();
        let is_good = match check(&[&path(&theirs)], b"") {
            Ok(is_good) => is_good,
            Err(missing) => return skipped("redis-check-aof", missing),
        };
        run(&["aof", &path(&ours)]).ended(i32::from(!is_good));
        run(&["aof", &path(&ours), "--fix", "-y"]).ended(0);
        check(&["--fix", &path(&theirs)], b"y\n").unwrap();
        let cut = |folder: &tempfile::TempDir| fs::read(folder.path().join("a.1.incr.aof")).unwrap();
        assert_eq!(
            cut(&ours).escape_ascii().to_string(),
            cut(&theirs).escape_ascii().to_string(),
            "cut at {end}"
        );
    }
}

#[test]
fn logs_go_back_in_time_as_by_redis() {
    let file = log(&[
        "#TS:1795000000",
        "SET a 1",
        "#TS:1795000010",
        "MULTI",
        "INCR a",
        "EXEC",
        "#TS:1795000020",
        "SET b 2",
    ]);
    for time in ["1795000000", "1795000015", "1795000020"] {
        let (ours, theirs) = (folder(&[("a.aof", &file)]), folder(&[("a.aof", &file)]));
        let path = |folder: &tempfile::TempDir| folder.path().join("a.aof").to_str().unwrap().to_owned();
        let words = ["--truncate-to-timestamp", time, &path(&theirs)];
        if let Err(missing) = approves(Peer::Redis7, "redis-check-aof", &words, b"y\n") {
            return skipped("redis-check-aof", missing);
        }
        run(&["aof", &path(&ours), "--until", time, "-y"]).ended(0);
        assert_eq!(fs::read(path(&ours)).unwrap(), fs::read(path(&theirs)).unwrap(), "{time}");
    }
}

/// Asks a server, and waits for its reply.
fn ask(address: SocketAddr, words: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&wire::encode(&words.split(' ').collect::<Vec<_>>())).unwrap();
    let (mut reply, mut piece) = (Vec::new(), [0; 4096]);
    while wire::decode(&reply).unwrap().is_none() {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "{words}");
        reply.extend_from_slice(&piece[..count]);
    }
    assert!(!reply.starts_with(b"-"), "{words}: {}", reply.escape_ascii());
}

#[test]
fn a_server_is_as_the_snapshot_that_it_loaded() {
    for (peer, name) in [(Peer::Redis7, "r7.rdb"), (Peer::Redis8, "r8-plain.rdb"), (Peer::Valkey9, "vk.rdb")]
    {
        let program = match peer.find() {
            Ok(program) => program,
            Err(missing) => {
                skipped("diff with a server", missing);
                continue;
            }
        };
        let path = golden(name);
        let file = path.to_str().unwrap();
        let folder = folder(&[("dump.rdb", &fs::read(file).unwrap())]);
        let words = ["--dir", folder.path().to_str().unwrap(), "--requirepass", "secret"];
        let server = program.start_with(&words).unwrap();
        let place = server.address.to_string();
        run(&["diff", file, &place]).ended(2).warns("NOAUTH");
        let ran = run(&["diff", file, &format!("redis://:wrong@{place}")]).ended(2).warns("WRONGPASS");
        assert!(!ran.err.contains("wrong@"));
        let url = format!("redis://default:secret@{place}");
        if peer == Peer::Redis8 {
            // The module writes its value in another order after it has loaded it.
            run(&["diff", file, &url])
                .ended(1)
                .says("\"vectors\": module vectorset")
                .says("0 types, 1 values, 0 expiries");
        } else {
            run(&["diff", file, &url]).ended(0).says("no difference");
            run(&["diff", &url, file]).ended(0);
        }
        run(&["diff", &url, &url]).ended(0);
    }
}

#[test]
fn servers_differ_by_what_was_written() {
    let peers = [Peer::Redis7, Peer::Redis8, Peer::Valkey9].map(Peer::find);
    let [Ok(r7), Ok(r8), Ok(vk)] = peers else {
        return peers
            .into_iter()
            .filter_map(Result::err)
            .for_each(|missing| skipped("diff of servers", missing));
    };
    let servers = [r7, r8, vk].map(|program| program.start().unwrap());
    for server in &servers {
        for index in 0..300 {
            ask(server.address, &format!("SET key:{index} {index}"));
        }
        for words in [
            "RPUSH list a b c",
            "HSET hash f 1 g 2",
            "SADD set 3 1 2",
            "ZADD zset 1.5 a 2 b",
            "XADD stream 5-1 f v",
        ] {
            ask(server.address, words);
        }
        ask(server.address, "SET soon x PXAT 1999999999999");
    }
    let [a, b, c] = servers.each_ref().map(|server| server.address.to_string());
    run(&["diff", &a, &b]).ended(0).says("306 keys").says("no difference");
    run(&["diff", &b, &c]).ended(0);
    ask(servers[2].address, "HSET hash g 3");
    ask(servers[2].address, "PERSIST soon");
    ask(servers[2].address, "DEL key:7");
    ask(servers[2].address, "SADD set 4");
    ask(servers[2].address, "ZADD zset 2.5 b");
    let ran = run(&["diff", &b, &c]).ended(1);
    let ran =
        ran.says("only in A  db 0  \"key:7\"").says("\"hash\": hash field \"g\" is \"2\" in A, \"3\" in B");
    let ran = ran.says("\"soon\": 2033-05-18T03:33:19.999Z (1999999999999 ms) in A, never in B");
    let ran =
        ran.says("\"set\": set member \"4\" only in B").says("the score of member \"b\" is 2 in A, 2.5 in B");
    ran.says("1 keys only in A, 0 only in B; 0 types, 3 values, 1 expiries differ");
}

#[test]
fn what_is_converted_is_loaded_by_the_server_that_it_is_for() {
    for (peer, version, from) in
        [(Peer::Redis7, "10", "r7.rdb"), (Peer::Redis8, "12", "vk.rdb"), (Peer::Valkey9, "80", "r7.rdb")]
    {
        let program = match peer.find() {
            Ok(program) => program,
            Err(missing) => {
                skipped("loading what was converted", missing);
                continue;
            }
        };
        let from = golden(from);
        let folder = folder(&[]);
        let to = folder.path().join("dump.rdb");
        run(&["convert", from.to_str().unwrap(), to.to_str().unwrap(), "--to", version]).ended(0);
        let server = program.start_with(&["--dir", folder.path().to_str().unwrap()]).unwrap();
        run(&["diff", from.to_str().unwrap(), &server.address.to_string()]).ended(0);
        assert_eq!(contents(folder.path()).len(), 1);
    }
}
