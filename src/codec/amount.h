/* Amount: so much of a metric, as text in its unit. One place says how it is rounded. */
#ifndef PL_CODEC_AMOUNT_H
#define PL_CODEC_AMOUNT_H

#include "paceline/policy.h"

typedef enum { PL_NEAREST, PL_UP /* so that who does as much has done enough */ } pl_rounding;

/* `12.5`; NULL: of no metric, in whole ones. False, with nothing written: it is not known (NAN), or beyond
 * what is counted. */
bool pl_amount_put(pl_buf *out, const pl_metric *m, double scaled, pl_rounding to);
/* With the unit, if the metric has one: `12.5 EUR`. */
bool pl_amount_say(pl_buf *out, const pl_metric *m, double scaled, pl_rounding to);

#endif
