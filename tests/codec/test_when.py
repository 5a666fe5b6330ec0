"""Instants out of text, against Python's strptime: formats put together at random, texts by strftime, some of them
spoiled. Where Python is more lenient (it takes %I without %p, lets a weekday be missing), formats are not made."""
import datetime
import os
import random
import subprocess
import sys
import unittest

DAYS = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y", "%b %d, %Y", "%d %B %Y", "%a, %d %b %Y", "%A %y-%m-%d", "%d-%b-%y"]
TIMES = ["", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", ", %I:%M:%S%p", " %H:%M:%S.%f"]
ZONES = ["", "", " %z", "%z"]
CASES = 20000


def told(cases):
    done = subprocess.run([os.environ["WHEN_TOLD"]], input="".join(f"{f}\t{t}\n" for f, t in cases), capture_output=True,
                          text=True, check=True)
    return done.stdout.splitlines()


def expected(form, text):
    try:
        at = datetime.datetime.strptime(text, form)
    except ValueError:
        return "-"
    local = at.tzinfo is None
    since = at.replace(tzinfo=at.tzinfo or datetime.timezone.utc) - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return f"{since // datetime.timedelta(milliseconds=1)} {'local' if local else 'utc'}"


class When(unittest.TestCase):
    def setUp(self):
        seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
        self.random = random.Random(seed)
        print(f"SEED={seed}", file=sys.stderr)

    def case(self):
        pick = self.random.choice
        time = pick(TIMES)
        form = pick(DAYS) + time + (pick(ZONES) if time else "")
        zone = datetime.timezone(datetime.timedelta(minutes=self.random.randrange(-17 * 60, 18 * 60)))
        at = datetime.datetime(1970, 1, 2, tzinfo=zone) + datetime.timedelta(seconds=self.random.randrange(95 * 365 * 86400),
                                                                             milliseconds=self.random.randrange(1000))
        text = at.strftime(form)
        if self.random.random() < 0.3:
            text = pick((text.upper, text.lower, text.title))()
        if self.random.random() < 0.3:  # a digit is another one
            places = [i for i, c in enumerate(text) if c.isdigit()]
            place = pick(places)
            text = text[:place] + str(self.random.randrange(10)) + text[place + 1:]
        if self.random.random() < 0.05:
            text = text[:-1]
        return form, text

    def test_texts_are_the_instants_that_strptime_makes_of_them(self):
        cases = [c for c in (self.case() for _ in range(CASES)) if not self.is_lenient(*c)]
        self.assertGreater(len(cases), CASES // 2)
        for (form, text), found in zip(cases, told(cases)):
            self.assertEqual(found, expected(form, text), (form, text))

    def is_lenient(self, form, text):
        """Python takes offsets of nearly a day and a small z, and does not mind how other letters are written."""
        offset = text[-4:] if "%z" in form else ""
        return offset > "1800" or offset[2:] > "59" or text[-1] in "zZ" or ("T" in form and "T" not in text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
