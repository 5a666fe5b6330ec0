#include "codec/event_decode.h"

#include <math.h>
#include <stdio.h>

#include "codec/answer.h"
#include "codec/event_map.h"
#include "codec/plan.h"
#include "codec/when.h"

static pl_reason refuse(const pl_event_reader *r, int slot, pl_reason reason, const char *text, pl_err *why) {
  (void)pl_fail(why, PL_REJECT, "%s: path `%s`: %s", r->wants[slot].what, r->wants[slot].path, text);
  return reason;
}

static bool hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static bool is_uuid(pl_str s) {
  if (s.n != 36) return false;
  for (size_t i = 0; i < 36; i++)
    if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-' : !hex(s.p[i])) return false;
  return true;
}

/* A slot's value as one word of text, in `room` (40 bytes) when it is not text already. */
static pl_str word(const pl_slot *slot, char *room) {
  const pl_value *v = &slot->value;
  if (v->kind == PL_TEXT && slot->node->type != PL_AVRO_FIXED) return v->s;
  if (v->kind == PL_BOOL) return v->i ? PL_STR("true") : PL_STR("false");
  if (v->kind == PL_INT) return (pl_str){room, (size_t)snprintf(room, 40, "%lld", (long long)v->i)};
  char *to = room;
  for (size_t i = 0; i < v->s.n; i++) {
    unsigned char b = (unsigned char)v->s.p[i];
    *to++ = "0123456789abcdef"[b >> 4], *to++ = "0123456789abcdef"[b & 15];
    if (i == 3 || i == 5 || i == 7 || i == 9) *to++ = '-';
  }
  return (pl_str){room, (size_t)(to - room)};
}

static pl_reason check_id(const pl_event_reader *r, int slot, const pl_slot *from, pl_str s, pl_err *why) {
  if (s.n == 0) return refuse(r, slot, PL_BAD_ID, "empty, expected an id", why);
  if (s.n > PL_ID_MAX) return refuse(r, slot, PL_BAD_ID, "longer than 255 bytes", why);
  if (from->node->type == PL_AVRO_ENUM) return PL_APPLIED;
  if (!pl_str_clean(s)) return refuse(r, slot, PL_BAD_ID, "holds control characters or invalid UTF-8", why);
  if (from->node->logical == PL_UUID && !is_uuid(s)) return refuse(r, slot, PL_BAD_ID, "not a uuid", why);
  return PL_APPLIED;
}

static pl_reason fill_id(const pl_event_reader *r, const pl_slot *slots, pl_event_room *room, pl_event *out,
                         pl_err *why) {
  if (r->npieces == 1 && r->pieces[0].slot >= 0 && r->pieces[0].text.n == 0) {
    const pl_slot *slot = &slots[r->pieces[0].slot];
    if (!slot->node) return refuse(r, r->pieces[0].slot, PL_BAD_ID, "null, expected an id", why);
    out->id = word(slot, room->id);
    return check_id(r, r->pieces[0].slot, slot, out->id, why);
  }
  size_t n = 0;
  for (size_t i = 0; i < r->npieces; i++) {
    char digits[40];
    pl_str text = r->pieces[i].text, value = {"", 0};
    int at = r->pieces[i].slot;
    if (at >= 0) {
      if (!slots[at].node) return refuse(r, at, PL_BAD_ID, "null, expected a part of the id", why);
      value = word(&slots[at], digits);
      pl_reason reason = check_id(r, at, &slots[at], value, why);
      if (reason != PL_APPLIED) return reason;
    }
    if (n + text.n + value.n > PL_ID_MAX)
      return refuse(r, at >= 0 ? at : 0, PL_BAD_ID, "the id made with it is longer than 255 bytes", why);
    memcpy(room->id + n, text.p, text.n);
    memcpy(room->id + n + text.n, value.p, value.n);
    n += text.n + value.n;
  }
  out->id = (pl_str){room->id, n};
  return PL_APPLIED;
}

static bool in_range(int64_t ms) { return ms >= PL_WHEN_MIN && ms <= PL_WHEN_MAX; }

/* A slot as milliseconds. `format` and `of_day` are for text and dates; false: not one, or out of range. */
static bool instant(const pl_slot *slot, const char *format, int32_t of_day, int64_t *ms, bool *local) {
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
    if (slot->value.kind != PL_TEXT) {
      *ms = i;
      break;
    }
    if (!(format ? pl_when_format(format, slot->value.s, &when) : pl_when_iso(slot->value.s, &when)))
      return false;
    *ms = when.ms + (when.has_time ? 0 : (int64_t)of_day * 1000), *local = when.local;
  }
  return in_range(*ms);
}

static pl_reason fill_type(const pl_event_reader *r, const pl_slot *slots, pl_event *out, pl_err *why) {
  out->type = r->type_constant;
  if (r->type < 0) return PL_APPLIED;
  const pl_slot *slot = &slots[r->type];
  if (!slot->node) return refuse(r, r->type, PL_NO_TYPE, "null, expected a type", why);
  for (size_t i = 0; i < r->ntables; i++)
    if (r->tables[i].node == slot->node) {
      out->type = r->tables[i].types[slot->value.i];
      return PL_APPLIED;
    }
  char room[40];
  pl_str value = word(slot, room);
  if (value.n == 0) return refuse(r, r->type, PL_NO_TYPE, "empty, expected a type", why);
  if (!pl_str_utf8(value)) return refuse(r, r->type, PL_BODY, "invalid UTF-8", why);
  out->type = pl_event_type(r, value);
  return PL_APPLIED;
}

/* A decimal as text, "-12.50": its own digits after the point are its scale. */
static bool decimal_text(pl_str s, pl_value *out) {
  const char *point = s.n ? memchr(s.p, '.', s.n) : NULL;
  int scale = point ? (int)((size_t)(s.p + s.n - point) - 1) : 0;
  int64_t i;
  if (s.n > 20 || scale > 18 || !pl_str_decimal(s, scale, &i)) return false;
  *out = (pl_value){.kind = PL_DECIMAL, .scale = scale, .i = i};
  return true;
}

bool pl_event_instant(pl_str text, pl_value *out) {
  pl_when when;
  if (!pl_when_iso(text, &when) && !pl_when_format("%Y-%m-%d", text, &when)) return false;
  *out = (pl_value){.kind = PL_INSTANT, .is_local = when.local, .i = when.ms};
  return in_range(when.ms);
}

static pl_reason fill_field(const pl_event_reader *r, size_t field, const pl_slot *slot, pl_value *out,
                            pl_err *why) {
  int at = r->fields[field];
  bool local;
  int64_t ms, i = slot->value.i;
  *out = slot->value;
  if (r->instant[field]) {
    *out = (pl_value){.kind = PL_INSTANT};
    if (slot->node->type == PL_AVRO_STRING ? !pl_event_instant(slot->value.s, out)
                                           : !instant(slot, NULL, 0, &out->i, &out->is_local))
      return refuse(r, at, PL_BAD_VALUE, "not an instant, such as 2026-03-04T10:00:00Z, or a day", why);
    return PL_APPLIED;
  }
  if (slot->node->logical == PL_LOGICAL_NONE) {
    if (out->kind != PL_TEXT || slot->node->type == PL_AVRO_ENUM) return PL_APPLIED;
    if (!pl_str_utf8(out->s)) return refuse(r, at, PL_BODY, "invalid UTF-8", why);
    if (r->amount[field] && !decimal_text(slot->value.s, out))
      return refuse(r, at, PL_BAD_VALUE, "not a number of at most 18 digits, such as 12.50", why);
    return PL_APPLIED;
  }
  switch (slot->node->logical) {
  case PL_DECIMAL_NUMBER: return PL_APPLIED;
  case PL_UUID:
    if (!is_uuid(out->s)) return refuse(r, at, PL_BAD_VALUE, "not a uuid", why);
    return PL_APPLIED;
  case PL_TIME_MILLIS:
    if (i < 0 || i >= 86400000) return refuse(r, at, PL_BAD_VALUE, "not a time of day", why);
    return PL_APPLIED;
  case PL_TIME_MICROS:
    if (i < 0 || i >= INT64_C(86400000000)) return refuse(r, at, PL_BAD_VALUE, "not a time of day", why);
    return PL_APPLIED;
  default:
    if (!instant(slot, NULL, 0, &ms, &local))
      return refuse(r, at, PL_BAD_VALUE, "not within the years 1 to 9999", why);
    return PL_APPLIED;
  }
}

static pl_reason fill_heartbeat(const pl_event_reader *r, const pl_slot *slots, pl_event *out, pl_err *why) {
  bool local;
  const pl_slot *source = r->source >= 0 ? &slots[r->source] : NULL;
  const pl_slot *complete_to = r->complete_to >= 0 ? &slots[r->complete_to] : NULL;
  if (!source || !source->node) {
    (void)pl_fail(why, PL_REJECT, "heartbeat: source is absent, expected the name of the feed");
    return PL_BAD_ID;
  }
  if (!complete_to || !complete_to->node || !instant(complete_to, NULL, 0, &out->complete_to.ms, &local)) {
    (void)pl_fail(why, PL_REJECT, "heartbeat: complete_to is absent, not an instant, or out of range");
    return PL_NO_TIME;
  }
  out->id = out->rep = (pl_str){"", 0};
  out->at = out->complete_to;
  out->source = source->value.s;
  return check_id(r, r->source, source, out->source, why);
}

static pl_reason fill_adjustment(const pl_event_reader *r, const pl_slot *slots, pl_event *out, pl_err *why) {
  const pl_slot *metric = r->metric >= 0 ? &slots[r->metric] : NULL;
  const pl_slot *amount = r->adds >= 0 ? &slots[r->adds] : NULL;
  if (!metric || !metric->node || metric->value.kind != PL_TEXT || !pl_str_clean(metric->value.s)) {
    (void)pl_fail(why, PL_REJECT, "adjustment: metric is absent, expected the name of a metric");
    return PL_BAD_VALUE;
  }
  out->metric = metric->value.s;
  if (!amount || !amount->node) {
    (void)pl_fail(why, PL_REJECT, "adjustment: amount is absent, expected what to add to %.*s",
                  (int)out->metric.n, out->metric.p);
    return PL_BAD_VALUE;
  }
  out->amount = amount->value;
  if (out->amount.kind == PL_TEXT && !decimal_text(amount->value.s, &out->amount)) {
    (void)pl_fail(why, PL_REJECT, "adjustment: amount is not a number of at most 18 digits, such as 12.50");
    return PL_BAD_VALUE;
  }
  return PL_APPLIED;
}

static pl_reason fill_goal(const pl_event_reader *r, const pl_slot *slots, pl_event_room *room, pl_event *out,
                           pl_err *why) {
  pl_str texts[PL_WORD_PARTS] = {{0}};
  pl_goal_word *w = &room->goal;
  *w = (pl_goal_word){.period = -1, .target = NAN};
  for (int i = 0; i < PL_WORD_PARTS; i++) {
    const pl_slot *slot = r->goal[i] >= 0 ? &slots[r->goal[i]] : NULL;
    if (!slot || !slot->node) continue;
    const pl_value *v = &slot->value;
    texts[i] = v->kind == PL_TEXT ? v->s : (pl_str){0};
    if (i == PL_WORD_TARGET && v->kind == PL_REAL) w->target = v->d;
    if (i == PL_WORD_TARGET && v->kind == PL_INT) w->target = (double)v->i;
    if (i == PL_WORD_TARGET && v->kind == PL_DECIMAL) w->target = (double)v->i / pow(10, v->scale);
    if (i == PL_WORD_TARGET && v->kind == PL_TEXT && !pl_str_double(v->s, &w->target))
      return refuse(r, r->goal[i], PL_BAD_VALUE, "not a number", why);
    if (!pl_str_utf8(texts[i])) return refuse(r, r->goal[i], PL_BODY, "invalid UTF-8", why);
  }
  w->name = texts[PL_WORD_NAME], w->metric = texts[PL_WORD_METRIC], w->plan = texts[PL_WORD_PLAN];
  w->by = texts[PL_WORD_BY];
  for (int u = PL_DAY; u <= PL_YEAR; u++)
    if (pl_str_is(texts[PL_WORD_PERIOD], pl_unit_name((pl_unit)u))) w->period = u;
  if (texts[PL_WORD_PERIOD].n && w->period < 0)
    return refuse(r, r->goal[PL_WORD_PERIOD], PL_BAD_VALUE, "expected day, week, month, quarter or year",
                  why);
  out->goal = w;
  return PL_APPLIED;
}

static pl_reason fill_answer(const pl_event_reader *r, const pl_slot *slots, pl_event_room *room,
                             pl_event *out, pl_err *why) {
  pl_answer_word *w = &room->answer;
  *w = (pl_answer_word){0};
  pl_str *texts[PL_ANSWER_PARTS] = {&w->alert, &w->reason, &w->plan};
  const pl_slot *alert = r->answer[PL_ANSWER_ALERT] >= 0 ? &slots[r->answer[PL_ANSWER_ALERT]] : NULL;
  if (!alert || !alert->node || alert->value.kind != PL_TEXT) {
    (void)pl_fail(why, PL_REJECT, "answer: alert is absent, expected the id of the alert that is answered");
    return PL_BAD_ID;
  }
  w->alert = alert->value.s;
  for (int i = PL_ANSWER_REASON; i < PL_ANSWER_PARTS; i++) {
    const pl_slot *slot = r->answer[i] >= 0 ? &slots[r->answer[i]] : NULL;
    if (slot && slot->node && slot->value.kind == PL_TEXT &&
        !pl_answer_fold(slot->value.s, room->said[i - PL_ANSWER_REASON], texts[i]))
      return refuse(r, r->answer[i], PL_BAD_VALUE, "holds control characters or invalid UTF-8", why);
  }
  out->answer = w;
  return check_id(r, r->answer[PL_ANSWER_ALERT], alert, w->alert, why);
}

/* Everything after the bytes: slots to event. */
static pl_reason fill(const pl_event_reader *r, const pl_slot *slots, pl_event_room *room, pl_event *out,
                      pl_err *why) {
  for (size_t i = 0; i < r->nfields; i++) out->fields[i].kind = PL_NONE;
  out->at_is_local = false, out->goal = NULL, out->answer = NULL;
  pl_reason reason = fill_type(r, slots, out, why);
  if (reason != PL_APPLIED) return reason;
  if (out->type == PL_TYPE_HEARTBEAT) return fill_heartbeat(r, slots, out, why);
  if ((reason = fill_id(r, slots, room, out, why)) != PL_APPLIED) return reason;

  const pl_slot *rep = &slots[r->rep], *at = &slots[r->at];
  if (!rep->node) return refuse(r, r->rep, PL_NO_REP, "null, expected a rep's id", why);
  out->rep = word(rep, room->rep);
  if (out->rep.n == 0) return refuse(r, r->rep, PL_NO_REP, "empty, expected a rep's id", why);
  if ((reason = check_id(r, r->rep, rep, out->rep, why)) != PL_APPLIED) return reason;

  if (!at->node) return refuse(r, r->at, PL_NO_TIME, "null, expected an instant", why);
  if (!instant(at, r->at_format, r->at_of_day, &out->at.ms, &out->at_is_local))
    return refuse(r, r->at, PL_NO_TIME, "not an instant within the years 1 to 9999", why);

  out->retracts = (pl_str){"", 0};
  if (r->retracts >= 0 && slots[r->retracts].node) {
    out->retracts = word(&slots[r->retracts], room->retracts);
    if (out->retracts.n &&
        (reason = check_id(r, r->retracts, &slots[r->retracts], out->retracts, why)) != PL_APPLIED)
      return reason;
  }
  if (out->type == PL_TYPE_ADJUSTMENT) return fill_adjustment(r, slots, out, why);
  if (pl_type_is_word(out->type)) return fill_goal(r, slots, room, out, why);
  if (out->type == PL_TYPE_ANSWER) return fill_answer(r, slots, room, out, why);
  for (size_t i = 0; i < r->nfields; i++) {
    if (r->fields[i] < 0 || !slots[r->fields[i]].node) continue;
    reason = fill_field(r, i, &slots[r->fields[i]], &out->fields[i], why);
    if (reason != PL_APPLIED) return reason;
  }
  return PL_APPLIED;
}

pl_reason pl_event_decode(const pl_event_reader *r, pl_str body, pl_event_room *room, pl_event *out,
                          pl_err *why) {
  pl_slot slots[PL_WANTS_MAX];
  PL_ASSERT(r->plan);
  pl_reason reason = pl_plan_run(r->plan, body, slots, NULL, NULL, why);
  return reason == PL_APPLIED ? fill(r, slots, room, out, why) : reason;
}

pl_reason pl_event_from_fields(const pl_event_reader *r, pl_lookup_fn *lookup, void *ctx, pl_event_room *room,
                               pl_event *out, pl_err *why) {
  static const pl_node text = {.type = PL_AVRO_STRING, .name = "text"};
  pl_slot slots[PL_WANTS_MAX];
  for (size_t i = 0; i < r->nwants; i++) {
    slots[i] = (pl_slot){0};
    pl_str value;
    if (!lookup(ctx, r->wants[i].path, &value) || value.n == 0) continue;
    if (value.n > PL_FIELD_MAX) return refuse(r, (int)i, PL_TOO_LARGE, "a text longer than 1024 bytes", why);
    slots[i] = (pl_slot){&text, {.kind = PL_TEXT, .s = value}};
  }
  return fill(r, slots, room, out, why);
}
