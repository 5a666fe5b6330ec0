/* Ops: the program a plan is; written by plan.c, run by run.c, seen by nobody else. */
#ifndef PL_CODEC_OPS_H
#define PL_CODEC_OPS_H

#include "codec/plan.h"

typedef enum {
  OP_END,         /* the body must end here */
  OP_SKIP_BYTES,  /* n times: a length and that many bytes */
  OP_SKIP_LONG,   /* n varints of 64 bits */
  OP_SKIP_INT,    /* n varints of 32 bits */
  OP_SKIP_RAW,    /* n bytes */
  OP_SKIP_BOOL,   /* n bytes, each 0 or 1 */
  OP_SKIP_ENUM,   /* an ordinal below n */
  OP_NULLABLE,    /* branch n is null: then go to `to`; else go on */
  OP_UNION,       /* a branch below n: go to jumps[to + branch] */
  OP_JUMP,        /* go to `to` */
  OP_LOOP,        /* blocks of items; the item's program follows, ends with OP_NEXT; afterwards go to `to` */
  OP_NEXT,        /* an item has ended */
  OP_NTH,         /* an array's item below n: go to jumps[to + item]; a later one: to jumps[to + n] */
  OP_KEY,         /* a map's key: the register */
  OP_IS_KEY,      /* the register is `key`, of n bytes: go on, unless it was there before; else go to `to` */
  OP_CALL,        /* a type's skipping program at `to` */
  OP_RETURN,      /* its end */
  OP_ABSENT,      /* empty the slot */
  OP_ITEM,        /* hand list n's item to the callback */
  OP_TAKE_STRING, /* the rest: into the slot, as `node` */
  OP_TAKE_LONG,
  OP_TAKE_INT,
  OP_TAKE_BOOL,
  OP_TAKE_FLOAT,
  OP_TAKE_DOUBLE,
  OP_TAKE_ENUM,
  OP_TAKE_FIXED,         /* n bytes */
  OP_TAKE_DECIMAL,       /* a length and that many bytes */
  OP_TAKE_DECIMAL_FIXED, /* n bytes */
  OP_TAKE_SCALED,        /* the scale, a length and that many bytes */
  OP_COPY,               /* the slot n */
} pl_op_kind;

typedef struct {
  uint8_t kind, slot; /* OP_IS_KEY: its number among the map's, as `slot` */
  uint8_t null; /* it stands in a union with null: its branch is read first, and this one less 1 skips it */
  uint32_t n, to;
  union {
    const pl_node *node; /* OP_TAKE_*, OP_COPY: what is taken */
    const char *key;     /* OP_IS_KEY: borrowed from the path */
  };
} pl_op;

enum { PL_OPS_MAX = 1 << 16 };

typedef struct {
  bool has, wrong; /* the schema has the path; it leads to something unusable, not to something missing */
  char text[198];  /* !has: why a path led nowhere */
} pl_lack;

struct pl_plan {
  pl_op *ops;
  const char **names; /* by op: the field it stands in, for messages; borrowed from the schema */
  size_t n, room;
  uint32_t *jumps;
  size_t njumps, jumps_room;
  size_t nslots;
  pl_lack *lacks; /* by slot */
};

#endif
