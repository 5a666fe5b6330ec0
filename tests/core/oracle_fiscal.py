"""Fiscal calendars by Python's datetime, day by day: a year's end is looked for among the days of its month and the next, and
everything else is counted on from there. Lines are `PATTERN MONTH WEEKDAY NEAREST NAMED_BY_START DAY YEAR QUARTER MONTH` with
a first day behind each of the three names."""
import calendar
import random
import sys
from datetime import date, timedelta

rng = random.Random(int(sys.argv[2]))
EPOCH, DAY = date(1970, 1, 1), timedelta(days=1)
PATTERNS = [None, (4, 4, 5), (4, 5, 4), (5, 4, 4)]


def last_day(year, month):
    return date(year, month, calendar.monthrange(year, month)[1])


def end_of_weeks(year, month, weekday, nearest):
    end = last_day(year, month)
    days = [end + DAY * i for i in (range(-3, 4) if nearest else range(-6, 1))]
    return next(day for day in days if day.weekday() == weekday)


def start_of_months(year, month):
    return date(year, month, 1)


def describe(pattern, month, weekday, nearest, by_start, day):
    """[(name, first day)] of the year, the quarter and the month that the day lies in."""
    if pattern is None:
        first = max(s for s in (start_of_months(y, month) for y in (day.year - 1, day.year)) if s <= day)
        begins, ends = first.year, (first.year if month == 1 else first.year + 1)
        starts = [date(first.year + (month - 1 + i) // 12, (month - 1 + i) % 12 + 1, 1) for i in range(12)]
        at = max(i for i in range(12) if starts[i] <= day)
        months = (f"{day.year:04}-{day.month:02}", starts[at])
        if month == 1:
            return [(f"{day.year:04}", first), (f"{day.year:04}-Q{at // 3 + 1}", starts[at // 3 * 3]), months]
        year = begins if by_start else ends
    else:
        ends = next(y for y in range(day.year - 1, day.year + 3) if end_of_weeks(y, month, weekday, nearest) >= day)
        first = end_of_weeks(ends - 1, month, weekday, nearest) + DAY
        assert (end_of_weeks(ends, month, weekday, nearest) - first).days + 1 in (364, 371)
        year = ends - 1 if by_start and month < 12 else ends
        starts, start = [], first
        for i in range(12):
            starts.append(start)
            start += DAY * 7 * pattern[i % 3]
        at = max(i for i in range(12) if starts[i] <= day)
        months = (f"FY{year:04}-P{at + 1:02}", starts[at])
    return [(f"FY{year:04}", first), (f"FY{year:04}-Q{at // 3 + 1}", starts[at // 3 * 3]), months]


def say(pattern, month, weekday, nearest, by_start, day):
    words = [f"{name} {(first - EPOCH).days}"
             for name, first in describe(PATTERNS[pattern], month, weekday, nearest, by_start, day)]
    print(pattern, month, weekday, int(nearest), int(by_start), (day - EPOCH).days, *words)


for _ in range(1500):
    rule = rng.randrange(4), rng.randrange(1, 13), rng.randrange(7), rng.random() < 0.5, rng.random() < 0.5
    somewhen = date.fromordinal(rng.randrange(date(1901, 1, 1).toordinal(), date(2199, 1, 1).toordinal()))
    for i in range(8):
        say(*rule, somewhen + DAY * rng.randrange(400))
    turn = last_day(somewhen.year, rule[1])
    for i in range(-8, 9):
        say(*rule, turn + DAY * i)
