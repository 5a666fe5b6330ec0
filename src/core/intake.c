/* Intake: one event into the counters of its rep and of the rep's team.
 *
 * First everything that can refuse the event is asked, then it is counted: an event counts wholly or not at
 * all, and a refused one makes nobody known. */
#include <math.h>

#include "base/mem.h"
#include "core/deadline.h"
#include "core/talk.h"

static const int64_t EARLIEST_MS = 0, LATEST_MS = 7258118400000; /* 1970 .. 2200 */

/* What one event does to the metrics. */
typedef struct {
  pl_wall at;
  uint64_t matched;                 /* bit per metric */
  int64_t amounts[PL_METRICS_MAX];  /* what it adds... */
  uint16_t counted[PL_METRICS_MAX]; /* ...to which rings, a bit each */
  int32_t index[PL_UNITS];          /* where */
  bool newest;                      /* nothing of the rep's lies in a later bucket */
  int sign;                         /* of events: 1; a retraction: -1; an adjustment is none: 0 */
} pl_effect;

static bool among(const pl_value *v, const pl_filter *filter) {
  char digits[24];
  pl_str text = v->s;
  if (v->kind == PL_NONE) return false;
  if (v->kind == PL_BOOL) text = v->i ? PL_STR("true") : PL_STR("false");
  if (v->kind == PL_INT) {
    pl_buf buf = {digits, 0, sizeof digits, sizeof digits, false};
    pl_buf_int(&buf, v->i);
    text = pl_buf_str(&buf);
  }
  for (size_t i = 0; i < filter->n; i++)
    if (pl_str_eq(text, filter->values[i])) return true;
  return false;
}

static bool passes(const pl_metric *m, const pl_event *event) {
  for (size_t i = 0; i < m->nwhere; i++)
    if (!among(&event->fields[m->where[i].field], &m->where[i])) return false;
  return true;
}

/* The amount scaled to the metric's decimals; false: not a number, digits lost, or out of range. */
static bool scaled(const pl_value *v, const pl_metric *metric, int64_t *out) {
  int64_t n = v->i;
  int by = metric->decimals;
  switch (v->kind) {
  case PL_TEXT: return pl_str_decimal(v->s, metric->decimals, out);
  case PL_INT: break;
  case PL_DECIMAL: by -= v->scale; break;
  case PL_REAL: {
    double x = pl_metric_scaled(metric, v->d);
    if (!(fabs(x) < PL_SCALED_MAX)) return false;
    *out = llround(x);
    return true;
  }
  default: return false;
  }
  for (; by > 0; by--)
    if (__builtin_mul_overflow(n, 10, &n)) return false;
  for (; by < 0; by++) {
    if (n % 10) return false;
    n /= 10;
  }
  *out = n;
  return true;
}

/* Amounts of different currencies add up to nothing. */
static bool in_unit(const pl_metric *metric, pl_str currency) {
  return !currency.n || !metric->unit_text || pl_str_is(currency, metric->unit_text);
}

/* Does the ring of that unit still hold the index, measured from the rep's newest event? */
static bool held(pl_unit unit, int32_t index, int32_t newest) {
  static const int32_t span[PL_UNITS] = {12, 24, PL_DAYS_KEPT, 2, 2, 2, 2};
  return newest - index < span[unit];
}

static bool held_by_a_window(const pl_metric *m, const int32_t index[PL_UNITS],
                             const int32_t newest[PL_UNITS]) {
  for (int w = 0; w < PL_WINDOWS; w++) {
    const pl_window_kind *kind = &pl_window_kinds[w];
    int32_t span = kind->calendar ? 2 : kind->span;
    if ((m->windows >> w & 1) && newest[kind->unit] - index[kind->unit] < span) return true;
  }
  return false;
}

/* One metric's cell of the subject, as a member of that team. */
static pl_cell **cell_of(const pl_core *core, pl_subject *s, size_t m, uint16_t team) {
  pl_cell **cell = &s->cells[m];
  while (*cell && (*cell)->team != team) cell = &(*cell)->next;
  if (!*cell) *cell = pl_cell_new(&core->policy->metrics[m], (uint16_t)m, team);
  return cell;
}

/* The value that stood there makes room for a newer one, in whatever team's cell it lies. */
static void take_out(pl_core *core, pl_subject *s, size_t m, int ring, int32_t index) {
  for (pl_cell **cell = &s->cells[m]; *cell; cell = &(*cell)->next) {
    int64_t old = pl_cell_at(*cell, ring, index);
    pl_share *share = s->shares[(*cell)->team];
    if (old == 0) continue;
    (void)!pl_cell_add(cell, ring, index, -old);
    if (share) pl_core_touch_share(core, share);
  }
}

static void count(pl_core *core, pl_subject *s, size_t m, const pl_event *event, pl_effect *effect) {
  const pl_metric *metric = &core->policy->metrics[m];
  effect->counted[m] = 0;
  pl_cell **own = cell_of(core, s, m, s->slot);
  for (unsigned left = (*own)->needs; left; left &= left - 1) {
    int ring = __builtin_ctz(left), unit = ring == PL_DAY_EVENTS ? PL_DAY : ring;
    int32_t index = effect->index[unit];
    if (!effect->newest && !held((pl_unit)unit, index, s->reach[unit])) continue;
    if (metric->kind == PL_DISTINCT_OF && effect->sign) {
      if (s->reach[unit] - index > 1) continue; /* older than the previous period */
      pl_distinct_answer answer = pl_distinct_put(&s->things, (uint16_t)m, (pl_unit)unit, index,
                                                  pl_distinct_hash(event->fields[metric->field].s));
      core->stats.distinct_full += answer == PL_DISTINCT_FULL;
      if (answer != PL_DISTINCT_NEW) continue;
    }
    if (metric->kind == PL_LAST_OF) {
      if (s->reach[unit] - index > 1 ||
          !pl_distinct_newest(&s->things, (uint16_t)m, (pl_unit)unit, index, effect->at.ms))
        continue;
      take_out(core, s, m, ring, index);
    }
    int64_t amount = ring == PL_DAY_EVENTS ? effect->sign : effect->amounts[m];
    effect->counted[m] |= (uint16_t)(1U << ring);
    (void)!pl_cell_add(own, ring, index, amount); /* refused only beyond 2^63: the old value stands */
  }
}

/* What happened after a milestone's time is not for it, though it is counted before the milestone is decided.
 */
static bool is_beyond(pl_goal *goal, const pl_effect *effect) {
  if (!goal->stone || !goal->open || goal->ended || effect->at.ms < goal->upto * 1000) return false;
  if (effect->index[goal->period] == goal->index && effect->counted[goal->metric] >> goal->period & 1)
    goal->beyond += effect->amounts[goal->metric];
  return true;
}

/* What comes late is judged as of the last moment of a milestone that waits for it. */
static pl_wall moment(const pl_core *core, const pl_goal *goal) {
  pl_wall now = pl_core_now(core);
  return goal->stone ? pl_earlier(now, (pl_wall){goal->upto * 1000 - 1}) : now;
}

/* The ordinary event: the armed deadline may be early, never late. */
static bool quiet(const pl_subject *s, const pl_lull *lull, const pl_effect *effect) {
  if (lull->asks) return false;
  if (!(effect->matched >> lull->metric & 1)) return true;
  return effect->amounts[lull->metric] >= 0 &&
         pl_subject_at(s, lull->metric, lull->unit, lull->index) <= lull->most;
}

/* The counters have moved: what an event decides is told at once; a late or negative event re-arms what it
 * may bring nearer. */
static void judge(pl_core *core, pl_subject *s, const pl_effect *effect) {
  if (!(effect->matched & s->judged_metrics)) return;
  bool past = effect->index[PL_DAY] < s->today, moved = false, left = false;
  for (size_t i = 0; i < s->ngoals; i++) {
    const pl_lull *lull = &s->lulls[i];
    if (!moved && !past && quiet(s, lull, effect)) continue;
    pl_goal *goal = &s->goals[i];
    if (!(effect->matched & goal->sources) || is_beyond(goal, effect)) continue;
    bool was_behind = goal->step != PL_STEP_NONE, was_settled = goal->settled;
    bool was_told = pl_goal_told(goal);
    bool rearm = goal->gauge || past || effect->amounts[goal->metric] < 0 || goal->next.ms == INT64_MAX ||
                 moved; /* a milestone before it may have been what kept it from being told */
    rearm |= was_behind;
    if (past) pl_talk_forget(goal);
    pl_judge who = pl_subject_judge(s, goal);
    if (past) pl_goal_learn(goal, pl_subject_burst(s, goal->metric, s->today));
    who.correction = effect->sign < 0 || pl_before(effect->at, goal->since);
    if (was_behind || goal->lower || goal->gauge || was_settled != pl_goal_decided(goal, who.actual))
      pl_goal_judge(goal, &who, moment(core, goal), false);
    rearm |= was_behind != (goal->step != PL_STEP_NONE), left |= was_told && !pl_goal_told(goal);
    if (rearm) pl_goal_arm(goal, &who, core->clock);
    s->lulls[i] = pl_goal_lull(goal);
    if (rearm || goal->settled != was_settled) moved = true;
  }
  if (left) pl_deadline_free(s, pl_core_now(core));
  if (!moved) return;
  s->touched_goals = true;
  pl_deadline_arm(s);
}

/* With what was counted of events before it and is judged only now: what they had may have been taken back.
 */
static void judge_all(pl_core *core, pl_subject *s, pl_effect *effect) {
  for (uint64_t left = s->unjudged & ~effect->matched; left; left &= left - 1) {
    effect->amounts[__builtin_ctzll(left)] = effect->sign = -1;
    effect->counted[__builtin_ctzll(left)] = 0;
  }
  effect->matched |= s->unjudged;
  s->unjudged = 0;
  judge(core, s, effect);
}

/* The instant of what says only what a clock on the wall showed: in the zone that is named, else where the
 * rep is. */
static pl_wall resolve(const pl_core *core, const pl_subject *s, const char *named, int64_t ms,
                       bool is_local) {
  if (!is_local) return (pl_wall){ms};
  const pl_zone *zone = named ? pl_almanac_zone(core->almanac, pl_str_of(named)) : NULL;
  if (!zone) zone = s && s->cal ? pl_workcal_zone(s->cal) : pl_almanac_default_zone(core->almanac);
  return pl_zone_resolve(zone, ms);
}

/* Seconds from an instant to the event. What began a little after it ended is as clocks and dates without a
 * time have it: it took no time. */
static bool span_of(const pl_core *core, const pl_subject *s, const pl_event *event, const pl_value *from,
                    pl_wall at, int64_t *seconds) {
  if (from->kind != PL_INSTANT) return false;
  *seconds = pl_floor_div(at.ms - resolve(core, s, event->zone, from->i, from->is_local).ms, 1000);
  if (*seconds < 0 && *seconds >= -86400) *seconds = 0;
  return *seconds >= 0;
}

/* What is remembered of a distinct thing, or of the last word, does not tell what was before it. */
static bool takes_back(const pl_metric *metric) {
  return metric->kind != PL_DISTINCT_OF && metric->kind != PL_LAST_OF;
}

/* Added as it is, without an event behind it. */
static pl_reason find_adjustment(const pl_core *core, const pl_event *event, pl_effect *effect) {
  int m = pl_policy_metric(core->policy, event->metric);
  const pl_metric *metric = m < 0 ? NULL : &core->policy->metrics[m];
  if (!metric || metric->kind == PL_RATIO_OF || metric->kind == PL_LAST_OF ||
      !scaled(&event->amount, metric, &effect->amounts[m]))
    return PL_BAD_VALUE;
  effect->matched = 1ULL << m, effect->sign = 0;
  return PL_APPLIED;
}

/* What it matches and what it would add. `s`: NULL for who is not known yet. */
static pl_reason find_amounts(const pl_core *core, const pl_subject *s, const pl_event *event,
                              pl_effect *effect) {
  static const pl_value none = {.kind = PL_NONE};
  effect->matched = 0;
  effect->sign = event->retracts.n ? -1 : 1;
  if (event->type == PL_TYPE_ADJUSTMENT) return find_adjustment(core, event, effect);
  for (uint64_t left = event->type >= 0 ? core->of_type[event->type] : 0; left; left &= left - 1) {
    int m = __builtin_ctzll(left);
    const pl_metric *metric = &core->policy->metrics[m];
    if (!passes(metric, event)) continue;
    effect->amounts[m] = 1;
    const pl_value *field = metric->field < 0 ? &none : &event->fields[metric->field];
    if (metric->field >= 0 && field->kind == PL_NONE) continue; /* nothing to add */
    switch (metric->kind) {
    case PL_SUM_OF:
    case PL_LAST_OF:
      if (!in_unit(metric, event->currency)) return PL_CURRENCY;
      if (!scaled(field, metric, &effect->amounts[m]) || effect->amounts[m] == INT64_MIN) return PL_BAD_VALUE;
      break;
    case PL_SPAN_OF:
      if (!span_of(core, s, event, field, effect->at, &effect->amounts[m])) return PL_BAD_VALUE;
      break;
    case PL_DISTINCT_OF:
      if (field->kind == PL_TEXT && field->s.n == 0) continue;
      if (field->kind != PL_TEXT) return PL_BAD_VALUE;
      break;
    default: break;
    }
    if (effect->sign < 0 && !takes_back(metric)) continue;
    effect->amounts[m] *= effect->sign;
    effect->matched |= 1ULL << m;
  }
  return PL_APPLIED;
}

/* How far the rep's events reach with this one. */
static void reach_with(const pl_subject *s, pl_effect *effect, int32_t reach[PL_UNITS]) {
  memcpy(reach, effect->index, sizeof effect->index);
  effect->newest = true;
  if (s->newest.ms == INT64_MIN || !memcmp(s->reach, effect->index, sizeof s->reach)) return;
  for (int u = 0; u < PL_UNITS; u++)
    if (s->reach[u] > effect->index[u]) reach[u] = s->reach[u], effect->newest = false;
}

/* Leaves the metrics that still have a window over the instant; LATE: there were some, and none is left. */
static pl_reason find_windows(const pl_core *core, pl_subject *s, pl_effect *effect,
                              int32_t reach[PL_UNITS]) {
  pl_subject_index(s, effect->at, effect->index);
  reach_with(s, effect, reach);
  uint64_t held = effect->matched & core->windowed;
  for (uint64_t left = effect->newest ? 0 : held; left; left &= left - 1) {
    int m = __builtin_ctzll(left);
    if (!held_by_a_window(&core->policy->metrics[m], effect->index, reach)) held &= ~(1ULL << m);
  }
  if (effect->matched && !held) return PL_LATE;
  effect->matched = held;
  return PL_APPLIED;
}

/* Of a retraction by what it takes back: that is taken back once, however often somebody asks for it. */
static uint64_t taken_back(const pl_event *event) { return pl_dedupe_hash(event->retracts) * 3 + 1; }

static bool is_duplicate(const pl_subject *s, const pl_event *event, uint64_t id) {
  return pl_dedupe_has(&s->ids, id) || (event->retracts.n && pl_dedupe_has(&s->ids, taken_back(event)));
}

static bool good_id(pl_str id) { return id.n > 0 && id.n <= PL_ID_MAX && pl_str_clean(id); }

/* Was applied before the restart: its view is as old as the mark, and the replay brings it to the newest
 * stamp. What its teams have of it was written after it, or was not. */
static pl_reason skip(pl_core *core, pl_subject *s) {
  pl_subject_touch_all(s);
  for (uint16_t i = 0; i < s->nteams; i++)
    if (s->shares[i]) pl_core_touch_share(core, s->shares[i]);
  return PL_SKIPPED;
}

/* May it be taken at all? `s`: whose it is, NULL for who is not known yet. */
static pl_reason admit(pl_core *core, const pl_event *event, const pl_expected *expected, pl_wall stamp,
                       pl_subject *s, pl_wall *at) {
  if (s && s->erased) return PL_ERASED;
  if (!s && core->unknown >= (size_t)core->policy->unknown_reps_max) return PL_TOO_MANY;
  if (s && !s->begun) pl_deadline_begin(s, core->clock);
  *at = resolve(core, s, event->zone, event->at.ms, event->at_is_local);
  if (at->ms < EARLIEST_MS || at->ms >= LATEST_MS) return PL_NO_TIME;
  if (pl_before(pl_wall_plus(stamp, core->policy->future_tolerance), *at)) return PL_FUTURE;
  return s && is_duplicate(s, event, expected->id) ? PL_DUPLICATE : PL_APPLIED;
}

/* A word is no activity: nothing is counted. */
static pl_reason hear(pl_core *core, pl_subject *s, const pl_event *event, uint64_t id, pl_wall at,
                      int64_t offset) {
  bool answer = event->type == PL_TYPE_ANSWER;
  if (!s || !s->known) return answer ? PL_NO_ALERT : PL_NO_GOAL;
  pl_wall said = pl_earlier(at, pl_core_now(core));
  pl_reason reason = answer ? pl_talk_hear(s, event->answer, offset, said) : pl_word_hear(s, event, said);
  if (reason != PL_APPLIED) return reason;
  pl_dedupe_put(&s->ids, id, core->policy->dedupe_ids);
  s->offset = offset;
  return PL_APPLIED;
}

/* The team that the day counts for. */
static void find_slot(pl_core *core, pl_subject *s, int32_t day) {
  const char *team = pl_dated_at(&s->memberships, day);
  s->slot = pl_core_team_slot(core, s, pl_str_of(team ? team : ""));
  s->share = s->shares[s->slot], s->slotted = true, s->touched_share = false;
}

/* Into the counters, what is remembered of the rep, and the list of what is to be written. */
static void count_all(pl_core *core, pl_subject *s, const pl_event *event, pl_effect *effect, uint64_t id,
                      int64_t offset) {
  bool past = effect->index[PL_DAY] < s->today;
  if (!s->slotted) find_slot(core, s, effect->index[PL_DAY]);
  for (uint64_t left = effect->matched; left; left &= left - 1)
    count(core, s, (size_t)__builtin_ctzll(left), event, effect);
  if (past) pl_share_forget(s);
  pl_dedupe_put(&s->ids, id, core->policy->dedupe_ids);
  if (event->retracts.n) pl_dedupe_put(&s->ids, taken_back(event), core->policy->dedupe_ids);
  s->offset = offset;
  if (s->share && !s->touched_share) pl_core_touch_share(core, s->share), s->touched_share = true;
  s->touched |= effect->matched, s->touched_past |= past;
  s->unjudged |= effect->matched;
}

/* What follows from it. */
static void judge_event(pl_core *core, pl_subject *s, const pl_event *event, pl_effect *effect) {
  if (!event->more) judge_all(core, s, effect);
  if (s->habit.silent) {
    pl_habit_heard(s, pl_core_now(core));
    pl_deadline_arm(s);
  }
  if (s->habit.nslumps && effect->index[PL_DAY] < s->today)
    pl_habit_correct(s, effect->matched, pl_core_now(core));
  pl_deadline_refresh(s);
  pl_subject_touch(s);
}

static pl_reason apply(pl_core *core, const pl_event *event, const pl_expected *expected, pl_wall stamp,
                       int64_t offset) {
  pl_subject *s = expected->subject;
  if (event->rep.n == 0) return PL_NO_REP;
  if ((!s && !good_id(event->rep)) || !good_id(event->id))
    return PL_BAD_ID; /* who is known, has a good one */
  if (!s) s = pl_map_find_hashed(&core->reps, event->rep, expected->rep);
  if (s && offset <= s->offset) return skip(core, s);
  pl_effect effect;
  pl_reason reason = admit(core, event, expected, stamp, s, &effect.at);
  if (reason != PL_APPLIED) return reason;
  if (event->type == PL_TYPE_ANSWER || pl_type_is_word(event->type))
    return hear(core, s, event, expected->id, effect.at, offset);
  reason = find_amounts(core, s, event, &effect);
  if (reason != PL_APPLIED) return reason;
  if (!s) { /* an event without sense makes nobody known */
    s = pl_core_subject(core, event->rep, false);
    pl_deadline_begin(s, core->clock);
  }
  int32_t reach[PL_UNITS];
  reason = find_windows(core, s, &effect, reach);
  if (reason != PL_APPLIED) return reason;

  if (s->newest.ms == INT64_MIN || pl_before(s->newest, effect.at)) {
    memcpy(s->reach, reach, sizeof reach);
    s->newest = effect.at;
  }
  count_all(core, s, event, &effect, expected->id, offset);
  judge_event(core, s, event, &effect);
  return PL_APPLIED;
}

/* The event that was to be judged together with those before it was refused: they are judged without it. */
static void judge_left(pl_core *core, pl_str rep) {
  pl_subject *s = pl_map_find(&core->reps, rep);
  if (!s || !s->unjudged) return;
  pl_effect effect = {.at = pl_core_now(core)};
  pl_subject_index(s, effect.at, effect.index);
  judge_all(core, s, &effect);
  pl_deadline_refresh(s);
}

void pl_core_stamp(pl_core *core, pl_wall stamp, int64_t offset) {
  (void)pl_core_prepare(core, stamp, NULL);
  core->stamp = pl_later(core->stamp, stamp);
  core->offset = offset;
}

pl_reason pl_core_apply_expected(pl_core *core, const pl_event *event, const pl_expected *expected,
                                 pl_wall stamp, int64_t offset) {
  pl_core_stamp(core, stamp, offset);
  pl_reason reason = apply(core, event, expected, stamp, offset);
  core->stats.reasons[reason]++;
  bool again = reason == PL_DUPLICATE || reason == PL_SKIPPED; /* nothing was to be judged with it */
  if (reason != PL_APPLIED && !again && !event->more) judge_left(core, event->rep);
  return reason;
}

pl_reason pl_core_apply(pl_core *core, const pl_event *event, pl_wall stamp, int64_t offset) {
  const pl_expected expected = {pl_map_hash(event->rep), pl_dedupe_hash(event->id), NULL};
  return pl_core_apply_expected(core, event, &expected, stamp, offset);
}
