"""`paceline replay` over a small table: its lines, scores and differences, each counted again by hand."""
import datetime
import os
import random
import re
import subprocess
import tempfile
import unittest

PACELINE, SCHEMAS = os.environ["PACELINE"], os.environ["SCHEMAS"]
POLICY = """
clock: stream
zone: Europe/Berlin
schemas: {folder: %s, ids: {1: activity.avsc}}
mapping:
  calls:
    - {id: id, rep: rep, at: {path: at, format: "%%Y-%%m-%%d %%H:%%M"}, type: {constant: call}}
metrics:
  calls: {count: call, windows: [day, week]}
teams: {north: {name: North}}
reps: {ada: {team: north}, ben: {team: north}}
goals:
  weekly: {each: north, metric: calls, period: week, target: %d%s}
alerts:
  behind: {chance: %g}
"""
MONDAY = datetime.date(2026, 3, 2)
WEEKS = 9


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        seed = 7
        print(f"seed {seed}")
        self.random = random.Random(seed)
        self.calls = sorted(self.make_calls())
        self.table = self.write("calls.csv", "id,rep,at\n" + "".join(
            f"{n},{rep},{at:%Y-%m-%d %H:%M}\n" for n, (at, rep) in enumerate(self.calls)))
        self.policy = self.write_policy("policy.yaml")

    def make_calls(self):
        """Few on Mondays, many on Fridays; ada twice as many as ben."""
        for day in range(7 * WEEKS):
            date = MONDAY + datetime.timedelta(day)
            for rep, most in (("ada", 4), ("ben", 2)):
                for _ in range(self.random.randint(0, most * (1 + date.weekday())) if date.weekday() < 5 else 0):
                    yield (datetime.datetime.combine(date, datetime.time(9, self.random.randint(1, 59))) +
                           datetime.timedelta(hours=self.random.randint(0, 7)), rep)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def write_policy(self, name, target=30, chance=0.2, more=""):
        return self.write(name, POLICY % (SCHEMAS, target, more, chance))

    def run_paceline(self, *words, code=0):
        done = subprocess.run([PACELINE, *words], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def replay(self, *options, policy=None, code=0):
        return self.run_paceline("replay", "-c", policy or self.policy, "--source", "calls", *options, self.table, code=code)

    def test_two_runs_give_the_same_bytes(self):
        other = self.write_policy("other.yaml", chance=0.3)
        for options in ((), ("--score",), ("--score", "--own-targets"), ("--lines",), ("--diff", other)):
            self.assertEqual(self.replay(*options), self.replay(*options))

    def test_a_line_is_the_share_that_was_there_by_each_tenth_of_the_working_time(self):
        out = self.replay("--lines")
        whole = [(at, rep) for at, rep in self.calls if 7 <= (at.date() - MONDAY).days < 7 * (WEEKS - 1)]
        hour = datetime.timedelta(hours=1)
        def share(at):  # 40 working hours, from nine to five
            start = datetime.datetime.combine(at.date(), datetime.time(9))
            return (8 * at.weekday() + (at - start) / hour) / 40
        n = 2 * (WEEKS - 2)
        points = {}
        for tenth in range(1, 10):
            seen = sum(share(at) <= tenth / 10 + 1e-12 for at, _ in whole) / len(whole)
            points[f"{10 * tenth}%"] = round(100 * (seen * n / (n + 10) + tenth / 10 * 10 / (n + 10)), 2)
        week = re.search(rf"^  week: # {n} seen, of 2 reps\n    line: (\{{.*\}})$", out, re.M)[1]
        found = {at: float(share) for at, share in re.findall(r"(\d+%): ([\d.]+)%", week)}
        self.assertEqual(found, points)
        self.assertLess(found["50%"], 40, "Fridays are the best days")
        learned = self.write_policy("learned.yaml", more=f", line: {week}")
        self.assertIn("no errors", self.run_paceline("check", learned))

    def test_a_difference_is_what_one_tells_and_the_other_does_not(self):
        other = self.write_policy("other.yaml", chance=0.35)
        here, there = ({*self.replay(policy=path).splitlines()} for path in (self.policy, other))
        lines = self.replay("--diff", other).splitlines()
        self.assertEqual({line[1:] for line in lines if line[0] == "-"}, here - there)
        self.assertEqual({line[1:] for line in lines if line[0] == "+"}, there - here)
        self.assertTrue(there - here)
        behind = [sum("\tbehind\t" in line for line in some) for some in (here & there, here - there, there - here)]
        self.assertIn("behind: {} as before, {} less, {} more".format(*behind), lines)
        self.assertEqual([line for line in self.replay("--diff", self.policy).splitlines() if line[0] in "+-"], [])

    def test_only_evenings_of_whole_weeks_that_have_working_time_left_are_scored(self):
        out = self.replay("--score")
        evenings = sum(int(n) for n in re.findall(r"^calls +week +\d\.\d-\d\.\d +(\d+)", out, re.M))
        self.assertEqual(evenings, 2 * (WEEKS - 2) * 4)
        totals = {}
        for at, rep in self.calls:
            week = (at.date() - MONDAY).days // 7
            if 0 < week < WEEKS - 1:
                totals[rep, week] = totals.get((rep, week), 0) + 1
        missed = sum(total < 30 for total in totals.values())
        goals = re.findall(r"^calls +week +as told +(\d+) +(\d+)", out, re.M)
        self.assertEqual(goals, [(str(2 * (WEEKS - 2)), str(missed))])

    def test_targets_of_ones_own_are_the_mean_of_three_weeks(self):
        ended = {}
        for line in self.replay("--own-targets").splitlines():
            _, kind, rep, _, period, _, _, words = line.split("\t")
            if kind in ("goal_met", "goal_missed"):
                ended[rep, period] = int(re.search(r"(?:of|goal:|reached:) (\d+)", words)[1])
        self.assertTrue(ended)
        for (rep, period), target in ended.items():
            first = datetime.datetime.strptime(period + "-1", "%G-W%V-%u").date()
            weeks = [w for w in range((first - MONDAY).days // 7 - 3, (first - MONDAY).days // 7) if w > 0]
            self.assertGreaterEqual(len(weeks), 2)
            total = sum(who == rep and (at.date() - MONDAY).days // 7 in weeks for at, who in self.calls)
            self.assertEqual(target, int(total / len(weeks) + 0.5), (rep, period))

    def test_what_does_not_go_together_is_refused(self):
        for options in (("--score", "--lines"), ("--svg", "x.svg"), ("--diff", self.policy, "--score")):
            self.replay(*options, code=64)


if __name__ == "__main__":
    unittest.main()
