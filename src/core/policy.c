#include "paceline/policy.h"

const char *pl_unit_name(pl_unit unit) {
  static const char *const names[PL_UNITS] = {"5min", "hour", "day", "week", "month", "quarter", "year"};
  return names[unit];
}

const pl_window_kind pl_window_kinds[PL_WINDOWS] = {
    [PL_W_1H] = {"1h", PL_5MIN, 12, false},      [PL_W_24H] = {"24h", PL_HOUR, 24, false},
    [PL_W_7D] = {"7d", PL_DAY, 7, false},        [PL_W_30D] = {"30d", PL_DAY, 30, false},
    [PL_W_DAY] = {"day", PL_DAY, 1, true},       [PL_W_WEEK] = {"week", PL_WEEK, 1, true},
    [PL_W_MONTH] = {"month", PL_MONTH, 1, true}, [PL_W_QUARTER] = {"quarter", PL_QUARTER, 1, true},
    [PL_W_YEAR] = {"year", PL_YEAR, 1, true},
};

int pl_policy_metric(const pl_policy *policy, pl_str name) {
  for (size_t i = 0; i < policy->nmetrics; i++)
    if (pl_str_is(name, policy->metrics[i].name)) return (int)i;
  return -1;
}

int pl_policy_calendar(const pl_policy *policy, pl_str name) {
  for (size_t i = 0; i < policy->ncalendars; i++)
    if (pl_str_is(name, policy->calendars[i].name)) return (int)i;
  return -1;
}
