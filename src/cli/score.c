#include "cli/score.h"

#include <stdlib.h>

#include "base/mem.h"

typedef struct {
  long long ended, missed, told, both; /* periods of goals */
  double *left;                        /* when it was first told, of those that ended missed */
} tally;

static int by_subject(const void *a, const void *b) {
  const pl_scored *x = a, *y = b;
  int order = strcmp(x->subject, y->subject);
  return order ? order : (x->at.ms > y->at.ms) - (x->at.ms < y->at.ms);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The alerts of one goal in one period; returns those behind them. */
static const pl_scored *add(tally *tallies, const pl_scored *alert, const pl_scored *end) {
  tally *t = &tallies[(size_t)alert->metric * PL_UNITS + alert->period];
  const pl_scored *first = NULL, *next = alert;
  bool ended = false, missed = false;
  for (; next < end && strcmp(next->subject, alert->subject) == 0; next++) {
    if (next->kind == PL_ALERT_BEHIND && !first) first = next;
    missed |= next->kind == PL_ALERT_GOAL_MISSED;
    ended |= next->kind == PL_ALERT_GOAL_MISSED || next->kind == PL_ALERT_GOAL_MET;
  }
  if (!ended) return next;
  t->ended++, t->missed += missed, t->told += first != NULL;
  if (first && missed) t->left[t->both++] = first->left;
  return next;
}

static void share(char out[16], long long of, long long all) {
  (void)snprintf(out, 16, all ? "%.2f" : "-", (double)of / (double)all);
}

static void print(FILE *out, const char *metric, pl_unit period, tally *t) {
  char precision[16], recall[16], left[16] = "-";
  share(precision, t->both, t->told), share(recall, t->both, t->missed);
  qsort(t->left, (size_t)t->both, sizeof *t->left, ascending);
  if (t->both) (void)snprintf(left, sizeof left, "%.2f", t->left[t->both / 2]);
  (void)fprintf(out, "%-16s %-8s %6lld %7lld %7lld %10s %7s %12s\n", metric, pl_unit_name(period), t->ended,
                t->missed, t->told, precision, recall, left);
}

void pl_score_print(const pl_policy *policy, pl_scored *alerts, size_t n, FILE *out) {
  size_t cells = policy->nmetrics * PL_UNITS;
  tally *all = pl_alloc(cells * sizeof *all);
  for (size_t i = 0; i < cells; i++) all[i].left = pl_alloc(n * sizeof(double));
  if (n) qsort(alerts, n, sizeof *alerts, by_subject);
  for (const pl_scored *a = alerts; a < alerts + n;) a = add(all, a, alerts + n);
  (void)fprintf(out, "%-16s %-8s %6s %7s %7s %10s %7s %12s\n", "metric", "period", "goals", "missed", "told",
                "precision", "recall", "left, median");
  for (size_t i = 0; i < cells; i++) {
    if (all[i].ended) print(out, policy->metrics[i / PL_UNITS].name, (pl_unit)(i % PL_UNITS), &all[i]);
    pl_release(all[i].left, n * sizeof(double));
  }
  pl_release(all, cells * sizeof *all);
}
