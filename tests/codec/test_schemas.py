"""Whatever a schema is and becomes, paths find what Avro says is there; and in JSON what JSON says.

    test_schemas.py SLOTS [CASES [SEED]]

A schema is made up and paths into it are chosen; then it evolves, as a CRM's does (random_avro.py). Bodies are written by
the new schema with fastavro, which also reads them again; the values at the paths, found here by going down what it read,
must be those that our plan finds (SLOTS, slots.c). Then the same with bytes changed: what fastavro still reads we read
the same, or refuse for a reason that is told below. JSON beside Python's own reader, likewise. A case is a body of Avro.
"""
import datetime
import decimal
import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import uuid

import fastavro

import random_avro

INSTANTS = {4: 10**3, 5: 10**6, 7: 10**3, 8: 10**6}  # pl_logical; units in a second
# what we refuse and fastavro does not: by what it says
LIMITS = ("items", "another size", "nested", "twice", "boolean", "too long for its type", "branch", "ordinal", "not finite",
          "decimal", "1024 bytes")
JSON_LIMITS = ("expected an object", "nested", "twice", "surrogate", "64 bits", "not finite", "63 characters", "1024 bytes",
               "an object, expected", "a list, expected")


class Slots:
    """The program under test, for one plan after the other."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def say(self, letter, data):
        self.process.stdin.write(letter + struct.pack("<I", len(data)) + data)

    def ask(self, letter, data):
        self.say(letter, data)
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode(errors="replace").rstrip("\n")
        assert line, "slots has ended"
        return line

    def plan(self, schema, paths):
        self.say(b"A" if schema else b"J", schema)
        lists = {}
        for path in paths:
            head = path[:path.rfind("[]") + 2] if "[]" in path else ""
            number = lists.setdefault(head, len(lists) + 1) if head else 0
            self.say(b"P", bytes([number]) + path.encode())
        assert self.ask(b"G", b"") == "ok"
        return lists

    def read(self, body):
        """(reason, why, tokens of the slots, {list: [tokens of an item]})"""
        words, lists, slots = self.ask(b"B", body)[1:].split(" "), {}, []
        at = 1
        while at < len(words):
            if words[at].startswith("["):
                end = words.index("]", at)
                lists.setdefault(int(words[at][1:]), []).append(words[at + 1:end])
                at = end + 1
            elif words[at] == "-" or re.match(r"[tbi]\d+:|[rd]:", words[at]):
                slots.append(words[at])
                at += 1
            else:
                break
        return words[at].rstrip(":"), " ".join(words[at + 1:]), slots, lists


def steps_of(path):
    return [name or quoted or mark for quoted, name, mark in re.findall(r'"([^"]*)"|([^."\[\]]+)|(\[\d*\])', path)]


def quoted(name):
    return f'"{name}"' if re.search(r'[."\[\]]', name) or not name else name


class Avro:
    """Going down what fastavro read, along its schema."""

    def __init__(self, schema):
        self.schema = schema

    def inside(self, kind, value):
        """The type and value behind names and unions."""
        while True:
            if isinstance(kind, str) and kind in self.schema.named:
                kind = self.schema.named[kind]
            elif isinstance(kind, list):
                if isinstance(value, tuple):
                    kind, value = self.schema.named[value[0]], value[1]
                else:
                    word = {dict: "map", list: "array"}.get(type(value))
                    kind = next((k for k in kind if isinstance(k, dict) and k["type"] == word), "leaf")
            else:
                return kind, value

    def into(self, at, step):
        kind, value = self.inside(*at)
        word = kind if isinstance(kind, str) else kind["type"]
        if value is None:
            return None
        if word == "record" and not step.startswith("["):
            by_alias = (f for f in kind["fields"] if step in f.get("aliases", []))
            field = next((f for f in kind["fields"] if f["name"] == step), next(by_alias, None))
            return (field["type"], value[field["name"]]) if field else None
        if word == "map" and not step.startswith("["):
            return (kind["values"], value[step]) if step in value else None
        if word == "array" and step.startswith("["):
            return (kind["items"], value[int(step[1:-1])]) if int(step[1:-1]) < len(value) else None
        return None

    def items(self, at):
        kind, value = self.inside(*at)
        return [(kind["items"], v) for v in value] if isinstance(value, list) else []

    def leaf(self, at):
        kind, value = self.inside(*at)
        return value

    def paths(self, dice, kind, depth=0):
        """A random path to somewhere below a type."""
        if isinstance(kind, str):
            kind = self.schema.named.get(kind, kind)
        if isinstance(kind, list):
            return self.paths(dice, dice.choice(kind), depth)
        if isinstance(kind, str) or depth > 6 or kind["type"] not in ("record", "array", "map"):
            return ""
        if kind["type"] == "record":
            field = dice.choice(kind["fields"])
            return "." + quoted(field["name"]) + self.paths(dice, field["type"], depth + 1)
        if kind["type"] == "array":
            return dice.choice(["[]", "[]", "[0]", "[1]", "[3]"]) + self.paths(dice, kind["items"], depth + 1)
        return "." + quoted(dice.choice(random_avro.KEYS)) + self.paths(dice, kind["values"], depth + 1)


class Json:
    """Going down what json.loads read."""

    def into(self, at, step):
        if isinstance(at, dict) and not step.startswith("["):
            return at.get(step)
        if isinstance(at, list) and step.startswith("["):
            return at[int(step[1:-1])] if int(step[1:-1]) < len(at) else None
        return None

    def items(self, at):
        return at if isinstance(at, list) else []

    def leaf(self, at):
        return at

    def paths(self, dice, value, depth=0):
        if isinstance(value, dict) and value:
            name = dice.choice(list(value))
            return "." + quoted(name) + self.paths(dice, value[name], depth + 1) if '"' not in name else ""
        if isinstance(value, list) and value:
            return dice.choice(["[]", "[0]", "[1]", "[2]"]) + self.paths(dice, dice.choice(value), depth + 1)
        return ""


def found(tree, root, paths, lists):
    """What is at the paths: values of those without lists, rows of each list."""

    def down(at, steps):
        for step in steps:
            at = tree.into(at, step) if at is not None else None
        return at

    def rows(at, steps):  # of an item's place to those of all items
        for i, step in enumerate(steps):
            if step == "[]":
                return [row for item in tree.items(at) for row in rows(item, steps[i + 1:])] if at is not None else []
            at = tree.into(at, step) if at is not None else None
        return [at]

    def value(at):
        return tree.leaf(at) if at is not None else None

    single = [value(down(root, steps_of(p))) for p in paths if "[]" not in p]
    many = {number: [[value(down(item, steps_of(p[len(head):]))) for p in paths
                      if "[]" in p and p[:p.rfind("[]") + 2] == head] for item in rows(root, steps_of(head))]
            for head, number in lists.items()}
    return single, {number: items for number, items in many.items() if items}


def same(token, value):
    """Is the slot what fastavro made of the value?"""
    kind, _, rest = token.partition(":")
    if value is None or isinstance(value, (bytes, dict, list)):
        if isinstance(value, bytes) and kind == "t11":  # a uuid of 16 bytes
            return bytes.fromhex(rest) == value
        return token == "-"
    if isinstance(value, bool):
        return token == f"b0:{int(value)}"
    if isinstance(value, float):
        return kind == "r" and float.fromhex(rest) == value
    if isinstance(value, str):
        return kind[:1] == "t" and bytes.fromhex(rest) == value.encode()
    if isinstance(value, uuid.UUID):
        return kind == "t11" and (bytes.fromhex(rest).lower() == str(value).encode() or bytes.fromhex(rest) == value.bytes)
    if isinstance(value, decimal.Decimal):
        digits, _, scale = rest.partition(":")
        return kind == "d" and decimal.Decimal(int(digits)).scaleb(-int(scale)) == value
    logical, number = int(kind[1:] or 0), int(rest)
    if isinstance(value, datetime.datetime):
        start = datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo)
        aware = logical in (4, 5)
        micros = (value - start) // datetime.timedelta(microseconds=1)
        return aware == (value.tzinfo is not None) and micros == number * (10**6 // INSTANTS[logical])
    if isinstance(value, datetime.date):
        return logical == 1 and value.toordinal() - 719163 == number
    if isinstance(value, datetime.time):
        micros = (value.hour * 3600 + value.minute * 60 + value.second) * 10**6 + value.microsecond
        return logical in (2, 3) and micros == number * (1000 if logical == 2 else 1)
    return kind[:1] == "i" and number == value


class Number(str):
    """A number of JSON as it is written."""


def same_json(token, value):
    if not isinstance(value, Number):
        return token == "-" if value is None or isinstance(value, (dict, list)) else same(token, value)
    digits = re.sub(r"[-.]", "", value).lstrip("0")
    fraction = value.partition(".")[2]
    if re.search("[eE]", value) or (fraction and (len(digits) > 18 or len(fraction) > 18)):
        return token == f"r:{float(value).hex()}" or float.fromhex(token[2:]) == float(value)
    return same(token, decimal.Decimal(value)) if fraction else token == f"i0:{int(value)}"


def limits(values):
    """Why it may be refused although it is well-formed."""
    for value in values:
        if isinstance(value, decimal.Decimal) and len(value.as_tuple().digits) > 18:
            return "decimal"
        if isinstance(value, str) and not isinstance(value, Number) and len(value.encode(errors="replace")) > 1024:
            return "1024 bytes"
    return None


def compare(answer, single, many, equal):
    """None, or what is not as it should be."""
    reason, why, slots, lists = answer
    flat = single + [v for rows in many.values() for row in rows for v in row]
    if reason != "applied":
        limit = limits(flat)
        return None if limit and limit in why else f"{reason}: {why}"
    if len(slots) != len(single) or not all(map(equal, slots, single)):
        return f"slots {slots}, expected {single}"
    if {n: len(rows) for n, rows in lists.items()} != {n: len(rows) for n, rows in many.items()}:
        return f"lists {lists}, expected {many}"
    for number, rows in many.items():
        for row, expected in zip(lists[number], rows):
            if not all(map(equal, row, expected)):
                return f"list {number}: {row}, expected {expected}"
    return None


def change(dice, body):
    body = bytearray(body)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(body) + 1)
        what = dice.randrange(5)
        if what == 0 and at < len(body):
            body[at] ^= 1 << dice.randrange(8)
        elif what == 1 and at < len(body):
            body[at] = dice.choice([0, 1, 2, 0x7F, 0x80, 0xFF, 0x22, 0x5C, 0x2C, 0x7D, 0x30])
        elif what == 2:
            del body[at:]
        elif what == 3:
            body[at:at] = dice.randbytes(dice.randint(1, 4))
        elif at < len(body):
            del body[at]
    return bytes(body)


def without_logical(kind):
    """What judges dates and texts is whoever wants them; decimals are ours."""
    if isinstance(kind, list):
        return [without_logical(k) for k in kind]
    if not isinstance(kind, dict):
        return kind
    return {k: without_logical(v) if k in ("type", "items", "values", "fields") else v for k, v in kind.items()
            if k != "logicalType" or v == "decimal"}


def avro_case(dice, slots, told):
    base = random_avro.Schema(dice)
    paths = {Avro(base).paths(dice, base.root)[1:] for _ in range(dice.randint(1, 24))} - {""}
    schema = random_avro.evolve(dice, base)
    tree = Avro(schema)
    paths |= {tree.paths(dice, schema.root)[1:] for _ in range(dice.randint(0, 8))} - {""}
    paths = sorted(path for path in paths if len(path.encode()) <= 255)
    lists = slots.plan(json.dumps(schema.root).encode(), paths)
    parsed, plain = fastavro.parse_schema(schema.root), fastavro.parse_schema(without_logical(schema.root))

    def read(body, parsed):
        stream = io.BytesIO(body)
        value = fastavro.schemaless_reader(stream, parsed, return_record_name=True)
        assert stream.tell() == len(body), "more than the value"
        return found(tree, (schema.root, value), paths, lists)

    for _ in range(5):
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, parsed, random_avro.value(dice, schema, schema.root))
        body = stream.getvalue()
        single, many = read(body, parsed)
        told["values"] += sum(v is not None for v in single) + sum(map(len, many.values()))
        wrong = compare(slots.read(body), single, many, same)
        assert not wrong, f"{json.dumps(schema.root)}\npaths {paths}\nbody {body.hex()}\n{wrong}"
        body = change(dice, body)
        answer = slots.read(body)
        told["refused"] += answer[0] != "applied"
        if answer[0] != "applied" and any(limit in answer[1] for limit in LIMITS):
            continue
        try:
            single, many = read(body, plain)
        except UnicodeDecodeError:  # of a text that may not be wanted: its reader's to judge
            told["unread"] += 1
            continue
        except Exception as error:
            if answer[0] == "applied":
                raise AssertionError(f"{json.dumps(schema.root)}\nbody {body.hex()}\napplied, but {error!r}") from error
            continue
        wrong = compare(answer, single, many, same)
        assert not wrong, f"{json.dumps(schema.root)}\npaths {paths}\nbody {body.hex()}\n{wrong}"


def json_value(dice, depth=0):
    kind = dice.randrange(10 if depth < 5 else 7)
    if kind < 2:
        return random_avro.text(dice, 12 if dice.random() < 0.99 else 1500)
    if kind == 2:
        return dice.choice([True, False, None])
    if kind < 5:
        return dice.choice([dice.getrandbits(dice.randint(1, 63)), -dice.getrandbits(63), dice.randint(-99, 99)])
    if kind < 7:
        return dice.choice([dice.uniform(-1e6, 1e6), dice.randint(-10**6, 10**6) / 100, dice.uniform(0, 1e-7), 1e300])
    if kind == 7:
        return [json_value(dice, depth + 1) for _ in range(dice.randint(0, 4))]
    names = ["id", "deal", "amount", "a.b", "x", "ein Name", "größe", "", "a_name_that_is_long", "a_name_that_is_longer"]
    return {name: json_value(dice, depth + 1) for name in dice.sample(names, dice.randint(0, 6))}


def json_case(dice, slots, told):
    value = {}
    while not value:
        value = json_value(dice, 0) if dice.random() < 0.5 else {"id": json_value(dice, 1), "deal": json_value(dice, 1)}
        value = value if isinstance(value, dict) else {}
    paths = sorted({Json().paths(dice, value)[1:] for _ in range(dice.randint(1, 20))} - {""})
    if not paths:
        return
    lists = slots.plan(b"", paths)
    text = json.dumps(value, ensure_ascii=dice.random() < 0.5, indent=dice.choice([None, None, 1]),
                      separators=dice.choice([(",", ":"), (" , ", " : ")])).encode()
    for body in [text] + [change(dice, text) for _ in range(4)]:
        reason, why, *_ = answer = slots.read(body)
        told["refused"] += reason != "applied"
        try:
            value = json.loads(body.decode(), parse_int=Number, parse_float=Number)
        except (ValueError, RecursionError) as error:
            assert reason != "applied", f"{body!r}: applied, but {error!r}"
            continue
        if reason != "applied" and (any(limit in why for limit in JSON_LIMITS) or re.search(rb"NaN|Infinity", body)):
            continue
        single, many = found(Json(), value, paths, lists)
        told["values"] += len(single) + sum(map(len, many.values()))
        wrong = compare(answer, single, many, same_json)
        assert not wrong, f"{body!r}\npaths {paths}\n{wrong}"


def main():
    slots = Slots(sys.argv[1])
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int(os.environ.get("PACELINE_SEED", 20260304))
    told = {"values": 0, "refused": 0, "unread": 0}
    print(f"seed {seed}: test_schemas.py SLOTS {cases} {seed}", flush=True)
    for case in range(0, cases, 5):  # a schema has five bodies
        dice = random.Random(f"{seed} {case}")
        try:
            avro_case(dice, slots, told)
            json_case(dice, slots, told)
        except AssertionError:
            print(f"case {case}", file=sys.stderr)
            raise
    print(f"{cases} bodies of Avro, as many changed, and as many of JSON: {told}")
    assert told["values"] > cases and told["refused"] > cases // 10
    slots.process.stdin.close()
    return slots.process.wait()


if __name__ == "__main__":
    sys.exit(main())
