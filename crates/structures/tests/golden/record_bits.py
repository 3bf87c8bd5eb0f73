#!/usr/bin/env python3
"""Asks a running server about bits, parts of strings and common subsequences, and writes its answers as golden tables.

    redis-server --port 7000 --save "" &
    python3 record_bits.py 7000       # writes bitmap.txt, bitfield.txt, range.txt and lcs.txt beside this file

The server is flushed. Each line has space-separated words: what was asked, then what was answered. Strings are in hexadecimal
digits, `-` stands for an empty one, `nil` for no answer, `!` and a letter for an error.
"""
import os
import random
import sys

import redis

HERE = os.path.dirname(os.path.abspath(__file__))


def hexed(data):
    return data.hex() or "-"


def lines_of_range(ask, rng):
    edges = [0, 1, 2, 3, 4, 5, 9, 10, 11, 100, -1, -2, -3, -9, -10, -11, -100, 2**63 - 1, -(2**63)]
    for text in (b"", b"a", b"abc", b"0123456789"):
        ask("SET", "k", text)
        for start in edges:
            for end in edges:
                yield "getrange", hexed(text), start, end, hexed(ask("GETRANGE", "k", start, end))
    for text in (b"", b"abc", b"0123456789"):
        for offset in (0, 1, 3, 5, 20):
            for part in (b"", b"X", b"XYZ", b"ABCDEFGHIJKLMNOP"):
                ask("SET", "k", text)
                ask("SETRANGE", "k", offset, part)
                yield "setrange", hexed(text), offset, hexed(part), hexed(ask("GET", "k"))


def row(rng):
    kind = rng.randrange(5)
    size = rng.choice([1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 40])
    if kind == 0:
        return bytes(size)
    if kind == 1:
        return b"\xff" * size
    if kind == 2:
        return bytes(size - 1) + bytes([rng.randrange(256)])
    if kind == 3:
        return b"\xff" * (size - 1) + bytes([rng.randrange(256)])
    return rng.randbytes(size)


def lines_of_bitmap(ask, rng):
    for text in [b""] + [row(rng) for _ in range(160)]:
        ask("SET", "k", text)
        near = lambda: rng.choice([0, 1, -1, rng.randint(-12, 12), rng.randint(-8 * len(text) - 9, 8 * len(text) + 9)])
        yield "count", hexed(text), ask("BITCOUNT", "k")
        for unit in ("BYTE", "BIT"):
            for _ in range(4):
                start, end = near(), near()
                yield "count", hexed(text), start, end, unit, ask("BITCOUNT", "k", start, end, unit)
                bit = rng.randrange(2)
                yield "position", hexed(text), bit, start, end, unit, ask("BITPOS", "k", bit, start, end, unit)
        for bit in (0, 1):
            start = near()
            yield "position", hexed(text), bit, ask("BITPOS", "k", bit)
            yield "position", hexed(text), bit, start, ask("BITPOS", "k", bit, start)
        offset, bit = rng.randrange(8 * len(text) + 40), rng.randrange(2)
        yield "bit", hexed(text), offset, ask("GETBIT", "k", offset)
        old = ask("SETBIT", "k", offset, bit)
        yield "set", hexed(text), offset, bit, old, hexed(ask("GET", "k"))
    for operation in ("AND", "OR", "XOR", "DIFF", "DIFF1", "ANDOR", "ONE", "NOT"):
        for _ in range(25):
            count = 1 if operation == "NOT" else rng.randint(2, 5)
            sources = [rng.choice([row, row, lambda _: b""])(rng) for _ in range(count)]
            for at, source in enumerate(sources):
                ask("SET", f"s{at}", source)
            ask("BITOP", operation, "d", *[f"s{at}" for at in range(count)])
            yield "combine", operation, *map(hexed, sources), "->", hexed(ask("GET", "d") or b"")


def lines_of_bitfield(ask, rng):
    for text in "u1 u63 u64 u0 u i i1 i64 i65 i0 u-1 u+1 u08 U8 I8 x8 u8x u007 i100 u255 u256 i264 u1.0".split():
        yield "type", text, ask("BITFIELD", "none", "GET", text, 0)
    for text in "0 1 #0 #1 -1 #-1 +1 # 01 #01 ## #+1 4294967295 4294967296 #536870911 #536870912 9223372036854775807 #9223372036854775807 x 1.5".split():
        for kind in ("u8", "i64", "u1"):
            yield "offset", kind, text, ask("BITFIELD", "none", "GET", kind, text)
    values = [0, 1, -1, 2, 7, 127, 128, 255, 256, -128, -129, 2**31, 2**62, -(2**62), 2**63 - 1, -(2**63)]
    for _ in range(1200):
        text = rng.randbytes(rng.randrange(12))
        kind = rng.choice(["u", "i"]) + str(rng.choice([1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 31, 32, 33, 47, 56, 57, 61, 62, 63]))
        kind = rng.choice([kind, kind, kind, "i64"])
        offset = rng.choice([0, 1, 7, 8, rng.randrange(100)])
        overflow = rng.choice(["WRAP", "SAT", "FAIL"])
        verb = rng.choice(["GET", "SET", "INCRBY"])
        value = rng.choice(values + [rng.getrandbits(64) - 2**63, rng.randint(-300, 300)])
        ask("SET", "k", text)
        words = ("GET", kind, offset) if verb == "GET" else ("OVERFLOW", overflow, verb, kind, offset, value)
        got = ask("BITFIELD", "k", *words)
        yield verb, hexed(text), kind, offset, overflow, value, got, hexed(ask("GET", "k"))


def lines_of_lcs(ask, rng):
    def table(got):
        matches = [f"{a[0]}-{a[1]}:{b[0]}-{b[1]}:{size}" for a, b, size in got[1]]
        return ",".join(matches) or "-"

    pairs = [(b"", b""), (b"abc", b""), (b"", b"abc"), (b"ohmytext", b"mynewtext"), (b"abc", b"abc"), (b"abc", b"cba"), (b"aaaa", b"aa"), (b"abcbdab", b"bdcaba")]
    for alphabet, most in ((b"ab", 12), (b"ab", 70), (b"abcd", 40), (b"abcd", 200), (b"abcdefghijklmnop", 140)):
        word = lambda: bytes(rng.choice(alphabet) for _ in range(rng.randint(0, most)))
        pairs += [(word(), word()) for _ in range(60)]
    for _ in range(40):
        a = bytearray(rng.randbytes(rng.randint(60, 200)))
        b = bytearray(a)
        for _ in range(rng.randrange(12)):
            at = rng.randrange(len(b))
            b[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        pairs.append((bytes(a), bytes(b)))
    for a, b in pairs:
        ask("MSET", "a", a, "b", b)
        least = rng.randrange(5)
        idx = ask("LCS", "a", "b", "IDX", "WITHMATCHLEN")
        long = ask("LCS", "a", "b", "IDX", "MINMATCHLEN", least, "WITHMATCHLEN")
        yield hexed(a), hexed(b), ask("LCS", "a", "b", "LEN"), hexed(ask("LCS", "a", "b")), table(idx), least, table(long)


def word(value):
    if isinstance(value, list):
        return word(value[0])
    return "nil" if value is None else str(value)


def main():
    connection = redis.Connection(port=int(sys.argv[1]), protocol=2)

    def ask(*words):
        connection.send_command(*words)
        try:
            return connection.read_response()
        except redis.ResponseError as error:
            return {"Inv": "!type", "bit": "!offset"}[str(error)[:3]]

    ask("FLUSHALL")
    for name, lines in (("range", lines_of_range), ("bitmap", lines_of_bitmap), ("bitfield", lines_of_bitfield), ("lcs", lines_of_lcs)):
        with open(os.path.join(HERE, name + ".txt"), "w") as out:
            print("# Answers of redis-server 8.2.3, recorded by record_bits.py.", file=out)
            for line in lines(ask, random.Random(6)):
                print(*map(word, line), file=out)


main()
