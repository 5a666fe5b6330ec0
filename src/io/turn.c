#include "io/turn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static _Thread_local struct {
  int schedstat;    /* -1: the kernel does not tell */
  const char *now;  /* who was called last; NULL: nobody yet */
  int64_t since;    /* when */
  const char *most; /* who has taken most of it... */
  int64_t most_us;  /* ...and how much in one go */
  int64_t began,
      waited;   /* the first call, and how long it had waited for a processor until then, microseconds */
  int64_t used; /* time on the processor when the last turn ended, microseconds */
} turn = {.schedstat = -1};

static volatile sig_atomic_t stood_still;

static void on_continued(int signal) {
  (void)signal;
  stood_still = 1;
}

static int64_t used_us(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* schedstat: nanoseconds on a processor, nanoseconds of waiting for one, slices. */
static int64_t waited_us(void) {
  char text[80];
  ssize_t n = turn.schedstat < 0 ? -1 : pread(turn.schedstat, text, sizeof text, 0);
  const char *second = n > 0 ? memchr(text, ' ', (size_t)n) : NULL;
  if (!second) return 0;
  const char *end = memchr(second + 1, ' ', (size_t)(text + n - second - 1));
  int64_t ns;
  return end && pl_str_int((pl_str){second + 1, (size_t)(end - second - 1)}, &ns) ? ns / 1000 : 0;
}

void pl_turn_open(void) {
  struct sigaction action = {.sa_handler = on_continued, .sa_flags = SA_RESTART};
  (void)sigaction(SIGCONT, &action, NULL);
  if (turn.schedstat < 0) turn.schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  turn.now = NULL, turn.used = used_us();
}

/* Whoever was called last is done. */
static void account(int64_t now) {
  if (turn.now && now - turn.since > turn.most_us) turn.most = turn.now, turn.most_us = now - turn.since;
  turn.since = now;
}

void pl_turn_enter(const char *what) {
  int64_t now = pl_clock_mono().us;
  if (!turn.now) turn.began = now, turn.waited = waited_us(), turn.most = what, turn.most_us = 0;
  account(now);
  turn.now = what;
}

int64_t pl_turn_leave(const char **by) {
  int64_t used = used_us(), busy = used - turn.used;
  *by = NULL;
  if (turn.now) {
    int64_t now = pl_clock_mono().us, wall = now - turn.began;
    account(now);
    *by = turn.most;
    if (wall > busy) wall -= waited_us() - turn.waited;
    if (wall > busy) busy = wall;
  }
  turn.now = NULL, turn.used = used;
  if (stood_still) return stood_still = 0;
  return busy;
}
