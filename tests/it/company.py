"""A company's working days as records, and an independent count of them.

Company makes roster, teams, goals and a stream of activities in which nothing is orderly: events come late, twice,
from the future, to the wrong partition, and between them is what no decoder can read. Count goes through the same
records in the same order by the words of the contract (schemas/README.md), with sets and sums instead of rings and
buckets, and says what every field of every view must be and what becomes of every record."""
import collections
import datetime
import decimal
import zoneinfo

import avro

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland", "UTC")
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
FUTURE, REMEMBERED, DEFAULT_ZONE = 10 * MINUTE, 128, "UTC"

CONFIG = """
clock: stream
zone: UTC
metrics:
  calls:    {count: call, windows: [1h, 24h, day, week, 30d]}
  talks:    {count: call, where: {channel: [phone, video]}, windows: [day, 7d]}
  demos:    {count: demo, windows: [day, week, month]}
  accounts: {distinct: account, of: [call, demo], windows: [day, week]}
  won:      {count: deal_won, windows: [month, quarter, year]}
  closed:   {count: [deal_won, deal_lost], windows: [month, quarter]}
  win_rate: {ratio: [won, closed]}
  revenue:  {sum: amount, of: deal_won, unit: EUR, decimals: 2, typical: 2500, windows: [day, month, quarter]}
boards: ["calls:week"]
calendars:
  default: {week: {mon-fri: 09:00-17:00}}
"""
# metric: (types, filter, what is added up, windows)
METRICS = {
    "calls": ({"call"}, None, None, ("1h", "24h", "day", "week", "30d")),
    "talks": ({"call"}, {"phone", "video"}, None, ("day", "7d")),
    "demos": ({"demo"}, None, None, ("day", "week", "month")),
    "accounts": ({"call", "demo"}, None, "account", ("day", "week")),
    "won": ({"deal_won"}, None, None, ("month", "quarter", "year")),
    "closed": ({"deal_won", "deal_lost"}, None, None, ("month", "quarter")),
    "revenue": ({"deal_won"}, None, "amount", ("day", "month", "quarter")),
}
ROLLING = {"1h": (5 * MINUTE, 12), "24h": (HOUR, 24), "7d": (None, 7), "30d": (None, 30)}


def day_number(date):
    return date.toordinal() - datetime.date(1970, 1, 1).toordinal()


class Clock:
    """Local days of one zone, looked up once an hour."""

    def __init__(self, zone):
        self.zone, self.days = zoneinfo.ZoneInfo(zone), {}

    def day(self, at):
        quarter = at // (15 * MINUTE)  # no offset changes within
        if quarter not in self.days:
            local = datetime.datetime.fromtimestamp(quarter * 900, self.zone)
            self.days[quarter] = day_number(local.date())
        return self.days[quarter]

    def instant(self, day, seconds):
        date = datetime.date.fromordinal(day + datetime.date(1970, 1, 1).toordinal())
        local = datetime.datetime(date.year, date.month, date.day, tzinfo=self.zone) + \
            datetime.timedelta(seconds=seconds)
        return int(local.timestamp() * 1000)


CLOCKS = collections.defaultdict(dict)


def clock_of(zone):
    if zone not in CLOCKS:
        CLOCKS[zone] = Clock(zone)
    return CLOCKS[zone]


def index_of(window, at, clock):
    """The bucket or period of an instant, as a number that grows by one from one to the next."""
    if window in ("1h", "24h"):
        return at // ROLLING[window][0]
    day = clock.day(at)
    if window in ("day", "7d", "30d"):
        return day
    if window == "week":
        return (day + 3) // 7
    date = datetime.date.fromordinal(day + datetime.date(1970, 1, 1).toordinal())
    month = date.year * 12 + date.month - 1
    return {"month": month, "quarter": month // 3, "year": date.year}[window]


def span_of(window):
    return ROLLING[window][1] if window in ROLLING else 2  # a calendar window has a previous period


Event = collections.namedtuple("Event", "id rep at type amount account channel")
Item = collections.namedtuple("Item", "partition stamp key value event reason")  # event or, if none, the reason


class Rep:
    def __init__(self, name, zone, teams, known=True, hidden=False):
        self.id, self.zone, self.teams = name, zone, teams  # teams: [(first day or None, team)]
        self.known, self.hidden = known, hidden  # in the roster; has opted out of public recognition
        self.clock = clock_of(zone)

    def team(self, day):
        found = None
        for first, team in self.teams:
            if first is None or first <= day:
                found = team
        return found


class Company:
    def __init__(self, case, partitions, reps=200, teams=20, events=100_000, first="2026-03-25", days=9):
        self.random, self.partitions, self.wire = case.random, partitions, case.wire
        self.first = day_number(datetime.date.fromisoformat(first))
        self.days = days
        self.teams = {f"team {i}": self.random.choice(ZONES) for i in range(teams)}
        self.reps = [self.make_rep(i) for i in range(reps)]
        self.ghosts = [Rep(f"ghost/{i}", DEFAULT_ZONE, [], known=False) for i in range(3)]
        self.silent = [Rep(f"silent{i}", "Europe/Berlin", [(None, "team 1")]) for i in range(3)]
        self.by_id = {r.id: r for r in self.reps + self.ghosts + self.silent}
        self.items = self.make_items(events)

    def home(self, text):
        return avro.partition_of(text.encode(), self.partitions)

    def make_rep(self, i):
        names = list(self.teams)
        # the last team has two members and one that leaves: too small to be public
        team = names[-1] if i < 2 else names[i % (len(names) - 1)]
        teams = [(None, team)]
        if i % 17 == 3:
            teams.append((self.first + self.days // 2, names[(i + 5) % (len(names) - 1)]))
        name = f"rep:{i}" if i % 2 else f"r{i}@example.com"
        return Rep(name, self.random.choice(ZONES), teams, hidden=self.random.random() < 0.1)

    # --- facts

    def facts(self, topic):
        """(topic, key, value) of the compacted topics; each is written to the partition of its key."""
        for i, (team, zone) in enumerate(self.teams.items()):
            manager = f"boss{i}" if i % 3 else None
            yield topic["teams"], team, self.wire("team", {"team": team, "name": team.title(), "zone": zone,
                                                          "manager": manager, "status": "active"})
        for rep in self.reps + self.silent:
            yield topic["roster"], rep.id, self.wire("roster", {
                "rep": rep.id, "name": f"Name of {rep.id}", "zones": [{"zone": rep.zone}], "calendars": [],
                "memberships": [{"from": day, "team": team} for day, team in rep.teams], "status": "active",
                "recognition": not rep.hidden})
        for i, rep in enumerate(self.reps + self.silent):
            goals = [("daily", "calls", "day", 30 + i % 20)]
            goals += [("demos", "demos", "week", 30 + i % 40)] if i % 2 else []
            goals += [("revenue", "revenue", "month", 20000 + 500 * (i % 50))] if i % 3 else []
            yield topic["goals"], rep.id, self.goals("rep", rep.id, goals)
        for i, team in enumerate(self.teams):
            if i % 2:
                yield topic["goals"], team, self.goals("team", team, [("all", "calls", "week", 500 + 2000 * (i % 4))])

    def goals(self, kind, entity, goals):
        return self.wire("goals", {"entity": entity, "kind": kind, "goals": [
            {"name": name, "metric": metric, "period": period, "target": float(target), "owner": "agreed",
             "status": "agreed", "direction": "higher", "plan": f"Plan of {entity}"}
            for name, metric, period, target in goals]})

    # --- activities

    def encode(self, e):
        return self.wire("activity", {"event_id": e.id, "rep": e.rep, "occurred_at": e.at, "type": e.type,
                                      "amount": e.amount, "account": e.account, "channel": e.channel})

    def item(self, stamp, e):
        return Item(self.home(e.rep), stamp, e.rep.encode(), self.encode(e), e, None)

    def make_items(self, n):
        rng, items, stamps = self.random, [], set()
        workdays = [d for d in range(self.first, self.first + self.days) if (d + 3) % 7 < 5]
        rhythm = {r.id: rng.uniform(0.3, 1.4) for r in self.reps + self.ghosts}
        weights = [rhythm[r.id] for r in self.reps + self.ghosts]
        for i, rep in enumerate(rng.choices(self.reps + self.ghosts, weights, k=n)):
            day = rng.choice(workdays)
            work = rng.uniform(9, 17) if rng.random() < 0.95 else rng.uniform(0, 24)
            at = rep.clock.instant(day, 0) + int(work * HOUR)
            stamp, at = at + self.random.randrange(55_000), at - self.lateness()
            while stamp in stamps:  # one record a millisecond: what a deadline falls between is then certain
                stamp += 1
            stamps.add(stamp)
            items.append(self.item(stamp, self.make_event(f"e{i}", rep.id, at)))
            if rng.random() < 0.02:
                again = stamp + rng.randrange(1, 10 * MINUTE)
                while again in stamps:
                    again += 1
                stamps.add(again)
                items.append(items[-1]._replace(stamp=again))
            elif rng.random() < 0.01:
                items.append(self.spoil(items.pop()))
        items.sort(key=lambda item: item.stamp)
        self.end = items[-1].stamp + 3 * HOUR
        return items

    def lateness(self):
        kind = self.random.random()
        if kind < 0.96:
            return 0
        return self.random.randrange(3 * DAY) if kind < 0.98 else self.random.randrange(80 * DAY)

    def make_event(self, name, rep, at):
        rng = self.random
        kind = rng.choices(("call", "demo", "deal_won", "deal_lost", "email"), (60, 15, 6, 9, 10))[0]
        amount = None
        if kind == "deal_won":
            amount = decimal.Decimal(rng.randrange(-2_000, 400_000)) / 100
        return Event(name, rep, at, kind, amount, f"a{rng.randrange(40)}" if rng.random() < 0.8 else None,
                     rng.choice(("phone", "video", "email", None)))

    def spoil(self, item):
        """A record that must not count, and why not."""
        rng, e = self.random, item.event
        wire = item.value
        truncated = wire[:rng.randrange(5, len(wire))]
        spoiled = [
            ("wire", b""), ("wire", b"\0\0"), ("wire", rng.randbytes(20).replace(b"\0", b"x", 1)),
            ("wire", b"\x01" + rng.randbytes(30)), ("schema", b"\0\0\0\3\xe7" + wire[5:]), ("body", truncated),
            ("body", wire + b"\0"), ("no_rep", self.encode(e._replace(rep=""))),
            ("bad_id", self.encode(e._replace(id="a\x01b"))),
            ("too_large", self.encode(e._replace(account="x" * 2000))),
            ("future", self.encode(e._replace(at=item.stamp + FUTURE + 1 + rng.randrange(HOUR)))),
            ("bad_value", self.encode(e._replace(type="deal_won", amount=decimal.Decimal("1.2345")))),
            ("no_time", self.encode(e._replace(at=-1 - rng.randrange(DAY)))),
        ]
        if rng.random() < 0.05:
            return item._replace(partition=(item.partition + 1) % self.partitions, event=None, reason="misrouted")
        reason, value = rng.choice(spoiled)
        return item._replace(value=value, event=None, reason=reason)

    def closing(self):
        """One event of each type for everybody, all at the same instant: afterwards every view shows that instant."""
        for rep in self.reps + self.ghosts:
            for kind in ("call", "demo", "deal_won", "deal_lost"):
                amount = decimal.Decimal("0.05") if kind == "deal_won" else None
                yield self.item(self.end, Event(f"close {kind} {rep.id}", rep.id, self.end, kind, amount, "last",
                                                "phone"))


class Count:
    """What must become of the records, and what must stand in the views."""

    def __init__(self, company):
        self.company = company
        self.accepted = collections.defaultdict(list)  # rep -> events
        self.recent = collections.defaultdict(lambda: collections.deque(maxlen=REMEMBERED))
        self.newest = collections.defaultdict(dict)  # rep -> window -> index
        self.verdicts = collections.Counter()
        self.dead = []  # (partition, offset, reason, key, value)
        self.offsets = [0] * company.partitions

    def take(self, items):
        for item in items:
            verdict = item.reason or self.judge(item)
            self.verdicts[verdict] += 1
            if verdict not in ("applied", "duplicate"):
                self.dead.append((item.partition, self.offsets[item.partition], verdict, item.key, item.value))
            self.offsets[item.partition] += 1

    def judge(self, item):
        e = item.event
        rep = self.company.by_id[e.rep]
        if e.at > item.stamp + FUTURE:
            return "future"
        if e.id in self.recent[e.rep]:
            return "duplicate"
        newest = self.newest[e.rep]
        counts = held = False
        for name, (_, _, _, windows) in METRICS.items():
            if not matches(name, e):
                continue
            counts = True
            for window in windows:
                index = index_of(window, e.at, rep.clock)
                held |= max(newest.get(window, index), index) - index < span_of(window)
        if counts and not held:
            return "late"
        for window in ("1h", "24h", "7d", "30d", "day", "week", "month", "quarter", "year"):
            index = index_of(window, e.at, rep.clock)
            newest[window] = max(newest.get(window, index), index)
        self.recent[e.rep].append(e.id)
        self.accepted[e.rep].append(e)
        return "applied"

    def value(self, rep, name, window, shown, prev=False, team=None):
        """A metric's value over the window that ends with the index `shown`."""
        return sum(self.values(rep, name, window, shown, prev, team), decimal.Decimal(0))

    def values(self, rep, name, window, shown, prev, team):
        adds, last = METRICS[name][2], shown - 1 if prev else shown
        first = last - span_of(window) + 1 if window in ROLLING else last
        seen = set()
        for e in self.accepted[rep.id]:
            if not matches(name, e) or not first <= index_of(window, e.at, rep.clock) <= last:
                continue
            if adds == "account" and e.account in seen:
                continue
            seen.add(e.account)  # of a rep who moves, it counts for the team where it was first
            if team and rep.team(rep.clock.day(e.at)) != team:
                continue
            yield e.amount if adds == "amount" else 1

    def fields(self, members, clock, at, team=None):
        """field -> value, of a rep's view or, with all who ever were in it, of a team's."""
        found = {}
        for name, (_, _, _, windows) in METRICS.items():
            for window in windows:
                shown = index_of(window, at, clock)
                for prev in (False, True)[:2 if window not in ROLLING else 1]:
                    found[f"{name}:{window}{':prev' if prev else ''}"] = sum(
                        self.value(rep, name, window, shown, prev, team) for rep in members)
        for window in ("month", "month:prev", "quarter", "quarter:prev"):
            won, closed = found[f"won:{window}"], found[f"closed:{window}"]
            found[f"win_rate:{window}"] = f"{float(won) / float(closed):.4f}" if closed else None
        return found


def matches(name, e):
    types, where, adds, _ = METRICS[name]
    return e.type in types and (not where or e.channel in where) and (not adds or getattr(e, adds) is not None)
