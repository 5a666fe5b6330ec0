#include "core/alert.h"

#include <math.h>
#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"

const char *pl_alert_kind_name(pl_alert_kind kind) {
  static const char *const names[PL_ALERT_KINDS] = {
      "behind", "recovered", "goal_met",  "goal_missed", "milestone_reached", "milestone_missed", "slump",
      "silent", "streak",    "corrected", "feed_stale",  "goal_proposed",     "goal_agreed",      "goal_gap"};
  return names[kind];
}

const char *pl_audience_name(pl_audience audience) {
  static const char *const names[] = {"rep", "manager", "team", "ops"};
  return names[audience];
}

pl_figures pl_figures_none(void) {
  return (pl_figures){.state = PL_UNKNOWN,
                      .brief = true,
                      .actual = NAN,
                      .target = NAN,
                      .agreed = NAN,
                      .gap = NAN,
                      .line = NAN,
                      .pace = NAN,
                      .chance = NAN,
                      .needed_today = NAN,
                      .required_rate = NAN,
                      .projected = NAN,
                      .projected_low = NAN,
                      .projected_high = NAN,
                      .crosses_at = INT64_MAX,
                      .judged_at = INT64_MAX};
}

void pl_alert_id(char out[PL_ALERT_ID_MAX], bool is_team, pl_str entity, pl_str goal, pl_alert_kind kind,
                 pl_unit period, int32_t index, uint32_t seq) {
  char buf[2 * PL_ID_MAX + 128], when[PL_PERIOD_TEXT_MAX];
  int n = snprintf(buf, sizeof buf, "%s/%.*s/%.*s/%s/%s/%s/%u", is_team ? "team" : "rep", (int)entity.n,
                   entity.p, (int)goal.n, goal.p, pl_alert_kind_name(kind), pl_unit_name(period),
                   pl_period_text(period, index, when), (unsigned)seq);
  PL_ASSERT(n > 0 && (size_t)n < sizeof buf);
  pl_str about = {buf, (size_t)n};
  (void)snprintf(out, PL_ALERT_ID_MAX, "%016llx%016llx", (unsigned long long)pl_hash(about, 1),
                 (unsigned long long)pl_hash(about, 2));
}

pl_alert *pl_alert_new(pl_alert_kind kind, pl_audience audience, const char *recipient, const char *goal,
                       const char *metric) {
  pl_alert *alert = PL_NEW(pl_alert);
  alert->kind = kind, alert->audience = audience, alert->cause = PL_CAUSE_NONE;
  alert->turn = alert->answered = PL_NEVER;
  alert->answer = pl_text_new(PL_STR("")), alert->plan = pl_text_new(PL_STR(""));
  alert->recipient = pl_text_new(pl_str_of(recipient)), alert->goal = pl_text_new(pl_str_of(goal)),
  alert->metric = pl_text_new(pl_str_of(metric));
  return alert;
}

void pl_alert_put(pl_alert **list, pl_alert *alert) {
  while (*list) list = &(*list)->next;
  *list = alert;
}

void pl_alert_free(pl_alert **list) {
  while (*list) {
    pl_alert *next = (*list)->next;
    pl_text_free(&(*list)->recipient), pl_text_free(&(*list)->goal), pl_text_free(&(*list)->metric);
    pl_text_free(&(*list)->answer), pl_text_free(&(*list)->plan);
    pl_release(*list, sizeof **list);
    *list = next;
  }
}
