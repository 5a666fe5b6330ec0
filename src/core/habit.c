#include "core/habit.h"

#include <math.h>

#include "base/mem.h"
#include "core/cause.h"
#include "core/partition.h"
#include "paceline/beta.h"

enum { DAYS_BACK = 60, HEADLINES = 20 };
static const pl_dur WORTH_TELLING = {7LL * 86400000};
static const double BEGINS = 0.6, ENDS = 0.8,
                    CHANCE = 0.002; /* of the usual rate; and no more often than this */

void pl_habit_init(pl_habit *h) { *h = (pl_habit){.day = PL_DAY_ALWAYS, .from = PL_NEVER, .next = PL_NEVER}; }

void pl_habit_fini(pl_habit *h) { pl_release(h->slumps, h->nslumps * sizeof *h->slumps); }

static pl_alert *tell(pl_subject *s, pl_alert_kind kind, int metric, int32_t day, uint32_t seq, pl_wall since,
                      pl_wall t, const char *reason) {
  const char *team = kind == PL_ALERT_STREAK && !s->opted_out ? pl_subject_team(s) : NULL;
  const char *of = metric < 0 ? "" : s->core->policy->metrics[metric].name;
  pl_alert *a = pl_alert_new(kind, team ? PL_TO_TEAM : PL_TO_REP, team ? team : s->id, "", of);
  a->metric_index = metric, a->period = PL_DAY, a->index = day, a->seq = seq;
  a->since = since, a->at = t, a->until = pl_wall_plus(t, WORTH_TELLING), a->reason = reason;
  a->figures = pl_figures_none();
  pl_alert_id(a->id, false, pl_subject_id(s), pl_str_of(of), kind, PL_DAY, day, seq);
  pl_alert_put(&s->told, a);
  s->touched_goals = true;
  pl_subject_touch(s);
  return a;
}

/* --- streaks */

void pl_habit_note(pl_subject *s, pl_pace_state end) {
  s->habit.met += end == PL_MET || end == PL_EXCEEDED, s->habit.missed += end == PL_MISSED;
}

/* A day without a goal that was judged neither counts nor breaks. */
static void judge_streak(pl_subject *s, pl_wall t) {
  pl_habit *h = &s->habit;
  if (h->missed) h->streak = 0;
  if (h->met && !h->missed) {
    h->streak++;
    if (h->streak == 5 || h->streak == 10 || h->streak % HEADLINES == 0)
      tell(s, PL_ALERT_STREAK, -1, h->day, h->streak, t, t, "days_met")->figures.actual = h->streak;
  }
  h->met = h->missed = 0;
}

/* --- slumps */

bool pl_slump_begins(double recent, double usual, double phi) {
  double rate = usual * PL_SLUMP_RECENT / PL_SLUMP_USUAL;
  if (!(usual > 0) || !(recent < BEGINS * rate) || !(phi > 0)) return false;
  return pl_beta_inc((double)PL_SLUMP_USUAL / (PL_SLUMP_USUAL + PL_SLUMP_RECENT), usual / phi,
                     fmax(0, recent) / phi + 1) < CHANCE;
}

/* The totals of the working days up to and with `day`; false: there are not so many within memory. */
static bool totals(const pl_subject *s, int metric, int32_t day, double *recent, double *usual) {
  int n = 0;
  *recent = *usual = 0;
  for (int32_t d = day; d >= s->today - DAYS_BACK && n < PL_SLUMP_RECENT + PL_SLUMP_USUAL; d--)
    if (pl_workday_is(s->cal, d))
      *(n++ < PL_SLUMP_RECENT ? recent : usual) += (double)pl_subject_at(s, metric, PL_DAY, d);
  return n == PL_SLUMP_RECENT + PL_SLUMP_USUAL;
}

static pl_slump *slump_of(pl_habit *h, int metric) {
  for (size_t i = 0; i < h->nslumps; i++)
    if (h->slumps[i].metric == metric) return &h->slumps[i];
  return NULL;
}

pl_slump *pl_habit_slump(pl_habit *h, int metric) {
  pl_slump *slump = slump_of(h, metric);
  if (slump) return slump;
  size_t size = h->nslumps * sizeof *slump;
  h->slumps = pl_resize(h->slumps, size, size + sizeof *slump);
  h->slumps[h->nslumps] = (pl_slump){.metric = metric, .told = PL_DAY_ALWAYS};
  return &h->slumps[h->nslumps++];
}

static void judge_slump(pl_subject *s, int metric, pl_wall t) {
  pl_habit *h = &s->habit;
  pl_slump *slump = slump_of(h, metric);
  double recent, usual;
  if (!totals(s, metric, h->day, &recent, &usual)) return;
  double rate = usual * PL_SLUMP_RECENT / PL_SLUMP_USUAL;
  if (slump && slump->open) slump->open = recent < ENDS * rate;
  if (slump && (slump->open || pl_workdays(s->cal, slump->told + 1, h->day) < PL_SLUMP_USUAL)) return;
  if (!pl_slump_begins(recent, usual, pl_subject_burst(s, metric, h->day + 1).phi)) return;
  slump = pl_habit_slump(h, metric);
  slump->told = h->day, slump->open = true;
  pl_alert *a = tell(s, PL_ALERT_SLUMP, metric, h->day, 1, t, t, "rate");
  a->figures.actual = recent, a->figures.line = rate;
  pl_cause_find(s, a);
}

static bool wants_more(const pl_goal *goal) {
  return !goal->base && !goal->lower && goal->status == PL_GOAL_AGREED;
}

static void judge_slumps(pl_subject *s, pl_wall t) {
  uint64_t asked = 0;
  for (size_t i = 0; i < s->ngoals; i++) {
    int metric = s->goals[i].metric;
    pl_metric_kind kind = s->core->policy->metrics[metric].kind;
    if (!wants_more(&s->goals[i]) || !s->cells[metric] || asked >> metric & 1) continue;
    asked |= 1ULL << metric;
    if (kind == PL_COUNT_OF || kind == PL_SUM_OF) judge_slump(s, metric, t);
  }
}

void pl_habit_close(pl_subject *s, pl_wall t) {
  pl_habit *h = &s->habit;
  if (s->is_team) return;
  if (h->day == PL_DAY_ALWAYS) h->day = s->today;
  for (; h->day < s->today; h->day++) judge_streak(s, t), judge_slumps(s, t);
}

static pl_alert *take_back(pl_subject *s, pl_alert_kind of, int metric, int32_t day, uint32_t seq,
                           pl_wall since, pl_wall t) {
  pl_alert *a = tell(s, PL_ALERT_RECOVERED, metric, day, seq, since, t, "correction");
  a->of = of;
  pl_alert_id(a->about, false, pl_subject_id(s), pl_str_of(a->metric), of, PL_DAY, day, seq);
  return a;
}

void pl_habit_correct(pl_subject *s, uint64_t metrics, pl_wall t) {
  for (size_t i = 0; i < s->habit.nslumps; i++) {
    pl_slump *slump = &s->habit.slumps[i];
    double recent, usual;
    if (!slump->open || !(metrics >> slump->metric & 1) ||
        !totals(s, slump->metric, slump->told, &recent, &usual) ||
        pl_slump_begins(recent, usual, pl_subject_burst(s, slump->metric, s->today).phi))
      continue;
    slump->open = false;
    pl_alert *a = take_back(s, PL_ALERT_SLUMP, slump->metric, slump->told, 1, t, t);
    a->figures.actual = recent, a->figures.line = usual * PL_SLUMP_RECENT / PL_SLUMP_USUAL;
  }
}

/* --- silence */

static pl_wall last_heard(const pl_subject *s) { return pl_later(s->newest, s->habit.from); }

int64_t pl_habit_silent_at(const pl_subject *s) {
  const pl_alert_def *alerts = &s->core->policy->alerts;
  int64_t from = pl_seconds(last_heard(s));
  if (!s->habit.watched) return INT64_MAX;
  return alerts->silent_after.days ? pl_workdays_after(s->cal, from, alerts->silent_after.days)
                                   : pl_work_after(s->cal, from, alerts->silent_after.seconds);
}

void pl_habit_arm(pl_subject *s, pl_wall t) {
  pl_habit *h = &s->habit;
  const pl_alert_def *alerts = &s->core->policy->alerts;
  bool watched = false;
  for (size_t i = 0; i < s->ngoals; i++) watched |= wants_more(&s->goals[i]);
  watched =
      watched && !s->is_team && !s->erased && (alerts->silent_after.days || alerts->silent_after.seconds);
  if (watched && !h->watched) h->from = t;
  if (!watched) h->silent = false;
  h->watched = watched, h->next = PL_NEVER;
  if (!watched || h->silent) return;
  int64_t at = pl_habit_silent_at(s);
  if (at != INT64_MAX) h->next = pl_later(pl_wall_s(at), t);
}

void pl_habit_fire(pl_subject *s, pl_wall t) {
  pl_habit *h = &s->habit;
  pl_habit_arm(s, t);
  if (pl_before(t, h->next)) return; /* somebody was heard meanwhile */
  h->silent = true, h->since = t, h->next = PL_NEVER;
  tell(s, PL_ALERT_SILENT, -1, s->today, ++h->silences, last_heard(s), t, "no_event");
}

void pl_habit_heard(pl_subject *s, pl_wall t) {
  pl_habit *h = &s->habit;
  if (pl_habit_silent_at(s) <= pl_seconds(t)) return; /* it happened so long ago that the silence goes on */
  h->silent = false;
  pl_habit_arm(s, t);
  s->touched_goals = true;
  if (!pl_before(h->since, s->newest)) /* it was there when the silence was told */
    take_back(s, PL_ALERT_SILENT, -1, pl_subject_day(s, h->since), h->silences, h->since, t);
}
