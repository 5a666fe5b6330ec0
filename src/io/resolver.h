/* Resolver: from a name to a numeric address without holding up the loop (evdns).
 *
 * One look-up at a time. A name of several addresses gives the next of them each time it is asked, so that
 * one that is dead does not stand in the way of the others. */
#ifndef PL_IO_RESOLVER_H
#define PL_IO_RESOLVER_H

struct event_base;

/* `address` is NULL if there is none, and `why` says why. */
typedef void pl_resolved_fn(void *ctx, const char *address, const char *why);

typedef struct pl_resolver pl_resolver;
pl_resolver *pl_resolver_new(struct event_base *base, pl_resolved_fn *fn, void *ctx);
void pl_resolver_free(pl_resolver **resolver);
void pl_resolver_ask(pl_resolver *resolver, const char *host); /* numeric: answered inside the call */
void pl_resolver_cancel(pl_resolver *resolver);                /* what was asked is not answered any more */

#endif
