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

const char *pl_reason_text(pl_reason reason) {
  switch (reason) {
  case PL_LATE: return "no window of the metrics that it matches holds its instant any more";
  case PL_FUTURE:
    return "it happened later than future_tolerance after its record's own timestamp; look at the producer's "
           "clock";
  case PL_BAD_VALUE:
    return "a field of it is no number of the metric that uses it: text, more digits than its decimals, too "
           "large, or "
           "an instant that is none";
  case PL_CURRENCY:
    return "its currency is not the unit of a metric that adds it up; have a metric for each currency, or "
           "convert";
  case PL_NO_TIME: return "it happened before 1970, or after 2200";
  case PL_TOO_MANY: return "its rep is not in the roster, and unknown_reps_max strangers are known already";
  case PL_MISROUTED:
    return "it lies in another partition than its rep's home; look at the producer's key and partitioner, or "
           "copy the "
           "topic with paceline rekey";
  case PL_NO_GOAL: return "there is no such goal, or it is not proposed or paused as it would have to be";
  case PL_NO_ALERT: return "the alert that it answers was not told to this rep, or is closed";
  case PL_GOALS_IN_FILE: return "goals are in the configuration file; change them there";
  default: return "";
  }
}
