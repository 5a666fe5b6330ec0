#include "io/http_server.h"
#include "io/turn.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
  SWEEP_US = 250000,
  BARE_BODY_MAX = 4 * PL_HTTP_BODY_MAX, /* beyond this evhttp refuses; up to it we do, in our words */
};

/* A connection. evhttp does not tell when one ends, so each is held by a reference of ours, and the sweep
 * lets go of those that evhttp has freed: their callbacks are gone. */
typedef struct guest guest;
struct guest {
  pl_http_server *server;
  struct bufferevent *bev;
  pl_mono since; /* when the request began to come in, or the response to go out; 0: between requests */
  guest *next;
};

/* A request whose answer comes later. Its connection may go away meanwhile: then the request is ours alone,
 * until it is answered all the same. */
typedef struct late late;
struct late {
  pl_http_response response;
  bool is_head;
  pl_mono until;
  late *next;
};

struct pl_http_server {
  pl_http_server_config config;
  struct evhttp *http;
  struct evhttp_bound_socket *bound;
  struct event *sweep;
  guest *guests;
  int nguests;
  late *lates;
  int nlates;
  uint32_t tickets;
};

static const struct {
  enum evhttp_cmd_type type;
  const char *name;
} methods[] = {
    {EVHTTP_REQ_GET, "GET"},     {EVHTTP_REQ_POST, "POST"},       {EVHTTP_REQ_HEAD, "HEAD"},
    {EVHTTP_REQ_PUT, "PUT"},     {EVHTTP_REQ_DELETE, "DELETE"},   {EVHTTP_REQ_OPTIONS, "OPTIONS"},
    {EVHTTP_REQ_TRACE, "TRACE"}, {EVHTTP_REQ_CONNECT, "CONNECT"}, {EVHTTP_REQ_PATCH, "PATCH"},
};

/* --- what handlers use */

pl_str pl_http_header(const pl_http_request *request, const char *name) {
  struct evhttp_request *raw = (struct evhttp_request *)(uintptr_t)request->raw;
  return pl_str_of(evhttp_find_header(evhttp_request_get_input_headers(raw), name));
}

void pl_http_header_put(pl_http_response *response, const char *name, const char *value) {
  (void)evhttp_add_header(evhttp_request_get_output_headers(response->raw), name, value);
}

static void fill(pl_http_response *response, int status, const char *type, pl_str body) {
  response->status = status, response->type = type;
  pl_buf_clear(&response->body);
  pl_buf_str_put(&response->body, body);
}

void pl_http_text(pl_http_response *response, int status, pl_str text) {
  fill(response, status, "text/plain; charset=utf-8", text);
}

void pl_http_problem(pl_http_response *response, int status, const char *title, const char *detail) {
  fill(response, status, "application/problem+json", PL_STR("{\"type\":\"about:blank\",\"status\":"));
  pl_buf_int(&response->body, status);
  pl_buf_text(&response->body, ",\"title\":");
  pl_buf_json(&response->body, pl_str_of(title));
  if (detail) {
    pl_buf_text(&response->body, ",\"detail\":");
    pl_buf_json(&response->body, pl_str_of(detail));
  }
  pl_buf_text(&response->body, "}\n");
}

/* --- answers */

static guest *guest_of(const pl_http_server *server, struct evhttp_request *raw) {
  struct evhttp_connection *connection = evhttp_request_get_connection(raw);
  struct bufferevent *bev = connection ? evhttp_connection_get_bufferevent(connection) : NULL;
  guest *g = server->guests;
  while (g && g->bev != bev) g = g->next;
  return g;
}

/* Whatever the response holds goes; a request without a connection is given back. */
static void reply(const pl_http_server *server, pl_http_response *response, bool is_head) {
  struct evhttp_request *raw = response->raw;
  guest *g = guest_of(server, raw);
  char length[24];
  if (g) g->since = pl_clock_mono();
  if (response->body.full)
    pl_http_problem(response, 500, "Internal Server Error", "the response is too long");
  (void)snprintf(length, sizeof length, "%zu", response->body.n);
  pl_http_header_put(response, "Content-Type", response->type);
  pl_http_header_put(response, "Content-Length", length);
  pl_http_header_put(response, "Cache-Control", "no-store");
  pl_http_header_put(response, "X-Content-Type-Options", "nosniff");
  if (!is_head) (void)evbuffer_add(evhttp_request_get_output_buffer(raw), response->body.p, response->body.n);
  evhttp_send_reply(raw, response->status, NULL, NULL);
  pl_buf_fini(&response->body);
}

static late **find_late(pl_http_server *server, uint32_t ticket) {
  late **at = &server->lates;
  while (*at && (*at)->response.ticket != ticket) at = &(*at)->next;
  return at;
}

uint32_t pl_http_later(pl_http_server *server, pl_http_response *response) {
  if (server->nlates == PL_HTTP_LATER_MAX) return 0;
  if (++server->tickets == 0) server->tickets = 1;
  return response->ticket = server->tickets;
}

pl_http_response *pl_http_late(pl_http_server *server, uint32_t ticket) {
  late *l = *find_late(server, ticket);
  return l ? &l->response : NULL;
}

void pl_http_late_send(pl_http_server *server, uint32_t ticket) {
  late **at = find_late(server, ticket), *l = *at;
  if (!l) return;
  *at = l->next, server->nlates--;
  reply(server, &l->response, l->is_head);
  PL_FREE(l);
}

static void put_late(pl_http_server *server, const pl_http_response *response, bool is_head) {
  late *l = PL_NEW(late);
  *l = (late){*response, is_head, {pl_clock_mono().us + server->config.timeout.ms * 500}, server->lates};
  server->lates = l, server->nlates++;
}

/* --- connections */

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *ctx) {
  (void)input;
  guest *g = ctx;
  if (info->n_added && !g->since.us) g->since = pl_clock_mono();
}

static void release(guest *g) {
  pl_http_server *server = g->server;
  guest **at = &server->guests;
  while (*at != g) at = &(*at)->next;
  *at = g->next;
  server->nguests--;
  (void)evbuffer_remove_cb(bufferevent_get_input(g->bev), on_input, g);
  (void)bufferevent_decref(g->bev);
  PL_FREE(g);
  (void)evconnlistener_enable(evhttp_bound_socket_get_listener(server->bound));
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("http");
  (void)fd, (void)what;
  pl_http_server *server = ctx;
  int64_t now_us = pl_clock_mono().us;
  for (late *l = server->lates, *next; l; l = next) {
    next = l->next;
    if (l->until.us <= now_us) pl_http_late_send(server, l->response.ticket);
  }
  for (guest *g = server->guests, *next; g; g = next) {
    next = g->next;
    bufferevent_event_cb on_event;
    bufferevent_getcb(g->bev, NULL, NULL, &on_event, NULL);
    if (!on_event)
      release(g);
    else if (g->since.us && now_us - g->since.us >= server->config.timeout.ms * 1000)
      (void)shutdown(bufferevent_getfd(g->bev), SHUT_RDWR); /* evhttp sees the end and frees it */
  }
  if (server->guests || server->lates) (void)event_add(server->sweep, &(struct timeval){0, SWEEP_US});
}

static struct bufferevent *on_accept(struct event_base *base, void *ctx) {
  pl_http_server *server = ctx;
  struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
  PL_ASSERT(bev);
  guest *g = PL_NEW(guest);
  *g = (guest){server, bev, pl_clock_mono(), server->guests};
  server->guests = g;
  bufferevent_incref(bev);
  PL_ASSERT(evbuffer_add_cb(bufferevent_get_input(bev), on_input, g));
  if (++server->nguests >= server->config.connections)
    (void)evconnlistener_disable(evhttp_bound_socket_get_listener(server->bound));
  if (!evtimer_pending(server->sweep, NULL)) (void)event_add(server->sweep, &(struct timeval){0, SWEEP_US});
  return bev;
}

/* --- requests */

static void on_response_gone(struct evhttp_request *raw, void *ctx) {
  (void)raw;
  ((guest *)ctx)->since = (pl_mono){0};
}

static bool matches(const pl_http_route *route, pl_str path, pl_str *rest) {
  size_t n = strlen(route->path);
  if (n && route->path[n - 1] == '*') {
    if (path.n < n || memcmp(path.p, route->path, n - 1) != 0) return false;
    *rest = (pl_str){path.p + n - 1, path.n - n + 1};
    return true;
  }
  return pl_str_is(path, route->path);
}

static void answer(pl_http_server *server, pl_http_request *request, pl_http_response *response) {
  const char *method = strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
  char allow[128] = "";
  if (request->body.n > PL_HTTP_BODY_MAX) {
    pl_http_problem(response, 413, "Content Too Large", "a body is limited to 64 KiB");
    return;
  }
  for (size_t i = 0; i < server->config.nroutes; i++) {
    const pl_http_route *route = &server->config.routes[i];
    if (!matches(route, request->path, &request->rest)) continue;
    if (strcmp(route->method, method) == 0) {
      route->handler(server->config.ctx, request, response);
      return;
    }
    size_t n = strlen(allow);
    (void)snprintf(allow + n, sizeof allow - n, "%s%s", n ? ", " : "", route->method);
  }
  if (*allow) {
    pl_http_header_put(response, "Allow", allow);
    pl_http_problem(response, 405, "Method Not Allowed", allow);
  } else {
    pl_http_problem(response, 404, "Not Found", NULL);
  }
}

static void on_request(struct evhttp_request *raw, void *ctx) {
  pl_turn_enter("http");
  pl_http_server *server = ctx;
  guest *g = guest_of(server, raw);
  if (g) evhttp_request_set_on_complete_cb(raw, on_response_gone, g);

  const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(raw);
  const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
  size_t path_n = 0;
  char *decoded = evhttp_uridecode(path ? path : "", 0, &path_n);
  struct evbuffer *input = evhttp_request_get_input_buffer(raw);
  pl_http_request request = {.method = "",
                             .path = {decoded, path_n},
                             .query = pl_str_of(uri ? evhttp_uri_get_query(uri) : NULL),
                             .raw = raw};
  request.body.n = evbuffer_get_length(input);
  if (request.body.n) request.body.p = (const char *)evbuffer_pullup(input, -1);
  for (size_t i = 0; i < PL_COUNT(methods); i++)
    if (methods[i].type == evhttp_request_get_command(raw)) request.method = methods[i].name;

  pl_http_response response = {.status = 200, .type = "text/plain; charset=utf-8", .raw = raw};
  pl_buf_init(&response.body, PL_HTTP_RESPONSE_MAX);
  answer(server, &request, &response);
  bool is_head = strcmp(request.method, "HEAD") == 0;
  if (response.ticket)
    put_late(server, &response, is_head);
  else
    reply(server, &response, is_head);
  free(decoded);
}

/* --- the server */

pl_status pl_http_server_new(pl_http_server **out, struct event_base *base,
                             const pl_http_server_config *config, pl_err *err) {
  pl_http_server *server = PL_NEW(pl_http_server);
  server->config = *config;
  if (server->config.timeout.ms <= 0) server->config.timeout.ms = 10000;
  if (server->config.connections <= 0) server->config.connections = PL_HTTP_CONNECTIONS_MAX;
  server->http = evhttp_new(base);
  server->sweep = evtimer_new(base, on_sweep, server);
  PL_ASSERT(server->http && server->sweep);
  evhttp_set_max_headers_size(server->http, PL_HTTP_HEADERS_MAX);
  evhttp_set_max_body_size(server->http, BARE_BODY_MAX);
  evhttp_set_allowed_methods(server->http, UINT16_MAX);
  evhttp_set_default_content_type(server->http, NULL);
  evhttp_set_bevcb(server->http, on_accept, server);
  evhttp_set_gencb(server->http, on_request, server);
  int64_t ms = server->config.timeout.ms;
  evhttp_set_timeout_tv(server->http,
                        &(struct timeval){(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)});
  errno = 0;
  server->bound = evhttp_bind_socket_with_handle(server->http, config->host, (ev_uint16_t)config->port);
  if (!server->bound) {
    pl_status status =
        pl_fail(err, PL_FATAL,
                "http.listen: cannot listen on %s:%d (%s); give an address of this machine and a "
                "free port",
                config->host, config->port, errno ? strerror(errno) : "no such address");
    pl_http_server_free(&server);
    return status;
  }
  *out = server;
  return PL_OK;
}

void pl_http_server_free(pl_http_server **server) {
  if (!*server) return;
  for (late *l = (*server)->lates, *next; l; l = next) {
    next = l->next;
    if (!evhttp_request_get_connection(l->response.raw)) evhttp_request_free(l->response.raw);
    pl_buf_fini(&l->response.body);
    PL_FREE(l);
  }
  while ((*server)->guests) release((*server)->guests);
  evhttp_free((*server)->http);
  event_free((*server)->sweep);
  PL_FREE(*server);
}

int pl_http_server_port(const pl_http_server *server) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } at = {.any = {0}};
  socklen_t n = sizeof at;
  if (getsockname(evhttp_bound_socket_get_fd(server->bound), &at.any, &n) != 0) return -1;
  return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}
