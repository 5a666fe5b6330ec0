/* paceline goal: the goals of a rep or a team, and what hitting one looks like.
 *
 * All of it is asked of the core that judges (inspect.h). A plan goes through a goal's period by its working
 * days, or weeks where it is long, or hours of a day: what the line asks for at the end of each, and what was
 * there. Day buckets reach back two months; what lies before is not known. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/civil.h"
#include "cli/cli.h"
#include "cli/goal.h"
#include "cli/inspect.h"

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

static const char *amount(const pl_metric *m, double scaled, char out[AMOUNT_MAX]) {
  pl_buf text;
  pl_buf_init(&text, AMOUNT_MAX - 1);
  if (isnan(scaled))
    pl_buf_char(&text, '-');
  else
    pl_buf_decimal(&text, llround(scaled), m->decimals);
  (void)snprintf(out, AMOUNT_MAX, "%.*s", (int)text.n, text.p);
  pl_buf_fini(&text);
  return out;
}

/* --- list */

static void list_one(const pl_inspect *in, pl_goal *g) {
  const pl_metric *m = &in->config->policy.metrics[g->metric];
  pl_judge who = pl_subject_judge(in->subject, g);
  pl_figures f = pl_goal_figures(g, &who, in->complete_to, true);
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
  pl_civil c = pl_civil_of(day);
  char when[32];
  (void)snprintf(when, sizeof when, "%04d-%02d-%02d %s", c.year, c.month, c.day,
                 names[day - pl_period_first_day(PL_WEEK, pl_period_of(PL_WEEK, day))]);
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

/* One day, by the hours of its working time. */
static void rows_of_hours(const plan *p) {
  char when[PL_LOCAL_TIME_MAX];
  for (int64_t h = HOUR_S, end = 0; end < p->goal->upto && h < p->goal->work + HOUR_S; h += HOUR_S) {
    end = pl_work_after(p->who.cal, p->goal->start, h < p->goal->work ? h : p->goal->work);
    bool now = end <= pl_seconds(p->in->complete_to) && end + HOUR_S > pl_seconds(p->in->complete_to);
    row(p, pl_inspect_time(p->in, end, when), end, now ? (double)p->who.actual : NAN);
  }
}

static void say_rest(const plan *p) {
  const pl_figures f = pl_goal_figures(p->goal, &p->who, p->in->complete_to, true);
  char text[AMOUNT_MAX];
  if (!isnan(f.needed_today) && f.needed_today > 0)
    (void)printf("%s more by the end of the working day bring it to the line.\n",
                 amount(p->metric, f.needed_today, text));
  if (!isnan(f.required_rate) && f.required_rate > 0)
    (void)printf("%s a working day from now on reach it.\n", amount(p->metric, ceil(f.required_rate), text));
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

/* `propose` and so on, and their events; NULL: no such word. */
static const char *said(const char *verb) {
  static const struct {
    const char *verb, *what;
  } words[] = {{"propose", "proposed"}, {"agree", "agreed"}, {"pause", "paused"}, {"resume", "resumed"}};
  for (size_t i = 0; i < PL_COUNT(words); i++)
    if (strcmp(verb, words[i].verb) == 0) return words[i].what;
  return NULL;
}

int pl_cli_goal(int argc, char **argv) {
  const char *path = NULL;
  for (int option; (option = getopt(argc, argv, "+c:h")) != -1;) {
    if (option == 'c')
      path = optarg;
    else
      return (void)fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? EX_OK : EX_USAGE;
  }
  char **words = argv + optind;
  int n = argc - optind;
  const char *what = n >= 3 ? said(words[0]) : NULL;
  pl_goal_word word = {.period = -1, .target = NAN};
  bool known = (n == 2 && strcmp(words[0], "list") == 0) || (n == 3 && strcmp(words[0], "plan") == 0) ||
               (what && pl_goal_say_parse(n - 2, words + 2, &word));
  bool proposes = what && strcmp(what, "proposed") == 0;
  if (!path || !known || (what && isnan(word.target) == proposes))
    return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(path);
  if (!config) return EX_CONFIG;
  pl_err err = {""};
  if (what) word.name = pl_str_of(words[2]);
  pl_status status =
      what ? pl_goal_say(config, path, what, words[1], &word, &err) : run(config, words, n, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline goal: %s\n", err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_AGAIN ? EX_TEMPFAIL : what ? EX_CONFIG : EX_DATAERR;
}
