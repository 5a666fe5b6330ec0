/* Script: the Lua scripts that paceline sends, with the same meaning in C.
 *
 * A script is known by a hash of its text; one whose text has changed is unknown, and fails the test until
 * somebody has looked whether what stands here still means the same. */
#ifndef TESTS_SIM_SCRIPT_H
#define TESTS_SIM_SCRIPT_H

#include "data.h"

typedef struct {
  data *d;
  const pl_str *keys, *args;
  size_t nkeys, nargs;
  pl_buf *out;
  pl_buf *scratch; /* answers that nobody reads */
  /* Of the batch script, before each command. */
  void (*on_write)(void *ctx, pl_str mark, pl_str owner, const pl_str *command, size_t words);
  void (*on_claim)(void *ctx, pl_str mark, pl_str owner);
  void *ctx;
  const char *wrong; /* what it could not do; NULL: nothing */
} script_call;

typedef struct {
  uint64_t hash;
  const char *name;
  bool writes;
  void (*run)(script_call *c);
} script;

uint64_t script_hash(pl_str text);
const script *script_find(uint64_t hash); /* NULL: unknown */
const script *script_find_named(const char *name);

#endif
