"""Days and the names and numbers of the periods they lie in, by Python's datetime:
`DAY WEEK_INDEX day_text week_text month_text quarter_text year_text`."""
import random
import sys
from datetime import date, timedelta

rng = random.Random(int(sys.argv[2]))
EPOCH, MONDAY = date(1970, 1, 1), date(1969, 12, 29)


def say(day):
    iso = day.isocalendar()
    quarter = (day.month + 2) // 3
    print((day - EPOCH).days, (day - MONDAY).days // 7, day.isoformat(), f"{iso.year:04}-W{iso.week:02}", f"{day.year:04}-{day.month:02}",
          f"{day.year:04}-Q{quarter}", f"{day.year:04}")


for year in range(1890, 2210):
    for offset in range(-7, 8):
        say(date(year, 1, 1) + timedelta(days=offset))
for _ in range(20000):
    say(date.fromordinal(rng.randrange(date(1, 1, 8).toordinal(), date(9999, 12, 20).toordinal())))
