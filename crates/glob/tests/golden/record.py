#!/usr/bin/env python3
"""Asks a running server which texts its patterns match, and writes the answers as golden tables.

    redis-server --port 7000 --save "" &
    python3 record.py 7000            # writes keys.txt, config.txt and commands.txt beside this file

The server is flushed. A table has lines of tab-separated words: `text` with the texts, then one `pattern` line each with the pattern
and the texts that it matched. Bytes other than plain ASCII are written as \\xHH.
"""
import os
import random
import sys

import redis

HERE = os.path.dirname(os.path.abspath(__file__))
PLAIN = set(range(0x21, 0x7F)) - {ord("\\")}


def escape(word):
    return "".join(chr(b) if b in PLAIN else f"\\x{b:02x}" for b in word)


def write(name, texts, answers, how):
    with open(os.path.join(HERE, name), "w") as out:
        out.write(f"# {how}\n")
        for text in texts:
            out.write(f"text\t{escape(text)}\n")
        for pattern, matched in answers:
            out.write("\t".join(["pattern", escape(pattern), *map(escape, sorted(matched))]) + "\n")


TEXTS = [
    b"", b"a", b"b", b"c", b"z", b"A", b"B", b"^", b"-", b"]", b"[", b"\\", b"*", b"?", b"/", b".", b"\x00", b"\xff", b"_", b"`",
    b"ab", b"ba", b"aa", b"abc", b"a]", b"]a", b"-]", b"a-", b"a*b", b"a?b", b"a\\b", b"a\\", b"\\a", b"[a]", b"a[b", b"a.b/c", b"aXb", b"aab",
    b"hello", b"hallo", b"hxllo", b"hllo", b"heeeello", b"foo:1:bar", b"foo:12:bar", b"foo::bar", b"a" * 40, b"a" * 39 + b"b",
    b"abababab", b"abcabcabd", b"mississippi", b"\xc3\xa9", b"a\nb", b"a\x00b", b" ",
]
PATTERNS = [
    b"", b"*", b"**", b"***", b"?", b"??", b"???", b"?*", b"*?", b"*?*", b"?*?", b"*??*", b"a", b"A", b"a*", b"*a", b"*a*", b"a*b", b"a?b",
    b"a\\*b", b"a\\?b", b"a\\\\b", b"a\\\\", b"\\\\*", b"\\", b"\\a", b"a\\", b"*\\", b"\\*", b"\\?", b"\\[", b"\\]", b"\\[a]", b"[", b"[^", b"[]", b"[^]",
    b"[]a]", b"[^]a]", b"[a", b"[^a", b"[ab", b"[abc]", b"[^abc]", b"[a-c]", b"[c-a]", b"[^a-c]", b"[^c-a]", b"[a-", b"[a-]", b"[a-]]", b"[-a]", b"[-]", b"[--]",
    b"[---]", b"[a-c-z]", b"[^-]", b"[^^]", b"[^^-a]", b"[a^]", b"[\\]]", b"[\\]", b"[\\", b"[\\\\]", b"[\\^a]", b"[\\a-c]", b"[a-\\]", b"[a-\\]]", b"[a-\\c]",
    b"[\\-a]", b"[*]", b"[?]", b"[[]", b"[[a]", b"[a]]", b"[a][b]", b"[a]*[b]", b"*[ab]", b"*[^a]*", b"[a]?", b"h?llo", b"h*llo", b"h[ae]llo", b"h[^e]llo",
    b"h[a-b]llo", b"foo:*:bar", b"foo:?:bar", b"foo:??:bar", b"foo:[0-9]*:bar", b"*:*:*", b"*a*a*a*a*b", b"*a*a*a*a*a", b"a*a*a*a", b"*ab*ab*", b"*abd", b"*abc",
    b"*issip*", b"*iss*ip*", b"m*i*s*s*i", b"*i*i*i*i*", b"*ss*ss*ss*", b"\x00", b"\xff", b"[\x00-\xff]", b"[\xff-\x00]", b"[a-\xff]", b"[\xff-a]", b"[\x80-\xff]", b"[^\x80-a]", b"?\xa9", b"\xc3?", b"a\nb", b"a?b*", b" ",
    b"[ ]", b"[!a]", b"{a,b}", b"a.b/*", b"*/*", b".*", b"[.]", b"+", b"a+", b"(a)", b"a|b", b"$", b"^a", b"[a-a]", b"[b-b]*", b"[Z-a]", b"[a-Z]", b"[_-T]",
    b"*[", b"*[a", b"*[]", b"a*[", b"[a*", b"[a?", b"[^*", b"**a**", b"*\\**", b"*\\a", b"*\\a*", b"?\\", b"[a]\\", b"[^\\]]", b"[^\\a]", b"[a\\", b"[^\\",
]


def random_patterns(count, alphabet, seed):
    rng = random.Random(seed)
    return [bytes(rng.choice(alphabet) for _ in range(rng.randint(1, 7))) for _ in range(count)]


def keys(ask):
    ask("FLUSHALL")
    for text in TEXTS:
        ask("SET", text, "")
    patterns = PATTERNS + random_patterns(350, b"ab]^-\\*?[c*[", 1)
    # KEYS doesn't match at all when its pattern is a single star, so that says nothing of the matcher.
    answers = [(p, ask("KEYS", p)) for p in dict.fromkeys(patterns) if p != b"*"]
    write("keys.txt", TEXTS, answers, "KEYS of redis-server 8.2.3; patterns match in case.")


def config(ask):
    texts = [b"timeout", b"port", b"appendonly", b"maxmemory", b"maxmemory-policy", b"save", b"hz", b"dir", b"bind", b"list-max-listpack-size"]
    letters = [
        b"[Z-a]imeout", b"[a-Z]imeout", b"[T]imeout", b"[S-U]IMEOUT", b"[u-S]imeout", b"[U-s]imeout", b"[^T]imeout", b"[^t]imeout", b"[\\T]imeout", b"[\\t]imeout",
        b"[`-{]imeout", b"[@-[]imeout", b"[^Z-a]imeout", b"[_-T]imeout", b"[T-_]imeout", b"\\TIMEOUT*", b"\\TIME\\OUT*", b"TIME*", b"time*", b"T*T", b"?IMEOUT", b"*-*",
        b"*[A-Z]-[a-z]*", b"*[\\--\\-]*", b"MAXMEMORY[-]*", b"MAXMEMORY?P*", b"[^\\P]ort", b"[^\\p]ort", b"[S-\\T]*", b"[\\S-T]*", b"[A-]*", b"[^A-]*", b"[a-Z]*", b"[A-z]*",
        b"[A-Z]*", b"[^A-Z]*", b"*[H-H][z]", b"*[h-H]Z", b"[H-h]z", b"D[Ii]R", b"*\\Y*", b"*IND[", b"[", b"[^", b"[B", b"[b*", b"*E[T-R]*",
    ]
    patterns = letters + [p + b"*" for p in random_patterns(150, b"tTmMpP]^-\\*?[aZ*[", 2)]
    answers = [(p, [n for n in ask("CONFIG", "GET", p)[::2] if n in texts]) for p in dict.fromkeys(patterns) if set(p) & set(b"*?[")]
    write("config.txt", texts, answers, "CONFIG GET of redis-server 8.2.3; patterns match in either case.")


def commands(ask):
    texts = [b"get", b"set", b"getex", b"setnx", b"hset", b"zadd", b"xadd", b"config|get", b"client|no-evict", b"restore-asking", b"bitfield_ro"]
    patterns = [
        b"GET", b"\\GET", b"G\\ET", b"g?t", b"[G]ET", b"[^H]SET", b"[\\g]et", b"[\\G]et", b"[X-Z]ADD", b"[z-X]add", b"*|*", b"CONFIG|*", b"*_RO", b"*[_]ro", b"*[^a-z]*",
        b"*[^A-Z]*", b"*-*", b"*[|-_]*", b"*[_-|]*", b"*[Z-_]*", b"*[A-_]*", b"", b"*", b"SET*", b"*\\-*", b"*[\\-]*", b"[a-g]*", b"[A-g]*", b"[G-a]*",
    ] + random_patterns(150, b"gGeEtT]^-\\*?[sS*[", 3)
    answers = [(p, [n for n in ask("COMMAND", "LIST", "FILTERBY", "PATTERN", p) if n in texts]) for p in dict.fromkeys(patterns)]
    write("commands.txt", texts, answers, "COMMAND LIST FILTERBY PATTERN of redis-server 8.2.3; patterns match in either case.")


def main():
    connection = redis.Connection(port=int(sys.argv[1]), protocol=2)

    def ask(*words):
        connection.send_command(*words)
        return connection.read_response()

    for table in (keys, config, commands):
        table(ask)


main()
