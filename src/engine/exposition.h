/* Exposition: metrics as Prometheus reads them. */
#ifndef PL_ENGINE_EXPOSITION_H
#define PL_ENGINE_EXPOSITION_H

#include "base/text.h"

/* What comes before a metric's values. */
static inline void pl_metric_family(pl_buf *out, const char *name, const char *type, const char *help) {
  pl_buf_printf(out, "# HELP paceline_%s %s\n# TYPE paceline_%s %s\n", name, help, name, type);
}

#endif
