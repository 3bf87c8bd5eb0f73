"""A queue of jobs, of which none is lost when a worker dies.

    pip install redis
    python job_queue.py [PORT]

Jobs wait in a list. A worker takes one by moving it to a list of its own (BLMOVE, which waits until there is one); only when it is
done does it remove it there. So each job is in one of the lists at any moment, whoever dies at whichever line:

    jobs:waiting ──BLMOVE──▶ jobs:taken:<worker> ──LREM──▶ done
         ▲                            │
         └──────── LMOVE ◀── rescue, when jobs:alive:<worker> has expired

A worker that dies between doing a job and removing it leaves it to be done again: at least once is what a queue can promise.
What has to happen once only is done by the one who sets `jobs:result:<id>` first. job_queue.js is the same for Node.js, and both can work
on one queue.
"""

import json
import sys
import threading
import time
import uuid

import redis

WAITING = "jobs:waiting"
FAILED = "jobs:failed"
TRIES_MAX = 3
RESULT_S = 3600


class Queue:
    """What those do who want jobs done."""

    def __init__(self, client):
        self.client = client

    def put(self, task):
        """Adds a job and returns its id."""
        job = {"id": uuid.uuid4().hex, "tries": 0, "task": task}
        self.client.lpush(WAITING, json.dumps(job))
        return job["id"]

    def result(self, job_id):
        """What came out, or None as long as nothing has."""
        text = self.client.get(f"jobs:result:{job_id}")
        return None if text is None else json.loads(text)

    def rescue(self):
        """Puts the jobs of dead workers where they are taken next. To be called now and then, by anybody."""
        rescued = 0
        for taken in self.client.scan_iter("jobs:taken:*", count=100, _type="list"):
            worker = taken.removeprefix("jobs:taken:")
            while not self.client.exists(f"jobs:alive:{worker}"):
                if self.client.lmove(taken, WAITING, "RIGHT", "RIGHT") is None:
                    break
                rescued += 1
        return rescued


class Worker:
    """Does one job after the other. `alive_s` is longer than any job takes."""

    def __init__(self, client, work, alive_s=30, name=None):
        self.client = client
        self.work = work
        self.alive_ms = int(alive_s * 1000)
        self.name = name or uuid.uuid4().hex
        self.taken = f"jobs:taken:{self.name}"
        self.is_wanted = True

    def run(self):
        while self.is_wanted:
            job = self.take()
            if job is not None:
                self.do(job)
        self.client.delete(f"jobs:alive:{self.name}")

    def take(self):
        """The next job's text; None if there was none for a while."""
        self.client.set(f"jobs:alive:{self.name}", 1, px=self.alive_ms)
        wait_s = min(1, self.alive_ms / 4000)
        job = self.client.blmove(WAITING, self.taken, wait_s, "RIGHT", "LEFT")
        if job is not None:
            self.client.set(f"jobs:alive:{self.name}", 1, px=self.alive_ms)
        return job

    def do(self, text):
        job = json.loads(text)
        try:
            result = self.work(job["task"])
        except Exception as error:
            self.give_back(text, {**job, "tries": job["tries"] + 1, "error": str(error)})
        else:
            self.client.set(f"jobs:result:{job['id']}", json.dumps(result), nx=True, ex=RESULT_S)
            self.client.lrem(self.taken, 1, text)

    def give_back(self, text, job):
        """A job that failed waits behind the others, or is put aside. It is removed here afterwards: rather twice than not at all."""
        self.client.lpush(FAILED if job["tries"] == TRIES_MAX else WAITING, json.dumps(job))
        self.client.lrem(self.taken, 1, text)


def wait_until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.01)


def square(task):
    if task == "bad":
        raise ValueError("not a number")
    return task * task


def busy_day(connect):
    """Four workers, a thousand jobs, and one job that always fails."""
    client = connect()
    queue = Queue(client)
    workers = [Worker(connect(), square) for _ in range(4)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    ids = {number: queue.put(number) for number in range(1000)}
    queue.put("bad")
    wait_until(lambda: client.exists(f"jobs:result:{ids[999]}") and client.llen(FAILED) == 1)
    wait_until(lambda: all(queue.result(job) is not None for job in ids.values()))
    for worker in workers:
        worker.is_wanted = False
    for thread in threads:
        thread.join()
    assert all(queue.result(job) == number * number for number, job in ids.items())
    failed = json.loads(client.lpop(FAILED))
    assert (failed["tries"], failed["error"]) == (TRIES_MAX, "not a number")
    assert client.llen(WAITING) == 0 and not list(client.scan_iter("jobs:taken:*"))
    print("busy day:", len(ids), "jobs done, 1 put aside after", failed["tries"], "tries")


def accident(connect):
    """A worker takes a job and is never seen again; the job is done by another."""
    client = connect()
    queue = Queue(client)
    job = queue.put(12)
    lost = Worker(connect(), square, alive_s=0.3, name="unlucky")
    assert lost.take() is not None
    assert client.llen(WAITING) == 0 and client.llen("jobs:taken:unlucky") == 1
    wait_until(lambda: queue.rescue() == 1)
    other = Worker(connect(), square)
    other.do(other.take())
    assert queue.result(job) == 144
    assert client.llen(WAITING) == 0 and not list(client.scan_iter("jobs:taken:*"))
    print("accident: the job was rescued and done")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
for protocol in (2, 3):

    def connect(protocol=protocol):
        return redis.Redis(port=port, protocol=protocol, decode_responses=True)

    busy_day(connect)
    accident(connect)
print("done")
