#include "io/loop.h"

#include <event2/event.h>
#include <signal.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/status.h"
#include "io/turn.h"

static const int64_t QUIET_US = 10000000;

struct pl_loop {
  struct event_base *base;
  struct event *timer, *signals[3];
  pl_loop_config config;
  bool woken, ended;
  int64_t longest_us, overruns;
  pl_mono said; /* of a long turn, last */
};

static void arm(pl_loop *loop, pl_dur wait) {
  struct timeval tv = {wait.ms / 1000, (wait.ms % 1000) * 1000};
  (void)evtimer_add(loop->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  pl_loop *loop = ctx;
  pl_turn_enter("chores");
  loop->woken = false;
  pl_dur wait = loop->config.tick(loop->config.ctx);
  if (wait.ms < 0)
    loop->ended = true;
  else
    arm(loop, loop->woken ? (pl_dur){0} : wait);
}

static void on_signal(evutil_socket_t signal, short what, void *ctx) {
  (void)what;
  pl_loop *loop = ctx;
  pl_turn_enter("signal");
  loop->config.on_signal(loop->config.ctx, (int)signal);
  pl_loop_wake(loop);
}

pl_loop *pl_loop_new(void) {
  pl_loop *loop = PL_NEW(pl_loop);
  (void)signal(SIGPIPE, SIG_IGN);
  loop->base = event_base_new();
  PL_ASSERT(loop->base);
  loop->timer = evtimer_new(loop->base, on_timer, loop);
  return loop;
}

void pl_loop_free(pl_loop **loop) {
  if (!*loop) return;
  for (size_t i = 0; i < PL_COUNT((*loop)->signals); i++)
    if ((*loop)->signals[i]) event_free((*loop)->signals[i]);
  event_free((*loop)->timer);
  event_base_free((*loop)->base);
  PL_FREE(*loop);
}

struct event_base *pl_loop_base(pl_loop *loop) {
  return loop->base;
}

/* One turn is over. */
static void watch(pl_loop *loop) {
  const char *by;
  int64_t took = pl_turn_leave(&by);
  if (took > loop->longest_us) loop->longest_us = took;
  if (took <= PL_LOOP_TURN_MS * 1000) return;
  loop->overruns++;
  pl_mono now = pl_clock_mono();
  if (loop->said.us && now.us - loop->said.us < QUIET_US) return;
  loop->said = now;
  pl_log(PL_LOG_WARN, "loop.turn",
         "a turn of the loop took %lld ms, most of it in %s; %lld so far took more than %d ms",
         (long long)(took / 1000), by ? by : "a library", (long long)loop->overruns, PL_LOOP_TURN_MS);
}

void pl_loop_run(pl_loop *loop, const pl_loop_config *config) {
  static const int watched[] = {SIGTERM, SIGINT, SIGHUP};
  loop->config = *config;
  for (size_t i = 0; i < PL_COUNT(watched); i++) {
    if (!loop->signals[i]) loop->signals[i] = evsignal_new(loop->base, watched[i], on_signal, loop);
    (void)event_add(loop->signals[i], NULL);
  }
  arm(loop, (pl_dur){0});
  pl_turn_open();
  for (loop->ended = false; !loop->ended; watch(loop)) (void)event_base_loop(loop->base, EVLOOP_ONCE);
  for (size_t i = 0; i < PL_COUNT(watched); i++)
    (void)event_del(loop->signals[i]); /* another loop may run now */
}

void pl_loop_wake(pl_loop *loop) {
  if (loop->woken) return;
  loop->woken = true;
  arm(loop, (pl_dur){0});
}

int64_t pl_loop_longest_us(const pl_loop *loop) { return loop->longest_us; }

int64_t pl_loop_overruns(const pl_loop *loop) { return loop->overruns; }
