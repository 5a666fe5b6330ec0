#include "codec/amount.h"

#include <math.h>

bool pl_amount_put(pl_buf *out, const pl_metric *m, double scaled, pl_rounding to) {
  if (!(fabs(scaled) <= 9e18)) return false;
  double nearest = round(scaled);
  /* what is off by the last digits of a double is that whole number */
  bool whole = fabs(scaled - nearest) <= 1e-12 * fmax(1, fabs(scaled));
  pl_buf_decimal(out, (int64_t)(to == PL_UP && !whole ? ceil(scaled) : nearest), m ? m->decimals : 0);
  return true;
}

bool pl_amount_say(pl_buf *out, const pl_metric *m, double scaled, pl_rounding to) {
  if (!pl_amount_put(out, m, scaled, to)) return false;
  if (m && m->unit_text) pl_buf_printf(out, " %s", m->unit_text);
  return true;
}
