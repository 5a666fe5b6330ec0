#include "codec/event_value.h"

#include <math.h>
#include <stdio.h>

#include "codec/event_decode.h"
#include "codec/when.h"

static bool hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool pl_uuid_valid(pl_str s) {
  if (s.n != 36) return false;
  for (size_t i = 0; i < 36; i++)
    if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-' : !hex(s.p[i])) return false;
  return true;
}

bool pl_slot_word(const pl_slot *slot, char *room, pl_str *out) {
  const pl_value *v = &slot->value;
  switch (v->kind) {
  case PL_BOOL: *out = v->i ? PL_STR("true") : PL_STR("false"); return true;
  case PL_INT:
    *out = (pl_str){room, (size_t)snprintf(room, PL_WORD_ROOM, "%lld", (long long)v->i)};
    return true;
  case PL_TEXT: break;
  default: return false;
  }
  *out = v->s;
  if (slot->node->type != PL_AVRO_FIXED) return true;
  char *to = room;
  for (size_t i = 0; i < v->s.n; i++) {
    unsigned char b = (unsigned char)v->s.p[i];
    *to++ = "0123456789abcdef"[b >> 4], *to++ = "0123456789abcdef"[b & 15];
    if (i == 3 || i == 5 || i == 7 || i == 9) *to++ = '-';
  }
  *out = (pl_str){room, (size_t)(to - room)};
  return true;
}

static bool in_range(int64_t ms) { return ms >= PL_WHEN_MIN && ms <= PL_WHEN_MAX; }

static bool of_number(int64_t i, pl_epoch_unit unit, int64_t *ms) {
  switch (unit) {
  case PL_EPOCH_S: return !__builtin_mul_overflow(i, 1000, ms);
  case PL_EPOCH_US: *ms = pl_floor_div(i, 1000); return true;
  case PL_EPOCH_NS: *ms = pl_floor_div(i, 1000000); return true;
  default: *ms = i; return true;
  }
}

bool pl_slot_instant(const pl_slot *slot, const char *format, int32_t of_day, pl_epoch_unit unit, int64_t *ms,
                     bool *local) {
  int64_t i = slot->value.i;
  pl_when when;
  *local = false;
  switch (slot->node->logical) {
  case PL_INSTANT_MILLIS: *ms = i; break;
  case PL_INSTANT_MICROS: *ms = pl_floor_div(i, 1000); break;
  case PL_INSTANT_NANOS: *ms = pl_floor_div(i, 1000000); break;
  case PL_LOCAL_MILLIS: *ms = i, *local = true; break;
  case PL_LOCAL_MICROS: *ms = pl_floor_div(i, 1000), *local = true; break;
  case PL_LOCAL_NANOS: *ms = pl_floor_div(i, 1000000), *local = true; break;
  case PL_DATE: *ms = i * 86400000 + (int64_t)of_day * 1000, *local = true; break;
  default:
    if (slot->value.kind == PL_INT) {
      if (!of_number(i, unit, ms)) return false;
      break;
    }
    if (slot->value.kind != PL_TEXT ||
        !(format ? pl_when_format(format, slot->value.s, &when) : pl_when_iso(slot->value.s, &when)))
      return false;
    *ms = when.ms + (when.has_time ? 0 : (int64_t)of_day * 1000), *local = when.local;
  }
  return in_range(*ms);
}

bool pl_event_instant(pl_str text, pl_value *out) {
  pl_when when;
  if (!pl_when_iso(text, &when) && !pl_when_format("%Y-%m-%d", text, &when)) return false;
  *out = (pl_value){.kind = PL_INSTANT, .is_local = when.local, .i = when.ms};
  return in_range(when.ms);
}

bool pl_value_number(pl_str s, pl_value *out) {
  const char *point = s.n ? memchr(s.p, '.', s.n) : NULL;
  int scale = point ? (int)((size_t)(s.p + s.n - point) - 1) : 0;
  int64_t i;
  if (s.n > 20 || scale > 18 || !pl_str_decimal(s, scale, &i)) return false;
  *out = (pl_value){.kind = PL_DECIMAL, .scale = scale, .i = i};
  return true;
}

bool pl_value_scaled(const pl_value *value, int scale, int64_t *out) {
  pl_value v = *value;
  if (v.kind == PL_TEXT && !pl_value_number(v.s, &v)) return false;
  if (v.kind == PL_REAL) {
    double x = v.d * pow(10, scale);
    *out = fabs(x) < 9e17 ? (int64_t)llround(x) : 0;
    return fabs(x) < 9e17;
  }
  if (v.kind != PL_INT && v.kind != PL_DECIMAL) return false;
  int by = scale - (v.kind == PL_DECIMAL ? v.scale : 0);
  *out = v.i;
  for (; by > 0; by--)
    if (__builtin_mul_overflow(*out, 10, out)) return false;
  int64_t divisor = 1;
  for (; by < 0; by++) divisor *= 10;
  int64_t half = divisor / 2;
  *out = *out / divisor + (*out % divisor >= half && half ? 1 : *out % divisor <= -half && half ? -1 : 0);
  return true;
}
