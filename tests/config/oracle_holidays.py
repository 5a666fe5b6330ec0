"""Real lists of holidays (the `holidays` project's, by country), read by Python's json, and the working time that is left of
each year, by Python's datetime and zoneinfo. A case is three lines: the configuration, the days that are not as their
weekday, the working seconds of the years from 1991 on.

The lists are not part of the project: PACELINE_DATA, or the folder shared/data beside the checkout, holds `holidays`; exits
with 77 where it is missing."""
import datetime
import json
import os
import sys
import zoneinfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(os.environ.get("PACELINE_DATA") or os.path.join(os.path.dirname(ROOT), "shared", "data"), "holidays")
if not os.path.isdir(DATA):
    sys.exit(77)

ZONES = {"BR": "America/Sao_Paulo", "DE": "Europe/Berlin", "FR": "Europe/Paris", "GB": "Europe/London",
         "NL": "Europe/Amsterdam", "US": "America/New_York"}
ONLY = {"US": ["New Year's Day", "Martin Luther King Jr. Day", "Memorial Day", "Juneteenth National Independence Day",
               "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day"],
        "FR": ["Bastille Day", "Ascension Day", "National Day"]}
WEEK = {"mon-thu": "09:00-12:30 13:30-18:00", "fri": "09:00-15:00", "sun": "01:00-04:00"}
HOURS = [[(9, 12.5), (13.5, 18)]] * 4 + [[(9, 15)], [], [(1, 4)]]
CLOSED = ["2026-05-15", "2025-12-24..2026-01-02", "2026-12-24..2026-12-31"]
EPOCH, DAY = datetime.date(1970, 1, 1), datetime.timedelta(days=1)


def bare(name):
    return name.removesuffix(" (observed)")


def instant(day, hours, zone):
    time = datetime.datetime.combine(day, datetime.time(int(hours), int(hours % 1 * 60)), zone)
    return int(time.timestamp())


def work(day, free, zone):
    if day in free:
        return 0
    return sum(instant(day, b, zone) - instant(day, a, zone) for a, b in HOURS[day.weekday()])


def case(file, zone, only, closed):
    with open(file, encoding="utf-8") as f:
        days = {datetime.date.fromisoformat(d): names.split("; ") for d, names in json.load(f).items()}
    known = {name for names in days.values() for name in names}
    only = [name for name in only if name in known | {bare(n) for n in known}]
    free = {d for d, names in days.items() if not only or any(n in only or bare(n) in only for n in names)}
    for text in closed:
        first, _, last = text.partition("..")
        day = datetime.date.fromisoformat(first)
        while day <= datetime.date.fromisoformat(last or first):
            free.add(day)
            day += DAY
    holidays = {"file": file} | ({"only": only} if only else {})
    print(json.dumps({"calendars": {"office": {"zone": zone, "week": WEEK, "closed": closed, "holidays": holidays}}}))
    print(*sorted((d - EPOCH).days for d in free))
    here, sums = zoneinfo.ZoneInfo(zone), []
    for year in range(1991, 2051):
        first, n = datetime.date(year, 1, 1), 366 if year % 4 == 0 else 365
        sums.append(sum(work(first + DAY * i, free, here) for i in range(n)))
    print(*sums)


for country, its_zone in ZONES.items():
    path = os.path.join(DATA, f"{country}_COMMON.json")
    case(path, its_zone, [], [])
    case(path, its_zone, ONLY.get(country, ["Christmas Day"]), CLOSED)
