"""Tables as Python's csv module writes them: `TEXT FIELD,FIELD;FIELD,FIELD`, bytes in hexadecimal, "." for none."""
import csv
import io
import random
import sys

rng = random.Random(int(sys.argv[2]))
LETTERS = ["a", "b", "0", " ", ",", '"', '""', "\n", "\r\n", "\r", "é", "東", ";", "'", "\t"]


def field():
    return "".join(rng.choice(LETTERS) for _ in range(rng.choice([0, 0, 1, 1, 2, 5, 30])))


def to_hex(text):
    return text.encode().hex() or "."


for _ in range(3000):
    width = rng.randint(1, 6)
    rows = [[field() for _ in range(width)] for _ in range(rng.randint(1, 6))]
    end = rng.choice(["\n", "\r\n"])
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:  # Python would leave a carriage return without quotes
        rows = [[text.replace("\r", "") for text in row] for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)
    text = rng.choice(["", "\ufeff"]) + out.getvalue()
    if rng.random() < 0.3:
        text = text[:-len(end)]
    print(to_hex(text), ";".join(",".join(map(to_hex, row)) for row in rows))
