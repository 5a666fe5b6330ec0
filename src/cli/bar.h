/* Bar: how far something has come, on a terminal: a line that is written over and over, with how much there
 * is, how fast it goes and how long it will take. Where stderr is no terminal, nothing. */
#ifndef PL_CLI_BAR_H
#define PL_CLI_BAR_H

#include <stdbool.h>

#include "base/time.h"

typedef struct {
  const char *what; /* "events" */
  int64_t of;
  int64_t from; /* what was there before it began */
  pl_mono began, shown;
  bool on;
} pl_bar;

void pl_bar_init(pl_bar *bar, const char *what, int64_t from, int64_t of, bool wanted);
/* So much is done; drawn ten times a second at most, and when it is all. */
void pl_bar_show(pl_bar *bar, int64_t done);
void pl_bar_end(pl_bar *bar); /* what is written next begins on a line of its own */

#endif
