// node-redis: commands, transactions, messages of channels, patterns and sharded channels, its cache, its pool.
//
//     node node_redis.mjs PORT

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { BasicClientSideCache, createClient, createClientPool, WatchError } from "redis";

const port = Number(process.argv[2]);
const PATIENCE_MS = 60_000;

async function connect(options) {
    const client = createClient({ socket: { port }, ...options });
    client.on("error", (error) => {
        throw error;
    });
    return client.connect();
}

async function until(holds) {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await holds())) {
        assert.ok(Date.now() < deadline, "it takes too long");
        await sleep(10);
    }
}

async function commands(client) {
    assert.equal(await client.set("text", "äöü\0\r\n", { expiration: { type: "EX", value: 100 } }), "OK");
    assert.equal(await client.get("text"), "äöü\0\r\n");
    assert.equal(await client.hSet("hash", { a: "1", b: "2" }), 2);
    assert.deepEqual({ ...(await client.hGetAll("hash")) }, { a: "1", b: "2" });
    await client.zAdd("board", [{ score: 1.5, value: "a" }, { score: -1, value: "b" }]);
    assert.deepEqual(await client.zRangeWithScores("board", 0, -1), [{ value: "b", score: -1 }, { value: "a", score: 1.5 }]);
    const many = await Promise.all([...Array(1000).keys()].map((number) => client.incrBy("sum", number)));
    assert.equal(many.at(-1), 499_500);
    const found = [];
    for await (const keys of client.scanIterator({ COUNT: 2 })) found.push(...keys);
    assert.deepEqual(found.sort(), ["board", "hash", "sum", "text"]);
    await assert.rejects(client.lPush("text", "x"), /^.*WRONGTYPE/);
    await client.xAdd("stream", "1-1", { field: "value" });
    const read = await client.xRead({ key: "stream", id: "0" });
    assert.equal(read[0].messages[0].message.field, "value");
}

async function transactions(client) {
    await assert.rejects(client.multi().set("a", "1").lPush("a", "x").get("a").execAsPipeline(), /WRONGTYPE/);
    assert.deepEqual(await client.multi().set("a", "1").incr("a").get("a").exec(), ["OK", 2, "2"]);
    await assert.rejects(client.multi().incr("a").hGetAll("a").exec(), (error) => error.errorIndexes[Symbol.iterator]().next().value === 1);
    const other = await client.duplicate().connect();
    await client.watch("a");
    await other.set("a", "changed");
    await assert.rejects(client.multi().set("a", "lost").exec(), WatchError);
    assert.equal(await client.get("a"), "changed");
    await other.close();
}

async function messages(client) {
    const ears = await client.duplicate().connect();
    const heard = [];
    await ears.subscribe("news", (text, channel) => heard.push(["news", channel, text]));
    await ears.pSubscribe("n?ws", (text, channel) => heard.push(["n?ws", channel, text]));
    await ears.sSubscribe("{shard}news", (text, channel) => heard.push(["sharded", channel, text]));
    await ears.subscribe("bytes", (bytes) => heard.push(["bytes", bytes.length]), true);
    assert.equal(await client.publish("news", "one"), 2);
    assert.equal(await client.sPublish("{shard}news", "two"), 1);
    assert.equal(await client.publish("bytes", Buffer.alloc(100_000, 255)), 1);
    await until(() => heard.length === 4);
    assert.deepEqual(heard, [
        ["news", "news", "one"],
        ["n?ws", "news", "one"],
        ["sharded", "{shard}news", "two"],
        ["bytes", 100_000],
    ]);
    assert.deepEqual((await client.pubSubChannels()).sort(), ["bytes", "news"]);
    await ears.unsubscribe();
    await ears.pUnsubscribe();
    await ears.sUnsubscribe();
    assert.equal(await client.publish("news", "to nobody"), 0);
    await ears.close();
}

// What was read is kept until the server says that it changed.
async function cache() {
    const clientSideCache = new BasicClientSideCache({ ttl: 0, maxEntries: 100 });
    const reader = await connect({ RESP: 3, clientSideCache });
    const writer = await connect({ RESP: 3 });
    await writer.set("cached", "one");
    for (let count = 0; count < 100; count++) assert.equal(await reader.get("cached"), "one");
    const { hitCount, missCount } = clientSideCache.stats();
    assert.deepEqual([hitCount, missCount], [99, 1]);
    await writer.set("cached", "two");
    await until(async () => (await reader.get("cached")) === "two");
    await writer.del("cached");
    await until(async () => (await reader.get("cached")) === null);
    await writer.set("cached", "three");
    await until(async () => (await reader.get("cached")) === "three");
    await writer.flushDb();
    await until(async () => (await reader.get("cached")) === null);
    await reader.close();
    await writer.close();
}

// Many at once, over few connections, those that wait among them.
async function pool(RESP) {
    const clients = createClientPool({ socket: { port }, RESP }, { minimum: 1, maximum: 4, acquireTimeout: PATIENCE_MS });
    await clients.connect();
    const waiting = [0, 1].map(() => clients.blPop("queue", 0));
    const sums = await Promise.all([...Array(200).keys()].map(() => clients.incr("pooled")));
    assert.deepEqual(sums.sort((a, b) => a - b), [...Array(200).keys()].map((number) => number + 1));
    await clients.rPush("queue", ["x", "y"]);
    assert.deepEqual((await Promise.all(waiting)).map(({ element }) => element).sort(), ["x", "y"]);
    await clients.close();
}

for (const RESP of [2, 3]) {
    const client = await connect({ RESP });
    await client.flushAll();
    await commands(client);
    await transactions(client);
    await messages(client);
    await pool(RESP);
    await client.close();
}
await cache();
console.log("verdict: passed");
