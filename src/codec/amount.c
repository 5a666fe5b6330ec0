#include "codec/amount.h"

#include <math.h>

bool pl_amount_put(pl_buf *out, const pl_metric *m, double scaled, pl_rounding to) {
  if (!(fabs(scaled) <= 9e18)) return false;
  /* a hair above a whole number is that number, rounded in its last digits */
  pl_buf_decimal(out, to == PL_UP ? (int64_t)ceil(scaled - 1e-9 * fmax(1, fabs(scaled))) : llround(scaled),
                 m ? m->decimals : 0);
  return true;
}

bool pl_amount_say(pl_buf *out, const pl_metric *m, double scaled, pl_rounding to) {
  if (!pl_amount_put(out, m, scaled, to)) return false;
  if (m && m->unit_text) pl_buf_printf(out, " %s", m->unit_text);
  return true;
}
