"""Money moves between accounts: what was read is still true when it is written, without a lock.

    pip install redis
    python transfers.py [PORT]

Whoever moves money reads two balances, decides, and writes. In between, somebody else may have done the same. WATCH tells: the server
carries out what stands between MULTI and EXEC only if none of the watched keys has changed since.

    WATCH account:a account:b ─▶ GET, GET ─▶ enough? ─▶ MULTI ─▶ DECRBY, INCRBY, RPUSH ─▶ EXEC
         ▲                                                                                 │
         └────────────────────── WatchError: somebody was faster ──────────────────────────┘

Nobody waits for anybody who has died. Where many want the same key most of them try in vain; then a lock, or a queue, is better.
A transaction needs a connection for itself as long as it lasts: threads take one each from a pool that makes them wait when all are taken.
"""

import random
import sys
import threading

import redis

ACCOUNTS = 6
EACH = 1000
THREADS = 8
TRANSFERS = 150


class NotEnough(Exception):
    """There is less in the account than is to be moved."""


def transfer(client, source, target, amount):
    """Moves the amount, and returns how many times it was tried."""
    tries = 0

    def move(pipeline):
        # Until `multi` each command is answered at once.
        nonlocal tries
        tries += 1
        balance = int(pipeline.get(f"account:{source}") or 0)
        if balance < amount:
            raise NotEnough(f"{source} has {balance}")
        pipeline.multi()
        pipeline.decrby(f"account:{source}", amount)
        pipeline.incrby(f"account:{target}", amount)
        pipeline.rpush("transfers", f"{source} {target} {amount}")

    # Calls `move` again as long as somebody else was faster.
    client.transaction(move, f"account:{source}", f"account:{target}")
    return tries


def close_account(client, account):
    """The same by hand: empties an account into account 0, and removes it, unless that fails once."""
    with client.pipeline() as pipeline:
        pipeline.watch(f"account:{account}")
        balance = int(pipeline.get(f"account:{account}"))
        pipeline.multi()
        pipeline.incrby("account:0", balance)
        pipeline.delete(f"account:{account}")
        return pipeline.execute() == [balance + EACH, 1]


def busy_bank(client):
    """Eight threads move money at random; none of it is lost or made."""
    client.mset({f"account:{account}": EACH for account in range(ACCOUNTS)})
    tries, refused = [], []

    def clerk(seed):
        choice = random.Random(seed)
        for _ in range(TRANSFERS):
            source, target = choice.sample(range(ACCOUNTS), 2)
            try:
                tries.append(transfer(client, source, target, choice.randint(1, 300)))
            except NotEnough:
                refused.append(source)

    threads = [threading.Thread(target=clerk, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    balances = [int(balance) for balance in client.mget([f"account:{account}" for account in range(ACCOUNTS)])]
    assert sum(balances) == ACCOUNTS * EACH and min(balances) >= 0, balances
    assert len(tries) + len(refused) == THREADS * TRANSFERS
    # What was written down explains every balance.
    expected = [EACH] * ACCOUNTS
    for line in client.lrange("transfers", 0, -1):
        source, target, amount = map(int, line.split())
        expected[source] -= amount
        expected[target] += amount
    assert balances == expected and client.llen("transfers") == len(tries)
    print("busy bank:", len(tries), "transfers in", sum(tries), "tries;", len(refused), "without the money")


def somebody_is_faster(client):
    """A balance changes between WATCH and EXEC: nothing is carried out."""
    client.mset({"account:0": EACH, "account:1": EACH})
    with client.pipeline() as pipeline:
        pipeline.watch("account:1")
        balance = int(pipeline.get("account:1"))
        client.incrby("account:1", 500)
        pipeline.multi()
        pipeline.set("account:1", balance - 100)
        try:
            pipeline.execute()
            raise AssertionError("it was changed meanwhile")
        except redis.WatchError:
            pass
    assert client.get("account:1") == str(EACH + 500)
    client.set("account:1", 70)
    assert close_account(client, 1) and client.mget("account:0", "account:1") == [str(EACH + 70), None]
    print("somebody is faster: nothing was overwritten")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
for protocol in (2, 3):
    # Fewer connections than threads: a thread waits for one, up to a minute.
    pool = redis.BlockingConnectionPool(
        port=port, protocol=protocol, decode_responses=True, max_connections=THREADS // 2, timeout=60
    )
    with redis.Redis(connection_pool=pool) as client:
        busy_bank(client)
        somebody_is_faster(client)
        client.delete("transfers", *client.keys("account:*"))
    pool.disconnect()
print("done")
