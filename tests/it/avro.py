"""Avro by the specification, from the schema files: an encoder and a decoder that share nothing with the program.
And Kafka's murmur2, which decides the partition of a key."""
import decimal
import functools
import json
import os
import struct

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "schemas")


def long_bytes(n):
    z, out = (n << 1) ^ (n >> 63), bytearray()
    while z > 127:
        out.append(z & 127 | 128)
        z >>= 7
    out.append(z)
    return bytes(out)


def text_bytes(value):
    data = value.encode() if isinstance(value, str) else value
    return long_bytes(len(data)) + data


def encoder(schema, names):
    """A function from a value to its bytes."""
    if isinstance(schema, str) and schema in names:
        return encoder(names[schema], names)
    if isinstance(schema, list):
        rest, other = encoder(schema[0], names), encoder(schema[1], names)
        assert schema[0] == "null"
        return lambda v: b"\0" + rest(v) if v is None else b"\2" + other(v)
    kind = schema if isinstance(schema, str) else schema["type"]
    if kind == "record":
        names[schema["name"]] = schema
        fields = [(f["name"], encoder(f["type"], names), f.get("default")) for f in schema["fields"]]
        return lambda v: b"".join(put(v.get(name, default)) for name, put, default in fields)
    if kind == "array":
        item = encoder(schema["items"], names)
        return lambda v: (long_bytes(len(v)) + b"".join(map(item, v)) if v else b"") + b"\0"
    if kind == "map":
        item = encoder(schema["values"], names)
        return lambda v: (long_bytes(len(v)) + b"".join(text_bytes(k) + item(x) for k, x in v.items()) if v else b"") + b"\0"
    if kind == "enum":
        names[schema["name"]] = schema
        return lambda v: long_bytes(schema["symbols"].index(v))
    if kind == "bytes" and schema.get("logicalType") == "decimal":
        return lambda v: decimal_bytes(v, schema["scale"])
    return {"string": text_bytes, "bytes": text_bytes, "long": long_bytes, "int": long_bytes,
            "boolean": lambda v: bytes([v]), "double": lambda v: struct.pack("<d", v), "null": lambda v: b""}[kind]


def decimal_bytes(value, scale):
    n = int(decimal.Decimal(value).scaleb(scale))
    return text_bytes(n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        self.at += n
        assert n >= 0 and self.at <= len(self.data)
        return self.data[self.at - n:self.at]

    def long(self):
        z = shift = 0
        while True:
            byte = self.take(1)[0]
            z |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return (z >> 1) ^ -(z & 1)

    def value(self, schema):
        if isinstance(schema, list):
            branch = self.long()
            assert 0 <= branch < len(schema)
            return self.value(schema[branch])
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind == "record":
            return {f["name"]: self.value(f["type"]) for f in schema["fields"]}
        if kind == "enum":
            return schema["symbols"][self.long()]
        if kind in ("string", "bytes"):
            data = self.take(self.long())
            return data.decode() if kind == "string" else data
        if kind == "double":
            return struct.unpack("<d", self.take(8))[0]
        return {"long": self.long, "null": lambda: None, "boolean": lambda: bool(self.take(1)[0])}[kind]()


@functools.lru_cache
def load(name):
    with open(os.path.join(FOLDER, name + ".avsc"), encoding="utf-8") as f:
        return json.load(f)


ENCODERS = {}


def encode(name, value):
    if name not in ENCODERS:
        ENCODERS[name] = encoder(load(name), {})
    return ENCODERS[name](value)


def decode(name, data):
    reader = Reader(data)
    value = reader.value(load(name))
    assert reader.at == len(data), "bytes behind the record"
    return value


def partition_of(key, partitions):
    """As Kafka's own clients do it: murmur2, without its sign."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(key)
    for i in range(0, len(key) - len(key) % 4, 4):
        k = int.from_bytes(key[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    tail = key[len(key) - len(key) % 4:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions
