"""A chat room: messages to whoever is there, the last ones for those who come later, and who is there.

    pip install redis
    python chat_room.py [PORT]

A message is published and kept. PUBLISH reaches only those who listen at that moment; so the last hundred messages are kept in a
list as well, for those who come in. Whoever comes in listens first and reads the list then: he misses none, and what he gets in both ways
its id tells.

    say ──RPUSH + LTRIM──▶ room:<room>:log       ──LRANGE──▶ who comes in
        └──PUBLISH───────▶ room:<room>           ──────────▶ who is there
    alive: SET room:<room>:here:<name> EX    its end is an event: `notify-keyspace-events` with E and x

Nobody has to say goodbye: who doesn't call `alive` in time has left, and the server tells so.
"""

import json
import sys
import threading
import time
import uuid

import redis

KEPT = 100


class Room:
    """One person in a room, with a connection for what is said and one for what one says."""

    def __init__(self, connect, room, name, heard, alive_s=30):
        self.client = connect()
        self.room = room
        self.name = name
        self.alive_ms = int(alive_s * 1000)
        self.heard = heard
        self.seen = set()
        self.ears = self.client.pubsub(ignore_subscribe_messages=True)
        self.ears.subscribe(**{f"room:{room}": self.hear})
        # What is said from here on is heard; what was said before is in the list.
        for text in self.client.lrange(f"room:{room}:log", 0, -1):
            self.seen.add(json.loads(text)["id"])
            self.heard(json.loads(text))
        self.alive()

    def hear(self, message):
        said = json.loads(message["data"])
        if said["id"] not in self.seen:
            self.heard(said)

    def listen(self, seconds):
        """Hears what is said in that time, if anything."""
        self.ears.get_message(timeout=seconds)

    def say(self, text):
        said = json.dumps({"id": uuid.uuid4().hex, "name": self.name, "text": text})
        with self.client.pipeline(transaction=False) as pipeline:
            pipeline.rpush(f"room:{self.room}:log", said)
            pipeline.ltrim(f"room:{self.room}:log", -KEPT, -1)
            pipeline.publish(f"room:{self.room}", said)
            pipeline.execute()

    def alive(self):
        """To be called more often than every `alive_s`."""
        self.client.set(f"room:{self.room}:here:{self.name}", 1, px=self.alive_ms)

    def leave(self):
        self.ears.close()
        self.client.delete(f"room:{self.room}:here:{self.name}")

    def who_is_here(self):
        prefix = f"room:{self.room}:here:"
        return sorted(key.removeprefix(prefix) for key in self.client.scan_iter(prefix + "*"))


class Doorkeeper:
    """Tells when somebody has left: listens for keys whose time is up."""

    def __init__(self, connect, left):
        self.client = connect()
        self.client.config_set("notify-keyspace-events", "Ex")
        self.ears = self.client.pubsub(ignore_subscribe_messages=True)
        self.ears.psubscribe(**{"__keyevent@*__:expired": self.hear})
        self.left = left
        self.thread = self.ears.run_in_thread(sleep_time=0.05)

    def hear(self, message):
        room, here, name = message["data"].removeprefix("room:").rpartition(":here:")
        if here:
            self.left(room, name)

    def stop(self):
        self.thread.stop()
        self.thread.join()
        self.client.config_set("notify-keyspace-events", "")


def wait_until(holds, meanwhile=lambda: time.sleep(0.01), seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it takes too long"
        meanwhile()


def conversation(connect):
    """Two talk, a third comes later and knows what was said."""
    heard = {name: [] for name in ("ada", "bob", "eve")}
    ada = Room(connect, "lobby", "ada", heard["ada"].append)
    bob = Room(connect, "lobby", "bob", heard["bob"].append)
    ada.say("is anybody there?")
    bob.say("I am")
    for person in (ada, bob):
        wait_until(lambda: len(heard[person.name]) == 2, lambda: person.listen(0.1))
    eve = Room(connect, "lobby", "eve", heard["eve"].append)
    assert [said["text"] for said in heard["eve"]] == ["is anybody there?", "I am"]
    ada.say("hello eve")
    for person in (ada, bob, eve):
        wait_until(lambda: len(heard[person.name]) == 3, lambda: person.listen(0.1))
    assert heard["ada"] == heard["bob"] == heard["eve"]
    assert ada.who_is_here() == ["ada", "bob", "eve"]
    assert [tuple(pair) for pair in ada.client.pubsub_numsub("room:lobby")] == [("room:lobby", 3)]
    for person in (ada, bob, eve):
        person.leave()
    assert ada.who_is_here() == []
    print("conversation: three have heard the same", len(heard["eve"]), "messages")


def crowd(connect):
    """Four talk at the same time; everybody hears everything, in one order."""
    names = ["one", "two", "three", "four"]
    heard = {name: [] for name in names}
    rooms = {name: Room(connect, "crowd", name, heard[name].append) for name in names}

    def talk(room):
        for number in range(50):
            room.say(f"{room.name} {number}")

    # Others have the connections that listen; so each talks over one of its own.
    speakers = [Room(connect, "crowd", name, lambda said: None) for name in names]
    threads = [threading.Thread(target=talk, args=(speaker,)) for speaker in speakers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, room in rooms.items():
        wait_until(lambda: len(heard[name]) == 200, lambda: room.listen(0.1))
    assert all(heard[name] == heard["one"] for name in names)
    said_by_two = [said["text"] for said in heard["one"] if said["name"] == "two"]
    assert said_by_two == [f"two {number}" for number in range(50)]
    client = rooms["one"].client
    kept = [json.loads(text) for text in client.lrange("room:crowd:log", 0, -1)]
    assert len(kept) == KEPT and all(said in heard["one"] for said in kept)
    for room in [*rooms.values(), *speakers]:
        room.leave()
    print("crowd:", len(heard["one"]), "messages, in the same order for all")


def departure(connect):
    """Somebody falls silent, and the doorkeeper notices."""
    left = []
    keeper = Doorkeeper(connect, lambda room, name: left.append((room, name)))
    stays = Room(connect, "hall", "stays", lambda said: None)
    Room(connect, "hall", "leaves", lambda said: None, alive_s=0.2)
    assert stays.who_is_here() == ["leaves", "stays"]
    wait_until(lambda: left)
    assert left == [("hall", "leaves")] and stays.who_is_here() == ["stays"]
    keeper.stop()
    print("departure: noticed")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
for protocol in (2, 3):

    def connect(protocol=protocol):
        return redis.Redis(port=port, protocol=protocol, decode_responses=True)

    conversation(connect)
    crowd(connect)
    departure(connect)
    connect().flushall()
print("done")
