"""What people get: every layout of a message held against what the services document, and read as its reader would.

    test_messages.py PROGRAM        PROGRAM: messages.c

The judge knows nothing of the program's code: limits and rules are written here from the services' own pages
(https://api.slack.com/reference/block-kit/blocks, https://adaptivecards.io/explorer, RFC 5322), bytes are read by
Python's json, email and html. What a reader sees must be what the message says, or the beginning of it and `…`.
The messages in tests/golden/messages stand there in bytes and, beside them, as text; PACELINE_GOLDEN=1 writes them."""
import base64
import email
import email.policy
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden", "messages")
PROGRAM = sys.argv.pop()
SEED = os.environ.get("PACELINE_SEED", "7")
COUNT = 150


def units(text):
    """Characters as services count them that store UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def said(text):
    """A text of the message as a reader may see it: no controls, blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text)).strip()


class Judge(unittest.TestCase):
    maxDiff = None

    def expect(self, condition, what):
        if not condition:
            raise AssertionError(what)

    def same(self, seen, meant):
        """All of it, or its beginning, cut between characters, and a sign of that."""
        seen, meant = said(seen), said(meant)
        if seen == meant:
            return
        self.expect(seen.endswith("…"), f"{seen!r} is not {meant!r}")
        kept = seen[:-1].rstrip()
        self.expect(meant.startswith(kept), f"{seen!r} does not begin {meant!r}")
        follows = meant[len(kept):].lstrip()[:1]
        self.expect(not follows or not ("\u0300" <= follows < "\u0370" or follows == "\u200d"),
                    f"{seen!r} cuts a character of {meant!r}")

    def in_order(self, seen, message, titles=True):
        """The texts that a reader sees, one after the other, are the message's."""
        meant = [message["subject"], message["lead"]]
        for item in message["items"]:
            title = item["title"]
            meant += [title] if titles and title != message["subject"] else []
            meant += [item["text"]]
        meant += [message["more"], message["footer"]]
        meant = [text for text in meant if said(text)]
        if not meant:
            return
        self.assertEqual(len(seen), len(meant), (seen, meant))
        for s, m in zip(seen, meant):
            self.same(s, m)

    # --- Slack

    def slack_text(self, block, most):
        self.expect(block["type"] == "plain_text" and block["emoji"] is False, "only plain text: no mark-up is read")
        self.expect(set(block) == {"type", "emoji", "text"}, block)
        text = block["text"]
        self.expect(1 <= units(text) <= most, f"{units(text)} of {most}")
        self.expect(said(text), "Slack refuses a text without any")
        self.expect(not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text), f"not escaped: {text!r}")
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def slack(self, body, message, channel=None):
        self.expect(len(body) <= 20000, len(body))
        root = json.loads(body)
        self.assertEqual(root.pop("channel", None), channel)
        self.assertEqual([root.pop(k) for k in ("mrkdwn", "parse", "link_names", "unfurl_links", "unfurl_media")],
                         [False, "none", False, False, False])
        self.assertEqual(set(root), {"text", "blocks"})
        self.expect(root["text"] and not re.search(r"[<>]|&(?!amp;|lt;|gt;)", root["text"]), root["text"])
        self.expect(units(root["text"]) <= 4000, "a fallback is short")
        self.expect(1 <= len(root["blocks"]) <= 50, len(root["blocks"]))
        texts, lines = [], []
        for block in root["blocks"]:
            kind = block["type"]
            if kind == "header":
                texts.append(self.slack_text(block["text"], 150))
                lines.append(texts[-1])
                lines.append("-" * min(len(texts[-1]), 60))
            elif kind == "section" and "text" in block:
                texts.append(self.slack_text(block["text"], 3000))
                lines.append(texts[-1])
            elif kind == "section":
                self.expect(1 <= len(block["fields"]) <= 10, "fields")
                lines.append("\n".join("  " + self.slack_text(f, 2000) for f in block["fields"]))
            elif kind == "actions":
                (button,) = block["elements"]
                self.assertEqual(set(button), {"type", "text", "url"})
                self.expect(button["type"] == "button" and len(button["url"]) <= 3000, "button")
                self.expect(button["url"] in [i["link"] for i in message["items"]], "a link of the message")
                lines.append(f"[ {self.slack_text(button['text'], 75)} ] -> {button['url']}")
            else:
                self.assertEqual(kind, "context")
                (element,) = block["elements"]
                texts.append(self.slack_text(element, 3000))
                lines.append(f"({texts[-1]})")
        self.in_order(texts, message)
        return "\n".join(lines) + "\n"

    # --- Teams

    def markdown(self, text):
        """What is read of a text in which nothing is mark-up."""
        self.expect(text.strip(), "an empty text")
        self.expect("\n" not in text, "a line is a block of its own")
        bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)
        self.expect(not re.search(r"[\\`*_\[\]()<>~#|{}&]", bare), f"not escaped: {text!r}")
        self.expect(not re.match(r"\s*([-+]|\d+[.)])", text), f"it begins a list: {text!r}")
        return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)

    def shape(self, element, required, optional=()):
        self.expect(set(required) <= set(element) <= set(required) | set(optional), element)

    def teams(self, body, message):
        self.expect(len(body) <= 28 * 1000, len(body))
        root = json.loads(body)
        self.shape(root, ("type", "attachments"))
        (attachment,) = root["attachments"]
        self.shape(attachment, ("contentType", "contentUrl", "content"))
        self.assertEqual((root["type"], attachment["contentType"], attachment["contentUrl"]),
                         ("message", "application/vnd.microsoft.card.adaptive", None))
        card = attachment["content"]
        self.shape(card, ("$schema", "type", "version", "fallbackText", "msteams", "body"))
        self.assertEqual((card["type"], card["version"]), ("AdaptiveCard", "1.4"))
        self.expect(card["body"], "an empty card")
        texts, lines = [], []
        for element in card["body"]:
            if element["type"] == "TextBlock":
                self.shape(element, ("type", "wrap", "text"), ("size", "weight", "separator", "spacing", "isSubtle"))
                self.expect(element["wrap"] is True, "it wraps")
                text = self.markdown(element["text"])
                if element.get("spacing") == "Small":
                    texts[-1] += "\n" + text
                else:
                    texts.append(text)
                bold, small = element.get("weight") == "Bolder", element.get("size") == "Small"
                lines.append(text + "\n" + "-" * min(len(text), 60) if bold else f"({text})" if small else text)
            elif element["type"] == "FactSet":
                self.shape(element, ("type", "facts"))
                for fact in element["facts"]:
                    self.shape(fact, ("title", "value"))
                facts = [[f[k] and self.markdown(f[k]) for k in ("title", "value")] for f in element["facts"]]
                lines.append("\n".join(f"  {title}: {value}" for title, value in facts))
            else:
                self.shape(element, ("type", "actions"))
                self.assertEqual(element["type"], "ActionSet")
                (action,) = element["actions"]
                self.shape(action, ("type", "title", "url"))
                self.assertEqual(action["type"], "Action.OpenUrl")
                self.expect(action["title"] and action["url"] in [i["link"] for i in message["items"]], action)
                lines.append(f"[ {action['title']} ] -> {action['url']}")
        self.in_order(texts, message)
        return "\n".join(lines) + "\n"

    # --- e-mail

    class Html(html.parser.HTMLParser):
        """Text by element; only what the layout is made of may appear."""
        KNOWN = {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "a", "table", "tr", "td", "br"}

        def __init__(self):
            super().__init__(convert_charrefs=True)
            self.texts, self.links, self.open = [], [], []

        def handle_starttag(self, tag, attrs):
            assert tag in self.KNOWN, tag
            attrs = dict(attrs)
            assert set(attrs) <= {"style", "role", "charset", "name", "content", "href"}, attrs
            if tag == "a":
                self.links.append(attrs["href"])
            if tag == "br":
                self.texts[-1][1] += "\n"
            elif tag not in ("meta",):
                self.open.append(tag)
                if tag in ("h1", "h2", "p", "td"):
                    self.texts.append([tag, ""])

        def handle_endtag(self, tag):
            assert self.open.pop() == tag, tag

        def handle_data(self, data):
            if "title" in self.open:
                return
            if "a" in self.open:
                self.texts[-1][0] = "a"
            if any(t in ("h1", "h2", "p", "td") for t in self.open):
                self.texts[-1][1] += data
            else:
                assert not data.strip(), data

    def smtp(self, body, message):
        self.expect(len(body) <= 256 * 1024, len(body))
        for line in body.split(b"\r\n"):
            self.expect(len(line) <= 100 or line.startswith((b"Message-ID", b"In-Reply", b"References")), line)
            self.expect(len(line) <= 998 and b"\n" not in line and b"\r" not in line, line)
            self.expect(not line.startswith(b"."), "SMTP ends a message at a dot")
        head = body.split(b"\r\n\r\n")[0]
        mail = email.message_from_bytes(body, policy=email.policy.default)
        names = ["From", "To", "Subject", "Date"] + (["Message-ID"] if message["id"] else [])
        names += ["In-Reply-To", "References"] if message["about"] else []
        names += ["Auto-Submitted", "MIME-Version", "Content-Type"]
        self.assertEqual(mail.keys(), names, head)
        self.expect(not mail.defects and head.isascii(), (mail.defects, head))
        self.assertEqual((mail["From"], mail["To"]), ("pace@example.com", "r.one@example.com"))
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.expect(not mail["Date"].defects and 1970 <= mail["Date"].datetime.year <= 9999, mail["Date"])
        if 0 <= message["at_s"] < 253402300800:
            self.assertEqual(int(mail["Date"].datetime.timestamp()), message["at_s"])
        for name in ("Message-ID", "In-Reply-To", "References"):
            self.expect(not mail[name] or re.fullmatch(r"<[A-Za-z0-9_%-]+@example\.com>", str(mail[name])), mail[name])
        self.same(str(mail["Subject"]), message["subject"])
        for word in re.findall(rb"=\?UTF-8\?B\?([^?\s]*)\?=", head):
            self.expect(len(word) <= 75 - 12, word)
            base64.b64decode(word, validate=True).decode()  # whole characters
        text, page = mail.iter_parts()
        self.assertEqual((text.get_content_type(), page.get_content_type()), ("text/plain", "text/html"))
        reader = self.Html()
        reader.feed(page.get_content())
        reader.close()
        self.assertEqual(reader.open, [])
        self.in_order([t for tag, t in reader.texts if tag in ("h1", "h2", "p")], message)
        for link in reader.links:
            self.expect(link in [i["link"] for i in message["items"]], link)
        plain = text.get_content()
        at = 0
        words = said(plain)
        for part in [message["subject"]] + [i["text"] for i in message["items"]]:
            part = said(part)[:20].strip()
            found = words.find(part, at)
            self.expect(found >= 0 or "…" in words, (part, words))
            at = max(at, found)
        cells = iter([t for t in reader.texts])
        lines = []
        for tag, t in cells:
            if tag == "td":
                lines.append(f"  {t}: {next(cells)[1]}")
            elif tag == "a":
                lines.append(f"[ {t} ] -> {reader.links.pop(0)}")
            else:
                lines.append(t.rstrip() + ("\n" + "-" * min(len(t), 60) if tag in ("h1", "h2") else ""))
        headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
        return f"{headers}\n\n=== text\n{plain}\n=== HTML\n" + "\n".join(lines) + "\n"

    # ---

    def judge(self, folder, name):
        """Every layout of one message; what its readers read."""
        def read(kind):
            with open(os.path.join(folder, f"{name}.{kind}"), "rb") as f:
                return f.read()
        message = json.loads(read("message.json"))
        bot = json.loads(read("slack_bot.json"))
        self.assertEqual(bot["channel"], "U024BE7LH")
        del bot["channel"]
        if len(read("slack.json")) < 19000:
            self.assertEqual(bot, json.loads(read("slack.json")))
        self.slack(read("slack_bot.json"), message, "U024BE7LH")
        return {"slack.json": self.slack(read("slack.json"), message), "teams.json": self.teams(read("teams.json"), message),
                "smtp.eml": self.smtp(read("smtp.eml"), message)}

    def test_made_up_messages_keep_to_every_limit_and_say_what_they_say(self):
        print(f"seed {SEED} (PACELINE_SEED repeats it)")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PROGRAM, folder, SEED, str(COUNT)], check=True)
            for i in range(COUNT):
                with self.subTest(message=i):
                    self.judge(folder, f"{i:05d}")

    def test_the_golden_messages_are_what_a_person_reads(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PROGRAM, folder], check=True)
            names = sorted({f.split(".")[0] for f in os.listdir(folder)})
            self.assertEqual(names, ["behind", "manager", "met"])
            for name in names:
                for kind, text in self.judge(folder, name).items():
                    with open(os.path.join(folder, f"{name}.{kind}"), "rb") as f:
                        body = f.read()
                    self.golden(f"{name}.{kind}", body)
                    self.golden(f"{name}.{kind.split('.')[0]}.txt", text.encode())

    def golden(self, name, body):
        path = os.path.join(GOLDEN, name)
        if os.environ.get("PACELINE_GOLDEN"):
            os.makedirs(GOLDEN, exist_ok=True)
            with open(path, "wb") as f:
                f.write(body)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), body, name)


if __name__ == "__main__":
    unittest.main()
