/* Redis Sentinel: where the master is. The sentinels watch over a Redis and its replicas and promote a
 * replica when the master is gone; they are the ones to know.
 *
 * One link asks: whoever it reaches first, in turn, and the next when that one does not answer in a second,
 * knows no such master, or has named one that does not hold (its news are old). As many links listen as there
 * are sentinels: the first to tell of a switch-over is believed, so that what was the master is left at once,
 * even while it still takes writes. What they say is never proof: the link to the store asks the server
 * itself for its role. */
#ifndef PL_IO_REDIS_SENTINEL_H
#define PL_IO_REDIS_SENTINEL_H

#include "io/redis.h"

/* A sentinel says where the master is: asked, or because it has moved. */
typedef void pl_sentinel_fn(void *ctx, const char *host, int port);

typedef struct pl_sentinel pl_sentinel;
/* The sentinels' part of `config`, borrowed. */
pl_sentinel *pl_sentinel_new(struct event_base *base, const pl_redis_config *config, pl_sentinel_fn *fn,
                             void *ctx);
void pl_sentinel_free(pl_sentinel **sentinel); /* never inside a callback */
void pl_sentinel_start(pl_sentinel *sentinel);
void pl_sentinel_stop(pl_sentinel *sentinel);
/* One answer, now or as soon as there is one. `another`: the last one did not hold; ask another sentinel. */
void pl_sentinel_ask(pl_sentinel *sentinel, bool another);
/* Why there is no answer yet: each sentinel with its reason and the remedy. */
const char *pl_sentinel_why(pl_sentinel *sentinel);

#endif
