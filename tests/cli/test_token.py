"""`paceline token`, checked by Python's hmac: who, what, until when, and by which key."""
import base64
import hashlib
import hmac
import os
import subprocess
import tempfile
import time
import unittest

PACELINE = os.environ["PACELINE"]
KEYS = ["a new key, thirty-two bytes long", "an older key of the same firm"]
CONFIG = """
metrics: {calls: {count: call, windows: [day]}}
http: {key_file: keys}
public_url: https://pace.example.com/x/
"""


def plain(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Token(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("c.yaml", CONFIG)
        self.write("keys", "# the newest first\n\n" + "\n".join(KEYS) + "\n")

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_token(self, *words):
        return subprocess.run([PACELINE, "token", "-c", "c.yaml", *words], cwd=self.folder.name, text=True,
                              capture_output=True)

    def made(self, *words):
        """The token's role, seconds until it expires, subject, alert and goal."""
        before = int(time.time())
        done = self.run_token(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        prefix, payload, mac = done.stdout.strip().rsplit("/", 1)[-1].split(".")
        expected = hmac.new(KEYS[0].encode(), f"{prefix}.{payload}".encode(), hashlib.sha256).digest()
        self.assertEqual((prefix, plain(mac)), ("pl1", expected))
        role, until, subject, alert, goal = plain(payload).decode().split("\n")
        return role, int(until) - before, subject, alert, goal

    def refused(self, text, code, *words):
        done = self.run_token(*words)
        self.assertEqual((done.returncode, done.stdout), (code, ""))
        self.assertIn(text, done.stderr)
        for key in KEYS:
            self.assertNotIn(key, done.stderr)

    def test_a_token_says_who_what_and_until_when(self):
        role, seconds, *rest = self.made("--role", "rep", "--for", "Zoë the 2nd", "--expires", "12h")
        self.assertEqual((role, rest), ("rep", ["Zoë the 2nd", "", ""]))
        self.assertIn(seconds - 43200, range(0, 30))
        role, seconds, *rest = self.made("--role", "manager", "--for", "nils")
        self.assertIn(seconds - 7 * 86400, range(0, 30))
        self.assertEqual((role, rest), ("manager", ["nils", "", ""]))
        self.assertEqual(self.made("--role", "ops")[2:], ("", "", ""))

    def test_with_an_alert_it_is_the_link_to_answer_it(self):
        done = self.run_token("--role", "rep", "--for", "ada", "--alert", "0f3a")
        self.assertTrue(done.stdout.startswith("https://pace.example.com/x/answer/pl1."))
        words = "--role", "rep", "--for", "ada", "--alert", "0f3a", "--goal", "daily calls"
        self.assertEqual(self.made(*words)[2:], ("ada", "0f3a", "daily calls"))

    def test_what_would_say_nothing_is_refused(self):
        self.refused("--for", 64, "--role", "rep")
        self.refused("--for", 64, "--role", "ops", "--for", "ada")
        self.refused("--role", 64, "--role", "boss", "--for", "ada")
        self.refused("--alert", 64, "--role", "manager", "--for", "nils", "--alert", "0f3a")
        self.refused("--alert", 64, "--role", "rep", "--for", "ada", "--alert", "a\nb")
        self.refused("--goal", 64, "--role", "rep", "--for", "ada", "--goal", "daily_calls")
        self.refused("--expires", 64, "--role", "rep", "--for", "ada", "--expires", "401d")
        self.refused("usage", 64, "--for", "ada")

    def test_a_file_of_keys_that_would_sign_nothing_worth_is_refused(self):
        for text, why in (("short\n", "line 1: found no key"), ("# nothing\n", "found no key"), ("", "is empty"),
                          ("\n".join(KEYS[:1] * 9), "line 9: found more than 8"), (KEYS[0] + "\nwhsec_!!!!", "line 2")):
            self.write("keys", text)
            self.refused(why, 78, "--role", "rep", "--for", "ada")
        os.remove(os.path.join(self.folder.name, "keys"))
        self.refused("cannot be read", 78, "--role", "rep", "--for", "ada")
        self.write("c.yaml", CONFIG.replace("http: {key_file: keys}\n", "").replace("public_url", "# public_url"))
        self.refused("http.key_file", 78, "--role", "rep", "--for", "ada")


if __name__ == "__main__":
    unittest.main()
