/* The walk. A value, then what may follow it where it stands: the frames say where that is. What nobody wants
 * goes the same way, from place 0, so that its form is checked too. */
#include <stdio.h>

#include "codec/json_text.h"
#include "codec/json_tree.h"

typedef struct {
  const pl_place *place; /* of the object or list */
  const pl_place *child; /* list: of the item that is being read */
  pl_str field;          /* where it stands, for messages */
  uint64_t passed;       /* list: items before; object: bit k: key k has been there */
  bool list;
} frame;

static const pl_node text_node = {.type = PL_AVRO_STRING, .name = "text"};
static const pl_node long_node = {.type = PL_AVRO_LONG, .name = "integer"};
static const pl_node real_node = {.type = PL_AVRO_DOUBLE, .name = "number"};
static const pl_node bool_node = {.type = PL_AVRO_BOOLEAN, .name = "boolean"};
static const pl_node decimal_node = {.type = PL_AVRO_BYTES,
                                     .logical = PL_DECIMAL_NUMBER,
                                     .most = INT64_C(999999999999999999),
                                     .name = "decimal"};

enum { ESCAPED = 1, BEYOND_ASCII = 2 };

static inline const uint8_t *blanks(const uint8_t *p, const uint8_t *end) {
  while (p < end && *p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
  return p;
}

/* From behind a quote to the next one, or to what no text may have, or to the end. Eight bytes at a time. */
static inline const uint8_t *scan(const uint8_t *p, const uint8_t *end, unsigned *kind) {
  const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
  uint64_t all = 0, w;
  *kind = 0;
  for (;;) {
    for (; end - p >= 8; p += 8) {
      memcpy(&w, p, 8);
      all |= w;
      /* a top bit shows a quote, a backslash or a control, exactly at the first of them */
      uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
      uint64_t stop = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((w - ones * ' ') & ~w);
      if (!(stop & tops)) continue;
      p += __builtin_ctzll(stop & tops) / 8;
      break;
    }
    while (p < end && *p != '"' && *p != '\\' && *p >= ' ') all |= *p++;
    if (all & tops) *kind |= BEYOND_ASCII;
    size_t n = p < end && *p == '\\' ? pl_json_escape(p, end) : 0;
    if (n == 0) return p;
    *kind |= ESCAPED;
    p += n;
  }
}

static inline uint64_t head_of(pl_str name, const uint8_t *end) {
  uint64_t head = 0;
  if ((const uint8_t *)name.p + 8 <= end)
    memcpy(&head, name.p, 8);
  else
    memcpy(&head, name.p, name.n < 8 ? name.n : 8);
  return name.n >= 8 ? head : head & ((UINT64_C(1) << 8 * name.n) - 1);
}

/* The key of an object's place that a name is, or nkeys. */
static inline uint16_t find(const pl_json_plan *plan, const pl_place *place, pl_str name,
                            const uint8_t *end) {
  const pl_place_key *keys = &plan->keys[place->keys];
  uint64_t head = place->nkeys ? head_of(name, end) : 0;
  uint16_t i = 0;
  for (; i < place->nkeys; i++)
    if (keys[i].head == head && keys[i].name.n == name.n &&
        (name.n <= 8 || memcmp(keys[i].name.p + 8, name.p + 8, name.n - 8) == 0))
      break;
  return i;
}

static inline void put(pl_slot *slots, uint64_t fills, const pl_node *node, pl_value value) {
  for (; fills; fills &= fills - 1) slots[__builtin_ctzll(fills)] = (pl_slot){node, value};
}

static pl_reason explain(const uint8_t *p, const uint8_t *end, size_t n, pl_str field, pl_reason reason,
                         const char *what, pl_err *why) {
  char found[32] = "";
  if (strncmp(what, "expected", 8) != 0)
    ;
  else if (p >= end)
    (void)snprintf(found, sizeof found, "found its end, ");
  else
    (void)snprintf(found, sizeof found, *p > ' ' && *p < 0x7F ? "found `%c`, " : "found byte 0x%02X, ", *p);
  (void)pl_fail(why, PL_REJECT, "JSON of %zu bytes, at byte %zu%s%.*s: %s%s", n, n - (size_t)(end - p),
                field.n ? ", field " : "", field.n < 64 ? (int)field.n : 64, field.p, found, what);
  return reason;
}

#define TRY_AS(as, expr, text)                                                                               \
  if (__builtin_expect(!(expr), 0)) {                                                                        \
    what = (text), reason = (as);                                                                            \
    goto bad;                                                                                                \
  }
#define TRY(expr, text) TRY_AS(PL_BODY, expr, text)

pl_reason pl_json_plan_run(const pl_json_plan *plan, pl_str text, pl_json_room *room, pl_slot *slots,
                           pl_item_fn *on_item, void *ctx, pl_err *why) {
  const uint8_t *p = (const uint8_t *)(text.p ? text.p : ""), *const end = p + text.n, *from = p;
  const char *what;
  pl_reason reason = PL_BODY;
  frame frames[PL_DEPTH_MAX], *f = NULL;
  const pl_place *at = &plan->places[plan->nslots ? 1 : 0];
  size_t depth = 0;
  unsigned kind;
  uint16_t k;
  pl_str s, field = PL_STR("");
  pl_json_number number;
  pl_value v;
  char name[1536]; /* a path, each byte an escape */

  room->n = 0;
  for (size_t i = 0; i < plan->nslots; i++) slots[i].node = NULL;
  p = blanks(p, end);
  TRY(p < end && (*p == '{' || (*p == '[' && (at->every || at->nitems))), "expected an object");

value:
  p = blanks(p, end);
  TRY(p < end, "expected a value");
  switch (*p) {
  case '"':
    from = p + 1;
    p = scan(from, end, &kind);
    TRY(p < end && *p == '"', "expected the rest of a text, or its closing quote");
    s = (pl_str){(const char *)from, (size_t)(p - from)};
    TRY(!(kind & BEYOND_ASCII) || pl_str_utf8(s), "a text of invalid UTF-8");
    p++;
    if (!at->fills) break;
    if (kind & ESCAPED) {
      TRY_AS(PL_TOO_LARGE, s.n <= PL_JSON_ROOM - room->n, "more text with escapes than 16384 bytes");
      char *to = room->text + room->n;
      TRY(pl_json_unescape(s, to, &s.n), "half of a surrogate pair in a text");
      s.p = to, room->n += s.n;
    }
    TRY_AS(PL_TOO_LARGE, s.n <= PL_FIELD_MAX, "a text longer than 1024 bytes");
    put(slots, at->fills, &text_node, (pl_value){.kind = PL_TEXT, .s = s});
    break;
  case '{':
  case '[':
    TRY_AS(PL_BAD_VALUE, !at->fills || !at->leaf,
           *p == '{' ? "an object, expected text, a number or a boolean"
                     : "a list, expected text, a number or a boolean");
    TRY(depth < PL_DEPTH_MAX, "nested deeper than 32 levels");
    f = &frames[depth++];
    *f = (frame){.place = at, .field = field, .list = *p == '['};
    p = blanks(p + 1, end);
    if (p < end && *p == (f->list ? ']' : '}')) goto close;
    if (f->list) goto item;
    goto key;
  case 't':
    TRY(end - p >= 4 && memcmp(p, "true", 4) == 0, "expected true");
    p += 4;
    put(slots, at->fills, &bool_node, (pl_value){.kind = PL_BOOL, .i = 1});
    break;
  case 'f':
    TRY(end - p >= 5 && memcmp(p, "false", 5) == 0, "expected false");
    p += 5;
    put(slots, at->fills, &bool_node, (pl_value){.kind = PL_BOOL, .i = 0});
    break;
  case 'n':
    TRY(end - p >= 4 && memcmp(p, "null", 4) == 0, "expected null");
    p += 4;
    break;
  default:
    from = p;
    TRY(*p == '-' || (*p >= '0' && *p <= '9'), "expected a value");
    TRY(p = pl_json_number_read(from, end, &number), "not a number by JSON's rules");
    if (!at->fills) break;
    TRY_AS(PL_BAD_VALUE, pl_json_number_value(&number, (pl_str){(const char *)from, (size_t)(p - from)}, &v),
           "a number beyond 64 bits, not finite, or of more than 63 characters");
    put(slots, at->fills,
        v.kind == PL_INT       ? &long_node
        : v.kind == PL_DECIMAL ? &decimal_node
                               : &real_node,
        v);
  }

after:
  p = blanks(p, end);
  if (depth == 0) goto end_of_text;
  f = &frames[depth - 1];
  for (uint64_t tells = f->list && on_item ? f->child->tells : 0; tells; tells &= tells - 1) {
    pl_reason told = on_item(ctx, plan->lists[__builtin_ctzll(tells)], slots, why);
    if (told != PL_APPLIED) return told;
  }
  TRY(p < end, f->list ? "expected , or ]" : "expected , or }");
  if (*p == ',') {
    p++;
    if (f->list) goto item;
    p = blanks(p, end);
    goto key;
  }
  TRY(*p == (f->list ? ']' : '}'), f->list ? "expected , or ]" : "expected , or }");

close:
  p++;
  field = f->field;
  depth--;
  goto after;

item:
  at = &plan->places[f->passed < f->place->nitems ? plan->items[f->place->items + f->passed]
                                                  : f->place->every];
  f->passed++, f->child = at;
  for (uint64_t clears = at->clears; clears; clears &= clears - 1) slots[__builtin_ctzll(clears)].node = NULL;
  goto value;

key:
  TRY(p < end && *p == '"', "expected a name in quotes");
  from = p + 1;
  p = scan(from, end, &kind);
  TRY(p < end && *p == '"', "expected the rest of a name, or its closing quote");
  s = field = (pl_str){(const char *)from, (size_t)(p - from)};
  TRY(!(kind & BEYOND_ASCII) || pl_str_utf8(s), "a name of invalid UTF-8");
  if ((kind & ESCAPED) && s.n <= sizeof name && pl_json_unescape(s, name, &s.n)) s.p = name;
  k = find(plan, f->place, s, end);
  at = plan->places;
  if (k < f->place->nkeys) {
    TRY(!(f->passed >> k & 1), "a name that comes twice");
    f->passed |= UINT64_C(1) << k;
    at = &plan->places[plan->keys[f->place->keys + k].place];
  }
  p = blanks(p + 1, end);
  TRY(p < end && *p == ':', "expected :");
  p++;
  goto value;

end_of_text:
  TRY(p == end, "expected its end");
  return PL_APPLIED;
bad:
  return explain(p ? p : from, end, text.n, field, reason, what, why);
}
