/* The HTTP client against our own server, and against peers that hang, break off and lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/http_client.h"
#include "io/http_server.h"
#include "tls_server.h"

enum { GUARD_S = 60 };

typedef struct {
  struct event_base *base;
  pl_http_server *server;
  pl_http_client *client;
  tls_server tls;
  int64_t live_before;
  int deaf; /* a socket that listens and never answers */
  int replies, requests, statuses[64];
  int status;
  int64_t retry_after_s;
  char body[256], error[256];
  bool late;
} world;

static void ok(void *ctx, const pl_http_request *request, pl_http_response *response) {
  ((world *)ctx)->requests++;
  pl_buf_printf(&response->body, "%s %.*s %.*s", request->method, (int)request->body.n, request->body.p,
                (int)pl_http_header(request, "x-id").n, pl_http_header(request, "x-id").p);
}
static void fails(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx, (void)request;
  pl_http_text(response, 500, PL_STR("sorry"));
}
static void busy(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx, (void)request;
  pl_http_header_put(response, "Retry-After", "17");
  pl_http_problem(response, 429, "Too Many Requests", NULL);
}
static void elsewhere(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx, (void)request;
  pl_http_header_put(response, "Location", "/ok");
  pl_http_text(response, 302, PL_STR("there"));
}
static void large(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx, (void)request;
  char *p = pl_buf_more(&response->body, 1 << 20);
  memset(p, '.', 1 << 20);
}

static const pl_http_route routes[] = {
    {"POST", "/ok", ok},     {"GET", "/ok", ok},        {"POST", "/fails", fails},
    {"POST", "/busy", busy}, {"POST", "/large", large}, {"POST", "/elsewhere", elsewhere},
};

static void on_reply(void *ctx, const pl_http_reply *reply) {
  world *w = ctx;
  if (w->replies < (int)PL_COUNT(w->statuses)) w->statuses[w->replies] = reply->status;
  w->replies++;
  w->status = reply->status, w->retry_after_s = reply->retry_after_s;
  (void)snprintf(w->body, sizeof w->body, "%.*s", (int)reply->body.n, reply->body.p ? reply->body.p : "");
  (void)snprintf(w->error, sizeof w->error, "%s", reply->error);
}

static void on_guard(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  ((world *)ctx)->late = true;
}

static void await(world *w, int replies) {
  struct event *guard = evtimer_new(w->base, on_guard, w);
  (void)event_add(guard, &(struct timeval){GUARD_S, 0});
  while (w->replies < replies && !w->late) assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
  event_free(guard);
  assert_false(w->late);
}

static int listen_on(int *fd) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof at;
  *fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  assert_int_equal(bind(*fd, (struct sockaddr *)&at, n), 0);
  assert_int_equal(listen(*fd, 16), 0);
  assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &n), 0);
  return ntohs(at.sin_port);
}

static void post(world *w, int port, const char *path, int timeout_ms) {
  char url[128];
  (void)snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
  const pl_header headers[] = {{PL_STR("X-Id"), PL_STR("a1")}};
  const pl_http_call call = {
      .url = url, .headers = headers, .nheaders = 1, .body = PL_STR("news"), .timeout = {timeout_ms}};
  pl_http_send(w->client, &call, on_reply, w);
}

static void post_and_await(world *w, const char *path) {
  post(w, pl_http_server_port(w->server), path, 0);
  assert_int_equal(w->replies, 0);
  await(w, 1);
}

static int set_up(void **state) {
  static world w;
  pl_err err;
  (void)signal(SIGPIPE, SIG_IGN);
  w = (world){.live_before = pl_mem_live(), .base = event_base_new(), .deaf = -1};
  const pl_http_server_config config = {
      .host = "127.0.0.1", .routes = routes, .nroutes = PL_COUNT(routes), .ctx = &w};
  if (pl_http_server_new(&w.server, w.base, &config, &err) != PL_OK) return -1;
  w.client = pl_http_client_new(w.base, &(pl_http_client_config){.concurrent = 2});
  *state = &w;
  return 0;
}

static int tear_down(void **state) {
  world *w = *state;
  pl_http_client_free(&w->client);
  pl_http_server_free(&w->server);
  tls_server_fini(&w->tls);
  event_base_free(w->base);
  if (w->deaf >= 0) (void)close(w->deaf);
  return pl_mem_live() == w->live_before ? 0 : -1;
}

static void a_post_carries_headers_and_body(void **state) {
  world *w = *state;
  post_and_await(w, "/ok");
  assert_int_equal(w->status, 200);
  assert_string_equal(w->body, "POST news a1");
  assert_string_equal(w->error, "");
  assert_int_equal(w->retry_after_s, 0);
}

static void without_a_body_it_is_a_get(void **state) {
  world *w = *state;
  char url[64];
  (void)snprintf(url, sizeof url, "http://localhost:%d/ok", pl_http_server_port(w->server));
  pl_http_send(w->client, &(pl_http_call){.url = url}, on_reply, w);
  await(w, 1);
  assert_string_equal(w->body, "GET  ");
}

static void statuses_are_told_not_judged(void **state) {
  world *w = *state;
  post_and_await(w, "/fails");
  assert_int_equal(w->status, 500);
  assert_string_equal(w->body, "sorry");
  assert_string_equal(w->error, "");
}

static void retry_after_is_told(void **state) {
  world *w = *state;
  post_and_await(w, "/busy");
  assert_int_equal(w->status, 429);
  assert_int_equal(w->retry_after_s, 17);
}

static void redirects_are_not_followed(void **state) {
  world *w = *state;
  post_and_await(w, "/elsewhere");
  assert_int_equal(w->status, 302);
  assert_int_equal(w->requests, 0);
}

static void a_proxy_in_the_environment_is_ignored(void **state) {
  world *w = *state;
  assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
  post_and_await(w, "/ok");
  (void)unsetenv("http_proxy");
  assert_int_equal(w->status, 200);
}

static void a_reply_over_the_limit_is_cut_and_keeps_its_status(void **state) {
  world *w = *state;
  post_and_await(w, "/large");
  assert_int_equal(w->status, 200);
  assert_string_equal(w->error, "the reply is longer than 65536 bytes");
}

static void a_peer_that_hangs_is_given_up(void **state) {
  world *w = *state;
  post(w, listen_on(&w->deaf), "/secret-path", 200);
  await(w, 1);
  assert_int_equal(w->status, 0);
  assert_non_null(strstr(w->error, "timed out"));
  assert_null(strstr(w->error, "secret-path"));
}

static void a_refused_connection_is_no_answer(void **state) {
  world *w = *state;
  int fd, port = listen_on(&fd);
  (void)close(fd);
  post(w, port, "/", 0);
  await(w, 1);
  assert_int_equal(w->status, 0);
  assert_non_null(strstr(w->error, "connect"));
}

static void on_half(evutil_socket_t fd, short what, void *ctx) {
  (void)what, (void)ctx;
  const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of";
  char request[4096];
  assert_true(recv(fd, request, sizeof request, 0) > 0); /* unread, it would turn the close into a reset */
  assert_int_equal(send(fd, half, sizeof half - 1, MSG_NOSIGNAL), sizeof half - 1);
  (void)close(fd);
}

static void on_caller(evutil_socket_t fd, short what, void *ctx) {
  (void)what;
  assert_int_equal(event_base_once(ctx, accept(fd, NULL, NULL), EV_READ, on_half, NULL, NULL), 0);
}

static void a_reply_that_breaks_off_is_no_answer(void **state) {
  world *w = *state;
  int port = listen_on(&w->deaf);
  assert_int_equal(event_base_once(w->base, w->deaf, EV_READ, on_caller, w->base, NULL), 0);
  post(w, port, "/", 0);
  await(w, 1);
  assert_int_equal(w->status, 0);
  assert_string_equal(w->body, "");
  assert_int_not_equal(w->error[0], 0);
}

static void only_http_is_spoken_and_headers_cannot_be_split(void **state) {
  world *w = *state;
  pl_http_send(w->client, &(pl_http_call){.url = "file:///etc/hostname"}, on_reply, w);
  await(w, 1);
  assert_int_equal(w->status, 0);
  assert_string_equal(w->body, "");
  const pl_header split[] = {{PL_STR("X-Id"), PL_STR("a\r\nX-Evil: 1")}};
  pl_http_send(w->client, &(pl_http_call){.url = "http://127.0.0.1/", .headers = split, .nheaders = 1},
               on_reply, w);
  assert_int_equal(w->replies, 1);
  await(w, 2);
  assert_int_equal(w->status, 0);
  assert_non_null(strstr(w->error, "line break"));
}

static void calls_beyond_the_limit_wait_and_all_are_answered(void **state) {
  world *w = *state;
  int port = listen_on(&w->deaf), accepted = 0, peers[16];
  for (int i = 0; i < 5; i++) post(w, port, "/", 200);
  for (int i = 0; i < 20; i++) post(w, pl_http_server_port(w->server), "/ok", 0);
  while (w->replies == 0) {
    for (int fd; (fd = accept(w->deaf, NULL, NULL)) >= 0; accepted++) peers[accepted] = fd;
    if (w->replies == 0) assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
  }
  assert_in_range(accepted, 1, 2);
  while (accepted) (void)close(peers[--accepted]);
  await(w, 25);
  assert_int_equal(w->requests, 20);
  int unanswered = 0;
  for (int i = 0; i < 25; i++) unanswered += w->statuses[i] == 0;
  assert_int_equal(unanswered, 5);
}

static void on_reply_that_asks_again(void *ctx, const pl_http_reply *reply) {
  world *w = ctx;
  on_reply(w, reply);
  if (w->replies < 10) {
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/ok", pl_http_server_port(w->server));
    pl_http_send(w->client, &(pl_http_call){.url = url}, on_reply_that_asks_again, w);
  }
}

static void a_reply_may_ask_again(void **state) {
  world *w = *state;
  char url[64];
  (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/ok", pl_http_server_port(w->server));
  pl_http_send(w->client, &(pl_http_call){.url = url}, on_reply_that_asks_again, w);
  await(w, 10);
  assert_int_equal(w->requests, 10);
}

static void freeing_answers_what_is_under_way(void **state) {
  world *w = *state;
  int port = listen_on(&w->deaf);
  for (int i = 0; i < 5; i++) post(w, port, "/", 0);
  (void)event_base_loop(w->base, EVLOOP_ONCE);
  pl_http_client_free(&w->client);
  assert_int_equal(w->replies, 5);
  assert_int_equal(w->status, 0);
}

static void get_by_tls(world *w, const char *host) {
  char url[64];
  (void)snprintf(url, sizeof url, "https://%s:%d/", host, w->tls.port);
  pl_http_send(w->client, &(pl_http_call){.url = url}, on_reply, w);
  await(w, 1);
}

static void an_unknown_certificate_is_refused(void **state) {
  world *w = *state;
  tls_server_init(&w->tls);
  get_by_tls(w, "localhost");
  assert_int_equal(w->status, 0);
  assert_non_null(strstr(w->error, "certificate"));
}

static void a_known_certificate_is_accepted_under_its_own_name(void **state) {
  world *w = *state;
  tls_server_init(&w->tls);
  pl_http_client_free(&w->client);
  w->client = pl_http_client_new(w->base, &(pl_http_client_config){.ca_file = w->tls.certificate});
  get_by_tls(w, "localhost");
  assert_int_equal(w->status, 200);
  assert_string_equal(w->body, "sealed");
}

static void a_known_certificate_of_another_name_is_refused(void **state) {
  world *w = *state;
  tls_server_init(&w->tls);
  pl_http_client_free(&w->client);
  w->client = pl_http_client_new(w->base, &(pl_http_client_config){.ca_file = w->tls.certificate});
  get_by_tls(w, "127.0.0.1");
  assert_int_equal(w->status, 0);
  assert_non_null(strstr(w->error, "127.0.0.1"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_post_carries_headers_and_body),
      TEST(without_a_body_it_is_a_get),
      TEST(statuses_are_told_not_judged),
      TEST(retry_after_is_told),
      TEST(redirects_are_not_followed),
      TEST(a_proxy_in_the_environment_is_ignored),
      TEST(a_reply_over_the_limit_is_cut_and_keeps_its_status),
      TEST(a_peer_that_hangs_is_given_up),
      TEST(a_refused_connection_is_no_answer),
      TEST(a_reply_that_breaks_off_is_no_answer),
      TEST(only_http_is_spoken_and_headers_cannot_be_split),
      TEST(calls_beyond_the_limit_wait_and_all_are_answered),
      TEST(a_reply_may_ask_again),
      TEST(freeing_answers_what_is_under_way),
      TEST(an_unknown_certificate_is_refused),
      TEST(a_known_certificate_is_accepted_under_its_own_name),
      TEST(a_known_certificate_of_another_name_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
