/* Wire: how an Avro body travels in a Kafka value.
 *
 * Confluent's format: one zero byte, the schema's id in four bytes, big endian, then the body. Other first
 * bytes are other formats; those that are known are named in the message, so that an operator knows what the
 * producer does. A topic of plain Avro bodies has one fixed schema id instead. */
#ifndef PL_CODEC_WIRE_H
#define PL_CODEC_WIRE_H

#include "paceline/event.h"

typedef struct {
  bool plain;        /* no header: every body is of `schema_id` */
  int32_t schema_id; /* plain only */
  size_t max_bytes;  /* longer values are PL_TOO_LARGE; 0: no limit */
} pl_wire;

/* PL_APPLIED, or PL_WIRE or PL_TOO_LARGE with a text in `why` (which may be NULL). `body` borrows from
 * `value`. */
pl_reason pl_wire_get(const pl_wire *wire, pl_str value, int32_t *schema_id, pl_str *body, pl_err *why);
void pl_wire_put(pl_buf *buf, int32_t schema_id); /* the five bytes before a body */

#endif
