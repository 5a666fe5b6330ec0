/* A period that has ended: its metrics and goals, as they stood then. */
#include <math.h>

#include "codec/view_inside.h"

static const int64_t PAST_S = 400LL * 86400;
enum { ERASE_DAYS = 500 /* a period's end lies at most so far back, and a little */ };

void pl_view_past(pl_view *view, pl_batch *batch, const pl_subject *s, const pl_past *past) {
  const pl_policy *policy = s->core->policy;
  pl_key key = pl_key_past(view->prefix, s->is_team, pl_subject_id(s), past->unit, past->index);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key));
  for (size_t m = 0; m < policy->nmetrics; m++) {
    const pl_metric *metric = &policy->metrics[m];
    bool shown = false;
    for (int w = PL_W_DAY; w < PL_WINDOWS; w++)
      shown |= (metric->windows >> w & 1) && pl_window_kinds[w].unit == past->unit;
    bool ratio = metric->kind == PL_RATIO_OF;
    uint64_t parts = ratio ? 1ULL << metric->num | 1ULL << metric->den : 1ULL << m;
    if (!shown || metric->hidden || (past->known & parts) != parts) continue;
    double value =
        ratio ? pl_policy_ratio(policy, m, past->values[metric->num], past->values[metric->den]) : 0;
    if (!ratio) {
      pl_view_decimal(view, batch, pl_str_of(metric->name), past->values[m], metric->decimals);
    } else if (isfinite(value)) {
      pl_buf_clear(&view->scratch);
      pl_buf_real(&view->scratch, value, metric->decimals);
      pl_view_field(batch, pl_str_of(metric->name), pl_buf_str(&view->scratch));
    }
  }
  for (size_t i = 0; i < past->ngoals; i++) {
    pl_batch_split(batch, "HSET", pl_key_str(&key));
    pl_view_figures(view, batch, past->goals[i].name, &past->goals[i].figures,
                    &policy->metrics[past->goals[i].metric]);
  }
  pl_buf_clear(&view->absent);
  if (pl_batch_words(batch) == 2) {
    pl_batch_undo(batch);
    return;
  }
  pl_batch_end(batch);
  pl_batch_begin(batch, "EXPIRE");
  pl_batch_arg(batch, pl_key_str(&key)), pl_batch_int(batch, PAST_S);
  pl_batch_end(batch);
}

void pl_view_erase_pasts(pl_view *view, pl_batch *batch, const pl_subject *s) {
  int32_t today = pl_subject_day(s, view->now);
  for (int u = PL_DAY; u <= PL_YEAR; u++) {
    int32_t first = pl_subject_period(s, (pl_unit)u, today - ERASE_DAYS),
            last = pl_subject_period(s, (pl_unit)u, today);
    pl_batch_begin(batch, "UNLINK");
    for (int32_t index = first; index <= last; index++) {
      pl_key key = pl_key_past(view->prefix, s->is_team, pl_subject_id(s), (pl_unit)u, index);
      pl_batch_arg(batch, pl_key_str(&key));
    }
    pl_batch_end(batch);
  }
}
