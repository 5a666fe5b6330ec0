/* The HTTP server, talked to in raw bytes: what it answers, and what it does not put up with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/http_server.h"

enum { GUARD_S = 60, CLIENTS = 4, TRICKLE_US = 20000 };

typedef struct {
  int fd;
  struct event *readable, *trickle;
  pl_buf in;
  bool ended;
  int sent;
} client;

typedef struct {
  struct event_base *base;
  pl_http_server *server;
  client clients[CLIENTS];
  int64_t live_before;
  int handled;
  uint32_t ticket; /* of the newest request that waits */
  bool late;
} world;

static void hello(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)request;
  ((world *)ctx)->handled++;
  pl_http_text(response, 200, PL_STR("hello\n"));
}

/* Tells what it was asked. */
static void echo(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx;
  pl_buf out;
  pl_buf_init(&out, 1 << 20);
  const pl_str parts[] = {pl_str_of(request->method), request->rest, request->query,
                          pl_http_header(request, "x-word"), request->body};
  for (size_t i = 0; i < PL_COUNT(parts); i++) pl_buf_str_put(&out, parts[i]), pl_buf_char(&out, '|');
  pl_http_text(response, 201, pl_buf_str(&out));
  pl_buf_fini(&out);
}

static void large(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx, (void)request;
  char *p = pl_buf_more(&response->body, PL_HTTP_RESPONSE_MAX);
  memset(p, '.', PL_HTTP_RESPONSE_MAX);
}

static void too_large(void *ctx, const pl_http_request *request, pl_http_response *response) {
  large(ctx, request, response);
  pl_buf_char(&response->body, '.');
}

static void later(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)request;
  world *w = ctx;
  w->handled++;
  pl_http_problem(response, 504, "Gateway Timeout", NULL);
  w->ticket = pl_http_later(w->server, response);
  if (!w->ticket) pl_http_problem(response, 503, "Service Unavailable", NULL);
}

static const pl_http_route routes[] = {
    {"GET", "/later", later}, {"GET", "/hello", hello}, {"POST", "/echo/*", echo},
    {"PUT", "/echo/*", echo}, {"GET", "/large", large}, {"GET", "/too-large", too_large},
};

static void on_readable(evutil_socket_t fd, short what, void *ctx) {
  (void)what;
  client *c = ctx;
  char piece[65536];
  ssize_t n = read(fd, piece, sizeof piece);
  if (n > 0) {
    pl_buf_put(&c->in, piece, (size_t)n);
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    c->ended = true;
    (void)event_del(c->readable);
  }
}

static void on_trickle(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  client *c = ctx;
  if (send(c->fd, "x", 1, MSG_NOSIGNAL) == 1) c->sent++;
}

static client *dial(world *w, int i) {
  client *c = &w->clients[i];
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                           .sin_port = htons((uint16_t)pl_http_server_port(w->server))};
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(c->fd, (struct sockaddr *)&at, sizeof at), 0);
  assert_int_equal(evutil_make_socket_nonblocking(c->fd), 0);
  pl_buf_init(&c->in, 64 << 20);
  c->readable = event_new(w->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
  (void)event_add(c->readable, NULL);
  return c;
}

static void hang_up(client *c) {
  if (c->readable) event_free(c->readable);
  if (c->trickle) event_free(c->trickle);
  if (c->fd) (void)close(c->fd);
  pl_buf_fini(&c->in);
  *c = (client){0};
}

static void say(const client *c, const char *text) {
  size_t n = strlen(text);
  assert_int_equal(send(c->fd, text, n, MSG_NOSIGNAL), n);
}

static void on_guard(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  ((world *)ctx)->late = true;
}

static bool has(const client *c, const char *text) {
  return c->in.n && memmem(c->in.p, c->in.n, text, strlen(text));
}

/* Turns the loop until the client has read `text`, or (NULL) the end of the connection. */
static void await(world *w, const client *c, const char *text) {
  struct event *guard = evtimer_new(w->base, on_guard, w);
  (void)event_add(guard, &(struct timeval){GUARD_S, 0});
  while (!w->late && !(text ? has(c, text) : c->ended)) {
    if (text && c->ended) break;
    assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
  }
  event_free(guard);
  if (w->late || (text && !has(c, text)))
    fail_msg("waited for '%s', got '%.*s'", text ? text : "the end", (int)(c->in.n < 2000 ? c->in.n : 2000),
             c->in.p);
}

static void start(world *w, int timeout_ms, int connections) {
  pl_err err;
  const pl_http_server_config config = {.host = "127.0.0.1",
                                        .routes = routes,
                                        .nroutes = PL_COUNT(routes),
                                        .ctx = w,
                                        .timeout = {timeout_ms},
                                        .connections = connections};
  assert_int_equal(pl_http_server_new(&w->server, w->base, &config, &err), PL_OK);
}

static int set_up(void **state) {
  static world w;
  (void)signal(SIGPIPE, SIG_IGN);
  w = (world){.live_before = pl_mem_live(), .base = event_base_new()};
  *state = &w;
  return 0;
}

static int tear_down(void **state) {
  world *w = *state;
  for (int i = 0; i < CLIENTS; i++) hang_up(&w->clients[i]);
  pl_http_server_free(&w->server);
  event_base_free(w->base);
  return pl_mem_live() == w->live_before ? 0 : -1;
}

static void a_route_is_answered_and_the_connection_kept(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, c, "\r\n\r\nhello\n");
  assert_true(has(c, "HTTP/1.1 200 OK\r\n"));
  assert_true(has(c, "Content-Length: 6\r\n"));
  assert_true(has(c, "Content-Type: text/plain; charset=utf-8\r\n"));
  assert_true(has(c, "X-Content-Type-Options: nosniff\r\n"));
  pl_buf_clear(&c->in);
  say(c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"); /* pipelined */
  await(w, c, "404 Not Found");
  assert_true(has(c, "hello\n"));
  assert_false(c->ended);
  assert_int_equal(w->handled, 2);
  pl_buf_clear(&c->in);
  say(c, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await(w, c, NULL);
  assert_true(has(c, "hello\n"));
}

static void a_handler_sees_path_query_header_and_body(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c,
      "POST /echo/a%20b/%C3%A9?q=1&r=%20 HTTP/1.1\r\nHost: x\r\nX-Word: w\r\nContent-Length: 4\r\n\r\nbody");
  await(w, c, "POST|a b/\xC3\xA9|q=1&r=%20|w|body|");
  assert_true(has(c, "HTTP/1.1 201 "));
  assert_true(has(c, "Content-Type: text/plain; charset=utf-8\r\n"));
  pl_buf_clear(&c->in);
  say(c, "PUT /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  await(w, c, "PUT|x|||abcde|");
}

static void refusals_are_problem_documents(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, c, "{\"type\":\"about:blank\",\"status\":404,\"title\":\"Not Found\"}\n");
  assert_true(has(c, "Content-Type: application/problem+json\r\n"));
  say(c, "GET /echo/ HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n");
  pl_buf_clear(&c->in);
  await(w, c, "404");
  say(c, "DELETE /echo/x HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, c, "\"status\":405");
  assert_true(has(c, "Allow: POST, PUT\r\n"));
  say(c, "GET /too-large HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, c, "\"status\":500");
}

static void a_head_has_no_body(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await(w, c, NULL);
  assert_true(has(c, "Content-Length: 6\r\n"));
  assert_false(has(c, "hello"));
}

static void say_dots(world *w, client *c, size_t n) {
  char dots[1024];
  memset(dots, '.', sizeof dots);
  while (n && !c->ended) {
    ssize_t sent = send(c->fd, dots, n < sizeof dots ? n : sizeof dots, MSG_NOSIGNAL);
    if (sent > 0) n -= (size_t)sent;
    if (sent < 0 && errno != EAGAIN) break;
    (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  }
}

static void a_body_of_64_KiB_passes_and_a_longer_one_is_413(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n");
  say_dots(w, c, 65536);
  await(w, c, ".|");
  assert_true(has(c, "HTTP/1.1 201 "));
  say(c, "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n");
  say_dots(w, c, 65537);
  await(w, c, "\"status\":413,\"title\":\"Content Too Large\",\"detail\":\"a body is limited to 64 KiB\"}");
  client *d = dial(w, 1);
  say(d, "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
  await(w, d, "HTTP/1.1 413 ");
  client *e = dial(w, 2);
  say(e, "POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n");
  say_dots(w, e, 2 << 20);
  await(w, e, NULL);
  assert_false(has(e, "HTTP/1.1 201 "));
}

static void headers_above_8_KiB_are_refused(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Long: ");
  say_dots(w, c, 9000);
  await(w, c, NULL);
  assert_false(has(c, "hello"));
  client *d = dial(w, 1);
  say(d, "GET /");
  say_dots(w, d, 9000);
  await(w, d, NULL);
  assert_int_equal(w->handled, 0);
}

static void what_is_not_http_is_refused(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "\x16\x03\x01\x02\x01\r\n\r\n");
  await(w, c, NULL);
  client *d = dial(w, 1);
  say(d, "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, d, "HTTP/1.1 405 ");
  assert_int_equal(w->handled, 0);
}

static void a_client_that_trickles_is_cut(void **state) {
  world *w = *state;
  start(w, 300, 0);
  client *c = dial(w, 0);
  say(c, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  c->trickle = event_new(w->base, -1, EV_PERSIST, on_trickle, c);
  (void)event_add(c->trickle, &(struct timeval){0, TRICKLE_US});
  await(w, c, NULL);
  assert_true(c->sent > 1); /* it was not idle: idleness alone would not have cut it */
  client *d = dial(w, 1);
  await(w, d, NULL);
}

static void a_client_that_does_not_read_is_cut(void **state) {
  world *w = *state;
  start(w, 300, 1);
  client *c = dial(w, 0);
  (void)event_del(c->readable);
  say(c, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client *d = dial(w, 1); /* gets its turn only when the first is gone */
  say(d, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, d, "hello\n");
}

static void beyond_the_limit_clients_wait_for_their_turn(void **state) {
  world *w = *state;
  start(w, 0, 2);
  client *a = dial(w, 0), *b = dial(w, 1), *c = dial(w, 2);
  say(a, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  say(b, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  say(c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, a, "hello\n");
  await(w, b, "hello\n");
  for (int turn = 0; turn < 20; turn++) (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  assert_int_equal(w->handled, 2);
  hang_up(a);
  await(w, c, "hello\n");
}

static void a_port_in_use_is_said_with_the_remedy(void **state) {
  world *w = *state;
  pl_err err;
  start(w, 0, 0);
  pl_http_server *second = NULL;
  const pl_http_server_config config = {.host = "127.0.0.1", .port = pl_http_server_port(w->server)};
  assert_int_equal(pl_http_server_new(&second, w->base, &config, &err), PL_FATAL);
  assert_null(second);
  assert_non_null(strstr(err.text, "http.listen"));
  assert_non_null(strstr(err.text, "Address already in use"));
}

static void freeing_with_a_request_half_read_leaves_nothing(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "GET /hello HTTP/1.1\r\n");
  for (int turn = 0; turn < 5; turn++) (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  pl_http_server_free(&w->server);
  await(w, c, NULL);
}

/* Turns the loop until so many requests were handled. */
static void await_handled(world *w, int n) {
  while (w->handled < n) assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
}

static void an_answer_may_come_later_and_the_next_request_waits_for_it(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *c = dial(w, 0);
  say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  await_handled(w, 1);
  for (int turn = 0; turn < 20; turn++) (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  assert_true(c->in.n == 0 && w->handled == 1);
  pl_http_response *response = pl_http_late(w->server, w->ticket);
  assert_int_equal(response->status, 504);
  pl_http_header_put(response, "X-Word", "late");
  pl_http_text(response, 202, PL_STR("at last\n"));
  pl_http_late_send(w->server, w->ticket);
  await(w, c, "hello\n");
  assert_true(has(c, "HTTP/1.1 202") && has(c, "X-Word: late\r\n") && has(c, "at last\nHTTP/1.1 200 OK"));
  assert_null(pl_http_late(w->server, w->ticket));
  pl_http_late_send(w->server, w->ticket); /* nobody waits any more */
}

static void whom_nobody_answers_gets_what_the_handler_left(void **state) {
  world *w = *state;
  start(w, 400, 0);
  client *c = dial(w, 0), *d = dial(w, 1);
  say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  say(d, "HEAD /later HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, c, "\"Gateway Timeout\"");
  await(w, d, "HTTP/1.1 504");
  assert_false(has(d, "Gateway Timeout\""));
  assert_null(pl_http_late(w->server, w->ticket));
}

static void who_hangs_up_meanwhile_leaves_nothing(void **state) {
  world *w = *state;
  start(w, 400, 0);
  client *c = dial(w, 0), *d = dial(w, 1);
  say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  await_handled(w, 1);
  uint32_t first = w->ticket;
  say(d, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  await_handled(w, 2);
  hang_up(c), hang_up(d);
  for (int turn = 0; turn < 20; turn++) (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  assert_non_null(pl_http_late(w->server, first));
  pl_http_text(pl_http_late(w->server, first), 202, PL_STR("to nobody\n"));
  pl_http_late_send(w->server, first);
  while (pl_http_late(w->server, w->ticket)) assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
}

static void only_so_many_wait_and_freeing_with_them_leaves_nothing(void **state) {
  world *w = *state;
  start(w, 0, 0);
  client *one = dial(w, 0);
  for (int i = 0; i < PL_HTTP_LATER_MAX; i++) {
    client *other = dial(w, 1);
    say(other, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    await_handled(w, i + 1);
    hang_up(other);
  }
  say(one, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  await(w, one, "503 Service Unavailable");
  pl_http_server_free(&w->server);
  await(w, one, NULL);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_route_is_answered_and_the_connection_kept),
      TEST(a_handler_sees_path_query_header_and_body),
      TEST(refusals_are_problem_documents),
      TEST(a_head_has_no_body),
      TEST(a_body_of_64_KiB_passes_and_a_longer_one_is_413),
      TEST(headers_above_8_KiB_are_refused),
      TEST(what_is_not_http_is_refused),
      TEST(a_client_that_trickles_is_cut),
      TEST(a_client_that_does_not_read_is_cut),
      TEST(beyond_the_limit_clients_wait_for_their_turn),
      TEST(a_port_in_use_is_said_with_the_remedy),
      TEST(freeing_with_a_request_half_read_leaves_nothing),
      TEST(an_answer_may_come_later_and_the_next_request_waits_for_it),
      TEST(whom_nobody_answers_gets_what_the_handler_left),
      TEST(who_hangs_up_meanwhile_leaves_nothing),
      TEST(only_so_many_wait_and_freeing_with_them_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
