#include "core/deadline.h"

#include <stddef.h>

#include "base/mem.h"
#include "core/cause.h"
#include "core/gap.h"
#include "core/shape.h"
#include "core/talk.h"
#include "core/versions.h"

enum { KNOWN_DAYS = 60, ARMED = 64 };              /* before today, that a version can begin in; reps */
static const int64_t ROLLING_MS = 31LL * 86400000; /* after this every rolling window is empty */

/* The calendar that is in effect on a day, as those have it who are never off. */
static pl_workcal *shared_calendar(const pl_subject *s, int32_t day) {
  const pl_core *core = s->core;
  const char *team_id = s->is_team ? s->id : pl_dated_at(&s->memberships, day);
  const pl_team *team = team_id ? pl_teams_find(core->directory, pl_str_of(team_id)) : NULL;
  const char *name = pl_dated_at(&s->calendars, day);
  int calendar = name ? pl_policy_calendar(core->policy, pl_str_of(name)) : -1;
  if (calendar < 0 && team && *team->calendar)
    calendar = pl_policy_calendar(core->policy, pl_str_of(team->calendar));
  if (calendar < 0) calendar = 0;
  const char *zones[] = {pl_dated_at(&s->zones, day), team && *team->zone ? team->zone : NULL,
                         core->policy->calendars[calendar].zone};
  const pl_zone *zone = NULL;
  for (size_t i = 0; i < PL_COUNT(zones) && !zone; i++)
    if (zones[i]) zone = pl_almanac_zone(core->almanac, pl_str_of(zones[i]));
  return pl_almanac_workcal(core->almanac, (size_t)calendar,
                            zone ? zone : pl_almanac_default_zone(core->almanac));
}

/* A calendar less time off is the subject's own, made anew when the shared one is another. */
static pl_workcal *calendar_of(pl_subject *s, int32_t day) {
  pl_workcal *shared = shared_calendar(s, day);
  if (!s->ntime_off) return shared;
  if (s->own && pl_workcal_shared(s->own) == shared) return s->own;
  pl_workcal_free(&s->own);
  return s->own = pl_workcal_less(shared, s->time_off, s->ntime_off);
}

/* Zone, calendar and day at t. The day decides the zone and the zone the day: two rounds settle it, save in
 * the hours around a change of zone, where the later zone's day stands. */
static void settle(pl_subject *s, pl_wall t) {
  if (!s->cal) s->cal = calendar_of(s, (int32_t)pl_floor_div(t.ms, 86400000));
  s->cal = calendar_of(s, pl_subject_day(s, t));
  s->today = pl_subject_day(s, t);
  s->day_from = s->day_until = 0; /* the zone may be another one */
  s->roll = pl_wall_s(pl_zone_instant(pl_workcal_zone(s->cal), s->today + 1, 0));
}

void pl_deadline_arm(pl_subject *s) {
  pl_wall next = pl_earlier(pl_earlier(s->roll, s->refresh), s->habit.next);
  for (size_t i = 0; i < s->ngoals; i++) {
    next = pl_earlier(next, s->goals[i].next);
    s->lulls[i] = pl_goal_lull(&s->goals[i]);
  }
  if (s->held) next = pl_later(next, (pl_wall){s->judged.ms + 1});
  pl_heap_arm(s->is_team ? &s->core->team_timers : &s->core->rep_timers, &s->timer, next);
}

/* The first one is somewhere within the interval, so that those who begin together are not rewritten
 * together. */
static void refresh_after(pl_subject *s, pl_wall t, bool first) {
  int64_t every = s->core->policy->view_refresh.ms / 1000, next = INT64_MAX;
  if (first && every > 0) every = 1 + (int64_t)(pl_hash(pl_subject_id(s), 7) % (uint64_t)every);
  if (every > 0) next = pl_work_after(s->cal, pl_seconds(t) + 1, every);
  s->refresh = pl_wall_s(next);
}

/* While there is something that moves with time alone. */
static void arm_refresh(pl_subject *s, pl_wall t, bool first) {
  bool recent = s->is_team || (s->newest.ms != INT64_MIN && t.ms - s->newest.ms < ROLLING_MS);
  s->refresh = PL_NEVER;
  if (s->ngoals || (recent && s->core->rolls)) refresh_after(s, t, first);
}

void pl_deadline_show(pl_subject *s) {
  if (!s->begun || s->refresh.ms != INT64_MAX) return;
  refresh_after(s, s->core->clock, true);
  pl_deadline_arm(s);
}

void pl_deadline_refresh(pl_subject *s) {
  if (!s->core->rolls || s->refresh.ms != INT64_MAX) return;
  arm_refresh(s, s->core->clock, true);
  pl_deadline_arm(s);
}

/* Who is a member, and how large their events are, goes by the day. */
static void touch_shares(pl_subject *s) {
  pl_share_forget(s);
  for (uint16_t i = 0; i < s->nteams; i++)
    if (s->shares[i]) pl_core_touch_share(s->core, s->shares[i]);
}

/* What the period had counted when the anchor's day began: all of it but the days since. */
static int64_t counted_before(const pl_subject *s, const pl_goal *goal) {
  if (goal->gauge || goal->anchor <= pl_period_first_day(goal->period, goal->index)) return 0;
  int64_t sum = pl_subject_at(s, goal->metric, (int)goal->period, goal->index);
  for (int32_t d = goal->anchor; d <= s->today + 1; d++)
    sum = pl_plus(sum, -pl_subject_at(s, goal->metric, PL_DAY, d));
  return sum;
}

/* What was left open by other fiscal years than the policy's begins anew. Distinct things are not added up by
 * days, so what was before a day is known on that day only. */
static void open_goal(pl_subject *s, pl_goal *goal, pl_wall t) {
  if (goal->open && !pl_fiscal_same(&s->core->policy->fiscal, goal->period, goal->index)) pl_goal_shut(goal);
  int32_t known = s->core->policy->metrics[goal->metric].kind == PL_DISTINCT_OF ? 0 : KNOWN_DAYS;
  pl_judge who = pl_subject_judge(s, goal);
  if (pl_goal_open(goal, &who, t, s->today - known)) {
    goal->before = counted_before(s, goal);
    who = pl_subject_judge(s, goal);
    pl_goal_derive(goal, &who);
    goal->settled = goal->settled && pl_goal_decided(goal, who.actual);
    if (!goal->settled) pl_text_free(&goal->heard);
    /* A clock that a source held back for so long: what had come by the milestone's time is not known. */
    if (goal->stone && s->newest.ms >= goal->upto * 1000) goal->ended = PL_ENDED_SKIPPED;
  }
  pl_goal_derive(goal, &who);
}

static void open_goals(pl_subject *s, pl_wall t) {
  for (size_t i = 0; i < s->ngoals; i++) {
    pl_goal *goal = &s->goals[i];
    pl_talk_forget(goal);
    open_goal(s, goal, t);
    pl_goal_learn(goal, pl_subject_burst(s, goal->metric, s->today));
    pl_judge who = pl_subject_judge(s, goal);
    pl_goal_arm(goal, &who, t);
    if (goal->moved && goal->step != PL_STEP_NONE) goal->next = t; /* it may be good news */
    goal->moved = false;
  }
}

static void close_ended(pl_subject *s, pl_wall t);

/* What stands in Redis is as it was recorded, unless it would look otherwise now. What its teams have of it
 * was written after it, so where the record is ahead of the mark, that may not have been. */
static void write_anew(pl_subject *s, pl_wall clock) {
  uint64_t shape = pl_shape_of(s);
  bool other = !shape || shape != s->shape;
  if (other) s->shape = shape, s->reshaped = s->core->flushes;
  if (other || s->told || s->pasts) pl_subject_touch_all(s);
  if (other || pl_before(clock, s->judged)) touch_shares(s);
}

void pl_deadline_begin(pl_subject *s, pl_wall clock) {
  pl_wall t = pl_later(clock, s->judged);
  s->begun = true;
  settle(s, t);
  if (s->newest.ms != INT64_MIN) pl_subject_index(s, s->newest, s->reach);
  pl_share_forget(s);
  close_ended(s, t);
  pl_wall now = s->is_team ? t : pl_later(t, pl_core_now(s->core)); /* wherever before it the clock stands */
  pl_versions_turn(s, now);
  open_goals(s, t);
  bool watched = s->habit.watched;
  pl_habit_close(s, t), pl_habit_arm(s, t);
  if (s->habit.watched && !watched) s->habit.from = now;
  arm_refresh(s, t, true);
  pl_deadline_arm(s);
  write_anew(s, clock);
}

void pl_deadline_renew(pl_subject *s) {
  pl_wall clock = s->is_team ? s->core->team_clock : s->core->clock;
  bool waits = s->is_team && !s->begun && s->timer.place;
  if (clock.ms != INT64_MIN && !waits) pl_deadline_begin(s, clock);
}

void pl_deadline_start(pl_core *core, pl_wall clock) {
  core->clock = clock, core->starts = true, core->started = 0;
  if (core->origin.ms == INT64_MIN) core->origin = clock;
}

/* Every rep is armed, who has not begun meanwhile; many of them cost as much as one deadline. */
static bool start_all(pl_core *core, size_t *budget) {
  for (size_t n = 0; core->starts; n++) {
    if (n % ARMED == 0 && budget && *budget == 0) return false;
    if (n % ARMED == 0 && budget) --*budget;
    const pl_map_slot *slot = pl_map_step(&core->reps, &core->started);
    pl_subject *s = slot ? slot->value : NULL;
    if (s && !s->begun) pl_heap_arm(&core->rep_timers, &s->timer, (pl_wall){core->clock.ms - 1});
    core->starts = slot != NULL;
  }
  return true;
}

/* A team that was recorded goes on from there: what fell due while nobody was its home is not skipped. One
 * that was not, begins where the first of its members may have begun. */
static pl_wall team_begins(const pl_subject *team) {
  return team->judged.ms == INT64_MIN ? team->core->team_origin : team->judged;
}

static bool counts_anything(const pl_subject *s, pl_unit unit, int32_t index) {
  for (size_t m = 0; m < s->core->policy->nmetrics; m++)
    if (s->cells[m] && pl_subject_at(s, (int)m, (int)unit, index) != 0) return true;
  return false;
}

/* Who moves west across midnight has a day open already that is still to come: that one stays. */
static bool ends_with(const pl_goal *goal, pl_unit unit, int32_t index) {
  return goal->open && goal->in_force && goal->period == unit && goal->index <= index;
}

/* The period goes into the past, with the goals that end with it. */
static void close_period(pl_subject *s, pl_unit unit, int32_t index) {
  size_t n = 0;
  for (size_t i = 0; i < s->ngoals; i++) n += ends_with(&s->goals[i], unit, index);
  if (n == 0 && !counts_anything(s, unit, index)) return;
  pl_past *past = pl_alloc(sizeof *past + n * sizeof past->goals[0]);
  past->unit = unit, past->index = index;
  past->values = pl_alloc(s->core->policy->nmetrics * sizeof *past->values);
  for (size_t m = 0; m < s->core->policy->nmetrics; m++) {
    past->values[m] = pl_subject_at(s, (int)m, (int)unit, index);
    past->known |= (uint64_t)pl_subject_covers(s, (int)m, unit, index) << m;
  }
  for (size_t i = 0; i < s->ngoals; i++) {
    pl_goal *goal = &s->goals[i];
    if (!ends_with(goal, unit, index)) continue;
    pl_judge who = pl_subject_judge(s, goal);
    size_t len = strlen(goal->name) + 1;
    past->goals[past->ngoals].name = memcpy(pl_alloc(len), goal->name, len);
    past->goals[past->ngoals].metric = goal->metric;
    pl_figures figures = pl_goal_figures(goal, &who, pl_wall_s(goal->end), true);
    past->goals[past->ngoals++].figures = figures;
    if (unit == PL_DAY && !goal->base && goal->status == PL_GOAL_AGREED) pl_habit_note(s, figures.state);
    pl_goal_close(goal, &who);
  }
  pl_past **end = &s->pasts;
  while (*end) end = &(*end)->next;
  *end = past;
  s->core->npending++;
}

/* Who moves east across midnight: what was open there has ended here. */
static void close_ended(pl_subject *s, pl_wall t) {
  for (size_t i = 0; i < s->ngoals; i++) {
    pl_goal *goal = &s->goals[i];
    if (!goal->open || !goal->in_force) continue;
    pl_judge who = pl_subject_judge(s, goal);
    pl_goal_derive(goal, &who); /* its end by today's zone */
    if (goal->end <= pl_seconds(t)) close_period(s, goal->period, goal->index);
  }
}

static void roll(pl_subject *s, pl_wall t) {
  int32_t before = s->today;
  int32_t today = pl_subject_day(s, t);
  for (int unit = PL_DAY; unit <= PL_YEAR; unit++)
    if (pl_subject_period(s, (pl_unit)unit, before) != pl_subject_period(s, (pl_unit)unit, today))
      close_period(s, (pl_unit)unit, pl_subject_period(s, (pl_unit)unit, before));
  settle(s, t);
  pl_versions_turn(s, t);
  open_goals(s, t);
  pl_habit_close(s, t), pl_habit_arm(s, t);
  for (size_t i = 0; i < s->ngoals; i++)
    s->goals[i].next = t; /* the size of an event is new: judge at once */
  pl_subject_touch_all(s), touch_shares(s);
}

void pl_deadline_free(pl_subject *s, pl_wall t) {
  for (size_t i = 0; i < s->ngoals && s->core->policy->nfunnel; i++) {
    pl_goal *goal = &s->goals[i];
    if (goal->step != PL_STEP_PENDING) continue;
    pl_judge who = pl_subject_judge(s, goal);
    if (who.hold.ms == INT64_MIN && pl_before(goal->due, t)) goal->freed = t.ms, goal->due = t;
    pl_goal_arm(goal, &who, t);
  }
}

/* At t, on the way to `upto`. */
static void fire(pl_subject *s, pl_wall t, pl_wall upto) {
  if (!s->begun) {
    pl_deadline_begin(s, s->is_team ? team_begins(s) : s->core->clock);
    return;
  }
  s->core->stats.fired++;
  s->judged = t, s->held = false;
  if (!pl_before(t, s->roll)) roll(s, t);
  bool left = false;
  for (size_t i = 0; i < s->ngoals; i++) {
    pl_goal *goal = &s->goals[i];
    if (pl_before(t, goal->next)) continue;
    pl_judge who = pl_subject_judge(s, goal);
    pl_step before = goal->step;
    pl_goal_judge(goal, &who, t, true);
    for (pl_alert *a = s->is_team ? NULL : s->told; a; a = a->next)
      if (a->kind == PL_ALERT_BEHIND && a->at.ms == t.ms && strcmp(a->goal, goal->name) == 0)
        pl_cause_find(s, a);
    pl_goal_arm(goal, &who, t);
    left |= before >= PL_STEP_TOLD && !pl_goal_told(goal);
    if (goal->step == before && !s->told) continue;
    s->touched_goals = s->core->urgent = true;
    pl_subject_touch(s);
  }
  if (left) pl_deadline_free(s, t);
  if (!pl_before(t, s->habit.next)) pl_habit_fire(s, t);
  if (!pl_before(t, s->refresh)) {
    for (size_t i = 0; i < s->ngoals; i++) { /* events have pushed it later; the view shows where to */
      pl_goal *goal = &s->goals[i];
      pl_judge who = pl_subject_judge(s, goal);
      if (goal->step != PL_STEP_NONE || goal->armed != who.actual) pl_goal_arm(goal, &who, t);
    }
    if (s->is_team) pl_gap_judge(s, t);
    arm_refresh(s, pl_later(t, upto), false); /* what time has passed already, nobody has seen */
    pl_subject_touch_all(s);
  }
  pl_deadline_arm(s);
}

static pl_subject *whose(pl_heap_node *timer) {
  return (pl_subject *)((char *)timer - offsetof(pl_subject, timer));
}

/* With the budget used up, the clock stands just before the next one: none of its instant may count as fired.
 */
bool pl_deadline_fire(pl_core *core, bool teams, pl_wall upto, size_t *budget) {
  pl_heap *timers = teams ? &core->team_timers : &core->rep_timers;
  pl_wall *clock = teams ? &core->team_clock : &core->clock, before = *clock;
  for (pl_heap_node *node; (node = pl_heap_first(timers)) && !pl_before(upto, node->at);) {
    if (budget && *budget == 0) {
      *clock = pl_later(before, (pl_wall){node->at.ms - 1});
      return false;
    }
    if (budget) --*budget;
    *clock = pl_later(*clock, node->at);
    fire(whose(node), node->at, upto);
  }
  *clock = pl_later(*clock, upto);
  return true;
}

/* As far as the sources have spoken, too. While they hold the clock, what comes in arms nothing that fires:
 * only who has not begun yet, does, which is just before the clock. */
static bool fire_known(pl_core *core, pl_wall upto, size_t *budget) {
  if (!core->starts && !core->policy->nsources && pl_before(upto, pl_heap_next(&core->rep_timers))) {
    core->clock = pl_later(core->clock, upto); /* the ordinary event: nothing is due before it */
    return true;
  }
  if (!start_all(core, budget)) return false;
  pl_wall heard = pl_core_heard(core);
  if (pl_before(heard, upto)) upto = pl_before(core->clock, heard) ? heard : (pl_wall){core->clock.ms - 1};
  return pl_deadline_fire(core, false, upto, budget);
}

bool pl_core_advance(pl_core *core, pl_wall complete_to, size_t *budget) {
  if (core->clock.ms == INT64_MIN) pl_deadline_start(core, complete_to);
  return fire_known(core, complete_to, budget);
}

bool pl_core_prepare(pl_core *core, pl_wall stamp, size_t *budget) {
  pl_wall before = pl_wall_minus(stamp, core->policy->source_delay);
  if (core->clock.ms == INT64_MIN) pl_deadline_start(core, before);
  return fire_known(core, (pl_wall){before.ms - 1}, budget);
}

bool pl_core_advance_teams(pl_core *core, pl_wall origin, pl_wall complete_to, size_t *budget) {
  if (core->team_clock.ms == INT64_MIN) { /* the first time */
    core->team_origin = pl_earlier(origin, complete_to);
    for (pl_map_slot *slot = NULL; (slot = pl_map_next(&core->teams, slot));) {
      pl_subject *team = slot->value;
      pl_wall at = pl_earlier(team_begins(team), complete_to);
      pl_heap_arm(&core->team_timers, &team->timer, pl_wall_minus(at, (pl_dur){1}));
    }
  }
  return pl_deadline_fire(core, true, complete_to, budget);
}

/* A home does not know of which days its members' events were, but by what they add up to. */
static bool has_other_past(pl_subject *team) {
  const pl_policy *policy = team->core->policy;
  uint64_t past = 0;
  for (size_t m = 0; m < policy->nmetrics; m++) {
    uint32_t windows = policy->metrics[m].kind == PL_RATIO_OF ? 0 : policy->metrics[m].windows;
    for (; windows; windows &= windows - 1) {
      pl_window w = (pl_window)__builtin_ctz(windows);
      if (pl_window_kinds[w].calendar)
        past = pl_hash_int(pl_subject_window(team, (int)m, w, true, team->core->team_clock), past);
    }
  }
  bool other = past != team->past;
  team->past = past;
  return other;
}

void pl_core_team_changed(pl_core *core, pl_subject *team) {
  if (!team->begun || team->members != team->members_written) pl_subject_touch_all(team);
  if (!team->begun) return;
  pl_wall t = core->team_clock;
  team->touched = UINT64_MAX, team->touched_past |= has_other_past(team);
  team->touched_goals = team->ngoals > 0;
  pl_subject_touch(team);
  for (size_t i = 0; i < team->ngoals; i++) {
    pl_goal *goal = &team->goals[i];
    pl_judge who = pl_subject_judge(team, goal);
    pl_goal_learn(goal, pl_subject_burst(team, goal->metric, team->today));
    pl_goal_judge(goal, &who, t, false);
    pl_goal_arm(goal, &who, t);
  }
  pl_deadline_arm(team);
}
