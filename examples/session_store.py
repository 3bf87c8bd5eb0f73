"""Sessions of a web shop, kept in kvd: a hash for each, whose fields live each for its own time.

    pip install redis
    python session_store.py [PORT]

A session is a hash `session:<token>`. That somebody is signed in lasts for half an hour after the last request; a one-time code
for paying lasts for two minutes, and can be taken once; the cart lasts for a week, though its owner is no longer signed in. With a
time to live for the whole key, the shop would need a key for each of these, and would have to find them all to end a session.

The fields need no cleaning up: kvd removes each in its time, and the hash with the last of them.
"""

import secrets
import sys
import threading
import time

import redis
from redis.commands.core import HashDataPersistOptions

SIGNED_IN_S = 30 * 60
CODE_S = 2 * 60
CART_S = 7 * 24 * 60 * 60


class Sessions:
    def __init__(self, client, signed_in_s=SIGNED_IN_S, code_s=CODE_S):
        self.client = client
        self.signed_in_ms = int(signed_in_s * 1000)
        self.code_ms = int(code_s * 1000)

    def sign_in(self, user):
        """Begins a session and returns its token."""
        token = secrets.token_urlsafe(16)
        # Field and time to live in one command: there is no moment in which the session would stay for ever.
        self.client.hsetex(key_of(token), mapping={"user": user}, px=self.signed_in_ms)
        return token

    def user(self, token):
        """Who is signed in, or None. To ask prolongs it."""
        (user,) = self.client.hgetex(key_of(token), "user", px=self.signed_in_ms)
        return user

    def sign_out(self, token):
        """Ends that somebody is signed in, and what they were about to pay; the cart stays."""
        self.client.hdel(key_of(token), "user", "code")

    def put_into_cart(self, token, article, pieces=1):
        """Counts pieces of an article; every change of the article prolongs its stay."""
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hincrby(key_of(token), f"cart:{article}", pieces)
        pipeline.hexpire(key_of(token), CART_S, f"cart:{article}")
        return pipeline.execute()[0]

    def cart(self, token):
        """Pieces by article."""
        fields = self.client.hgetall(key_of(token))
        return {name.removeprefix("cart:"): int(pieces) for name, pieces in fields.items() if name.startswith("cart:")}

    def new_code(self, token):
        """A code for paying, or None while another one is good."""
        code = f"{secrets.randbelow(1_000_000):06}"
        is_new = self.client.hsetex(
            key_of(token), mapping={"code": code}, px=self.code_ms, data_persist_option=HashDataPersistOptions.FNX
        )
        return code if is_new else None

    def take_code(self, token):
        """The code, which nobody gets a second time."""
        (code,) = self.client.hgetdel(key_of(token), "code")
        return code

    def remember(self, token):
        """Stay signed in until the session is ended."""
        return self.client.hpersist(key_of(token), "user") == [1]

    def seconds_left(self, token):
        """How long the user is signed in yet; None for ever, 0 if nobody is."""
        (seconds,) = self.client.httl(key_of(token), "user") or [-2]
        return {-1: None, -2: 0}.get(seconds, seconds)


def key_of(token):
    return f"session:{token}"


def wait_until(holds, seconds=20):
    """What expires is gone a little later than its time on a machine that has much to do."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it should have expired"
        time.sleep(0.01)


def shop(client):
    """A visit to the shop."""
    sessions = Sessions(client)
    token = sessions.sign_in("ada")
    print("signed in:", sessions.user(token), "for", sessions.seconds_left(token), "s")
    assert SIGNED_IN_S - 60 < sessions.seconds_left(token) <= SIGNED_IN_S

    sessions.put_into_cart(token, "tea")
    assert sessions.put_into_cart(token, "tea", 2) == 3
    sessions.put_into_cart(token, "cup")
    print("cart:", sessions.cart(token))
    assert sessions.cart(token) == {"tea": 3, "cup": 1}

    code = sessions.new_code(token)
    assert sessions.new_code(token) is None, "one at a time"
    assert sessions.take_code(token) == code
    assert sessions.take_code(token) is None, "once"

    assert sessions.remember(token) and sessions.seconds_left(token) is None
    sessions.sign_out(token)
    assert sessions.user(token) is None and sessions.seconds_left(token) == 0
    assert sessions.cart(token) == {"tea": 3, "cup": 1}, "the cart outlives the visit"
    assert sessions.user("forged") is None


def expiring(client):
    """Fields go in their time, one by one, and the session with the last."""
    sessions = Sessions(client, signed_in_s=0.5, code_s=0.2)
    token = sessions.sign_in("bob")
    code = sessions.new_code(token)
    wait_until(lambda: sessions.new_code(token) not in (None, code))
    wait_until(lambda: not client.exists(key_of(token)))
    assert sessions.user(token) is None
    print("expired: nothing of the session is left")


def crowd(client):
    """Many visitors at once; a code is taken by one of those who try."""
    sessions = Sessions(client)
    token = sessions.sign_in("eve")
    code, taken = sessions.new_code(token), []
    tries = [threading.Thread(target=lambda: taken.append(sessions.take_code(token))) for _ in range(16)]
    for thread in tries:
        thread.start()
    for thread in tries:
        thread.join()
    assert sorted(taken, key=str) == [code] + [None] * 15, taken

    tokens = [sessions.sign_in(f"user {number}") for number in range(200)]
    for number, token in enumerate(tokens):
        sessions.put_into_cart(token, f"article {number % 7}")
    found = {key for key in client.scan_iter("session:*", count=100, _type="hash")}
    assert {key_of(token) for token in tokens} <= found
    assert all(sessions.user(token) == f"user {number}" for number, token in enumerate(tokens))
    print("crowd:", len(found), "sessions")
    client.delete(*found)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
for protocol in (2, 3):
    with redis.Redis(port=port, protocol=protocol, decode_responses=True) as connection:
        shop(connection)
        expiring(connection)
        crowd(connection)
print("done")
