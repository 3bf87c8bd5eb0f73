"""rq: jobs are queued, a worker does them in a burst, with results, dependencies, priorities, retries and failures.

    python rq_jobs.py PORT

The first twenty are done as rq does it, each in a process of its own; the others in this one, which takes less time.
"""

import pathlib
import sys
from datetime import datetime, timedelta, timezone

# A worker looks its jobs up by module and name.
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import redis
import rq
from rq import Queue, Retry, SimpleWorker, Worker
from rq.registry import DeferredJobRegistry, FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry

TRIES = "rq-test:tries"


def client():
    return redis.Redis(port=int(sys.argv[1]))


def add(a, b):
    return a + b


def total(*, of):
    connection = client()
    return sum(rq.job.Job.fetch(name, connection=connection).return_value() for name in of)


def note(word):
    client().rpush("rq-test:order", word)


def fail_until(try_number):
    tries = client().incr(TRIES)
    if tries < try_number:
        raise ValueError(f"try {tries}")
    return tries


def work(connection, *queues, kind=SimpleWorker):
    kind(queues, connection=connection).work(burst=True, logging_level="CRITICAL")


def results(connection, queue):
    jobs = [queue.enqueue(add, number, number * 2) for number in range(20)]
    assert queue.count == 20 and jobs[3].get_status() == "queued"
    work(connection, queue, kind=Worker)
    assert [job.return_value() for job in jobs] == [number * 3 for number in range(20)]
    assert all(job.get_status(refresh=True) == "finished" for job in jobs)
    assert queue.is_empty() and len(FinishedJobRegistry(queue=queue)) == 20
    print("results: 20 jobs")


def dependencies(connection, queue):
    parts = [queue.enqueue(add, 1, number, job_id=f"part-{number}") for number in range(3)]
    whole = queue.enqueue(total, of=[part.id for part in parts], depends_on=parts)
    assert whole.get_status() == "deferred" and len(DeferredJobRegistry(queue=queue)) == 1
    work(connection, queue)
    assert whole.return_value() == 6
    print("dependencies: three parts, then the whole")


def priorities(connection):
    low, high = Queue("low", connection=connection), Queue("high", connection=connection)
    for word in ("a", "b"):
        low.enqueue(note, f"low {word}")
        high.enqueue(note, f"high {word}")
    work(connection, high, low)
    order = [word.decode() for word in connection.lrange("rq-test:order", 0, -1)]
    assert order == ["high a", "high b", "low a", "low b"], order
    print("priorities: kept")


def retries(connection, queue):
    job = queue.enqueue(fail_until, 3, retry=Retry(max=3))
    work(connection, queue)
    assert job.return_value() == 3 and job.get_status(refresh=True) == "finished"
    connection.delete(TRIES)
    hopeless = queue.enqueue(fail_until, 99, retry=Retry(max=1))
    work(connection, queue)
    assert connection.get(TRIES) == b"2" and hopeless.get_status(refresh=True) == "failed"
    registry = FailedJobRegistry(queue=queue)
    assert list(registry.get_job_ids()) == [hopeless.id]
    assert "try 2" in hopeless.latest_result().exc_string
    registry.requeue(hopeless)
    connection.set(TRIES, 98)
    work(connection, queue)
    assert hopeless.return_value(refresh=True) == 99 and len(registry) == 0
    print("retries: done at the third try; put aside after two, and requeued")


def schedule(connection, queue):
    later = queue.enqueue_in(timedelta(hours=1), add, 2, 2)
    registry = ScheduledJobRegistry(queue=queue)
    assert list(registry.get_job_ids()) == [later.id]
    assert registry.get_jobs_to_schedule(int(datetime.now(timezone.utc).timestamp()) + 7200) == [later.id]
    later.cancel()
    later.delete()
    assert len(registry) == 0 and not rq.job.Job.exists(later.id, connection=connection)
    print("schedule: kept for later, and cancelled")


def main():
    connection = client()
    queue = Queue("default", connection=connection)
    for step in (results, dependencies, retries, schedule):
        step(connection, queue)
    priorities(connection)
    assert Worker.all(connection=connection) == []
    connection.flushall()
    print("verdict: passed")


if __name__ == "__main__":
    # As a module with a name: rq refuses functions of a script.
    import rq_jobs

    rq_jobs.main()
