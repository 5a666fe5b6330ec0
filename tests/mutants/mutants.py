#!/usr/bin/env python3
"""Seeded bugs: does the suite notice them?

    ./run mutants                    every one of mutants.txt: which test catches it; exit 1 if one survives
    ./run mutants --only NAME,...    some
    ./run mutants --two COMMIT       two, chosen by the commit (default: HEAD): what every full run of the tests does
    ./run mutants --check            only: does each still find its line?
    --jobs N                         of the build (default: all processors)
    --folder DIR                     where copy and build live (default: build/mutants)

Each is applied to a copy of the tree, never to the tree itself; the copy is built incrementally, and the tests that are
named beside the mutant run until one fails. At the end the tests that caught something run once more without it."""
import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KEYS = ("file", "find", "put", "tests")
WORLDS = ["sim", "outage"]
TIMEOUT = 240  # of one test, in seconds: one that hangs has noticed


class Mutant:
    def __init__(self, paragraph):
        self.name, *rest = paragraph.splitlines()
        said = dict(re.fullmatch(r"    (file|find|put|tests) {1,3}(.*)", line).groups()
                    for line in rest if re.match(r"    (file|find|put|tests) ", line))
        self.why = " ".join(line.strip() for line in rest if not re.match(r"    (file|find|put|tests) ", line))
        if tuple(said) != KEYS or not self.why or not re.fullmatch(r"[a-z0-9-]+", self.name):
            sys.exit(f"mutants.txt: {self.name}: expected a name, a sentence, and the lines {', '.join(KEYS)}")
        self.file, self.find, self.put, self.tests = said["file"], said["find"], said["put"], said["tests"].split()

    def apply(self, text):
        if text.count(self.find) != 1 or self.find == self.put:
            sys.exit(f"mutants.txt: {self.name}: {self.file} holds its line {text.count(self.find)} times, expected "
                     f"once; mend `find`:\n{self.find}")
        return text.replace(self.find, self.put)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def read_mutants():
    text = "\n".join(line for line in read(os.path.join(HERE, "mutants.txt")).splitlines() if not line.startswith("#"))
    mutants = [Mutant(paragraph) for paragraph in re.split(r"\n\n+", text.strip())]
    for mutant in mutants:
        mutant.apply(read(os.path.join(ROOT, mutant.file)))
    return mutants


def git(*words):
    done = subprocess.run(["git", "-c", f"safe.directory={ROOT}", *words], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    return done.stdout if done.returncode == 0 else None


def two_of(mutants, commit):
    """Which two is a matter of the commit alone."""
    at = int(hashlib.sha256((commit or git("rev-parse", "HEAD") or "").encode()).hexdigest(), 16)
    first = mutants[at % len(mutants)]
    others = [m for m in mutants if m is not first]
    return [first, others[at // len(mutants) % len(others)]]


def tree():
    """What belongs to the tree, changed or not."""
    listed = git("ls-files", "-co", "--exclude-standard", "-z")
    if listed is not None:
        return [name for name in listed.split("\0") if name]
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in ("build", ".git", ".kafka")]
        found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return found


class Scratch:
    """A copy of the tree, and its build."""

    def __init__(self, folder, jobs):
        self.tree, self.build, self.jobs = os.path.join(folder, "tree"), os.path.join(folder, "build"), jobs
        for name in tree():
            old, new = os.path.join(ROOT, name), os.path.join(self.tree, name)
            if not os.path.isfile(old):
                continue
            os.makedirs(os.path.dirname(new), exist_ok=True)
            if not os.path.exists(new) or open(old, "rb").read() != open(new, "rb").read():
                shutil.copy(old, new)
        words = ["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                 "-DPACELINE_WERROR=OFF"]
        if shutil.which("ccache"):
            words.append("-DCMAKE_C_COMPILER_LAUNCHER=ccache")
        self.run(words)

    def run(self, words):
        environment = {**os.environ, "CCACHE_BASEDIR": self.tree, "CCACHE_NOHASHDIR": "1"}
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              env=environment)
        if done.returncode:
            sys.exit(f"{' '.join(words)}\n{done.stdout[-4000:]}")

    def make(self, test):
        """Builds what a test runs: a program in C is called as the test is; the others run worlds, or paceline."""
        room, name = test.split(".", 1)
        found = [f for _, _, files in os.walk(os.path.join(self.tree, "tests")) for f in files if f == name + ".c"]
        self.run(["ninja", "-C", self.build, "-j", str(self.jobs), *([name] if found else WORLDS if room == "sim" else ["paceline", "feed"])])

    def passes(self, test):
        self.make(test)
        done = subprocess.run(["ctest", "-R", f"^{re.escape(test)}$", "--no-tests=error", "--timeout", str(TIMEOUT)],
                              cwd=self.build, capture_output=True, text=True, check=False)
        if "No tests were found" in done.stdout + done.stderr:
            sys.exit(f"mutants.txt: there is no test called {test}")
        return done.returncode == 0

    def try_out(self, mutant):
        """The first test that fails with it, or None."""
        path = os.path.join(self.tree, mutant.file)
        whole = read(path)
        write(path, mutant.apply(whole))
        try:
            return next((test for test in mutant.tests if not self.passes(test)), None)
        finally:
            write(path, whole)


def main():
    words = argparse.ArgumentParser(prog="./run mutants", description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--only", default="")
    words.add_argument("--two", nargs="?", const="", default=None, metavar="COMMIT")
    words.add_argument("--check", action="store_true")
    words.add_argument("--jobs", type=int, default=os.cpu_count())
    words.add_argument("--folder", default=os.path.join(ROOT, "build", "mutants"))
    asked = words.parse_args()
    mutants = read_mutants()
    names = asked.only.split(",") if asked.only else []
    if unknown := set(names) - {m.name for m in mutants}:
        sys.exit(f"mutants.txt: there is no {', '.join(sorted(unknown))}")
    chosen = two_of(mutants, asked.two) if asked.two is not None else [m for m in mutants if not names or m.name in names]
    if asked.check:
        print(f"{len(mutants)} mutants find their lines")
        return 0
    scratch = Scratch(os.path.abspath(asked.folder), asked.jobs)
    caught, survived = set(), 0
    for mutant in chosen:
        began = time.monotonic()
        test = scratch.try_out(mutant)
        caught.add(test)
        survived += not test
        print(f"{mutant.name:<26} {test or 'SURVIVED':<28} {time.monotonic() - began:4.0f} s  {mutant.why}", flush=True)
    # Those of a full run of the tests are among them.
    void = [t for t in sorted(caught - {None}) if asked.two is None and not scratch.passes(t)]
    for test in void:
        print(f"{test} fails without any mutant: what it caught does not count")
    print(f"{len(chosen) - survived} of {len(chosen)} caught")
    return 1 if survived or void else 0


if __name__ == "__main__":
    sys.exit(main())
