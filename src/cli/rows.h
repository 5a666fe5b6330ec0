/* Rows: a table of the CRM's past, turned into the events that paceline would have seen, in their order.
 *
 * Every row goes through the mappings of one import source; each makes one event of it, or none when the
 * row's type is not among its values. A row counts wholly or not at all: one event that cannot be made
 * rejects it. A date without a zone is resolved as the engine would, by the rep's zone as the configuration's
 * roster has it. Events are encoded at once, as records of schemas/activity.avsc; all of them are held until
 * they are sorted. */
#ifndef PL_CLI_ROWS_H
#define PL_CLI_ROWS_H

#include "config/config.h"
#include "paceline/core.h"

typedef struct {
  pl_wall at;
  pl_str rep;          /* borrows from the table */
  size_t value, bytes; /* in pl_rows_values */
} pl_row_event;

typedef struct pl_rows pl_rows;

/* `config` is borrowed. REJECT: the source, its mappings or the schemas do not fit; `err` says which. */
pl_status pl_rows_new(pl_rows **out, const pl_config *config, const char *source, pl_zone_load_fn *load_zone,
                      pl_err *err) PL_MUST_CHECK;
void pl_rows_free(pl_rows **rows);

/* Reads a whole table; `text` is changed and must live as long as `rows`. Rejected rows go to `rejects` as
 * CSV, with their line and the reason before their fields; both are bounded by the text's size. REJECT: the
 * table as a whole is of no use. */
pl_status pl_rows_read(pl_rows *rows, char *text, size_t n, pl_buf *rejects, pl_err *err) PL_MUST_CHECK;

/* In order of time; of the same instant, in order of the table. */
const pl_row_event *pl_rows_events(const pl_rows *rows, size_t *n);
pl_str pl_rows_value(const pl_rows *rows, const pl_row_event *event);
/* When the last of the declared calendar windows that hold the newest event has ended for everybody. */
pl_wall pl_rows_end(const pl_rows *rows);
/* That `source` has said everything up to then; the same for every partition. */
void pl_rows_heartbeat(const pl_rows *rows, const char *source, pl_wall at, pl_wall complete_to, pl_buf *out);

/* What became of the rows, a line each, for people. */
void pl_rows_report(const pl_rows *rows, pl_buf *out);

#endif
