/* The machine that runs a plan over a body. `p` only moves past bytes that were checked to be there; nesting
 * lives in a fixed stack of frames; every item and every call is paid for from a budget that the body's size
 * gives. A failure is explained by the field its operation stands in. */
#include <math.h>

#include "codec/ops.h"

typedef struct {
  uint32_t body, after; /* of a loop; a call has only `after` */
  uint64_t left;        /* items left in the block, the current one included */
  const uint8_t *block; /* where the block says it ends; NULL: it does not say */
} frame;

/* A varint of at most ten bytes; NULL when it does not end in time. */
static inline const uint8_t *long_slow(const uint8_t *p, const uint8_t *end, uint64_t *out) {
  uint64_t v = 0;
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

static inline const uint8_t *get_long(const uint8_t *p, const uint8_t *end, int64_t *out) {
  uint64_t z;
  if (p < end && *p < 0x80)
    z = *p++;
  else if (!(p = long_slow(p, end, &z)))
    return NULL;
  *out = (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
  return p;
}

/* A length that the rest can hold, as the slice. */
static inline const uint8_t *get_bytes(const uint8_t *p, const uint8_t *end, pl_str *out) {
  int64_t n;
  if (!(p = get_long(p, end, &n)) || n < 0 || n > end - p) return NULL;
  *out = (pl_str){(const char *)p, (size_t)n};
  return p + n;
}

/* Two's complement, big endian, as a decimal of at most 18 digits. */
static bool get_decimal(pl_str bytes, const pl_node *node, pl_value *out) {
  const uint8_t *p = (const uint8_t *)bytes.p;
  size_t n = bytes.n;
  if (n == 0 || node->scale > 18) return false;
  uint8_t sign = p[0] & 0x80 ? 0xFF : 0;
  while (n > 8 && *p == sign) p++, n--;
  if (n > 8 || (n == 8 && (p[0] & 0x80) != (sign & 0x80))) return false;
  uint64_t v = sign ? UINT64_MAX : 0;
  for (; n; n--) v = v << 8 | *p++;
  int64_t i = (int64_t)v;
  if (i < -node->most || i > node->most) return false;
  *out = (pl_value){.kind = PL_DECIMAL, .scale = node->scale, .i = i};
  return true;
}

static pl_reason explain(const pl_plan *plan, uint32_t ip, size_t n, ptrdiff_t at, pl_reason reason,
                         const char *what, pl_err *why) {
  (void)pl_fail(why, PL_REJECT, "body of %zu bytes, at byte %td, field %.64s: %s", n, at, plan->names[ip],
                what);
  return reason;
}

#define TRY(expr, text)                                                                                      \
  if (__builtin_expect(!(expr), 0)) {                                                                        \
    what = (text);                                                                                           \
    goto bad;                                                                                                \
  }

pl_reason pl_plan_run(const pl_plan *plan, pl_str body, pl_slot *slots, pl_item_fn *on_item, void *ctx,
                      pl_err *why) {
  static const char no_number[] = "a number that does not end, or is too long for its type";
  static const char no_bytes[] = "a length that is negative or beyond the end of the body";
  const uint8_t *const start = (const uint8_t *)(body.p ? body.p : ""), *const end = start + body.n;
  const uint8_t *p = start, *from; /* from: where the current operation began, for messages */
  const char *what;
  pl_reason reason = PL_BODY;
  frame frames[PL_DEPTH_MAX];
  uint32_t depth = 0, ip = 0;
  uint64_t budget = (uint64_t)body.n + PL_SPARE_ITEMS;
  int64_t v;
  pl_str s;

  for (size_t i = 0; i < plan->nslots; i++) slots[i].node = NULL;
  for (;; ip++) {
    const pl_op *op = &plan->ops[ip];
    from = p;
    switch ((pl_op_kind)op->kind) {
    case OP_END: TRY(p == end, "the value ends before the body does"); return PL_APPLIED;

    case OP_SKIP_BYTES:
      for (uint32_t n = op->n; n; n--) TRY(p = get_bytes(p, end, &s), no_bytes);
      break;
    case OP_SKIP_LONG:
      for (uint32_t n = op->n; n; n--) TRY(p = get_long(p, end, &v), no_number);
      break;
    case OP_SKIP_INT:
      for (uint32_t n = op->n; n; n--)
        TRY((p = get_long(p, end, &v)) && v >= INT32_MIN && v <= INT32_MAX, no_number);
      break;
    case OP_SKIP_RAW:
      TRY(op->n <= end - p, "the body ends within it");
      p += op->n;
      break;
    case OP_SKIP_BOOL:
      TRY(op->n <= end - p, "the body ends within it");
      for (uint32_t n = op->n; n; n--) TRY(*p++ <= 1, "a boolean that is neither 0 nor 1");
      break;
    case OP_SKIP_ENUM:
      TRY((p = get_long(p, end, &v)) && v >= 0 && v < op->n, "an ordinal without a symbol in its enum");
      break;

    case OP_NULLABLE:
      TRY((p = get_long(p, end, &v)) && v >= 0 && v < 2, "a branch that its union does not have");
      if (v == op->n) ip = op->to - 1;
      break;
    case OP_UNION:
      TRY((p = get_long(p, end, &v)) && v >= 0 && v < op->n, "a branch that its union does not have");
      ip = plan->jumps[op->to + (uint32_t)v] - 1;
      break;
    case OP_JUMP: ip = op->to - 1; break;

    case OP_CALL:
      TRY(depth < PL_DEPTH_MAX, "nested too deep");
      TRY(budget > 0, "more items than its body can hold");
      budget--;
      frames[depth++] = (frame){.after = ip};
      ip = op->to - 1;
      break;
    case OP_RETURN: // a plan has one for each call: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
      ip = frames[--depth].after;
      break;

    case OP_LOOP:
      TRY(depth < PL_DEPTH_MAX, "nested too deep");
      frames[depth++] = (frame){.body = ip + 1, .after = op->to, .left = 1};
      goto next;
    case OP_NEXT:
    next : {
      frame *f = &frames[depth - 1];
      // a plan has one for each loop: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
      if (--f->left) {
        ip = f->body - 1;
        break;
      }
      TRY(!f->block || f->block == p, "a block of items of another size than it says");
      TRY(p = get_long(p, end, &v), no_number);
      f->block = NULL;
      if (v < 0) {
        int64_t size;
        TRY(v > INT64_MIN && (p = get_long(p, end, &size)) && size >= 0 && size <= end - p, no_bytes);
        v = -v, f->block = p + size;
      }
      if (v == 0) {
        ip = f->after - 1, depth--;
        break;
      }
      TRY((uint64_t)v <= budget, "more items than its body can hold");
      budget -= (uint64_t)v;
      f->left = (uint64_t)v;
      ip = f->body - 1;
      break;
    }

    case OP_ABSENT: slots[op->slot].node = NULL; break;
    case OP_ITEM:
      if (on_item && (reason = on_item(ctx, (int)op->n, slots, why)) != PL_APPLIED) return reason;
      reason = PL_BODY;
      break;

    case OP_TAKE_STRING:
      TRY(p = get_bytes(p, end, &s), no_bytes);
      if (s.n > PL_FIELD_MAX) {
        reason = PL_TOO_LARGE;
        TRY(false, "a text longer than 1024 bytes");
      }
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_TEXT, slots[op->slot].value.s = s;
      break;
    case OP_TAKE_INT:
      TRY((p = get_long(p, end, &v)) && v >= INT32_MIN && v <= INT32_MAX, no_number);
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_INT, slots[op->slot].value.i = v;
      break;
    case OP_TAKE_LONG:
      TRY(p = get_long(p, end, &v), no_number);
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_INT, slots[op->slot].value.i = v;
      break;
    case OP_TAKE_BOOL:
      TRY(p < end && *p <= 1, "a boolean that is neither 0 nor 1");
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_BOOL, slots[op->slot].value.i = *p++;
      break;
    case OP_TAKE_FLOAT: {
      float f;
      TRY(end - p >= 4, "the body ends within it");
      uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
      memcpy(&f, &bits, sizeof f);
      p += 4;
      reason = PL_BAD_VALUE;
      TRY(isfinite(f), "a number that is not finite");
      reason = PL_BODY;
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_REAL, slots[op->slot].value.d = (double)f;
      break;
    }
    case OP_TAKE_DOUBLE: {
      double d;
      uint64_t bits = 0;
      TRY(end - p >= 8, "the body ends within it");
      for (unsigned i = 0; i < 8; i++) bits |= (uint64_t)p[i] << (8 * i);
      memcpy(&d, &bits, sizeof d);
      p += 8;
      reason = PL_BAD_VALUE;
      TRY(isfinite(d), "a number that is not finite");
      reason = PL_BODY;
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_REAL, slots[op->slot].value.d = d;
      break;
    }
    case OP_TAKE_ENUM:
      TRY((p = get_long(p, end, &v)) && v >= 0 && v < op->n, "an ordinal without a symbol in its enum");
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_TEXT, slots[op->slot].value.i = v;
      slots[op->slot].value.s = op->node->names[v];
      break;
    case OP_TAKE_FIXED:
      TRY(op->n <= end - p, "the body ends within it");
      slots[op->slot].node = op->node;
      slots[op->slot].value.kind = PL_TEXT, slots[op->slot].value.s = (pl_str){(const char *)p, op->n};
      p += op->n;
      break;
    case OP_TAKE_DECIMAL:
    case OP_TAKE_DECIMAL_FIXED:
      if (op->kind == OP_TAKE_DECIMAL) {
        TRY(p = get_bytes(p, end, &s), no_bytes);
      } else {
        TRY(op->n <= end - p, "the body ends within it");
        s = (pl_str){(const char *)p, op->n}, p += op->n;
      }
      reason = PL_BAD_VALUE;
      TRY(get_decimal(s, op->node, &slots[op->slot].value),
          "a decimal of more digits than its precision, or than 18");
      reason = PL_BODY;
      slots[op->slot].node = op->node;
      break;
    }
  }
bad:
  return explain(plan, ip, body.n, from - start, reason, what, why);
}
