/* Log: what the engine says, in the trace of a loud world and nowhere else. It stands in place of base/log.c,
 * which asks the real clock. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static pl_log_level limit = PL_LOG_ERROR;

void pl_log_set_level(pl_log_level level) { limit = level; }

void pl_log(pl_log_level level, const char *what, const char *fmt, ...) {
  va_list args;
  if (level > limit || limit == PL_LOG_ERROR) return;
  va_start(args, fmt);
  (void)printf("             %s: ", what);
  (void)vprintf(fmt, args);
  (void)printf("\n");
  va_end(args);
}
