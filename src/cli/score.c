#include "cli/score.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* The evening of a day. */
typedef struct {
  float chance, left; /* left: of the working time */
  bool below;         /* pace < 1 */
} evening;

/* One period of one goal. */
typedef struct {
  int metric;
  pl_unit unit;
  int32_t index;
  bool ended, missed, counts;
  double told; /* working time left when `behind` was first told; NAN: it was not */
  evening *evenings;
  size_t n, room;
} course;

struct pl_score {
  const pl_policy *policy;
  pl_map courses; /* entity, goal, period -> course */
  pl_buf key;
  pl_tenths *tenths;
};

static const double limits[] = {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4};

pl_score *pl_score_new(const pl_policy *policy) {
  pl_score *score = PL_NEW(pl_score);
  score->policy = policy;
  pl_map_init(&score->courses);
  pl_buf_init(&score->key, 4096);
  score->tenths = pl_alloc(policy->nmetrics * PL_UNITS * sizeof *score->tenths);
  return score;
}

void pl_score_free(pl_score **score) {
  pl_score *s = *score;
  if (!s) return;
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&s->courses, slot));) {
    course *c = slot->value;
    pl_release(c->evenings, c->room * sizeof *c->evenings);
    PL_FREE(c);
  }
  pl_map_fini(&s->courses);
  pl_buf_fini(&s->key);
  pl_release(s->tenths, s->policy->nmetrics * PL_UNITS * sizeof *s->tenths);
  PL_FREE(*score);
}

/* --- courses, as they are told */

static course *course_of(pl_score *s, const pl_subject *whose, const char *goal, int metric, pl_unit unit,
                         int32_t index) {
  pl_buf_clear(&s->key);
  pl_buf_printf(&s->key, "%s\t%s\t%d\t%d\t%d", whose->id, goal, whose->is_team, (int)unit, (int)index);
  void **place = pl_map_put(&s->courses, pl_buf_str(&s->key));
  if (*place) return *place;
  course *c = *place = PL_NEW(course);
  *c = (course){.metric = metric, .unit = unit, .index = index, .told = NAN};
  return c;
}

static double left_at(const pl_subject *whose, pl_unit unit, int32_t index, int64_t t) {
  const pl_zone *zone = pl_workcal_zone(whose->cal);
  int64_t start = pl_period_start(zone, unit, index), end = pl_period_start(zone, unit, index + 1);
  int64_t work = pl_work_between(whose->cal, start, end);
  return work ? (double)pl_work_between(whose->cal, t, end) / (double)work : 0;
}

void pl_score_alert(pl_score *s, const pl_subject *whose, const pl_alert *a) {
  if (a->kind != PL_ALERT_BEHIND || strchr(a->goal, '@')) return; /* a milestone is not a period */
  course *c = course_of(s, whose, a->goal, a->metric_index, a->period, a->index);
  if (isnan(c->told)) c->told = left_at(whose, a->period, a->index, pl_seconds(a->at));
}

void pl_score_evening(pl_score *s, pl_subject *rep, pl_wall midnight) {
  if (!pl_workday_is(rep->cal, rep->today)) return;
  for (size_t i = 0; i < rep->ngoals; i++) {
    pl_goal *g = &rep->goals[i];
    bool counts = g->open && g->in_force && !g->base && !g->gauge;
    double left = counts ? left_at(rep, g->period, g->index, pl_seconds(midnight)) : 0;
    if (left <= 0) continue; /* its last working day is over */
    pl_judge who = pl_subject_judge(rep, g);
    pl_figures f = pl_goal_figures(g, &who, midnight, true);
    if (isnan(f.chance)) continue;
    course *c = course_of(s, rep, g->name, g->metric, g->period, g->index);
    if (c->n == c->room) {
      size_t room = c->room ? 2 * c->room : 32;
      c->evenings = pl_resize(c->evenings, c->room * sizeof *c->evenings, room * sizeof *c->evenings);
      c->room = room;
    }
    c->evenings[c->n++] = (evening){(float)f.chance, (float)left, f.pace < 1};
  }
}

void pl_score_past(pl_score *s, const pl_subject *whose, const pl_past *past) {
  for (size_t i = 0; i < past->ngoals; i++) {
    pl_pace_state state = past->goals[i].figures.state;
    if (strchr(past->goals[i].name, '@')) continue;
    if (state != PL_MET && state != PL_EXCEEDED && state != PL_MISSED) continue;
    course *c = course_of(s, whose, past->goals[i].name, past->goals[i].metric, past->unit, past->index);
    c->ended = true, c->missed = state == PL_MISSED;
  }
}

void pl_score_close(pl_score *s, const pl_annals *annals) {
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&s->courses, slot));) {
    course *c = slot->value;
    c->counts = c->ended && pl_annals_whole(annals, c->metric, c->unit, c->index);
    for (size_t i = 0; c->counts && i < c->n; i++) {
      int at = (int)(c->evenings[i].chance * PL_TENTHS);
      pl_tenth *t = &s->tenths[c->metric * PL_UNITS + (int)c->unit][at < PL_TENTHS ? at : PL_TENTHS - 1];
      t->n++, t->came += !c->missed, t->said += c->evenings[i].chance;
    }
  }
}

const pl_tenths *pl_score_tenths(const pl_score *s) { return (const pl_tenths *)s->tenths; }
const pl_policy *pl_score_policy(const pl_score *s) { return s->policy; }

/* --- the tables */

typedef struct {
  long long ended, missed, told, both;
  double *left; /* of those that were told and missed */
} tally;

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* When it was told, by this limit or, at 0, as it was. */
static double told_at(const course *c, double limit) {
  if (limit == 0) return c->told;
  for (size_t i = 0; i < c->n; i++)
    if (pl_chance_below(c->evenings[i].chance, limit) && c->evenings[i].below) return c->evenings[i].left;
  return NAN;
}

static tally tally_of(const pl_score *s, int metric, pl_unit unit, double limit) {
  tally t = {.left = pl_alloc((s->courses.n + 1) * sizeof(double))};
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&s->courses, slot));) {
    const course *c = slot->value;
    if (!c->counts || c->metric != metric || c->unit != unit) continue;
    double told = told_at(c, limit);
    t.ended++, t.missed += c->missed, t.told += !isnan(told);
    if (c->missed && !isnan(told)) t.left[t.both++] = told;
  }
  qsort(t.left, (size_t)t.both, sizeof *t.left, ascending);
  return t;
}

static void share(char out[16], long long of, long long all) {
  (void)snprintf(out, 16, all ? "%.2f" : "-", (double)of / (double)all);
}

static void print_tally(const pl_score *s, int metric, pl_unit unit, double limit, FILE *out) {
  char precision[16], recall[16], left[16] = "-", how[16] = "as told";
  tally t = tally_of(s, metric, unit, limit);
  share(precision, t.both, t.told), share(recall, t.both, t.missed);
  if (t.both) (void)snprintf(left, sizeof left, "%.2f", t.left[t.both / 2]);
  if (limit > 0) (void)snprintf(how, sizeof how, "< %.2f", limit);
  if (t.ended)
    (void)fprintf(out, "%-16s %-8s %-8s %6lld %7lld %7lld %10s %7s %12s\n", s->policy->metrics[metric].name,
                  pl_unit_name(unit), how, t.ended, t.missed, t.told, precision, recall, left);
  pl_release(t.left, (s->courses.n + 1) * sizeof(double));
}

static void print_tenths(const pl_score *s, int metric, pl_unit unit, FILE *out) {
  const pl_tenth *tenths = s->tenths[metric * PL_UNITS + (int)unit];
  for (int i = 0; i < PL_TENTHS; i++)
    if (tenths[i].n)
      (void)fprintf(out, "%-16s %-8s %.1f-%.1f %8lld %8.3f %11.3f\n", s->policy->metrics[metric].name,
                    pl_unit_name(unit), (double)i / PL_TENTHS, (double)(i + 1) / PL_TENTHS,
                    (long long)tenths[i].n, tenths[i].said / (double)tenths[i].n,
                    (double)tenths[i].came / (double)tenths[i].n);
}

void pl_score_print(const pl_score *s, FILE *out) {
  int n = (int)s->policy->nmetrics;
  (void)fprintf(out, "%-16s %-8s %-8s %6s %7s %7s %10s %7s %12s\n", "metric", "period", "chance", "goals",
                "missed", "told", "precision", "recall", "left, median");
  for (int i = 0; i < n * PL_UNITS; i++) {
    print_tally(s, i / PL_UNITS, (pl_unit)(i % PL_UNITS), 0, out);
    for (size_t k = 0; k < PL_COUNT(limits); k++)
      print_tally(s, i / PL_UNITS, (pl_unit)(i % PL_UNITS), limits[k], out);
  }
  (void)fprintf(out, "\n%-16s %-8s %-7s %8s %8s %11s\n", "metric", "period", "chance", "evenings", "said",
                "came true");
  for (int i = 0; i < n * PL_UNITS; i++) print_tenths(s, i / PL_UNITS, (pl_unit)(i % PL_UNITS), out);
}
