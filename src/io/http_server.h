/* HTTP server: a table of routes on evhttp, with the limits that evhttp leaves out.
 *
 * Headers, body, time and the number of connections are bounded: a connection that has not sent a whole
 * request, or not taken a whole response, within the time limit is cut; beyond the connection limit clients
 * wait in the kernel's queue. Every refusal is application/problem+json (RFC 9457), except where evhttp
 * refuses by itself: what is not HTTP, and headers or bodies beyond its own limits.
 *
 * Handlers answer at once, inside the call, or later: what a handler that waits for somebody else has left in
 * its response is sent if nobody has answered in half the time limit. A HEAD is its GET without the body. */
#ifndef PL_IO_HTTP_SERVER_H
#define PL_IO_HTTP_SERVER_H

#include "base/text.h"
#include "base/time.h"

struct event_base;
struct evhttp_request;

enum {
  PL_HTTP_HEADERS_MAX = 8 * 1024,
  PL_HTTP_BODY_MAX = 64 * 1024,
  PL_HTTP_RESPONSE_MAX = 16 * 1024 * 1024,
  PL_HTTP_CONNECTIONS_MAX = 64,
  PL_HTTP_LATER_MAX = 32,
};

/* Borrowed for the call. */
typedef struct {
  const char *method; /* GET, POST, ... */
  pl_str path;        /* percent-decoded */
  pl_str rest;        /* what a route's star stands for */
  pl_str query;       /* as sent, without the question mark */
  pl_str body;
  const struct evhttp_request *raw; /* pl_http_header reads it */
} pl_http_request;

typedef struct {
  int status;       /* 200 unless set */
  const char *type; /* content type; text/plain unless set */
  pl_buf body;
  struct evhttp_request *raw; /* pl_http_header_put writes to it */
  uint32_t ticket;            /* it is sent later; 0: when the handler returns */
} pl_http_response;

typedef void pl_http_handler(void *ctx, const pl_http_request *request, pl_http_response *response);

typedef struct {
  const char *method;
  const char *path; /* whole, or a prefix that ends in a star: one path segment or more follows */
  pl_http_handler *handler;
} pl_http_route;

typedef struct {
  const char *host;            /* numeric, or localhost */
  int port;                    /* 0: any free one */
  const pl_http_route *routes; /* borrowed as long as the server lives */
  size_t nroutes;
  void *ctx;
  pl_dur timeout;  /* 0: 10 s */
  int connections; /* 0: PL_HTTP_CONNECTIONS_MAX */
} pl_http_server_config;

typedef struct pl_http_server pl_http_server;

pl_status pl_http_server_new(pl_http_server **out, struct event_base *base,
                             const pl_http_server_config *config, pl_err *err) PL_MUST_CHECK;
void pl_http_server_free(pl_http_server **server); /* never inside a handler */
int pl_http_server_port(const pl_http_server *server);

/* A header of the request; p is NULL if there is none. */
pl_str pl_http_header(const pl_http_request *request, const char *name);
/* A further header of the response; a value with a line break is left out. */
void pl_http_header_put(pl_http_response *response, const char *name, const char *value);

/* Inside a handler: the answer comes later, by this ticket. 0: too many are waited for already; answer at
 * once. */
uint32_t pl_http_later(pl_http_server *server, pl_http_response *response);
/* The response that waits, as the handler left it, to be filled and sent; NULL: nobody waits for it any more.
 */
pl_http_response *pl_http_late(pl_http_server *server, uint32_t ticket);
void pl_http_late_send(pl_http_server *server, uint32_t ticket);

void pl_http_text(pl_http_response *response, int status, pl_str text);
/* A problem document; `detail` may be NULL. */
void pl_http_problem(pl_http_response *response, int status, const char *title, const char *detail);

#endif
