/* HTTP client: bounded, concurrent calls on libcurl's multi interface, turned by libevent; an e-mail, which
 * goes by SMTP, is one of them.
 *
 * For endpoints that are configured but not trusted: the peer's certificate and name are verified, redirects
 * are not followed, no proxy is taken from the environment, nothing but http and https is spoken (for e-mail
 * nothing but smtp and smtps), and time and the size of a reply are limited. At most `concurrent` calls run,
 * the others wait their turn, in order.
 *
 * Every call is answered exactly once, on the loop, never from inside the call that asked. libcurl is only
 * ever entered from an event of the loop, never from inside one of its own callbacks. */
#ifndef PL_IO_HTTP_CLIENT_H
#define PL_IO_HTTP_CLIENT_H

#include "base/text.h"
#include "base/time.h"
#include "ports.h"

struct event_base;

enum { PL_HTTP_CONCURRENT = 16, PL_HTTP_WAITING_MAX = 4096 };

typedef struct {
  const char *from, *to;       /* one address each, as pl_sink_reaches wants it */
  const char *user, *password; /* NULL: nobody logs in */
  bool open;                   /* not encrypted; else smtp:// must be by STARTTLS. smtps:// always is */
} pl_http_mail;

typedef struct {
  const char *url; /* a secret: it is never part of an error; NULL: nothing is asked, there is no answer */
  const pl_http_mail *mail; /* NULL: http or https */
  const pl_header *headers;
  size_t nheaders;
  pl_str body;         /* p is NULL: a GET, else a POST; of an e-mail all of it, lines ending in CR LF */
  const char *ca_file; /* as the client's, for this call alone; NULL: the client's */
  pl_dur timeout;      /* of the whole transfer; 0: 10 s */
  size_t reply_max;    /* bytes of the reply's body; 0: 64 KiB */
} pl_http_call;

typedef struct {
  int status;            /* of SMTP: the last one; 0: no answer */
  pl_str body;           /* borrowed; cut at the limit, then `error` says so */
  int64_t retry_after_s; /* of Retry-After, a date too; 0: not given */
  const char *error;     /* "" when all went well; the status is not judged here */
} pl_http_reply;

typedef void pl_http_reply_fn(void *ctx, const pl_http_reply *reply);

typedef struct {
  int concurrent;      /* 0: PL_HTTP_CONCURRENT */
  const char *ca_file; /* certificates to trust instead of the system's, PEM; or NULL */
} pl_http_client_config;

typedef struct pl_http_client pl_http_client;

pl_http_client *pl_http_client_new(struct event_base *base, const pl_http_client_config *config);
/* Answers status 0 to what has no answer yet; never inside a reply function. */
void pl_http_client_free(pl_http_client **client);

void pl_http_send(pl_http_client *client, const pl_http_call *call, pl_http_reply_fn *fn, void *ctx);

#endif
