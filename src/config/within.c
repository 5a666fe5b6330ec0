/* Within: where in the file a byte of a text stands. The text is followed through the file as YAML wrote it:
 * in quotes with their escapes, or folded over lines. */
#include "config/tree.h"

typedef struct {
  const char *p, *end;
  char quote; /* ' or "; 0: none */
} walk;

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static const char *place_of(pl_str file, int line, int column) {
  const char *p = file.p, *end = file.p + file.n;
  for (; line > 1 && p < end; p++) line -= *p == '\n';
  for (; column > 1 && p < end; column--) {
    p++;
    while (p < end && ((unsigned char)*p & 0xC0) == 0x80) p++;
  }
  return p;
}

/* How many bytes of the file stand for one character, if it is not the character itself. */
static size_t escape(const walk *w) {
  if (w->quote == '\'' && w->end - w->p > 1 && w->p[0] == '\'' && w->p[1] == '\'') return 2;
  if (w->quote != '"' || *w->p != '\\' || w->end - w->p < 2) return 0;
  return w->p[1] == 'x' ? 4 : w->p[1] == 'u' ? 6 : w->p[1] == 'U' ? 10 : 2;
}

/* Over what folds lines, to where the text goes on with `c`; false: it does not. */
static bool find(walk *w, char c) {
  for (; w->p < w->end; w->p++) {
    bool continued = w->quote == '"' && *w->p == '\\' && w->end - w->p > 1 && w->p[1] == '\n';
    if (!continued && (escape(w) || *w->p == c || (c == ' ' && *w->p == '\n'))) return true;
    if (!continued && !blank(*w->p)) return false;
  }
  return false;
}

void pl_yaml_place(const pl_yaml *node, size_t at, int *line, int *column) {
  *line = node->line, *column = node->column;
  pl_str file = node->source ? *node->source : (pl_str){0};
  walk w = {place_of(file, node->line, node->column), file.p + file.n, 0};
  if (w.p == w.end) return;
  const char *from = w.p;
  if (*w.p == '"' || *w.p == '\'') w.quote = *w.p++;
  while (!w.quote && strchr("|>", *from) && w.p < w.end && *w.p != '\n') w.p++; /* a block's own line */
  for (size_t i = 0; i < node->text.n; i++) {
    if (!find(&w, node->text.p[i])) return;
    if (i == at) break;
    size_t n = escape(&w);
    if (!n) w.p++;
    for (w.p += n; n && i + 1 < node->text.n && ((unsigned char)node->text.p[i + 1] & 0xC0) == 0x80; i++)
      continue;
    if (w.p > w.end) return;
  }
  for (const char *p = from; p < w.p; p++) {
    if (*p == '\n')
      ++*line, *column = 1;
    else
      *column += ((unsigned char)p[1] & 0xC0) != 0x80;
  }
}
