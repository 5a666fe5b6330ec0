/* Dedupe memory: the ids of a subject's last events, as keyed 64-bit hashes, oldest overwritten first.
 *
 * A byte of each hash is kept apart, so that looking for an id reads two cache lines, not sixteen. The memory
 * grows to its limit as ids come; it is part of the state record, so a restart forgets nothing. */
#ifndef PL_CORE_DEDUPE_H
#define PL_CORE_DEDUPE_H

#include "base/text.h"

enum { PL_DEDUPE_MAX = 4096 };

typedef struct {
  uint64_t *hashes;     /* room of them, then room bytes of marks; a ring */
  uint16_t room, n, at; /* `at`: where the next one goes */
} pl_dedupe;

uint64_t pl_dedupe_hash(pl_str id);
bool pl_dedupe_has(const pl_dedupe *ids, uint64_t hash);
/* It will be asked for soon: brings near what the answer hangs on, first (look 0) the marks, then (1) the
 * hash that the first matching mark points to. */
void pl_dedupe_expect(const pl_dedupe *ids, uint64_t hash, int look);
void pl_dedupe_put(pl_dedupe *ids, uint64_t hash, int limit); /* limit <= PL_DEDUPE_MAX */
void pl_dedupe_fini(pl_dedupe *ids);
void pl_dedupe_encode(const pl_dedupe *ids, pl_buf *out); /* oldest first */
bool pl_dedupe_decode(pl_dedupe *ids, pl_reader *in, int limit) PL_MUST_CHECK;

#endif
