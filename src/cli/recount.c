#include "cli/recount.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "cli/letterbox.h"
#include "core/almanac.h"
#include "paceline/period.h"

enum { LETTER_MAX = 96, DAY_S = 86400 };
static const int64_t EARLIEST_MS = 0, LATEST_MS = 7258118400000; /* 1970 .. 2200 */
static const int64_t STAMP_MAX_MS = 4102444800000;               /* 2100 */
static const uint64_t ID_KEY = 0x726563, TAKEN_KEY = 0x746b6e; /* hashes of ids, and of what was retracted */

const int32_t pl_unit_spans[PL_UNITS] = {12, 24, 62, 2, 2, 2, 2};

int32_t pl_unit_index(const pl_config *config, pl_unit unit, pl_wall at, int32_t day) {
  if (unit == PL_5MIN) return (int32_t)pl_floor_div(at.ms, 300000);
  if (unit == PL_HOUR) return (int32_t)pl_floor_div(at.ms, 3600000);
  return pl_fiscal_period(&config->policy.fiscal, unit, day);
}

/* --- dead letters */

static pl_str letter(char room[LETTER_MAX], int32_t partition, int64_t offset, pl_str reason) {
  int n = snprintf(room, LETTER_MAX, "%d/%lld/%.*s", (int)partition, (long long)offset,
                   reason.n < 32 ? (int)reason.n : 32, reason.p);
  return (pl_str){room, (size_t)n};
}

void pl_recount_letter(pl_recount *r, const pl_past_record *record) {
  char room[LETTER_MAX];
  int64_t partition, offset;
  if (!pl_str_is(pl_past_header(record, "paceline.topic"), r->config->kafka.topics.activities)) return;
  if (!pl_str_int(pl_past_header(record, "paceline.partition"), &partition) ||
      !pl_str_int(pl_past_header(record, "paceline.offset"), &offset))
    return;
  pl_str reason = pl_past_header(record, "paceline.reason");
  *pl_map_put(&r->told, letter(room, (int32_t)partition, offset, reason)) = r;
  if (!pl_past_header(record, PL_LETTER_REQUEUED).p) return;
  for (int i = 1; i < PL_REASONS; i++)
    if (pl_str_is(reason, pl_reason_name((pl_reason)i)))
      /* NOLINTNEXTLINE(performance-no-int-to-ptr): only a number */
      *pl_map_put(&r->requeued, letter(room, (int32_t)partition, offset, PL_STR("requeued"))) =
          (void *)(intptr_t)i;
}

/* A letter that was sent back stands for a record that is counted where it came to lie then. */
static pl_reason was_sent_back(const pl_recount *r, const pl_past_record *record) {
  char room[LETTER_MAX];
  pl_str place = letter(room, record->partition, record->offset, PL_STR("requeued"));
  return (pl_reason)(intptr_t)pl_map_find(&r->requeued, place);
}

static bool was_told(const pl_recount *r, const pl_past_record *record, pl_reason reason) {
  char room[LETTER_MAX];
  return pl_map_find(&r->told,
                     letter(room, record->partition, record->offset, pl_str_of(pl_reason_name(reason))));
}

static void note(pl_recount *r, const pl_past_record *record, pl_reason reason) {
  char room[LETTER_MAX];
  r->reasons[reason]++;
  if (reason == PL_APPLIED || reason == PL_DUPLICATE || reason == PL_UNMAPPED || reason == PL_ERASED) return;
  if (record->offset < r->marks[record->partition])
    *pl_map_put(&r->expected,
                letter(room, record->partition, record->offset, pl_str_of(pl_reason_name(reason)))) = r;
}

/* --- does a metric count it, and how much of it? */

static bool among(const pl_value *v, const pl_filter *filter) {
  char digits[24];
  pl_str text = v->s;
  if (v->kind == PL_INT)
    text = (pl_str){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)v->i)};
  if (v->kind == PL_BOOL) text = pl_str_of(v->i ? "true" : "false");
  for (size_t i = 0; i < filter->n; i++)
    if (v->kind != PL_NONE && pl_str_eq(text, filter->values[i])) return true;
  return false;
}

bool pl_recount_matches(const pl_metric *m, const pl_event *e) {
  if (m->kind == PL_RATIO_OF || e->type < 0 || !(m->types >> e->type & 1)) return false;
  for (size_t i = 0; i < m->nwhere; i++)
    if (!among(&e->fields[m->where[i].field], &m->where[i])) return false;
  return m->field < 0 || e->fields[m->field].kind != PL_NONE;
}

/* In whole units of so many decimals; false: it is no such number. */
static bool amount_of(const pl_value *v, int decimals, int64_t *out) {
  if (v->kind == PL_TEXT) return pl_str_decimal(v->s, decimals, out);
  if (v->kind == PL_REAL) {
    double x = v->d;
    for (int i = 0; i < decimals; i++) x *= 10;
    if (!(fabs(x) < 9e15)) return false;
    *out = llround(x);
    return true;
  }
  if (v->kind != PL_INT && v->kind != PL_DECIMAL) return false;
  __extension__ __int128 whole = v->i;
  int by = v->kind == PL_DECIMAL ? decimals - v->scale : decimals;
  for (; by > 0; by--) whole *= 10;
  for (; by < 0; by++) {
    if (whole % 10) return false;
    whole /= 10;
  }
  *out = (int64_t)whole;
  return *out == whole;
}

/* What says only what a clock on the wall showed, where the event says or the rep is. */
static pl_wall resolve(const pl_recount *r, const pl_person *p, const char *named, int64_t ms,
                       bool is_local) {
  if (!is_local) return (pl_wall){ms};
  const pl_zone *zone = named ? pl_almanac_zone(pl_census_almanac(r->census), pl_str_of(named))
                              : pl_census_zone(r->census, p, (pl_wall){ms});
  int64_t day = pl_floor_div(ms, 86400000), of_day = ms - day * 86400000;
  return (pl_wall){pl_zone_instant(zone, (int32_t)day, (int32_t)(of_day / 1000)) * 1000 + of_day % 1000};
}

static bool duration(const pl_recount *r, const pl_person *p, const pl_event *e, const pl_value *from,
                     pl_wall at, int64_t *out) {
  if (from->kind != PL_INSTANT) return false;
  *out = pl_floor_div(at.ms - resolve(r, p, e->zone, from->i, from->is_local).ms, 1000);
  if (*out < 0 && *out >= -DAY_S) *out = 0;
  return *out >= 0;
}

/* One event, on its way. */
typedef struct {
  const pl_event *event;
  pl_person *person;
  pl_wall at;
  int32_t day;
  uint64_t metrics; /* bit per metric: it counts there... */
  int64_t amounts[PL_METRICS_MAX];
} candidate;

static pl_reason adjusts(const pl_recount *r, candidate *c) {
  int m = pl_policy_metric(&r->config->policy, c->event->metric);
  const pl_metric *metric = m < 0 ? NULL : &r->config->policy.metrics[m];
  if (!metric || metric->kind == PL_RATIO_OF || metric->kind == PL_LAST_OF ||
      !amount_of(&c->event->amount, metric->decimals, &c->amounts[m]))
    return PL_BAD_VALUE;
  c->metrics = 1ULL << m;
  return PL_APPLIED;
}

static pl_reason find_amounts(const pl_recount *r, candidate *c) {
  static const pl_value none = {.kind = PL_NONE};
  const pl_event *e = c->event;
  c->metrics = 0;
  if (e->type == PL_TYPE_ADJUSTMENT) return adjusts(r, c);
  for (size_t m = 0; m < r->config->policy.nmetrics; m++) {
    const pl_metric *metric = &r->config->policy.metrics[m];
    if (!pl_recount_matches(metric, e)) continue;
    const pl_value *field = metric->field < 0 ? &none : &e->fields[metric->field];
    int64_t *amount = &c->amounts[m];
    bool keeps = metric->kind == PL_DISTINCT_OF || metric->kind == PL_LAST_OF;
    *amount = 1;
    if (metric->kind == PL_DISTINCT_OF && field->kind == PL_TEXT && field->s.n == 0) continue;
    bool sums = metric->kind == PL_SUM_OF || metric->kind == PL_LAST_OF;
    if (sums && e->currency.n && metric->unit_text && !pl_str_is(e->currency, metric->unit_text))
      return PL_CURRENCY;
    if ((sums && (!amount_of(field, metric->decimals, amount) || *amount == INT64_MIN)) ||
        (metric->kind == PL_SPAN_OF && !duration(r, c->person, e, field, c->at, amount)) ||
        (metric->kind == PL_DISTINCT_OF && field->kind != PL_TEXT))
      return PL_BAD_VALUE;
    if (e->retracts.n && keeps) continue;
    if (e->retracts.n) *amount = -*amount;
    c->metrics |= 1ULL << m;
  }
  return PL_APPLIED;
}

/* --- duplicates */

static bool remembers(const pl_ledger *h, size_t limit, uint64_t id) {
  for (size_t i = 0; i < limit && i < h->nids; i++)
    if (h->ids[i] == id) return true;
  return false;
}

static void remember(pl_ledger *h, size_t limit, uint64_t id) {
  if (limit == 0) return;
  if (!h->ids) h->ids = pl_alloc(limit * sizeof *h->ids);
  h->ids[h->nids++ % limit] = id;
}

static void remember_event(const pl_recount *r, pl_ledger *h, const pl_event *e) {
  size_t limit = (size_t)r->config->policy.dedupe_ids;
  remember(h, limit, pl_hash(e->id, ID_KEY));
  if (e->retracts.n) remember(h, limit, pl_hash(e->retracts, TAKEN_KEY));
}

static bool is_duplicate(const pl_recount *r, const pl_ledger *h, const pl_event *e) {
  size_t limit = (size_t)r->config->policy.dedupe_ids;
  return h && (remembers(h, limit, pl_hash(e->id, ID_KEY)) ||
               (e->retracts.n && remembers(h, limit, pl_hash(e->retracts, TAKEN_KEY))));
}

/* --- where it counts */

static bool has_window(const pl_metric *m, const int32_t age[PL_UNITS]) {
  for (int w = 0; w < PL_WINDOWS; w++) {
    const pl_window_kind *kind = &pl_window_kinds[w];
    if ((m->windows >> w & 1) && age[kind->unit] < (kind->calendar ? 2 : kind->span)) return true;
  }
  return false;
}

/* Is the thing new in that period, and has it room? */
static bool is_new(pl_ledger *h, uint16_t metric, int unit, int32_t index, pl_str thing) {
  int64_t key[] = {metric, unit, index, (int64_t)pl_hash(thing, ID_KEY)};
  void **many = pl_map_put(&h->seen, (pl_str){(const char *)key, sizeof key - sizeof key[0]});
  size_t n = (size_t)(uintptr_t)*many;
  if (n >= PL_DISTINCT_MAX || pl_map_find(&h->seen, (pl_str){(const char *)key, sizeof key})) return false;
  *many = (void *)(uintptr_t)(n + 1);
  *pl_map_put(&h->seen, (pl_str){(const char *)key, sizeof key}) = h;
  return true;
}

static void add(pl_ledger *h, const pl_entry *entry) {
  if (h->n == h->room) {
    size_t room = h->room ? 2 * h->room : 16;
    h->entries = pl_resize(h->entries, h->room * sizeof *h->entries, room * sizeof *h->entries);
    h->room = room;
  }
  h->entries[h->n++] = *entry;
}

/* Late if it is of metrics, and none has a window left that holds its instant, from the newest event on. */
static pl_reason count(const pl_recount *r, candidate *c, pl_ledger *h, pl_wall stamp, int64_t position) {
  int32_t index[PL_UNITS], age[PL_UNITS];
  uint64_t held = 0;
  for (int u = 0; u < PL_UNITS; u++) {
    index[u] = pl_unit_index(r->config, (pl_unit)u, c->at, c->day);
    age[u] = h->begun && h->newest[u] > index[u] ? h->newest[u] - index[u] : 0;
  }
  for (size_t m = 0; m < r->config->policy.nmetrics; m++)
    if ((c->metrics >> m & 1) && has_window(&r->config->policy.metrics[m], age)) held |= 1ULL << m;
  if (c->metrics && !held) return PL_LATE;
  for (int u = 0; u < PL_UNITS; u++)
    if (!h->begun || index[u] > h->newest[u]) h->newest[u] = index[u];
  h->begun = true;
  for (size_t m = 0; m < r->config->policy.nmetrics; m++) {
    const pl_metric *metric = &r->config->policy.metrics[m];
    bool thing = metric->kind == PL_DISTINCT_OF && c->event->type != PL_TYPE_ADJUSTMENT;
    if (!(held >> m & 1)) continue;
    pl_entry entry = {position, c->at, stamp, c->amounts[m], c->day, (uint16_t)m, 0};
    for (int u = 0; u < PL_UNITS; u++)
      if (age[u] < (thing || metric->kind == PL_LAST_OF ? 2 : pl_unit_spans[u]) &&
          (!thing || is_new(h, (uint16_t)m, u, index[u], c->event->fields[metric->field].s)))
        entry.units |= (uint8_t)(1U << u);
    add(h, &entry);
  }
  return PL_APPLIED;
}

/* --- one event */

static pl_reason judge(pl_recount *r, const pl_past_record *record, const pl_event *e, int64_t position) {
  const pl_policy *policy = &r->config->policy;
  if (pl_census_home(r->census, e->rep) != record->partition) return PL_MISROUTED;
  pl_person stranger = {.fact = {.id = e->rep}}, *known = pl_census_find(r->census, e->rep);
  candidate c = {.event = e, .person = known ? known : &stranger};
  if (c.person->fact.erased) return PL_ERASED;
  if (!known && r->unknown[record->partition] >= (size_t)policy->unknown_reps_max) return PL_TOO_MANY;
  c.at = resolve(r, c.person, e->zone, e->at.ms, e->at_is_local);
  if (c.at.ms < EARLIEST_MS || c.at.ms >= LATEST_MS) return PL_NO_TIME;
  if (c.at.ms - record->stamp.ms > policy->future_tolerance.ms) return PL_FUTURE;
  if (is_duplicate(r, c.person->ledger, e)) return PL_DUPLICATE;
  bool is_answer = e->type == PL_TYPE_ANSWER, is_word = is_answer || pl_type_is_word(e->type);
  if (is_word && !c.person->known) return is_answer ? PL_NO_ALERT : PL_NO_GOAL;
  if (pl_type_is_word(e->type) && policy->goals_in_file && !r->has_letters) return PL_GOALS_IN_FILE;
  for (pl_reason refused = PL_NO_GOAL; is_word && refused <= PL_GOALS_IN_FILE; refused++)
    if (was_told(r, record, refused)) return refused;
  pl_reason reason = is_word ? PL_APPLIED : find_amounts(r, &c);
  if (reason != PL_APPLIED) return reason;
  if (!known) c.person = pl_census_add(r->census, e->rep), r->unknown[record->partition]++;
  if (!c.person->ledger) c.person->ledger = PL_NEW(pl_ledger);
  c.day = pl_census_day(r->census, c.person, c.at);
  if (!is_word) reason = count(r, &c, c.person->ledger, record->stamp, position);
  if (reason == PL_APPLIED) remember_event(r, c.person->ledger, e);
  return reason;
}

void pl_recount_record(pl_recount *r, const pl_past_record *record) {
  r->records++;
  pl_reason before = was_sent_back(r, record);
  if (before != PL_APPLIED) {
    note(r, record, before);
    return;
  }
  if (record->stamp.ms <= 0 || (r->config->clock == PL_CLOCK_STREAM && record->stamp.ms > STAMP_MAX_MS) ||
      was_told(r, record, PL_STAMP)) {
    note(r, record, PL_STAMP);
    return;
  }
  size_t n;
  int32_t schema;
  pl_made *made = pl_readers_room(r->readers);
  pl_reason reason = pl_readers_events(r->readers, record->value, NULL, made, &n, &schema, NULL);
  if (reason != PL_APPLIED || n == 0) note(r, record, reason == PL_APPLIED ? PL_UNMAPPED : reason);
  for (size_t which = 0; which < n; which++) {
    const pl_event *event = &made[which].event;
    if (event->type == PL_TYPE_HEARTBEAT)
      r->heartbeats++;
    else
      note(r, record, judge(r, record, event, record->offset * PL_EVENTS_MAX + (int64_t)which));
  }
}

/* --- life */

void pl_recount_init(pl_recount *r, const pl_config *config, pl_census *census, pl_readers *readers,
                     int64_t *marks, int32_t partitions) {
  *r = (pl_recount){.config = config, .census = census, .readers = readers, .marks = marks};
  r->unknown = pl_alloc((size_t)partitions * sizeof *r->unknown);
}

void pl_recount_fini(pl_recount *r, int32_t partitions) {
  pl_person **people = NULL;
  size_t n = r->census ? pl_census_people(r->census, &people) : 0;
  for (size_t i = 0; i < n; i++) {
    pl_ledger *h = people[i]->ledger;
    if (!h) continue;
    pl_release(h->entries, h->room * sizeof *h->entries);
    pl_release(h->ids, h->ids ? (size_t)r->config->policy.dedupe_ids * sizeof *h->ids : 0);
    pl_map_fini(&h->seen);
    PL_FREE(people[i]->ledger);
  }
  pl_map_fini(&r->told), pl_map_fini(&r->requeued), pl_map_fini(&r->expected);
  pl_release(r->unknown, (size_t)partitions * sizeof *r->unknown);
}
