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
  int schedstat;         /* -1: the kernel does not tell */
  const char *first;     /* NULL: nobody was called yet */
  int64_t began, waited; /* when, and how long it had waited for a processor until then, microseconds */
  int64_t used;          /* time on the processor when the last turn ended, microseconds */
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
  turn.first = NULL, turn.used = used_us();
}

void pl_turn_enter(const char *what) {
  if (turn.first) return;
  turn.first = what;
  turn.began = pl_clock_mono().us, turn.waited = waited_us();
}

int64_t pl_turn_leave(const char **by) {
  int64_t used = used_us(), busy = used - turn.used;
  *by = turn.first;
  if (turn.first) {
    int64_t wall = pl_clock_mono().us - turn.began;
    if (wall > busy) wall -= waited_us() - turn.waited;
    if (wall > busy) busy = wall;
  }
  turn.first = NULL, turn.used = used;
  if (stood_still) return stood_still = 0;
  return busy;
}
