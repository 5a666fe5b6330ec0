/* Outlook: what a configuration that is right today will be wrong about soon, and what in it is hardly meant.
 *
 * A shutdown of days is why calendars have `closed`; one in which a whole week or month of a goal disappears
 * may be a typing error, and nobody would be told of it: the period has no working time, so nobody is judged.
 * A list of holidays comes by whole years and ends. From the day on which a goal's period reaches into a year
 * that the list does not have, its working time is too long and its line too flat: nobody sees that on the
 * line, so it is said before. Of goals that come from Kafka only the metrics' calendar windows are known. */
#include <stdlib.h>

#include "base/civil.h"
#include "config/item.h"
#include "paceline/period.h"

typedef struct {
  int32_t last; /* its last day */
  pl_unit unit;
  int32_t index;
  pl_str goal; /* empty: any that there may be */
} reach;

static void extend(reach *r, const pl_policy *p, pl_unit unit, int32_t day, pl_str goal) {
  int32_t index = pl_fiscal_period(&p->fiscal, unit, day), last = pl_period_first_day(unit, index + 1) - 1;
  if (last > r->last) *r = (reach){last, unit, index, goal};
}

static int by_day(const void *day, const void *exception) {
  int32_t a = *(const int32_t *)day, b = ((const pl_exception *)exception)->day;
  return (a > b) - (a < b);
}

static bool is_free(const pl_calendar_def *cal, int32_t day) {
  const pl_exception *e =
      cal->nexceptions ? bsearch(&day, cal->exceptions, cal->nexceptions, sizeof *e, by_day) : NULL;
  return (e ? e->hours.n : cal->week[pl_weekday(day)].n) == 0;
}

static bool is_empty(const pl_calendar_def *cal, pl_unit unit, int32_t index) {
  int32_t day = pl_period_first_day(unit, index), end = pl_period_first_day(unit, index + 1);
  while (day < end && is_free(cal, day)) day++;
  return day == end;
}

/* The first period of the unit from that day on that has no working day for the calendar's free days. */
static bool find_empty(const pl_policy *p, const pl_calendar_def *cal, pl_unit unit, int32_t today,
                       int32_t *found) {
  int32_t seen = pl_fiscal_period(&p->fiscal, unit, today) - 1;
  for (size_t i = 0; i < cal->nexceptions; i++) {
    if (cal->exceptions[i].hours.n || cal->exceptions[i].day < today) continue;
    int32_t index = pl_fiscal_period(&p->fiscal, unit, cal->exceptions[i].day);
    if (index <= seen) continue;
    if (is_empty(cal, unit, index)) return *found = index, true;
    seen = index;
  }
  return false;
}

/* A goal of that period which holds in it; NULL: there is none. */
static const pl_goal_fact *goal_in(const pl_policy *p, pl_unit unit, int32_t index) {
  for (size_t i = 0; i < p->ngoals; i++)
    for (size_t k = 0; k < p->goals[i].n; k++) {
      const pl_goal_fact *g = &p->goals[i].goals[k];
      if (g->period == unit && g->status == PL_GOAL_AGREED && g->from < pl_period_first_day(unit, index + 1))
        return g;
    }
  return NULL;
}

/* The longest period is said; those within it follow. */
static void warn_of_empty(const pl_policy *p, const pl_calendar_item *item, int32_t today,
                          pl_report *report) {
  const pl_calendar_def *cal = &p->calendars[pl_policy_calendar(p, pl_str_of(item->item.name))];
  for (pl_unit u = PL_YEAR; u >= PL_WEEK; u--) {
    int32_t index = 0;
    const pl_goal_fact *g = find_empty(p, cal, u, today, &index) ? goal_in(p, u, index) : NULL;
    if (!g) continue;
    char period[PL_PERIOD_TEXT_MAX];
    pl_complain(report, pl_yaml_nearest(item->item.node, "closed"),
                "found no working time in the whole of %s, expected some: the goal '%.*s' has that %s, and "
                "nobody would be judged in it; shorten the days off unless that is meant",
                pl_period_text(u, index, period), (int)g->name.n, g->name.p, pl_unit_name(u));
    return;
  }
}

/* The period that ends last among those which have begun or are planned. */
static reach farthest(const pl_policy *p, int32_t today) {
  reach r = {.last = INT32_MIN};
  for (size_t i = 0; i < p->ngoals; i++)
    for (size_t k = 0; k < p->goals[i].n; k++) {
      const pl_goal_fact *g = &p->goals[i].goals[k];
      extend(&r, p, g->period, g->from > today ? g->from : today, g->name);
    }
  for (size_t i = 0; i < p->nmetrics && !p->ngoals; i++)
    for (pl_unit u = PL_DAY; u <= PL_YEAR; u++)
      if (p->metrics[i].windows & 1u << (PL_W_DAY + u - PL_DAY)) extend(&r, p, u, today, (pl_str){"", 0});
  return r;
}

void pl_config_outlook(const pl_config *config, int32_t today, pl_buf *out) {
  reach r = farthest(&config->policy, today);
  const pl_calendar_item *items = config->calendars.p;
  pl_report report = *config->warnings;
  for (size_t i = 0; i < config->calendars.n; i++) {
    int32_t year = pl_civil_of(items[i].listed_to).year;
    warn_of_empty(&config->policy, &items[i], today, &report);
    if (!items[i].holidays || r.last <= pl_civil_day(year, 12, 31)) continue;
    const pl_yaml *node = pl_yaml_nearest(items[i].item.node, "holidays.file");
    char listed[PL_PERIOD_TEXT_MAX], last[PL_PERIOD_TEXT_MAX], period[PL_PERIOD_TEXT_MAX];
    pl_complain(
        &report, node,
        "found no holiday after %s, expected some until %s, when %s%s%.*s%s ends; add those from %d on "
        "to the file, or they count as working days",
        pl_period_text(PL_DAY, items[i].listed_to, listed), pl_period_text(PL_DAY, r.last, last),
        pl_period_text(r.unit, r.index, period), r.goal.n ? " of the goal '" : "", (int)r.goal.n, r.goal.p,
        r.goal.n ? "'" : "", year + 1);
  }
  pl_report_print(&report, out);
}
