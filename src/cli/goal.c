/* paceline goal: the goals of a rep or a team, and what hitting one looks like.
 *
 * All of it is asked of the core that judges (inspect.h). A plan goes through a goal's period by its working
 * days, or weeks where it is long, or hours of a day: what the line asks for at the end of each, and what was
 * there. Day buckets reach back two months; what lies before is not known. Hours are kept for a day, of
 * metrics with the window 24h, and those of 1h know the last hour; of others it is known what is there now.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/civil.h"
#include "cli/cli.h"
#include "cli/goal.h"
#include "cli/inspect.h"
#include "codec/amount.h"

static const char usage[] =
    "usage: paceline goal -c CONFIG list REP-OR-TEAM\n"
    "       paceline goal -c CONFIG plan REP-OR-TEAM GOAL\n"
    "       paceline goal -c CONFIG propose REP GOAL --target N [--metric M --period P] [--plan TEXT]\n"
    "       paceline goal -c CONFIG agree | pause | resume REP GOAL\n"
    "  list  every goal in force, with its state, where it stands, and its chance\n"
    "  plan  what hitting a goal looks like, day by day and week by week, against what happened\n"
    "  propose, agree, pause, resume\n"
    "        words on a goal, written into the stream of events; --by WHO: it is not the rep who says so\n";

enum { AMOUNT_MAX = 64, HOUR_S = 3600 };

static const char *rounded(const pl_metric *m, double scaled, pl_rounding to, char out[AMOUNT_MAX]) {
  pl_buf text = {out, 0, AMOUNT_MAX - 1, AMOUNT_MAX - 1, false};
  if (!pl_amount_put(&text, m, scaled, to)) pl_buf_char(&text, '-');
  out[text.n] = 0;
  return out;
}

static const char *amount(const pl_metric *m, double scaled, char out[AMOUNT_MAX]) {
  return rounded(m, scaled, PL_NEAREST, out);
}

/* --- list */

static void list_one(const pl_inspect *in, pl_goal *g) {
  const pl_metric *m = &in->config->policy.metrics[g->metric];
  pl_judge who = pl_subject_judge(in->subject, g);
  pl_figures f = pl_inspect_figures(in, g, &who);
  char target[AMOUNT_MAX], actual[AMOUNT_MAX], line[AMOUNT_MAX], chance[16] = "-", when[PL_PERIOD_TEXT_MAX];
  if (!isnan(f.chance)) (void)snprintf(chance, sizeof chance, "%.0f %%", 100 * f.chance);
  (void)printf("%-24s %-12s %-12s %12s %12s %12s %8s  %s\n", g->name,
               pl_period_text(g->period, g->index, when), pl_pace_state_name(f.state),
               amount(m, f.actual, actual), amount(m, f.line, line), amount(m, f.target, target), chance,
               g->plan);
}

static void list(pl_inspect *in) {
  (void)printf("%-24s %-12s %-12s %12s %12s %12s %8s  %s\n", "goal", "period", "state", "actual", "line",
               "target", "chance", "plan");
  for (size_t i = 0; i < in->subject->ngoals; i++)
    if (in->subject->goals[i].in_force) list_one(in, &in->subject->goals[i]);
  char when[PL_LOCAL_MAX];
  if (in->stale)
    (void)printf("What has happened since %s is not known: what is not decided is unknown until it is.\n",
                 pl_inspect_time(in, pl_seconds(in->complete_to), when));
}

/* --- plan */

typedef struct {
  const pl_inspect *in;
  pl_goal *goal;
  const pl_metric *metric;
  pl_judge who;
} plan;

/* What was there when a local day was over; NAN: nobody knows. Counts and sums add up by days. */
static double actual_after(const plan *p, int32_t day) {
  const pl_subject *s = p->in->subject;
  if (p->metric->kind != PL_COUNT_OF && p->metric->kind != PL_SUM_OF) return NAN;
  int64_t total = p->who.actual;
  for (int32_t d = s->today; d > day; d--) {
    if (!pl_subject_holds(s, p->goal->metric, PL_DAY, d) && d < s->today - PL_DAYS_KEPT + 2) return NAN;
    total -= pl_subject_at(s, p->goal->metric, PL_DAY, d);
  }
  return (double)total;
}

/* The same of an instant of the day that is shown, as finely as the metric's windows keep it. */
static double actual_at(const plan *p, int64_t end) {
  static const struct {
    pl_unit unit;
    pl_window window;
    int seconds;
  } kept[] = {{PL_HOUR, PL_W_24H, HOUR_S}, {PL_5MIN, PL_W_1H, 300}};
  const pl_subject *s = p->in->subject;
  for (size_t i = 0; i < PL_COUNT(kept) && pl_metric_adds(p->metric); i++) {
    int32_t first = (int32_t)(end / kept[i].seconds), last = (int32_t)(p->goal->end / kept[i].seconds);
    if (!(p->metric->windows >> kept[i].window & 1) || end % kept[i].seconds ||
        !pl_subject_holds(s, p->goal->metric, (int)kept[i].unit, first))
      continue;
    int64_t total = p->who.actual;
    for (int32_t at = first; at < last; at++)
      total -= pl_subject_at(s, p->goal->metric, (int)kept[i].unit, at);
    return (double)total;
  }
  return NAN;
}

static void row(const plan *p, const char *when, int64_t end, double actual) {
  const pl_figures f =
      pl_goal_figures(p->goal, &p->who, pl_wall_s(end < p->goal->end ? end : p->goal->end - 1), false);
  bool over = end <= pl_seconds(p->in->complete_to);
  char line[AMOUNT_MAX], there[AMOUNT_MAX], gap[AMOUNT_MAX] = "";
  if (over && !isnan(actual) && !isnan(f.line)) (void)amount(p->metric, actual - f.line, gap);
  (void)printf("%-20s %12s %12s %12s\n", when, amount(p->metric, f.line, line),
               over ? amount(p->metric, actual, there) : "", gap);
}

static void row_of_day(const plan *p, int32_t day) {
  static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  char when[PL_PERIOD_TEXT_MAX + 8], text[PL_PERIOD_TEXT_MAX];
  (void)snprintf(when, sizeof when, "%s %s", pl_period_text(PL_DAY, day, text), names[pl_weekday(day)]);
  row(p, when, pl_workday_end(p->who.cal, day), actual_after(p, day));
}

/* The days of a week that lie in the period, or the week as a whole by its last working day. */
static void rows_of_week(const plan *p, int32_t week, int32_t first, int32_t last, bool by_day) {
  int32_t from = pl_period_first_day(PL_WEEK, week), to = pl_period_first_day(PL_WEEK, week + 1) - 1,
          end = first - 1;
  for (int32_t day = from > first ? from : first; day <= (to < last ? to : last); day++) {
    if (!pl_workday_is(p->who.cal, day)) continue;
    end = day;
    if (by_day) row_of_day(p, day);
  }
  char when[PL_PERIOD_TEXT_MAX];
  if (!by_day && end >= first)
    row(p, pl_period_text(PL_WEEK, week, when), pl_workday_end(p->who.cal, end), actual_after(p, end));
}

static void row_of_now(const plan *p, int64_t now) {
  char when[PL_LOCAL_MAX + 8];
  (void)snprintf(when + strlen(pl_inspect_time(p->in, now, when)), 8, " now");
  row(p, when, now, (double)p->who.actual);
}

/* One day, by the hours of its working time, and as it is now. */
static void rows_of_hours(const plan *p) {
  char when[PL_LOCAL_MAX];
  int64_t now = pl_seconds(p->in->complete_to), end = 0;
  bool unknown = false;
  for (int64_t h = HOUR_S; end < p->goal->upto && h < p->goal->work + HOUR_S; h += HOUR_S) {
    int64_t before = end;
    end = pl_work_after(p->who.cal, p->goal->start, h < p->goal->work ? h : p->goal->work);
    if (before < now && now < end) row_of_now(p, now);
    double actual = end == now ? (double)p->who.actual : actual_at(p, end);
    unknown |= end < now && isnan(actual);
    row(p, pl_inspect_time(p->in, end, when), end, actual);
  }
  if (end < now) row_of_now(p, now);
  if (unknown)
    (void)printf(
        "What was there hour by hour is kept for a day of metrics with the window 24h; %s is without.\n",
        p->metric->name);
}

static void say_rest(const plan *p) {
  const pl_figures f = pl_inspect_figures(p->in, p->goal, &p->who);
  char text[AMOUNT_MAX];
  if (!isnan(f.needed_today) && f.needed_today > 0)
    (void)printf("%s more by the end of the working day bring it to the line.\n",
                 amount(p->metric, f.needed_today, text));
  if (!isnan(f.required_rate) && f.required_rate > 0)
    (void)printf("%s a working day from now on reach it.\n",
                 rounded(p->metric, f.required_rate, PL_UP, text));
  if (*p->goal->plan) (void)printf("The plan for when it gets tight: %s\n", p->goal->plan);
}

static void show(plan *p) {
  const pl_goal *g = p->goal;
  const pl_zone *zone = pl_workcal_zone(p->who.cal);
  int32_t first = pl_zone_day(zone, g->start), last = pl_zone_day(zone, g->upto - 1);
  int32_t this_week = pl_period_of(PL_WEEK, p->in->subject->today);
  char target[AMOUNT_MAX], when[PL_PERIOD_TEXT_MAX];
  (void)printf("%s, %s: %s%s%s%s in the %s %s\n", p->in->subject->id, g->name, g->lower ? "at most " : "",
               amount(p->metric, (double)g->target, target), p->metric->unit_text ? " " : "",
               p->metric->unit_text ? p->metric->unit_text : "", pl_unit_name(g->period),
               pl_period_text(g->period, g->index, when));
  (void)printf("%-20s %12s %12s %12s\n", "by the end of", "line", "actual", "above");
  if (g->period == PL_DAY)
    rows_of_hours(p);
  else
    for (int32_t week = pl_period_of(PL_WEEK, first); week <= pl_period_of(PL_WEEK, last); week++)
      rows_of_week(p, week, first, last, g->period <= PL_MONTH || week == this_week);
  say_rest(p);
}

/* --- the verb */

static pl_status run(const pl_config *config, char **words, int n, pl_err *err) {
  pl_inspect in;
  pl_status status = pl_inspect_open(&in, config, pl_str_of(words[1]), err);
  pl_goal *goal = status == PL_OK && n == 3 ? pl_inspect_goal(&in, pl_str_of(words[2])) : NULL;
  if (status == PL_OK && n == 2) {
    list(&in);
  } else if (goal && goal->open && !goal->gauge) {
    plan p = {&in, goal, &config->policy.metrics[goal->metric], pl_subject_judge(in.subject, goal)};
    show(&p);
  } else if (status == PL_OK) {
    status =
        pl_fail(err, PL_REJECT, "%s has no goal %s that a line leads to; `paceline goal list %s` names them",
                words[1], words[2], words[1]);
  }
  pl_inspect_close(&in);
  return status;
}

/* `propose` and so on: what they say of a goal; PL_TYPE_OTHER: no such word. */
static int said(const char *verb) {
  static const struct {
    const char *verb;
    int type;
  } words[] = {{"propose", PL_TYPE_GOAL_PROPOSED},
               {"agree", PL_TYPE_GOAL_AGREED},
               {"pause", PL_TYPE_GOAL_PAUSED},
               {"resume", PL_TYPE_GOAL_RESUMED}};
  for (size_t i = 0; i < PL_COUNT(words); i++)
    if (strcmp(verb, words[i].verb) == 0) return words[i].type;
  return PL_TYPE_OTHER;
}

/* False: the verb ends with `code`. */
static bool parse(int argc, char **argv, const char **path, pl_goal_options *out, int *code) {
  static const struct option options[] = {{"target", required_argument, NULL, 't'},
                                          {"metric", required_argument, NULL, 'm'},
                                          {"period", required_argument, NULL, 'p'},
                                          {"plan", required_argument, NULL, 'n'},
                                          {"by", required_argument, NULL, 'b'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  *path = NULL, *out = (pl_goal_options){0}, *code = EX_USAGE;
  for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
    switch (option) {
    case 'c': *path = optarg; break;
    case 't': out->target = optarg; break;
    case 'm': out->metric = optarg; break;
    case 'p': out->period = optarg; break;
    case 'n': out->plan = optarg; break;
    case 'b': out->by = optarg; break;
    case 'h': *code = EX_OK; return (void)fputs(usage, stdout), false;
    default: return (void)fputs(usage, stderr), false;
    }
  }
  char **words = argv + optind;
  int n = argc - optind;
  bool known = (n == 2 && strcmp(words[0], "list") == 0) || (n == 3 && strcmp(words[0], "plan") == 0) ||
               (n == 3 && said(words[0]) != PL_TYPE_OTHER);
  if (!*path || !known) (void)fputs(usage, stderr);
  return *path && known;
}

int pl_cli_goal(int argc, char **argv) {
  const char *path;
  pl_goal_options options;
  pl_goal_word word;
  pl_err err = {""};
  int code;
  if (!parse(argc, argv, &path, &options, &code)) return code;
  char **words = argv + optind;
  int n = argc - optind, type = said(words[0]);
  if (pl_goal_word_read(&options, type, n == 3 ? words[2] : "", &word, &err) != PL_OK)
    return (void)fprintf(stderr, "paceline goal: %s\n", err.text), EX_USAGE;
  pl_config *config = pl_cli_config(path);
  if (!config) return EX_CONFIG;
  bool says = type != PL_TYPE_OTHER;
  pl_status status =
      says ? pl_goal_say(config, path, type, words[1], &word, &err) : run(config, words, n, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline goal: %s\n", err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_AGAIN ? EX_TEMPFAIL : says ? EX_CONFIG : EX_DATAERR;
}
