#include "codec/csv.h"

/* A field as it stands in the text, before anything is changed. */
typedef struct {
  char *p;
  size_t n;
  bool doubled; /* holds doubled quotes */
} span;

pl_status pl_csv_init(pl_csv *csv, char *text, size_t n, pl_err *err) {
  *csv = (pl_csv){text, text + n, 1, ','};
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) csv->p += 3;
  if (n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
    return pl_fail(err, PL_REJECT, "the text is UTF-16, expected UTF-8; save it as \"CSV UTF-8\"");
  return PL_OK;
}

/* Past the line's end at p; NULL when there is none. A carriage return alone ends nothing. */
static char *past_line_end(char *p, const char *end) {
  if (p < end && *p == '\n') return p + 1;
  return end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? p + 2 : NULL;
}

char pl_csv_delimiter(const pl_csv *csv) {
  static const char known[] = ",;\t|";
  size_t counts[sizeof known] = {0}, best = 0;
  bool quoted = false;
  for (const char *c = csv->p; c < csv->end && c - csv->p < PL_CSV_ROW_MAX && (quoted || *c != '\n'); c++) {
    const char *at = *c ? strchr(known, *c) : NULL;
    quoted ^= *c == '"';
    if (at && !quoted) counts[at - known]++;
  }
  for (size_t i = 1; i < sizeof known - 1; i++)
    if (counts[i] > counts[best]) best = i;
  return known[best];
}

/* One field at *p, which moves to what ends it; NULL, or what is wrong. */
static const char *scan(char **p, char *end, char delimiter, span *out) {
  char *at = *p;
  if (at == end || *at != '"') {
    while (at < end && *at != delimiter && *at != '\n' && *at != '"' && *at != '\r') at++;
    *out = (span){*p, (size_t)(at - *p), false};
    *p = at;
    return at < end && *at == '"'
               ? "a quote inside a field that does not begin with one; double it and quote "
                 "the whole field"
               : NULL;
  }
  *out = (span){++at, 0, false};
  for (;; at += 2, out->doubled = true) {
    at = memchr(at, '"', (size_t)(end - at));
    if (!at) {
      *p = end;
      return "a quoted field that is not closed";
    }
    if (at + 1 == end || at[1] != '"') break;
  }
  out->n = (size_t)(at - out->p);
  *p = at + 1;
  return NULL;
}

static pl_str unescape(span s) {
  if (!s.doubled) return (pl_str){s.p, s.n};
  char *to = s.p;
  for (size_t i = 0; i < s.n; i++) {
    *to++ = s.p[i];
    if (s.p[i] == '"') i++;
  }
  return (pl_str){s.p, (size_t)(to - s.p)};
}

static void skip_empty_lines(pl_csv *csv) {
  for (char *next; (next = past_line_end(csv->p, csv->end)); csv->line++) csv->p = next;
}

/* Goes on after the row's first line. */
static pl_status refuse(pl_csv *csv, const char *what, pl_err *err) {
  char *line_end = memchr(csv->p, '\n', (size_t)(csv->end - csv->p));
  csv->p = line_end ? line_end + 1 : csv->end;
  csv->line++;
  return pl_fail(err, PL_REJECT, "%s", what);
}

pl_status pl_csv_next(pl_csv *csv, pl_csv_row *row, pl_err *err) {
  span spans[PL_CSV_FIELDS_MAX];
  size_t n = 0;
  skip_empty_lines(csv);
  row->n = 0, row->line = csv->line;
  if (csv->p == csv->end) return PL_OK;
  bool whole = csv->end - csv->p <= PL_CSV_ROW_MAX;
  char *p = csv->p, *end = whole ? csv->end : csv->p + PL_CSV_ROW_MAX, *next = NULL;
  while (!next) {
    if (n == PL_CSV_FIELDS_MAX) return refuse(csv, "more than 256 fields", err);
    const char *wrong = scan(&p, end, csv->delimiter, &spans[n++]);
    if (p == end && !whole) wrong = "longer than 1 MiB";
    if (wrong) return refuse(csv, wrong, err);
    if (p == end)
      next = p;
    else if (*p == csv->delimiter)
      p++;
    else if (!(next = past_line_end(p, end)))
      return refuse(csv,
                    *p == '\r'
                        ? "a carriage return that ends no line; save the file with LF or CRLF line ends"
                        : "text after a closing quote",
                    err);
  }
  if (memchr(csv->p, 0, (size_t)(next - csv->p)))
    return refuse(csv, "a NUL byte, expected text; the file was cut short or damaged there", err);
  for (const char *c = csv->p; c < next && (c = memchr(c, '\n', (size_t)(next - c))); c++) csv->line++;
  csv->p = next;
  for (row->n = 0; row->n < n; row->n++) row->fields[row->n] = unescape(spans[row->n]);
  return PL_OK;
}

void pl_csv_put(pl_buf *out, pl_str field, char delimiter) {
  const char special[] = {delimiter, '"', '\r', '\n', 0};
  bool plain = true;
  for (size_t i = 0; i < field.n && plain; i++) plain = !strchr(special, field.p[i]) || !field.p[i];
  if (plain) {
    pl_buf_str_put(out, field);
    return;
  }
  pl_buf_char(out, '"');
  for (size_t i = 0; i < field.n; i++) {
    if (field.p[i] == '"') pl_buf_char(out, '"');
    pl_buf_char(out, field.p[i]);
  }
  pl_buf_char(out, '"');
}
