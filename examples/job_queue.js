// A queue of jobs, of which none is lost when a worker dies. The same as job_queue.py, which explains it; both can work on one queue.
//
//     npm install ioredis
//     node job_queue.js [PORT]

"use strict";

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { setTimeout: sleep } = require("node:timers/promises");
const { Redis } = require("ioredis");

const WAITING = "jobs:waiting";
const FAILED = "jobs:failed";
const TRIES_MAX = 3;
const RESULT_S = 3600;

// What those do who want jobs done.
class Queue {
    constructor(client) {
        this.client = client;
    }

    // Adds a job and returns its id.
    async put(task) {
        const job = { id: randomUUID(), tries: 0, task };
        await this.client.lpush(WAITING, JSON.stringify(job));
        return job.id;
    }

    // What came out, or null as long as nothing has.
    async result(id) {
        return JSON.parse(await this.client.get(`jobs:result:${id}`));
    }

    // Puts the jobs of dead workers where they are taken next. To be called now and then, by anybody.
    async rescue() {
        let rescued = 0;
        for await (const page of this.client.scanStream({ match: "jobs:taken:*", type: "list", count: 100 })) {
            for (const taken of page) {
                const alive = taken.replace("jobs:taken:", "jobs:alive:");
                while (!(await this.client.exists(alive)) && (await this.client.lmove(taken, WAITING, "RIGHT", "RIGHT"))) {
                    rescued += 1;
                }
            }
        }
        return rescued;
    }
}

// Does one job after the other. `aliveMs` is longer than any job takes. What waits needs a connection of its own: on a shared one
// everybody would wait.
class Worker {
    constructor(client, work, { aliveMs = 30_000, name = randomUUID() } = {}) {
        this.client = client.duplicate();
        this.work = work;
        this.aliveMs = aliveMs;
        this.alive = `jobs:alive:${name}`;
        this.taken = `jobs:taken:${name}`;
        this.isWanted = true;
    }

    async run() {
        while (this.isWanted) {
            const job = await this.take();
            if (job !== null) {
                await this.do(job);
            }
        }
        await this.client.del(this.alive);
        await this.client.quit();
    }

    // The next job's text; null if there was none for a while.
    async take() {
        await this.client.set(this.alive, 1, "PX", this.aliveMs);
        const job = await this.client.blmove(WAITING, this.taken, "RIGHT", "LEFT", Math.min(1, this.aliveMs / 4000));
        if (job !== null) {
            await this.client.set(this.alive, 1, "PX", this.aliveMs);
        }
        return job;
    }

    async do(text) {
        const job = JSON.parse(text);
        let result;
        try {
            result = await this.work(job.task);
        } catch (error) {
            return this.giveBack(text, { ...job, tries: job.tries + 1, error: error.message });
        }
        await this.client.set(`jobs:result:${job.id}`, JSON.stringify(result), "EX", RESULT_S, "NX");
        await this.client.lrem(this.taken, 1, text);
    }

    // A job that failed waits behind the others, or is put aside. It is removed here afterwards: rather twice than not at all.
    async giveBack(text, job) {
        await this.client.lpush(job.tries === TRIES_MAX ? FAILED : WAITING, JSON.stringify(job));
        await this.client.lrem(this.taken, 1, text);
    }
}

async function waitUntil(holds, seconds = 60) {
    const deadline = Date.now() + seconds * 1000;
    while (!(await holds())) {
        assert(Date.now() < deadline, "it takes too long");
        await sleep(10);
    }
}

function square(task) {
    if (task === "bad") {
        throw new Error("not a number");
    }
    return task * task;
}

async function taken(client) {
    return (await client.scan(0, "MATCH", "jobs:taken:*", "COUNT", 10_000))[1];
}

// Four workers, a thousand jobs, and one job that always fails.
async function busyDay(client) {
    const queue = new Queue(client);
    const workers = Array.from({ length: 4 }, () => new Worker(client, square));
    const runs = workers.map((worker) => worker.run());
    const ids = await Promise.all(Array.from({ length: 1000 }, (_, number) => queue.put(number)));
    await queue.put("bad");
    await waitUntil(async () => (await client.llen(FAILED)) === 1);
    await waitUntil(async () => (await client.exists(...ids.map((id) => `jobs:result:${id}`))) === ids.length);
    workers.forEach((worker) => (worker.isWanted = false));
    await Promise.all(runs);
    const results = await Promise.all(ids.map((id) => queue.result(id)));
    results.forEach((result, number) => assert.equal(result, number * number));
    const failed = JSON.parse(await client.lpop(FAILED));
    assert.deepEqual([failed.tries, failed.error], [TRIES_MAX, "not a number"]);
    assert.equal(await client.llen(WAITING), 0);
    assert.deepEqual(await taken(client), []);
    console.log("busy day:", ids.length, "jobs done, 1 put aside after", failed.tries, "tries");
}

// A worker takes a job and is never seen again; the job is done by another.
async function accident(client) {
    const queue = new Queue(client);
    const id = await queue.put(12);
    const lost = new Worker(client, square, { aliveMs: 300, name: "unlucky" });
    assert.notEqual(await lost.take(), null);
    lost.client.disconnect();
    assert.equal(await client.llen("jobs:taken:unlucky"), 1);
    await waitUntil(async () => (await queue.rescue()) === 1);
    const other = new Worker(client, square);
    await other.do(await other.take());
    await other.client.quit();
    assert.equal(await queue.result(id), 144);
    assert.deepEqual(await taken(client), []);
    console.log("accident: the job was rescued and done");
}

async function main() {
    const client = new Redis({ port: Number(process.argv[2] ?? 6379), host: "127.0.0.1" });
    await busyDay(client);
    await accident(client);
    await client.quit();
    console.log("done");
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
