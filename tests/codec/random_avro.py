"""Random Avro schemas, what becomes of them over time, and values for them.

Fields, records and enums have names that come once in a schema, so that an alias says which field it means; a union has
records whose fields are called alike now and then, and no two branches that readers could mix up.
"""
import copy
import datetime
import decimal
import uuid

UTC = datetime.timezone.utc
KEYS = ["k0", "k1", "k.2", "käse"]


class Schema:
    """One schema as JSON has it, and its named types."""

    def __init__(self, dice):
        self.dice = dice
        self.named = {}
        self.n = 0
        self.root = self.record(0)

    def name(self, letter):
        self.n += 1
        return f"{letter}{self.n}"

    def record(self, depth, names=None):
        record = {"type": "record", "name": self.name("R"), "fields": []}
        self.named[record["name"]] = record
        for name in names or [self.name("f") for _ in range(self.dice.randint(1, 6))]:
            field = {"name": name, "type": self.type(depth + 1, record["name"])}
            record["fields"].append(field)
        return record

    def enum(self):
        enum = {"type": "enum", "name": self.name("E"), "symbols": [f"S{i}" for i in range(self.dice.randint(1, 80))]}
        self.named[enum["name"]] = enum
        return enum

    def fixed(self, depth):
        kind = self.dice.choice(["uuid", "decimal", "raw"])
        fixed = {"type": "fixed", "name": self.name("X"), "size": 16}
        if kind == "raw":
            fixed["size"] = self.dice.randint(1, 20)
        else:
            fixed["logicalType"] = kind
        if kind == "decimal":
            fixed.update(precision=self.dice.randint(1, 30))
            fixed["scale"] = self.dice.randint(0, min(18, fixed["precision"]))
        self.named[fixed["name"]] = fixed
        return fixed

    def leaf(self):
        kind = self.dice.randrange(20)
        if kind == 0:
            precision = self.dice.randint(1, 30)
            return {"type": "bytes", "logicalType": "decimal", "precision": precision,
                    "scale": self.dice.randint(0, min(18, precision))}
        if kind == 1:
            return {"type": "string", "logicalType": "uuid"}
        if kind in (2, 3):
            return {"type": "int", "logicalType": self.dice.choice(["date", "time-millis"])}
        if kind < 8:
            return {"type": "long", "logicalType": self.dice.choice(
                ["timestamp-millis", "timestamp-micros", "local-timestamp-millis", "local-timestamp-micros", "time-micros"])}
        if kind == 8:
            return {"type": "long", "connect.name": "io.debezium.time.MicroTimestamp"}
        return self.dice.choice(["boolean", "int", "long", "float", "double", "string", "string", "bytes", "null"])

    def type(self, depth, inside):
        kind = self.dice.randrange(24)
        if depth > 4 or kind < 11:
            return self.leaf()
        if kind == 11:
            return ["null", inside]  # recursive
        if kind == 12:
            return self.enum()
        if kind == 13:
            return self.fixed(depth)
        if kind == 14 and self.named:
            known = [n for n, t in self.named.items() if t["type"] != "record"]
            return self.dice.choice(known) if known else self.leaf()
        if kind < 17:
            return {"type": "array", "items": self.type(depth + 1, inside)}
        if kind < 19:
            return {"type": "map", "values": self.type(depth + 1, inside)}
        if kind < 21:
            return self.record(depth)
        return self.union(depth, inside)

    def union(self, depth, inside):
        branches, seen = [], set()
        names = [self.name("f") for _ in range(3)]
        for _ in range(self.dice.randint(1, 5)):
            kind, known = self.dice.randrange(6), set(self.named)
            branch = (self.record(depth, names) if kind == 0 else self.enum() if kind == 1 else
                      {"type": "array", "items": self.type(depth + 1, inside)} if kind == 2 else
                      {"type": "map", "values": self.type(depth + 1, inside)} if kind == 3 else self.leaf())
            word = branch if isinstance(branch, str) else branch["type"]
            if isinstance(branch, dict) and branch.get("logicalType") == "date":
                branch = word = "int"  # fastavro would try texts as days
            # of a value alone it must be clear which branch it is of
            alike = {"int": "number", "long": "number", "float": "number", "double": "number", "boolean": "number",
                     "string": "text", "enum": "text", "bytes": "bytes", "fixed": "bytes", "map": "map"}.get(word, word)
            other = {"map": "record", "record": "map"}.get(word)
            if other not in seen and (word == "record" or alike not in seen):
                branches.append(branch)
                seen.add(alike)
            else:
                self.named = {name: kind for name, kind in self.named.items() if name in known}
        return branches


def evolve(dice, base):
    """A newer version: fields added, removed, renamed and reordered, unions widened, enums extended, types promoted."""
    schema = copy.deepcopy(base)
    promoted = {"int": "long", "long": "double", "float": "double", "string": "bytes", "bytes": "string"}

    def of(kind, in_union=False):
        if isinstance(kind, list):
            if all(isinstance(branch, str) for branch in kind):
                dice.shuffle(kind)
            return [of(branch, True) for branch in kind]
        if isinstance(kind, str):
            return promoted[kind] if kind in promoted and not in_union and dice.random() < 0.1 else kind
        if kind["type"] == "record":
            for field in kind["fields"]:
                evolve_field(field)
            if dice.random() < 0.3:
                kind["fields"].insert(dice.randint(0, len(kind["fields"])), {"name": schema.name("f"), "type": schema.leaf()})
            # what a later field refers to by name is defined in an earlier one: only plain ones may move or go
            plain = [i for i, f in enumerate(kind["fields"]) if isinstance(f["type"], str) and f["type"] not in schema.named]
            if plain and dice.random() < 0.3:
                moved = [kind["fields"][i] for i in plain]
                dice.shuffle(moved)
                for i, field in zip(plain, moved):
                    kind["fields"][i] = field
            if plain and len(kind["fields"]) > 1 and dice.random() < 0.3:
                del kind["fields"][dice.choice(plain)]
        elif kind["type"] == "enum" and dice.random() < 0.5:
            kind["symbols"] += [f"T{i}" for i in range(dice.randint(0, 70))]
            dice.shuffle(kind["symbols"])
        for part in ("items", "values"):
            if part in kind:
                kind[part] = of(kind[part])
        return kind

    def evolve_field(field):
        field["type"] = of(field["type"])
        if isinstance(field["type"], str) and field["type"] in promoted and dice.random() < 0.15:
            field["type"] = ["null", field["type"]]
        if dice.random() < 0.15:
            field["aliases"] = [schema.name("a"), field["name"]]
            field["name"] = schema.name("f")

    schema.dice = dice
    schema.root = of(schema.root)
    schema.named = {}

    def name(kind):
        if isinstance(kind, list):
            for branch in kind:
                name(branch)
        elif isinstance(kind, dict):
            if "name" in kind:
                schema.named[kind["name"]] = kind
            for field in kind.get("fields", []):
                name(field["type"])
            for part in ("items", "values"):
                if part in kind:
                    name(kind[part])

    name(schema.root)
    return schema


def text(dice, most=20):
    return "".join(dice.choice("abc xyz.,'\"{}[]\\\n\täß漢😀") for _ in range(dice.randint(0, most)))


def value(dice, schema, kind, depth=0):
    """A value that fastavro writes by this type."""
    if isinstance(kind, str) and kind in schema.named:
        kind = schema.named[kind]
    if isinstance(kind, list):
        if depth > 8 and "null" in kind:
            return None
        branch = dice.choice(kind)
        made = value(dice, schema, branch, depth + 1)
        whole = schema.named.get(branch, branch) if isinstance(branch, str) else branch
        return (whole["name"], made) if isinstance(whole, dict) and whole["type"] == "record" else made
    word, logical = (kind, None) if isinstance(kind, str) else (kind["type"], kind.get("logicalType"))
    if word == "record":
        return {f["name"]: value(dice, schema, f["type"], depth + 1) for f in kind["fields"]}
    if word == "array":
        n = 0 if depth > 8 else dice.randint(0, 4)
        return [value(dice, schema, kind["items"], depth + 1) for _ in range(n)]
    if word == "map":
        keys = [] if depth > 8 else dice.sample(KEYS, dice.randint(0, len(KEYS)))
        return {key: value(dice, schema, kind["values"], depth + 1) for key in keys}
    if word == "enum":
        return dice.choice(kind["symbols"])
    if logical == "decimal":
        digits = dice.randint(1, min(kind["precision"], 18 if dice.random() < 0.98 else 30))
        sign = dice.choice([0, 1])
        return decimal.Decimal((sign, [dice.randint(0, 9) for _ in range(digits)], -kind["scale"]))
    if logical == "uuid" and word == "string":
        return uuid.UUID(int=dice.getrandbits(128))
    seconds = dice.randint(-62135596800, 253402300799)
    if logical == "date":
        return datetime.date.fromordinal(dice.randint(1, 3652059))
    if logical and logical.startswith("time-"):
        micros = dice.randrange(86400 * 1000) * 1000 if logical == "time-millis" else dice.randrange(86400 * 10**6)
        return (datetime.datetime.min + datetime.timedelta(microseconds=micros)).time()
    if logical and word == "long":
        micros = dice.randrange(10**6) if logical.endswith("micros") else dice.randrange(1000) * 1000
        start = datetime.datetime(1970, 1, 1, tzinfo=None if logical.startswith("local") else UTC)
        return start + datetime.timedelta(seconds=seconds, microseconds=micros)
    if word == "fixed":
        return dice.randbytes(kind["size"])
    bits = dice.randint(0, 31 if word == "int" else 63)
    return {"null": lambda: None, "boolean": lambda: dice.random() < 0.5,
            "int": lambda: dice.choice([1, -1]) * dice.getrandbits(bits),
            "long": lambda: dice.choice([1, -1]) * dice.getrandbits(bits),
            "float": lambda: dice.randint(-10**6, 10**6) / 64, "double": lambda: dice.uniform(-1e9, 1e9),
            "string": lambda: text(dice, 20 if dice.random() < 0.99 else 1500),
            "bytes": lambda: dice.randbytes(dice.randint(0, 20))}[word]()
