/* Rows of CSV: columns are asked for by the names in the first line. */
#include <stdio.h>

#include "cli/rows_inside.h"
#include "codec/csv.h"

enum { STEP = 4096 /* rows between two looks of who watches */ };

typedef struct {
  const pl_csv_row *header, *row;
  const char *absent; /* a column that was asked for and that the table does not have */
} table;

static bool look_up(void *ctx, const char *path, pl_str *value) {
  table *t = ctx;
  for (size_t i = 0; i < t->header->n; i++)
    if (pl_str_is(t->header->fields[i], path)) {
      *value = t->row->fields[i];
      return true;
    }
  t->absent = path;
  return false;
}

/* A line of the rejects: three fields of ours, then the row's own, separated as the table's are. */
static void reject(pl_buf *rejects, char delimiter, const char *line, const char *word, const char *why,
                   const pl_csv_row *row) {
  const pl_str ours[] = {pl_str_of(line), pl_str_of(word), pl_str_of(why)};
  for (size_t i = 0; i < PL_COUNT(ours) + row->n; i++) {
    if (i) pl_buf_char(rejects, delimiter);
    pl_csv_put(rejects, i < PL_COUNT(ours) ? ours[i] : row->fields[i - PL_COUNT(ours)], delimiter);
  }
  pl_buf_char(rejects, '\n');
}

static void refuse(pl_rows *r, pl_reason reason, const pl_csv *csv, const pl_csv_row *row, const pl_err *why,
                   pl_buf *rejects) {
  char line[24];
  pl_rows_tell(r, row->line, reason, why, 0);
  (void)snprintf(line, sizeof line, "%lld", (long long)row->line);
  reject(rejects, csv->delimiter, line, pl_rows_refuse(r, reason, row->line, why), why->text, row);
}

/* The header, read as if it were a row, shows which columns are asked for. */
static pl_status check_header(pl_rows *r, const pl_csv_row *header, pl_err *err) {
  table t = {header, header, NULL};
  size_t n;
  (void)pl_events_from_fields(r->reader, look_up, &t, r->made, &n, NULL);
  if (t.absent)
    return pl_fail(err, PL_REJECT, "mapping %s: no column is called '%s'; the first is '%.*s', of %zu",
                   r->set->name, t.absent, (int)header->fields[0].n, header->fields[0].p, header->n);
  return PL_OK;
}

pl_status pl_rows_read_csv(pl_rows *r, char *text, size_t n, char delimiter, pl_buf *rejects, pl_err *err) {
  pl_csv csv;
  pl_csv_row header, row;
  pl_err why = {""};
  if (pl_csv_init(&csv, text, n, err) != PL_OK) return PL_REJECT;
  csv.delimiter = delimiter ? delimiter : pl_csv_delimiter(&csv);
  if (!delimiter && csv.delimiter != ',') r->delimiter = csv.delimiter;
  if (pl_csv_next(&csv, &header, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "line %lld: the columns' names: %.900s", (long long)header.line, why.text);
  if (header.n == 0) return pl_fail(err, PL_REJECT, "empty, expected a first line with the columns' names");
  if (check_header(r, &header, err) != PL_OK) return PL_REJECT;
  reject(rejects, csv.delimiter, "line", "reason", "detail", &header);
  for (; !pl_rows_enough(r); r->nrows++) {
    table t = {&header, &row, NULL};
    size_t nmade = 0;
    pl_status status = pl_csv_next(&csv, &row, &why);
    if (status == PL_OK && row.n == 0) break;
    if (r->watch && r->nrows % STEP == 0) r->watch(r->watch_ctx, (size_t)(csv.p - text));
    if (status == PL_OK && row.n != header.n)
      status = pl_fail(&why, PL_REJECT, "%zu fields, expected %zu as in the first line", row.n, header.n);
    if (status != PL_OK) {
      refuse(r, PL_REASONS, &csv, &row, &why, rejects);
      continue;
    }
    pl_reason reason = pl_events_from_fields(r->reader, look_up, &t, r->made, &nmade, &why);
    if (reason == PL_APPLIED) reason = pl_rows_keep(r, nmade, row.line, &why);
    if (reason == PL_APPLIED)
      pl_rows_tell(r, row.line, reason, &why, nmade);
    else
      refuse(r, reason, &csv, &row, &why, rejects);
  }
  return PL_OK;
}
