/* A record is read once into slots; then each mapping asks its conditions of them and makes its events. */
#include "codec/event_decode.h"

#include "base/mem.h"
#include "codec/event_map.h"

static const char too_many[] = "more events than 64 out of one record";

/* --- conditions */

static bool among(const pl_condition *c, const pl_slot *slot) {
  char room[PL_WORD_ROOM];
  pl_str word;
  if (!slot->node || !pl_slot_word(slot, room, &word)) return false;
  for (size_t i = 0; i < c->nvalues; i++)
    if (pl_str_is(word, c->values[i])) return true;
  return false;
}

static bool same_value(const pl_value *a, const pl_value *b) {
  if (a->kind != b->kind) return false;
  switch (a->kind) {
  case PL_NONE: return true;
  case PL_TEXT: return pl_str_eq(a->s, b->s);
  case PL_REAL: return a->d == b->d;
  case PL_DECIMAL: return a->scale == b->scale && a->i == b->i;
  case PL_INSTANT: return a->i == b->i && a->is_local == b->is_local;
  default: return a->i == b->i;
  }
}

static bool differs(const pl_slot *a, const pl_slot *b) {
  return !a->node != !b->node || (a->node && !same_value(&a->value, &b->value));
}

/* What the condition asks, without its not. */
static bool met(const pl_check *check, const pl_slot *slots) {
  const pl_slot *slot = &slots[check->slot];
  switch (check->as->test) {
  case PL_TEST_IS:
  case PL_TEST_IS_NOT: return among(check->as, slot);
  case PL_TEST_DIFFERS: return differs(slot, &slots[check->other]);
  default: return slot->node;
  }
}

static bool holds(const pl_event_reader *r, const pl_check *check, const pl_slot *slots) {
  bool is = check->list < 0 ? met(check, slots) : r->held >> check->bit & 1;
  return is != (check->as->test == PL_TEST_IS_NOT || check->as->test == PL_TEST_ABSENT);
}

static bool applies(pl_event_reader *r, const pl_event_item *it, const pl_slot *slots) {
  for (size_t i = 0; i < it->nchecks; i++)
    if (!holds(r, &it->checks[i], slots)) {
      r->unmet[it->nth] = it->checks[i].as;
      return false;
    }
  if (!it->row) return true;
  for (uint64_t left = it->row; left; left &= left - 1)
    if (slots[__builtin_ctzll(left)].node) return true;
  return false;
}

/* --- lists */

static pl_reason on_item(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  pl_event_reader *r = ctx;
  for (size_t i = 0; i < r->nitems && r->nheld; i++)
    for (size_t k = 0; k < r->items[i].nchecks; k++) {
      const pl_check *check = &r->items[i].checks[k];
      if (check->list == list && met(check, slots)) r->held |= 1ULL << check->bit;
    }
  if (!r->lists[list].each) return PL_APPLIED;
  if (r->lists[list].nrows == PL_EACH_MAX) {
    (void)pl_fail(why, PL_REJECT, "`%.*s`: more than %d items", (int)r->lists[list].path.n,
                  r->lists[list].path.p, PL_EACH_MAX);
    return PL_TOO_LARGE;
  }
  pl_slot *row = r->lists[list].rows + r->lists[list].nrows++ * r->lists[list].width;
  for (uint64_t left = r->lists[list].slots; left; left &= left - 1) *row++ = slots[__builtin_ctzll(left)];
  return PL_APPLIED;
}

static void lay_row(const pl_event_reader *r, int list, size_t nth, pl_slot *slots) {
  const pl_slot *row = r->lists[list].rows + nth * r->lists[list].width;
  for (uint64_t left = r->lists[list].slots; left; left &= left - 1) slots[__builtin_ctzll(left)] = *row++;
}

/* --- one mapping */

/* How much of the whole the item has, in millionths; the next one's begins where it ends. */
static pl_reason take_share(const pl_event_reader *r, const pl_event_item *it, const pl_slot *slots,
                            int64_t *to, pl_err *why) {
  const pl_from *from = &it->parts[PL_OF_SHARE];
  const pl_slot *slot = from->n ? pl_event_pick(from, slots) : NULL;
  int64_t share;
  if (!slot) return PL_APPLIED;
  if (!pl_value_scaled(&slot->value, 6, &share) || share < 0 || __builtin_add_overflow(*to, share, to) ||
      *to > INT64_C(1000000000000000))
    return pl_event_refuse(r, from, PL_BAD_VALUE, "not a share, such as 33.3", why);
  return PL_APPLIED;
}

static pl_reason make_one(pl_event_reader *r, const pl_event_item *it, const pl_slot *slots, int64_t from,
                          int64_t to, pl_made *out, size_t *n, pl_err *why) {
  if (!applies(r, it, slots)) return PL_APPLIED;
  if (*n == r->most) {
    (void)pl_fail(why, PL_REJECT, "%s", too_many);
    return PL_TOO_LARGE;
  }
  pl_reason reason = pl_event_fill(r, it, slots, from, to, &out[*n], why);
  *n += reason == PL_APPLIED;
  return reason == PL_UNMAPPED ? PL_APPLIED : reason;
}

static pl_reason make(pl_event_reader *r, const pl_event_item *it, pl_slot *slots, pl_made *out, size_t *n,
                      pl_err *why) {
  if (!it->fits) return PL_APPLIED;
  if (it->list < 0) return make_one(r, it, slots, 0, 0, out, n, why);
  pl_reason reason = PL_APPLIED;
  int64_t from = 0, to = 0;
  for (size_t i = 0; i < r->lists[it->list].nrows && reason == PL_APPLIED; i++, from = to) {
    lay_row(r, it->list, i, slots);
    reason = take_share(r, it, slots, &to, why);
    if (reason == PL_APPLIED) reason = make_one(r, it, slots, from, to, out, n, why);
  }
  return reason;
}

/* --- a row's change */

static bool same_event(const pl_event_reader *r, const pl_made *made, const pl_made *other) {
  const pl_event *a = &made->event, *b = &other->event;
  bool same = a->type == b->type && (a->type != PL_TYPE_OTHER || pl_str_eq(made->word, other->word)) &&
              pl_str_eq(a->rep, b->rep) && a->at.ms == b->at.ms && a->at_is_local == b->at_is_local &&
              pl_str_eq(a->currency, b->currency);
  if (a->type == PL_TYPE_ADJUSTMENT)
    return same && pl_str_eq(a->metric, b->metric) && same_value(&a->amount, &b->amount);
  for (size_t i = 0; i < r->nfields && same; i++) same = same_value(&a->fields[i], &b->fields[i]);
  return same;
}

/* What was is taken back under an id of its own, which nobody else takes back. */
static bool take_back(pl_made *made) {
  static const pl_str mark = {"/before", 7};
  pl_event *e = &made->event;
  pl_event_room *room = &made->room;
  if (e->id.n + mark.n > PL_ID_MAX) return false;
  memmove(room->id, e->id.p, e->id.n);
  memcpy(room->id + e->id.n, mark.p, mark.n);
  e->id = e->retracts = (pl_str){room->id, e->id.n + mark.n};
  return true;
}

static void follow(pl_str *text, const char *was, const char *is) {
  if (text->p >= was && text->p < was + sizeof(pl_event_room)) text->p = is + (text->p - was);
}

/* A made event moves, and what it has in its own room with it. */
static void move(pl_made *to, const pl_made *from) {
  if (to == from) return;
  const char *was = (const char *)&from->room, *is = (const char *)&to->room;
  *to = *from;
  pl_event *e = &to->event;
  pl_answer_word *answer = &to->room.answer;
  if (e->goal) e->goal = &to->room.goal;
  if (e->answer) e->answer = answer;
  pl_str *texts[] = {&e->id,         &e->rep,         &e->retracts, &to->word,
                     &answer->alert, &answer->reason, &answer->plan};
  for (size_t i = 0; i < PL_COUNT(texts); i++) follow(texts[i], was, is);
  for (size_t i = 0; i < PL_FIELDS_MAX; i++)
    if (e->fields[i].kind == PL_TEXT) follow(&e->fields[i].s, was, is);
}

/* Events [from, mid) are of the row before its change, [mid, n) of the row after it. */
static pl_reason settle_row(const pl_event_reader *r, pl_made *made, size_t from, size_t mid, size_t *n,
                            pl_err *why) {
  bool alike[PL_EVENTS_MAX] = {false};
  for (size_t i = from; i < mid; i++)
    for (size_t k = mid; k < *n && !alike[i]; k++)
      if (!alike[k] && pl_str_eq(made[i].event.id, made[k].event.id) && same_event(r, &made[i], &made[k]))
        alike[i] = alike[k] = true;
  size_t to = from;
  for (size_t i = from; i < *n; i++) {
    if (alike[i]) continue;
    if (i < mid && !take_back(&made[i])) {
      (void)pl_fail(why, PL_REJECT, "id: longer than 248 bytes, which leaves no room for what takes it back");
      return PL_BAD_ID;
    }
    move(&made[to++], &made[i]);
  }
  *n = to;
  return PL_APPLIED;
}

/* What is taken back is judged together with what counts in its place: it was never gone. */
static void pair(pl_made *made, size_t from, size_t n) {
  for (size_t i = from; i < n; i++)
    for (size_t k = i + 1; k < n && made[i].event.retracts.n && !made[i].event.more; k++)
      made[i].event.more = pl_str_eq(made[i].event.rep, made[k].event.rep);
}

/* --- a record */

static void begin(pl_event_reader *r) {
  r->held = 0;
  for (size_t i = 0; i < r->nlists; i++) r->lists[i].nrows = 0;
  for (size_t i = 0; i < r->nitems; i++) r->unmet[r->items[i].nth] = NULL;
}

static pl_reason make_all(pl_event_reader *r, pl_slot *slots, pl_made *out, size_t *n, pl_err *why) {
  pl_reason reason = PL_APPLIED;
  for (size_t i = 0; i < r->nitems && reason == PL_APPLIED; i++) {
    size_t from = *n;
    bool is_row = r->items[i].image == PL_IMAGE_BEFORE;
    reason = make(r, &r->items[i], slots, out, n, is_row ? NULL : why);
    if (!is_row) continue;
    if (reason != PL_APPLIED) *n = from; /* what could not be counted then is not taken back now */
    size_t mid = *n;
    reason = make(r, &r->items[++i], slots, out, n, why);
    if (reason == PL_APPLIED) reason = settle_row(r, out, from, mid, n, why);
    if (reason == PL_APPLIED) pair(out, from, *n);
  }
  if (reason != PL_APPLIED) *n = 0;
  return reason;
}

pl_reason pl_events_decode(pl_event_reader *r, pl_str body, pl_json_room *texts, pl_made *out, size_t *n,
                           pl_err *why) {
  pl_slot slots[PL_SLOTS_MAX];
  *n = 0;
  begin(r);
  pl_reason reason = r->form == PL_FORM_JSON ? pl_json_plan_run(r->json, body, texts, slots, on_item, r, why)
                                             : pl_plan_run(r->plan, body, slots, on_item, r, why);
  return reason == PL_APPLIED ? make_all(r, slots, out, n, why) : reason;
}

const pl_condition *const *pl_events_unmet(const pl_event_reader *r) { return r->unmet; }

pl_reason pl_events_from_fields(pl_event_reader *r, pl_lookup_fn *lookup, void *ctx, pl_made *out, size_t *n,
                                pl_err *why) {
  static const pl_node text = {.type = PL_AVRO_STRING, .name = "text"};
  pl_slot slots[PL_SLOTS_MAX];
  *n = 0;
  begin(r);
  for (size_t i = 0; i < r->nwants; i++) {
    slots[i] = (pl_slot){0};
    pl_str value;
    if (!lookup(ctx, r->wants[i].path, &value) || value.n == 0) continue;
    if (value.n > PL_FIELD_MAX) {
      (void)pl_fail(why, PL_REJECT, "%s: path `%s`: a text longer than 1024 bytes", r->wants[i].what,
                    r->wants[i].path);
      return PL_TOO_LARGE;
    }
    slots[i] = (pl_slot){&text, {.kind = PL_TEXT, .s = value}};
  }
  return make_all(r, slots, out, n, why);
}
