// A limit on how often somebody may do something: so many times within any stretch of time, not in each minute of the clock.
//
//     npm install ioredis
//     node rate_limiter.js [PORT]
//
// Whoever asks puts the time into a sorted set `limit:<who>`, with what is older than the window taken out, and counts:
//
//     ZREMRANGEBYSCORE ─▶ ZADD ─▶ ZCARD       more than the limit? then ZREM, and the answer is no
//
// The mark stands before it is counted. So however many ask at once, from however many processes, the limit is never exceeded,
// and no transaction is needed; two who ask for the last place at the same moment may both be refused.

"use strict";

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { setTimeout: sleep } = require("node:timers/promises");
const { Redis } = require("ioredis");

class RateLimiter {
    constructor(client, { limit, windowMs }) {
        this.client = client;
        this.limit = limit;
        this.windowMs = windowMs;
        this.clockAheadMs = null;
    }

    // Whether it may be done now, how often it may be done after that, and otherwise in how many milliseconds to ask again.
    async ask(who) {
        const key = `limit:${who}`;
        const now = await this.now();
        const mark = randomUUID();
        const replies = await this.client
            .pipeline()
            .zremrangebyscore(key, "-inf", now - this.windowMs)
            .zadd(key, now, mark)
            .zcard(key)
            .zrange(key, 0, 0, "WITHSCORES")
            .pexpire(key, this.windowMs)
            .exec();
        const [count, oldest] = [replies[2], replies[3]].map(([error, reply]) => {
            if (error) {
                throw error;
            }
            return reply;
        });
        if (count <= this.limit) {
            return { isAllowed: true, left: this.limit - count, at: now };
        }
        await this.client.zrem(key, mark);
        return { isAllowed: false, left: 0, retryMs: Math.max(1, Number(oldest[1]) + this.windowMs - now) };
    }

    // How often it has been done within the window.
    async used(who) {
        return this.client.zcount(`limit:${who}`, `(${(await this.now()) - this.windowMs}`, "+inf");
    }

    // The server's time, as the clocks of those who ask may differ. It is asked for once.
    async now() {
        if (this.clockAheadMs === null) {
            const [seconds, micros] = await this.client.time();
            this.clockAheadMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) - Date.now();
        }
        return Date.now() + this.clockAheadMs;
    }
}

// Ten are let through, the others are told when to come again.
async function oneByOne(client) {
    const limiter = new RateLimiter(client, { limit: 10, windowMs: 600_000 });
    for (let left = 9; left >= 0; left--) {
        const answer = await limiter.ask("ann");
        assert.deepEqual([answer.isAllowed, answer.left], [true, left]);
    }
    const answer = await limiter.ask("ann");
    assert(!answer.isAllowed && answer.retryMs > 0 && answer.retryMs <= 600_000);
    assert((await limiter.ask("bob")).isAllowed, "bob's limit is his own");
    assert.equal(await limiter.used("ann"), 10);
    console.log("one by one: 10 of 11 allowed, the next within", Math.ceil(answer.retryMs / 60_000), "minutes");
}

// However many ask at once, no more than the limit get through.
async function allAtOnce(client) {
    const clients = Array.from({ length: 4 }, () => client.duplicate());
    const limiters = clients.map((client) => new RateLimiter(client, { limit: 50, windowMs: 600_000 }));
    const answers = await Promise.all(Array.from({ length: 400 }, (_, at) => limiters[at % 4].ask("crowd")));
    let allowed = answers.filter((answer) => answer.isAllowed).length;
    assert(allowed <= 50, `${allowed} were allowed`);
    assert.equal(await limiters[0].used("crowd"), allowed);
    while ((await limiters[0].ask("crowd")).isAllowed) {
        allowed += 1;
    }
    assert.equal(allowed, 50, "whoever was refused has left no mark");
    await Promise.all(clients.map((client) => client.quit()));
    console.log("all at once: 50 allowed of the 400 and those after them");
}

// No stretch of time as long as the window holds more than the limit, wherever it begins.
async function slidingWindow(client) {
    const limiter = new RateLimiter(client, { limit: 5, windowMs: 200 });
    const times = [];
    while (times.length < 25) {
        const answer = await limiter.ask("eve");
        if (answer.isAllowed) {
            times.push(answer.at);
        } else {
            await sleep(answer.retryMs);
        }
    }
    for (let at = 5; at < times.length; at++) {
        assert(times[at] - times[at - 5] >= 200, "six within the window");
    }
    console.log("sliding window: 25 in no less than", times[24] - times[0] - ((times[24] - times[0]) % 200), "ms");
}

async function main() {
    const client = new Redis({ port: Number(process.argv[2] ?? 6379), host: "127.0.0.1" });
    await client.del("limit:ann", "limit:bob", "limit:crowd", "limit:eve");
    await oneByOne(client);
    await allAtOnce(client);
    await slidingWindow(client);
    await client.quit();
    console.log("done");
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
