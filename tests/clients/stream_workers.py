"""Orders for workers that crash: `stream_workers.py PORT` prints `verdict: passed` if every order was filled once.

    orders ──XREADGROUP──▶ worker ──▶ filled:<id>, XACK
      │                      └─ crashes: what it has read stays pending
      └──────XAUTOCLAIM──▶ another worker, once it has been pending for long
                             └─ delivered too often: to the stream `dead`, XACK

Each worker is a process of its own that dies without a last word. An order may be delivered more than once, so filling it is made to count
once only; one that kills whoever works on it is put aside after some deliveries.
"""

import collections
import os
import signal
import subprocess
import sys
import time

import redis

PORT = int(sys.argv[1])
WORKERS = ("ann", "bob", "cyd")
ORDERS = 200
# How an order ends its worker: before or after it is filled for the first time, or whenever it is worked on.
CRASHES = {30: "before", 77: "after", 78: "before", 140: "always", 199: "after"}
BATCH = 4
# So long an order may be with a worker until others think that worker dead.
IDLE_MS = 400
DELIVERIES_MAX = 4
SECONDS_MAX = 60


def connect():
    return redis.Redis(host="127.0.0.1", port=PORT, decode_responses=True, socket_timeout=20)


def work(client, name):
    """Fills orders until the shop closes."""
    while not client.exists("closed"):
        for order, fields in taken_over(client, name) or fresh(client, name):
            fill(client, name, order, fields)


def fresh(client, name):
    """Orders that nobody has got yet; waits a little if there are none."""
    streams = client.xreadgroup("shop", name, {"orders": ">"}, count=BATCH, block=IDLE_MS // 2)
    return [entry for _, entries in streams for entry in entries]


def taken_over(client, name):
    """An order of a worker that seems dead; one at a time, lest others count as often delivered as the one that kills."""
    _, entries, *_ = client.xautoclaim("orders", "shop", name, IDLE_MS, "0", count=1)
    kept = []
    for order, fields in entries:
        pending = client.xpending_range("orders", "shop", order, order, 1, name)
        if pending and pending[0]["times_delivered"] > DELIVERIES_MAX:
            client.xadd("dead", fields)
            client.xack("orders", "shop", order)
        else:
            kept.append((order, fields))
    return kept


def fill(client, name, order, fields):
    crash = fields.get("crash")
    is_first_time = client.set(f"tried:{order}", name, nx=True)
    if crash == "always" or (crash == "before" and is_first_time):
        die()
    if client.set(f"filled:{order}", name, nx=True):
        client.incrby("sum", int(fields["amount"]))
    if crash == "after" and is_first_time:
        die()
    client.xack("orders", "shop", order)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def start(name):
    return subprocess.Popen([sys.executable, __file__, str(PORT), name])


def run_shop(client):
    """Takes the orders, and hires anew whoever died, until no order is left. Returns how often each died."""
    client.flushall()
    client.xgroup_create("orders", "shop", id="0", mkstream=True)
    workers = {name: start(name) for name in WORKERS}
    for amount in range(ORDERS):
        crash = {"crash": CRASHES[amount]} if amount in CRASHES else {}
        client.xadd("orders", {"amount": amount, **crash})
    deaths = collections.Counter()
    end = time.monotonic() + SECONDS_MAX
    while is_open(client):
        assert time.monotonic() < end, f"orders are left after {SECONDS_MAX} s: {client.xpending('orders', 'shop')}"
        for name, worker in workers.items():
            if worker.poll() is not None:
                deaths[name] += has_crashed(worker)
                workers[name] = start(name)
        time.sleep(0.02)
    client.set("closed", 1)
    for name, worker in workers.items():
        worker.wait(timeout=SECONDS_MAX)
        deaths[name] += has_crashed(worker)
    return deaths


def has_crashed(worker):
    assert worker.returncode in (0, -signal.SIGKILL), f"a worker ended with {worker.returncode}"
    return worker.returncode != 0


def is_open(client):
    (group,) = client.xinfo_groups("orders")
    return group["lag"] != 0 or group["pending"] > 0


def check(client, deaths):
    fatal = [amount for amount, crash in CRASHES.items() if crash == "always"]
    dead = [int(fields["amount"]) for _, fields in client.xrange("dead")]
    assert dead == fatal, f"put aside: {dead}"
    orders = client.xrange("orders")
    filled = sum(client.exists(f"filled:{order}") for order, _ in orders)
    assert (len(orders), filled) == (ORDERS, ORDERS - len(fatal)), f"{filled} of {len(orders)} orders were filled"
    total = int(client.get("sum"))
    assert total == sum(range(ORDERS)) - sum(fatal), f"some order was filled more than once: {total}"
    crashes = len(CRASHES) - len(fatal) + DELIVERIES_MAX * len(fatal)
    assert deaths.total() == crashes, f"{deaths.total()} deaths, {crashes} crashes"
    consumers = client.xinfo_consumers("orders", "shop")
    assert [consumer["name"] for consumer in consumers] == sorted(WORKERS)
    assert all(consumer["pending"] == 0 for consumer in consumers), consumers
    for name in WORKERS:
        print(f"{name} died {deaths[name]} times")
    print(f"{filled} orders filled, {len(dead)} put aside")


with connect() as client:
    if len(sys.argv) > 2:
        work(client, sys.argv[2])
    else:
        check(client, run_shop(client))
        print("verdict: passed")
