#include "paceline/event.h"

const char *pl_reason_name(pl_reason reason) {
  static const char *const names[PL_REASONS] = {
      "applied",   "duplicate", "skipped",  "late",      "future",  "no_rep",       "bad_id",
      "bad_value", "erased",    "too_many", "wire",      "schema",  "body",         "too_large",
      "no_time",   "no_type",   "stamp",    "misrouted", "no_goal", "goals_in_file"};
  return names[reason];
}
