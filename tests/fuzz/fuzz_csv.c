/* A table: every row is refused or has fields, reading always goes on, and rows that are written again are
 * read as they were. Through a mapping, a row is an event or a reason. */
#include "codec/csv.h"

#include <stdlib.h>

#include "codec/event_decode.h"
#include "events.h"
#include "fuzz.h"

static const pl_csv_row *head, *now;

/* By the names in the first row. */
static bool look_up(void *ctx, const char *path, pl_str *value) {
  (void)ctx;
  for (size_t i = 0; i < head->n && i < now->n; i++)
    if (pl_str_is(head->fields[i], path)) {
      *value = now->fields[i];
      return true;
    }
  return false;
}

static void read_event(const pl_csv_row *first, const pl_csv_row *row) {
  static pl_event_reader *reader; /* as long as the process */
  static pl_made made;
  size_t n;
  pl_err err;
  if (!reader)
    fuzz_need(pl_event_reader_new(&reader, PL_FORM_ROW, NULL, &events_of_rows, 1, &events_policy, &err),
              &err);
  head = first, now = row;
  if (pl_events_from_fields(reader, look_up, NULL, &made, &n, &err) == PL_APPLIED && n)
    events_check(&made.event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static pl_csv_row first, row, again;
  char *text = malloc(size + 1);
  pl_csv csv, back;
  pl_err err;
  PL_ASSERT(text);
  if (size) memcpy(text, data, size);
  first.n = 0;
  if (pl_csv_init(&csv, text, size, &err) == PL_OK) {
    csv.delimiter = pl_csv_delimiter(&csv);
    for (;;) {
      const char *before = csv.p;
      pl_status status = pl_csv_next(&csv, &row, &err);
      PL_ASSERT(csv.p > before || csv.p == csv.end);
      if (status != PL_OK) continue;
      if (row.n == 0) break;
      pl_buf out;
      pl_buf_init(&out, 4 * size + 1024);
      for (size_t i = 0; i < row.n; i++) {
        PL_ASSERT(row.fields[i].p >= text && row.fields[i].p + row.fields[i].n <= text + size);
        if (i) pl_buf_char(&out, csv.delimiter);
        pl_csv_put(&out, row.fields[i], csv.delimiter);
      }
      /* one empty field is an empty line, which is no row; a first field may begin as a mark of the order
       * does */
      bool mark = row.fields[0].n >= 2 && (memcmp(row.fields[0].p, "\xFF\xFE", 2) == 0 ||
                                           memcmp(row.fields[0].p, "\xFE\xFF", 2) == 0);
      mark |= row.fields[0].n >= 3 && memcmp(row.fields[0].p, "\xEF\xBB\xBF", 3) == 0;
      if ((row.n > 1 || row.fields[0].n) && !mark && out.n < PL_CSV_ROW_MAX) {
        fuzz_need(pl_csv_init(&back, out.p, out.n, &err), &err);
        back.delimiter = csv.delimiter;
        fuzz_need(pl_csv_next(&back, &again, &err), &err);
        PL_ASSERT(again.n == row.n);
        for (size_t i = 0; i < row.n; i++) PL_ASSERT(pl_str_eq(again.fields[i], row.fields[i]));
      }
      pl_buf_fini(&out);
      if (first.n == 0)
        first = row;
      else
        read_event(&first, &row);
    }
  }
  free(text);
  return 0;
}
