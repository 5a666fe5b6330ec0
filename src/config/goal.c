/* Goal: what is asked for by when: the line, the milestones, and the versions of the target.
 *
 * A goal's first version holds from `from` on, or always; `versions` says what it is from which days on:
 * another target, or a pause. Everything else is the same in all of them. */
#include "config/item.h"
#include "config/option.h"

/* `50%`, `33.33%`: in units of 1/PL_LINE_WHOLE. */
static bool read_share(const char *text, int64_t *out) {
  size_t n = strlen(text);
  return n > 1 && text[n - 1] == '%' && pl_str_decimal((pl_str){text, n - 1}, 2, out);
}

/* `{50%: 40%}`; NULL: straight. */
static const pl_line *compile_line(pl_compiler *c, const pl_pairs *pairs) {
  int64_t at, share, at_before = 0, share_before = 0;
  if (!pairs->n) return NULL;
  pl_line *line = pl_arena_alloc(c->arena, sizeof *line);
  for (size_t i = 0; i < pairs->n; i++, at_before = at, share_before = share) {
    const pl_pair *pair = &pairs->items[i];
    if (!read_share(pair->key, &at) || at <= at_before || at >= PL_LINE_WHOLE) {
      pl_complain_key(c->report, pair->node,
                      "found '%s', expected a share of the working time between 0%% and 100%%, such as 50%%, "
                      "above the one before it",
                      pl_quote(pl_str_of(pair->key)).text);
      return NULL;
    }
    if (!read_share(pair->values.items[0], &share) || share < share_before || share >= PL_LINE_WHOLE) {
      pl_complain(
          c->report, pair->node,
          "found '%s', expected a share of the target from %g%% to below 100%%: a line does not fall, "
          "and is at the target at the end only",
          pl_quote(pl_str_of(pair->values.items[0])).text, (double)share_before / 100);
      return NULL;
    }
    line->points[line->n++] = (pl_line_point){(uint16_t)at, (uint16_t)share};
  }
  return line;
}

/* One of `{50%: 40%}` or of `{"12:00": 15}`; false after a complaint. */
static bool read_milestone(pl_compiler *c, const pl_goal_item *g, const pl_pair *pair, pl_milestone *out) {
  int64_t at = 0, share = 0;
  double amount = 0;
  const char *value = pair->values.items[0];
  if (read_share(pair->key, &at) && at > 0 && at < PL_LINE_WHOLE) {
    *out = (pl_milestone){.at = (uint16_t)at};
    if (read_share(value, &share) && share > 0 && share < PL_LINE_WHOLE)
      return out->share = (uint16_t)share, true;
    pl_complain(c->report, pair->node,
                "found '%s', expected a share of the target between 0%% and 100%%, such as 40%%",
                pl_quote(pl_str_of(value)).text);
    return false;
  }
  *out = (pl_milestone){0};
  if (g->period != 0 || !pl_of_day_parse(pl_str_of(pair->key), &out->of_day) || out->of_day == 0 ||
      out->of_day >= 86400) {
    pl_complain_key(c->report, pair->node,
                    "found '%s', expected a share of the working time between 0%% and 100%%, such as 50%%%s",
                    pl_quote(pl_str_of(pair->key)).text,
                    g->period == 0 ? ", or a time of day, such as \"12:00\"" : "");
    return false;
  }
  if (pl_str_double(pl_str_of(value), &amount) && amount > 0 && amount <= 1e15)
    return out->amount = amount, true;
  pl_complain(c->report, pair->node, "found '%s', expected an amount above 0, such as 15",
              pl_quote(pl_str_of(value)).text);
  return false;
}

/* In their order, none twice, and none that asks for less than the one before it. */
static bool follows(pl_compiler *c, const pl_pair *pairs, const pl_milestone *before, const pl_milestone *m) {
  bool apart = m->at ? before->at && m->at > before->at : !before->at && m->of_day > before->of_day;
  if (!apart)
    pl_complain_key(c->report, pairs[1].node,
                    "found '%s' behind '%s', expected shares or times of day, in their order",
                    pl_quote(pl_str_of(pairs[1].key)).text, pl_quote(pl_str_of(pairs[0].key)).text);
  bool more = m->share >= before->share && m->amount >= before->amount;
  if (apart && !more)
    pl_complain(c->report, pairs[1].node,
                "found '%s' behind '%s', expected no less: what is there by %s is still there later",
                pl_quote(pl_str_of(pairs[1].values.items[0])).text,
                pl_quote(pl_str_of(pairs[0].values.items[0])).text, pl_quote(pl_str_of(pairs[0].key)).text);
  return apart && more;
}

static void compile_milestones(pl_compiler *c, const pl_goal_item *g, pl_goal_fact *out) {
  const pl_pairs *pairs = &g->milestones;
  if (!pairs->n) return;
  pl_milestone *all = pl_arena_alloc(c->arena, pairs->n * sizeof *all);
  for (size_t i = 0; i < pairs->n; i++) {
    if (!read_milestone(c, g, &pairs->items[i], &all[i])) return;
    if (i && !follows(c, &pairs->items[i - 1], &all[i - 1], &all[i])) return;
  }
  out->milestones = all, out->nmilestones = pairs->n;
}

static bool read_from(pl_compiler *c, const pl_goal_item *g, int32_t *from) {
  *from = PL_DAY_ALWAYS;
  if (!g->from || pl_day_parse(pl_str_of(g->from), from)) return true;
  pl_complain(c->report, pl_yaml_nearest(g->item.node, "from"),
              "found '%s', expected a day of the years 1900 to 2200, such as 2026-03-10",
              pl_quote(pl_str_of(g->from)).text);
  return false;
}

/* One of `{2026-03-10: 30, 2026-04-01: paused}`; false after a complaint. */
static bool read_version(pl_compiler *c, const pl_pair *pair, int32_t before, pl_goal_fact *out) {
  const char *value = pair->values.items[0];
  if (!pl_day_parse(pl_str_of(pair->key), &out->from) || out->from <= before) {
    pl_complain_key(c->report, pair->node,
                    "found '%s', expected the day from which the version holds, such as 2026-03-10, after "
                    "the version before it; give each a day of its own",
                    pl_quote(pl_str_of(pair->key)).text);
    return false;
  }
  out->status = PL_GOAL_AGREED;
  if (strcmp(value, "paused") == 0) return out->status = PL_GOAL_PAUSED, true;
  if (pl_str_double(pl_str_of(value), &out->target) && out->target <= 1e15 &&
      (out->target > 0 || (out->target == 0 && out->lower_is_better)))
    return true;
  pl_complain(c->report, pair->node,
              "found '%s', expected the target from that day on, such as 30, or paused",
              pl_quote(pl_str_of(value)).text);
  return false;
}

pl_versions pl_compile_goal(pl_compiler *c, const pl_goal_item *g) {
  pl_goal_fact *all = pl_arena_alloc(c->arena, (1 + g->versions.n) * sizeof *all);
  all[0] = (pl_goal_fact){.name = pl_str_of(g->item.name),
                          .metric = pl_str_of(g->metric),
                          .parent = pl_str_of(g->parent),
                          .plan = pl_str_of(g->plan),
                          .period = (pl_unit)(PL_DAY + g->period),
                          .target = g->target,
                          .owner = (pl_goal_owner)g->owner,
                          .status = (pl_goal_status)g->status,
                          .lower_is_better = g->direction == 1,
                          .keeps_time_off = g->time_off == 1,
                          .line = compile_line(c, &g->line)};
  compile_milestones(c, g, &all[0]);
  size_t n = read_from(c, g, &all[0].from);
  for (; n && n <= g->versions.n; n++) {
    all[n] = all[n - 1]; /* after a pause the target is said again */
    if (!read_version(c, &g->versions.items[n - 1], all[n - 1].from, &all[n])) break;
  }
  return (pl_versions){all, n};
}
