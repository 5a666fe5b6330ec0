#include "cli/bar.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { WIDTH = 24, STEP_US = 100000 };

void pl_bar_init(pl_bar *b, const char *what, int64_t from, int64_t of, bool wanted) {
  *b = (pl_bar){.what = what, .of = of, .from = from, .began = pl_clock_mono()};
  b->on = wanted && isatty(STDERR_FILENO);
}

void pl_bar_show(pl_bar *b, int64_t done) {
  static const char full[] = "########################";
  _Static_assert(sizeof full == WIDTH + 1, "a bar is as wide as it is");
  pl_mono now = pl_clock_mono();
  if (!b->on || (done < b->of && now.us - b->shown.us < STEP_US)) return;
  b->shown = now;
  double share = b->of ? (double)done / (double)b->of : 1, seconds = (double)(now.us - b->began.us) / 1e6;
  double rate = seconds > 0 ? (double)(done - b->from) / seconds : 0;
  int64_t left = rate > 0 ? (int64_t)((double)(b->of - done) / rate) : 0;
  (void)fprintf(stderr, "\r[%-*.*s] %3d %%  %lld of %lld %s  %.0f/s  %lld:%02d left  ", WIDTH,
                (int)(share * WIDTH), full, (int)(share * 100), (long long)done, (long long)b->of, b->what,
                rate, (long long)(left / 60), (int)(left % 60));
}

void pl_bar_end(pl_bar *b) {
  if (b->on && b->shown.us) (void)fputc('\n', stderr);
  b->on = false;
}
