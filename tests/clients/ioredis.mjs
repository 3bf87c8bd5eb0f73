// ioredis against a server: `node ioredis.mjs PORT [CA CERTIFICATE KEY]` prints `verdict: passed` or fails.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";

const KEYS = 5_000;
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const [ca, cert, key] = process.argv.slice(3).map((path) => readFileSync(path));

const client = new Redis({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  connectionName: "ioredis",
  maxRetriesPerRequest: 0,
  retryStrategy: null,
  tls: ca && { ca, cert, key },
});
client.on("error", (error) => {
  throw error;
});

async function handshake() {
  assert.equal(await client.ping(), "PONG");
  assert.equal(await client.client("GETNAME"), "ioredis");
  assert.match(await client.info("server"), /redis_version:/);
  assert.ok((await client.command("COUNT")) > 100);
}

async function values() {
  assert.equal(await client.set("binary", BINARY), "OK");
  assert.deepEqual(await client.getBuffer("binary"), BINARY);
  assert.equal(await client.set("k", "v", "EX", 100, "NX"), "OK");
  assert.equal(await client.set("k", "w", "NX"), null);
  assert.ok((await client.ttl("k")) >= 98);
  assert.equal(await client.set("k", "w", "GET"), "v");
  assert.deepEqual(await client.mget("k", "nosuch"), ["w", null]);
  assert.equal(await client.incrby("n", 5), 5);
  assert.equal(await client.incrbyfloat("f", 0.1), "0.1");
  const big = Buffer.alloc(4 << 20, "x");
  assert.equal(await client.set("big", big), "OK");
  assert.deepEqual(await client.getBuffer("big"), big);
}

async function errors() {
  await client.set("text", "abc");
  await assert.rejects(client.incr("text"), /ERR value is not an integer or out of range/);
  await assert.rejects(client.call("NOSUCH", "a"), /ERR unknown command/);
  await assert.rejects(client.call("GET"), /ERR wrong number of arguments for 'get' command/);
  assert.equal(await client.ping(), "PONG");
}

async function pipelines() {
  const writes = client.pipeline();
  for (let number = 0; number < KEYS; number += 1) writes.set(`key:${number}`, number);
  assert.ok((await writes.exec()).every(([error, reply]) => error === null && reply === "OK"));
  assert.equal(await client.dbsize(), KEYS);
  const reads = await Promise.all(Array.from({ length: KEYS }, (_, number) => client.get(`key:${number}`)));
  assert.ok(reads.every((value, number) => value === String(number)));
  const seen = new Set();
  for await (const keys of client.scanStream({ match: "key:*", count: 100 })) keys.forEach((key) => seen.add(key));
  assert.equal(seen.size, KEYS);
}

async function transactions() {
  const replies = await client.multi().set("a", 1).lpush("a", "x").incr("a").get("a").exec();
  assert.deepEqual(replies.map(([, reply]) => reply), ["OK", undefined, 2, "2"]);
  assert.match(replies[1][0].message, /WRONGTYPE/);
  await assert.rejects(client.multi().set("a").exec(), /EXECABORT/);
  const other = client.duplicate();
  await client.watch("a");
  await other.set("a", "changed");
  assert.equal(await client.multi().set("a", "lost").exec(), null);
  assert.equal(await client.get("a"), "changed");
  await other.quit();
}

async function messages() {
  const ears = client.duplicate();
  const heard = [];
  ears.on("message", (channel, text) => heard.push([channel, text]));
  ears.on("pmessage", (pattern, channel, text) => heard.push([pattern, channel, text]));
  ears.on("smessage", (channel, text) => heard.push(["sharded", channel, text]));
  assert.equal(await ears.subscribe("news", "other"), 2);
  assert.equal(await ears.psubscribe("n?ws"), 3);
  assert.equal(await ears.ssubscribe("sharded"), 1);
  assert.equal(await client.publish("news", "one"), 2);
  assert.equal(await client.spublish("sharded", "two"), 1);
  const deadline = Date.now() + 60_000;
  while (heard.length < 3) {
    assert.ok(Date.now() < deadline, "messages come");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual(heard, [["news", "one"], ["n?ws", "news", "one"], ["sharded", "sharded", "two"]]);
  // By name: without names ioredis waits in vain for the confirmations of several.
  assert.equal(await ears.unsubscribe("news", "other"), 1);
  assert.equal(await ears.punsubscribe("n?ws"), 0);
  assert.equal(await ears.sunsubscribe("sharded"), 0);
  assert.equal(await client.publish("news", "to nobody"), 0);
  await ears.quit();
}

for (const theme of [handshake, values, errors, pipelines, transactions, messages]) {
  await client.flushall();
  await theme();
}
await client.quit();
console.log("verdict: passed");
