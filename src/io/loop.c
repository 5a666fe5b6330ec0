#include "io/loop.h"

#include <event2/event.h>
#include <signal.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/status.h"

struct pl_loop {
  struct event_base *base;
  struct event *timer, *signals[3];
  pl_loop_config config;
  bool woken;
  int64_t longest_us;
};

static void arm(pl_loop *loop, pl_dur wait) {
  struct timeval tv = {wait.ms / 1000, (wait.ms % 1000) * 1000};
  (void)evtimer_add(loop->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  pl_loop *loop = ctx;
  int64_t began = pl_clock_mono().us;
  loop->woken = false;
  pl_dur wait = loop->config.tick(loop->config.ctx);
  int64_t took = pl_clock_mono().us - began;
  if (took > loop->longest_us) loop->longest_us = took;
  if (wait.ms < 0)
    (void)event_base_loopbreak(loop->base);
  else
    arm(loop, loop->woken ? (pl_dur){0} : wait);
}

static void on_signal(evutil_socket_t signal, short what, void *ctx) {
  (void)what;
  pl_loop *loop = ctx;
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

void pl_loop_run(pl_loop *loop, const pl_loop_config *config) {
  static const int watched[] = {SIGTERM, SIGINT, SIGHUP};
  loop->config = *config;
  for (size_t i = 0; i < PL_COUNT(watched); i++) {
    if (!loop->signals[i]) loop->signals[i] = evsignal_new(loop->base, watched[i], on_signal, loop);
    (void)event_add(loop->signals[i], NULL);
  }
  arm(loop, (pl_dur){0});
  (void)event_base_dispatch(loop->base);
}

void pl_loop_wake(pl_loop *loop) {
  if (loop->woken) return;
  loop->woken = true;
  arm(loop, (pl_dur){0});
}

pl_dur pl_loop_longest(const pl_loop *loop) { return (pl_dur){loop->longest_us / 1000}; }
