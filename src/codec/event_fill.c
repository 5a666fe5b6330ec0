/* Event fill: everything after the bytes, slots to one event. */
#include <math.h>
#include <stdio.h>

#include "codec/answer.h"
#include "codec/event_map.h"

pl_reason pl_event_refuse(const pl_event_reader *r, const pl_from *from, pl_reason reason, const char *text,
                          pl_err *why) {
  if (from->n)
    (void)pl_fail(why, PL_REJECT, "%s: path `%s`: %s", from->what, r->wants[from->slots[0]].path, text);
  else
    (void)pl_fail(why, PL_REJECT, "%s: %s", from->what, text);
  return reason;
}

/* Their word, ours if there is one for it. */
static pl_str renamed(const pl_from *from, pl_str word) {
  for (size_t i = 0; i < from->nvalues; i++)
    if (pl_str_is(word, from->values[i].from)) return pl_str_of(from->values[i].to);
  return word;
}

/* --- ids */

static pl_reason take_id(const pl_event_reader *r, const pl_from *from, const pl_slot *slot, char *room,
                         pl_str *out, pl_err *why) {
  if (slot->node->type == PL_AVRO_STRING)
    *out = slot->value.s;
  else if (!pl_slot_word(slot, room, out))
    return pl_event_refuse(r, from, PL_BAD_ID, "a fraction, expected text or an integer", why);
  if (from->nvalues) *out = renamed(from, *out);
  if (out->n == 0) return pl_event_refuse(r, from, PL_BAD_ID, "empty, expected an id", why);
  if (out->n > PL_ID_MAX) return pl_event_refuse(r, from, PL_BAD_ID, "longer than 255 bytes", why);
  if (slot->node->type == PL_AVRO_ENUM) return PL_APPLIED;
  if (!pl_str_clean(*out))
    return pl_event_refuse(r, from, PL_BAD_ID, "holds control characters or invalid UTF-8", why);
  if (slot->node->logical == PL_UUID && !pl_uuid_valid(*out))
    return pl_event_refuse(r, from, PL_BAD_ID, "not a uuid", why);
  return PL_APPLIED;
}

static bool append(char *room, size_t *n, pl_str text) {
  if (*n + text.n > PL_ID_MAX) return false;
  memcpy(room + *n, text.p, text.n);
  *n += text.n;
  return true;
}

/* The pieces, one after the other, in `room` if there are several. */
static pl_reason take_template(const pl_event_reader *r, const pl_event_item *it, const pl_template *t,
                               const pl_slot *slots, char *room, pl_str *out, pl_err *why) {
  const pl_from *parts = &it->parts[PL_OF_PIECES + t->first];
  const pl_str *texts = &it->texts[t->first];
  size_t n = 0;
  if (t->n == 1 && texts[0].n == 0 && parts[0].n) {
    const pl_slot *slot = pl_event_pick(&parts[0], slots);
    if (!slot) return pl_event_refuse(r, &parts[0], PL_BAD_ID, "null, expected an id", why);
    return take_id(r, &parts[0], slot, room, out, why);
  }
  for (size_t i = 0; i < t->n; i++) {
    char digits[PL_WORD_ROOM];
    pl_str value = {"", 0};
    if (parts[i].n) {
      const pl_slot *slot = pl_event_pick(&parts[i], slots);
      if (!slot) return pl_event_refuse(r, &parts[i], PL_BAD_ID, "null, expected a part of the id", why);
      pl_reason reason = take_id(r, &parts[i], slot, digits, &value, why);
      if (reason != PL_APPLIED) return reason;
    }
    if (!append(room, &n, texts[i]) || !append(room, &n, value))
      return pl_event_refuse(r, &parts[i], PL_BAD_ID, "the id made with it is longer than 255 bytes", why);
  }
  *out = (pl_str){room, n};
  return PL_APPLIED;
}

static pl_reason fill_ids(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                          pl_made *out, pl_err *why) {
  pl_event *e = &out->event;
  pl_event_room *room = &out->room;
  const pl_from *from = &it->parts[PL_OF_REP_ID];
  pl_reason reason = take_template(r, it, &it->id, slots, room->id, &e->id, why);
  if (reason != PL_APPLIED) return reason;
  const pl_slot *rep = pl_event_pick(from, slots);
  if (!rep) return pl_event_refuse(r, from, PL_NO_REP, "null, expected a rep's id", why);
  if (rep->value.kind == PL_TEXT && rep->value.s.n == 0)
    return pl_event_refuse(r, from, PL_NO_REP, "empty, expected a rep's id", why);
  if ((reason = take_id(r, from, rep, room->rep, &e->rep, why)) != PL_APPLIED) return reason;
  if (it->list >= 0 && !it->apart) {
    size_t n = 0;
    char id[PL_ID_MAX];
    if (!append(id, &n, e->id) || !append(id, &n, PL_STR("/")) || !append(id, &n, e->rep))
      return pl_event_refuse(r, from, PL_BAD_ID, "the id made with it is longer than 255 bytes", why);
    memcpy(room->id, id, n);
    e->id = (pl_str){room->id, n};
  }
  e->retracts = (pl_str){"", 0};
  if (!it->retracts.n) return PL_APPLIED;
  from = &it->parts[PL_OF_PIECES + it->retracts.first];
  const pl_slot *first = pl_event_pick(from, slots);
  bool absent = it->retracts.n == 1 && (!first || (first->value.kind == PL_TEXT && first->value.s.n == 0));
  return absent ? PL_APPLIED : take_template(r, it, &it->retracts, slots, room->retracts, &e->retracts, why);
}

/* --- what happened */

static pl_reason fill_type(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                           pl_made *out, pl_err *why) {
  const pl_from *from = &it->parts[PL_OF_TYPE];
  out->word = (pl_str){"", 0};
  out->event.type = it->as->type_constant;
  if (!from->n) return PL_APPLIED;
  const pl_slot *slot = pl_event_pick(from, slots);
  if (!slot) return pl_event_refuse(r, from, PL_NO_TYPE, "null, expected a type", why);
  int type = PL_TYPE_OTHER;
  bool known = false;
  for (size_t i = 0; i < it->ntables && !known; i++)
    if (it->tables[i].node == slot->node) type = it->tables[i].types[slot->value.i], known = true;
  if (!known || type == PL_TYPE_OTHER) {
    if (!pl_slot_word(slot, out->room.word, &out->word))
      return pl_event_refuse(r, from, PL_NO_TYPE, "a fraction, expected text or an integer", why);
    if (out->word.n == 0) return pl_event_refuse(r, from, PL_NO_TYPE, "empty, expected a type", why);
    if (!pl_str_utf8(out->word)) return pl_event_refuse(r, from, PL_BODY, "invalid UTF-8", why);
    type = pl_event_type(it, out->word);
  }
  out->event.type = type;
  return type == PL_TYPE_UNLISTED ? PL_UNMAPPED : PL_APPLIED;
}

static pl_reason fill_time(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                           pl_event *e, pl_err *why) {
  const pl_from *from = &it->parts[PL_OF_AT];
  const pl_slot *at = pl_event_pick(from, slots);
  const pl_mapping *m = it->as;
  if (!at) return pl_event_refuse(r, from, PL_NO_TIME, "null, expected an instant", why);
  if (!pl_slot_instant(at, m->at_format, m->at_of_day, m->at_unit, &e->at.ms, &e->at_is_local))
    return pl_event_refuse(r, from, PL_NO_TIME, "not an instant within the years 1 to 9999", why);
  e->zone = m->at_zone;
  return PL_APPLIED;
}

static pl_reason fill_heartbeat(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                                pl_made *out, pl_err *why) {
  bool local;
  pl_event *e = &out->event;
  const pl_slot *source = pl_event_pick(&it->parts[PL_OF_SOURCE], slots);
  const pl_slot *complete_to = pl_event_pick(&it->parts[PL_OF_COMPLETE_TO], slots);
  if (!source) {
    (void)pl_fail(why, PL_REJECT, "heartbeat: source is absent, expected the name of the feed");
    return PL_BAD_ID;
  }
  if (!complete_to || !pl_slot_instant(complete_to, NULL, 0, it->as->at_unit, &e->complete_to.ms, &local)) {
    (void)pl_fail(why, PL_REJECT, "heartbeat: complete_to is absent, not an instant, or out of range");
    return PL_NO_TIME;
  }
  e->id = e->rep = (pl_str){"", 0};
  e->at = e->complete_to;
  return take_id(r, &it->parts[PL_OF_SOURCE], source, out->room.word, &e->source, why);
}

static pl_reason fill_adjustment(const pl_event_item *it, const pl_slot *slots, pl_event *out, pl_err *why) {
  const pl_slot *metric = pl_event_pick(&it->parts[PL_OF_METRIC], slots);
  const pl_slot *amount = pl_event_pick(&it->parts[PL_OF_ADDS], slots);
  if (!metric || metric->value.kind != PL_TEXT || !pl_str_clean(metric->value.s)) {
    (void)pl_fail(why, PL_REJECT, "adjustment: metric is absent, expected the name of a metric");
    return PL_BAD_VALUE;
  }
  out->metric = metric->value.s;
  if (!amount) {
    (void)pl_fail(why, PL_REJECT, "adjustment: amount is absent, expected what to add to %.*s",
                  (int)out->metric.n, out->metric.p);
    return PL_BAD_VALUE;
  }
  out->amount = amount->value;
  if (out->amount.kind == PL_TEXT && !pl_value_number(amount->value.s, &out->amount)) {
    (void)pl_fail(why, PL_REJECT, "adjustment: amount is not a number of at most 18 digits, such as 12.50");
    return PL_BAD_VALUE;
  }
  return PL_APPLIED;
}

/* --- what is said */

static pl_reason fill_goal(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                           pl_made *out, pl_err *why) {
  pl_str texts[PL_WORD_PARTS] = {{0}};
  pl_goal_word *w = &out->room.goal;
  *w = (pl_goal_word){.period = -1, .target = NAN};
  for (int i = 0; i < PL_WORD_PARTS; i++) {
    const pl_from *from = &it->parts[PL_OF_GOAL + i];
    const pl_slot *slot = pl_event_pick(from, slots);
    if (!slot) continue;
    const pl_value *v = &slot->value;
    texts[i] = v->kind == PL_TEXT ? v->s : (pl_str){0};
    if (i == PL_WORD_TARGET && v->kind == PL_REAL) w->target = v->d;
    if (i == PL_WORD_TARGET && v->kind == PL_INT) w->target = (double)v->i;
    if (i == PL_WORD_TARGET && v->kind == PL_DECIMAL) w->target = (double)v->i / pow(10, v->scale);
    if (i == PL_WORD_TARGET && v->kind == PL_TEXT && !pl_str_double(v->s, &w->target))
      return pl_event_refuse(r, from, PL_BAD_VALUE, "not a number", why);
    if (!pl_str_utf8(texts[i])) return pl_event_refuse(r, from, PL_BODY, "invalid UTF-8", why);
  }
  w->name = texts[PL_WORD_NAME], w->metric = texts[PL_WORD_METRIC], w->plan = texts[PL_WORD_PLAN];
  w->by = texts[PL_WORD_BY];
  for (int u = PL_DAY; u <= PL_YEAR; u++)
    if (pl_str_is(texts[PL_WORD_PERIOD], pl_unit_name((pl_unit)u))) w->period = u;
  if (texts[PL_WORD_PERIOD].n && w->period < 0)
    return pl_event_refuse(r, &it->parts[PL_OF_GOAL + PL_WORD_PERIOD], PL_BAD_VALUE,
                           "expected day, week, month, quarter or year", why);
  out->event.goal = w;
  return PL_APPLIED;
}

static pl_reason fill_answer(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                             pl_made *out, pl_err *why) {
  pl_answer_word *w = &out->room.answer;
  const pl_from *parts = &it->parts[PL_OF_ANSWER];
  *w = (pl_answer_word){0};
  pl_str *texts[PL_ANSWER_PARTS] = {&w->alert, &w->reason, &w->plan};
  const pl_slot *alert = pl_event_pick(&parts[PL_ANSWER_ALERT], slots);
  if (!alert || alert->value.kind != PL_TEXT) {
    (void)pl_fail(why, PL_REJECT, "answer: alert is absent, expected the id of the alert that is answered");
    return PL_BAD_ID;
  }
  for (int i = PL_ANSWER_REASON; i < PL_ANSWER_PARTS; i++) {
    const pl_slot *slot = pl_event_pick(&parts[i], slots);
    if (slot && slot->value.kind == PL_TEXT &&
        !pl_answer_fold(slot->value.s, out->room.said[i - PL_ANSWER_REASON], texts[i]))
      return pl_event_refuse(r, &parts[i], PL_BAD_VALUE, "holds control characters or invalid UTF-8", why);
  }
  out->event.answer = w;
  return take_id(r, &parts[PL_ANSWER_ALERT], alert, out->room.word, &w->alert, why);
}

/* --- fields */

/* What lies between two instants of the whole, at the digits that the metrics keep: the parts of all items
 * add up to the whole, whatever their shares. */
static bool take_share(const pl_value *whole, int scale, int64_t from, int64_t to, double of, pl_value *out) {
  __extension__ typedef __int128 wide;
  const int64_t all = llround(of * 1e6);
  int64_t amount;
  PL_ASSERT(all > 0); /* the option's least */
  if (!pl_value_scaled(whole, scale, &amount)) return false;
  wide ends[2] = {(wide)amount * from, (wide)amount * to};
  for (size_t i = 0; i < 2; i++) { /* rounded half up, so that it is the same from both sides */
    wide twice = 2 * ends[i] + all, divisor = 2 * (wide)all;
    ends[i] = twice / divisor - (twice % divisor < 0);
  }
  wide part = ends[1] - ends[0];
  if (part > INT64_MAX || part < INT64_MIN) return false;
  *out = (pl_value){.kind = PL_DECIMAL, .scale = scale, .i = (int64_t)part};
  return true;
}

/* What is told apart or compared is a word, also where it is a number. */
static pl_reason fill_thing(const pl_event_reader *r, const pl_from *from, const pl_slot *slot, char *room,
                            pl_value *out, pl_err *why) {
  pl_str word;
  if (!pl_slot_word(slot, room, &word))
    return pl_event_refuse(r, from, PL_BAD_VALUE, "a fraction, expected text or an integer", why);
  *out = (pl_value){.kind = PL_TEXT, .s = word};
  return PL_APPLIED;
}

static pl_reason fill_field(const pl_event_reader *r, const pl_event_item *it, size_t field,
                            const pl_slot *slot, char *room, pl_value *out, pl_err *why) {
  const pl_from *from = &it->parts[PL_OF_FIELDS + field];
  bool local;
  int64_t ms, i = slot->value.i;
  *out = slot->value;
  if (r->instant[field]) {
    *out = (pl_value){.kind = PL_INSTANT};
    if (slot->node->type == PL_AVRO_STRING
            ? !pl_event_instant(slot->value.s, out)
            : !pl_slot_instant(slot, NULL, 0, it->as->at_unit, &out->i, &out->is_local))
      return pl_event_refuse(r, from, PL_BAD_VALUE, "not an instant, such as 2026-03-04T10:00:00Z, or a day",
                             why);
    return PL_APPLIED;
  }
  if (from->nvalues) {
    pl_str word, ours;
    bool good = pl_slot_word(slot, room, &word);
    ours = good ? renamed(from, word) : word;
    if (good && ours.p != word.p) *out = (pl_value){.kind = PL_TEXT, .s = ours};
  }
  if (r->thing[field] && !r->amount[field] && out->kind != PL_TEXT)
    return fill_thing(r, from, slot, room, out, why);
  if (slot->node->logical == PL_LOGICAL_NONE) {
    if (out->kind != PL_TEXT || slot->node->type == PL_AVRO_ENUM) return PL_APPLIED;
    if (!pl_str_utf8(out->s)) return pl_event_refuse(r, from, PL_BODY, "invalid UTF-8", why);
    pl_str text = out->s;
    if (r->amount[field] && !pl_value_number(text, out))
      return pl_event_refuse(r, from, PL_BAD_VALUE, "not a number of at most 18 digits, such as 12.50", why);
    return PL_APPLIED;
  }
  switch (slot->node->logical) {
  case PL_DECIMAL_NUMBER: return PL_APPLIED;
  case PL_UUID:
    if (!pl_uuid_valid(slot->value.s)) return pl_event_refuse(r, from, PL_BAD_VALUE, "not a uuid", why);
    return PL_APPLIED;
  case PL_TIME_MILLIS:
    if (i < 0 || i >= 86400000) return pl_event_refuse(r, from, PL_BAD_VALUE, "not a time of day", why);
    return PL_APPLIED;
  case PL_TIME_MICROS:
    if (i < 0 || i >= INT64_C(86400000000))
      return pl_event_refuse(r, from, PL_BAD_VALUE, "not a time of day", why);
    return PL_APPLIED;
  default:
    if (!pl_slot_instant(slot, NULL, 0, PL_EPOCH_MS, &ms, &local))
      return pl_event_refuse(r, from, PL_BAD_VALUE, "not within the years 1 to 9999", why);
    return PL_APPLIED;
  }
}

static pl_reason fill_fields(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                             int64_t share_from, int64_t share_to, pl_made *out, pl_err *why) {
  pl_event *e = &out->event;
  bool shared = it->parts[PL_OF_SHARE].n;
  for (size_t i = 0; i < r->nfields; i++) {
    const pl_from *from = &it->parts[PL_OF_FIELDS + i];
    const pl_slot *slot = pl_event_pick(from, slots);
    e->fields[i].kind = PL_NONE;
    if (!slot) continue;
    pl_reason reason = fill_field(r, it, i, slot, out->room.things[i], &e->fields[i], why);
    if (reason != PL_APPLIED) return reason;
    if (shared && r->amount[i] &&
        !take_share(&e->fields[i], r->decimals[i], share_from, share_to, it->as->share_of, &e->fields[i]))
      return pl_event_refuse(r, from, PL_BAD_VALUE, "too large to be shared", why);
  }
  return PL_APPLIED;
}

static pl_reason fill_currency(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                               pl_event *e, pl_err *why) {
  const pl_from *from = &it->parts[PL_OF_CURRENCY];
  const pl_slot *slot = pl_event_pick(from, slots);
  if (!slot) return PL_APPLIED;
  if (slot->value.kind != PL_TEXT || !pl_str_clean(slot->value.s))
    return pl_event_refuse(r, from, PL_BAD_VALUE, "not a currency, such as EUR", why);
  e->currency = renamed(from, slot->value.s);
  return PL_APPLIED;
}

pl_reason pl_event_fill(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                        int64_t share_from, int64_t share_to, pl_made *out, pl_err *why) {
  pl_event *e = &out->event;
  out->mapping = it->nth;
  e->at_is_local = e->more = false, e->zone = NULL, e->goal = NULL, e->answer = NULL;
  e->retracts = e->currency = e->metric = e->source = (pl_str){"", 0};
  e->amount.kind = PL_NONE;
  pl_reason reason = fill_type(r, it, slots, out, why);
  if (reason != PL_APPLIED) return reason;
  for (size_t i = 0; i < r->nfields && e->type < PL_TYPE_OTHER; i++) e->fields[i].kind = PL_NONE;
  if (e->type == PL_TYPE_HEARTBEAT) return fill_heartbeat(r, it, slots, out, why);
  if ((reason = fill_ids(r, it, slots, out, why)) != PL_APPLIED) return reason;
  if ((reason = fill_time(r, it, slots, e, why)) != PL_APPLIED) return reason;
  if (e->type == PL_TYPE_ADJUSTMENT) return fill_adjustment(it, slots, e, why);
  if (pl_type_is_word(e->type)) return fill_goal(r, it, slots, out, why);
  if (e->type == PL_TYPE_ANSWER) return fill_answer(r, it, slots, out, why);
  const pl_slot *more = pl_event_pick(&it->parts[PL_OF_MORE], slots);
  e->more = more && more->value.kind == PL_BOOL && more->value.i;
  reason = fill_fields(r, it, slots, share_from, share_to, out, why);
  return reason != PL_APPLIED ? reason : fill_currency(r, it, slots, e, why);
}
