/* paceline goal propose, agree, pause, resume: words on a goal, as events in the stream of activities, which
 * the goal's owner applies on top of the record in the goals' topic. Nothing is overwritten. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/goal.h"
#include "cli/say.h"
#include "config/item.h"

/* --- what is said */

static pl_status read_target(const char *text, double *out, pl_err *err) {
  if (pl_str_double(pl_str_of(text), out) && *out >= 0 && *out <= PL_SCALED_MAX) return PL_OK;
  return pl_fail(err, PL_REJECT, "--target: found '%s', expected a number from 0 to %g, such as 40", text,
                 PL_SCALED_MAX);
}

static pl_status read_period(const char *text, int *out, pl_err *err) {
  for (int u = PL_DAY; u <= PL_YEAR; u++)
    if (strcmp(text, pl_unit_name((pl_unit)u)) == 0) *out = u;
  if (*out >= 0) return PL_OK;
  return pl_fail(err, PL_REJECT, "--period: found '%s', expected one of day, week, month, quarter or year",
                 text);
}

pl_status pl_goal_word_read(const pl_goal_options *o, int type, const char *goal, pl_goal_word *out,
                            pl_err *err) {
  bool proposes = type == PL_TYPE_GOAL_PROPOSED;
  *out = (pl_goal_word){.name = pl_str_of(goal), .period = -1, .target = NAN};
  if (!proposes && (o->target || o->metric || o->period || o->plan))
    return pl_fail(err, PL_REJECT,
                   "--target, --metric, --period and --plan belong to `propose`; leave them out");
  if (type == PL_TYPE_OTHER && o->by)
    return pl_fail(err, PL_REJECT, "--by belongs to words on a goal, such as `propose`; leave it out");
  if (proposes && !o->target)
    return pl_fail(err, PL_REJECT,
                   "--target: found none, expected how much is proposed, such as --target 40");
  if (!o->metric != !o->period)
    return pl_fail(
        err, PL_REJECT,
        "--%s: found none beside --%s, expected both for a new goal, and neither for one that is there",
        o->metric ? "period" : "metric", o->metric ? "metric" : "period");
  out->metric = pl_str_of(o->metric), out->plan = pl_str_of(o->plan), out->by = pl_str_of(o->by);
  pl_status status = o->target ? read_target(o->target, &out->target, err) : PL_OK;
  return status == PL_OK && o->period ? read_period(o->period, &out->period, err) : status;
}

/* --- against the configuration, as far as it knows */

static pl_status check_word(const pl_config *c, const char *path, const pl_goal_word *word, pl_err *err) {
  const pl_policy *p = &c->policy;
  if (!word->metric.n) return PL_OK; /* of a goal that its owner knows */
  int at = pl_policy_metric(p, word->metric);
  pl_near near = pl_near_to(word->metric);
  for (size_t i = 0; i < p->nmetrics; i++)
    if (!p->metrics[i].hidden) pl_near_offer(&near, p->metrics[i].name);
  if (at < 0)
    return pl_fail(err, PL_REJECT, "--metric: found '%.*s', expected one of the `metrics` of %s%s",
                   (int)word->metric.n, word->metric.p, path, pl_near_hint(&near).text);
  const pl_metric *m = &p->metrics[at];
  if (!(m->windows >> (PL_W_DAY + word->period - PL_DAY) & 1))
    return pl_fail(err, PL_REJECT,
                   "--period: found '%s', expected one of the calendar windows that metrics.%s has",
                   pl_unit_name((pl_unit)word->period), m->name);
  if (!pl_metric_asks(m, word->target))
    return pl_fail(err, PL_REJECT, "--target: found %.15g, expected an amount from %g to %g of %s",
                   word->target, pl_metric_unscaled(m, 1), pl_metric_unscaled(m, PL_SCALED_MAX), m->name);
  return PL_OK;
}

static pl_status check(const pl_config *c, const char *path, const char *rep, const pl_goal_word *word,
                       pl_err *err) {
  if (!*c->kafka.topics.goals)
    return pl_fail(err, PL_REJECT, "the goals are in %s: change them there, and send `paceline run` a SIGHUP",
                   path);
  pl_status status = pl_say_check(c, path, rep, err);
  return status == PL_OK ? check_word(c, path, word, err) : status;
}

/* --- as an event */

pl_status pl_goal_say(const pl_config *config, const char *path, int type, const char *rep,
                      const pl_goal_word *word, pl_err *err) {
  char id[PL_ID_MAX + 1];
  const char *name = pl_type_own_name(type);
  (void)snprintf(id, sizeof id, "%s/%lld/%.*s", name, (long long)pl_clock_wall().ms,
                 (int)(word->name.n < 128 ? word->name.n : 128), word->name.p);
  pl_activity activity = {.id = pl_str_of(id),
                          .rep = pl_str_of(rep),
                          .type = pl_str_of(name),
                          .opened_at = PL_NEVER,
                          .complete_to = PL_NEVER,
                          .goal = word};
  pl_status status = check(config, path, rep, word, err);
  if (status == PL_OK) status = pl_say_now(config, rep, &activity.at, err);
  if (status == PL_OK) status = pl_say_write(config, &activity, "paceline-goal", err);
  if (status == PL_OK)
    (void)printf("%s: %s is written; `paceline goal list %s` shows what became of it\n", rep, name, rep);
  return status;
}
