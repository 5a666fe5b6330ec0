#include "core/talk.h"

#include <math.h>

#include "base/mem.h"
#include "core/goal_inside.h"
#include "core/partition.h"

enum { DAYS_BACK = 60 };

pl_talk *pl_talk_new(pl_wall told, int64_t offset) {
  pl_talk *talk = PL_NEW(pl_talk);
  *talk = (pl_talk){.told = told,
                    .offset = offset,
                    .last = told,
                    .answered = PL_NEVER,
                    .reason = pl_text_new(PL_STR("")),
                    .plan = pl_text_new(PL_STR("")),
                    .turn = PL_NEVER,
                    .repeat = PL_NEVER,
                    .best_day = INT32_MIN,
                    .best = NAN};
  return talk;
}

void pl_talk_free(pl_talk **talk) {
  if (!*talk) return;
  pl_text_free(&(*talk)->manager), pl_text_free(&(*talk)->reason), pl_text_free(&(*talk)->plan);
  PL_FREE(*talk);
}

const char *pl_talk_manager(const pl_subject *s) {
  return pl_teams_manager(s->core->directory, pl_dated_at(&s->memberships, s->today), pl_subject_id(s));
}

static int64_t work_of_day(const pl_subject *s, int32_t day) {
  const pl_zone *zone = pl_workcal_zone(s->cal);
  return pl_work_between(s->cal, pl_zone_instant(zone, day, 0), pl_zone_instant(zone, day + 1, 0));
}

/* Days before the first on which there was anything are not the rep's: five of them are no best days. */
static double best_of(const pl_subject *s, int metric) {
  if (!pl_metric_adds(&s->core->policy->metrics[metric])) return NAN;
  double best = NAN, totals[PL_BEST_DAYS], sum = 0;
  int64_t works[PL_BEST_DAYS], work = 0;
  size_t n = 0;
  for (int32_t d = s->today - DAYS_BACK; d < s->today; d++) {
    double total = (double)pl_subject_at(s, metric, PL_DAY, d);
    if (!pl_workday_is(s->cal, d) || (n == 0 && total == 0)) continue;
    size_t i = n++ % PL_BEST_DAYS;
    if (n > PL_BEST_DAYS) sum -= totals[i], work -= works[i];
    totals[i] = total, works[i] = work_of_day(s, d);
    sum += totals[i], work += works[i];
    if (n >= PL_BEST_DAYS && work > 0) best = fmax(best, sum / (double)work);
  }
  return best > 0 ? best : NAN;
}

double pl_talk_best(const pl_subject *s, const pl_goal *goal) {
  pl_talk *talk = goal->talk;
  if (!talk) return best_of(s, goal->metric);
  if (talk->best_day != s->today) talk->best = best_of(s, goal->metric), talk->best_day = s->today;
  return talk->best;
}

void pl_talk_forget(pl_goal *goal) {
  if (goal->talk) goal->talk->best_day = INT32_MIN;
}

/* The last instant at which what is missing could still be done at the rate of the best days, if nothing
 * happens until then. */
static int64_t last_chance(const pl_goal *goal, const pl_judge *who) {
  if (goal->lower || goal->gauge || isnan(who->best)) return INT64_MAX;
  double missing = goal->aim - pl_goal_done(goal, who);
  if (missing <= 0) return INT64_MAX;
  double needs = ceil(missing / who->best * (1 - 1e-12));
  if (needs > (double)(goal->work - goal->gone)) return INT64_MIN;
  return pl_work_beyond(who->cal, goal->start, goal->work - (int64_t)needs);
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* After so much working time, or so many working days, counted in what there is of either. */
static int64_t after(const pl_judge *who, int64_t from, pl_work wait) {
  return wait.days ? pl_workdays_after(who->cal, from, wait.days)
                   : pl_work_after(who->cal, from, wait.seconds);
}

void pl_talk_arm(pl_goal *goal, const pl_judge *who) {
  const pl_alert_def *alerts = &who->policy->alerts;
  pl_talk *talk = goal->talk;
  int64_t told = pl_seconds(talk->told), most = (goal->work - goal->gone) / 8;
  talk->turn = talk->repeat = PL_NEVER;
  if (alerts->repeat.seconds || alerts->repeat.days)
    talk->repeat = pl_wall_s(after(who, pl_seconds(talk->last), alerts->repeat));
  if (who->is_team || talk->manager || alerts->turn == PL_TURN_NEVER) return;
  int64_t until = earlier(after(who, told, alerts->turn_after), pl_work_after(who->cal, told, most));
  int64_t wait = pl_work_between(who->cal, told, until);
  int64_t at = alerts->turn == PL_TURN_NOW ? told : alerts->turn == PL_TURN_AFTER ? until : INT64_MAX;
  at = earlier(at, last_chance(goal, who));
  at = earlier(at, pl_work_beyond(who->cal, goal->start, goal->work - 2 * wait));
  talk->turn = at > told ? pl_wall_s(at) : talk->told;
}

static pl_goal *about(pl_subject *s, pl_str alert, int64_t offset) {
  for (size_t i = 0; i < s->ngoals; i++) {
    const pl_goal *g = &s->goals[i];
    char id[PL_ALERT_ID_MAX];
    if (!pl_goal_told(g) || offset <= g->talk->offset) continue;
    pl_alert_id(id, false, pl_subject_id(s), pl_str_of(g->name), PL_ALERT_BEHIND, g->period, g->index,
                g->seq);
    if (pl_str_is(alert, id)) return &s->goals[i];
  }
  return NULL;
}

pl_reason pl_talk_hear(pl_subject *s, const pl_answer_word *answer, int64_t offset, pl_wall at) {
  if (!answer) return PL_NO_ALERT;
  if (answer->reason.n > PL_ANSWER_MAX || answer->plan.n > PL_ANSWER_MAX) return PL_BAD_VALUE;
  pl_goal *goal = about(s, answer->alert, offset);
  if (!goal) return PL_NO_ALERT;
  pl_talk *talk = goal->talk;
  s->answers += talk->answered.ms == INT64_MAX;
  pl_text_free(&talk->reason), pl_text_free(&talk->plan);
  talk->reason = pl_text_new(answer->reason), talk->plan = pl_text_new(answer->plan);
  talk->answered = at;
  s->touched_goals = true;
  pl_subject_touch(s);
  return PL_APPLIED;
}
