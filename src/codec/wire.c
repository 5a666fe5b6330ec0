#include "codec/wire.h"

enum { HEADER = 5 };

static pl_reason refuse(pl_err *why, pl_reason reason, const char *text, size_t n, unsigned first) {
  (void)pl_fail(why, PL_REJECT, text, n, first);
  return reason;
}

pl_reason pl_wire_get(const pl_wire *wire, pl_str value, int32_t *schema_id, pl_str *body, pl_err *why) {
  const unsigned char *p = (const unsigned char *)value.p;
  unsigned first = value.n ? p[0] : 0;
  if (wire->max_bytes && value.n > wire->max_bytes) {
    (void)pl_fail(why, PL_REJECT, "message of %zu bytes, at most %zu are accepted", value.n, wire->max_bytes);
    return PL_TOO_LARGE;
  }
  if (wire->plain) {
    *schema_id = wire->schema_id, *body = value;
    return PL_APPLIED;
  }
  if (value.n == 0) return refuse(why, PL_WIRE, "empty message, expected byte 0 and a schema id", 0, 0);
  if (first == 1)
    return refuse(
        why, PL_WIRE,
        "message of %zu bytes with magic byte %u: Confluent's newer framing by schema GUID, expected "
        "byte 0 and a 4-byte schema id; set the producer's serializer to schema ids in the value",
        value.n, first);
  if (first == 0xC3 && value.n > 1 && p[1] == 0x01)
    return refuse(
        why, PL_WIRE,
        "message of %zu bytes with bytes %#x 0x1: Avro's single-object encoding, expected byte 0 and "
        "a 4-byte schema id",
        value.n, first);
  if (first == 'O' && value.n > 3 && memcmp(p, "Obj\1", 4) == 0)
    return refuse(why, PL_WIRE,
                  "message of %zu bytes that begins with Obj (%#x): a whole Avro file, expected byte 0 and a "
                  "4-byte schema id",
                  value.n, first);
  if (first == '{')
    return refuse(
        why, PL_WIRE,
        "message of %zu bytes that begins with %c, expected byte 0 and a 4-byte schema id; if it is "
        "JSON, name the topic under schemas.json",
        value.n, first);
  if (first != 0)
    return refuse(why, PL_WIRE,
                  "message of %zu bytes with first byte %#x, expected byte 0 and a 4-byte schema id "
                  "(Confluent's wire format)",
                  value.n, first);
  if (value.n < HEADER)
    return refuse(why, PL_WIRE, "message of %zu bytes, expected byte %u and a 4-byte schema id", value.n,
                  first);
  *schema_id = (int32_t)((uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | (uint32_t)p[4]);
  *body = (pl_str){value.p + HEADER, value.n - HEADER};
  return PL_APPLIED;
}

void pl_wire_put(pl_buf *buf, int32_t schema_id) {
  uint32_t id = (uint32_t)schema_id;
  unsigned char header[HEADER] = {0, (unsigned char)(id >> 24), (unsigned char)(id >> 16),
                                  (unsigned char)(id >> 8), (unsigned char)id};
  pl_buf_put(buf, header, HEADER);
}
