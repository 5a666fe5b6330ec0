"""Instructions of the hot path, by room: what the way of an event (path.c) costs, counted by callgrind.

    path.py             counts, and prints the table
    path.py --renew     writes it to path.txt, the baseline, and what it comes to by stage to results/path.md
    path.py --check     fails when a figure is not what the baseline says, by more than 3 %, either way

Instructions do not depend on the machine's load, and hardly on the machine: the program's input is fixed, its environment
is empty, and libc is told to keep to what every x86-64 has. They depend on the compiler, so the baseline names it, and the
check is skipped with another one. A figure that has *fallen* fails too: until the baseline is renewed, it could rise to the
old one unseen. Renew it in the commit that changes it, so that its log says what each change cost.

A room is a pair of files of src/; what is inlined counts where it was written. While an event is taken, the program may
make no system call, and no more requests for memory than alerts and rings that grow need: they are counted as well.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests/it"))
from rounds import POLICY  # noqa: E402

BUILD = os.path.join(ROOT, "build/release")
BASELINE = os.path.join(HERE, "path.txt")
SKIPPED, BAR, SHOWN, REQUESTS = 77, 0.03, 0.01, 0.05
COLUMNS = ("event", "deadline", "told", "written")  # each is what a function COLUMN_path does
TOTAL, OTHERS = "all", "others"
STAGES = [  # what is done, and the rooms that do it
    ("bytes into events: the plan, then the mapping", r"codec/(run|wire|plan|event_\w+)|engine/readers"),
    ("what may refuse an event, then counting: the rep's cells, the team's", r"core/(intake|cell|event|share|partition|distinct|gauge)|engine/records"),
    ("looks ahead, so that counting need not wait for memory", r"core/expect"),
    ("ids: their hashes, lookups by them, the list of those seen", r"base/map|core/dedupe"),
    ("texts: are they clean UTF-8; numbers and JSON", r"base/text"),
    ("days, zones, and the working time in them", r"base/(civil|time)|core/(zone|calendar|worktable|period|fiscal|almanac)"),
    ("goals judged: the chance, and what follows from it",
     r"core/(subject|deadline|goal|judge|course|pace|beta|habit|gap|talk|reading|figures|line|alert|cause|word|feed|shape)|libm"),
    ("what is told, in words", r"codec/(phrase\w*|telling\w*|letter|matter|english|card|mail\w*|slack|message|layout|sink|post|hook)"),
    ("records, views and parts as commands for Redis", r"codec/(view\w*|record\w*|part|keys|batch|resp|figures|amount|when|coverage)|engine/flush"),
    ("libc: copies, comparisons, formatted numbers", r"libc"),
]
CONFIG = """
clock: wall
feed_silence: 1d
stale_after: 1d
schemas: {{folder: {schemas}, ids: {{1: activity.avsc, 2: roster.avsc, 3: goals.avsc, 4: team.avsc}}}}
"""
# What a newer processor would have glibc choose instead.
ENVIRONMENT = {"PATH": "/usr/bin:/bin",
               "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX_Fast_Unaligned_Load,-BMI1,-BMI2,-ERMS,-FMA,-FMA4,-FSRM,"
                                 "-LZCNT,-MOVBE,-POPCNT,-RTM,-SSE4_1,-SSE4_2,-SSSE3,-XSAVEC:glibc.cpu.x86_rep_movsb_threshold=1073741824"}
REQUEST = re.compile(r"^(pl_alloc|pl_resize|malloc|calloc|realloc|mmap)\b")


def compiler():
    said = subprocess.run(["gcc", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
    return f"{os.uname().machine}, {said}"


def build():
    for words in (["cmake", "--preset", "release"], ["cmake", "--build", BUILD, "--target", "path"]):
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"path: {' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def room_of(path, binary):
    """None: of the bench itself."""
    found = re.search(r"/(src|include/paceline|bench)/(.*)\.[ch]$", path)
    if found and not binary.startswith("/usr/lib"):
        return None if found[1] == "bench" else found[2]
    if path.startswith("/usr/include"):
        return "libc"
    return re.sub(r"^(.*?)(-linux-x86-64)?\.so.*", r"\1", os.path.basename(binary))


class Part:
    """What was counted within one call of a function."""

    def __init__(self):
        self.column, self.rooms = "", collections.Counter()
        self.requests, self.system_calls = 0, 0


def read(profile):
    """The parts of a profile of callgrind, whose format it describes in its manual."""
    parts, binary, path, called, inclusive = [], "", "", "", False
    for line in profile:
        word, _, rest = line.rstrip("\n").partition("=")
        if line.startswith("part:"):
            parts.append(Part())
        elif line.startswith("desc: Trigger: --dump-after"):
            parts[-1].column = rest.removesuffix("_path")
        elif word == "ob":
            binary = rest
        elif word in ("fl", "fi", "fe"):
            path = rest
        elif word == "cfn":
            called = rest
        elif word == "calls":
            inclusive = True
            parts[-1].requests += int(rest.split()[0]) if REQUEST.match(called) else 0
        elif line[:1].isdigit():
            costs = [int(cost) for cost in line.split()[1:]]
            room = None if inclusive else room_of(path, binary)
            inclusive = False
            if room:
                parts[-1].rooms[room] += costs[0]
                parts[-1].system_calls += sum(costs[1:2])
    return parts


def count():
    """Instructions a unit, by column and room; and what is wrong with the events."""
    table, wrong = {}, []
    with tempfile.TemporaryDirectory(prefix="paceline-path-") as folder:
        config, profile = os.path.join(folder, "path.yaml"), os.path.join(folder, "profile")
        with open(config, "w") as f:
            f.write(POLICY + CONFIG.format(schemas=os.path.join(ROOT, "schemas")))
        words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--combine-dumps=yes", "--compress-strings=no",
                 "--compress-pos=no", "--collect-systime=yes"]
        words += [f"--{what}={column}_path" for column in COLUMNS for what in ("toggle-collect", "dump-after")]
        done = subprocess.run([*words, os.path.join(BUILD, "bench/path"), config], env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"path: it failed:\n{done.stdout}{done.stderr}")
        with open(profile) as f:
            parts = read(f)
    for line in done.stdout.splitlines():
        column, calls, units = line.split()
        counted = [part for part in parts if part.column == column][-int(calls):]
        rooms = sum((part.rooms for part in counted), collections.Counter())
        table[column] = {room: n / int(units) for room, n in rooms.items()}
        if column == "event":
            requests, calls = sum(part.requests for part in counted), sum(part.system_calls for part in counted)
            print(f"{units} events: {requests} requests for memory, {calls} system calls")
            if requests > int(units) * REQUESTS:
                wrong.append(f"{requests} requests for memory by {units} events: an ordinary one costs none")
            if calls:
                wrong.append(f"{calls} system calls by {units} events: an ordinary one costs none")
    return table, wrong


def short(table, kept=None):
    """With its totals, and the others in one line: `kept` has the rooms that have lines of their own, or they are those that matter."""
    totals = {column: sum(rooms.values()) for column, rooms in table.items()}
    lines = {TOTAL: totals}
    for room in sorted({room for column in table.values() for room in column}):
        of = {column: table[column].get(room, 0) for column in totals}
        shown = room in kept if kept else max(of[column] / totals[column] for column in totals) >= SHOWN
        line = lines.setdefault(room if shown else OTHERS, dict.fromkeys(totals, 0))
        for column in totals:
            line[column] += of[column]
    return dict(sorted(lines.items(), key=lambda of: (of[0] == OTHERS, -of[1]["event"] / totals["event"], of[0])))


def words_of(lines):
    head = ["# Instructions of the hot path, by room (path.py): an event taken, a deadline fired,\n# a subject written of whom something is told, one of whom nothing is.",
            f"# {compiler()}", "", f"{'room':24}" + "".join(f"{column:>12}" for column in COLUMNS)]
    return "\n".join(head + [f"{room:24}" + "".join(f"{of[column]:12.1f}" for column in COLUMNS)
                             for room, of in lines.items()]) + "\n"


def by_stage(table):
    """The same as shares of each column, for people."""
    totals = {column: sum(rooms.values()) for column, rooms in table.items()}
    head = ["", *(f"{'an' if column == 'event' else 'a'} {column}: {totals[column]:,.0f}" for column in COLUMNS)]
    lines = ["# The hot path's instructions by stage", "", f"{compiler()}; `./run bench path --renew`", "", "| " + " | ".join(head) + " |", "|---|" + "---|" * len(COLUMNS)]
    rest = dict.fromkeys(COLUMNS, 100.0)
    for stage, pattern in STAGES:
        share = {column: 100 * sum(n for room, n in table[column].items() if re.fullmatch(pattern, room)) / totals[column] for column in COLUMNS}
        lines.append(f"| {stage} | " + " | ".join(f"{share[column]:.0f} %" for column in COLUMNS) + " |")
        rest = {column: rest[column] - share[column] for column in COLUMNS}
    return "\n".join([*lines, "| others | " + " | ".join(f"{rest[column]:.0f} %" for column in COLUMNS) + " |"]) + "\n"


def read_baseline():
    with open(BASELINE) as f:
        lines = [line.split() for line in f if line.strip() and not line.startswith("#")]
    columns = lines[0][1:]
    return {room: dict(zip(columns, map(float, figures))) for room, *figures in lines[1:]}


def compare(lines, base):
    wrong = []
    for column in COLUMNS:
        was, now = base[TOTAL][column], lines[TOTAL][column]
        if abs(now - was) <= BAR * was:
            continue
        moved = {room: lines.get(room, {}).get(column, 0) - base.get(room, {}).get(column, 0) for room in {*lines, *base} - {TOTAL}}
        most = sorted(moved.items(), key=lambda of: -abs(of[1]))[:6]
        wrong.append(f"{'an' if column == 'event' else 'a'} {column} takes {now:.0f} instructions, {100 * (now / was - 1):+.1f} % of {was:.0f}: "
                     + ", ".join(f"{room} {by:+.0f}" for room, by in most))
    return wrong


def check():
    with open(BASELINE) as f:
        made_by = f.readlines()[2][2:].strip()
    if made_by != compiler():
        print(f"path: skipped: the baseline is of {made_by}, this is {compiler()}")
        return SKIPPED
    build()
    table, wrong = count()
    base = read_baseline()
    wrong += compare(short(table, base), base)
    print(words_of(short(table)))
    for one in wrong:
        print(f"path: {one}")
    if wrong:
        print(f"path: the bar is {100 * BAR:.0f} % either way; if this is meant: `./run bench path --renew`, and bench/path.txt into the same commit")
    return int(bool(wrong))


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    build()
    table, wrong = count()
    text = words_of(short(table))
    print(text)
    if sys.argv[1:] == ["--renew"]:
        with open(BASELINE, "w") as f:
            f.write(text)
        with open(os.path.join(HERE, "results/path.md"), "w") as f:
            f.write(by_stage(table))
    for one in wrong:
        print(f"path: {one}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
