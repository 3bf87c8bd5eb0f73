"""redis-py against a server: `redis_py.py PORT [CA CERTIFICATE KEY]` prints `verdict: passed` or raises."""

import sys
import threading

import redis

PORT = int(sys.argv[1])
TLS = dict(zip(("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"), sys.argv[2:]), ssl=True) if sys.argv[2:] else {}
BINARY = bytes(range(256))
KEYS = 5_000
BIG = b"x" * (4 << 20)


def connect(protocol, **options):
    return redis.Redis(host="127.0.0.1", port=PORT, protocol=protocol, socket_timeout=20, **TLS, **options)


def equal(got, wanted):
    assert got == wanted, f"got {got!r:.200}, wanted {wanted!r:.200}"


def fails_with(call, text):
    try:
        got = call()
    except redis.ResponseError as error:
        assert text in str(error), f"error {error}, wanted {text}"
    else:
        raise AssertionError(f"got {got!r}, wanted the error {text}")


def handshake(client):
    equal(client.ping(), True)
    equal(client.echo(BINARY), BINARY)
    assert client.client_id() > 0
    assert "redis_version" in client.info("server")
    assert client.time()[0] > 1_500_000_000
    equal(client.config_get("maxmemory"), {"maxmemory": "0"})


def values(client):
    equal(client.set("binary", BINARY), True)
    equal(client.get("binary"), BINARY)
    equal(client.set("k", "v", nx=True, ex=100), True)
    equal(client.set("k", "w", nx=True), None)
    assert 98 <= client.ttl("k") <= 100
    equal(client.set("k", "w", get=True), b"v")
    equal(client.get("nosuch"), None)
    equal(client.incrby("n", 5), 5)
    equal(client.incrbyfloat("f", 0.1), 0.1)
    equal(client.mget("k", "nosuch", "n"), [b"w", None, b"5"])
    equal(client.set("big", BIG), True)
    equal(client.get("big"), BIG)
    equal(client.strlen("big"), len(BIG))
    equal(client.delete("big", "nosuch"), 1)


def errors(client):
    client.set("text", "abc")
    fails_with(lambda: client.incr("text"), "value is not an integer or out of range")
    fails_with(lambda: client.execute_command("NOSUCH", "a"), "unknown command")
    fails_with(lambda: client.execute_command("GET"), "wrong number of arguments for 'get' command")
    equal(client.ping(), True)


def pipelines(client):
    pipeline = client.pipeline(transaction=False)
    for number in range(KEYS):
        pipeline.set(f"key:{number}", number)
    equal(pipeline.execute(), [True] * KEYS)
    equal(client.dbsize(), KEYS)
    for number in range(KEYS):
        pipeline.get(f"key:{number}")
    equal(pipeline.execute(), [b"%d" % number for number in range(KEYS)])
    pipeline.get("key:1").incr("key:x").execute_command("NOSUCH").get("key:2")
    replies = pipeline.execute(raise_on_error=False)
    equal([replies[0], replies[1], replies[3]], [b"1", 1, b"2"])
    assert isinstance(replies[2], redis.ResponseError)
    equal(len(set(client.scan_iter("key:*", count=100))), KEYS + 1)


def messages(client):
    with client.pubsub(ignore_subscribe_messages=True) as ears:
        ears.subscribe("news")
        ears.psubscribe("n?ws")
        ears.ssubscribe("sharded")
        equal(client.publish("news", "one") + client.spublish("sharded", "two"), 3)
        heard = []
        # What confirms a subscription is None as well as a second of silence.
        for _ in range(60):
            message = ears.get_message(timeout=1) or ears.get_sharded_message(timeout=0.01)
            heard += [message] if message else []
            if len(heard) == 3:
                break
        equal([message["type"] for message in heard], ["message", "pmessage", "smessage"])
        equal([message["data"] for message in heard], [b"one", b"one", b"two"])


def threads(client):
    def count():
        with connect(2) as own:
            for _ in range(500):
                own.incr("shared")

    workers = [threading.Thread(target=count) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    equal(client.get("shared"), b"2000")


for protocol in (2, 3):
    with connect(protocol, client_name="redis-py") as client:
        for theme in (handshake, values, errors, pipelines, messages, threads):
            client.flushall()
            theme(client)
print("verdict: passed")
