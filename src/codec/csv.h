/* CSV: rows out of a text, strictly as RFC 4180 has them, with the line each one begins on.
 *
 * Separated by commas, or by another delimiter that is asked for; lines end with LF or CRLF, the one or the
 * other; a field in double quotes may hold delimiters, line ends and doubled quotes. A byte order mark is
 * skipped, empty lines are no rows. The text is ours to change: fields borrow from it, unescaped in place,
 * and stay valid for as long as it does.
 *
 * A broken row is refused with its line, and reading goes on with the line after the one that it began on, so
 * a quote that is never closed costs one line and not the rest of the file, and so does one of 100 MB. */
#ifndef PL_CODEC_CSV_H
#define PL_CODEC_CSV_H

#include "base/text.h"

enum { PL_CSV_FIELDS_MAX = 256, PL_CSV_ROW_MAX = 1 << 20 /* bytes */ };

typedef struct {
  char *p, *end; /* what is left */
  int64_t line;  /* of p, from 1 */
  char delimiter;
} pl_csv;

typedef struct {
  pl_str fields[PL_CSV_FIELDS_MAX];
  size_t n;     /* 0: there are no more rows */
  int64_t line; /* where it begins */
} pl_csv_row;

/* REJECT: the text is UTF-16. */
pl_status pl_csv_init(pl_csv *csv, char *text, size_t n, pl_err *err) PL_MUST_CHECK;
/* What the next line, as if it were a header, is separated by: whichever of comma, semicolon, tab and | it
 * has most of outside quotes; a comma if it has none. */
char pl_csv_delimiter(const pl_csv *csv);
/* REJECT: this row is broken, `err` says how; the next call goes on. */
pl_status pl_csv_next(pl_csv *csv, pl_csv_row *row, pl_err *err) PL_MUST_CHECK;

/* One field, in quotes where it needs them among fields that are separated so. */
void pl_csv_put(pl_buf *out, pl_str field, char delimiter);

#endif
