//! SLOWLOG, COMMANDLOG, LATENCY and the percentiles of INFO: what takes how long, under a clock that is set by hand.

mod engine_with_clients;

use engine_with_clients::{EngineWithClients, TestClient};

/// The words of each entry of a log, the newest first, as one types them.
fn logged(client: &mut TestClient<'_>, kind: &str) -> Vec<String> {
    entries(client, kind).into_iter().map(|entry| entry.words).collect()
}

struct Entry {
    amount: u64,
    words: String,
    address: String,
    name: String,
}

fn entries(client: &mut TestClient<'_>, kind: &str) -> Vec<Entry> {
    let reply = client.run(&format!("COMMANDLOG GET -1 {kind}"));
    let mut lines = reply.split("\r\n");
    let mut next = || lines.next().expect("a whole reply");
    let count: usize = next()[1..].parse().expect("an array");
    let mut entries = Vec::new();
    for _ in 0..count {
        assert_eq!(next(), "*6");
        let [_id, _at, amount] = [next(), next(), next()];
        let words: usize = next()[1..].parse().expect("an array");
        let mut bulk = || {
            next();
            next().to_owned()
        };
        let words: Vec<String> = (0..words).map(|_| bulk()).collect();
        let (address, name) = (bulk(), bulk());
        let amount = amount[1..].parse().expect("a number");
        entries.push(Entry { amount, words: words.join(" "), address, name });
    }
    entries
}

#[test]
fn a_slow_command_is_logged_with_its_words_and_its_client() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("CLIENT SETNAME bob");
    client.run("SADD s a");
    under_test.step_ms.set(11);
    client.run("SMEMBERS s");
    under_test.step_ms.set(9);
    client.run("SMEMBERS s");
    under_test.step_ms.set(0);
    let entries = entries(&mut client, "slow");
    assert_eq!(entries.len(), 1);
    let Entry { amount, words, address, name } = &entries[0];
    assert_eq!((*amount, &**words, &**address, &**name), (11_000, "SMEMBERS s", "1.2.3.4:5", "bob"));
    client.run("QUIT");
    assert!(client.is_closed());
}

#[test]
fn commands_of_one_chunk_are_charged_their_share() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    under_test.step_ms.set(30);
    client.run("SET a 1\nGET a\nSET b 1");
    client.run("SET a 1\nGET a\nSET b 1\nGET b");
    under_test.step_ms.set(0);
    let amounts: Vec<(u64, String)> =
        entries(&mut client, "slow").into_iter().map(|entry| (entry.amount, entry.words)).collect();
    let expected = [(10_000, "SET b 1"), (10_000, "GET a"), (10_000, "SET a 1")];
    assert_eq!(amounts, expected.map(|(amount, words)| (amount, words.to_owned())));
}

#[test]
fn of_a_transaction_the_commands_are_logged() {
    let under_test = EngineWithClients::new(&[("latency-monitor-threshold", "15")]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("MULTI\nGET a\nGET b\nSORT c\nGET d");
    under_test.step_ms.set(20);
    client.run("EXEC");
    under_test.step_ms.set(0);
    // GET a and GET b share a look at the clock.
    assert_eq!(logged(&mut client, "slow"), ["GET d", "SORT c", "GET b", "GET a"]);
    let calls = client.run("INFO commandstats");
    assert!(calls.contains("cmdstat_sort:calls=1,usec=20000,"), "{calls}");
    assert!(calls.contains("cmdstat_get:calls=3,usec=40000,"), "{calls}");
    let latest = client.run("LATENCY LATEST");
    assert!(latest.starts_with("*2\r\n*6\r\n$7\r\ncommand\r\n"), "{latest}");
}

#[test]
fn what_is_not_run_is_not_logged() {
    let under_test = EngineWithClients::new(&[("slowlog-log-slower-than", "0")]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("SLOWLOG RESET\nGET\nNOSUCH\nMULTI\nGET a\nDISCARD\nINCR a b\nLPUSH a 1\nINCR a");
    let expected = ["INCR a", "LPUSH a 1", "DISCARD", "MULTI", "SLOWLOG RESET"];
    assert_eq!(logged(&mut client, "slow"), expected);
}

#[test]
fn words_are_cut_and_counted() {
    let under_test = EngineWithClients::new(&[("slowlog-log-slower-than", "0")]);
    let mut client = under_test.client("1.2.3.4:5");
    let numbers = |count: usize| (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    client.run(&format!("SADD s {}", numbers(30)));
    client.run(&format!("SADD s {}", numbers(31)));
    client.run(&format!("SET {} {}", "k".repeat(128), "v".repeat(129)));
    let expected = [
        format!("SET {} {}... (1 more bytes)", "k".repeat(128), "v".repeat(128)),
        format!("SADD s {} ... (2 more arguments)", numbers(29)),
        format!("SADD s {}", numbers(30)),
    ];
    assert_eq!(logged(&mut client, "slow"), expected);
}

#[test]
fn passwords_are_not_shown() {
    let under_test = EngineWithClients::new(&[("slowlog-log-slower-than", "0")]);
    let mut client = under_test.client("1.2.3.4:5");
    for (request, shown) in [
        ("AUTH x", "AUTH (redacted)"),
        ("auth default x", "auth (redacted) (redacted)"),
        ("HELLO 2 SETNAME auth AUTH default x", "HELLO 2 SETNAME auth (redacted) (redacted) (redacted)"),
        ("HELLO 3 auth default x SETNAME y", "HELLO 3 auth (redacted) (redacted) SETNAME y"),
        ("CONFIG SET timeout 0 MasterAuth x", "CONFIG SET timeout 0 MasterAuth (redacted)"),
        ("CONFIG SET tls-key-file-pass x", "CONFIG SET tls-key-file-pass (redacted)"),
        ("CONFIG GET masterauth", "CONFIG GET masterauth"),
        ("SET AUTH x", "SET AUTH x"),
    ] {
        client.run(request);
        assert_eq!(logged(&mut client, "slow")[0], shown);
    }
}

#[test]
fn large_requests_and_replies_have_logs_of_their_own() {
    let under_test = EngineWithClients::new(&[
        ("commandlog-request-larger-than", "300"),
        ("commandlog-reply-larger-than", "200"),
    ]);
    let mut client = under_test.client("1.2.3.4:5");
    let long = "v".repeat(300);
    let short = "v".repeat(150);
    client.run(&format!("SET long {long}\nSET short {short}\nGET short\nGET short\nGET long\nGET short"));
    let request = format!("SET long {}... (172 more bytes)", "v".repeat(128));
    assert_eq!(logged(&mut client, "large-request"), [request]);
    let replies = entries(&mut client, "large-reply");
    let found: Vec<(u64, &str)> = replies.iter().map(|entry| (entry.amount, &*entry.words)).collect();
    // The look at the large requests is one itself.
    assert_eq!(found[1..], [(308, "GET long")]);
    assert!(logged(&mut client, "slow").is_empty());
}

#[test]
fn logs_keep_the_newest_and_numbers_go_on() {
    let under_test = EngineWithClients::new(&[("slowlog-log-slower-than", "0"), ("slowlog-max-len", "3")]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("GET a\nGET b\nGET c\nGET d");
    assert_eq!(client.run("SLOWLOG LEN"), ":3\r\n");
    assert_eq!(client.run("SLOWLOG RESET"), "+OK\r\n");
    let newest = client.run("SLOWLOG GET 1");
    assert!(
        newest.starts_with("*1\r\n*6\r\n:5\r\n:1800000000\r\n:0\r\n*2\r\n$7\r\nSLOWLOG\r\n$5\r\nRESET\r\n"),
        "{newest}"
    );
    client.run("CONFIG SET slowlog-log-slower-than -1");
    client.run("SLOWLOG RESET");
    assert_eq!(client.run("SLOWLOG LEN\nCOMMANDLOG LEN SLOW"), ":0\r\n:0\r\n");
}

#[test]
fn latency_has_series_by_event_and_forgets_them_on_demand() {
    let under_test = EngineWithClients::new(&[("latency-monitor-threshold", "10")]);
    let mut client = under_test.client("1.2.3.4:5");
    for (step, command) in [(9, "GET a"), (10, "GET a"), (25, "GET a"), (40, "SORT a")] {
        under_test.step_ms.set(step);
        client.run(command);
    }
    under_test.step_ms.set(0);
    under_test.now_ms.set(under_test.now_ms.get() + 5000);
    let latest = client.run("LATENCY LATEST");
    let fast = "$12\r\nfast-command\r\n:1800000000\r\n:25\r\n:25\r\n:35\r\n:2\r\n";
    assert!(latest.contains(fast), "{latest}");
    assert!(latest.contains("$7\r\ncommand\r\n:1800000000\r\n:40\r\n:40\r\n:40\r\n:1\r\n"), "{latest}");
    assert_eq!(client.run("LATENCY HISTORY fast-command"), "*1\r\n*2\r\n:1800000000\r\n:25\r\n");
    assert!(client.run("LATENCY DOCTOR").contains("fast-command: 1 latency spikes"));
    assert!(
        client
            .run("LATENCY GRAPH command")
            .contains("command - high 40 ms, low 40 ms (all time high 40 ms)\n")
    );
    assert_eq!(
        client.run("LATENCY RESET COMMAND nosuch\nLATENCY RESET\nLATENCY LATEST"),
        ":1\r\n:1\r\n*0\r\n"
    );
}

#[test]
fn removing_what_is_due_is_watched() {
    let under_test = EngineWithClients::new(&[("latency-monitor-threshold", "10")]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("SET a 1 PX 5");
    under_test.step_ms.set(12);
    under_test.engine.tick(0, &under_test);
    under_test.step_ms.set(0);
    assert_eq!(client.run("LATENCY HISTORY expire-cycle"), "*1\r\n*2\r\n:1800000000\r\n:12\r\n");
}

#[test]
fn durations_are_counted_by_their_size() {
    let under_test = EngineWithClients::new(&[("latency-tracking-info-percentiles", "50 99.9")]);
    let mut client = under_test.client("1.2.3.4:5");
    for step in [0, 0, 0, 16] {
        under_test.step_ms.set(step);
        client.run("GET a");
    }
    under_test.step_ms.set(0);
    let get = "*2\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:4\r\n$14\r\nhistogram_usec\r\n*4\r\n:1\r\n:3\r\n:16777\r\n:4\r\n";
    assert_eq!(client.run("LATENCY HISTOGRAM GET nosuch"), get);
    let info = client.run("INFO latencystats");
    assert!(info.contains("latency_percentiles_usec_get:p50=0.000,p99.9=16252.927\r\n"), "{info}");
    client.run("CONFIG GET timeout");
    let config = client.run("LATENCY HISTOGRAM config");
    assert!(config.starts_with("*2\r\n$10\r\nconfig|get\r\n"), "{config}");
    client.run("CONFIG RESETSTAT");
    assert_eq!(client.run("LATENCY HISTOGRAM get"), "*0\r\n");
    client.run("CONFIG SET latency-tracking no");
    client.run("CONFIG RESETSTAT");
    client.run("GET a");
    assert_eq!(client.run("LATENCY HISTOGRAM\nINFO latencystats"), "*0\r\n$16\r\n# Latencystats\r\n\r\n");
}

/// As much as is kept of a word.
const NAME_BYTES_KEPT: usize = 128;

#[test]
fn of_a_client_with_a_long_name_the_logs_keep_the_beginning() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    let name = "n".repeat(50_000);
    client.run(&format!("CLIENT SETNAME {name}"));
    client.run(&format!("CLIENT SETINFO LIB-NAME {name}"));
    under_test.step_ms.set(11);
    client.run("SMEMBERS s");
    under_test.step_ms.set(0);
    assert_eq!(entries(&mut client, "slow")[0].name, name[..NAME_BYTES_KEPT]);
    client.run("AUTH nobody x");
    let log = client.run("ACL LOG");
    let kept = &name[..NAME_BYTES_KEPT];
    assert!(log.contains(&format!(" name={kept} ")) && log.contains(&format!(" lib-name={kept} ")), "{log}");
    assert!(log.len() < 2000, "{log}");
    assert!(client.run("CLIENT LIST").contains(&format!(" name={name} ")));
}
