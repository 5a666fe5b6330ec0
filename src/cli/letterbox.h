/* Letterbox: the dead-letter topic, read. What each letter says of the record that was refused, and which of
 * them have been sent back since.
 *
 * Whoever sends one back writes a marker behind it, into the letter's own partition and in the same
 * transaction as the record: no value, the letter's headers, and `paceline.requeued` with its place,
 * PARTITION/OFFSET. So each place is known for good, and a letter with a marker is a thing of the past. */
#ifndef PL_CLI_LETTERBOX_H
#define PL_CLI_LETTERBOX_H

#include "config/config.h"
#include "io/kafka_past.h"

#define PL_LETTER_REQUEUED "paceline.requeued"
enum { PL_PLACE_MAX = 40 };

/* All borrows, for the call. */
typedef struct {
  const pl_past_record *record; /* partition and offset are its place, the stamp when it was refused */
  char place[PL_PLACE_MAX];
  pl_str topic, reason, why;
  int64_t partition, offset, schema_id; /* of the record that was refused; -1: not known */
  pl_wall stamp;                        /* its own timestamp */
  bool requeued;
} pl_letter;

/* What is left NULL, -1 or at its extreme wants nothing. */
typedef struct {
  const char *reason, *topic;
  int64_t partition;    /* of the record that was refused */
  pl_wall since, until; /* when */
  char **places;        /* one of these */
  int nplaces;
} pl_letter_filter;

typedef struct pl_letterbox pl_letterbox;

/* Reads which are gone. `settled`: with all that was there when it was asked (kafka_past.h). */
pl_status pl_letterbox_open(pl_letterbox **out, const pl_config *config, bool settled,
                            pl_err *err) PL_MUST_CHECK;
void pl_letterbox_close(pl_letterbox **box);

/* Each letter of those that were there then, in each partition's order. */
typedef void pl_letter_fn(void *ctx, const pl_letter *letter);
pl_status pl_letterbox_each(pl_letterbox *box, const pl_letter_filter *filter, pl_letter_fn *fn, void *ctx,
                            pl_err *err) PL_MUST_CHECK;
/* "3/17"; false: it is no place. */
bool pl_letter_place(const char *text, int32_t *partition, int64_t *offset);

#endif
