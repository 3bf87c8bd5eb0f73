//! Huge values, and the ways to end them.

use crate::line::{Failure, Line};

const ELEMENTS_PER_REQUEST: u64 = 1000;

/// A way to end a value.
pub(crate) struct End {
    pub(crate) name: &'static str,
    /// Of what types; none for all.
    kinds: &'static [&'static str],
    /// Commands before, which are not measured.
    pub(crate) prepare: &'static [&'static str],
    pub(crate) how: How,
}

/// What ends a value. `{n}` is the number of its elements, `{half}` half of that, `{half10}` ten more.
#[derive(Copy, Clone)]
pub(crate) enum How {
    Command(&'static str),
    /// The same when time has passed; only in an engine, whose time can be told.
    Later(&'static str),
    /// Nobody: it is found by the background work; likewise.
    Sweep,
    /// The time that this command sets.
    Expiry(&'static str),
}

const fn all(name: &'static str, prepare: &'static [&'static str], how: How) -> End {
    End { name, kinds: &[], prepare, how }
}

const fn of(kinds: &'static [&'static str], name: &'static str, command: &'static str) -> End {
    End { name, kinds, prepare: &[], how: How::Command(command) }
}

const SMALL_LIST: &[&str] = &["RPUSH row a b"];
const SMALL_SET: &[&str] = &["SADD small a b"];
const DATED: &[&str] = &["dated"];
const HALF_DATED: &[&str] = &["half-dated"];

/// In the order in which they are shown.
pub(crate) const ENDS: [End; 35] = [
    all("DEL", &[], How::Command("DEL victim")),
    all("UNLINK", &[], How::Command("UNLINK victim")),
    all("SET over it", &[], How::Command("SET victim x")),
    all("RENAME over it", &["SET other x"], How::Command("RENAME other victim")),
    all("COPY over it", &["SET other x"], How::Command("COPY other victim REPLACE")),
    all("SUNIONSTORE over it", SMALL_SET, How::Command("SUNIONSTORE victim small")),
    all("ZUNIONSTORE over it", SMALL_SET, How::Command("ZUNIONSTORE victim 1 small")),
    all("SORT STORE over it", SMALL_LIST, How::Command("SORT row ALPHA STORE victim")),
    all(
        "GEOSEARCHSTORE of nothing",
        &[],
        How::Command("GEOSEARCHSTORE victim no FROMLONLAT 0 0 BYRADIUS 1 m"),
    ),
    all("BITOP over it", &["SET other x"], How::Command("BITOP NOT victim other")),
    all("EXPIRE in the past", &[], How::Command("EXPIRE victim -1")),
    all("expiry, met", &["PEXPIRE victim 5"], How::Later("EXISTS victim")),
    all("expiry, swept", &["PEXPIRE victim 5"], How::Sweep),
    all("expiry", &[], How::Expiry("PEXPIRE victim 20")),
    all("FLUSHDB of its database", &["COPY big x DB 1", "SELECT 1"], How::Command("FLUSHDB")),
    all("MOVE away", &["SELECT 1", "FLUSHDB", "SELECT 0"], How::Command("MOVE victim 1")),
    of(&["list"], "LTRIM to the first ten", "LTRIM victim 0 9"),
    of(&["list"], "LTRIM to the last ten", "LTRIM victim -10 -1"),
    of(&["list"], "LTRIM to ten in the midst", "LTRIM victim {half} {half10}"),
    of(&["list"], "LTRIM to half", "LTRIM victim 0 {half}"),
    of(&["list"], "LTRIM to nothing", "LTRIM victim {n} -1"),
    of(&["zset"], "ZREMRANGEBYRANK of all", "ZREMRANGEBYRANK victim 0 -1"),
    of(&["zset"], "ZREMRANGEBYRANK but for ten", "ZREMRANGEBYRANK victim 5 -6"),
    of(&["zset"], "ZREMRANGEBYSCORE of all", "ZREMRANGEBYSCORE victim -inf +inf"),
    of(&["stream"], "XTRIM to nothing", "XTRIM victim MAXLEN 0"),
    of(&["stream"], "XTRIM to ten", "XTRIM victim MAXLEN 10"),
    of(&["stream"], "XTRIM to half", "XTRIM victim MAXLEN {half}"),
    of(&["stream"], "XTRIM MINID to half", "XTRIM victim MINID {half}"),
    of(&["stream"], "XADD MAXLEN 10", "XADD victim MAXLEN 10 * f v"),
    of(&["group"], "XGROUP DESTROY", "XGROUP DESTROY victim g"),
    of(&["group"], "XGROUP DELCONSUMER", "XGROUP DELCONSUMER victim g c"),
    End { name: "all fields due, met", kinds: DATED, prepare: &[], how: How::Later("HLEN victim") },
    End { name: "all fields due, swept", kinds: DATED, prepare: &[], how: How::Sweep },
    End { name: "half its fields due, met", kinds: HALF_DATED, prepare: &[], how: How::Later("HLEN victim") },
    End { name: "half its fields due, swept", kinds: HALF_DATED, prepare: &[], how: How::Sweep },
];

impl End {
    /// Whether it is for values of this type, on what is measured.
    pub(crate) fn is_for(&self, kind: &str, on_server: bool) -> bool {
        let needs_engine = matches!(self.how, How::Later(_) | How::Sweep);
        let needs_server = matches!(self.how, How::Expiry(_));
        // What has a name of its own ends in ways of its own.
        let is_kind = if self.kinds.is_empty() {
            !["dated", "half-dated", "group"].contains(&kind)
        } else {
            self.kinds.contains(&kind)
        };
        is_kind && if on_server { !needs_engine } else { !needs_server }
    }
}

/// A command with its numbers.
pub(crate) fn with_numbers(command: &str, elements: u64) -> String {
    let half = elements / 2;
    let half10 = (half + 9).to_string();
    command
        .replace("{n}", &elements.to_string())
        .replace("{half}", &half.to_string())
        .replace("{half10}", &half10)
}

fn name(number: u64) -> Vec<u8> {
    format!("element:{number}").into_bytes()
}

fn text(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}

/// Makes the value `big`.
pub(crate) fn fill(line: &mut Line, kind: &str, elements: u64) -> Result<(), Failure> {
    let is_stream = matches!(kind, "stream" | "group");
    if kind == "group" {
        line.say("XGROUP CREATE big g 0 MKSTREAM")?;
    }
    for from in (0..elements).step_by(ELEMENTS_PER_REQUEST as usize) {
        let range = from..(from + ELEMENTS_PER_REQUEST).min(elements);
        if is_stream {
            let add =
                |number| vec![b"XADD".into(), b"big".into(), text(number + 1), b"f".into(), text(number)];
            line.run_all(&range.map(add).collect::<Vec<_>>())?;
            if kind == "group" {
                line.say("XREADGROUP GROUP g c COUNT 1000 STREAMS big >")?;
            }
            continue;
        }
        let (command, words): (&[u8], Vec<Vec<u8>>) = match kind {
            "list" => (b"RPUSH", range.map(name).collect()),
            "set" => (b"SADD", range.map(name).collect()),
            "zset" => (b"ZADD", range.flat_map(|number| [text(number), name(number)]).collect()),
            _ => (b"HSET", range.flat_map(|number| [name(number), text(number)]).collect()),
        };
        let mut request: Vec<&[u8]> = vec![command, b"big"];
        request.extend(words.iter().map(Vec::as_slice));
        line.run(&request)?;
    }
    match kind {
        "dated" => date(line, elements),
        "half-dated" => date(line, elements / 2),
        _ => Ok(()),
    }
}

/// Has the first fields expire soon.
fn date(line: &mut Line, fields: u64) -> Result<(), Failure> {
    for from in (0..fields).step_by(ELEMENTS_PER_REQUEST as usize) {
        let names: Vec<Vec<u8>> = (from..(from + ELEMENTS_PER_REQUEST).min(fields)).map(name).collect();
        let count = names.len().to_string();
        let mut request: Vec<&[u8]> = vec![b"HPEXPIRE", b"big", b"5", b"FIELDS", count.as_bytes()];
        request.extend(names.iter().map(Vec::as_slice));
        line.run(&request)?;
    }
    Ok(())
}
