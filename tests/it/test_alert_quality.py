"""How good the judgements are on a real CRM's past ("CRM Sales Opportunities"), with targets from each rep's own.

The figures are those that were measured before paceline was written, by other code: months April to November and
quarters two and three of 2017, seven working days a week, a target that is the mean of the last three periods.
PACELINE_DATA, or the folder shared/data beside the checkout, holds the data; without it this counts as skipped."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(os.environ.get("PACELINE_DATA") or os.path.join(os.path.dirname(ROOT), "shared", "data"),
                    "crm_sales_opportunities", "sales_pipeline.csv")
if not os.path.isfile(DATA):
    print(f"skipped: there is no file {DATA}; PACELINE_DATA names the folder above its own")
    sys.exit(77)

# Of each evening with chance below 0.1, and above 0.9, the share that came true; then precision and recall of
# chance < 0.2 with pace < 1.
MEASURED = {("won", "month"): ("0.04", "0.98", "0.81", "0.93"), ("won", "quarter"): ("0.20", "1.00", "0.58", "1.00"),
            ("value", "month"): ("0.01", "0.98", "0.86", "0.98"), ("value", "quarter"): ("0.10", "1.00", "0.64", "1.00")}
PERIODS = {"month": 30 * 6, "quarter": 30}


class AlertQuality(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        with open(os.path.join(ROOT, "examples", "crm-sales-opportunities.yaml"), encoding="utf-8") as f:
            text = f.read().replace("../schemas", os.path.join(ROOT, "schemas"))
        before, _, rest = text.partition("\ngoals:\n")
        teams = re.findall(r"^  ([^:]+): +\{name: \w+, manager:", before, re.M)
        self.assertEqual(len(teams), 6)
        goals = [f"  {metric}_{period}_{i}: {{each: {team}, metric: {metric}, period: {period}, target: 1000}}\n"
                 for i, team in enumerate(teams) for metric, period in MEASURED]
        self.config = self.path("policy.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.writelines([before, "\ngoals:\n", *goals, "alerts:\n", rest.partition("\nalerts:\n")[2]])

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def replay(self, *options):
        words = [os.environ["PACELINE"], "replay", "-c", self.config, "--source", "pipeline", *options, DATA]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def test_what_chance_says_comes_true_as_it_was_measured(self):
        out = self.replay("--own-targets", "--score", "--svg", self.path("said.svg"))
        found = {}
        for metric, period in MEASURED:
            def row(pattern):
                return re.search(rf"^{metric} +{period} +{pattern}$", out, re.M).groups()
            low, high = (float(row(rf"{tenth} +\d+ +[\d.]+ +([\d.]+)")[0]) for tenth in (r"0\.0-0\.1", r"0\.9-1\.0"))
            goals, *figures = row(r"< 0\.20 +(\d+) +\d+ +\d+ +([\d.]+) +([\d.]+) +[\d.]+")
            self.assertEqual(int(goals), PERIODS[period])
            # Three digits are shown: what was 0.0446, and so 0.04, is 0.045 there.
            found[metric, period] = (f"{low - 0.0005:.2f}", f"{high:.2f}", *figures)
        self.assertEqual(found, MEASURED)
        dots = xml.etree.ElementTree.parse(self.path("said.svg")).getroot().iter("{http://www.w3.org/2000/svg}circle")
        self.assertEqual(sum(1 for _ in dots), 4 * 10)

    def test_the_quarters_line_lies_low_as_a_late_pipeline_does(self):
        out = self.replay("--lines")
        line = re.search(r"^value:\n(?:  month.*\n.*\n)  quarter: # 60 seen, of 30 reps\n    line: \{(.*)\}$", out, re.M)
        points = dict(pair.split(": ") for pair in line[1].split(", "))
        self.assertEqual(list(points), [f"{n}%" for n in range(10, 100, 10)])
        self.assertTrue(all(float(share[:-1]) < float(at[:-1]) for at, share in points.items()), points)


if __name__ == "__main__":
    unittest.main()
