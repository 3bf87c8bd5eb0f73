//! Values in forms that today's servers read and no longer write, built by hand; and what they hold.

/// A value as it stands in a payload of some version, and its lines as `tell` tells them.
pub(crate) struct Legacy {
    /// What it is.
    pub(crate) name: &'static str,
    /// The version in which it was written.
    pub(crate) version: u16,
    /// Type and value.
    pub(crate) bytes: Vec<u8>,
    /// Type and lines.
    pub(crate) told: (&'static str, Vec<&'static str>),
}

/// All of them.
pub(crate) fn legacy() -> Vec<Legacy> {
    let both = ["\"f\" \"v\"", "\"g\" \"w\""];
    let pair = ["\"a\" 3ff8000000000000", "\"b\" 4000000000000000"];
    let mut all = vec![
        value("string with a long length", 8, &[b"\x00\x81\0\0\0\0\0\0\0\x03abc"], "string", &["\"abc\""]),
        value("string with a length of 32 bits", 1, &[b"\x00\x80\0\0\0\x03abc"], "string", &["\"abc\""]),
        value("compressed string", 1, &[b"\x00\xc3\x09\x19\x01aa\xe0\x0c\x00\x01aa"], "string", &[SO_MANY_A]),
        value("list", 1, &[b"\x01\x03\x01a\xc0\x05\xc1\x2c\x01"], "list", &["\"a\"", "\"5\"", "\"300\""]),
        value("set", 1, &[b"\x02\x02\x01a\xc0\x05"], "set", &["\"5\"", "\"a\""]),
        value(
            "sorted set with scores as text",
            1,
            &[b"\x03\x03\x01a\x031.5\x01b\xfe\x01c\xff"],
            "zset",
            &["\"a\" 3ff8000000000000", "\"b\" 7ff0000000000000", "\"c\" fff0000000000000"],
        ),
        value("hash", 1, &[b"\x04\x02\x01f\x01v\x01g\x01w"], "hash", &both),
        value("sorted set", 8, &[b"\x05\x02\x01b\0\0\0\0\0\0\0\x40\x01a\0\0\0\0\0\0\xf8\x3f"], "zset", &pair),
    ];
    all.extend(packed());
    all.extend([stream(15, 9), stream(19, 10), stream(21, 11)]);
    all
}

/// The packed forms, and hashes with fields that expire as candidates of Redis 7.4 wrote them.
fn packed() -> Vec<Legacy> {
    let (abc, pairs) = (ziplist(&["a", "b", "a longer one"]), ziplist(&["f", "v", "g", "w"]));
    let scored = ziplist(&["a", "1.5", "b", "2"]);
    let both = ["\"f\" \"v\"", "\"g\" \"w\""];
    let expiring = ["\"f\" \"v\" 1999999999999", "\"g\" \"w\""];
    let pair = ["\"a\" 3ff8000000000000", "\"b\" 4000000000000000"];
    vec![
        value("zipmap", 2, &[b"\x09\x0e\x02\x01f\x01\0v\x01g\x01\x02w..\xff"], "hash", &both),
        value("ziplist", 2, &[b"\x0a\x14", &INTEGERS], "list", &["\"a\"", "\"5\"", "\"300\""]),
        value(
            "set of integers",
            2,
            &[b"\x0b\x0e\x02\0\0\0\x03\0\0\0\xfb\xff\x01\0\x02\0"],
            "set",
            &["\"-5\"", "\"1\"", "\"2\""],
        ),
        value("sorted set as ziplist", 2, &[b"\x0c", &[scored.len() as u8], &scored], "zset", &pair),
        value("hash as ziplist", 4, &[b"\x0d", &[pairs.len() as u8], &pairs], "hash", &both),
        value(
            "list of ziplists",
            7,
            &[b"\x0e\x02", &[abc.len() as u8], &abc, b"\x14", &INTEGERS],
            "list",
            &["\"a\"", "\"b\"", "\"a\\x20longer\\x20one\"", "\"a\"", "\"5\"", "\"300\""],
        ),
        value(
            "plain and packed nodes",
            10,
            &[b"\x12\x02\x01\x05plain\x02\x0f", &PACKED],
            "list",
            &["\"plain\"", "\"a\"", "\"1\"", "\"300\""],
        ),
        value(
            "early hash with fields that expire",
            12,
            &[b"\x16\x02\x81", &FOREVER_MS.to_be_bytes(), b"\x01f\x01v\0\x01g\x01w"],
            "hash",
            &expiring,
        ),
        value(
            "early packed hash with fields that expire",
            12,
            &[
                b"\x17\x1f\x1f\0\0\0\x06\0\x81f\x02\x81v\x02\xf4",
                &FOREVER_MS.to_le_bytes(),
                b"\x09\x81g\x02\x81w\x02\0\x01\xff",
            ],
            "hash",
            &expiring,
        ),
    ]
}

fn value(
    name: &'static str,
    version: u16,
    bytes: &[&[u8]],
    kind: &'static str,
    lines: &[&'static str],
) -> Legacy {
    Legacy { name, version, bytes: bytes.concat(), told: (kind, lines.to_vec()) }
}

const FOREVER_MS: i64 = 1_999_999_999_999;

const SO_MANY_A: &str = "\"aaaaaaaaaaaaaaaaaaaaaaaaa\"";

/// a, 5, 300.
const INTEGERS: [u8; 20] = [20, 0, 0, 0, 15, 0, 0, 0, 3, 0, 0, 1, b'a', 3, 0xF6, 2, 0xC0, 0x2C, 1, 0xFF];

/// a, 1, 300.
const PACKED: [u8; 15] = [15, 0, 0, 0, 3, 0, 0x81, b'a', 2, 1, 1, 0xC1, 0x2C, 2, 0xFF];

/// A ziplist of short texts.
fn ziplist(elements: &[&str]) -> Vec<u8> {
    let (mut bytes, mut before, mut last) = (vec![0; 10], 0, 10);
    for element in elements {
        last = bytes.len();
        bytes.extend([before, element.len() as u8]);
        bytes.extend_from_slice(element.as_bytes());
        before = (bytes.len() - last) as u8;
    }
    bytes.push(0xFF);
    bytes[0] = bytes.len() as u8;
    bytes[4] = last as u8;
    bytes[8] = elements.len() as u8;
    bytes
}

/// `XADD 5-1 f v`, `XADD 5-2 f w`, `XADD 6-0 g z`, `XDEL 5-2`, a group with a consumer that has read one entry.
fn stream(number: u8, version: u16) -> Legacy {
    let id = [0_u64.to_be_bytes(), 0_u64.to_be_bytes()].concat();
    let id = |ms: u8, seq: u8| {
        let mut id = id.clone();
        (id[7], id[15]) = (ms, seq);
        id
    };
    let node = b"\x39\0\0\0\x16\0\x02\x01\x01\x01\x01\x01\x81f\x02\0\x01\x02\x01\0\x01\0\x01\x81v\x02\x04\x01\
        \x03\x01\0\x01\x01\x01\x81w\x02\x04\x01\0\x01\x01\x01\xdf\xff\x02\x01\x01\x81g\x02\x81z\x02\x06\x01\xff";
    let time = 1_700_000_000_000_i64.to_le_bytes();
    let mut bytes = [&[number, 1, 16][..], &id(5, 1), b"\x39", node, b"\x02\x06\0"].concat();
    if number > 15 {
        bytes.extend_from_slice(b"\x05\x01\x05\x02\x03");
    }
    bytes.extend_from_slice(b"\x01\x01g\x05\x01");
    if number > 15 {
        bytes.extend_from_slice(b"\x01");
    }
    bytes.extend_from_slice(&[&[1][..], &id(5, 1), &time, b"\x01\x01\x02c1", &time].concat());
    if number == 21 {
        bytes.extend_from_slice(&time);
    }
    bytes.extend_from_slice(&[&[1][..], &id(5, 1)].concat());
    let (summary, group) = match number {
        15 => ("length 2 last 6-0 first 5-1 deleted 0-0 added 2", "group \"g\" 5-1 -"),
        _ => ("length 2 last 6-0 first 5-1 deleted 5-2 added 3", "group \"g\" 5-1 1"),
    };
    let lines = vec![
        "5-1 \"f\" \"v\"",
        "6-0 \"g\" \"z\"",
        summary,
        group,
        "pending 5-1 1700000000000 1",
        "consumer \"c1\" 1700000000000 1700000000000",
        "owned 5-1",
    ];
    Legacy { name: "stream", version, bytes, told: ("stream", lines) }
}

/// A payload of type, value, version and checksum, the latter computed bit by bit.
pub(crate) fn sealed(bytes: &[u8], version: u16) -> Vec<u8> {
    let mut payload = [bytes, &version.to_le_bytes()].concat();
    let checksum = payload.iter().fold(0_u64, |mut sum, byte| {
        sum ^= u64::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ if sum & 1 == 1 { 0x95AC_9329_AC4B_C9B5 } else { 0 };
        }
        sum
    });
    payload.extend_from_slice(&checksum.to_le_bytes());
    payload
}
