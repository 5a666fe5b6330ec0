/* Schema: a writer's Avro schema as our own neutral tree.
 *
 * avro-c parses and validates the text (and stays in schema.c); what it drops (logical types, scale,
 * precision, aliases) is read from the JSON beside it, and what Kafka Connect and Debezium say there in their
 * own words. A name used again is the same node again, so a recursive schema is a graph with a cycle.
 * Bounded: PL_SCHEMA_BYTES of text, PL_NODES_MAX nodes, PL_DEPTH_MAX levels. */
#ifndef PL_CODEC_SCHEMA_H
#define PL_CODEC_SCHEMA_H

#include "base/status.h"
#include "base/text.h"

enum {
  PL_SCHEMA_BYTES = 1 << 20,
  PL_NODES_MAX = 4096,
  PL_DEPTH_MAX = 32, /* of a schema's text, and of a body's nesting */
  PL_FIXED_MAX = 1 << 20,
};

typedef enum {
  PL_AVRO_NULL,
  PL_AVRO_BOOLEAN,
  PL_AVRO_INT,
  PL_AVRO_LONG,
  PL_AVRO_FLOAT,
  PL_AVRO_DOUBLE,
  PL_AVRO_BYTES,
  PL_AVRO_STRING,
  PL_AVRO_FIXED,
  PL_AVRO_ENUM,
  PL_AVRO_RECORD,
  PL_AVRO_ARRAY,
  PL_AVRO_MAP,
  PL_AVRO_UNION
} pl_avro;

typedef enum { /* only where it fits the type: else PL_LOGICAL_NONE, as the Avro specification says */
               PL_LOGICAL_NONE,
               PL_DATE,           /* int: days since the epoch */
               PL_TIME_MILLIS,    /* int */
               PL_TIME_MICROS,    /* long */
               PL_INSTANT_MILLIS, /* long, "timestamp-millis" */
               PL_INSTANT_MICROS, /* long */
               PL_INSTANT_NANOS,  /* long */
               PL_LOCAL_MILLIS,   /* long, "local-timestamp-millis" */
               PL_LOCAL_MICROS,   /* long */
               PL_LOCAL_NANOS,    /* long */
               PL_DECIMAL_NUMBER, /* bytes, fixed: two's complement, big endian, scaled by 10^scale; record:
                                     Debezium's {scale: int, value: bytes}, each value with its own */
               PL_UUID,           /* string of 36, fixed of 16 */
} pl_logical;

typedef struct { /* another name of a record's field */
  pl_str name;
  size_t field;
} pl_alias;

typedef struct pl_node pl_node;
struct pl_node {
  pl_avro type;
  pl_logical logical;
  int scale;               /* PL_DECIMAL_NUMBER: the value is an integer / 10^scale... */
  int64_t most;            /* ...of at most this size: its precision's digits, 18 of them at most */
  size_t size;             /* PL_AVRO_FIXED: bytes */
  uint32_t index;          /* its place among the schema's nodes */
  const char *name;        /* record, enum, fixed: as given; the type's word otherwise */
  size_t n;                /* fields, symbols, branches; 1 for array and map */
  const pl_str *names;     /* record: fields; enum: symbols (both also NUL-terminated) */
  pl_node **kids;          /* record: field types; union: branches; array, map: the item */
  const pl_alias *aliases; /* record */
  size_t naliases;
};

typedef struct pl_schema pl_schema;

pl_status pl_schema_new(pl_schema **out, pl_str json, pl_err *err) PL_MUST_CHECK;
void pl_schema_free(pl_schema **schema);
const pl_node *pl_schema_root(const pl_schema *schema);
size_t pl_schema_nodes(const pl_schema *schema);
/* The field of a record that answers to a name, or `n`: the one that has it, else the first that has it as an
 * alias. So a mapping lives on when a newer writer has renamed a field. */
size_t pl_node_field(const pl_node *record, pl_str name);
/* Are bodies of one those of the other, by the same names? The second must not be recursive. */
bool pl_node_same(const pl_node *a, const pl_node *b);

#endif
