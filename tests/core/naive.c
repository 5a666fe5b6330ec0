#include "core/naive.h"

#include <math.h>

#include "base/mem.h"
#include "paceline/period.h"

int32_t naive_day(const naive_rep *rep, int64_t ms) { return pl_zone_day(rep->zone, pl_floor_div(ms, 1000)); }
int64_t naive_now(const naive *model) {
  return model->stamp_ms > model->clock_ms ? model->stamp_ms : model->clock_ms;
}

/* --- counting (section 2): events, windows, duplicates */

/* How far behind the newest event an event may lie to be counted in a unit: the hour's 5-minute buckets, the
 * day's hours, the 60 days before today (with it and a late yesterday's), the current and previous period. */
static const int32_t spans[PL_UNITS] = {12, 24, 62, 2, 2, 2, 2};

static bool shown(const pl_metric *m, pl_unit unit) {
  for (int w = 0; w < PL_WINDOWS; w++)
    if ((m->windows >> w & 1) && pl_window_kinds[w].unit == unit) return true;
  return false;
}

/* What needs to be remembered beside the number is so for the current and the previous period only. */
static bool remembers(int metric) { return metric == ACCOUNTS || metric == FORECAST; }

static bool counts(const naive_event *e, int metric, pl_unit unit) {
  return (e->metrics >> metric & 1) && (e->held >> unit & 1) &&
         (!remembers(metric) || unit != PL_DAY || e->fresh);
}

/* What one event adds to one metric's bucket: distinct things count by their first, forecasts by the newest.
 */
static int64_t amount_of(const naive_rep *rep, size_t i, int metric, pl_unit unit) {
  const naive_event *e = &rep->events[i];
  if (metric == REVENUE) return e->amount;
  if (metric == SPANS) return e->span_s;
  for (size_t k = 0; remembers(metric) && k < rep->n; k++) {
    const naive_event *f = &rep->events[k];
    if (f->index[unit] != e->index[unit] || !counts(f, metric, unit)) continue;
    if (metric == ACCOUNTS && k < i && strcmp(f->account, e->account) == 0) return 0;
    if (metric == FORECAST && (k < i ? f->at_ms > e->at_ms : k > i && f->at_ms >= e->at_ms)) return 0;
  }
  return metric == FORECAST ? e->amount : e->sign;
}

/* As far back as it is kept. */
static bool kept(const naive_event *e, int metric, pl_unit unit, int32_t newest) {
  return newest - e->index[unit] < (remembers(metric) && unit == PL_DAY ? 3 : spans[unit] + (unit > PL_DAY));
}

static int64_t total(const naive *model, const naive_rep *rep, const char *team, int metric, pl_unit unit,
                     int32_t index, int64_t before_ms) {
  int64_t sum = 0;
  int32_t newest = INT32_MIN;
  const pl_metric *m = &model->w->metrics[metric];
  if (!shown(m, unit) && (unit != PL_DAY || remembers(metric) || m->hidden)) return 0;
  for (int round = 0; round < 2; round++) /* first how far it reaches */
    for (size_t r = 0; r < model->n; r++) {
      if (rep && rep != &model->reps[r]) continue;
      for (size_t i = 0; i < model->reps[r].n; i++) {
        const naive_event *e = &model->reps[r].events[i];
        if (round == 0 ? e->index[unit] <= newest : e->index[unit] != index) continue;
        if (!counts(e, metric, unit) || (team && strcmp(e->team, team) != 0)) continue;
        if (round == 0) newest = e->index[unit];
        if (round == 1 && e->at_ms < before_ms && kept(e, metric, unit, newest))
          sum += amount_of(&model->reps[r], i, metric, unit);
      }
    }
  return sum;
}

int64_t naive_at(const naive *model, const naive_rep *rep, const char *team, int metric, pl_unit unit,
                 int32_t index) {
  return total(model, rep, team, metric, unit, index, INT64_MAX);
}

int64_t naive_before(const naive *model, const naive_rep *rep, int metric, pl_unit unit, int32_t index,
                     int64_t before_ms) {
  return total(model, rep, NULL, metric, unit, index, before_ms);
}

/* What is so long ago that it is not remembered any more. */
bool naive_holds(const naive_rep *rep, int metric, pl_unit unit, int32_t index) {
  const naive_event was = {
      .index = {
          [PL_DAY] = index, [PL_WEEK] = index, [PL_MONTH] = index, [PL_QUARTER] = index, [PL_YEAR] = index}};
  for (size_t i = 0; i < rep->n; i++)
    if (counts(&rep->events[i], metric, unit) && !kept(&was, metric, unit, rep->events[i].index[unit]))
      return false;
  return true;
}

int64_t naive_window(const naive *model, const naive_rep *rep, int metric, pl_window window, bool prev) {
  static const int32_t length[PL_WINDOWS] = {12, 24, 7, 30, 1, 1, 1, 1, 1};
  static const pl_unit unit[PL_WINDOWS] = {PL_5MIN, PL_HOUR,  PL_DAY,     PL_DAY, PL_DAY,
                                           PL_WEEK, PL_MONTH, PL_QUARTER, PL_YEAR};
  int64_t now = naive_now(model), sum = 0;
  int32_t last = unit[window] == PL_5MIN ? (int32_t)(now / 300000)
                 : unit[window] == PL_HOUR
                     ? (int32_t)(now / 3600000)
                     : pl_fiscal_period(&model->w->policy.fiscal, unit[window], naive_day(rep, now));
  for (int32_t i = last - prev; i > last - prev - length[window]; i--)
    sum += naive_at(model, rep, NULL, metric, unit[window], i);
  return sum;
}

/* Digits behind the point: at most two, zeros beside. */
static bool cents(const pl_value *v, int64_t *out) {
  if (v->kind == PL_INT) return *out = v->i * 100, true;
  char text[32], *end;
  (void)snprintf(text, sizeof text, "%.*s", (int)v->s.n, v->s.p);
  if (strspn(text, "-0123456789.") != strlen(text) || !*text) return false;
  double value = strtod(text, &end) * 100;
  *out = llround(value);
  return *end == 0 && fabs(value - round(value)) < 1e-6;
}

const char *naive_team_on(const naive_rep *rep, int32_t day) {
  const char *team = "";
  for (size_t i = 0; rep->facts && i < rep->facts->fact.nmemberships; i++)
    if (rep->facts->memberships[i].from <= day) team = rep->facts->memberships[i].what.p;
  return team;
}

static bool control(const char *s) {
  for (; *s; s++)
    if ((unsigned char)*s < 32) return true;
  return false;
}

static naive_rep *find(naive *model, const char *id) {
  for (size_t i = 0; i < model->n; i++)
    if (strcmp(model->reps[i].id, id) == 0) return &model->reps[i];
  return NULL;
}

static naive_rep *meet(naive *model, const char *id) {
  model->unknown++;
  naive_rep *rep = &model->reps[model->n++];
  *rep = (naive_rep){.newest_ms = INT64_MIN};
  (void)snprintf(rep->id, sizeof rep->id, "%s", id);
  rep->zone = pl_almanac_zone(model->w->almanac, PL_STR("Europe/Berlin"));
  rep->calendar = &model->w->calendars[0];
  return rep;
}

/* What only a clock on the wall showed is so where the rep is. */
static int64_t opened_ms(const naive *model, const naive_rep *rep, const pl_value *v) {
  if (!v->is_local) return v->i;
  const pl_zone *zone = rep ? rep->zone : pl_almanac_zone(model->w->almanac, PL_STR("Europe/Berlin"));
  int64_t day = pl_floor_div(v->i, 86400000), rest = v->i - day * 86400000;
  return pl_zone_instant(zone, (int32_t)day, (int32_t)(rest / 1000)) * 1000 + rest % 1000;
}

static void remember(naive_rep *rep, const char *mark, const char *id) {
  rep->ids = pl_resize(rep->ids, rep->nids * sizeof *rep->ids, (rep->nids + 1) * sizeof *rep->ids);
  (void)snprintf(rep->ids[rep->nids++], sizeof *rep->ids, "%s%s", mark, id);
}

static pl_reason count(naive *model, const world_record *rec) {
  const pl_event *in = &rec->event;
  int64_t at = in->at.ms, amount = 0;
  if (!rec->rep[0]) return PL_NO_REP;
  if (!rec->id[0] || control(rec->rep)) return PL_BAD_ID;
  naive_rep *rep = find(model, rec->rep);
  if (!rep && model->unknown == (size_t)model->w->policy.unknown_reps_max) return PL_TOO_MANY;
  if (at > rec->stamp.ms + 600000) return PL_FUTURE;
  size_t memory = (size_t)model->w->policy.dedupe_ids;
  for (size_t i = rep && rep->nids > memory ? rep->nids - memory : 0; rep && i < rep->nids; i++)
    if (strcmp(rep->ids[i], rec->id) == 0 ||
        (*rec->retracts && strcmp(rep->ids[i] + 1, rec->retracts) == 0 && rep->ids[i][0] == '-'))
      return PL_DUPLICATE;
  if (in->type == PL_TYPE_ANSWER) {
    pl_reason heard = rep ? naive_talk_hear(rep, rec, naive_now(model)) : PL_NO_ALERT;
    if (heard == PL_APPLIED) remember(rep, "", rec->id);
    return heard;
  }
  const pl_value *channel = &in->fields[CHANNEL], *money = &in->fields[AMOUNT];
  if ((in->type == WON || in->type == NOTE) && money->kind != PL_NONE && !cents(money, &amount))
    return PL_BAD_VALUE;
  int64_t span_s = pl_floor_div(at - opened_ms(model, rep, &in->fields[OPENED]), 1000);
  bool timed = in->type == DEMO && in->fields[OPENED].kind == PL_INSTANT;
  if (timed && span_s < -86400) return PL_BAD_VALUE;
  if (!rep) rep = meet(model, rec->rep);

  naive_event e = {.at_ms = at, .account = rec->account, .sign = *rec->retracts ? -1 : 1};
  e.span_s = e.sign * (span_s < 0 ? 0 : span_s);
  int32_t day = naive_day(rep, at);
  for (int u = 0; u < PL_UNITS; u++)
    e.index[u] = u == PL_5MIN   ? (int32_t)(at / 300000)
                 : u == PL_HOUR ? (int32_t)(at / 3600000)
                                : pl_fiscal_period(&model->w->policy.fiscal, (pl_unit)u, day);
  e.team = naive_team_on(rep, day);
  unsigned asks = 0;
  if (in->type == CALL) asks |= 1 << CALLS;
  if (in->type == DEMO && channel->kind == PL_TEXT && rec->channel[0] != 'm') asks |= 1 << DEMOS;
  if (in->type == WON && money->kind != PL_NONE) asks |= 1 << REVENUE;
  if ((in->type == CALL || in->type == DEMO) && in->fields[ACCOUNT].kind == PL_TEXT) asks |= 1 << ACCOUNTS;
  if (in->type == NOTE && money->kind != PL_NONE) asks |= 1 << FORECAST | 1 << FORECASTS;
  if (in->type == CALL || in->type == DEMO) asks |= 1 << TOUCHES;
  if (timed) asks |= 1 << SPANS | 1 << TIMED;
  if (e.sign < 0) asks &= ~(1U << ACCOUNTS | 1U << FORECAST);
  int32_t reach[PL_UNITS];
  for (int u = 0; u < PL_UNITS; u++)
    reach[u] = rep->newest_ms == INT64_MIN || e.index[u] > rep->reach[u] ? e.index[u] : rep->reach[u];
  for (int m = 0; m < METRICS; m++)
    for (int w = 0; w < PL_WINDOWS && (asks >> m & 1); w++) {
      static const int32_t holds[PL_WINDOWS] = {12, 24, 7, 30, 2, 2, 2, 2, 2};
      pl_unit u = pl_window_kinds[w].unit;
      if ((model->w->metrics[m].windows >> w & 1) && reach[u] - e.index[u] < holds[w])
        e.metrics |= (uint16_t)(1 << m);
    }
  if (asks && !e.metrics) return PL_LATE;
  for (int u = 0; u < PL_UNITS; u++)
    if (reach[u] - e.index[u] < spans[u]) e.held |= (uint8_t)(1 << u);
  e.fresh = reach[PL_DAY] - e.index[PL_DAY] < 2;
  if (at > rep->newest_ms) rep->newest_ms = at;
  memcpy(rep->reach, reach, sizeof reach);
  e.amount = amount * e.sign;
  remember(rep, "", rec->id);
  if (*rec->retracts) remember(rep, "-", rec->retracts);
  rep->events = pl_resize(rep->events, rep->n * sizeof e, (rep->n + 1) * sizeof e);
  rep->events[rep->n++] = e;
  naive_judge_event(model, rep, &e);
  naive_habit_event(model, rep, &e);
  return PL_APPLIED;
}

static void start(naive *model, int64_t clock) {
  model->clock_ms = clock;
  for (size_t i = 0; i < model->n; i++) naive_open_all(model, &model->reps[i]);
}

/* Also where the clock stands already: what a record has brought nearer than that falls due at once. */
void naive_advance(naive *model, int64_t upto) {
  bool held = false;
  if (model->clock_ms == INT64_MIN) start(model, upto);
  for (size_t i = 0; i < model->w->policy.nsources; i++)
    if (upto > model->heard_ms[i]) upto = model->heard_ms[i], held = true;
  if (upto < model->clock_ms + held) return; /* a held clock lets nothing fall due */
  for (size_t i = 0; i < model->n; i++) naive_pass(model, &model->reps[i], model->clock_ms, upto);
  model->clock_ms = upto;
}

/* Deadlines before the first record stamped later than t + source_delay. */
pl_reason naive_apply(naive *model, const world_record *rec) {
  int64_t delay = model->w->policy.source_delay.ms;
  if (model->clock_ms == INT64_MIN) start(model, rec->stamp.ms - delay);
  naive_advance(model, rec->stamp.ms - delay - 1);
  if (rec->stamp.ms > model->stamp_ms) model->stamp_ms = rec->stamp.ms;
  size_t before = model->n;
  pl_reason reason = count(model, rec);
  if (model->n > before) naive_open_all(model, &model->reps[before]);
  return reason;
}

void naive_hear(naive *model, const world_beat *beat) {
  naive_advance(model, beat->stamp.ms - model->w->policy.source_delay.ms - (model->clock_ms != INT64_MIN));
  if (beat->stamp.ms > model->stamp_ms) model->stamp_ms = beat->stamp.ms;
  if (beat->source < 0) return;
  int64_t said = beat->complete_to.ms < beat->stamp.ms ? beat->complete_to.ms : beat->stamp.ms;
  if (said > model->heard_ms[beat->source]) model->heard_ms[beat->source] = said;
}

/* The goal (m 0), or one of its milestones. */
static void init_goal(naive_goal *g, const pl_goal_fact *f, size_t m) {
  g->fact = f, g->stone = m ? &f->milestones[m - 1] : NULL;
  static const char *const names[ALL_METRICS] = {
      [CALLS] = "calls",       [DEMOS] = "demos",     [REVENUE] = "revenue", [ACCOUNTS] = "accounts",
      [FORECAST] = "forecast", [CLOSING] = "closing", [SHARE] = "share",     [PITCH] = "pitch",
      [VALUE] = "value",       [COST] = "cost"};
  while (!names[g->metric] || strcmp(names[g->metric], f->metric.p) != 0) g->metric++;
  double scale = g->metric > CLOSING                                                     ? 10000
                 : g->metric == REVENUE || g->metric == FORECAST || g->metric == CLOSING ? 100
                                                                                         : 1;
  g->asked = llround(f->target * scale), g->until = INT32_MAX;
  if (m && !g->stone->at) g->asked = llround(g->stone->amount * scale);
  world_goal_name(g->name, f, g->stone);
  g->best_s = -1;
}

void naive_init(naive *model, const world *w) {
  *model = (naive){.w = w, .clock_ms = INT64_MIN, .stamp_ms = INT64_MIN};
  for (size_t i = 0; i < w->nreps; i++) {
    naive_rep *rep = &model->reps[model->n++];
    rep->newest_ms = INT64_MIN, rep->facts = &w->reps[i];
    (void)snprintf(rep->id, sizeof rep->id, "%s", w->reps[i].id);
    rep->zone = pl_almanac_zone(w->almanac, w->reps[i].zone.what);
    rep->calendar = &w->calendars[w->reps[i].calendar.what.p == w->calendars[1].name];
    for (size_t k = 0; k < w->reps[i].goals_fact.n; k++)
      for (size_t m = 0; m <= w->reps[i].goals[k].nmilestones; m++)
        init_goal(&rep->goals[rep->ngoals++], &w->reps[i].goals[k], m);
    for (size_t k = 0; k < rep->ngoals; k++)
      for (size_t o = 0; o < rep->ngoals; o++) {
        const pl_goal_fact *mine = rep->goals[k].fact, *other = rep->goals[o].fact;
        if (pl_str_eq(mine->name, other->name) && other->from > mine->from &&
            other->from < rep->goals[k].until)
          rep->goals[k].until = other->from;
      }
  }
}

void naive_fini(naive *model) {
  for (size_t i = 0; i < model->n; i++) {
    pl_release(model->reps[i].ids, model->reps[i].nids * sizeof *model->reps[i].ids);
    pl_release(model->reps[i].events, model->reps[i].n * sizeof *model->reps[i].events);
  }
}
