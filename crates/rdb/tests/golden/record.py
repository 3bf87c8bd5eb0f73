"""Records golden files: what servers save, and what they say of it by their commands.

    python3 record.py NAME /path/to/server [PORT]

NAME is the prefix of the files: r7, r8 or vk. See README.md for the servers that were used.
"""

import os
import struct
import subprocess
import sys
import tempfile
import time

import redis

FOREVER_MS = 1999999999999
HERE = os.path.dirname(os.path.abspath(__file__))

name, server = sys.argv[1:3]
port = int(sys.argv[3]) if len(sys.argv) > 3 else 23001


class Running:
    """A server in a folder of its own."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command += ["--dir", self.folder.name, "--enable-debug-command", "local", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.client = redis.Redis(port=port)
        for _ in range(200):
            try:
                self.client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        raise SystemExit("the server doesn't answer")

    def save(self, suffix):
        self.client.execute_command("SAVE")
        target = os.path.join(HERE, name + suffix)
        with open(os.path.join(self.folder.name, "dump.rdb"), "rb") as file, open(target + ".rdb", "wb") as copy:
            copy.write(file.read())
        with open(target + ".txt", "w") as text:
            text.writelines(line + "\n" for line in self.tell())

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def tell(self):
        """All data in a form that the test makes of the file, too."""
        policy = self.client.config_get("maxmemory-policy")["maxmemory-policy"]
        for db in [0] if self.is_cluster() else range(16):
            client = redis.Redis(port=port, db=db)
            for key in sorted(client.keys("*")):
                yield f"{db} {shown(key)} {self.meta(client, key, policy)}{client.type(key).decode()}"
                for line in self.value(client, key):
                    yield "  " + line
        for library in sorted(self.functions()):
            yield "function " + shown(library)

    def is_cluster(self):
        return self.client.info("cluster")["cluster_enabled"] == 1

    def functions(self):
        for library in self.client.execute_command("FUNCTION", "LIST", "WITHCODE"):
            fields = library if isinstance(library, dict) else dict(zip(library[::2], library[1::2]))
            yield fields[b"library_code"]

    def meta(self, client, key, policy):
        expiry = client.execute_command("PEXPIRETIME", key)
        words = [f"expires {expiry} "] if expiry >= 0 else []
        if "lfu" in policy:
            words.append(f"frequency {client.execute_command('OBJECT', 'FREQ', key)} ")
        return "".join(words)

    def value(self, client, key):
        kind = client.type(key).decode()
        if kind == "string":
            yield shown(client.get(key))
        elif kind == "list":
            yield from map(shown, client.lrange(key, 0, -1))
        elif kind == "set":
            yield from sorted(map(shown, client.smembers(key)))
        elif kind == "zset":
            pairs = client.zrange(key, 0, -1, withscores=True)
            yield from sorted(f"{shown(member)} {struct.pack('>d', score).hex()}" for member, score in pairs)
        elif kind == "hash":
            yield from self.hash(client, key)
        elif kind == "stream":
            yield from self.stream(client, key)
        else:
            yield "module " + kind

    def hash(self, client, key):
        lines = []
        for field, value in client.hgetall(key).items():
            try:
                expiry = client.execute_command("HPEXPIRETIME", key, "FIELDS", 1, field)[0]
            except redis.ResponseError:
                expiry = -1
            lines.append(f"{shown(field)} {shown(value)}" + (f" {expiry}" if expiry >= 0 else ""))
        yield from sorted(lines)

    def stream(self, client, key):
        for identifier, fields in client.execute_command("XRANGE", key, "-", "+"):
            flat = fields if isinstance(fields, list) else [part for pair in fields.items() for part in pair]
            yield " ".join([identifier.decode(), *map(shown, flat)])
        raw = client.connection_pool.get_connection()
        raw.send_command("XINFO", "STREAM", key, "FULL", "COUNT", 0)
        info = as_dict(raw.read_response())
        client.connection_pool.release(raw)
        last, deleted = info["last-generated-id"].decode(), info["max-deleted-entry-id"].decode()
        first = info["recorded-first-entry-id"].decode()
        yield f"length {info['length']} last {last} first {first} deleted {deleted} added {info['entries-added']}"
        for group in map(as_dict, info["groups"]):
            read = group["entries-read"]
            yield f"group {shown(group['name'])} {group['last-delivered-id'].decode()} {'-' if read is None else read}"
            for identifier, _, at_ms, count in group["pel"] if "pel" in group else group["pending"]:
                yield f"pending {identifier.decode()} {at_ms} {count}"
            for consumer in sorted(map(as_dict, group["consumers"]), key=lambda consumer: consumer["name"]):
                active = consumer.get("active-time", consumer["seen-time"])
                active = "-" if active in (None, -1) else active
                yield f"consumer {shown(consumer['name'])} {consumer['seen-time']} {active}"
                for identifier, _, _ in consumer["pel"] if "pel" in consumer else consumer["pending"]:
                    yield f"owned {identifier.decode()}"


def as_dict(flat):
    items = zip(flat[::2], flat[1::2]) if isinstance(flat, list) else flat.items()
    return {key.decode(): value for key, value in items}


def shown(text):
    """Text as it is, other bytes in hexadecimal digits, long ones by length and sum."""
    if len(text) > 64:
        total = 0
        for byte in text:
            total = (total * 31 + byte) % 2**32
        return f"#{len(text)}:{total:08x}"
    return '"' + "".join(chr(b) if 0x21 <= b < 0x7F and b not in b'"\\' else f"\\x{b:02x}" for b in text) + '"'


def noise(length, seed):
    """Bytes that can't be compressed."""
    state, out = seed, bytearray()
    while len(out) < length:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out += struct.pack("<Q", state >> 13)[:6]
    return bytes(out[:length])


def fill(client):
    send = client.execute_command
    for entries in ["hash-max-listpack-entries", "zset-max-listpack-entries", "set-max-intset-entries", "set-max-listpack-entries"]:
        try:
            client.config_set(entries, 8)
        except redis.ResponseError:
            pass
    client.config_set("list-max-listpack-size", "8")
    client.config_set("stream-node-max-entries", "3")
    for index, text in enumerate(
        [b"", b"hello", b"12", b"-129", b"2147483647", b"-2147483648", b"2147483648", b"9223372036854775807", b"007", b"+1", b"-0"]
    ):
        send("SET", f"string:{index}", text)
    send("SET", "string:raw20", "a" * 20)
    send("SET", "string:lzf", "a" * 25)
    send("SET", "string:long", b"name=value;" * 300)
    send("SET", "string:noise", noise(300, 1))
    send("SET", "string:16k", noise(16378, 2))
    send("SET", "12345", "integer key")
    send("SET", "", "empty key")
    send("SET", b"\x00\xff\r\nbinary \xc3\xa4", "binary key")
    send("SET", "long key " * 20, "long key")
    send("SET", "string:expiring", "x", "PXAT", FOREVER_MS)
    send("RPUSH", "list:small", "a", 1, 300, -5, "b" * 70)
    send("RPUSH", "list:integers", *[0, 127, 128, -1, 4095, 4096, -4096, -4097, 32767, 8388607, -8388608, 2147483648, -(2**63)])
    send("RPUSH", "list:nodes", *[f"element {index}" for index in range(50)])
    send("RPUSH", "list:large", "first", noise(9000, 3), "x" * 9000, "last")
    send("SADD", "set:intset16", 1, -5, 2)
    send("SADD", "set:intset32", 1, -5, 70000)
    send("SADD", "set:intset64", 1, -5, 2**40)
    send("SADD", "set:small", "a", "b", 3, "c" * 60)
    send("SADD", "set:large", *[f"member {index}" for index in range(30)], *range(20))
    send("HSET", "hash:small", "f", "v", "number", 17, "empty", "")
    send("HSET", "hash:large", *[part for index in range(20) for part in (f"field {index}", index)])
    send("HSET", "hash:long", "f", "v" * 100, "g" * 100, "w")
    send("ZADD", "zset:small", 1.5, "a", 2, "b", "-inf", "low", "inf", "high", 1e20, "big", 0.1, "tenth")
    send("ZADD", "zset:large", *[part for index in range(20) for part in (index * 0.3 - 2, f"member {index}")], 3, 7)
    send("ZADD", "zset:infinite", "inf", "x" * 100, "-inf", "y", "3e-300", "z", 0, "0")
    send("PEXPIREAT", "zset:small", FOREVER_MS)
    for index in range(10):
        send("XADD", "stream", f"{5 + index // 4}-{index + 1}", "f", index, "g", f"value {index}")
    send("XADD", "stream", "100-0", "other", "field")
    send("XDEL", "stream", "5-1", "6-6")
    send("XGROUP", "CREATE", "stream", "group", "0")
    send("XGROUP", "CREATE", "stream", "other", "$")
    send("XREADGROUP", "GROUP", "group", "alice", "COUNT", 3, "STREAMS", "stream", ">")
    send("XREADGROUP", "GROUP", "group", "bob", "COUNT", 2, "STREAMS", "stream", ">")
    send("XGROUP", "CREATECONSUMER", "stream", "group", "carol")
    send("XADD", "stream:empty", "7-7", "f", "v")
    send("XDEL", "stream:empty", "7-7")
    send("SELECT", 5)
    send("SET", "other database", "x")
    send("SELECT", 0)
    send("FUNCTION", "LOAD", "#!lua name=golden\nredis.register_function('golden', function() return 1 end)")
    if name == "r8":
        fill_r8(send)
    if name == "vk":
        fill_vk(send)


def fill_r8(send):
    for key, count in [("hash:expiring", 3), ("hash:expiring:large", 20)]:
        for index in range(count):
            send("HSET", key, f"field {index}", f"value {index}")
            if index % 3:
                send("HPEXPIREAT", key, FOREVER_MS - index * 1000, "FIELDS", 1, f"field {index}")
    for index in range(3):
        send("VADD", "vectors", "VALUES", 3, index, 1, 0.5, f"element {index}")


def fill_vk(send):
    for index in range(9):
        send("HSET", "hash:expiring", f"field {index}", f"value {index}")
        if index % 3:
            send("HPEXPIREAT", "hash:expiring", FOREVER_MS - index * 1000, "FIELDS", 1, f"field {index}")


def record(suffix, fill_with, *options):
    running = Running(*options)
    try:
        fill_with(running.client)
        running.save(suffix)
    finally:
        running.stop()


def few(client):
    client.set("a", "one")
    client.set("b", "b" * 100, pxat=FOREVER_MS)
    client.rpush("c", "x", "y")


def slots(client):
    client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    for _ in range(100):
        if "ok" in str(client.execute_command("CLUSTER", "INFO")).partition("cluster_state")[2][:8]:
            break
        time.sleep(0.1)
    few(client)


record("", fill)
record("-plain", fill, "--rdbcompression", "no", "--rdbchecksum", "no")
record("-lru", few, "--maxmemory-policy", "allkeys-lru")
record("-lfu", few, "--maxmemory-policy", "allkeys-lfu")
record("-cluster", slots, "--cluster-enabled", "yes", "--cluster-port", str(port + 50))
