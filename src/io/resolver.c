#include "io/resolver.h"

#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/util.h>

#include "base/mem.h"
#include "io/turn.h"

/* A look-up under way. It outlives its resolver when it was cancelled: evdns answers later. */
typedef struct {
  pl_resolver *resolver; /* NULL: nobody waits any more */
} lookup;

struct pl_resolver {
  struct event_base *base;
  pl_resolved_fn *fn;
  void *ctx;
  struct evdns_base *dns;
  struct evdns_getaddrinfo_request *request;
  lookup *lookup;
  unsigned answers;
};

static const void *bytes_of(const struct evutil_addrinfo *a) {
  return a->ai_family == AF_INET6
             ? (const void *)&((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr
             : (const void *)&((const struct sockaddr_in *)(const void *)a->ai_addr)->sin_addr;
}

static void on_addresses(int rc, struct evutil_addrinfo *found, void *ctx) {
  pl_turn_enter("resolver");
  lookup *mine = ctx;
  pl_resolver *r = mine->resolver;
  PL_FREE(mine);
  if (r) {
    r->lookup = NULL, r->request = NULL;
    unsigned n = 0;
    for (struct evutil_addrinfo *a = found; a; a = a->ai_next) n++;
    if (rc != 0 || n == 0) {
      r->fn(r->ctx, NULL, evutil_gai_strerror(rc));
    } else {
      const struct evutil_addrinfo *a = found;
      for (unsigned skip = r->answers++ % n; skip; skip--) a = a->ai_next;
      char text[INET6_ADDRSTRLEN];
      r->fn(r->ctx, evutil_inet_ntop(a->ai_family, bytes_of(a), text, sizeof text), NULL);
    }
  }
  if (found) evutil_freeaddrinfo(found);
}

void pl_resolver_ask(pl_resolver *r, const char *host) {
  unsigned char bytes[16];
  if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1) {
    r->fn(r->ctx, host, NULL);
    return;
  }
  if (!r->dns) {
    r->dns = evdns_base_new(r->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (r->dns) (void)evdns_base_resolv_conf_parse(r->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
  }
  if (!r->dns) {
    r->fn(r->ctx, NULL, "no resolver could be made");
    return;
  }
  pl_resolver_cancel(r);
  struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  r->lookup = PL_NEW(lookup);
  r->lookup->resolver = r;
  struct evdns_getaddrinfo_request *request =
      evdns_getaddrinfo(r->dns, host, NULL, &hints, on_addresses, r->lookup);
  if (r->lookup) r->request = request; /* else it was answered at once */
}

void pl_resolver_cancel(pl_resolver *r) {
  if (!r->lookup) return;
  r->lookup->resolver = NULL, r->lookup = NULL;
  evdns_getaddrinfo_cancel(r->request);
  r->request = NULL;
}

pl_resolver *pl_resolver_new(struct event_base *base, pl_resolved_fn *fn, void *ctx) {
  pl_resolver *r = PL_NEW(pl_resolver);
  *r = (pl_resolver){.base = base, .fn = fn, .ctx = ctx};
  return r;
}

void pl_resolver_free(pl_resolver **resolver) {
  if (!*resolver) return;
  pl_resolver_cancel(*resolver);
  if ((*resolver)->dns) evdns_base_free((*resolver)->dns, 0);
  PL_FREE(*resolver);
}
