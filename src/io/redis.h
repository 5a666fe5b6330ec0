/* Redis: the store of ports.h on hiredis and libevent.
 *
 * Two connections: one for commands, one for subscriptions, because a subscribed connection of RESP2 takes
 * nothing else. Both come back by themselves, with a growing, jittered pause (redis_link.h); subscriptions
 * are asked for again. on_up means a master that has answered everything a writer needs to know about it.
 *
 * With sentinels the master is looked for at every connect, and left as soon as one of them names another
 * (redis_sentinel.h); the second connection goes where the first one is. */
#ifndef PL_IO_REDIS_H
#define PL_IO_REDIS_H

#include "ports.h"

struct event_base;

typedef struct {
  const char *host;
  int port;
} pl_redis_place;

/* The parts of redis.url; NULL or 0: not given. Copied. */
typedef struct {
  const char *host; /* name or numeric address */
  int port;
  const char *unix_path;           /* instead of host and port */
  const pl_redis_place *sentinels; /* the same: they know where the master is ... */
  size_t nsentinels;
  const char *master;                            /* ... of this name */
  const char *sentinel_user, *sentinel_password; /* their own; NULL: `default`, and they ask for none */
  const char *user, *password;
  int db;
  pl_dur connect_timeout; /* resolving, connecting and greeting together; 0: 2 s */
  pl_dur command_timeout; /* silence while replies are awaited; 0: 10 s */
} pl_redis_config;

pl_store *pl_redis_new(struct event_base *base, const pl_redis_config *config);
/* Answers NULL to what is in flight; never inside a callback of the store. */
void pl_redis_free(pl_store **store);

/* For /-/ready: why there is no connection ("" while up), and what of the server's configuration endangers
 * the state, a line each ("" if nothing does). */
const char *pl_redis_why(const pl_store *store);
const char *pl_redis_warnings(const pl_store *store);

#endif
