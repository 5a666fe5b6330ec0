"""Local time by Python's zoneinfo, from the same files.

Lines: `zone NAME PATH`, then for that zone `at INSTANT EAST`, `instant DAY OF_DAY INSTANT`, `day INSTANT DAY`,
at random and beside every change of offset between 1930 and 2100."""
import bisect
import os
import random
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

AWKWARD = """UTC Europe/Berlin Europe/London Europe/Dublin Europe/Lisbon Europe/Chisinau Europe/Moscow
America/New_York America/St_Johns America/Sao_Paulo America/Nuuk America/Scoresbysund America/Caracas America/Havana
America/Santiago America/Asuncion America/Anchorage America/Adak America/Toronto America/Goose_Bay America/Metlakatla
Africa/Casablanca Africa/El_Aaiun Africa/Cairo Africa/Monrovia Africa/Juba Asia/Gaza Asia/Jerusalem Asia/Tehran
Asia/Kathmandu Asia/Kolkata Asia/Pyongyang Asia/Beirut Asia/Amman Asia/Manila Asia/Riyadh Antarctica/Troll
Antarctica/Macquarie Antarctica/Casey Australia/Lord_Howe Australia/Sydney Australia/Eucla Pacific/Apia
Pacific/Kiritimati Pacific/Chatham Pacific/Kwajalein Pacific/Tongatapu Pacific/Easter Pacific/Fiji Etc/GMT+12
Etc/GMT-14 EST5EDT""".split()

rng = random.Random(int(sys.argv[2]))
EPOCH = datetime(1970, 1, 1)
FIRST = int((datetime(1930, 1, 1) - EPOCH).total_seconds())
LAST = int((datetime(2100, 1, 1) - EPOCH).total_seconds())


def path_of(name):
    for folder in zoneinfo.TZPATH:
        if os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    sys.exit(f"no file of the time zone {name} in {zoneinfo.TZPATH}: install tzdata")


def check(name):
    zone = zoneinfo.ZoneInfo(name)

    def reading(s):
        return (EPOCH + timedelta(seconds=s)).replace(tzinfo=timezone.utc).astimezone(zone)

    def east(s):
        return int(reading(s).utcoffset().total_seconds())

    changes, s = [], FIRST - 400 * 86400
    previous = east(s)
    while s < LAST + 400 * 86400:
        s += 2 * 86400
        if east(s) != previous:
            lo, hi = s - 2 * 86400, s
            while hi - lo > 1:
                mid = (lo + hi) // 2
                lo, hi = (mid, hi) if east(mid) == previous else (lo, mid)
            changes.append(hi)
            s = hi
            previous = east(s)

    def instant(day, of_day):
        local = EPOCH + timedelta(days=day, seconds=of_day)
        there = local.replace(tzinfo=zone, fold=0)
        s = int((there.astimezone(timezone.utc).replace(tzinfo=None) - EPOCH).total_seconds())
        if reading(s).replace(tzinfo=None) == local:
            return s
        k = bisect.bisect_left(changes, s - 90000)  # in a gap: the change nearby that jumps over it
        while not (reading(changes[k] - 1).replace(tzinfo=None) < local <= reading(changes[k]).replace(tzinfo=None)):
            k += 1
        return changes[k]

    def day_of(s):
        day = (reading(s).replace(tzinfo=None) - EPOCH).days
        return day + 1 if instant(day + 1, 0) <= s else day

    instants = [rng.randrange(FIRST, LAST) for _ in range(300)]
    instants += [c + d for c in changes if FIRST <= c < LAST for d in (-1, 0, 1, rng.randrange(-9000, 9000))]
    print("zone", name, path_of(name))
    for s in instants:
        print("at", s, east(s))
        print("day", s, day_of(s))
        there = reading(s).replace(tzinfo=None) + timedelta(seconds=rng.choice((0, 0, -3600, 1800, 3600)))
        of_day = there.hour * 3600 + there.minute * 60 + there.second
        print("instant", (there - EPOCH).days, of_day, instant((there - EPOCH).days, of_day))
        print("instant", (there - EPOCH).days, 86400, instant((there - EPOCH).days, 86400))


print("seed", sys.argv[2], "tzdata in", zoneinfo.TZPATH, file=sys.stderr)
for awkward in AWKWARD:
    check(awkward)
