/* Batch: commands for one partition, run by Redis in one step and only for the partition's owner.
 *
 * All writes of a partition go through one script: it compares the owner's token in the mark, answers FENCED
 * if it is not the caller's, and else runs the commands it was given. A command may be conditional on an
 * outbox entry being new (pl_batch_if_new), so that an alert is told once however often its batch is sent. A
 * batch is bytes: it can be sent again unchanged when its answer was lost. */
#ifndef PL_CODEC_BATCH_H
#define PL_CODEC_BATCH_H

#include "base/text.h"

enum { PL_BATCH_MAX = 8 << 20 };

extern const char pl_batch_script[]; /* Lua, for SCRIPT LOAD */

typedef struct {
  pl_buf body;                /* the arguments behind the owner's token, as RESP bulk strings */
  size_t args;                /* how many */
  size_t counted_at, counted; /* the command being written: where its count stands, its words so far */
  size_t if_at;               /* where a condition's number of commands stands... */
  size_t ifs;                 /* ...and those ended since */
} pl_batch;

void pl_batch_init(pl_batch *batch);
void pl_batch_fini(pl_batch *batch);
void pl_batch_clear(pl_batch *batch);

/* One command: begin, its words, end. */
void pl_batch_begin(pl_batch *batch, const char *command);
void pl_batch_arg(pl_batch *batch, pl_str arg);
void pl_batch_text(pl_batch *batch, const char *arg);
void pl_batch_int(pl_batch *batch, int64_t arg);
size_t pl_batch_words(const pl_batch *batch); /* of the command being written, its name included */
void pl_batch_end(pl_batch *batch);
/* Goes on in another command of the same kind over the same key when the one being written has grown long;
 * before a field, never inside one. */
void pl_batch_split(pl_batch *batch, const char *command, pl_str key);
/* Drops the command being written. */
void pl_batch_undo(pl_batch *batch);
/* The commands up to pl_batch_if_end run only if the field was new: HSETNX key field value... */
void pl_batch_if_new(pl_batch *batch, pl_str key, pl_str field, pl_str value);
/* ...or only if it is there, or is not. One condition at a time. */
void pl_batch_if_there(pl_batch *batch, pl_str key, pl_str field);
void pl_batch_if_gone(pl_batch *batch, pl_str key, pl_str field);
void pl_batch_if_end(pl_batch *batch);

/* The whole command: EVALSHA of the script over this batch. */
void pl_batch_finish(const pl_batch *batch, pl_str sha, pl_str mark_key, pl_str owner, pl_buf *out);

#endif
