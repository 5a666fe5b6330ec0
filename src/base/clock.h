/* Clock: the one place that reads one. The engine and the adapters ask here; the core cannot (a test holds
 * its undefined symbols against an allow-list). */
#ifndef PL_BASE_CLOCK_H
#define PL_BASE_CLOCK_H

#include "base/time.h"

pl_wall pl_clock_wall(void);
pl_mono pl_clock_mono(void);

#endif
