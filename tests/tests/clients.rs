//! Real clients against kvd; the same against Redis proves that a client's test is right.
//!
//! The scripts are in `tests/clients/`; `.ci/run` installs what they need.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kvd_tests::process::{self, Missing, Peer, Program};
use kvd_tests::proxy::{Faults, Proxy};
use kvd_tests::wire;
use redis::{ConnectionLike, TypedCommands};

/// Ends a client that waits for ever.
const SECONDS_MAX: &str = "120";
const BENCHMARK_REQUESTS: u64 = 3_200;
const PIPE_KEYS: usize = 10_000;

/// The seed of the network's faults.
const SEED: u64 = 11;

/// What a client's test gives: how it failed, or that the client isn't installed.
type Verdict = Result<(), Trouble>;

#[derive(Debug)]
enum Trouble {
    Missing(String),
    Failed(String),
}

macro_rules! client_tests {
    ($($client:ident: $on_kvd:ident, $on_redis:ident;)*) => {
        $(
            #[test]
            fn $on_kvd() {
                on(stringify!($on_kvd), process::kvd(), $client);
            }

            #[test]
            fn $on_redis() {
                on(stringify!($on_redis), Peer::Redis8.find(), $client);
            }
        )*
    };
}

client_tests! {
    redis_py: redis_py_works_with_kvd, redis_py_works_with_redis;
    stream_workers: crashed_workers_of_a_group_lose_nothing_with_kvd, crashed_workers_of_a_group_lose_nothing_with_redis;
    capital_cities: places_are_found_with_kvd, places_are_found_with_redis;
    ioredis: ioredis_works_with_kvd, ioredis_works_with_redis;
    node_redis: node_redis_works_with_kvd, node_redis_works_with_redis;
    rq_jobs: jobs_of_rq_are_done_with_kvd, jobs_of_rq_are_done_with_redis;
    celery_tasks: tasks_of_celery_are_done_with_kvd, tasks_of_celery_are_done_with_redis;
    redis_rs: redis_rs_works_with_kvd, redis_rs_works_with_redis;
    redis_cli: redis_cli_works_with_kvd, redis_cli_works_with_redis;
    redis_benchmark: redis_benchmark_works_with_kvd, redis_benchmark_works_with_redis;
}

fn on(name: &str, program: Result<Program, Missing>, client: fn(SocketAddr) -> Verdict) {
    let program = match program {
        Ok(program) => program,
        Err(missing) => return process::skipped(name, missing),
    };
    let server = program.start().unwrap();
    match client(server.address) {
        Ok(()) => {}
        Err(Trouble::Missing(what)) => process::skipped(name, what),
        Err(Trouble::Failed(how)) => panic!("{how}"),
    }
}

macro_rules! rough_network_tests {
    ($($client:ident: $on_rough_network:ident;)*) => {
        $(
            #[test]
            fn $on_rough_network() {
                on_rough_network(stringify!($on_rough_network), $client);
            }
        )*
    };
}

rough_network_tests! {
    redis_py: redis_py_works_on_a_rough_network;
    ioredis: ioredis_works_on_a_rough_network;
    node_redis: node_redis_works_on_a_rough_network;
    rq_jobs: rq_works_on_a_rough_network;
    redis_rs: redis_rs_works_on_a_rough_network;
    redis_cli: redis_cli_works_on_a_rough_network;
}

/// A client notices nothing of a network that splits, delays and merges.
fn on_rough_network(name: &str, client: fn(SocketAddr) -> Verdict) {
    let server = process::kvd().unwrap_or_else(|missing| panic!("{missing}")).start().unwrap();
    let proxy = Proxy::start(server.address, Faults::ROUGH, SEED).unwrap();
    match client(proxy.address()) {
        Ok(()) => {}
        Err(Trouble::Missing(what)) => process::skipped(name, what),
        Err(Trouble::Failed(how)) => panic!("seed {SEED}: {how}"),
    }
}

fn redis_py(address: SocketAddr) -> Verdict {
    python("redis", "redis_py.py", address)
}

fn stream_workers(address: SocketAddr) -> Verdict {
    python("redis", "stream_workers.py", address)
}

fn capital_cities(address: SocketAddr) -> Verdict {
    python("redis", "capital_cities.py", address)
}

fn rq_jobs(address: SocketAddr) -> Verdict {
    python("rq", "rq_jobs.py", address)
}

fn celery_tasks(address: SocketAddr) -> Verdict {
    python("celery", "celery_tasks.py", address)
}

fn python(package: &str, name: &str, address: SocketAddr) -> Verdict {
    let python = process::python();
    let import = format!("import {package}");
    let installed = Command::new(&python).args(["-c", &import]).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        return Err(Trouble::Missing(format!("the Python package {package} is not installed")));
    }
    script(&python, name, address)
}

fn ioredis(address: SocketAddr) -> Verdict {
    node("ioredis", "ioredis.mjs", address)
}

fn node_redis(address: SocketAddr) -> Verdict {
    node("redis", "node_redis.mjs", address)
}

fn node(package: &str, name: &str, address: SocketAddr) -> Verdict {
    if !folder().join("node_modules").join(package).exists() {
        let missing = format!("{package} is not installed: npm install --prefix tests/clients");
        return Err(Trouble::Missing(missing));
    }
    script(Path::new("node"), name, address)
}

/// Runs a script that ends with its verdict.
fn script(interpreter: &Path, name: &str, address: SocketAddr) -> Verdict {
    let output =
        run(interpreter, &[&folder().join(name).to_string_lossy(), &address.port().to_string()], b"")?;
    expect(output.lines().last() == Some("verdict: passed"), "a verdict", &output)
}

fn redis_rs(address: SocketAddr) -> Verdict {
    for protocol in ["resp2", "resp3"] {
        redis_rs_in(&format!("redis://{address}/?protocol={protocol}"))
            .map_err(|error| Trouble::Failed(format!("{protocol}: {error}")))?;
    }
    Ok(())
}

fn redis_rs_in(url: &str) -> redis::RedisResult<()> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    redis::cmd("FLUSHALL").exec(&mut connection)?;
    let binary: Vec<u8> = (0..=255).collect();
    connection.set("binary", &binary)?;
    let got: Vec<u8> = redis::cmd("GET").arg("binary").query(&mut connection)?;
    assert_eq!(got, binary);
    assert_eq!(connection.get("nosuch")?, None);
    assert_eq!(connection.incr("n", 5)?, 5);
    assert_eq!(connection.mset(&[("a", "1"), ("b", "2")])?, ());

    let mut pipeline = redis::pipe();
    for number in 0..1_000 {
        pipeline.set(format!("key:{number}"), number).ignore();
    }
    pipeline.get("key:7").get("key:999");
    let read: (i64, i64) = pipeline.query(&mut connection)?;
    assert_eq!(read, (7, 999));

    let error = redis::cmd("INCR").arg("binary").query::<i64>(&mut connection).unwrap_err();
    assert_eq!(error.code(), Some("ERR"), "{error}");
    assert!(error.to_string().contains("not an integer"), "{error}");
    assert!(connection.check_connection());

    let keys: std::collections::BTreeSet<String> =
        connection.scan_match("key:*")?.collect::<Result<_, _>>()?;
    assert_eq!(keys.len(), 1_000);
    Ok(())
}

fn redis_cli(address: SocketAddr) -> Verdict {
    let port = address.port().to_string();
    let cli = |words: &[&str], input: &[u8]| {
        let mut arguments = vec!["-p", port.as_str()];
        arguments.extend_from_slice(words);
        run(Path::new("redis-cli"), &arguments, input)
    };
    let said = |words: &[&str], input: &[u8], wanted: &str| {
        let output = cli(words, input)?;
        expect(output.trim_end() == wanted, wanted, &output)
    };
    said(&["set", "k", "a\nb"], b"", "OK")?;
    said(&["--no-raw", "get", "k"], b"", "\"a\\nb\"")?;
    said(&["--no-raw", "-3", "config", "get", "maxmemory"], b"", "1# \"maxmemory\" => \"0\"")?;
    said(&["--no-raw", "incr", "k"], b"", "(error) ERR value is not an integer or out of range")?;
    said(&["-x", "set", "stdin"], &[0, 1, 2, 255], "OK")?;
    said(&["strlen", "stdin"], b"", "4")?;
    said(&["-n", "3", "set", "other", "x"], b"", "OK")?;
    said(&["-r", "3", "incr", "n"], b"", "1\n2\n3")?;
    said(&[], b"set a 1\nget a\nnosuch\n", "OK\n1\nERR unknown command 'nosuch', with args beginning with:")?;

    let requests: Vec<u8> = (0..PIPE_KEYS)
        .flat_map(|number| wire::encode(&["SET".to_owned(), format!("pipe:{number}"), "v".to_owned()]))
        .collect();
    let output = cli(&["--pipe"], &requests)?;
    let wanted = format!("errors: 0, replies: {PIPE_KEYS}");
    expect(output.contains(&wanted), &wanted, &output)?;
    let keys = cli(&["--scan", "--pattern", "pipe:*"], b"")?;
    expect(keys.lines().count() == PIPE_KEYS, "every key once", &keys)
}

fn redis_benchmark(address: SocketAddr) -> Verdict {
    let port = address.port().to_string();
    let requests = BENCHMARK_REQUESTS.to_string();
    for depth in ["1", "16"] {
        run(Path::new("redis-cli"), &["-p", &port, "flushall"], b"")?;
        let words = ["-p", &port, "-t", "ping,set,get,incr,mset", "-P", depth, "-q", "-n", &requests];
        let output = run(Path::new("redis-benchmark"), &words, b"")?;
        for test in ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"] {
            let passed = output.split(['\n', '\r']).any(|line| {
                line.strip_prefix(test)
                    .is_some_and(|rest| rest.starts_with(": ") && rest.contains("per second"))
            });
            expect(passed, test, &output)?;
        }
        let count = run(Path::new("redis-cli"), &["-p", &port, "get", "counter:__rand_int__"], b"")?;
        let counted = count.trim().parse::<u64>().is_ok_and(|count| count >= BENCHMARK_REQUESTS);
        expect(counted, "every INCR counted", &count)?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Runs a client to its end and gives what it printed; that it fails or takes too long is a failure.
fn run(program: &Path, arguments: &[&str], input: &[u8]) -> Result<String, Trouble> {
    let name = program.display();
    let mut command = Command::new("timeout");
    command.arg(SECONDS_MAX).arg(program).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: std::io::Error| Trouble::Failed(format!("{name}: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Beside the reading below, so that neither side waits for the other with a full pipe. A client that doesn't
    // read its input is none of our business.
    let writer = std::thread::Builder::new().spawn(move || drop(stdin.write_all(&input))).map_err(failed)?;
    let output = child.wait_with_output().map_err(failed)?;
    writer.join().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok(text),
        Some(127) => Err(Trouble::Missing(format!("{name} is not installed"))),
        Some(124) => Err(Trouble::Failed(format!("{name} was not done after {SECONDS_MAX} s\n{text}"))),
        _ => {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Err(Trouble::Failed(format!("{name} ended with {}\n{text}{complaint}", output.status)))
        }
    }
}

fn expect(holds: bool, wanted: &str, got: &str) -> Verdict {
    if holds { Ok(()) } else { Err(Trouble::Failed(format!("wanted {wanted}, got:\n{got}"))) }
}
