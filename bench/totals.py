"""Totals: what the naive count of fill says, and whether what a contender left in Redis is the same.

Peers are held against it by rep and by team, for both days in UTC and for all. paceline counts by the days of each rep's own zone,
so its views are held against the naive count of the day that goes on there, and what it shows of longer windows, in which all
events lie, against the whole."""
import calendar
import time

FIELDS = ("day0", "day1", "all")
KINDS = ("call", "email", "meeting", "demo", "proposal", "deal_won", "deal_lost", "note")
CENTS = len(KINDS)
DAYS = ("2026-10-14", "2026-10-15")
SHOWN = {"calls:week": ("call",), "calls:30d": ("call",), "emails:week": ("email",), "demos:week": ("demo",),
         "props:month": ("proposal",), "won:quarter": ("deal_won",), "lost:quarter": ("deal_lost",),
         "closed:quarter": ("deal_won", "deal_lost")}
SHOWN_TODAY = {"calls:day": "call", "emails:day": "email", "demos:day": "demo", "props:day": "proposal"}
TEAM = 12
AT_ONCE = 2000


def team_of(rep):
    return f"00G5e{int(rep[5:]) // TEAM:013}"


def plus(a, b):
    return [x + y for x, y in zip(a, b)]


def day_number(day):
    return calendar.timegm(time.strptime(day, "%Y-%m-%d")) // 86400


class Totals:
    def __init__(self, path):
        self.of = {}  # (rep or team, window) -> counts and cents
        with open(path) as lines:
            for line in lines:
                rep, window, *numbers = line.split()
                numbers = list(map(int, numbers))
                for entity in (rep, team_of(rep)):
                    key = entity, window
                    self.of[key] = plus(self.of[key], numbers) if key in self.of else numbers
        self.entities = sorted({entity for entity, _ in self.of})

    def whole(self, entity):
        return plus(*(self.of[entity, day] for day in DAYS))

    def write_roster(self, path):
        with open(path, "w") as f:
            f.writelines(f"{e} {team_of(e)}\n" for e in self.entities if e.startswith("0055e"))

    def differ_from_peer(self, client, parts):
        """The first difference, or nothing. With parts, a team is the sum of what is under its name and each partition."""
        numbers = {day_number(day): day for day in DAYS}
        keys = [[f"{e}:{p}" for p in range(parts)] if parts and e.startswith("00G") else [e] for e in self.entities]
        for some, hashes in read(client, self.entities, keys):
            for entity, found in zip(some, hashes):
                sums = {}
                for fields in found:
                    for field in FIELDS:
                        start, *values = map(int, fields.get(field, "0").split())
                        window = "all" if field == "all" else numbers.get(start)
                        if values:
                            sums[window] = plus(sums.get(window, [0] * (CENTS + 1)), values)
                wanted = {day: self.of[entity, day] for day in DAYS} | {"all": self.whole(entity)}
                for window, numbers_wanted in wanted.items():
                    if sums.get(window, [0] * (CENTS + 1)) != numbers_wanted:
                        return f"{entity}, {window}: found {sums.get(window)}, fill counted {numbers_wanted}"
        return None

    def differ_from_views(self, client):
        keys = [[f"pl:team:{e}" if e.startswith("00G") else f"pl:rep:{e}"] for e in self.entities]
        for some, hashes in read(client, self.entities, keys):
            for entity, (view,) in zip(some, hashes):
                whole, today = self.whole(entity), self.of[entity, "local"]
                wanted = {field: sum(whole[KINDS.index(k)] for k in kinds) for field, kinds in SHOWN.items()}
                wanted |= {field: today[KINDS.index(kind)] for field, kind in SHOWN_TODAY.items()}
                wanted["revenue:quarter"] = whole[CENTS] / 100
                for field, number in wanted.items():
                    if abs(float(view.get(field, 0)) - number) > 0.001:
                        return f"{entity}, {field}: the view says {view.get(field)}, fill counted {number}"
        return None


def read(client, entities, keys):
    """Entities, some at a time, and the hashes at the keys of each."""
    for at in range(0, len(entities), AT_ONCE):
        pipe = client.pipeline(transaction=False)
        for names in keys[at:at + AT_ONCE]:
            for name in names:
                pipe.hgetall(name)
        answers = iter(pipe.execute())
        yield entities[at:at + AT_ONCE], [[next(answers) for _ in names] for names in keys[at:at + AT_ONCE]]
