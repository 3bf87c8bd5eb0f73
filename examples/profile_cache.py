"""Profiles that are read often and change seldom: kept in this process, and forgotten when the server says that they changed.

    pip install redis
    python profile_cache.py [PORT]

    read ──▶ here? ──yes──▶ a dictionary's price, nothing is sent
               └──no──▶ HGETALL ──▶ kept here; the server remembers who has read it (CLIENT TRACKING)
    somebody changes the profile ──▶ the server pushes `invalidate [key]` ──▶ forgotten here

It takes RESP3, in which the server can say something unasked. redis-py looks for such pushes whenever it is asked for something that it
keeps, so it answers with what was true a moment ago, and never with what it has been told is gone. A cache with an expiry has no such
bound, and asks anew for what hasn't changed.
"""

import sys
import time

import redis
from redis.cache import CacheConfig

PROFILES = 200
READS = 5000


class Profiles:
    """What everybody wants to know of a user."""

    def __init__(self, port, **options):
        self.client = redis.Redis(port=port, protocol=3, decode_responses=True, **options)

    def read(self, user):
        return self.client.hgetall(f"profile:{user}")

    def write(self, user, **fields):
        self.client.hset(f"profile:{user}", mapping=fields)


def wait_until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.01)


def requests_of(client):
    """How many requests the server has had for profiles."""
    return client.info("commandstats").get("cmdstat_hgetall", {"calls": 0})["calls"]


def fewer_requests(port, writer):
    """The same five thousand reads, without the cache and with it."""
    counts = []
    for options in ({}, {"cache_config": CacheConfig(max_size=PROFILES)}):
        reader = Profiles(port, **options)
        before = requests_of(writer.client)
        for number in range(READS):
            user = number % PROFILES
            assert reader.read(user)["name"] == f"user {user}"
        counts.append(requests_of(writer.client) - before)
        reader.client.close()
    assert counts == [READS, PROFILES], counts
    print("fewer requests:", counts[0], "without the cache,", counts[1], "with it")


def never_out_of_date(port, writer):
    """Somebody else changes, deletes and expires profiles that are kept here."""
    reader = Profiles(port, cache_config=CacheConfig())
    assert reader.read(1)["name"] == reader.read(1)["name"] == "user 1"
    cache = reader.client.get_cache()
    assert cache.size == 1

    writer.write(1, name="ada")
    wait_until(lambda: reader.read(1)["name"] == "ada")
    writer.client.delete("profile:1")
    wait_until(lambda: reader.read(1) == {})
    writer.write(1, name="eve")
    wait_until(lambda: reader.read(1) == {"name": "eve"})
    writer.client.pexpire("profile:1", 50)
    wait_until(lambda: reader.read(1) == {})

    # What nobody changes stays.
    reader.read(2)
    before = requests_of(writer.client)
    writer.write(3, name="somebody else")
    for _ in range(100):
        assert reader.read(2)["name"] == "user 2"
    assert requests_of(writer.client) == before

    writer.client.flushall()
    wait_until(lambda: reader.read(2) == {})
    reader.client.close()
    print("never out of date: changed, deleted, expired and flushed")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
writer = Profiles(port)
for user in range(PROFILES):
    writer.write(user, name=f"user {user}", visits=user * 3)
fewer_requests(port, writer)
never_out_of_date(port, writer)
writer.client.flushall()
print("done")
