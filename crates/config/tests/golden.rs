//! CONFIG SET and CONFIG GET against what Redis 8.2.3 and Valkey 9.1.2 answered to the same commands.
//!
//! golden/config_set.txt has the commands in the order in which they ran on one server, started with
//! `--bind 127.0.0.1 --save ""`. Below each stands the reply: `=` of both, or `8` of Redis and `v` of Valkey. `k` is
//! kvd's, where it differs from what it would follow; docs/compatibility.md has the reasons.

use kvd_config::{Config, Origin, ParameterId, arguments_to_lines};

const GOLDEN: &str = include_str!("golden/config_set.txt");

struct Case<'a> {
    line: usize,
    command: &'a str,
    expected: &'a str,
}

#[test]
fn config_set_answers_as_the_peers_do() {
    let mut config = started();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() > 400, "{} cases", cases.len());
    for Case { line, command, expected } in cases {
        let reply = run(&mut config, command);
        if reply != expected {
            wrong.push(format!("line {line}: {command}\n  expected {expected}\n  answered {reply}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn started() -> Config {
    let arguments = ["--bind", "127.0.0.1", "--save", ""].map(str::to_owned);
    let mut config = Config::default();
    config
        .load_arguments(&arguments_to_lines(&arguments).expect("what tests give is valid"), &mut |_| {
            Ok(Vec::new())
        })
        .expect("what tests give is valid");
    config
}

fn cases() -> Vec<Case<'static>> {
    let mut cases: Vec<Case<'static>> = Vec::new();
    for (index, text) in GOLDEN.lines().enumerate() {
        match text.strip_prefix(' ') {
            None => cases.push(Case { line: index + 1, command: text, expected: "" }),
            // Later lines win: `8` comes before `v`, and `k` is last. Valkey lacks some of Redis's parameters.
            Some(reply) => {
                let case = cases.last_mut().expect("a reply follows a command");
                let (who, reply) = reply.split_once(' ').expect("a reply follows its server");
                let lacks = who == "v"
                    && !case.expected.is_empty()
                    && (reply == "*" || reply.contains("Unknown option"));
                if !lacks {
                    case.expected = reply;
                }
            }
        }
    }
    cases
}

fn run(config: &mut Config, command: &str) -> String {
    let words = resp::split_line(command.as_bytes()).expect("what tests give is valid");
    let [verb, arguments @ ..] = words.as_slice() else { panic!("no command") };
    match verb.as_slice() {
        b"SET" => {
            let (pairs, []) = arguments.as_chunks::<2>() else { panic!("pairs in {command}") };
            let pairs: Vec<(&[u8], &[u8])> =
                pairs.iter().map(|[name, value]| (&name[..], &value[..])).collect();
            match config.set(&pairs, Origin::Client) {
                Ok(_) => "+OK".to_owned(),
                Err(error) => format!("-{error}"),
            }
        }
        b"GET" => {
            let Some(id) = ParameterId::named(&arguments[0]) else { return "*".to_owned() };
            let shown = [arguments[0].clone(), config.show(id)]
                .map(|word| String::from_utf8(word).expect("what tests give is valid"));
            let quoted = shown
                .map(|word| if word.is_empty() || word.contains(' ') { format!("\"{word}\"") } else { word });
            format!("*{}", quoted.join(" "))
        }
        _ => panic!("{command}"),
    }
}
