/* Redis link: one connection that is made again whenever it is lost. redis.c makes a store of two of them,
 * and redis_sentinel.c asks through more of them where the store is.
 *
 * A link is idle, seeking (somebody else finds out where to connect to), opening (resolving, connecting,
 * greeting) or up. Only a server of the role that is wanted, which answers the greeting (redis_greeting.h) in
 * time, is up; one that answers READONLY later has lost its role, and the link with it. One timer serves all
 * states: the pause before the next attempt, the limit of the attempt, the limit of silence while replies are
 * awaited. A link that answers something is alive, however long its queue.
 *
 * What hiredis 0.14 needs and is given here:
 * - numeric addresses only, because its own look-up blocks (resolver.h);
 * - no free and no connect inside one of its callbacks: what ends a connection only notes it, and a timer of
 *   zero length does the work on the next turn of the loop;
 * - time limits, because its asynchronous half has none;
 * - a limit to what is in flight, because its buffer has none.
 *
 * Every command is answered exactly once. A lost connection answers NULL: first those in flight, in order,
 * then those sent while it was going down, then comes on_down. */
#ifndef PL_IO_REDIS_LINK_H
#define PL_IO_REDIS_LINK_H

#include "io/redis_greeting.h"

enum {
  PL_LINK_PAUSE_MIN_MS = 50,
  PL_LINK_PAUSE_MAX_MS = 2000,
  PL_LINK_QUEUED_MAX = 256 * 1024 * 1024, /* bytes in flight; more ends the connection */
  PL_LINK_ITEMS_MAX = 4 * 1024 * 1024,    /* items of one reply; more is an error reply in its place */
};

typedef struct {
  void (*on_up)(void *ctx);
  void (*on_down)(void *ctx, const char *why);      /* only after on_up */
  void (*on_push)(void *ctx, const pl_reply *push); /* what SUBSCRIBE brings: [kind, channel, payload] */
  /* Asks, at each attempt, where to connect to: pl_link_found is the answer, at once or at any time later.
   * NULL: to the configuration's address. */
  void (*find)(void *ctx);
  pl_redis_role role;
  void *ctx;
} pl_link_handler;

typedef struct pl_link pl_link;

/* `config` is borrowed as long as the link lives. */
pl_link *pl_link_new(struct event_base *base, const pl_redis_config *config, const pl_link_handler *handler);
void pl_link_free(
    pl_link **link); /* answers NULL to what is in flight; never inside a callback of the link */
void pl_link_start(pl_link *link);
void pl_link_stop(pl_link *link);                              /* ends on the next turn, for good */
void pl_link_drop(pl_link *link, const char *why);             /* ends on the next turn, and is made again */
void pl_link_redial(pl_link *link, const char *why);           /* the same, and without a pause */
bool pl_link_found(pl_link *link, const char *host, int port); /* false: nobody asked */
bool pl_link_up(const pl_link *link);
bool pl_link_seeking(const pl_link *link);
bool pl_link_leads_to(const pl_link *link, const char *host, int port); /* it is up there, or on its way */
void pl_link_send(pl_link *link, pl_str resp, pl_reply_fn *fn, void *ctx);
void pl_link_subscribe(pl_link *link, bool on, pl_str channel); /* only while up */
size_t pl_link_queued(const pl_link *link);
const char *pl_link_name(pl_link *link);           /* where it leads, or led last: host:port, or a path */
const char *pl_link_why(const pl_link *link);      /* why it is not up; "" while up */
const char *pl_link_warnings(const pl_link *link); /* lines, of the newest greeting; or "" */

#endif
