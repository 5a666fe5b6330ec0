"""The README's picture of what people get, drawn from the golden messages: a rep's in Slack, a team's in Teams, a manager's
mail.

Nothing is drawn that is not in the bytes: each service's layout is read as the service would, and put down as lines of text,
so a picture that is no longer what is sent fails. PACELINE_GOLDEN=1 draws it anew."""
import email
import email.policy
import html.parser
import json
import os
import re
import unittest
from xml.sax.saxutils import escape

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GOLDEN = os.path.join(ROOT, "tests", "golden", "messages")
PICTURE = os.path.join(ROOT, "examples", "messages.svg")
WIDTH, GAP, PAD = 420, 20, 18
INK, SOFT, EDGE = "#1c2330", "#5b6577", "#d5dae3"


def read(name):
    with open(os.path.join(GOLDEN, name), "rb") as f:
        return f.read()


def width(text, size, bold):
    """About, in a sans-serif of the wider kind."""
    wide = {c: 0.36 for c in "fijltrI.,:;'!|()[] "} | {c: 0.92 for c in "mwMW%@"}
    return size * (1.06 if bold else 1) * sum(1 if c > "\u2e7f" else wide.get(c, 0.7 if c.isupper() else 0.59) for c in text)


class Card:
    """Goes down a column, line by line; `left`: how far in."""

    def __init__(self, bar, service, whom):
        self.parts, self.y = [], 42
        self.bar = bar
        self.put(service, PAD, 25, 12, "#fff", bold=True)
        self.put(whom, WIDTH - PAD, 25, 12, "#fff", anchor="end")

    def put(self, text, x, y, size, ink=INK, bold=False, anchor=None):
        more = (' font-weight="bold"' if bold else "") + (f' text-anchor="{anchor}"' if anchor else "")
        self.parts.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}"{more}>{escape(text)}</text>')

    def text(self, text, size=13, ink=INK, bold=False, before=10, left=0):
        self.y += before
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split() + [None]:
                longer = f"{line} {word}".strip()
                if word is not None and width(longer, size, bold) <= WIDTH - 2 * PAD - left:
                    line = longer
                    continue
                self.y += size + 5
                self.put(line, PAD + left, self.y, size, ink, bold)
                line = word

    def facts(self, facts, columns=1):
        """Each (label, value); no value: the label says both."""
        self.y += 6
        step = (WIDTH - 2 * PAD) // columns
        for i, (label, value) in enumerate(facts):
            self.y += 20 if i % columns == 0 else 0
            x = PAD + i % columns * step
            self.put(label, x, self.y, 13, SOFT if value else INK)
            if value:
                self.put(value, x + 150, self.y, 13)

    def button(self, label, ink, paper, edge):
        wide = round(width(label, 13, True)) + 28
        self.y += 14
        self.parts.append(f'<rect x="{PAD}" y="{self.y}" width="{wide}" height="30" rx="5" fill="{paper}" stroke="{edge}"/>')
        self.put(label, PAD + wide / 2, self.y + 20, 13, ink, bold=True, anchor="middle")
        self.y += 30

    def rule(self):
        self.y += 14
        self.parts.append(f'<line x1="{PAD}" x2="{WIDTH - PAD}" y1="{self.y}" y2="{self.y}" stroke="{EDGE}"/>')

    def draw(self, x, y, height):
        return [f'<g transform="translate({x} {y})">',
                f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="9" fill="#fff" stroke="{EDGE}"/>',
                f'<path d="M0 40V9a9 9 0 0 1 9-9h{WIDTH - 18}a9 9 0 0 1 9 9v31z" fill="{self.bar}"/>', *self.parts, "</g>"]

    @property
    def height(self):
        return self.y + PAD


def slack(name, whom):
    card = Card("#4a154b", "Slack", whom)

    def said(element):
        return element["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    for block in json.loads(read(name))["blocks"]:
        if block["type"] == "header":
            card.text(said(block["text"]), 16, bold=True)
        elif block["type"] == "section" and "fields" in block:
            card.facts([(said(field), "") for field in block["fields"]], 2)
        elif block["type"] == "section":
            card.text(said(block["text"]))
        elif block["type"] == "actions":
            card.button(said(block["elements"][0]["text"]), INK, "#fff", "#9aa3b2")
        else:
            card.text(said(block["elements"][0]), 11, SOFT, before=12)
    return card


def teams(name, whom):
    card = Card("#4b53bc", "Microsoft Teams", whom)

    def said(text):
        return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)

    for element in json.loads(read(name))["attachments"][0]["content"]["body"]:
        if element["type"] == "TextBlock":
            if element.get("separator"):
                card.rule()
            small = element.get("size") == "Small"
            card.text(said(element["text"]), {"Large": 16, "Small": 11}.get(element.get("size"), 13),
                      SOFT if small else INK, element.get("weight") == "Bolder",
                      2 if element.get("spacing") == "Small" else 10)
        elif element["type"] == "FactSet":
            card.facts([(said(fact["title"]), said(fact["value"])) for fact in element["facts"]])
        else:
            card.button(element["actions"][0]["title"], "#4b53bc", "#fff", "#4b53bc")
    return card


class Page(html.parser.HTMLParser):
    """What is read of a mail's page: (what it is, its text), in order."""

    def __init__(self, text):
        super().__init__()
        self.read = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        style = dict(attrs).get("style", "")
        if tag in ("h1", "h2", "p", "td"):
            self.read.append([tag if "13px" not in style else "small", ""])
        elif tag == "a":
            self.read[-1][0] = "a"
        elif tag == "br":
            self.read[-1][1] += "\n"

    def handle_data(self, data):
        if self.read:
            self.read[-1][1] += " ".join(data.split())


def mail(name, whom):
    card = Card("#33506e", "E-mail", whom)
    message = email.message_from_bytes(read(name), policy=email.policy.default)
    card.facts([(name, str(message[name])) for name in ("From", "Subject")])
    for part in card.parts[2:]:  # the headers' values stand closer
        card.parts[card.parts.index(part)] = part.replace(f'x="{PAD + 150}"', f'x="{PAD + 62}"')
    card.rule()
    cells = iter(Page(message.get_body(("html",)).get_content()).read)
    for kind, text in cells:
        if kind == "td":
            card.facts([(text, next(cells)[1])])
            card.y -= 6
        elif kind == "a":
            card.y += 6
            card.button(text, "#fff", "#2456d6", "#2456d6")
        else:
            card.text(text.strip(), {"h1": 16, "h2": 14, "small": 11}.get(kind, 13), SOFT if kind == "small" else INK,
                      kind in ("h1", "h2"), 16 if kind == "h2" else 10)
    return card


def picture():
    rep, team = slack("behind.slack.json", "to the rep alone"), teams("met.teams.json", "to the team")
    manager = mail("manager.smtp.eml", "to the manager")
    height = max(rep.height + GAP + team.height, manager.height)
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img"'.format(2 * WIDTH + GAP, height),
             '     font-family="-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"',
             '     aria-label="A Slack message to a rep, an e-mail to the manager, a Teams message to the team.">',
             *rep.draw(0, 0, rep.height), *team.draw(0, rep.height + GAP, team.height),
             *manager.draw(WIDTH + GAP, 0, manager.height), "</svg>"]
    return "\n".join(lines) + "\n"


class Picture(unittest.TestCase):
    maxDiff = None

    def test_the_readme_shows_what_the_golden_messages_say(self):
        drawn = picture()
        if os.environ.get("PACELINE_GOLDEN"):
            with open(PICTURE, "w", encoding="utf-8") as f:
                f.write(drawn)
        with open(PICTURE, encoding="utf-8") as f:
            self.assertEqual(f.read(), drawn, "PACELINE_GOLDEN=1 draws it anew")
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
            self.assertIn("](examples/messages.svg)", f.read())


if __name__ == "__main__":
    unittest.main()
