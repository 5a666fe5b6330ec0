/* The registry against scripted servers: two of them, which say what each test has written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/http_server.h"
#include "io/registry.h"
#include "tls_server.h"

enum { GUARD_S = 60, NODES = 2, TELLS = 8 };

/* What a node answers the next time it is asked for this path. A status of 0: nothing, for longer than the
 * client waits. */
typedef struct {
  int node;
  const char *path;
  int status;
  const char *body;
  bool said;
} line;

typedef struct world world;

typedef struct {
  world *w;
  pl_http_server *server;
  char url[64];
} node;

struct world {
  struct event_base *base;
  node nodes[NODES];
  const char *urls[NODES];
  pl_http_client *client;
  pl_registry *registry;
  int64_t live_before;
  line *script;
  char asked[2048]; /* "1 GET /schemas/ids/7\n" a request */
  char authorization[128], body[4096];
  struct {
    int32_t id;
    bool here;
    char text[1024], why[512];
  } told[TELLS];
  int tells;
  bool late;
  char secret[32];
  tls_server tls;
};

static void say(void *ctx, const pl_http_request *request, pl_http_response *response) {
  node *n = ctx;
  world *w = n->w;
  int number = (int)(n - w->nodes);
  size_t at = strlen(w->asked);
  (void)snprintf(w->asked + at, sizeof w->asked - at, "%d %s %.*s\n", number, request->method,
                 (int)request->path.n, request->path.p);
  pl_str authorization = pl_http_header(request, "Authorization");
  (void)snprintf(w->authorization, sizeof w->authorization, "%.*s", (int)authorization.n, authorization.p);
  (void)snprintf(w->body, sizeof w->body, "%.*s", (int)request->body.n, request->body.p);
  for (line *l = w->script; l->path; l++) {
    if (l->said || l->node != number || !pl_str_is(request->path, l->path)) continue;
    l->said = true;
    if (l->status == 0) {
      assert_int_not_equal(pl_http_later(n->server, response), 0);
      return;
    }
    pl_http_text(response, l->status, pl_str_of(l->body));
    return;
  }
  pl_http_text(response, 404, PL_STR("nothing is written for this"));
}

static const pl_http_route routes[] = {{"GET", "/*", say}, {"POST", "/*", say}};

static void on_told(void *ctx, const pl_schema_told *told) {
  world *w = ctx;
  assert_in_range(w->tells, 0, TELLS - 1);
  w->told[w->tells].id = told->id, w->told[w->tells].here = told->text.p != NULL;
  (void)snprintf(w->told[w->tells].text, sizeof w->told[0].text, "%.*s", (int)told->text.n,
                 told->text.p ? told->text.p : "");
  (void)snprintf(w->told[w->tells++].why, sizeof w->told[0].why, "%s", told->why);
}

static void on_guard(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  ((world *)ctx)->late = true;
}

static void await(world *w, int tells) {
  struct event *guard = evtimer_new(w->base, on_guard, w);
  (void)event_add(guard, &(struct timeval){GUARD_S, 0});
  while (w->tells < tells && !w->late) assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
  event_free(guard);
  assert_false(w->late);
}

static void await_why(world *w, const char *words) {
  struct event *guard = evtimer_new(w->base, on_guard, w);
  (void)event_add(guard, &(struct timeval){GUARD_S, 0});
  while (!strstr(w->registry->ops->why(w->registry), words) && !w->late)
    assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
  event_free(guard);
  if (w->late) fail_msg("%s, not %s", w->registry->ops->why(w->registry), words);
}

static void open_registry(world *w, size_t nurls, pl_registry_config is) {
  pl_err err = {""};
  is.urls = w->urls, is.nurls = nurls;
  if (!is.timeout.ms) is.timeout.ms = 300;
  if (pl_registry_open(&w->registry, w->base, w->client, &is, &err) != PL_OK) fail_msg("%s", err.text);
}

static void ask(world *w, int32_t id, line *script) {
  w->script = script;
  w->registry->ops->ask(w->registry, id, on_told, w);
}

static int set_up(void **state) {
  static world w;
  pl_err err;
  (void)signal(SIGPIPE, SIG_IGN);
  w = (world){.live_before = pl_mem_live(), .base = event_base_new()};
  for (int i = 0; i < NODES; i++) {
    node *n = &w.nodes[i];
    const pl_http_server_config config = {
        .host = "127.0.0.1", .routes = routes, .nroutes = PL_COUNT(routes), .ctx = n};
    n->w = &w;
    if (pl_http_server_new(&n->server, w.base, &config, &err) != PL_OK) return -1;
    (void)snprintf(n->url, sizeof n->url, "http://127.0.0.1:%d/base", pl_http_server_port(n->server));
    w.urls[i] = n->url;
  }
  w.client = pl_http_client_new(w.base, &(pl_http_client_config){0});
  *state = &w;
  return 0;
}

static int tear_down(void **state) {
  world *w = *state;
  pl_http_client_free(&w->client);
  pl_registry_close(&w->registry);
  for (int i = 0; i < NODES; i++) pl_http_server_free(&w->nodes[i].server);
  tls_server_fini(&w->tls);
  event_base_free(w->base);
  if (*w->secret) (void)unlink(w->secret);
  return pl_mem_live() == w->live_before ? 0 : -1;
}

static void write_secret(world *w, const char *text) {
  memcpy(w->secret, "/tmp/paceline-XXXXXX", 21);
  int fd = mkstemp(w->secret);
  assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

static void a_schema_is_asked_for_once_and_told_from_memory_then(void **state) {
  world *w = *state;
  open_registry(w, 1, (pl_registry_config){0});
  ask(w, 7, (line[]){{0, "/base/schemas/ids/7", 200, "{\"schema\":\"\\\"int\\\"\"}", false}, {0}});
  assert_int_equal(w->tells, 0); /* never inside it */
  await(w, 1);
  assert_int_equal(w->told[0].id, 7);
  assert_string_equal(w->told[0].text, "\"int\"");
  ask(w, 7, (line[]){{0}});
  assert_int_equal(w->tells, 1);
  await(w, 2);
  assert_string_equal(w->told[1].text, "\"int\"");
  assert_string_equal(w->asked, "0 GET /base/schemas/ids/7\n");
}

static void a_no_counts_when_every_node_says_it(void **state) {
  world *w = *state;
  const char no[] = "{\"error_code\":40403,\"message\":\"Schema not found\"}", path[] = "/base/schemas/ids/7";
  open_registry(w, 2, (pl_registry_config){0});
  ask(w, 7, (line[]){{0, path, 404, no, false}, {1, path, 200, "{\"schema\":\"\\\"int\\\"\"}", false}, {0}});
  await(w, 1);
  assert_true(w->told[0].here);
  ask(w, 8,
      (line[]){{1, "/base/schemas/ids/8", 404, no, false}, {0, "/base/schemas/ids/8", 404, no, false}, {0}});
  await(w, 2);
  assert_int_equal(w->told[1].id, 8);
  assert_false(w->told[1].here);
  assert_non_null(strstr(w->told[1].why, "Schema not found"));
  assert_string_equal(w->asked, "0 GET /base/schemas/ids/7\n1 GET /base/schemas/ids/7\n"
                                "1 GET /base/schemas/ids/8\n0 GET /base/schemas/ids/8\n");
}

static void a_no_of_one_and_silence_of_the_other_is_no_answer(void **state) {
  world *w = *state;
  const char no[] = "{\"error_code\":40403,\"message\":\"Schema not found\"}", path[] = "/base/schemas/ids/7";
  open_registry(w, 2, (pl_registry_config){0});
  ask(w, 7,
      (line[]){{0, path, 404, no, false},
               {1, path, 500, "", false},
               {0, path, 404, no, false},
               {1, path, 404, no, false},
               {0}});
  await_why(w, "answers 500");
  assert_int_equal(w->tells, 0);
  await(w, 1);
  assert_false(w->told[0].here);
}

static void whatever_says_nothing_is_named_and_asked_again(void **state) {
  world *w = *state;
  static const struct {
    int status;
    const char *body, *why;
  } cases[] = {
      {401, "", "does not let us in (401"},
      {403, "", "does not let us in (403"},
      {429, "", "fewer questions"},
      {503, "", "answers 503"},
      {404, "", "check the path"},
      {200, "<html>", "not JSON"},
      {200, "{\"schema\":", "not JSON"},
      {200, "{}", "neither"},
      {200, "{\"id\":3}", "without a schema"},
      {0, "", "timed out"},
  };
  open_registry(w, 1, (pl_registry_config){0});
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char path[64];
    (void)snprintf(path, sizeof path, "/base/schemas/ids/%zu", i);
    line script[] = {{0, path, cases[i].status, cases[i].body, false},
                     {0, path, 200, "{\"schema\":\"\\\"int\\\"\"}", false},
                     {0}};
    w->tells = 0;
    ask(w, (int32_t)i, script);
    await_why(w, cases[i].why);
    assert_non_null(strstr(w->registry->ops->why(w->registry), w->urls[0]));
    await(w, 1);
    assert_true(w->told[0].here);
    assert_string_equal(w->registry->ops->why(w->registry), "");
  }
}

static void another_kind_of_schema_is_a_no(void **state) {
  world *w = *state;
  open_registry(w, 1, (pl_registry_config){0});
  ask(w, 7,
      (line[]){{0, "/base/schemas/ids/7", 200, "{\"schema\":\"syntax\",\"schemaType\":\"PROTOBUF\"}", false},
               {0}});
  await(w, 1);
  assert_false(w->told[0].here);
  assert_non_null(strstr(w->told[0].why, "PROTOBUF"));
}

static void the_node_that_answered_last_is_asked_first(void **state) {
  world *w = *state;
  open_registry(w, 2, (pl_registry_config){0});
  ask(w, 7,
      (line[]){{0, "/base/schemas/ids/7", 0, "", false},
               {1, "/base/schemas/ids/7", 200, "{\"schema\":\"\\\"int\\\"\"}", false},
               {1, "/base/schemas/ids/8", 200, "{\"schema\":\"\\\"int\\\"\"}", false},
               {0}});
  line *script = w->script;
  await(w, 1);
  ask(w, 8, script);
  await(w, 2);
  assert_string_equal(w->asked,
                      "0 GET /base/schemas/ids/7\n1 GET /base/schemas/ids/7\n1 GET /base/schemas/ids/8\n");
}

static void references_are_fetched_once_each_and_joined(void **state) {
  world *w = *state;
  open_registry(w, 1, (pl_registry_config){0});
  ask(w, 7,
      (line[]){
          {0, "/base/schemas/ids/7", 200,
           "{\"schema\":\"[\\\"a.A\\\",\\\"b.B\\\"]\",\"references\":["
           "{\"name\":\"a.A\",\"subject\":\"a\",\"version\":1},{\"name\":\"b.B\",\"subject\":\"b\","
           "\"version\":2}]}",
           false},
          {0, "/base/subjects/a/versions/1", 200,
           "{\"id\":1,\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"a.A\\\",\\\"fields\\\":"
           "[{\\\"name\\\":\\\"b\\\",\\\"type\\\":\\\"b.B\\\"}]}\",\"references\":["
           "{\"name\":\"b.B\",\"subject\":\"b\",\"version\":2}]}",
           false},
          {0, "/base/subjects/b/versions/2", 200,
           "{\"id\":2,\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"b.B\\\",\\\"size\\\":4}\"}",
           false},
          {0}});
  await(w, 1);
  assert_int_equal(w->told[0].id, 7);
  assert_string_equal(w->told[0].why, "");
  assert_string_equal(
      w->told[0].text,
      "[{\"type\":\"record\",\"name\":\"a.A\",\"fields\":[{\"name\":\"b\",\"type\":{\"type\":\"fixed\","
      "\"name\":\"b.B\",\"size\":4,\"namespace\":\"b\"}}],\"namespace\":\"a\"},\"b.B\"]");
  assert_string_equal(
      w->asked,
      "0 GET /base/schemas/ids/7\n0 GET /base/subjects/a/versions/1\n0 GET /base/subjects/b/versions/2\n");
}

static void a_reference_that_is_not_there_is_named(void **state) {
  world *w = *state;
  open_registry(w, 1, (pl_registry_config){0});
  ask(w, 7,
      (line[]){
          {0, "/base/schemas/ids/7", 200,
           "{\"schema\":\"\\\"a.A\\\"\",\"references\":[{\"name\":\"a.A\",\"subject\":\"a\",\"version\":1}]}",
           false},
          {0, "/base/subjects/a/versions/1", 404, "{\"error_code\":40402,\"message\":\"Version not found\"}",
           false},
          {0}});
  await(w, 1);
  assert_false(w->told[0].here);
  assert_non_null(strstr(w->told[0].why, "it refers to a: "));
}

static void the_newest_of_a_subject_comes_with_its_id(void **state) {
  world *w = *state;
  open_registry(w, 1, (pl_registry_config){0});
  w->script = (line[]){
      {0, "/base/subjects/crm.deals-value/versions/latest", 200,
       "{\"subject\":\"crm.deals-value\",\"version\":3,\"id\":12,\"schema\":\"\\\"int\\\"\"}", false},
      {0}};
  pl_registry_latest(w->registry, PL_STR("crm.deals-value"), on_told, w);
  await(w, 1);
  assert_int_equal(w->told[0].id, 12);
  assert_string_equal(w->told[0].text, "\"int\"");
}

static void our_own_schema_is_found_or_registered_where_it_may_be(void **state) {
  world *w = *state;
  const char no[] = "{\"error_code\":40403,\"message\":\"Schema not found\"}";
  open_registry(w, 1, (pl_registry_config){0});
  line script[] = {{0, "/base/subjects/x-value", 404, no, false},
                   {0, "/base/subjects/x-value", 404, no, false},
                   {0, "/base/subjects/x-value/versions", 200, "{\"id\":5}", false},
                   {0, "/base/subjects/x-value", 200,
                    "{\"subject\":\"x-value\",\"id\":5,\"schema\":\"\\\"int\\\"\"}", false},
                   {0}};
  w->script = script;
  pl_registry_find(w->registry, PL_STR("x-value"), PL_STR("\"int\""), false, on_told, w);
  await(w, 1);
  assert_false(w->told[0].here);
  pl_registry_find(w->registry, PL_STR("x-value"), PL_STR("\"int\""), true, on_told, w);
  await(w, 2);
  assert_true(w->told[1].here);
  assert_int_equal(w->told[1].id, 5);
  assert_string_equal(w->body, "{\"schemaType\":\"AVRO\",\"schema\":\"\\\"int\\\"\"}");
  pl_registry_find(w->registry, PL_STR("x-value"), PL_STR("\"int\""), true, on_told, w);
  await(w, 3);
  assert_int_equal(w->told[2].id, 5);
  assert_string_equal(w->asked, "0 POST /base/subjects/x-value\n0 POST /base/subjects/x-value\n"
                                "0 POST /base/subjects/x-value/versions\n0 POST /base/subjects/x-value\n");
}

static void it_logs_in_by_password_or_by_token(void **state) {
  world *w = *state;
  write_secret(w, "open sesame\n");
  open_registry(w, 1, (pl_registry_config){.user = "Aladdin", .password_file = w->secret});
  ask(w, 7, (line[]){{0, "/base/schemas/ids/7", 200, "{\"schema\":\"\\\"int\\\"\"}", false}, {0}});
  await(w, 1);
  assert_string_equal(w->authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  pl_registry_close(&w->registry);
  open_registry(w, 1, (pl_registry_config){.token_file = w->secret});
  ask(w, 7, (line[]){{0, "/base/schemas/ids/7", 200, "{\"schema\":\"\\\"int\\\"\"}", false}, {0}});
  await(w, 2);
  assert_string_equal(w->authorization, "Bearer open sesame");
}

static void a_secret_that_is_not_there_or_has_two_lines_is_refused(void **state) {
  world *w = *state;
  pl_err err;
  write_secret(w, "one\r\nX-Evil: two");
  const pl_registry_config two = {.urls = w->urls, .nurls = 1, .token_file = w->secret},
                           none = {.urls = w->urls, .nurls = 1, .user = "u", .password_file = "/nowhere"};
  assert_int_equal(pl_registry_open(&w->registry, w->base, w->client, &two, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "schemas.registry.token_file"));
  assert_int_equal(pl_registry_open(&w->registry, w->base, w->client, &none, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "/nowhere"));
}

static void a_certificate_is_checked_by_the_file_that_is_given(void **state) {
  world *w = *state;
  char url[64];
  tls_server_init(&w->tls);
  (void)snprintf(url, sizeof url, "https://localhost:%d", w->tls.port);
  w->urls[0] = url;
  open_registry(w, 1, (pl_registry_config){.timeout = {5000}});
  ask(w, 7, (line[]){{0}});
  await_why(w, "certificate");
  pl_http_client_free(&w->client);
  pl_registry_close(&w->registry);
  w->client = pl_http_client_new(w->base, &(pl_http_client_config){0});
  open_registry(w, 1, (pl_registry_config){.timeout = {5000}, .ca_file = w->tls.certificate});
  ask(w, 7, (line[]){{0}});
  await_why(w, "not JSON"); /* it says `sealed` */
  w->urls[0] = w->nodes[0].url;
}

static void what_has_no_answer_is_dropped_at_the_end(void **state) {
  world *w = *state;
  open_registry(w, 1, (pl_registry_config){.timeout = {GUARD_S * 1000}});
  ask(w, 7, (line[]){{0, "/base/schemas/ids/7", 0, "", false}, {0}});
  while (!*w->asked) assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
  pl_http_client_free(&w->client);
  pl_registry_close(&w->registry);
  assert_int_equal(w->tells, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_schema_is_asked_for_once_and_told_from_memory_then),
      TEST(a_no_counts_when_every_node_says_it),
      TEST(a_no_of_one_and_silence_of_the_other_is_no_answer),
      TEST(whatever_says_nothing_is_named_and_asked_again),
      TEST(another_kind_of_schema_is_a_no),
      TEST(the_node_that_answered_last_is_asked_first),
      TEST(references_are_fetched_once_each_and_joined),
      TEST(a_reference_that_is_not_there_is_named),
      TEST(the_newest_of_a_subject_comes_with_its_id),
      TEST(our_own_schema_is_found_or_registered_where_it_may_be),
      TEST(it_logs_in_by_password_or_by_token),
      TEST(a_secret_that_is_not_there_or_has_two_lines_is_refused),
      TEST(a_certificate_is_checked_by_the_file_that_is_given),
      TEST(what_has_no_answer_is_dropped_at_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
