/* Rows of JSON lines: an object a line. */
#include "cli/rows_inside.h"

enum { STEP = 4096 /* rows between two looks of who watches */ };
static const size_t LINE_MAX_BYTES = (size_t)1 << 20;

static bool is_blank(pl_str line) {
  for (size_t i = 0; i < line.n; i++)
    if (!strchr(" \t\r", line.p[i]) || !line.p[i]) return false;
  return true;
}

/* An object stands in it as it is, another line as text: what was wrong may have ended its reading early. */
static void refuse(pl_rows *r, pl_reason reason, pl_str line, int64_t number, const pl_err *why,
                   pl_buf *rejects) {
  pl_rows_tell(r, number, reason, why, 0);
  const char *word = pl_rows_refuse(r, reason, number, why);
  pl_buf_printf(rejects, "{\"line\":%lld,\"reason\":\"%s\",\"detail\":", (long long)number, word);
  pl_buf_json(rejects, pl_str_of(why->text));
  pl_buf_text(rejects, ",\"row\":");
  if (pl_json_plan_run(r->bare, line, r->texts, NULL, NULL, NULL, NULL) == PL_APPLIED)
    pl_buf_str_put(rejects, line);
  else
    pl_buf_json(rejects, line);
  pl_buf_text(rejects, "}\n");
}

static void read_line(pl_rows *r, pl_str line, int64_t number, pl_buf *rejects) {
  pl_err why = {""};
  size_t n = 0;
  pl_reason reason = PL_REASONS;
  if (line.n > LINE_MAX_BYTES)
    (void)pl_fail(&why, PL_REJECT, "longer than 1 MiB; expected one object a line");
  else
    reason = pl_events_decode(r->reader, line, r->texts, r->made, &n, &why);
  if (reason == PL_APPLIED) reason = pl_rows_keep(r, n, number, &why);
  if (reason == PL_APPLIED)
    pl_rows_tell(r, number, reason, &why, n);
  else
    refuse(r, reason, line, number, &why, rejects);
}

static pl_status check_beginning(const char *p, const char *end, pl_err *err) {
  if (end - p >= 2 && (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0))
    return pl_fail(err, PL_REJECT, "the text is UTF-16, expected UTF-8");
  while (p < end && strchr(" \t\r\n", *p) && *p) p++;
  if (p == end) return pl_fail(err, PL_REJECT, "empty, expected a JSON object a line");
  if (*p == '{') return PL_OK;
  return pl_fail(
      err, PL_REJECT,
      "it begins with '%c', expected a JSON object a line; `jq -c '.[]'` makes them of an array, and "
      "`--format csv` reads it as a table",
      *p >= 0x20 && *p < 0x7f ? *p : '?');
}

pl_status pl_rows_read_json(pl_rows *r, const char *text, size_t n, pl_buf *rejects, pl_err *err) {
  const char *p = text, *end = text + n;
  if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) p += 3;
  if (check_beginning(p, end, err) != PL_OK) return PL_REJECT;
  for (int64_t number = 1; p < end && !pl_rows_enough(r); number++) {
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    pl_str line = {p, (size_t)((stop ? stop : end) - p)};
    p = stop ? stop + 1 : end;
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    if (is_blank(line)) continue;
    read_line(r, line, number, rejects);
    if (r->watch && r->nrows % STEP == 0) r->watch(r->watch_ctx, (size_t)(p - text));
    r->nrows++;
  }
  return PL_OK;
}
