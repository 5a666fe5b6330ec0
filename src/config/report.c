#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  char text[1200];
  size_t n;
} line;

static void say(line *to, const char *fmt, va_list args) {
  int n = vsnprintf(to->text + to->n, sizeof to->text - to->n, fmt, args);
  if (n > 0) to->n += (size_t)n < sizeof to->text - to->n ? (size_t)n : sizeof to->text - to->n - 1;
}

static void sayf(line *to, const char *fmt, ...) PL_PRINTF(2, 3);
static void sayf(line *to, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  say(to, fmt, args);
  va_end(args);
}

static void say_path(line *to, const pl_yaml *node) {
  if (!node->parent) return;
  say_path(to, node->parent);
  if (node->parent->kind == PL_YAML_LIST)
    sayf(to, "[%zu]", node->place + 1);
  else
    sayf(to, "%s%s", node->parent->parent ? "." : "", pl_quote(node->key).text);
}

static void file(pl_report *report, const char *name, int at_line, int column, const line *said) {
  if (report->n++ >= PL_COMPLAINTS_MAX) return;
  report->list[report->n - 1] = (pl_complaint){name, strcmp(name, report->file) == 0, at_line, column,
                                               pl_arena_text(report->arena, said->text, said->n)};
}

void pl_complain_at(pl_report *report, const char *name, int at_line, int column, const char *fmt, ...) {
  line said = {.n = 0};
  va_list args;
  va_start(args, fmt);
  say(&said, fmt, args);
  va_end(args);
  file(report, name, at_line, column, &said);
}

void pl_complain(pl_report *report, const pl_yaml *value, const char *fmt, ...) {
  line said = {.n = 0};
  say_path(&said, value);
  sayf(&said, "%s: ", value->parent ? "" : "the file");
  va_list args;
  va_start(args, fmt);
  say(&said, fmt, args);
  va_end(args);
  file(report, value->file, value->line, value->column, &said);
}

void pl_complain_within(pl_report *report, const pl_yaml *value, size_t at, const char *fmt, ...) {
  line said = {.n = 0};
  say_path(&said, value);
  sayf(&said, ": ");
  va_list args;
  va_start(args, fmt);
  say(&said, fmt, args);
  va_end(args);
  int at_line, column;
  pl_yaml_place(value, at, &at_line, &column);
  file(report, value->file, at_line, column, &said);
}

void pl_complain_key(pl_report *report, const pl_yaml *value, const char *fmt, ...) {
  line said = {.n = 0};
  say_path(&said, value);
  sayf(&said, ": ");
  va_list args;
  va_start(args, fmt);
  say(&said, fmt, args);
  va_end(args);
  bool named = value->key_line > 0;
  file(report, value->file, named ? value->key_line : value->line, named ? value->key_column : value->column,
       &said);
}

void pl_complain_missing(pl_report *report, const pl_yaml *map, const char *key, const char *fmt, ...) {
  line said = {.n = 0};
  say_path(&said, map);
  sayf(&said, "%s%s: found nothing, expected ", map->parent ? "." : "", key);
  va_list args;
  va_start(args, fmt);
  say(&said, fmt, args);
  va_end(args);
  bool named = map->key_line > 0;
  file(report, map->file, named ? map->key_line : map->line, named ? map->key_column : map->column, &said);
}

static int by_place(const void *a, const void *b) {
  const pl_complaint *x = a, *y = b;
  int files = strcmp(x->file, y->file);
  if (x->own != y->own) return x->own ? -1 : 1;
  if (files) return files;
  if (x->line != y->line) return x->line < y->line ? -1 : 1;
  if (x->column != y->column) return x->column < y->column ? -1 : 1;
  return strcmp(x->text, y->text);
}

void pl_report_print(pl_report *report, pl_buf *out) {
  size_t kept = report->n < PL_COMPLAINTS_MAX ? report->n : PL_COMPLAINTS_MAX;
  qsort(report->list, kept, sizeof report->list[0], by_place);
  for (size_t i = 0; i < kept; i++) {
    const pl_complaint *c = &report->list[i];
    pl_buf_text(out, c->file);
    pl_buf_printf(out, ":%d:%d: %s%s\n", c->line, c->column, report->kind ? report->kind : "", c->text);
  }
  if (report->n > kept) {
    pl_buf_text(out, report->file);
    pl_buf_printf(out, ": and %zu more\n", report->n - kept);
  }
}

pl_quoted pl_quote(pl_str text) {
  pl_quoted out;
  size_t n = text.n;
  bool cut = n >= sizeof out.text;
  if (cut) {
    n = sizeof out.text - 4;
    while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80) n--;
  }
  (void)snprintf(out.text, sizeof out.text, "%.*s%s", (int)n, text.p ? text.p : "", cut ? "..." : "");
  return out;
}

/* Edit distance in which a swap of neighbours counts once (optimal string alignment). */
enum { WORD_MAX = 48 };
static size_t distance(pl_str a, pl_str b) {
  size_t rows[3][WORD_MAX + 1] = {{0}};
  for (size_t j = 0; j <= b.n; j++) rows[0][j] = j;
  for (size_t i = 1; i <= a.n; i++) {
    size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *upup = rows[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= b.n; j++) {
      size_t best = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);
      if (up[j] + 1 < best) best = up[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] && upup[j - 2] + 1 < best)
        best = upup[j - 2] + 1;
      now[j] = best;
    }
  }
  return rows[a.n % 3][b.n];
}

pl_near pl_near_to(pl_str word) { return (pl_near){.word = word, .distance = word.n / 4 + 2}; }

void pl_near_offer(pl_near *near, const char *candidate) {
  pl_str c = pl_str_of(candidate);
  size_t apart = c.n > near->word.n ? c.n - near->word.n : near->word.n - c.n;
  if (near->word.n > WORD_MAX || c.n > WORD_MAX || apart >= near->distance) return;
  size_t d = distance(near->word, c);
  if (d < near->distance && 2 * d < c.n) near->best = candidate, near->distance = d;
}

pl_quoted pl_near_hint(const pl_near *near) {
  pl_quoted out = {""};
  if (near->best) (void)snprintf(out.text, sizeof out.text, " (did you mean '%s'?)", near->best);
  return out;
}
