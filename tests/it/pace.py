"""Pace, a second time: which alerts a rep's goals raise, and at which second, by the design's formulas alone.

Nothing here is shared with the program: working time by Python's zoneinfo, the incomplete beta function by SciPy,
history by going through all events. Time is in whole seconds since the epoch. An event becomes visible to deadlines
`DELAY` before its stamp, because a deadline fires once everything up to it is known."""
import datetime
import functools
import statistics
import zoneinfo

from scipy.special import betainc

ENTER, LEAVE, FOR, DELAY = 0.2, 0.4, 3600, 60
OPENS, CLOSES = 9 * 3600, 17 * 3600
DAILY = CLOSES - OPENS
DAY = datetime.timedelta(days=1)


def month(day):
    return day.replace(day=1), (day.replace(day=28) + 4 * DAY).replace(day=1), f"{day:%Y-%m}"


def quarter(day):
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    last = (first + 80 * DAY)
    return first, month(last)[1], f"{day:%Y}-Q{(day.month + 2) // 3}"


PERIODS = {"month": month, "quarter": quarter}


class Clock:
    """A zone in which every day is worked from nine to five."""

    def __init__(self, zone):
        self.zone = zoneinfo.ZoneInfo(zone)
        self.at = functools.lru_cache(None)(self.at)

    def at(self, day, seconds=0):
        """The instant at which the day's clock shows so many seconds (none of those asked for is ambiguous)."""
        local = datetime.datetime.combine(day, datetime.time(), self.zone) + datetime.timedelta(seconds=seconds)
        return int(local.timestamp())

    def day(self, instant):
        return datetime.datetime.fromtimestamp(instant, self.zone).date()

    def worked(self, first, instant):
        """Working seconds from the first day's midnight."""
        day = self.day(instant)
        return (day - first).days * DAILY + min(max(instant - self.at(day, OPENS), 0), DAILY)

    def after(self, first, seconds):
        """The first instant at which so many have been worked."""
        days, rest = divmod(seconds, DAILY)
        if rest == 0:
            days, rest = days - 1, DAILY
        return self.at(first + days * DAY, OPENS) + rest


def chance(target, actual, phi, share):
    if actual >= target:
        return 1.0
    if share >= 1:
        return 0.0
    k = min(8, target / phi)
    e = k / (target / phi)
    m = max(1, (target - actual) / phi)
    return float(betainc(m, k + max(0, actual) / phi, (1 - share) / (1 + e)))


class Goal:
    """One goal of one rep. `events`: (stamp, amount) of its metric, in order; `alerts`: what it raises, as
    (kind, period, since, at)."""

    def __init__(self, clock, period, target, events, is_sum, typical=0):
        self.clock, self.period, self.target, self.events = clock, PERIODS[period], target, events
        self.is_sum, self.typical = is_sum, typical
        self.totals = {}
        for stamp, amount in events:
            n, total = self.totals.get(clock.day(stamp), (0, 0))
            self.totals[clock.day(stamp)] = (n + 1, total + amount)
        self.alerts, self.cancelled = [], 0
        self.behind = None  # or (since, due, told)

    def size(self, today):
        """phi: all sixty days before are worked."""
        days = [self.totals.get(today - i * DAY, (0, 0)) for i in range(1, 61)]
        totals, events = [total for _, total in days], sum(n for n, _ in days)
        one = 1
        if self.is_sum:
            one = sum(totals) / events if events and sum(totals) > 0 else self.typical or self.target / 4
        mean = statistics.fmean(totals)
        spread = statistics.variance(totals) / mean if mean > 0 else one
        return min(self.target, one + max(0, spread - one) * 60 / 70)

    def tell(self, kind, since, at):
        self.alerts.append((kind, self.name, since, at))

    def open(self, day):
        self.first, self.end_day, self.name = self.period(day)
        self.end, self.work = self.clock.at(self.end_day), (self.end_day - self.first).days * DAILY
        self.actual = sum(amount for stamp, amount in self.events[:self.next]
                          if self.first <= self.clock.day(stamp) < self.end_day)
        self.met, self.behind = False, None

    def chance_after(self, seconds):
        return chance(self.target, self.actual, self.phi, seconds / self.work)

    def chance_at(self, instant):
        return self.chance_after(min(self.work, self.clock.worked(self.first, instant)))

    def left(self, at):
        """Behind is over; only what was told is taken back."""
        since, _, told = self.behind
        self.behind = None
        if told:
            self.tell("recovered", since, at)
        else:
            self.cancelled += 1

    def judge(self, instant):
        """What stands at an event or at midnight."""
        if self.actual >= self.target:
            if self.behind:
                self.left(instant)
            if not self.met:
                self.met = True
                self.tell("goal_met", instant, instant)
        elif self.behind and self.chance_at(instant) >= LEAVE:
            self.left(instant)

    def fall(self, begin, until):
        """Nothing happens from `begin` until before `until`: time alone may bring it behind, and tell it."""
        if not self.behind and self.actual < self.target:
            low, high = self.clock.worked(self.first, begin), self.clock.worked(self.first, until - 1)
            if low < self.work and self.chance_after(min(high, self.work - 1)) < ENTER:
                since = begin
                if self.chance_after(low) >= ENTER:
                    while high - low > 1:
                        middle = (low + high) // 2
                        low, high = (middle, high) if self.chance_after(middle) >= ENTER else (low, middle)
                    since = self.clock.after(self.first, high)
                wait = min(FOR, self.work // 8)
                self.behind = (since, self.clock.after(self.first, self.clock.worked(self.first, since) + wait), False)
        if self.behind and not self.behind[2] and self.behind[1] < until:
            since, due, _ = self.behind
            self.behind = (since, due, True)
            self.tell("behind", since, due)

    def run(self, begin, end):
        """From the partition's first instant up to and with `end`."""
        self.next, now = 0, begin
        day = self.clock.day(begin)
        self.open(day)
        while now <= end:
            self.phi = self.size(day)
            midnight = self.clock.at(day + DAY)
            self.judge(now)
            while now < midnight and now <= end:
                visible = self.events[self.next][0] - DELAY if self.next < len(self.events) else midnight
                until = min(max(visible, now), midnight, end + 1)
                if until > now:
                    self.fall(now, until)
                now = until
                while self.next < len(self.events) and self.events[self.next][0] - DELAY <= now < midnight:
                    stamp, amount = self.events[self.next]
                    self.next += 1
                    self.actual += amount
                    self.judge(stamp)
            now, day = midnight, day + DAY
            if now <= end and day == self.end_day:
                self.behind = None
                if not self.met:
                    self.tell("goal_met" if self.actual >= self.target else "goal_missed", now, now)
                self.open(day)
        return self.alerts
