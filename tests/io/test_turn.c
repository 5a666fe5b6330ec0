/* Turns: what keeps the loop busy is seen, whether it computes or sleeps; what stood still is not counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "io/loop.h"

enum { LONG_MS = 60 };

typedef struct {
  pl_loop *loop;
  void (*busy)(void);
  int turns;
} scene;

static int64_t used_ms(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void compute(void) {
  int64_t from = used_ms();
  while (used_ms() <= from + LONG_MS) {}
}

static void sleep_in_it(void) {
  const struct timespec t = {0, LONG_MS * 1000000L};
  (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static void stand_still(void) { (void)raise(SIGSTOP); }

static pl_dur tick(void *ctx) {
  scene *s = ctx;
  if (s->turns++ == 0) {
    s->busy();
    return (pl_dur){0};
  }
  return (pl_dur){-1};
}

static void on_signal(void *ctx, int signal) { (void)ctx, (void)signal; }

static int64_t longest_of(void (*busy)(void), int64_t *overruns) {
  scene s = {.loop = pl_loop_new(), .busy = busy};
  pl_loop_run(s.loop, &(pl_loop_config){tick, on_signal, &s});
  int64_t longest = pl_loop_longest_us(s.loop);
  *overruns = pl_loop_overruns(s.loop);
  pl_loop_free(&s.loop);
  return longest;
}

static void a_turn_that_computes_too_long_is_seen(void **state) {
  (void)state;
  int64_t overruns;
  assert_true(longest_of(compute, &overruns) >= (LONG_MS)*1000);
  assert_int_equal(overruns, 1);
}

static void a_turn_that_sleeps_is_seen(void **state) {
  (void)state;
  int64_t overruns;
  assert_true(longest_of(sleep_in_it, &overruns) >= LONG_MS * 1000);
  assert_int_equal(overruns, 1);
}

static void a_process_that_was_stopped_was_not_busy(void **state) {
  (void)state;
  int64_t overruns;
  int status;
  pid_t child = fork();
  if (child == 0) {
    (void)longest_of(stand_still, &overruns);
    _exit((int)overruns);
  }
  assert_int_equal(waitpid(child, &status, WUNTRACED), child);
  assert_true(WIFSTOPPED(status));
  sleep_in_it();
  assert_int_equal(kill(child, SIGCONT), 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_turn_that_computes_too_long_is_seen),
      cmocka_unit_test(a_turn_that_sleeps_is_seen),
      cmocka_unit_test(a_process_that_was_stopped_was_not_busy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
