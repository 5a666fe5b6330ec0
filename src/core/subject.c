#include "core/subject.h"

#include <math.h>

#include "base/mem.h"
#include "core/cause.h"
#include "core/gap.h"
#include "core/partition.h"
#include "core/talk.h"

enum { HISTORY_DAYS = 60 };

/* Whole lines of memory, so that it begins with one (base/mem.h). */
static size_t size_of(size_t nmetrics) {
  return (sizeof(pl_subject) + nmetrics * sizeof(pl_cell *) + 63) & ~(size_t)63;
}

pl_subject *pl_subject_new(pl_core *core, pl_str id, bool is_team, size_t nmetrics) {
  pl_subject *s = pl_alloc(size_of(nmetrics));
  s->core = core, s->is_team = is_team, s->members_written = -1;
  s->id = pl_alloc(id.n + 1), s->id_len = id.n;
  memcpy(s->id, id.p, id.n);
  s->offset = -1, s->newest = PL_BEGINNING, s->judged = PL_BEGINNING;
  s->roll = s->refresh = PL_NEVER;
  pl_habit_init(&s->habit);
  if (is_team) {
    s->weighted = pl_alloc(nmetrics * sizeof *s->weighted);
    s->means = pl_alloc(nmetrics * sizeof *s->means);
  }
  return s;
}

static void forget(pl_dated_list *h) {
  for (size_t i = 0; i < h->n; i++) pl_text_free(&h->items[i].what);
  pl_release(h->items, h->n * sizeof *h->items);
  *h = (pl_dated_list){0};
}

static void free_effects(pl_subject *s, size_t nmetrics) {
  pl_alert_free(&s->told);
  while (s->pasts) {
    pl_past *next = s->pasts->next;
    for (size_t i = 0; i < s->pasts->ngoals; i++) pl_text_free(&s->pasts->goals[i].name);
    pl_release(s->pasts->values, nmetrics * sizeof *s->pasts->values);
    pl_release(s->pasts, sizeof *s->pasts + s->pasts->ngoals * sizeof s->pasts->goals[0]);
    s->pasts = next;
  }
}

void pl_subject_free(pl_subject **subject, size_t nmetrics) {
  pl_subject *s = *subject;
  if (!s) return;
  free_effects(s, nmetrics);
  for (size_t i = 0; i < s->nversions; i++) pl_goal_fini(&s->goals[i]);
  pl_release(s->goals, s->nversions * sizeof *s->goals);
  pl_release(s->lulls, s->nlulls * sizeof *s->lulls);
  pl_habit_fini(&s->habit);
  pl_words_fini(&s->words);
  pl_sums_fini(&s->sums);
  for (size_t i = 0; i < nmetrics; i++) pl_cell_free(&s->cells[i]);
  pl_release(s->weighted, nmetrics * sizeof *s->weighted);
  pl_release(s->means, nmetrics * sizeof *s->means);
  for (uint16_t i = 0; i < s->nteams; i++) pl_text_free(&s->teams[i]);
  pl_release(s->teams, s->nteams * sizeof *s->teams);
  pl_release(s->shares, s->nteams * sizeof(pl_share *));
  forget(&s->memberships), forget(&s->zones), forget(&s->calendars);
  pl_workcal_free(&s->own);
  pl_release(s->time_off, s->ntime_off * sizeof *s->time_off);
  pl_text_free(&s->name), pl_text_free(&s->email), pl_text_free(&s->slack);
  pl_text_free(&s->language);
  pl_dedupe_fini(&s->ids);
  pl_distinct_free(&s->things);
  pl_release(s->id, s->id_len + 1);
  pl_release(s, size_of(nmetrics));
  *subject = NULL;
}

void pl_subject_written(pl_subject *s) {
  free_effects(s, s->core->nmetrics);
  s->dirty = s->touched_all = s->touched_goals = s->touched_past = false;
  s->touched = 0, s->members_written = s->members;
}

/* The zone in effect at an instant: that of the last change that has begun. A change begins at midnight in
 * the zone that it brings. */
static const pl_zone *zone_at(const pl_subject *s, int64_t seconds) {
  for (size_t i = s->zones.n; i-- > 1;) {
    const pl_zone *zone = pl_almanac_zone(s->core->almanac, pl_str_of(s->zones.items[i].what));
    if (zone && s->zones.items[i].from != PL_DAY_ALWAYS &&
        seconds >= pl_zone_instant(zone, s->zones.items[i].from, 0))
      return zone;
  }
  const pl_zone *first =
      s->zones.n > 1 ? pl_almanac_zone(s->core->almanac, pl_str_of(s->zones.items[0].what)) : NULL;
  return first ? first : pl_workcal_zone(s->cal);
}

void pl_subject_index(pl_subject *s, pl_wall at, int32_t index[PL_UNITS]) {
  int64_t seconds = pl_seconds(at);
  if (seconds < s->day_from || seconds >= s->day_until) { /* events come by the day: most find theirs here */
    const pl_zone *zone = zone_at(s, seconds);
    int32_t day = pl_zone_day(zone, seconds);
    for (int u = PL_DAY; u <= PL_YEAR; u++) s->day_index[u] = pl_subject_period(s, (pl_unit)u, day);
    s->day_from = pl_zone_instant(zone, day, 0), s->day_until = pl_zone_instant(zone, day + 1, 0);
    s->slotted = false;
    if (zone_at(s, s->day_from) != zone ||
        zone_at(s, s->day_until - 1) != zone) /* a change lies within: not kept */
      s->day_from = s->day_until = 0;
  }
  memcpy(index, s->day_index, sizeof s->day_index);
  index[PL_5MIN] = (int32_t)pl_floor_div(at.ms, 300000);
  index[PL_HOUR] = (int32_t)pl_floor_div(at.ms, 3600000);
}

int64_t pl_subject_at(const pl_subject *s, int metric, int ring, int32_t index) {
  int64_t sum = 0;
  for (const pl_cell *c = s->cells[metric]; c; c = c->next) sum = pl_plus(sum, pl_cell_at(c, ring, index));
  return sum;
}

bool pl_subject_holds(const pl_subject *s, int metric, int ring, int32_t index) {
  for (const pl_cell *c = s->cells[metric]; c; c = c->next)
    if (!pl_cell_holds(c, ring, index)) return false;
  return true;
}

static int32_t index_at(const pl_subject *s, pl_unit unit, pl_wall t) {
  int64_t seconds = pl_seconds(t);
  if (unit == PL_5MIN) return (int32_t)pl_floor_div(t.ms, 300000);
  if (unit == PL_HOUR) return (int32_t)pl_floor_div(t.ms, 3600000);
  if (seconds >= s->day_from && seconds < s->day_until) return s->day_index[unit];
  return pl_subject_period(s, unit, pl_subject_day(s, t));
}

int64_t pl_subject_window(const pl_subject *s, int metric, pl_window window, bool prev, pl_wall now) {
  const pl_window_kind *kind = &pl_window_kinds[window];
  int32_t index = index_at(s, kind->unit, now);
  if (kind->calendar) return pl_subject_at(s, metric, (int)kind->unit, prev ? index - 1 : index);
  int64_t sum = 0;
  int32_t first = index - kind->span + 1;
  /* An event a little ahead of `now` has pushed the oldest bucket out of its cell: it is out of all teams'.
   */
  for (const pl_cell *c = s->cells[metric]; c; c = c->next) {
    const pl_ring *ring = pl_cell_ring(c, (int)kind->unit);
    if (!ring || ring->newest == INT32_MIN) continue;
    int32_t oldest = ring->newest - (int32_t)ring->room + 1;
    if (oldest > first) first = oldest;
  }
  for (const pl_cell *c = s->cells[metric]; c; c = c->next)
    sum = pl_plus(sum, pl_cell_sum(c, (int)kind->unit, first, index));
  return sum;
}

static double squared(double x) { return x * x; }

/* The first of the days before today on which something was counted; today: there is none. */
static int32_t first_day(const pl_subject *s, int metric, int32_t today) {
  int32_t first = today;
  for (const pl_cell *c = s->cells[metric]; c; c = c->next) {
    int32_t d = pl_cell_oldest(c, PL_DAY);
    if (d < today - HISTORY_DAYS) d = today - HISTORY_DAYS;
    while (d < first && !pl_cell_at(c, PL_DAY, d)) d++;
    if (d < first) first = d;
  }
  return first;
}

pl_burst pl_subject_burst(const pl_subject *s, int metric, int32_t today) {
  const pl_metric *m = &s->core->policy->metrics[metric];
  bool is_sum = m->kind == PL_SUM_OF;
  double fallback = m->typical > 0 ? (double)m->typical : NAN; /* NAN: the goal's target / 4 */
  pl_history h = {0};
  int32_t d = pl_metric_adds(m) ? first_day(s, metric, today) : today;
  if (d < today) h.days = pl_workdays(s->cal, today - HISTORY_DAYS, d - 1); /* without anything */
  for (; d < today; d++) {
    double total = (double)pl_subject_at(s, metric, PL_DAY, d);
    h.amount += total;
    if (is_sum) h.events += pl_subject_at(s, metric, PL_DAY_EVENTS, d);
    if (!pl_workday_is(s->cal, d)) continue;
    h.days++, h.sum += total, h.squares += squared(total);
  }
  pl_burst b = pl_burst_of(&h, is_sum, fallback);
  if (s->is_team && s->means[metric] > 0) b.phi = s->weighted[metric] / s->means[metric];
  return b;
}

const char *pl_dated_at(const pl_dated_list *h, int32_t day) {
  const char *what = NULL;
  for (size_t i = 0; i < h->n && h->items[i].from <= day; i++) what = h->items[i].what;
  return what;
}

const char *pl_subject_team(const pl_subject *s) {
  return s->is_team ? s->id : pl_dated_at(&s->memberships, s->today);
}

int32_t pl_subject_period(const pl_subject *s, pl_unit unit, int32_t day) {
  return pl_fiscal_period(&s->core->policy->fiscal, unit, day);
}

int32_t pl_subject_day(const pl_subject *s, pl_wall t) {
  return pl_zone_day(pl_workcal_zone(s->cal), pl_seconds(t));
}

const pl_goal *pl_subject_inhibitor(const pl_subject *s, const pl_goal *goal) {
  const pl_policy *policy = s->core->policy;
  if (!policy->nfunnel || s->is_team || goal->step != PL_STEP_PENDING) return NULL;
  int place = pl_cause_place(policy, goal->metric);
  for (size_t i = 0; i < s->ngoals; i++) {
    const pl_goal *g = &s->goals[i];
    int leading = g->open && g->in_force && pl_goal_told(g) ? pl_cause_place(policy, g->metric) : -1;
    if (leading >= 0 && leading < place) return g;
  }
  return NULL;
}

bool pl_subject_covers(const pl_subject *s, int metric, pl_unit period, int32_t index) {
  int64_t since = s->core->since[metric].ms;
  return pl_subject_holds(s, metric, (int)period, index) &&
         (since <= 0 || pl_period_start(pl_workcal_zone(s->cal), period, index) * 1000 >= since);
}

/* Of several open milestones only the earliest is told; they stand behind their goal, in order. */
static pl_wall hold_of(const pl_subject *s, const pl_goal *goal) {
  if (pl_subject_inhibitor(s, goal)) return PL_NEVER;
  for (const pl_goal *g = goal; goal->base && g-- > s->goals && g->base && g->name;)
    if (g->open && !g->ended && !g->settled && g->work > 0) return pl_wall_s(g->upto);
  return PL_BEGINNING;
}

/* From how many events a metric's period is made, as far back as they are counted by days. */
static int64_t events_of(const pl_subject *s, int metric, pl_unit unit, int32_t index) {
  const pl_metric *m = &s->core->policy->metrics[metric];
  if (m->kind != PL_SUM_OF || m->hidden)
    return pl_subject_at(s, m->kind == PL_LAST_OF ? m->den : metric, (int)unit, index);
  int64_t n = 0;
  for (const pl_cell *c = s->cells[metric]; c; c = c->next)
    n = pl_plus(n, pl_cell_sum(c, PL_DAY_EVENTS, pl_period_first_day(unit, index),
                               pl_period_first_day(unit, index + 1) - 1));
  return n;
}

/* What a gauge is made of. */
static void fill_parts(const pl_subject *s, const pl_goal *goal, pl_judge *who) {
  const pl_metric *m = &s->core->policy->metrics[goal->metric];
  int num = m->kind == PL_RATIO_OF ? m->num : goal->metric, ring = (int)goal->period;
  who->num = pl_subject_at(s, num, ring, goal->index);
  who->den = pl_subject_at(s, m->den, ring, goal->index);
  who->events = events_of(s, m->den, goal->period, goal->index);
  who->unknown = !pl_subject_covers(s, num, goal->period, goal->index) ||
                 !pl_subject_covers(s, m->den, goal->period, goal->index);
}

pl_judge pl_subject_counted(const pl_subject *s, const pl_goal *goal) {
  pl_judge who = {
      .policy = s->core->policy,
      .cal = s->cal,
      .is_team = s->is_team,
      .actual =
          goal->open ? pl_subject_at(s, goal->metric, (int)goal->period, goal->index) - goal->beyond : 0,
      .unknown = goal->open && !pl_subject_covers(s, goal->metric, goal->period, goal->index),
      .gap = pl_gap_of(s, goal),
  };
  if (goal->open && goal->gauge) fill_parts(s, goal, &who);
  return who;
}

pl_judge pl_subject_judge(pl_subject *s, const pl_goal *goal) {
  const char *team = s->opted_out ? NULL : pl_subject_team(s);
  const pl_team *known = s->is_team ? pl_teams_find(s->core->directory, pl_subject_id(s)) : NULL;
  pl_judge who = pl_subject_counted(s, goal);
  who.id = pl_subject_id(s), who.offset = s->core->offset;
  who.concern_to = known ? known->manager : "", who.team = team ? team : "";
  bool due = goal->step == PL_STEP_PENDING && !pl_before(s->core->clock, goal->due);
  if (!s->is_team && (due || goal->talk))
    who.concern_to = pl_talk_manager(s), who.best = pl_talk_best(s, goal);
  who.hold = hold_of(s, goal);
  who.told = &s->told;
  who.cancelled = &s->core->stats.cancelled, who.inhibited = &s->core->stats.inhibited;
  return who;
}
