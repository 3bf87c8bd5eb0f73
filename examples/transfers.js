// Money moves between accounts. The same as transfers.py, which explains it; both can work on one bank.
//
//     npm install redis
//     node transfers.js [PORT]
//
// Commands of one connection are sent as they come, whoever gave them: between WATCH and EXEC of one function those of another would
// stand. So each transfer has a connection for itself, from a pool.

"use strict";

const assert = require("node:assert/strict");
const { createClientPool, WatchError } = require("redis");

const ACCOUNTS = 6;
const EACH = 1000;
const CLERKS = 8;
const TRANSFERS = 150;

class NotEnough extends Error {}

const account = (number) => `account:${number}`;

// Moves the amount, and returns how many times it was tried.
async function transfer(pool, source, target, amount) {
    for (let tries = 1; ; tries++) {
        try {
            await pool.execute((client) => tryTransfer(client, source, target, amount));
            return tries;
        } catch (error) {
            if (!(error instanceof WatchError)) throw error;
        }
    }
}

async function tryTransfer(client, source, target, amount) {
    await client.watch([account(source), account(target)]);
    const balance = Number((await client.get(account(source))) ?? 0);
    if (balance < amount) {
        await client.unwatch();
        throw new NotEnough(`${source} has ${balance}`);
    }
    await client
        .multi()
        .decrBy(account(source), amount)
        .incrBy(account(target), amount)
        .rPush("transfers", `${source} ${target} ${amount}`)
        .exec();
}

// Numbers that look random and are the same each time.
function dice(seed) {
    let state = seed * 2654435761 + 1;
    return (sides) => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return (state >> 8) % sides;
    };
}

// Eight clerks move money at random; none of it is lost or made.
async function busyBank(pool) {
    const numbers = [...Array(ACCOUNTS).keys()];
    await pool.mSet(Object.fromEntries(numbers.map((number) => [account(number), String(EACH)])));
    let done = 0;
    let tries = 0;
    let refused = 0;

    async function clerk(seed) {
        const roll = dice(seed);
        for (let count = 0; count < TRANSFERS; count++) {
            const source = roll(ACCOUNTS);
            const target = (source + 1 + roll(ACCOUNTS - 1)) % ACCOUNTS;
            try {
                const tried = await transfer(pool, source, target, 1 + roll(300));
                tries += tried;
                done += 1;
            } catch (error) {
                if (!(error instanceof NotEnough)) throw error;
                refused += 1;
            }
        }
    }

    await Promise.all([...Array(CLERKS).keys()].map(clerk));
    const balances = (await pool.mGet(numbers.map(account))).map(Number);
    const total = balances.reduce((sum, balance) => sum + balance, 0);
    assert.equal(total, ACCOUNTS * EACH);
    assert.ok(balances.every((balance) => balance >= 0));
    assert.equal(done + refused, CLERKS * TRANSFERS);
    // What was written down explains every balance.
    const expected = numbers.map(() => EACH);
    const lines = await pool.lRange("transfers", 0, -1);
    for (const line of lines) {
        const [source, target, amount] = line.split(" ").map(Number);
        expected[source] -= amount;
        expected[target] += amount;
    }
    assert.deepEqual(balances, expected);
    assert.equal(lines.length, done);
    console.log(`busy bank: ${done} transfers in ${tries} tries; ${refused} without the money`);
}

async function main() {
    const port = Number(process.argv[2] ?? 6379);
    for (const RESP of [2, 3]) {
        // Fewer connections than clerks: some wait for one.
        const pool = createClientPool({ socket: { port }, RESP }, { minimum: 1, maximum: CLERKS / 2, acquireTimeout: 60_000 });
        await pool.connect();
        await busyBank(pool);
        await pool.del(["transfers", ...[...Array(ACCOUNTS).keys()].map(account)]);
        await pool.close();
    }
    console.log("done");
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
