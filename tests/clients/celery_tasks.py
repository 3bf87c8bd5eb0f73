"""Celery with broker and results on one server: a worker process of two, groups, chords, retries, tasks for later, and orders to the worker.

    python celery_tasks.py PORT
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import kombu.transport.redis
import redis
from celery import Celery, chain, chord, group
from celery.exceptions import TaskRevokedError

# The worker process imports this file as well, and finds the port here.
PORT = os.environ.setdefault("CELERY_TEST_PORT", sys.argv[-1])
PATIENCE_S = 60

app = Celery(
    "celery_tasks",
    broker=f"redis://127.0.0.1:{PORT}/0",
    backend=f"redis://127.0.0.1:{PORT}/1",
)
app.conf.broker_connection_retry_on_startup = True
# Ten steps in priority instead of none: a list for each.
app.conf.broker_transport_options = {"queue_order_strategy": "priority", "visibility_timeout": 600}
app.conf.result_expires = 600


@contextmanager
def mutex_without_scripts(client, name, expire):
    """What kombu's own does, but that it releases by a script, for servers that have none yet."""
    if not client.set(name, "taken", nx=True, ex=expire):
        raise kombu.transport.redis.MutexHeld()
    try:
        yield
    finally:
        client.delete(name)


try:
    redis.Redis(port=int(PORT)).eval("return 1", 0)
    has_scripts = True
except redis.ResponseError:
    has_scripts = False
    kombu.transport.redis.Mutex = mutex_without_scripts
    # Nor would it bind queues that expire.
    app.conf.control_queue_expires = app.conf.event_queue_expires = None


@app.task
def add(a, b):
    return a + b


@app.task
def total(numbers):
    return sum(numbers)


@app.task(bind=True, max_retries=3)
def unsteady(self, successful_try):
    tries = self.request.retries + 1
    if tries < successful_try:
        raise self.retry(countdown=0.05, exc=ValueError(f"try {tries}"))
    return tries


def single_tasks():
    results = [add.delay(number, 1) for number in range(50)]
    assert [result.get(timeout=PATIENCE_S) for result in results] == list(range(1, 51))
    assert chain(add.s(1, 2), add.s(10), add.s(100))().get(timeout=PATIENCE_S) == 113
    assert add.apply_async((1, 1), priority=9).get(timeout=PATIENCE_S) == 2
    results[0].forget()
    assert results[0].state == "PENDING"
    print("tasks: 50 and a chain")


def many_at_once():
    results = group(add.s(number, number) for number in range(20))()
    assert results.get(timeout=PATIENCE_S) == [2 * number for number in range(20)]
    if not has_scripts:
        return print("groups: but no chords, which are counted by a script")
    for _ in range(5):
        assert chord((add.s(number, number) for number in range(10)), total.s())().get(timeout=PATIENCE_S) == 90
    nested = chord([group(add.s(1, 1), add.s(2, 2)), add.s(3, 3)], total.s())
    assert nested().get(timeout=PATIENCE_S) == 12
    print("groups and chords: the last one to be done starts the rest, once")


def failures():
    assert unsteady.delay(3).get(timeout=PATIENCE_S) == 3
    hopeless = unsteady.delay(99)
    try:
        hopeless.get(timeout=PATIENCE_S)
        raise AssertionError("it can't succeed")
    except ValueError as error:
        assert str(error) == "try 4", error
    assert hopeless.state == "FAILURE" and "ValueError" in hopeless.traceback
    print("failures: done at the third try; given up after four")


def later():
    begun = time.monotonic()
    result = add.apply_async((2, 3), countdown=0.5)
    assert result.get(timeout=PATIENCE_S) == 5 and time.monotonic() - begun >= 0.5
    print("later: not before its time")


def orders_to_the_worker():
    """They are published to a channel, and the answers come in a list."""
    assert [list(answer.values()) for answer in app.control.ping(timeout=5, limit=1)] == [[{"ok": "pong"}]]
    [tasks] = app.control.inspect(timeout=5, limit=1).registered().values()
    assert "celery_tasks.add" in tasks
    unwanted = add.apply_async((1, 1), countdown=1)
    app.control.revoke(unwanted.id, reply=True, timeout=5, limit=1)
    try:
        unwanted.get(timeout=PATIENCE_S)
        raise AssertionError("it was revoked")
    except TaskRevokedError:
        pass
    assert app.control.purge() == 0
    print("orders: answered, and a task revoked")


def main():
    command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "--concurrency", "2", "--loglevel", "CRITICAL"]
    worker = subprocess.Popen(command, cwd=os.path.dirname(os.path.abspath(__file__)), env=os.environ, stdout=subprocess.DEVNULL)
    try:
        for step in (single_tasks, many_at_once, failures, later, orders_to_the_worker):
            step()
        app.control.shutdown()
        assert worker.wait(timeout=PATIENCE_S) == 0
    finally:
        worker.kill()
    print("verdict: passed")


if __name__ == "__main__":
    # As a module with a name, as the worker imports it.
    import celery_tasks

    celery_tasks.main()
