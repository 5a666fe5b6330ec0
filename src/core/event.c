#include "paceline/event.h"

static const char *const own[] = {"heartbeat",   "adjustment",   "goal_proposed", "goal_agreed",
                                  "goal_paused", "goal_resumed", "answer"};

int pl_type_own(pl_str name) {
  for (int i = 0; PL_TYPE_HEARTBEAT - i >= PL_TYPE_LAST; i++)
    if (pl_str_is(name, own[i])) return PL_TYPE_HEARTBEAT - i;
  return PL_TYPE_OTHER;
}

const char *pl_type_own_name(int type) { return own[PL_TYPE_HEARTBEAT - type]; }

const char *pl_reason_name(pl_reason reason) {
  static const char *const names[PL_REASONS] = {
      "applied",   "duplicate", "skipped", "unmapped",  "late",    "future",   "no_rep",       "bad_id",
      "bad_value", "currency",  "erased",  "too_many",  "wire",    "schema",   "body",         "too_large",
      "no_time",   "no_type",   "stamp",   "misrouted", "no_goal", "no_alert", "goals_in_file"};
  return names[reason];
}
