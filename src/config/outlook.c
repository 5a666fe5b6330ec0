/* Outlook: what a configuration that is right today will be wrong about soon.
 *
 * A list of holidays comes by whole years and ends. From the day on which a goal's period reaches into a year
 * that the list does not have, its working time is too long and its line too flat: nobody sees that on the
 * line, so it is said before. Of goals that come from Kafka only the metrics' calendar windows are known. */
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
  for (size_t i = 0; i < config->calendars.n; i++) {
    int32_t year = pl_civil_of(items[i].listed_to).year;
    if (!items[i].holidays || r.last <= pl_civil_day(year, 12, 31)) continue;
    const pl_yaml *node = pl_yaml_nearest(items[i].item.node, "holidays.file");
    pl_report report = {.file = node->file, .arena = config->arena, .kind = "warning: "};
    char listed[PL_PERIOD_TEXT_MAX], last[PL_PERIOD_TEXT_MAX], period[PL_PERIOD_TEXT_MAX];
    pl_complain(
        &report, node,
        "found no holiday after %s, expected some until %s, when %s%s%.*s%s ends; add those from %d on "
        "to the file, or they count as working days",
        pl_period_text(PL_DAY, items[i].listed_to, listed), pl_period_text(PL_DAY, r.last, last),
        pl_period_text(r.unit, r.index, period), r.goal.n ? " of the goal '" : "", (int)r.goal.n, r.goal.p,
        r.goal.n ? "'" : "", year + 1);
    pl_report_print(&report, out);
  }
}
