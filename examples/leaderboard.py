"""A leaderboard of a game: best scores, places, neighbours, a week made of its days, and friends.

    pip install redis
    python leaderboard.py [PORT]

A board is a sorted set `board:<name>` of players by points, so every question is one command whose time grows with the logarithm of
the number of players, and with the number of those that it shows.

Who has as many points as another shares the place: two firsts are followed by a third. The order in which they are shown is that of
their names.
"""

import datetime
import random
import sys

import redis

DAY_KEPT_S = 14 * 24 * 60 * 60


class Leaderboard:
    def __init__(self, client, name):
        self.client = client
        self.key = f"board:{name}"

    def record(self, player, points):
        """Notes the points of a game; a player's best counts. Whether this is it."""
        # GT: nobody has to ask first, so two games that end at once can't spoil each other's result.
        return self.client.zadd(self.key, {player: points}, gt=True, ch=True) == 1

    def award(self, player, points):
        """Adds points to those that a player has, and returns the sum."""
        return self.client.zincrby(self.key, points, player)

    def top(self, count):
        """The best, each as (place, player, points)."""
        return self.placed(self.client.zrange(self.key, 0, count - 1, desc=True, withscores=True))

    def place(self, player):
        """A player's place, counted from 1; None for one who hasn't played."""
        points = self.client.zscore(self.key, player)
        return None if points is None else self.place_of(points)

    def place_of(self, points):
        return 1 + self.client.zcount(self.key, f"({points!r}", "+inf")

    def around(self, player, count):
        """A player with so many before and behind, as in top()."""
        rank = self.client.zrevrank(self.key, player)
        if rank is None:
            return []
        first = max(0, rank - count)
        return self.placed(self.client.zrange(self.key, first, rank + count, desc=True, withscores=True))

    def players(self):
        return self.client.zcard(self.key)

    def better_than_percent(self, player):
        """How many of the others have fewer points."""
        points = self.client.zscore(self.key, player)
        if points is None or self.players() < 2:
            return 0.0
        return 100 * self.client.zcount(self.key, "-inf", f"({points!r}") / (self.players() - 1)

    def friends(self, player):
        """A player and those whose names are in the set `friends:<player>`, the best first."""
        # A member of a plain set counts 1: the weight makes that 0, so only the points are left.
        found = self.client.zinter({self.key: 1, f"friends:{player}": 0}, withscores=True)
        own = self.client.zscore(self.key, player)
        rows = [(name, points) for name, points in found] + [(player, own)] * (own is not None)
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def keep_best(self, count):
        """Drops all but the best."""
        return self.client.zremrangebyrank(self.key, 0, -count - 1)

    def placed(self, rows):
        """Only the first row has to be asked for its place: the others follow."""
        placed, ahead = [], 0
        for at, (player, points) in enumerate(rows):
            if at == 0:
                place = self.place_of(points)
                ahead = self.client.zrevrank(self.key, player) or 0
            elif points != rows[at - 1][1]:
                place = ahead + at + 1
            placed.append((place, player, points))
        return placed


def day_of(client, day):
    """The board of a day, which goes by itself some time after it."""
    board = Leaderboard(client, f"day:{day.isoformat()}")
    client.expire(board.key, DAY_KEPT_S, nx=True)
    return board


def week_of(client, day):
    """The sum of the seven days up to this one."""
    days = [Leaderboard(client, f"day:{(day - datetime.timedelta(n)).isoformat()}").key for n in range(7)]
    week = Leaderboard(client, "week")
    client.zunionstore(week.key, days, aggregate="SUM")
    return week


def one_game(client):
    board = Leaderboard(client, "game")
    assert board.record("ann", 300) and board.record("bob", 500) and board.record("cho", 400)
    assert not board.record("bob", 450), "bob has been better"
    assert board.record("dan", 400)
    assert board.top(10) == [(1, "bob", 500), (2, "dan", 400), (2, "cho", 400), (4, "ann", 300)]
    assert [board.place(player) for player in ("bob", "cho", "dan", "ann", "eve")] == [1, 2, 2, 4, None]
    assert board.around("ann", 1) == [(2, "cho", 400), (4, "ann", 300)]
    assert board.better_than_percent("bob") == 100
    client.sadd("friends:ann", "cho", "eve")
    assert board.friends("ann") == [("cho", 400), ("ann", 300)]
    assert board.keep_best(2) == 2 and [row[1] for row in board.top(9)] == ["bob", "dan"]
    print("one game: the best is", *board.top(1)[0])


def one_season(client):
    """Ten thousand players; every answer is compared with one that was found by sorting all of them."""
    chance = random.Random(7)
    board = Leaderboard(client, "season")
    points = {f"player:{number}": chance.randrange(3000) / 2 for number in range(10_000)}
    pipeline = client.pipeline(transaction=False)
    for player, score in points.items():
        pipeline.zadd(board.key, {player: score}, gt=True)
    pipeline.execute()
    for player in chance.sample(sorted(points), 200):
        points[player] += 0.5
        assert board.award(player, 0.5) == points[player]

    def place(player):
        return 1 + sum(other > points[player] for other in points.values())

    by_points = sorted(points, key=lambda player: (points[player], player), reverse=True)
    assert board.players() == len(points)
    assert [row[1] for row in board.top(100)] == by_points[:100]
    for player in chance.sample(sorted(points), 50):
        assert board.place(player) == place(player)
        at = by_points.index(player)
        around = board.around(player, 3)
        assert [row[1] for row in around] == by_points[max(0, at - 3) : at + 4]
        assert all(row == (place(row[1]), row[1], points[row[1]]) for row in around)
    print("one season:", board.players(), "players, the best has", board.top(1)[0][2])


def one_week(client):
    today = datetime.date(2026, 11, 21)
    for n in range(9):
        day_of(client, today - datetime.timedelta(n)).award("ann", 10)
    day_of(client, today).award("bob", 100)
    best = week_of(client, today).top(2)
    assert best == [(1, "bob", 100), (2, "ann", 70)]
    print("one week: the best is", *best[0])


port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
for protocol in (2, 3):
    client = redis.Redis(port=port, protocol=protocol, decode_responses=True)
    for key in client.scan_iter("board:*"):
        client.delete(key)
    one_game(client)
    one_season(client)
    one_week(client)
print("done")
