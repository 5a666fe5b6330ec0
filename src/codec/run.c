/* The machine that runs a plan over a body. `p` only moves past bytes that were checked to be there; nesting
 * lives in a fixed stack of frames; every item and every call is paid for from a budget that the body's size
 * gives. A failure is explained by the field its operation stands in. */
#include <math.h>

#include "codec/ops.h"

static const char no_number[] = "a number that does not end, or is too long for its type";
static const char no_bytes[] = "a length that is negative or beyond the end of the body";
static const char no_bool[] = "a boolean that is neither 0 nor 1";
static const char no_symbol[] = "an ordinal without a symbol in its enum";
static const char no_branch[] = "a branch that its union does not have";
static const char not_finite[] = "a number that is not finite";
static const char no_decimal[] = "a decimal of more digits than its precision, or than 18";
static const char twice[] = "a key that comes twice";
static const char too_short[] = "the body ends within it";
static const char too_deep[] = "nested too deep";
static const char too_many[] = "more items than its body can hold";

typedef struct {
  const pl_op *body, *after; /* what is before a loop's, and before what follows; a call has only `after` */
  uint64_t left;             /* items left in the block, the current one included */
  const uint8_t *block;      /* where the block says it ends; NULL: it does not say */
  uint64_t passed;           /* array: items that OP_NTH has seen; map: bit k: wanted key k has been there */
} frame;

/* A varint of at most ten bytes; NULL when it does not end in time. Mostly there are eight bytes to look at:
 * of those up to the first without its top bit, the sevens are moved together, two, four and eight at a time.
 */
static __attribute__((noinline)) const uint8_t *get_varint(const uint8_t *p, const uint8_t *end,
                                                           uint64_t *out) {
  uint64_t v = 0;
  if (end - p >= 8) {
    memcpy(&v, p, sizeof v);
    uint64_t last = ~v & UINT64_C(0x8080808080808080);
    v &= (last ^ (last - 1)) & UINT64_C(0x7F7F7F7F7F7F7F7F);
    v = (v & UINT64_C(0x007F007F007F007F)) | (v & UINT64_C(0x7F007F007F007F00)) >> 1;
    v = (v & UINT64_C(0x00003FFF00003FFF)) | (v & UINT64_C(0x3FFF00003FFF0000)) >> 2;
    *out = (v & UINT64_C(0x000000000FFFFFFF)) | (v & UINT64_C(0x0FFFFFFF00000000)) >> 4;
    if (last) return p + __builtin_ctzll(last) / 8 + 1;
    v = 0;
  }
  for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
    uint8_t b = *p++;
    if (shift == 63 && b > 1) return NULL;
    v |= (uint64_t)(b & 0x7F) << shift;
    if (!(b & 0x80)) {
      *out = v;
      return p;
    }
  }
  return NULL;
}

static inline const uint8_t *get_zigzag(const uint8_t *p, const uint8_t *end, uint64_t *out) {
  if (p == end || *p >= 0x80) return get_varint(p, end, out);
  *out = *p;
  return p + 1;
}

static inline const uint8_t *get_long(const uint8_t *p, const uint8_t *end, int64_t *out) {
  uint64_t z;
  if (!(p = get_zigzag(p, end, &z))) return NULL;
  *out = (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
  return p;
}

static inline const uint8_t *get_int(const uint8_t *p, const uint8_t *end, int64_t *out) {
  return (p = get_long(p, end, out)) && *out >= INT32_MIN && *out <= INT32_MAX ? p : NULL;
}

/* A length that the rest can hold, as the slice. What is negative is odd. */
static inline const uint8_t *get_bytes(const uint8_t *p, const uint8_t *end, pl_str *out) {
  uint64_t z;
  if (!(p = get_zigzag(p, end, &z)) || z & 1 || z >> 1 > (uint64_t)(end - p)) return NULL;
  *out = (pl_str){(const char *)p, z >> 1};
  return p + (z >> 1);
}

/* A branch of a union, a symbol of an enum: one of n. */
static inline const uint8_t *get_ordinal(const uint8_t *p, const uint8_t *end, uint32_t n, int64_t *out) {
  uint64_t z;
  if (!(p = get_zigzag(p, end, &z)) || z & 1 || z >> 1 >= n) return NULL;
  *out = (int64_t)(z >> 1);
  return p;
}

/* Little endian; of bytes that are there. */
static inline float get_float(const uint8_t *p) {
  uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

static inline double get_double(const uint8_t *p) {
  uint64_t bits = 0;
  double d;
  for (unsigned i = 0; i < 8; i++) bits |= (uint64_t)p[i] << (8 * i);
  memcpy(&d, &bits, sizeof d);
  return d;
}

/* Two's complement, big endian, as a decimal of at most 18 digits. */
static bool get_decimal(pl_str bytes, int64_t scale, int64_t most, pl_value *out) {
  const uint8_t *p = (const uint8_t *)bytes.p;
  size_t n = bytes.n;
  if (n == 0 || scale < 0 || scale > 18) return false;
  uint8_t sign = p[0] & 0x80 ? 0xFF : 0;
  while (n > 8 && *p == sign) p++, n--;
  if (n > 8 || (n == 8 && (p[0] & 0x80) != (sign & 0x80))) return false;
  uint64_t v = sign ? UINT64_MAX : 0;
  for (; n; n--) v = v << 8 | *p++;
  int64_t i = (int64_t)v;
  if (i < -most || i > most) return false;
  *out = (pl_value){.kind = PL_DECIMAL, .scale = (int)scale, .i = i};
  return true;
}

/* The next block of a loop whose last one ends at p: how many items it has, and where it says it ends. NULL:
 * it cannot be so, and why. */
static const uint8_t *get_block(frame *f, const uint8_t *p, const uint8_t *end, uint64_t *budget,
                                const char **what) {
  int64_t n, size;
  static const char other_size[] = "a block of items of another size than it says";
  *what = other_size;
  if (f->block && f->block != p) return NULL;
  *what = no_number;
  if (!(p = get_long(p, end, &n))) return NULL;
  *what = other_size;
  f->block = NULL;
  if (n < 0) {
    if (n == INT64_MIN || !(p = get_long(p, end, &size)) || size < 0 || size > end - p) return NULL;
    n = -n, f->block = p + size;
  }
  *what = too_many;
  if ((uint64_t)n > *budget) return NULL;
  *budget -= (uint64_t)n, f->left = (uint64_t)n;
  return p;
}

static pl_reason explain(const char *field, size_t n, ptrdiff_t at, pl_reason reason, const char *what,
                         pl_err *why) {
  (void)pl_fail(why, PL_REJECT, "body of %zu bytes, at byte %td, field %.64s: %s", n, at, field, what);
  return reason;
}

#define TRY_AS(as, expr, text)                                                                               \
  if (__builtin_expect(!(expr), 0)) {                                                                        \
    what = (text), reason = (as);                                                                            \
    goto bad;                                                                                                \
  }
#define TRY(expr, text) TRY_AS(PL_BODY, expr, text)

#define PUT(as, member, v) /* what the operation takes */                                                    \
  slots[op->slot].node = op->node, slots[op->slot].value.kind = (as), slots[op->slot].value.member = (v)

/* One switch, so that an operation costs one jump; each is a few lines over the readers above. */
pl_reason pl_plan_run(const pl_plan *plan, pl_str body, pl_slot *slots, pl_item_fn *on_item, void *ctx,
                      pl_err *why) {
  const uint8_t *const start = (const uint8_t *)(body.p ? body.p : ""), *const end = start + body.n;
  const uint8_t *p = start, *from; /* from: where the current operation began, for messages */
  const pl_op *const ops = plan->ops, *op;
  const char *what;
  pl_reason reason = PL_BODY;
  frame frames[PL_DEPTH_MAX], *f;
  uint32_t depth = 0;
  uint64_t budget = (uint64_t)body.n + PL_SPARE_ITEMS;
  int64_t v;
  uint64_t passed;
  pl_str s, key = PL_STR("");

  for (size_t i = 0; i < plan->nslots; i++) slots[i].node = NULL;
  for (op = ops;; op++) {
    from = p;
    if (op->null) {
      TRY(p = get_ordinal(p, end, 2, &v), no_branch);
      if (v == op->null - 1) continue;
    }
    if (op->kind > OP_COPY) __builtin_unreachable(); /* so that nobody looks again */
    switch ((pl_op_kind)op->kind) {
    case OP_END: TRY(p == end, "the value ends before the body does"); return PL_APPLIED;

    case OP_SKIP_BYTES:
      for (uint32_t n = op->n; n; n--) TRY(p = get_bytes(p, end, &s), no_bytes);
      break;
    case OP_SKIP_LONG:
      for (uint32_t n = op->n; n; n--) TRY(p = get_long(p, end, &v), no_number);
      break;
    case OP_SKIP_INT:
      for (uint32_t n = op->n; n; n--) TRY(p = get_int(p, end, &v), no_number);
      break;
    case OP_SKIP_RAW:
      TRY(op->n <= end - p, too_short);
      p += op->n;
      break;
    case OP_SKIP_BOOL:
      TRY(op->n <= end - p, too_short);
      for (uint32_t n = op->n; n; n--) TRY(*p++ <= 1, no_bool);
      break;
    case OP_SKIP_ENUM: TRY(p = get_ordinal(p, end, op->n, &v), no_symbol); break;

    case OP_NULLABLE:
      TRY(p = get_ordinal(p, end, 2, &v), no_branch);
      if (v == op->n) op = ops + op->to - 1;
      break;
    case OP_UNION:
      TRY(p = get_ordinal(p, end, op->n, &v), no_branch);
      op = ops + plan->jumps[op->to + (uint32_t)v] - 1;
      break;
    case OP_JUMP: op = ops + op->to - 1; break;

    case OP_CALL:
      TRY(depth < PL_DEPTH_MAX, too_deep);
      TRY(budget > 0, too_many);
      budget--;
      frames[depth++] = (frame){.after = op};
      op = ops + op->to - 1;
      break;
    case OP_RETURN: // a plan has one for each call: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
      op = frames[--depth].after;
      break;

    case OP_LOOP:
      TRY(depth < PL_DEPTH_MAX, too_deep);
      frames[depth++] = (frame){.body = op, .after = ops + op->to - 1, .left = 1};
      goto next;
    case OP_NEXT:
    next:
      f = &frames[depth - 1];
      // a plan has one for each loop: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
      if (--f->left == 0 && !(p = get_block(f, p, end, &budget, &what))) goto bad;
      op = f->left ? f->body : f->after;
      depth -= f->left == 0;
      break;

    case OP_NTH: // within a loop: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
      passed = frames[depth - 1].passed++;
      op = ops + plan->jumps[op->to + (passed < op->n ? passed : op->n)] - 1;
      break;
    case OP_KEY: TRY(p = get_bytes(p, end, &key), no_bytes); break;
    case OP_IS_KEY:
      if (key.n != op->n || memcmp(key.p, op->key, op->n) != 0) {
        op = ops + op->to - 1;
        break;
      }
      // within a loop: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
      passed = frames[depth - 1].passed;
      TRY(!(passed >> op->slot & 1), twice);
      frames[depth - 1].passed = passed | UINT64_C(1) << op->slot;
      break;

    case OP_ABSENT: slots[op->slot].node = NULL; break;
    case OP_ITEM:
      if (on_item && (reason = on_item(ctx, (int)op->n, slots, why)) != PL_APPLIED) return reason;
      reason = PL_BODY;
      break;

    case OP_TAKE_STRING:
      TRY(p = get_bytes(p, end, &s), no_bytes);
      TRY_AS(PL_TOO_LARGE, s.n <= PL_FIELD_MAX, "a text longer than 1024 bytes");
      PUT(PL_TEXT, s, s);
      break;
    case OP_TAKE_INT:
      TRY(p = get_int(p, end, &v), no_number);
      PUT(PL_INT, i, v);
      break;
    case OP_TAKE_LONG:
      TRY(p = get_long(p, end, &v), no_number);
      PUT(PL_INT, i, v);
      break;
    case OP_TAKE_BOOL:
      TRY(p < end && *p <= 1, no_bool);
      PUT(PL_BOOL, i, *p++);
      break;
    case OP_TAKE_FLOAT: {
      TRY(end - p >= 4, too_short);
      float d = get_float(p);
      p += 4;
      TRY_AS(PL_BAD_VALUE, isfinite(d), not_finite);
      PUT(PL_REAL, d, (double)d);
      break;
    }
    case OP_TAKE_DOUBLE: {
      TRY(end - p >= 8, too_short);
      double d = get_double(p);
      p += 8;
      TRY_AS(PL_BAD_VALUE, isfinite(d), not_finite);
      PUT(PL_REAL, d, d);
      break;
    }
    case OP_TAKE_ENUM:
      TRY(p = get_ordinal(p, end, op->n, &v), no_symbol);
      PUT(PL_TEXT, s, op->node->names[v]);
      slots[op->slot].value.i = v;
      break;
    case OP_TAKE_FIXED:
      TRY(op->n <= end - p, too_short);
      PUT(PL_TEXT, s, ((pl_str){(const char *)p, op->n}));
      p += op->n;
      break;
    case OP_TAKE_DECIMAL:
    case OP_TAKE_DECIMAL_FIXED:
      if (op->kind == OP_TAKE_DECIMAL) {
        TRY(p = get_bytes(p, end, &s), no_bytes);
      } else {
        TRY(op->n <= end - p, too_short);
        s = (pl_str){(const char *)p, op->n}, p += op->n;
      }
      TRY_AS(PL_BAD_VALUE, get_decimal(s, op->node->scale, op->node->most, &slots[op->slot].value),
             no_decimal);
      slots[op->slot].node = op->node;
      break;
    case OP_TAKE_SCALED:
      TRY(p = get_int(p, end, &v), no_number);
      TRY(p = get_bytes(p, end, &s), no_bytes);
      TRY_AS(PL_BAD_VALUE, get_decimal(s, v, op->node->most, &slots[op->slot].value), no_decimal);
      slots[op->slot].node = op->node;
      break;
    case OP_COPY: slots[op->slot] = slots[op->n]; break;
    }
  }
bad:
  return explain(plan->names[op - ops], body.n, from - start, reason, what, why);
}
