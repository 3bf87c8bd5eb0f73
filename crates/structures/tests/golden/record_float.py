#!/usr/bin/env python3
"""Asks a running server for sums and scores, and writes its answers as golden tables.

    redis-server --port 7000 --save "" &
    python3 record_float.py 7000      # writes incrbyfloat.txt and score.txt beside this file

The server is flushed. Each line has tab-separated words: the arguments and the answer, where `!number` stands for an argument that
is no float and `!infinite` for a sum that is none. A word that begins with `*` and a count repeats what follows the second `*`:
`*3*0` is 000, and such pieces are joined with `&`.
"""
import os
import random
import sys

import redis

HERE = os.path.dirname(os.path.abspath(__file__))
ODD = """inf -inf +inf INF Infinity +infinity infinit infx nan NAN nan(1) -nan 0x10 0x1p3 0X1P-3 0x 0x.8 0x1. 0x. 0x1p 0x1p+ +0x1 -0x1.8p+1 0x1p20000
0x1p-20000 0x0p99999999999999999999 0x1p99999999999999999999 0x1p-99999999999999999999 0xfffffffffffffffff 0x8000000000000000.8 0x8000000000000001.8
0x8000000000000000.80000000000000000000000001 0x1p-16445 0x1p-16446 0x1.8p-16446 0x1p16383 0x1p16384 0xf.fffffffffffffff7p16380 0xf.fffffffffffffff8p16380
0x0.0000000000000000000000000001p50 0x10000000000000000000000p-80 0xabcdefp-4 0xABCDEF 0xg 1e 1e+ 1e- + - . e1 .e1 .5 5. +.5 -.5e1 1e5000 1e-5000 3.6e-4951
1e-4951 1.8e-4951 1.9e-4951 -1.9e-4951 0e99999999999999999999 1e99999999999999999999 1e-99999999999999999999 0.0 -0 -0.0 -0e5 -0.000000000000000001
-0.000000000000000005 0.000000000000000005 0.000000000000000015 0.0000000000000000050000000000000000001 1.5e-17 2.5e-17 1_0 0b1 1d 1f 1L 1,5 --1 +-1 00012
1e0005 0x1p0005 1E3 1e-17 1e-4940 1p3 1e4932 1.18973149535723176502e4932 1.1897314953572317651e4932 1.189731495357231765021e4932 1.7976931348623158e308
1.7976931348623159e308 4.9e-324 2.4e-324 2.5e-324 1e308 1e309 1e400 1e-400 2.2250738585072014e-308 2.2250738585072011e-308 0x1p-1074 0x1p-1075 0x1.8p-1075
0x1.8p-1074 0x1p1023 0x1p1024 0x1.fffffffffffff7p1023 0x1.fffffffffffff8p1023 0x1.00000000000008p0 0x1.00000000000018p0 0x1.000000000000080000000000000001p0
9007199254740993 9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616 18446744073709551617 36893488147419103233 3.0e3 1..2 1.2.3 1e2.5
1ee5 0x1e5 0x1pp5 0x1p5.5 1e+-5""".split()
ODD += ["", " 1", "1 ", "\t1", "1\n", "1\0", "\0", "\xff"]
LONG = ["1&*5118*0", "1.&*5117*0", "1.&*5118*0", "0.&*5000*0&1", "0.&*4940*0&1", "0.&*4960*0&1", "*5000*0&1.5", "*4932*9", "*4933*9", "0.&*5000*3", "0.&*5115*0&e9",
        "0.&*5000*0&1e5001", "1&*5000*0&e-5000", "1&*4000*0&e-5000", "0x&*5000*0&1", "0x1&*4000*0", "0x1&*4095*0", "0x1&*4096*0", "0x.&*4000*0&1p16000", "0x.&*5000*0&1p20004",
        "0x1&*5000*0&p-20000", "1&*308*0", "*310*1", "1.&*255*0&1", "0.&*30*9", "9007199254740992.&*800*0&1", "9223372036854775808.5&*300*0&1", "9223372036854775808.5"]


def expand(word):
    return "".join(int(p.split("*")[1]) * p.split("*")[2] if p.startswith("*") else p for p in word.split("&"))


def escape(word):
    return "".join(c if 0x21 <= ord(c) < 0x7F and c != "\\" else f"\\x{ord(c):02x}" for c in word)


def number(rng):
    kind = rng.randrange(9)
    sign = rng.choice(["", "", "-", "+"])
    digits = lambda most: "".join(rng.choice("0123456789") for _ in range(rng.randint(1, most)))
    if kind < 3:
        return f"{sign}{digits(6)}.{digits(4)}"
    if kind == 3:
        return f"{sign}{digits(25)}"
    if kind == 4:
        return f"{sign}{digits(22)}.{digits(22)}"
    if kind == 5:
        return f"{sign}{digits(3)}.{digits(20)}e{rng.randint(-25, 25)}"
    if kind == 6:
        return f"{sign}{digits(3)}.{digits(25)}e{rng.choice([-4950, -4932, -350, -310, -30, 30, 90, 290, 305])}"
    if kind == 7:
        return f"{sign}0x{rng.getrandbits(72):x}.{rng.getrandbits(20):x}p{rng.randint(-90, 60)}"
    return f"{sign}0.{'0' * rng.randint(10, 18)}{digits(6)}"


def answer(ask, *words):
    try:
        got = ask(*words)
        return got.decode() if isinstance(got, bytes) else got
    except redis.ResponseError as error:
        return "!number" if "not a valid float" in str(error) else "!infinite" if "NaN or Inf" in str(error) else exit(str(error))


def encode(word):
    return word.encode("latin-1")


def sums(ask, count, out):
    rng = random.Random(4)
    pairs = [(word, other) for word in ODD for other in ("0", "1")] + [("2.5", word) for word in ODD] + [(word, "0") for word in LONG]
    pairs += [("0.1", "0.2"), ("100.1", "100.2"), ("12345678901234567", "0.1"), ("3", "1e17"), ("1", "1e-17"), ("0", "1e-18"), ("1e308", "1e308"), ("inf", "-inf")]
    pairs += [("9223372036854775807", "1"), ("1e4932", "1e4932"), ("1e4932", "-1e4932"), ("1.5e-4940", "-1.4e-4940"), ("18446744073709551615", "0.5"), ("-1e4000", "1")]
    pairs += [(number(rng), number(rng)) for _ in range(count)]
    for value, increment in pairs:
        ask("SET", "k", encode(expand(value)))
        got = answer(ask, "INCRBYFLOAT", "k", encode(expand(increment)))
        print(escape(value), escape(increment), escape(got), sep="\t", file=out)


def scores(ask, count, out):
    rng = random.Random(5)
    for word in ODD + LONG + [number(rng) for _ in range(count)]:
        ask("DEL", "z")
        got = answer(ask, "ZADD", "z", encode(expand(word)), "m")
        print(escape(word), got if got == "!number" else answer(ask, "ZSCORE", "z", "m"), sep="\t", file=out)


def main():
    connection = redis.Connection(port=int(sys.argv[1]), protocol=2)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400

    def ask(*words):
        connection.send_command(*words)
        return connection.read_response()

    ask("FLUSHALL")
    for name, record, how in (("incrbyfloat", sums, "SET k, INCRBYFLOAT k"), ("score", scores, "ZADD z, ZSCORE z")):
        with open(os.path.join(HERE, name + ".txt"), "w") as out:
            print(f"# {how} of redis-server 8.2.3, recorded by record_float.py.", file=out)
            record(ask, count, out)


main()
