#include "cli/lines.h"

#include <math.h>

enum { TENTHS = 10 };
static const double SHRINK_PERIODS = 10;

/* The totals by each tenth of the working time: of one period, or of many. */
typedef struct {
  double by[TENTHS + 1];
  int64_t periods, reps;
} totals;

static void add_period(totals *all, const totals *one) {
  if (one->by[TENTHS] <= 0) return;
  for (int k = 0; k <= TENTHS; k++) all->by[k] += one->by[k];
  all->periods++;
}

static void add_move(totals *one, pl_workcal *cal, int64_t start, int64_t work, const pl_move *m) {
  int64_t done = pl_work_between(cal, start, m->at);
  for (int64_t k = (TENTHS * done + work - 1) / work; k <= TENTHS; k++) one->by[k] += (double)m->by;
}

/* One rep's periods of a metric, as its steps come. */
static void add_story(totals *all, const pl_annals *annals, pl_story *story, int metric, pl_unit unit) {
  const pl_move *first = pl_story_from(story, INT64_MIN), *end = story->moves + story->n;
  pl_workcal *cal = story->rep->cal;
  int64_t until = INT64_MIN, start = 0, work = 0, before = all->periods;
  totals one = {0};
  for (const pl_move *m = first; m < end; m++) {
    if (m->metric != metric) continue;
    if (m->at >= until) {
      add_period(all, &one);
      one = (totals){0};
      int32_t index[PL_UNITS];
      pl_subject_index(story->rep, pl_wall_s(m->at), index);
      start = pl_period_start(pl_workcal_zone(cal), unit, index[unit]);
      until = pl_period_start(pl_workcal_zone(cal), unit, index[unit] + 1);
      work = pl_annals_whole(annals, metric, unit, index[unit]) ? pl_work_between(cal, start, until) : 0;
    }
    if (work > 0) add_move(&one, cal, start, work, m);
  }
  add_period(all, &one);
  all->reps += all->periods > before;
}

/* In hundredths of a percent. */
static int64_t share(const totals *all, int k, int64_t least) {
  double n = (double)all->periods, weight = n / (n + SHRINK_PERIODS);
  double seen = all->by[k] / all->by[TENTHS], straight = (double)k / TENTHS;
  int64_t at = llround(PL_LINE_WHOLE * (weight * seen + (1 - weight) * straight));
  return at < least ? least : at < PL_LINE_WHOLE ? at : PL_LINE_WHOLE - 1;
}

static void print(const totals *all, pl_unit unit, pl_buf *out) {
  pl_buf_printf(out, "  %s: # %lld seen, of %lld reps\n    line: {", pl_unit_name(unit),
                (long long)all->periods, (long long)all->reps);
  int64_t at = 0;
  for (int k = 1; k < TENTHS; k++) {
    at = share(all, k, at);
    pl_buf_printf(out, "%s%d%%: ", k > 1 ? ", " : "", 100 / TENTHS * k);
    pl_buf_decimal(out, at, 2);
    pl_buf_char(out, '%');
  }
  pl_buf_text(out, "}\n");
}

void pl_lines_print(const pl_policy *policy, pl_annals *annals, pl_buf *out) {
  pl_buf_text(
      out,
      "# The lines that this past suggests, for goals on these metrics and periods. Read them, agree to\n"
      "# them, then paste each `line` into its goal.\n");
  for (int m = 0; m < (int)policy->nmetrics; m++) {
    bool named = false;
    for (int w = 0; w < PL_WINDOWS; w++) {
      if (!pl_window_kinds[w].calendar || !(policy->metrics[m].windows >> w & 1)) continue;
      totals all = {0};
      for (pl_map_slot *slot = NULL; (slot = pl_map_next(&annals->stories, slot));)
        add_story(&all, annals, slot->value, m, pl_window_kinds[w].unit);
      if (!all.periods) continue;
      if (!named) pl_buf_printf(out, "%s:\n", policy->metrics[m].name);
      named = true;
      print(&all, pl_window_kinds[w].unit, out);
    }
  }
}
