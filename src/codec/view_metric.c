/* The counters of a view: what each metric shows in each of its windows. */
#include <math.h>

#include "codec/view_inside.h"
#include "core/reading.h"

/* Counters are whole numbers to the last digit; what is made of them is not. */
bool pl_view_value(pl_view *view, const pl_subject *s, size_t metric, pl_window window, pl_reading reading) {
  const pl_metric *m = &s->core->policy->metrics[metric];
  pl_buf_clear(&view->scratch);
  if (m->kind != PL_RATIO_OF && reading <= PL_PREV) {
    pl_buf_decimal(&view->scratch, pl_subject_window(s, (int)metric, window, reading == PL_PREV, view->now),
                   m->decimals);
    return true;
  }
  double value = pl_reading_of(s, metric, window, reading, view->now);
  if (!isfinite(value)) return false;
  pl_buf_real(&view->scratch, value, pl_reading_decimals(m, reading));
  return true;
}

bool pl_view_touched(const pl_subject *s, size_t metric) {
  return s->touched_all || (s->touched & pl_reading_sources(s->core->policy, metric));
}

static bool is_past(pl_reading reading) { return reading != PL_NOW && reading != PL_TREND; }

/* calls:day, calls:week:prev, win_rate:month:trend */
void pl_view_metric(pl_view *view, pl_batch *batch, const pl_subject *s, size_t metric, bool past) {
  const pl_policy *policy = s->core->policy;
  const pl_metric *m = &policy->metrics[metric];
  pl_view_name name;
  for (uint32_t left = m->hidden ? 0 : m->windows; left; left &= left - 1) {
    int w = __builtin_ctz(left);
    const char *const parts[] = {m->name, ":", pl_window_kinds[w].name};
    pl_view_stem(&name, parts, PL_COUNT(parts));
    for (int r = 0; r < PL_READINGS; r++) {
      bool average =
          r == PL_TEAM_AVG; /* moves with others' events: with refreshes only, that leave none behind */
      if (is_past((pl_reading)r) != past || (average && (s->is_team || !s->touched_all))) continue;
      if (!pl_reading_given(policy, metric, (pl_window)w, (pl_reading)r)) continue;
      pl_str field = pl_view_end(&name, pl_reading_names[r]);
      if (pl_view_value(view, s, metric, (pl_window)w, (pl_reading)r))
        pl_view_field(batch, field, pl_buf_str(&view->scratch));
      else if (!average)
        pl_view_absent(view, field);
    }
  }
}
