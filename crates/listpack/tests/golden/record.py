#!/usr/bin/env python3
"""Runs commands on real servers and writes the packed values that they led to, as a golden table.

    redis-server --port 7000 --save "" &
    valkey-server --port 7001 --save "" &
    python3 record.py 7000 7001       # writes values.txt beside this file

The servers are flushed. A line is a case: commands separated by tabs, words by blanks, then `=` and the value; and a second one if Valkey has another.
Servers of one family must agree on every byte, unless they don't pack that type at all. Bytes other than plain ASCII are written as \\xHH, runs as \\xHH*N. The value is in hex, runs as HH*N.
"""
import os
import random
import re
import sys

import redis

HERE = os.path.dirname(os.path.abspath(__file__))
PLAIN = set(range(0x21, 0x7F)) - {ord("\\")}
LIST, INTSET, HASH, ZSET, SET = 18, 11, 16, 17, 20

SETTINGS = {
    "rdbcompression": "no",
    "list-max-listpack-size": "-5",
    "hash-max-listpack-entries": "100000",
    "hash-max-listpack-value": "100000",
    "zset-max-listpack-entries": "100000",
    "zset-max-listpack-value": "100000",
    "set-max-intset-entries": "10000",
}


def escape(word):
    if len(word) > 70 and len(set(word)) == 1:
        return f"\\x{word[0]:02x}*{len(word)}"
    return "".join(chr(b) if b in PLAIN else f"\\x{b:02x}" for b in word) or "\\e"


def unpack_string(payload):
    """The RDB string at the start: no compressed ones, since that was switched off."""
    first = payload[0]
    if first >> 6 == 0:
        return payload[1 : 1 + first]
    if first >> 6 == 1:
        length = (first & 63) << 8 | payload[1]
        return payload[2 : 2 + length]
    assert first == 0x80, hex(first)
    return payload[5 : 5 + int.from_bytes(payload[1:5], "big")]


def packed(dump):
    """The packed value in a DUMP payload; None if the server has it in another form."""
    kind, payload = dump[0], dump[1:-10]
    if kind == LIST:
        if payload[0] != 1 or payload[1] != 2:
            return None
        return unpack_string(payload[2:])
    return unpack_string(payload) if kind in (INTSET, HASH, ZSET, SET) else None


def shorten(value):
    tokens = []
    for run in re.finditer(rb"(.)\1{20,}|.", value, re.S):
        if len(run[0]) > 1:
            tokens += ["", f"{run[0][0]:02x}*{len(run[0])}", ""]
        else:
            tokens.append(f"{run[0][0]:02x}")
    return re.sub(" +", " ", "".join(token or " " if "*" not in token else f" {token} " for token in tokens)).strip()


EDGES = [0, 1, 63, 64, 127, 128, 255, 256, 4095, 4096, 32767, 32768, 65535, 8388607, 8388608, 2147483647, 2147483648, 4294967296, 2**63 - 1, 2**63]
INTEGERS = [b"%d" % (sign * (edge + delta)) for edge in EDGES for sign in (1, -1) for delta in (-1, 0, 1)]
TEXTS = [
    b"", b"a", b"hello", b"\x00", b"\xff\xfe", b"007", b"+1", b"-", b"-0", b"-01", b"00", b"0x10", b" 1", b"1 ", b"1.0", b"1e3", b"--1", b"9" * 19, b"9" * 20, b"9" * 21,
    b"-" + b"9" * 19, b"18446744073709551615", b"18446744073709551616", b"123456789012345678901234567890",
]
LONG = [b"x" * n for n in (62, 63, 64, 65, 124, 125, 126, 127, 128, 4093, 4094, 4095, 4096, 16376, 16378, 16379, 16380, 40000)]


def cases():
    yield [[b"RPUSH"] + INTEGERS]
    yield [[b"RPUSH"] + TEXTS]
    for text in LONG:
        yield [[b"RPUSH", text]]
        yield [[b"RPUSH", b"1", text, b"2"]]
    yield [[b"RPUSH"] + [b"%d" % i for i in range(300)]]
    yield [[b"HSET"] + [w for i, text in enumerate(TEXTS + INTEGERS) for w in (b"f%d" % i, text)]]
    yield [[b"SADD"] + TEXTS]
    yield [[b"ZADD", b"1.5", b"a", b"2", b"b"], [b"ZADD", b"-3", b"c", b"2.25", b"a"]]
    for seed in range(12):
        yield list(random_list(random.Random(seed)))
        yield list(random_hash(random.Random(seed)))
        yield list(random_zset(random.Random(seed)))
        yield list(random_intset(random.Random(seed)))


def word(rng):
    return rng.choice([rng.choice(INTEGERS), rng.choice(TEXTS), rng.choice(LONG[:9]), b"%d" % rng.randint(-200, 200), b"w%d" % rng.randint(0, 9)])


def random_list(rng):
    yield [b"RPUSH", b"first", b"1"]
    for _ in range(40):
        yield rng.choice([
            [b"RPUSH", word(rng)], [b"LPUSH", word(rng), word(rng)], [b"RPUSH", word(rng), word(rng)], [b"LSET", b"%d" % rng.randint(-2, 1), word(rng)],
            [b"LINSERT", b"BEFORE", b"first", word(rng)], [b"LINSERT", b"AFTER", b"first", word(rng)], [b"LREM", b"1", b"w%d" % rng.randint(0, 9)], [b"LTRIM", b"0", b"-2"],
        ])
        yield [b"LPUSH", b"first"]


def random_hash(rng):
    for _ in range(60):
        field = rng.choice([b"f%d" % rng.randint(0, 9), b"%d" % rng.randint(0, 200)])
        yield rng.choice([[b"HSET", field, word(rng)], [b"HSET", field, word(rng)], [b"HDEL", field]])
    yield [b"HSET", b"last", b"1"]


def random_zset(rng):
    for _ in range(40):
        yield [b"ZADD", rng.choice([b"%d" % rng.randint(-300, 70000), b"%d.5" % rng.randint(-3, 3)]), word(rng)]


def random_intset(rng):
    reach = rng.choice([100, 40000, 2**33])
    for _ in range(60):
        yield [rng.choice([b"SADD", b"SADD", b"SREM"]), b"%d" % rng.randint(-min(reach, rng.choice([50, 2**40])), reach)]
    yield [b"SADD", b"0"]


def answer(connection, commands):
    def ask(*words):
        connection.send_command(*words)
        return connection.read_response()

    ask("FLUSHALL")
    for command in commands:
        ask(command[0], b"key", *command[1:])
    return packed(ask("DUMP", "key"))


def main():
    connections = [redis.Connection(port=int(port), protocol=2) for port in sys.argv[1:]]
    versions = []
    for connection in connections:
        for name, value in SETTINGS.items():
            connection.send_command("CONFIG", "SET", name, value)
            connection.read_response()
        connection.send_command("INFO", "server")
        info = connection.read_response().decode()
        version = dict(re.findall(r"(\w+)_version:(\S+)", info))
        versions.append(f"valkey {version['valkey']}" if "valkey" in version else f"redis {version['redis']}")
    with open(os.path.join(HERE, "values.txt"), "w") as out:
        out.write(f"# {', '.join(versions)}. Where there are two values, the second is Valkey's.\n")
        for commands in cases():
            answers = {}
            for connection, version in zip(connections, versions):
                if (value := answer(connection, commands)) is not None:
                    answers.setdefault(shorten(value), version.split()[0])
            assert answers and list(answers.values()) in (["redis"], ["redis", "valkey"], ["valkey"]), (commands, answers)
            script = "\t".join(" ".join(map(escape, command)) for command in commands)
            values = "".join(f"\t= {value}" for value in answers)
            out.write(f"{script}{values}\n")


main()
