#include "codec/phrase.h"

/* --- a place: what stands between { and } */

typedef struct {
  char sign;        /* '@', '?', '!'; 0: a value */
  bool capital;     /* its name begins with a capital */
  pl_str name;      /* as written */
  bool compared;    /* {?name=text} */
  pl_str other;     /* the text, the number of a noun */
  pl_str forms[2];  /* {n|one|other} */
  int nforms;       /* 0 or 2 */
  const char *why;  /* what is wrong with it, if something is... */
  const char *here; /* ...and where */
} place;

static bool lower(char c) { return c >= 'a' && c <= 'z'; }
static bool upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool within(char c) { return lower(c) || upper(c) || (c >= '0' && c <= '9') || strchr("_.-", c); }

static pl_str read_name(const char **p) {
  const char *from = *p;
  while (**p && within(**p)) ++*p;
  return (pl_str){from, (size_t)(*p - from)};
}

/* Up to one of `stops`; a backslash takes what follows along. */
static pl_str read_text(const char **p, const char *stops) {
  const char *from = *p;
  while (**p && !strchr(stops, **p)) *p += **p == '\\' && (*p)[1] ? 2 : 1;
  return (pl_str){from, (size_t)(*p - from)};
}

static const char *wrong_place(place *out, const char *here, const char *why) {
  out->here = here, out->why = why;
  return NULL;
}

/* From behind the {; returns what is behind the }, or NULL. */
static const char *read_place(const char *p, place *out) {
  *out = (place){.sign = 0};
  const char *open = p - 1;
  if (*p && strchr("@?!", *p)) out->sign = *p++;
  out->name = read_name(&p);
  if (!out->name.n)
    return wrong_place(out, *p ? p : open, "found no name behind '{', expected one such as {who}");
  out->capital = !out->sign && upper(out->name.p[0]);
  if ((out->sign == '?' || out->sign == '!') && *p == '=') {
    p++, out->compared = true, out->other = read_text(&p, "}");
  } else if (!out->sign && *p == ':') {
    p++, out->other = read_name(&p);
    if (!out->other.n)
      return wrong_place(out, p, "found no name behind ':', expected a number's, as in {metric:actual}");
  } else if (!out->sign && *p == '|') {
    for (; *p == '|' && out->nforms < 2; out->nforms++) p++, out->forms[out->nforms] = read_text(&p, "|}");
    if (*p == '|' || (*p && out->nforms < 2))
      return wrong_place(out, p, "found another number of words, expected two, as in {actual|call|calls}");
  }
  if (!*p) return wrong_place(out, open, "found '{' without its '}', expected both; \\{ is the character");
  if (*p != '}')
    return wrong_place(out, p, "found a character that is in no name, expected a place such as {who}");
  return p + 1;
}

/* --- saying */

typedef struct {
  const pl_phrase_source *from;
  pl_buf *out;
  size_t begun, steps;
} saying;

static void put(saying *s, char c) {
  pl_buf *out = s->out;
  char last = out->n > s->begun ? out->p[out->n - 1] : '\n';
  if ((unsigned char)c < 0x20 && c != '\n') c = ' ';
  if (c == '\n' && last == ' ') last = out->p[--out->n - 1];
  if ((c == ' ' || c == '\n') && (last == '\n' || (c == ' ' && last == ' '))) return;
  pl_buf_char(out, c);
}

static void put_literal(saying *s, pl_str text) {
  for (size_t i = 0; i < text.n; i++) {
    bool escaped = text.p[i] == '\\' && i + 1 < text.n;
    put(s, escaped ? text.p[++i] : text.p[i]);
  }
}

/* How many bytes make a character, and is it one to print? Marks that turn the direction of what follows, or
 * end a line, are not. */
static size_t character(const unsigned char *p, size_t n, bool *prints) {
  size_t len = *p < 0x80 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
  *prints = *p > 0x20 && *p != 0x7F;
  if (*p < 0x80) return 1;
  *prints = len <= n && pl_str_utf8((pl_str){(const char *)p, len});
  if (!*prints) return 1;
  if (len == 2) *prints = *p != 0xC2 || p[1] >= 0xA0;
  if (len != 3) return len;
  bool marks = p[0] == 0xE2 && ((p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) ||
                                (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
  *prints = !marks && !(p[0] == 0xEF && (p[1] == 0xBB || p[1] == 0xBF) && p[2] >= 0xBE);
  return len;
}

static void put_value(saying *s, pl_str value, bool capital) {
  bool prints;
  for (size_t i = 0, len; i < value.n; i += len, capital = false) {
    len = character((const unsigned char *)value.p + i, value.n - i, &prints);
    if (!prints)
      put(s, ' ');
    else if (len > 1)
      pl_buf_put(s->out, value.p + i, len);
    else
      pl_buf_char(s->out, capital && lower(value.p[i]) ? (char)(value.p[i] - 'a' + 'A') : value.p[i]);
  }
}

/* What ends in a blank ends before it. */
static void trim(saying *s) {
  while (s->out->n > s->begun && strchr(" \n", s->out->p[s->out->n - 1])) s->out->n--;
}

void pl_phrase_put(pl_buf *out, pl_str value) {
  saying s = {NULL, out, out->n, 0};
  put_value(&s, value, false);
  trim(&s);
}

static bool find(const saying *s, pl_str name, pl_phrase_value *out) {
  char small[64];
  if (name.n && name.n < sizeof small && upper(name.p[0])) {
    memcpy(small, name.p, name.n);
    small[0] = (char)(small[0] - 'A' + 'a'), name.p = small;
  }
  *out = (pl_phrase_value){.number = false};
  return s->from->value(s->from->ctx, name, out);
}

/* Texts are compared without their escapes. */
static bool same(pl_str text, pl_str written) {
  size_t i = 0, k = 0;
  for (; i < text.n && k < written.n; i++, k++) {
    if (written.p[k] == '\\' && k + 1 < written.n) k++;
    if (text.p[i] != written.p[k]) return false;
  }
  return i == text.n && k == written.n;
}

static bool run(saying *s, const char **p, int depth, int brackets, bool mute);

/* True: it is not missing. */
static bool say_place(saying *s, const place *at, int depth) {
  pl_phrase_value value, number;
  if (at->sign == '@') {
    const char *text = depth < PL_PHRASE_DEPTH ? s->from->phrase(s->from->ctx, at->name) : NULL;
    size_t mark = s->out->n;
    return text && run(s, &text, depth + 1, 0, false) && s->out->n > mark;
  }
  bool is = find(s, at->name, &value);
  if (at->sign) return (is && (!at->compared || same(value.text, at->other))) == (at->sign == '?');
  if (!is) return false;
  if (at->nforms) {
    put_literal(s, at->forms[value.is_one ? 0 : 1]);
    return true;
  }
  if (at->other.n && !find(s, at->other, &number)) return false;
  put_value(s, at->other.n && number.is_one && value.one.n ? value.one : value.text, at->capital);
  return true;
}

/* The first alternative that is whole. */
static void say_bracket(saying *s, const char **p, int depth, int brackets, bool mute) {
  for (bool done = mute;;) {
    size_t mark = s->out->n;
    bool whole = run(s, p, depth, brackets, done);
    if (!done && !whole) s->out->n = mark;
    done |= whole;
    if (!**p || *(*p)++ == ']') return;
  }
}

/* To the end, or to where the alternative ends; true: nothing is missing. `mute`: only to find that end. */
static bool run(saying *s, const char **p, int depth, int brackets, bool mute) {
  bool whole = true;
  place at;
  while (**p && !(brackets && strchr("|]", **p))) {
    char c = *(*p)++;
    whole &= s->steps < PL_PHRASE_STEPS && s->out->n - s->begun <= PL_PHRASE_MAX;
    if (c == '[' && brackets < PL_PHRASE_BRACKETS) {
      say_bracket(s, p, depth, brackets + 1, mute || !whole);
    } else if (c == '{') {
      const char *behind = read_place(*p, &at);
      if (!behind) return *p += strlen(*p), false;
      *p = behind;
      if (mute || !whole) continue;
      s->steps++;
      whole = say_place(s, &at, depth);
    } else {
      if (c == '\\' && **p) c = **p == 'n' ? '\n' : **p, ++*p;
      if (!mute && whole) put(s, c);
    }
  }
  return whole;
}

bool pl_phrase_say(const char *text, const pl_phrase_source *from, pl_buf *out) {
  saying s = {from, out, out->n, 0};
  if (run(&s, &text, 0, 0, false))
    trim(&s);
  else
    out->n = s.begun;
  return out->n > s.begun;
}

/* --- checking */

static bool no(pl_phrase_wrong *wrong, size_t at, const char *why) {
  *wrong = (pl_phrase_wrong){.at = at, .why = why};
  return false;
}

static bool known(const char *text, pl_str name, pl_phrase_of of, pl_phrase_knows *knows, void *ctx,
                  pl_phrase_wrong *wrong) {
  char small[64];
  pl_str asked = name;
  if (of != PL_PHRASE_OF_PHRASE && name.n < sizeof small && upper(name.p[0])) {
    memcpy(small, name.p, name.n);
    small[0] = (char)(small[0] - 'A' + 'a'), asked.p = small;
  }
  if (knows(ctx, of, asked)) return true;
  *wrong = (pl_phrase_wrong){(size_t)(name.p - text), "", name, of};
  return false;
}

bool pl_phrase_check(const char *text, pl_phrase_knows *knows, void *ctx, pl_phrase_wrong *wrong) {
  size_t open[PL_PHRASE_BRACKETS];
  int n = 0;
  for (const char *p = text; *p;) {
    size_t here = (size_t)(p - text);
    char c = *p++;
    place at;
    if (c == '\\' && !*p++) return no(wrong, here, "found '\\' at the end, expected a character behind it");
    if (c == '}') return no(wrong, here, "found '}' without its '{', expected both; \\} is the character");
    if (c == ']' && n-- == 0)
      return no(wrong, here, "found ']' without its '[', expected both; \\] is the character");
    if (c == '[') {
      if (n == PL_PHRASE_BRACKETS)
        return no(wrong, here, "found more than 8 brackets in each other, expected fewer");
      open[n++] = here;
    }
    if (c != '{') continue;
    if (!(p = read_place(p, &at))) return no(wrong, (size_t)(at.here - text), at.why);
    pl_phrase_of of = at.sign == '@'               ? PL_PHRASE_OF_PHRASE
                      : at.nforms                  ? PL_PHRASE_OF_NUMBER
                      : at.other.n && !at.compared ? PL_PHRASE_OF_NOUN
                                                   : PL_PHRASE_OF_VALUE;
    if (!known(text, at.name, of, knows, ctx, wrong)) return false;
    if (of == PL_PHRASE_OF_NOUN && !known(text, at.other, PL_PHRASE_OF_NUMBER, knows, ctx, wrong))
      return false;
  }
  return n == 0 || no(wrong, open[n - 1], "found '[' without its ']', expected both; \\[ is the character");
}
