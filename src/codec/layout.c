#include "codec/layout.h"

#include "base/mem.h"

static uint32_t point(const char *p, size_t n) {
  const unsigned char *u = (const unsigned char *)p;
  uint32_t c = n == 1 ? u[0] : n == 2 ? u[0] & 0x1FU : n == 3 ? u[0] & 0x0FU : u[0] & 0x07U;
  for (size_t i = 1; i < n; i++) c = c << 6 | (u[i] & 0x3FU);
  return c;
}

/* One character as it is written. */
typedef struct {
  uint32_t c;
  pl_str as;    /* what is written */
  size_t bytes; /* of the text */
  size_t units; /* of `as` */
} glyph;

static glyph next(pl_str text, pl_escape *escape) {
  size_t n = pl_str_step(text);
  if (!n) return (glyph){0xFFFD, PL_STR("\xEF\xBF\xBD"), 1, 1};
  uint32_t c = point(text.p, n);
  bool control = (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0);
  const char *other = control ? " " : escape ? escape(c) : NULL;
  pl_str as = other ? pl_str_of(other) : (pl_str){text.p, n};
  return (glyph){c, as, n, other ? as.n : c > 0xFFFF ? 2 : 1};
}

/* It changes the character before it, and must stay with it. */
static bool joins(uint32_t c) {
  return (c >= 0x300 && c < 0x370) || (c >= 0xFE00 && c < 0xFE10) || (c >= 0x1F3FB && c < 0x1F400) ||
         c == 0x200D;
}

static void put(pl_buf *out, pl_str text, pl_escape *escape) {
  while (text.n) {
    glyph g = next(text, escape);
    pl_buf_str_put(out, g.as);
    text.p += g.bytes, text.n -= g.bytes;
  }
}

pl_str pl_trim(pl_str text) {
  size_t end = 0, begin = text.n;
  for (size_t i = 0; i < text.n;) {
    glyph g = next((pl_str){text.p + i, text.n - i}, NULL);
    bool seen = g.c != '\n' && !pl_str_is(g.as, " ");
    if (seen && begin > i) begin = i;
    i += g.bytes;
    if (seen) end = i;
  }
  return end ? (pl_str){text.p + begin, end - begin} : (pl_str){"", 0};
}

void pl_clip(pl_buf *out, pl_str text, size_t max, pl_escape *escape) {
  /* where it may be cut so that the sign of it has room: after a sentence, a word, a character */
  size_t sentence = 0, word = 0, character = 0, units = 0, sentence_units = 0, word_units = 0;
  uint32_t before = 0;
  text = pl_trim(text);
  for (size_t i = 0; i < text.n;) {
    glyph g = next((pl_str){text.p + i, text.n - i}, escape);
    bool ends = before == '.' || before == '!' || before == '?';
    if (units + 2 <= max && !joins(g.c) && before != 0x200D) {
      character = i;
      if (g.c == ' ' || g.c == '\n') word = i, word_units = units;
      if ((g.c == ' ' && ends) || g.c == '\n') sentence = i, sentence_units = units;
    }
    units += g.units, i += g.bytes, before = g.c;
    if (units <= max) continue;
    bool whole = sentence_units >= max / 2;
    size_t at = whole ? sentence : word_units >= max / 2 ? word : character;
    put(out, (pl_str){text.p, at}, escape);
    pl_buf_text(out, whole && at ? " …" : "…");
    return;
  }
  put(out, text, escape);
}

void pl_clip_json(pl_buf *out, pl_str text, size_t max, pl_escape *escape) {
  pl_buf clipped;
  pl_buf_init(&clipped, 1 << 20);
  pl_clip(&clipped, text, max, escape);
  pl_buf_json(out, pl_buf_str(&clipped));
  pl_buf_fini(&clipped);
}

bool pl_blank(pl_str text) { return pl_trim(text).n == 0; }

pl_str pl_line_cut(pl_str *rest) {
  const char *end = memchr(rest->p, '\n', rest->n);
  pl_str line = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
  size_t gone = line.n + (end != NULL);
  *rest = (pl_str){rest->p + gone, rest->n - gone};
  return line;
}

bool pl_link_fits(pl_str link, const pl_fit *fit) {
  bool web =
      (link.n > 8 && memcmp(link.p, "https://", 8) == 0) || (link.n > 7 && memcmp(link.p, "http://", 7) == 0);
  for (size_t i = 0; i < link.n && web; i++)
    web = link.p[i] > ' ' && link.p[i] < 0x7F && !strchr("\"'<>\\`", link.p[i]);
  return web && link.n <= fit->link;
}

size_t pl_facts_fit(const pl_message_item *item, const pl_fit *fit) {
  return item->nfacts < fit->facts ? item->nfacts : fit->facts;
}

bool pl_title_says_more(const pl_message *message, const pl_message_item *item) {
  return !pl_blank(item->title) && !pl_str_eq(item->title, message->subject);
}
