/* Figures as text: amounts in the metric's unit, shares with four digits, instants in ISO 8601. */
#include <math.h>
#include <stdio.h>

#include "codec/view.h"

static void amount(double scaled, int decimals, pl_figure_fn *fn, void *ctx, const char *name) {
  char text[48];
  pl_buf buf = {text, 0, sizeof text - 1, sizeof text - 1, false};
  if (isnan(scaled) || fabs(scaled) > 9e18) {
    fn(ctx, name, NULL);
    return;
  }
  pl_buf_decimal(&buf, llround(scaled), decimals);
  text[buf.n] = 0;
  fn(ctx, name, text);
}

static void number(double v, const char *fmt, pl_figure_fn *fn, void *ctx, const char *name) {
  char text[48];
  if (isnan(v)) {
    fn(ctx, name, NULL);
    return;
  }
  (void)snprintf(text, sizeof text, fmt, v);
  fn(ctx, name, text);
}

static void instant(int64_t s, pl_figure_fn *fn, void *ctx, const char *name) {
  char text[PL_ISO_MAX];
  fn(ctx, name, s == INT64_MAX ? NULL : pl_wall_iso(pl_wall_s(s), text));
}

void pl_figures_each(const pl_figures *f, int decimals, pl_figure_fn *fn, void *ctx) {
  double unit = pow(10, decimals);
  fn(ctx, "state", pl_pace_state_name(f->state));
  amount(f->target, decimals, fn, ctx, "target");
  amount(f->agreed, decimals, fn, ctx, "agreed");
  amount(f->gap, decimals, fn, ctx, "gap");
  amount(f->actual, decimals, fn, ctx, "actual");
  number(f->line / unit, "%.2f", fn, ctx, "line");
  number(f->pace, "%.4f", fn, ctx, "pace");
  amount(f->needed_today, decimals, fn, ctx, "needed_today");
  number(f->required_rate / unit, "%.2f", fn, ctx, "required_rate");
  instant(f->crosses_at, fn, ctx, "crosses_at");
  if (f->brief) return;
  number(f->chance, "%.4f", fn, ctx, "chance");
  number(f->projected / unit, "%.2f", fn, ctx, "projected");
  number(f->projected_low / unit, "%.2f", fn, ctx, "projected_low");
  number(f->projected_high / unit, "%.2f", fn, ctx, "projected_high");
  instant(f->judged_at, fn, ctx, "judged_at");
}
