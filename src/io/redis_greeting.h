/* Redis greeting: what a new connection asks first, and whether the answers will do. Bytes in and out; the
 * link sends them.
 *
 * AUTH and SELECT as the configuration has them, PING (refused while Redis loads or cannot save), INFO, ROLE:
 * all in one round trip, ROLE the last. A master is wanted for the store, a sentinel for finding it; INFO,
 * which tells how durable the state is, is asked of masters alone. */
#ifndef PL_IO_REDIS_GREETING_H
#define PL_IO_REDIS_GREETING_H

#include "io/redis.h"

typedef enum {
  PL_GREET_AUTH,
  PL_GREET_SELECT,
  PL_GREET_PING,
  PL_GREET_INFO,
  PL_GREET_ROLE,
  PL_GREETS
} pl_greet;

typedef enum { PL_ROLE_MASTER, PL_ROLE_SENTINEL } pl_redis_role;

/* The step's command; false: it is not asked. */
bool pl_greeting_ask(pl_greet step, pl_redis_role wanted, const pl_redis_config *config, pl_buf *command);
/* False: the connection will not do, and why. INFO fills `warnings`: lines, terminated unless
 * empty. */
bool pl_greeting_judge(pl_greet step, pl_redis_role wanted, const pl_reply *reply, pl_buf *warnings,
                       pl_err *why);

#endif
