/* Turns the loop until something has come about at the store, or a minute has passed. */
#ifndef TESTS_IO_REDIS_AWAIT_H
#define TESTS_IO_REDIS_AWAIT_H

#include <event2/event.h>
#include <string.h>

#include "io/redis.h"

enum { GUARD_S = 60 }; /* a test that waits longer has failed */

static inline void redis_await_late(evutil_socket_t fd, short what, void *late) {
  (void)fd, (void)what;
  *(bool *)late = true;
}

/* Until `*count` has reached `at_least`, or, with a text, until the reason why it is down holds it. */
static inline void redis_await(struct event_base *base, pl_store *store, const int *count, int at_least,
                               const char *why) {
  bool late = false;
  struct event *guard = evtimer_new(base, redis_await_late, &late);
  (void)event_add(guard, &(struct timeval){GUARD_S, 0});
  while ((why ? !strstr(pl_redis_why(store), why) : *count < at_least) && !late)
    assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
  event_free(guard);
  if (late) fail_msg("not within %d s; the reason: %s", GUARD_S, pl_redis_why(store));
}

#endif
