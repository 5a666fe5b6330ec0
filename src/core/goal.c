/* What was agreed of a goal: its names, its target in whole amounts, and whether it is still the same. */
#include "core/goal.h"

#include <math.h>

#include "base/map.h"
#include "base/mem.h"
#include "core/talk.h"

/* `<goal>`, `<goal>@50%`, `<goal>@12:00`. */
static pl_str name_of(const pl_goal_fact *f, const pl_milestone *m, pl_buf *room) {
  pl_buf_str_put(room, f->name);
  if (m && m->at) {
    pl_buf_char(room, '@');
    int digits = m->at % 100 == 0 ? 0 : m->at % 10 == 0 ? 1 : 2;
    pl_buf_decimal(room, digits == 0 ? m->at / 100 : digits == 1 ? m->at / 10 : m->at, digits);
    pl_buf_char(room, '%');
  } else if (m) {
    pl_buf_printf(room, "@%02d:%02d", m->of_day / 3600, m->of_day / 60 % 60);
  }
  return pl_buf_str(room);
}

static uint64_t version_of(const pl_goal_fact *f, const pl_milestone *m, const pl_metric *metric) {
  const int64_t parts[] = {f->period,
                           llround(pl_metric_scaled(metric, f->target)),
                           f->owner,
                           f->status,
                           f->lower_is_better,
                           f->keeps_time_off,
                           f->from};
  uint64_t h = pl_hash_text(f->metric, 3);
  for (size_t i = 0; i < PL_COUNT(parts); i++) h = pl_hash_int(parts[i], h);
  for (size_t i = 0; f->line && i < f->line->n; i++)
    h = pl_hash_int(f->line->points[i].share, pl_hash_int(f->line->points[i].at, h));
  if (!m) return h;
  h = pl_hash_int(m->of_day, pl_hash_int(m->share, pl_hash_int(m->at, h)));
  return pl_hash((pl_str){(const char *)&m->amount, sizeof m->amount}, h + 1);
}

bool pl_goal_same(const pl_goal *goal, const pl_goal_fact *f, const pl_milestone *m,
                  const pl_policy *policy) {
  if (goal->base != (m ? f->name.n : 0) || pl_policy_metric(policy, f->metric) != goal->metric) return false;
  pl_buf name;
  pl_buf_init(&name, 2 * PL_ID_MAX);
  bool same = pl_str_is(name_of(f, m, &name), goal->name) &&
              version_of(f, m, &policy->metrics[goal->metric]) == goal->version;
  pl_buf_fini(&name);
  return same;
}

/* Does the milestone ask for something, before the end? */
static bool asks(const pl_goal_fact *f, const pl_milestone *m, const pl_metric *metric) {
  if (m->at) return m->at < PL_LINE_WHOLE && m->share > 0 && m->share < PL_LINE_WHOLE;
  return f->period == PL_DAY && m->of_day > 0 && m->of_day < 86400 && pl_metric_asks(metric, m->amount);
}

pl_status pl_goal_init(pl_goal *goal, const pl_goal_fact *f, const pl_milestone *milestone,
                       const pl_policy *policy, pl_err *err) {
  *goal = (pl_goal){
      .next = PL_NEVER, .stays = INT64_MIN, .due = PL_NEVER, .judged = INT64_MAX, .until = INT32_MAX};
  goal->metric = pl_policy_metric(policy, f->metric);
  if (goal->metric < 0)
    return pl_fail(err, PL_REJECT, "goal %.*s: no metric is called \"%.*s\"; name one of `metrics`",
                   (int)f->name.n, f->name.p, (int)f->metric.n, f->metric.p);
  const pl_metric *m = &policy->metrics[goal->metric];
  if (pl_metric_is_gauge(m) && (f->line || f->nmilestones))
    return pl_fail(
        err, PL_REJECT,
        "goal %.*s: %s goes up and down, so that no part of it can be due by a time; remove its %s",
        (int)f->name.n, f->name.p, m->name, f->line ? "line" : "milestones");
  bool held = false;
  for (int w = 0; w < PL_WINDOWS; w++)
    held |= (m->windows >> w & 1) && pl_window_kinds[w].calendar && pl_window_kinds[w].unit == f->period;
  if (!held)
    return pl_fail(err, PL_REJECT,
                   "goal %.*s: metric %s has no window \"%s\"; add it to the metric's windows",
                   (int)f->name.n, f->name.p, m->name, pl_unit_name(f->period));
  if (!pl_metric_asks(m, f->target) && !(f->lower_is_better && f->target == 0))
    return pl_fail(err, PL_REJECT,
                   "goal %.*s: target %g; it must be a positive number that fits %d decimals%s",
                   (int)f->name.n, f->name.p, f->target, m->decimals, f->lower_is_better ? ", or 0" : "");
  const char *wrong = f->line ? pl_line_wrong(f->line) : NULL;
  if (wrong)
    return pl_fail(err, PL_REJECT, "goal %.*s: its line %s; leave it out, and it is straight", (int)f->name.n,
                   f->name.p, wrong);
  goal->asked = llround(pl_metric_scaled(m, f->target));
  pl_buf name;
  pl_buf_init(&name, 2 * PL_ID_MAX);
  pl_str own = name_of(f, milestone, &name);
  if (milestone && !milestone->at) goal->asked = llround(pl_metric_scaled(m, milestone->amount));
  if ((milestone && !asks(f, milestone, m)) || own.n > PL_ID_MAX) {
    (void)pl_fail(
        err, PL_REJECT,
        "milestone %.*s: it must ask for some of the target before the period ends, or in a day's goal "
        "for a positive amount by a time of day, in a name of at most %d bytes",
        (int)own.n, own.p, PL_ID_MAX);
    pl_buf_fini(&name);
    return PL_REJECT;
  }
  goal->name = pl_text_new(own);
  pl_buf_fini(&name);
  if (milestone) goal->milestone = *milestone, goal->base = (uint16_t)f->name.n, goal->stone = true;
  goal->plan = pl_text_new(milestone ? (pl_str){"", 0} : f->plan); /* it is its goal's */
  goal->parent = pl_text_new(milestone ? (pl_str){"", 0} : f->parent);
  goal->period = f->period, goal->owner = f->owner, goal->status = f->status;
  goal->version = version_of(f, milestone, m);
  goal->lower = f->lower_is_better, goal->keeps = f->keeps_time_off, goal->from = f->from;
  goal->gauge = pl_metric_is_gauge(m), goal->sources = pl_policy_sources(policy, (size_t)goal->metric);
  if (f->line && f->line->n) goal->line = PL_NEW(pl_line), *goal->line = *f->line;
  return PL_OK;
}

void pl_goal_init_gone(pl_goal *goal, pl_str name) {
  *goal = (pl_goal){.next = PL_NEVER, .due = PL_NEVER, .judged = INT64_MAX};
  goal->name = pl_text_new(name), goal->plan = pl_text_new(PL_STR("")),
  goal->parent = pl_text_new(PL_STR(""));
}

void pl_goal_shut(pl_goal *goal) {
  goal->open = goal->settled = false, goal->step = PL_STEP_NONE, goal->due = PL_NEVER, goal->seq = 0;
  goal->ended = PL_ENDED_NOT, goal->gap_told = false;
  pl_talk_free(&goal->talk), pl_text_free(&goal->heard);
}

void pl_goal_fini(pl_goal *goal) {
  pl_talk_free(&goal->talk);
  pl_text_free(&goal->heard), pl_text_free(&goal->name), pl_text_free(&goal->plan),
      pl_text_free(&goal->parent);
  PL_FREE(goal->line);
}

void pl_goal_check(const pl_goal *goal) {
  PL_ASSERT(!goal->open || goal->target > 0 || (goal->lower && goal->target == 0));
  PL_ASSERT(!goal->open || (goal->aim >= 0 && goal->before <= goal->target && goal->gone <= goal->work));
  PL_ASSERT(goal->open || goal->step == PL_STEP_NONE);
  PL_ASSERT(!goal->ended || (goal->base && goal->step == PL_STEP_NONE));
  PL_ASSERT(!goal->open || goal->start < goal->end);
  PL_ASSERT(goal->step != PL_STEP_NONE || goal->due.ms == INT64_MAX);
  PL_ASSERT(goal->step == PL_STEP_NONE || goal->seq > 0);
  PL_ASSERT(pl_goal_told(goal) == (goal->talk != NULL));
  PL_ASSERT(!goal->heard || goal->settled);
}
