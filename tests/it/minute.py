"""A working day of one minute that begins soon: what takes hours elsewhere is seen on the wall clock here."""
import calendar
import time

from pace import chance
from paceline_it import Case

CONFIG = """
clock: wall
zone: Etc/GMT{shift:+d}
source_delay: 1s
{more}
metrics: {{calls: {{count: call, windows: [day]}}}}
calendars: {{default: {{week: {{mon-sun: {opens}-{closes}}}}}}}
reps: {{r1: {{name: R One}}, r2: {{name: R Two}}}}
goals:
  many: {{rep: r1, metric: calls, period: day, target: 40}}
  few:  {{rep: r2, metric: calls, period: day, target: 6}}
"""
WORK = 60  # seconds in that working day


def expected(target, opens):
    """Since when somebody without a call is behind, and when it is told: an eighth of the day's work later."""
    since = next(s for s in range(WORK) if chance(target, 0, 1, s / WORK) < 0.2) + opens
    return since, since + WORK // 8


def instant(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


class Minute(Case):
    def topics(self, *but):
        self.make_topics(1, but=but)
        return {k: v for k, v in self.topic.items() if k not in but}

    def alerts(self, redis):
        """What was told last to each rep, and of each feed; not what others heard of a rep later."""
        return {a["entity"]: (a["kind"], instant(a["since"]), instant(a["at"])) for _, a in redis.client.xrange("pl:alerts")
                if a["audience"] == "rep" or a["entity_kind"] != "rep"}

    def working_minute(self, more=""):
        """When the next working day of one minute begins, and the configuration of who works in it."""
        opens = (int(time.time()) + 75) // 60 * 60
        shift = opens // 3600 % 24 - 12  # it is noon there
        local = time.gmtime(opens - shift * 3600)
        return opens, CONFIG.format(
            shift=shift, more=more, opens=f"{local.tm_hour:02}:{local.tm_min:02}",
            closes=f"{(local.tm_hour * 60 + local.tm_min + 1) // 60:02}:{(local.tm_min + 1) % 60:02}")
