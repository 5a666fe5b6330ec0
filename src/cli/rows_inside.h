/* Inside rows: what the two forms of a table share. */
#ifndef PL_CLI_ROWS_INSIDE_H
#define PL_CLI_ROWS_INSIDE_H

#include "base/map.h"
#include "cli/rows.h"
#include "codec/json_plan.h"

enum { PL_ROWS_TOLD = 3 /* rejected rows that the report quotes, by reason */ };

typedef struct {
  int64_t n;
  struct {
    int64_t line;
    pl_err err;
  } told[PL_ROWS_TOLD];
} pl_row_refusals;

struct pl_rows {
  const pl_config *config;
  const pl_mapping_set *set;
  pl_table_form form;
  pl_maker *maker;
  pl_event_reader *reader;
  pl_made *made;       /* of the row being read */
  pl_json_room *texts; /* of JSON... */
  pl_json_plan *bare;  /* ...and a walk that wants nothing of it: is it JSON? */
  pl_rows_watch_fn *watch;
  void *watch_ctx;
  pl_rows_row_fn *each;
  void *each_ctx;
  int64_t most; /* rows; 0: all */

  pl_buf values;
  pl_row_event *events;
  size_t n, room;
  pl_map ids;                        /* event id -> its row's line, as a pointer's value */
  char delimiter;                    /* of CSV, where the first line said it */
  int64_t nrows, nidle;              /* all; those that no mapping makes an event of */
  int64_t nunknown;                  /* events of reps that the roster does not know */
  int64_t by_type[PL_TYPES_MAX + 1]; /* the last: types without a name in the policy */
  pl_row_refusals by_reason[PL_REASONS], broken;
};

/* The events of a row, for good, or none of them and why. */
pl_reason pl_rows_keep(pl_rows *rows, size_t nmade, int64_t line, pl_err *why);
/* It is over with a row, by itself or because it was refused: somebody may want to know. */
void pl_rows_tell(const pl_rows *rows, int64_t line, pl_reason reason, const pl_err *why, size_t nmade);
/* Have as many been read as were asked for? */
bool pl_rows_enough(const pl_rows *rows);
/* A row that could not be used, for the report; `reason` PL_REASONS: it is broken. Returns its word. */
const char *pl_rows_refuse(pl_rows *rows, pl_reason reason, int64_t line, const pl_err *why);

pl_status pl_rows_read_csv(pl_rows *rows, char *text, size_t n, char delimiter, pl_buf *rejects,
                           pl_err *err) PL_MUST_CHECK;
pl_status pl_rows_read_json(pl_rows *rows, const char *text, size_t n, pl_buf *rejects,
                            pl_err *err) PL_MUST_CHECK;

#endif
