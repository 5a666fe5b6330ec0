/* Figures as text: amounts in the metric's unit, shares with four digits, instants in ISO 8601. */
#include <math.h>

#include "codec/amount.h"
#include "codec/view.h"

enum { NUMBER_MAX = 340 }; /* a double in full */

static void amount(double scaled, const pl_metric *m, pl_figure_fn *fn, void *ctx, const char *name) {
  char text[48];
  pl_buf buf = {text, 0, sizeof text - 1, sizeof text - 1, false};
  bool known = pl_amount_put(&buf, m, scaled, PL_NEAREST);
  text[buf.n] = 0;
  fn(ctx, name, known ? text : NULL);
}

static void number(double v, int decimals, pl_figure_fn *fn, void *ctx, const char *name) {
  char text[NUMBER_MAX];
  pl_buf buf = {text, 0, sizeof text - 1, sizeof text - 1, false};
  if (isfinite(v)) pl_buf_real(&buf, v, decimals);
  text[buf.n] = 0;
  fn(ctx, name, buf.n ? text : NULL);
}

static void instant(int64_t s, pl_figure_fn *fn, void *ctx, const char *name) {
  char text[PL_ISO_MAX];
  fn(ctx, name, s == INT64_MAX ? NULL : pl_wall_iso(pl_wall_s(s), text));
}

/* What events and time move, but for what costs a search. */
static void moving(const pl_figures *f, const pl_metric *m, pl_figure_fn *fn, void *ctx) {
  amount(f->actual, m, fn, ctx, "actual");
  number(pl_metric_unscaled(m, f->line), 2, fn, ctx, "line");
  number(f->pace, 4, fn, ctx, "pace");
  amount(f->needed_today, m, fn, ctx, "needed_today");
  number(pl_metric_unscaled(m, f->required_rate), 2, fn, ctx, "required_rate");
  instant(f->crosses_at, fn, ctx, "crosses_at");
}

void pl_figures_moving(const pl_figures *f, const pl_metric *m, pl_figure_fn *fn, void *ctx) {
  fn(ctx, "state", pl_pace_state_name(f->state));
  moving(f, m, fn, ctx);
}

void pl_figures_each(const pl_figures *f, const pl_metric *m, pl_figure_fn *fn, void *ctx) {
  fn(ctx, "state", pl_pace_state_name(f->state));
  amount(f->target, m, fn, ctx, "target");
  amount(f->agreed, m, fn, ctx, "agreed");
  if (!isnan(f->gap)) amount(f->gap, m, fn, ctx, "gap"); /* it goes with a whole rewrite only */
  moving(f, m, fn, ctx);
  if (f->brief) return;
  number(f->chance, 4, fn, ctx, "chance");
  number(pl_metric_unscaled(m, f->projected), 2, fn, ctx, "projected");
  number(pl_metric_unscaled(m, f->projected_low), 2, fn, ctx, "projected_low");
  number(pl_metric_unscaled(m, f->projected_high), 2, fn, ctx, "projected_high");
  instant(f->judged_at, fn, ctx, "judged_at");
}
