/* Data: what the scripted Redis holds, and the commands that paceline uses on it.
 *
 * Five types, the commands' meaning as in the manual, nothing else: a command or a form of one that is not
 * here fails the test. Answers are written as RESP, so that they can travel. Lifetimes are taken and ignored:
 * no simulated world lives long enough. */
#ifndef TESTS_SIM_DATA_H
#define TESTS_SIM_DATA_H

#include "base/map.h"
#include "base/text.h"

typedef enum { DATA_HASH, DATA_SET, DATA_ZSET, DATA_STREAM } data_type;

typedef struct {
  size_t n;
  char p[];
} data_text; /* owned */

typedef struct {
  data_text **words; /* field, value, field, value... */
  size_t n;
} data_entry;

typedef struct {
  data_type type;
  pl_map fields; /* of a hash and a zset: data_text; of a set: itself */
  data_entry *entries;
  size_t n, room;
} data_object;

typedef struct {
  pl_map objects;
  /* Called for each PUBLISH. */
  void (*publish)(void *ctx, pl_str channel, pl_str message);
  void *ctx;
} data;

void data_init(data *d);
void data_clear(data *d); /* FLUSHALL */
#define data_fini data_clear

/* One command into `out`. False: it is none that this knows. */
bool data_run(data *d, const pl_str *args, size_t n, pl_buf *out);

/* For scripts and for the oracle; {NULL, 0}: not there. */
pl_str data_field(const data *d, pl_str key, pl_str field);
const data_object *data_find(const data *d, pl_str key);
pl_str data_word(const data_entry *e, const char *name); /* "": not there */
static inline pl_str data_str(const data_text *text) { return (pl_str){text->p, text->n}; }

/* --- answers */
void data_error(pl_buf *out, const char *text);
void data_int(pl_buf *out, int64_t v);
void data_status(pl_buf *out, const char *text);
void data_array(pl_buf *out, size_t n);
void data_bulk(pl_buf *out, pl_str s); /* p NULL: nil */

#endif
