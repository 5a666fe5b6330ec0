/* What a client may send: bytes over a real connection to the real server, new each time. Each is answered or
 * hung up on, handlers see what is within the limits, and nothing is left of it. */
#include "io/http_server.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

static struct event_base *base;
static pl_http_server *server;

static void echo(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx;
  PL_ASSERT(*request->method && request->body.n <= PL_HTTP_BODY_MAX);
  pl_http_header_put(response, "X-Echo", pl_http_header(request, "X-Word").p ? "yes" : "no");
  pl_http_text(response, 201, request->rest);
  pl_buf_str_put(&response->body, request->query), pl_buf_str_put(&response->body, request->body);
}

static void greet(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx;
  PL_ASSERT(pl_str_is(request->path, "/metrics"));
  pl_http_problem(response, 503, "Service Unavailable", "not \"ready\"");
}

static const pl_http_route routes[] = {
    {"GET", "/metrics", greet}, {"POST", "/echo/*", echo}, {"PUT", "/echo/*", echo}};

static void open_server(void) {
  pl_err err;
  const pl_http_server_config config = {.host = "127.0.0.1", .routes = routes, .nroutes = PL_COUNT(routes)};
  (void)signal(SIGPIPE, SIG_IGN);
  base = event_base_new();
  fuzz_need(pl_http_server_new(&server, base, &config, &err), &err);
}

static int dial(void) {
  const struct sockaddr_in at = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                 .sin_port = htons((uint16_t)pl_http_server_port(server))};
  const struct linger none = {1, 0}; /* else the machine runs out of ports */
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PL_ASSERT(fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0);
  PL_ASSERT(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
  return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  open_server();
  int fd = dial();
  char answer[65536];
  size_t got = 0;
  ssize_t n;
  for (size_t sent = 0; sent < size; sent += (size_t)n) { /* it may hang up before it has all */
    if ((n = send(fd, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0 && errno != EAGAIN) break;
    if (n < 0) n = 0;
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
  }
  (void)shutdown(fd, SHUT_WR);
  for (;;) {
    n = recv(fd, answer + got % 32768, sizeof answer / 2, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) break;
    if (n > 0 && got < 8) PL_ASSERT(n < 5 || got || memcmp(answer, "HTTP/", 5) == 0);
    if (n > 0) got += (size_t)n;
    if (n < 0) (void)event_base_loop(base, EVLOOP_ONCE);
  }
  (void)close(fd);
  pl_http_server_free(&server);
  event_base_free(base);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
