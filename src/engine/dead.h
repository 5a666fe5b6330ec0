/* Dead letters: refused records that are not yet in the dead-letter topic (dead.c). */
#ifndef PL_ENGINE_DEAD_H
#define PL_ENGINE_DEAD_H

#include "core/partition.h"
#include "engine/engine.h"
#include "ports.h"

typedef struct pl_tenure pl_tenure;

typedef struct pl_dead pl_dead;
typedef struct {
  pl_dead *first, *last; /* by offset, where they are of one partition */
  pl_dead *unsent;       /* before it, all are on their way */
} pl_letters;
/* What is written beside a refused record, for whoever refuses one. */
enum { PL_DEAD_HEADERS = 8 };
typedef struct {
  const char *topic;
  int32_t partition;
  int64_t offset;
  pl_wall stamp;
  pl_reason reason;
  int32_t schema_id; /* -1: unknown */
  const char *why;
  char room[4][24]; /* numbers as text */
} pl_dead_facts;
void pl_dead_headers(pl_dead_facts *facts, pl_header out[PL_DEAD_HEADERS]);

enum { PL_DEAD_MAX = 10000, PL_DEAD_BYTES = 32 << 20 };

/* `tenure`, `subject`: whose record and event it is; mark and state must not outrun the letter. NULL:
 * nobody's. */
void pl_dead_put(pl_engine *engine, pl_tenure *tenure, const pl_record *record, pl_reason reason,
                 int32_t schema_id, pl_subject *subject, const char *why);
void pl_dead_tick(pl_engine *engine, pl_letters *letters);
void pl_dead_produced(pl_engine *engine, uint64_t token, bool delivered, const char *why);
int64_t pl_dead_gate(const pl_tenure *tenure); /* the mark may go this far */
void pl_dead_forget(pl_engine *engine, pl_letters *letters);

#endif
