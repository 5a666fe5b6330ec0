#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static pl_log_level limit = PL_LOG_INFO;

void pl_log_set_level(pl_log_level level) { limit = level; }

/* Recent classes; a class that falls out of the table starts a new burst, which errs on the side of telling.
 */
static struct {
  const char *what;
  int64_t second;
  int lines, held;
} classes[64];

void pl_log(pl_log_level level, const char *what, const char *fmt, ...) {
  static const char *const names[] = {"error", "warn", "info", "debug"};
  if (level > limit) return;
  size_t h = 5381;
  for (const char *c = what; *c; c++) h = h * 33 + (unsigned char)*c;
  h %= PL_COUNT(classes);
  int64_t second = pl_clock_mono().us / 1000000;
  int held = 0;
  if (!classes[h].what || strcmp(classes[h].what, what) != 0 || classes[h].second != second) {
    held = classes[h].what && strcmp(classes[h].what, what) == 0 ? classes[h].held : 0;
    classes[h].what = what, classes[h].second = second, classes[h].lines = 0, classes[h].held = 0;
  }
  if (classes[h].lines++ >= PL_LOG_BURST) {
    classes[h].held++;
    return;
  }
  char line[1400], at[PL_ISO_MAX], text[1024];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  for (char *c = text; *c; c++)
    if (*c == '\n' || *c == '"') *c = *c == '\n' ? ' ' : '\'';
  int n = snprintf(line, sizeof line, "ts=%s level=%s what=%s msg=\"%s\"", pl_wall_iso(pl_clock_wall(), at),
                   names[level], what, text);
  if (held) n += snprintf(line + n, sizeof line - (size_t)n, " held_back=%d", held);
  line[n++] = '\n';
  if (write(STDERR_FILENO, line, (size_t)n) < 0) return; /* a full disk does not stop the loop */
}
