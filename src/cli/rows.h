/* Rows: a table of the CRM's past, turned into the events that paceline would have seen, in their order.
 *
 * A table is CSV, or JSON with an object a line. Every row goes through the mappings of one import source;
 * each makes one event of it, or some, or none. A row counts wholly or not at all: one event that cannot be
 * made rejects it. Events are encoded at once (maker.h); all of them are held until they are sorted. */
#ifndef PL_CLI_ROWS_H
#define PL_CLI_ROWS_H

#include "cli/maker.h"

typedef enum { PL_TABLE_CSV, PL_TABLE_JSON } pl_table_form;

typedef struct {
  pl_wall at;
  pl_str rep;          /* as long-lived as the rows */
  size_t value, bytes; /* where pl_rows_value finds it */
} pl_row_event;

typedef struct pl_rows pl_rows;

/* `config` is borrowed. REJECT: the source, its mappings or the schemas do not fit; `err` says which. */
pl_status pl_rows_new(pl_rows **out, const pl_config *config, const char *source, pl_table_form form,
                      pl_zone_load_fn *load_zone, pl_err *err) PL_MUST_CHECK;
void pl_rows_free(pl_rows **rows);
/* Told of how much has been read, in bytes, now and then; NULL: nobody. */
typedef void pl_rows_watch_fn(void *ctx, size_t done);
void pl_rows_watch(pl_rows *rows, pl_rows_watch_fn *fn, void *ctx);

/* What became of a row; all is borrowed for the call. */
typedef struct {
  int64_t line;
  pl_reason reason; /* PL_REASONS: broken */
  const char *why;
  const pl_made *made;
  size_t n;
  const pl_condition *const *unmet; /* codec/event_decode.h */
} pl_row_outcome;
typedef void pl_rows_row_fn(void *ctx, const pl_row_outcome *row);
/* Told of each row; no more than `most` are read (0: all). */
void pl_rows_each(pl_rows *rows, int64_t most, pl_rows_row_fn *fn, void *ctx);

/* Reads a whole table; `text` is changed and must live as long as `rows`. Rejected rows go to `rejects` in
 * the table's own form, with their line and the reason; both are bounded by the text's size. `delimiter` of
 * CSV, 0: as the first line has it. REJECT: the table as a whole is of no use. */
pl_status pl_rows_read(pl_rows *rows, char *text, size_t n, char delimiter, pl_buf *rejects,
                       pl_err *err) PL_MUST_CHECK;

/* In order of time; of the same instant, in order of the table. */
const pl_row_event *pl_rows_events(const pl_rows *rows, size_t *n);
pl_str pl_rows_value(const pl_rows *rows, const pl_row_event *event);
const pl_maker *pl_rows_maker(const pl_rows *rows);
/* When the last of the declared calendar windows that hold the newest event has ended for everybody. */
pl_wall pl_rows_end(const pl_rows *rows);

/* What became of the rows, a line each, for people. */
void pl_rows_report(const pl_rows *rows, pl_buf *out);

#endif
