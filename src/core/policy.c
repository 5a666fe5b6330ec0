#include "paceline/policy.h"

#include <math.h>

#include "base/map.h"

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
    if (!policy->metrics[i].hidden && pl_str_is(name, policy->metrics[i].name)) return (int)i;
  return -1;
}

/* Each condition of the whole is one of the part, for no more values. */
static bool narrows(const pl_metric *part, const pl_filter *condition) {
  for (size_t i = 0; i < part->nwhere; i++) {
    const pl_filter *own = &part->where[i];
    if (own->field != condition->field) continue;
    size_t found = 0;
    for (size_t a = 0; a < own->n; a++)
      for (size_t b = 0; b < condition->n; b++)
        if (pl_str_eq(own->values[a], condition->values[b])) {
          found++;
          break;
        }
    if (found == own->n) return true;
  }
  return false;
}

bool pl_policy_among(const pl_policy *policy, const pl_metric *ratio) {
  const pl_metric *part = &policy->metrics[ratio->num], *whole = &policy->metrics[ratio->den];
  bool among = part->kind == PL_COUNT_OF && whole->kind == PL_COUNT_OF && !(part->types & ~whole->types) &&
               (whole->field < 0 || whole->field == part->field);
  for (size_t i = 0; i < whole->nwhere && among; i++) among = narrows(part, &whole->where[i]);
  return among;
}

uint64_t pl_policy_sources(const pl_policy *policy, size_t metric) {
  const pl_metric *m = &policy->metrics[metric];
  if (m->kind == PL_RATIO_OF) return 1ULL << m->num | 1ULL << m->den;
  return 1ULL << metric | (m->kind == PL_LAST_OF ? 1ULL << m->den : 0);
}

double pl_policy_ratio(const pl_policy *policy, size_t metric, int64_t num, int64_t den) {
  const pl_metric *m = &policy->metrics[metric];
  if (den == 0) return NAN;
  double value = (double)num / (double)den / (m->unit_s ? m->unit_s : 1);
  return pl_metric_unscaled(&policy->metrics[m->num], pl_metric_scaled(&policy->metrics[m->den], value));
}

double pl_metric_unit(const pl_metric *m) {
  double unit = 1;
  for (int i = m ? m->decimals : 0; i > 0; i--) unit *= 10;
  return unit;
}

int pl_policy_calendar(const pl_policy *policy, pl_str name) {
  for (size_t i = 0; i < policy->ncalendars; i++)
    if (pl_str_is(name, policy->calendars[i].name)) return (int)i;
  return -1;
}

uint64_t pl_policy_metric_hash(const pl_policy *policy, size_t metric) {
  const pl_metric *m = &policy->metrics[metric];
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  pl_buf_printf(&text, "%s/%d/%d/", m->name, (int)m->kind, m->decimals);
  for (size_t t = 0; t < policy->ntypes; t++)
    if (m->types >> t & 1) pl_buf_printf(&text, "%s,", policy->types[t]);
  pl_buf_printf(&text, "/%s/", m->field >= 0 ? policy->fields[m->field] : "");
  for (size_t i = 0; i < m->nwhere; i++) {
    pl_buf_printf(&text, "%s=", policy->fields[m->where[i].field]);
    for (size_t v = 0; v < m->where[i].n; v++) pl_buf_json(&text, m->where[i].values[v]);
  }
  pl_buf_printf(&text, "/%x", (unsigned)m->windows);
  const pl_fiscal *f = &policy->fiscal;
  if (f->month && m->windows >> PL_W_MONTH)
    pl_buf_printf(&text, "/%d/%d/%d/%d/%d", (int)f->pattern, f->month, f->weekday, f->nearest,
                  f->named_by_start);
  uint64_t hash = pl_hash(pl_buf_str(&text), 5);
  pl_buf_fini(&text);
  return hash;
}
