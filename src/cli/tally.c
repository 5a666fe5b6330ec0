#include "cli/tally.h"

#include <math.h>

enum { DERIVED_DECIMALS = 4 };

const char *const pl_shown_names[PL_SHOWN_KINDS] = {"", ":prev", ":trend", ":prev:bias", ":prev:accuracy"};

bool pl_shown_given(const pl_policy *policy, size_t metric, pl_window window, pl_shown shown) {
  const pl_metric *m = &policy->metrics[metric];
  if (m->hidden || !(m->windows >> window & 1)) return false;
  if (shown == PL_SHOWN) return true;
  if (!pl_window_kinds[window].calendar) return false;
  if (shown == PL_SHOWN_PREV) return true;
  if (shown == PL_SHOWN_TREND) return m->kind == PL_RATIO_OF;
  return m->kind == PL_LAST_OF && m->forecasts >= 0 && (policy->metrics[m->forecasts].windows >> window & 1);
}

/* --- sums */

static bool counts(const pl_counted *who, const pl_person *p, const pl_entry *e, size_t metric,
                   pl_unit unit) {
  return e->metric == metric && e->position < p->upto && (e->units >> unit & 1) &&
         (!who->team.p || pl_str_eq(pl_person_team(p, e->day), who->team));
}

static int32_t index_of(const pl_counted *who, const pl_entry *e, pl_unit unit) {
  return pl_unit_index(who->config, unit, e->at, e->day);
}

/* What the newest event of the period said, wherever in time its record came; of a rep's teams, that one's in
 * which it was said. */
static int64_t last_word(const pl_counted *who, const pl_person *p, size_t metric, pl_unit unit,
                         int32_t index) {
  const pl_counted anywhere = {.config = who->config};
  const pl_entry *newest = NULL;
  for (size_t i = 0; p->ledger && i < p->ledger->n; i++) {
    const pl_entry *e = &p->ledger->entries[i];
    if (counts(&anywhere, p, e, metric, unit) && index_of(who, e, unit) == index &&
        (!newest || newest->at.ms <= e->at.ms))
      newest = e;
  }
  return newest && counts(who, p, newest, metric, unit) ? newest->amount : 0;
}

static int32_t newest(const pl_counted *who, size_t metric, pl_unit unit) {
  int32_t newest = INT32_MIN;
  for (size_t k = 0; k < who->n; k++)
    for (size_t i = 0; who->people[k]->ledger && i < who->people[k]->ledger->n; i++) {
      const pl_entry *e = &who->people[k]->ledger->entries[i];
      if (counts(who, who->people[k], e, metric, unit) && index_of(who, e, unit) > newest)
        newest = index_of(who, e, unit);
    }
  return newest;
}

/* The bucket before which nothing is remembered: an event ahead of its time leaves the oldest ones behind. */
static int32_t oldest(const pl_counted *who, size_t metric, pl_unit unit) {
  int32_t from = newest(who, metric, unit);
  return from == INT32_MIN ? from : from - pl_unit_spans[unit] + 1;
}

static int64_t sum(const pl_counted *who, size_t metric, pl_window window, int32_t last) {
  const pl_window_kind *kind = &pl_window_kinds[window];
  int32_t first = last - kind->span + 1, kept = kind->calendar ? first : oldest(who, metric, kind->unit);
  bool is_last = who->config->policy.metrics[metric].kind == PL_LAST_OF;
  __extension__ __int128 total = 0;
  if (kept > first) first = kept;
  for (size_t k = 0; k < who->n; k++) {
    const pl_person *p = who->people[k];
    if (is_last) total += last_word(who, p, metric, kind->unit, last);
    for (size_t i = 0; !is_last && p->ledger && i < p->ledger->n; i++) {
      const pl_entry *e = &p->ledger->entries[i];
      if (!counts(who, p, e, metric, kind->unit)) continue;
      int32_t index = index_of(who, e, kind->unit);
      if (index >= first && index <= last) total += e->amount;
    }
  }
  return total > INT64_MAX ? INT64_MAX : total < INT64_MIN ? INT64_MIN : (int64_t)total;
}

/* --- what is made of them */

/* In the metric's unit; NAN: of nothing. */
static double value_of(const pl_counted *who, size_t metric, pl_window window, int32_t index) {
  const pl_policy *policy = &who->config->policy;
  const pl_metric *m = &policy->metrics[metric];
  if (m->kind != PL_RATIO_OF) return (double)sum(who, metric, window, index) / pow(10, m->decimals);
  int64_t den = sum(who, (size_t)m->den, window, index);
  if (den == 0) return NAN;
  int shift = policy->metrics[m->den].decimals - policy->metrics[m->num].decimals;
  return (double)sum(who, (size_t)m->num, window, index) / (double)den * pow(10, shift) /
         (m->unit_s ? m->unit_s : 1);
}

static double bias(const pl_counted *who, size_t metric, pl_window window, int32_t index) {
  const pl_metric *m = &who->config->policy.metrics[metric];
  double actual = value_of(who, (size_t)m->forecasts, window, index);
  if (actual == 0 || sum(who, (size_t)m->den, window, index) == 0) return NAN;
  return (value_of(who, metric, window, index) - actual) / fabs(actual);
}

pl_figure pl_tally(const pl_counted *who, size_t metric, pl_window window, pl_shown shown, int32_t index) {
  const pl_metric *m = &who->config->policy.metrics[metric];
  pl_figure f = {.decimals = shown <= PL_SHOWN_PREV ? m->decimals : DERIVED_DECIMALS};
  int32_t at = shown == PL_SHOWN ? index : index - 1;
  if (shown <= PL_SHOWN_PREV && m->kind != PL_RATIO_OF) {
    f.whole = true, f.scaled = sum(who, metric, window, at);
    return f;
  }
  if (shown <= PL_SHOWN_PREV) {
    f.value = value_of(who, metric, window, at);
  } else if (shown == PL_SHOWN_TREND) {
    double before = value_of(who, metric, window, at);
    f.value = before > 0 ? value_of(who, metric, window, index) / before : NAN;
  } else {
    f.value = bias(who, metric, window, at);
    if (shown == PL_SHOWN_ACCURACY && !isnan(f.value)) f.value = fmax(0, 1 - fabs(f.value));
  }
  f.absent = !isfinite(f.value);
  return f;
}

int32_t pl_tally_newest(const pl_counted *who, size_t metric, pl_unit unit) {
  const pl_metric *m = &who->config->policy.metrics[metric];
  if (m->kind != PL_RATIO_OF) return newest(who, metric, unit);
  int32_t num = newest(who, (size_t)m->num, unit), den = newest(who, (size_t)m->den, unit);
  return num > den ? num : den;
}

pl_wall pl_tally_touched(const pl_counted *who, size_t metric) {
  const pl_policy *policy = &who->config->policy;
  const pl_metric *m = &policy->metrics[metric];
  bool ratio = m->kind == PL_RATIO_OF;
  pl_wall newest = PL_BEGINNING;
  for (size_t k = 0; k < who->n; k++)
    for (size_t i = 0; who->people[k]->ledger && i < who->people[k]->ledger->n; i++) {
      const pl_entry *e = &who->people[k]->ledger->entries[i];
      if (e->position < who->people[k]->upto &&
          (e->metric == metric || (ratio && (e->metric == m->num || e->metric == m->den))))
        newest = pl_later(newest, e->stamp);
    }
  return newest;
}

/* --- as text */

bool pl_figure_is(const pl_figure *f, const pl_str *found) {
  int64_t scaled;
  double value;
  if (f->absent) return !found;
  if (f->whole)
    return found ? pl_str_decimal(*found, f->decimals, &scaled) && scaled == f->scaled : f->scaled == 0;
  if (!found || !pl_str_double(*found, &value)) return false;
  double half = 0.5 * pow(10, -f->decimals); /* a tie may be rounded either way */
  return fabs(value - f->value) <= half + 1e-12 * fmax(1, fabs(f->value));
}

void pl_figure_text(const pl_figure *f, pl_buf *out) {
  if (f->absent)
    pl_buf_text(out, "nothing");
  else if (f->whole)
    pl_buf_decimal(out, f->scaled, f->decimals);
  else
    pl_buf_printf(out, "%.*f", f->decimals, f->value);
}
