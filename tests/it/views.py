"""What the tests that feed a whole company have in common: feeding it, and holding Redis and the dead-letter topic
against the independent count."""
import collections
import datetime
import decimal
import json

from company import Count, clock_of, index_of
from paceline_it import feed, marks, read_topic, record, until


def feed_facts(case, company):
    feed("write", lines=[record(topic, -1, 0, key.encode(), value) for topic, key, value in company.facts(case.topic)])


def feed_items(case, items):
    feed("write", lines=[record(case.topic["activities"], i.partition, i.stamp, i.key, i.value) for i in items])


def total(redis, partitions, prefix="pl"):
    """How many records Redis reflects."""
    return sum(marks(redis.client, prefix, partitions))


def counted(case, redis, offsets, prefix="pl"):
    """Waits until the marks stand at these offsets."""
    try:
        until("everything is counted", lambda: marks(redis.client, prefix, len(offsets)) == offsets)
    except AssertionError:
        case.assertEqual(offsets, marks(redis.client, prefix, len(offsets)))
        raise


def ends(company, items):
    """The count of these records, and each partition's end."""
    count = Count(company)
    count.take(items)
    return count, count.offsets


def iso(ms):
    at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{ms % 1000:03d}" if ms % 1000 else "") + "Z"


def parse_iso(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def differences(expected, view):
    """The fields in which a view is not what it must be."""
    wrong = {}
    for name, value in expected.items():
        got = view.get(name)
        text = value is None or isinstance(value, str)
        same = got == value if text else decimal.Decimal(got or 0) == value
        if not same:
            wrong[name] = f"{got} instead of {value}"
    return wrong


def encoded(text):
    return "".join(c if c.isalnum() or c in "._@-" else f"%{ord(c):02X}" for c in text)


def expect_views(case, company, count, redis, at, prefix="pl"):
    """Every counter of every rep, team and board at the instant that all views show. How much was compared."""
    client = redis.client
    seen = expect_reps(case, company, count, redis, at, prefix)
    for team in company.teams:
        key, other, expected = team_view(company, count, prefix, team, at)

        def wrong(key=key, other=other, expected=expected):
            found = differences(expected, client.hgetall(key))
            return {key: found} if found else {other: "exists"} if client.exists(other) else {}
        until_right(case, wrong)
        seen.update(compared(expected))
    seen.update(expect_boards(case, company, count, redis, at, prefix))
    return seen


def compared(expected):
    return collections.Counter({"keys compared": 1, "fields compared": len(expected)})


def expect_reps(case, company, count, redis, at, prefix="pl"):
    wrong, seen, client = {}, collections.Counter(), redis.client
    for rep in company.reps + company.ghosts + company.silent:
        view = client.hgetall(f"{prefix}:rep:{encoded(rep.id)}")
        expected = count.fields([rep], rep.clock, at)
        if rep not in company.silent:
            expected["as_of"] = iso(at)
        expected["known"] = str(int(rep.known))
        expected["team"] = rep.team(rep.clock.day(at)) or ""
        seen.update(compared(expected))
        if differences(expected, view):
            wrong[rep.id] = differences(expected, view)
    case.assertEqual([], list(wrong.items())[:5], f"{len(wrong)} reps")
    return seen


def until_right(case, look):
    """Teams follow the parts of all partitions a moment later."""
    try:
        until("a team's view is right", lambda: not look(), patience=20)
    except AssertionError:
        case.assertEqual({}, look())


def team_view(company, count, prefix, team, at):
    """The key of a team's view, the one that must not be there, and what must stand in the view."""
    clock = clock_of(company.teams[team])
    members = [r for r in company.reps + company.silent if r.team(r.clock.day(at)) == team]
    ever = [r for r in company.reps + company.silent if any(t == team for _, t in r.teams)]
    kinds = ("team", "team-private")[::1 if len(members) >= 3 else -1]
    key, other = (f"{prefix}:{kind}:{encoded(team)}" for kind in kinds)
    return key, other, {**count.fields(ever, clock, at, team), "members": str(len(members)), "as_of": iso(at)}


def week_text(week):
    day = datetime.date.fromordinal(week * 7 - 3 + datetime.date(1970, 1, 1).toordinal())
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def expect_boards(case, company, count, redis, at, prefix):
    boards = collections.defaultdict(dict)
    for rep in company.reps + company.silent:
        if rep.hidden:
            continue
        week = index_of("week", at, rep.clock)
        team = rep.team(rep.clock.day(at))
        boards[f"{prefix}:board:{encoded(team)}:calls:{week_text(week)}"][rep.id] = float(
            count.value(rep, "calls", "week", week))
    seen, client = collections.Counter(), redis.client
    for key, scores in boards.items():
        case.assertEqual(scores, dict(client.zrange(key, 0, -1, withscores=True)), key)
        seen.update(compared(scores))
    return seen


def expect_letters(case, count, topic):
    """Every record that did not count is in the dead-letter topic, with its bytes, where it came from, and why."""
    found = collections.defaultdict(list)
    for r in read_topic(topic):
        where = int(r.headers["paceline.partition"]), int(r.headers["paceline.offset"])
        found[where].append((r.headers["paceline.reason"], r.key, r.value))
    expected = {(p, o): (reason, key, value) for p, o, reason, key, value in count.dead}
    case.assertEqual(set(expected), set(found))
    for where, letter in expected.items():
        case.assertEqual({letter}, set(found[where]), where)


def expect_undisturbed(case, company, count, redis, want, alerts):
    """The reps' alerts are those of a daemon that reads the same records alone, to the second. (A team's follow from its
    parts at the judging.) All of that daemon's alerts."""
    from company import CONFIG
    quiet = case.write_config(CONFIG, redis, name="quiet.yaml", group="quiet", prefix="quiet",
                              topics={**case.topic, "alerts": ""})
    daemon = case.run_daemon(quiet)
    counted(case, redis, want, "quiet")
    expect_views(case, company, count, redis, company.end, "quiet")
    undisturbed = expect_alerts_once(case, redis, "quiet")
    case.assertEqual(daemon.stop(), 0)
    case.maxDiff = 4000
    case.assertEqual([a for a in alerts if a["entity"] not in company.teams],
                     [a for a in undisturbed if a["entity"] not in company.teams])


def expect_alerts_once(case, redis, prefix="pl"):
    """All alerts, by id and who heard it; each once."""
    alerts = [fields for _, fields in redis.client.xrange(f"{prefix}:alerts")]
    times = collections.Counter((a["id"], a["audience"]) for a in alerts)
    case.assertEqual({}, {i: n for i, n in times.items() if n > 1})
    return sorted(alerts, key=lambda a: (a["id"], a["audience"]))


def told_as(alert):
    """What receivers know it by."""
    return f"{alert['id']}-{alert['audience']}"


def expect_alerts_delivered(case, redis, alerts, teams=()):
    """Each alert has come to the topic, or was recorded and not told because a concern and its end both waited. (What a
    team was told of may not have come about the second time: it follows from its parts at the judging.)"""
    client = redis.client
    until("every alert is delivered", lambda: not any(client.keys("pl:todo:*")))
    told = {r.headers["ce_id"]: r.headers["ce_subject"] for r in read_topic(case.topic["alerts"])}
    statuses = {json.loads(e)["status"] for key in client.keys("pl:outbox:*") for e in client.hvals(key)}
    case.assertLessEqual(statuses, {"done", "dropped"})
    case.assertLessEqual({name for name, entity in told.items() if entity not in teams}, {told_as(a) for a in alerts})
    healed = [a for a in alerts if told_as(a) not in told]
    case.assertLessEqual({a["kind"] for a in healed}, {"behind", "silent", "slump", "recovered"})
    return healed
