#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

pl_status pl_fail(pl_err *err, pl_status status, const char *fmt, ...) {
  if (err) {
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
  }
  return status;
}

void pl_assert_failed(const char *what, const char *file, int line) {
  (void)fprintf(stderr, "paceline: bug: %s is false at %s:%d\n", what, file, line);
  abort();
}
