#!/usr/bin/env python3
"""Records what a real server does with ACL rules, for crates/acl/tests/golden.rs.

    redis-server --port 7000 --save "" --aclfile /tmp/users.acl      (the file may be empty)
    ./record.py redis  127.0.0.1 7000 /tmp/users.acl      writes redis-*.txt here, from Redis 8.2
    ./record.py valkey 127.0.0.1 7001 /tmp/users.acl      writes valkey-*.txt here, from Valkey 9.1

The server must be a fresh one with 16 databases. Nothing but Python's own library is needed; the same seed (a number
behind the other arguments) makes the same questions. Each line begins with what it is, followed by words quoted as in redis.conf:

    > rules             a user is made anew with these words behind ACL SETUSER
    ? db request        what ACL DRYRUN is asked about the user, with this database selected
    + names             every command of the peer that the user may run, with the words "1" behind it
    < text              an aclfile that is loaded
    = answer            OK and the user's line of ACL LIST; what ACL DRYRUN says; the lines of ACL LIST
    * user fields       the user's fields of ACL GETUSER: flags, passwords, commands, keys, channels, databases of
                        Valkey; then those of each selector, without the first two
    ! error             an error reply instead of an answer
"""

import os
import random
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 20261121)


class Failure(bytes):
    """An error reply."""


class Peer:
    """A connection that speaks RESP2."""

    def __init__(self, host, port):
        self.stream = socket.create_connection((host, port)).makefile("rwb")

    def __call__(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(words))
        for word in words:
            self.stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
        self.stream.flush()
        return self.reply()

    def reply(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return Failure(rest)
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))] if rest != b"-1" else None
        if kind == b"$":
            return self.stream.read(int(rest) + 2)[:-2] if rest != b"-1" else None
        return int(rest) if kind == b":" else rest


def quote(words):
    """Words as in redis.conf."""

    def one(word):
        if word and all(33 <= byte < 127 and byte not in b"\"'\\" for byte in word):
            return word.decode()
        plain = lambda byte: chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else "\\x%02x" % byte
        return '"' + "".join(map(plain, word)) + '"'

    return " ".join(one(word if isinstance(word, bytes) else str(word).encode()) for word in words)


def answer(reply):
    """The line for a reply."""
    if isinstance(reply, Failure):
        return "! " + quote([reply])
    return "= " + quote(reply if isinstance(reply, list) else [reply])


def commands(peer):
    """Every command and subcommand of the peer by name, with its arity and whether it has subcommands."""
    found = {}

    def add(row):
        found[row[0].decode()] = (row[1], bool(row[9]))
        for subcommand in row[9]:
            add(subcommand)

    for row in peer("COMMAND"):
        add(row)
    return found


class Questions:
    """Random rules and requests."""

    PATTERNS = "a b a* ?b [ab]* k:* *z \\* \\[x] \"q x' [^a]* [a-c]? d".split(" ")
    WORDS = "a b ab bb abc k:1 xz z * [x q 0 1 2 3 -1 get GET set by store streams group keys db replace"
    WORDS = (WORDS + " limit count left withscores and or id x 1-1 $ > from frommember overflow incr").split(" ")

    def __init__(self, names, is_valkey):
        self.names = names
        self.is_valkey = is_valkey
        self.leaves = sorted(name for name, (_, is_group) in names.items() if not is_group)
        self.all = sorted(names)
        self.categories = [name.decode() for name in PEER("ACL", "CAT")]
        self.common = (
            "get set mget mset del copy move select swapdb flushall flushdb publish subscribe psubscribe ssubscribe "
            "spublish config config|get config|set client client|id sort zunionstore eval xread keys incr exists"
        ).split()

    def pick(self, *choices):
        return RANDOM.choice(choices)()

    def name(self):
        return RANDOM.choice(self.common if RANDOM.random() < 0.8 else self.all)

    def command_rule(self):
        sign = RANDOM.choice("++-")
        return self.pick(
            lambda: sign + self.name(),
            lambda: sign + self.name(),
            lambda: sign + self.name().upper(),
            lambda: sign + "@" + RANDOM.choice(self.categories),
            lambda: sign + "@" + RANDOM.choice(self.categories).title(),
            lambda: sign + "@all",
            lambda: RANDOM.choice(["allcommands", "nocommands"]),
            lambda: "+" + RANDOM.choice(["get", "mget", "select", "set", "subscribe"]) + "|" + self.word_without_space(),
        )

    def word_without_space(self):
        """Both peers die of a first argument with a space or a single quote when they show the user."""
        return RANDOM.choice(["a", "A", "0", "x|y", "", "[x", "k:1", "b)"])

    def key_rule(self):
        prefix = RANDOM.choice(["~", "~", "~", "%R~", "%W~", "%RW~", "%rw~", "%r~"])
        return prefix + RANDOM.choice(self.PATTERNS)

    def permission_rule(self):
        return self.pick(
            self.command_rule,
            self.command_rule,
            self.command_rule,
            self.key_rule,
            self.key_rule,
            lambda: "&" + RANDOM.choice(self.PATTERNS),
            lambda: RANDOM.choice(["~*", "%R~*", "allkeys", "resetkeys", "&*", "allchannels", "RESETCHANNELS", "resetkeys"]),
            self.database_rule if self.is_valkey else self.key_rule,
        )

    def database_rule(self):
        lists = ["0", "1", "0,1", "3,1,2", "02", "+1", "1,1", ",".join(map(str, range(16))), "15", "99", "2147483647"]
        wrong = ["", "1,", ",1", "x", "-1", "1x", "2147483648", "1,,2", "0x1", "1 ", "99999999999999999999999"]
        return self.pick(
            lambda: "db=" + RANDOM.choice(lists),
            lambda: "db=" + RANDOM.choice(lists),
            lambda: "DB=" + RANDOM.choice(lists if RANDOM.random() < 0.5 else wrong),
            lambda: RANDOM.choice(["alldbs", "resetdbs", "AllDbs"]),
        )

    def user_rule(self):
        digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
        return RANDOM.choice(
            ["on", "off", "ON", "nopass", "resetpass", ">a", ">b", "<a", ">", "#" + digest, "!" + digest, "", "reset"]
            + ["sanitize-payload", "skip-sanitize-payload", "clearselectors", "#" + digest.upper(), "!" + digest[1:]]
        )

    def selector(self):
        """One word or several. Quotes and parentheses inside are read by the peers otherwise than they show them."""
        plain = lambda rule: not set(rule) & set("\"'()") and rule
        rules = [rule for rule in (self.permission_rule() for _ in range(RANDOM.randrange(4))) if plain(rule)]
        text = RANDOM.choice(["(%s)", "( %s )", "(%s )"]) % RANDOM.choice([" ", "  "]).join(rules)
        return text.split(" ") if RANDOM.random() < 0.5 else [text]

    def wrong(self):
        return RANDOM.choice(
            "foo +foo -foo +@foo -@foo + - +@ +config|foo -get|x +get| -get| +config|get|x -config|get|x % %X~a %~a %RR~a "
            "%Ra +|get +get||x +foo| +config| -config| (foo) (+foo) (on) (~*  )x x( ) #x !x #" .split(" ")
            + ["~a b", "&a b", "%R~a\tb", "on ", " on", "(~* ~b)", "(&* &b)", "(+get", "( +get", "foo\r\nbar", "~a\x0bb"]
        )

    def rules(self, length, errors):
        words = []
        for _ in range(RANDOM.randrange(1, length + 1)):
            kind = RANDOM.random()
            if kind < errors:
                words.append(self.wrong())
            elif kind < 0.2:
                words.append(self.user_rule())
            elif kind < 0.3:
                words.extend(self.selector())
            else:
                words.append(self.permission_rule())
        return words

    def request(self, name):
        """A request with words that may be keys, numbers and options, often as many as the command takes."""
        arity = self.names[name][0]
        words = name.split("|")
        more = RANDOM.choice([0, 0, 1, 2, 3, 5]) if arity < 0 else 0
        while len(words) < abs(arity) + more:
            words.append(RANDOM.choice(self.WORDS))
        if name == "xreadgroup":
            words[1] = "group"
        if name.startswith(("eval", "fcall")):
            words[2] = RANDOM.choice("01239")
        if RANDOM.random() < 0.2:
            words = [word.upper() if index == 0 else word for index, word in enumerate(words)]
        if name in ("select", "swapdb", "move", "copy") and RANDOM.random() < 0.7:
            databases = lambda: RANDOM.choice(["0", "1", "2", "3", "99", "-1", "01"][: RANDOM.choice([3, 3, 7])])
            keys = {"select": 0, "swapdb": 0, "move": 1, "copy": 2}[name]
            words = words[: 1 + keys] + [databases() for _ in range({"select": 1, "swapdb": 2, "move": 1, "copy": 0}[name])]
            for _ in range(RANDOM.randrange(3) if name == "copy" else 0):
                words += RANDOM.choice([["replace"], ["DB", databases()], ["db", databases()], ["db", databases()], ["db"], ["x"]])
        return words


def set_user(rules, output):
    """Makes the user, writes rules and outcome, and returns whether it was made."""
    PEER("ACL", "DELUSER", "u")
    reply = PEER("ACL", "SETUSER", "u", *rules)
    output.append("> " + quote(rules))
    if isinstance(reply, Failure):
        output.append(answer(reply))
        return False
    lines = [line for line in PEER("ACL", "LIST") if line.split(b" ")[1] == b"u"]
    output.append(answer(lines))
    fields = PEER("ACL", "GETUSER", "u")
    row = dict(zip(fields[::2], fields[1::2]))
    words = [b" ".join(row[b"flags"]), b" ".join(row[b"passwords"])]
    for part in [row, *(dict(zip(part[::2], part[1::2])) for part in row[b"selectors"])]:
        words += [part[name] for name in (b"commands", b"keys", b"channels", b"databases") if name in part]
    output.append("* " + quote(words))
    return True


def dryrun(database, request, output):
    PEER("SELECT", database)
    output.append("? " + quote([database, *request]))
    output.append(answer(PEER("ACL", "DRYRUN", "u", *request)))


def record_rules(questions):
    output = []
    for _ in range(1500):
        set_user(questions.rules(8, RANDOM.choice([0, 0, 0.05])), output)
    return output


def record_requests(questions):
    """Each command a few times with users of which something is refused."""
    output = []
    names = questions.leaves * 8
    RANDOM.shuffle(names)
    while names:
        base = RANDOM.choice([["+@all"], ["+@all", "allkeys"], ["+@all", "allchannels"], ["+@all", "db=0,1"], ["db=1"]])
        base = [rule for rule in base if questions.is_valkey or not rule.startswith("db")]
        rules = [rule for rule in questions.rules(7, 0) if rule.lower() not in ("-@all", "nocommands", "reset")]
        if not set_user(["reset", *base, *rules], output):
            continue
        for name in [names.pop() for _ in range(min(25, len(names)))]:
            dryrun(RANDOM.choice([0, 0, 1, 2]), questions.request(name), output)
        for _ in range(8):
            name = RANDOM.choice([name for name in questions.common if name in questions.leaves])
            dryrun(RANDOM.choice([0, 0, 1, 2]), questions.request(name), output)
    return output


def record_categories(questions):
    """For rules about each category, and about all databases but one: the names of all commands that may run."""
    output = []
    rules = [[base, sign + "@" + name] for base, sign in (("-@all", "+"), ("+@all", "-")) for name in questions.categories]
    if questions.is_valkey:
        rules += [["+@all", "db=" + numbers] for numbers in ("0", "1", "0,1", ",".join(map(str, range(16))))]
    for rule in rules:
        set_user(["allkeys", "allchannels", *rule], output)
        permitted = []
        PEER("SELECT", 0)
        for name in questions.leaves:
            words = name.split("|")
            words += ["1"] * (abs(questions.names[name][0]) - len(words))
            if PEER("ACL", "DRYRUN", "u", *words) == b"OK":
                permitted.append(name)
        output.append("+ " + quote(permitted))
    return output


def record_files(questions, path):
    """Files of lines that are users, nearly users, or something else."""
    output = []
    for _ in range(600):
        lines = []
        for _ in range(RANDOM.randrange(5)):
            rules = [word for word in questions.rules(4, RANDOM.choice([0, 0.1])) if not set(word) & set("()\r\n")]
            line = " ".join(["user", RANDOM.choice(["a", "b", "c", "default", "d\t", "e"]), *rules])
            if " default" in line:
                line += " on nopass +acl"
            lines.append(
                questions.pick(
                    *[lambda: line] * 9,
                    lambda: RANDOM.choice(["", " ", "# x", "user", "user ", "users a", "User a", "user  a on", "\t" + line]),
                    lambda: line.replace(" ", "  "),
                    lambda: line + RANDOM.choice(["\r", " ", "\t", " \t on"]),
                )
            )
        text = "\n".join(lines) + RANDOM.choice(["", "\n"])
        with open(path, "wb") as file:
            file.write(text.encode())
        reply = PEER("ACL", "LOAD")
        output.append("< " + quote([text]))
        if isinstance(reply, Failure):
            output.append(answer(Failure(reply.replace(path.encode(), b"users.acl"))))
        else:
            output.append(answer(PEER("ACL", "LIST")))
    return output


def write(name, lines):
    with open(os.path.join(HERE, name), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    KIND, HOST, PORT, ACLFILE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    PEER = Peer(HOST, PORT)
    QUESTIONS = Questions(commands(PEER), KIND == "valkey")
    write(KIND + "-rules.txt", record_rules(QUESTIONS))
    write(KIND + "-requests.txt", record_requests(QUESTIONS))
    write(KIND + "-categories.txt", record_categories(QUESTIONS))
    write(KIND + "-files.txt", record_files(QUESTIONS, ACLFILE))
