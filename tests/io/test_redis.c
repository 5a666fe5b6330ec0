/* The Redis store against real servers: what a writer may rely on while they come, hang, die and return. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/resp.h"
#include "io/redis.h"
#include "redis_await.h"
#include "redis_server.h"

typedef struct {
  redis_server server;
  struct event_base *base;
  pl_store *store;
  pl_redis_config config;
  int64_t live_before;
  int ups, downs, messages;
  int answers, nulls; /* of commands sent with `ask` */
  char why[256], message[256];
  char last[512]; /* the last answer, as text */
  pl_answer class;
  size_t last_n;
} world;

static void on_up(void *ctx) { ((world *)ctx)->ups++; }
static void on_down(void *ctx, const char *why) {
  world *w = ctx;
  w->downs++;
  (void)snprintf(w->why, sizeof w->why, "%s", why);
}
static void on_message(void *ctx, pl_str channel, pl_str payload) {
  world *w = ctx;
  w->messages++;
  (void)snprintf(w->message, sizeof w->message, "%.*s=%.*s", (int)channel.n, channel.p, (int)payload.n,
                 payload.p);
}

static void print(pl_buf *out, const pl_reply *reply) {
  switch (reply->kind) {
  case PL_REPLY_NIL: pl_buf_text(out, "nil"); break;
  case PL_REPLY_INT: pl_buf_int(out, reply->i); break;
  case PL_REPLY_TEXT: pl_buf_json(out, reply->s); break;
  case PL_REPLY_ERROR: pl_buf_char(out, '!'), pl_buf_str_put(out, reply->s); break;
  case PL_REPLY_ARRAY:
    pl_buf_char(out, '[');
    for (size_t i = 0; i < reply->n && i < 10; i++) print(out, &reply->items[i]), pl_buf_char(out, ' ');
    pl_buf_char(out, ']');
  }
}

static void on_reply(void *ctx, const pl_reply *reply) {
  world *w = ctx;
  w->answers++;
  w->class = pl_reply_class(reply);
  if (!reply) {
    w->nulls++;
    return;
  }
  pl_buf out;
  pl_buf_init(&out, sizeof w->last - 1);
  print(&out, reply);
  memcpy(w->last, out.p, out.n);
  w->last[out.n] = 0, w->last_n = reply->n;
  pl_buf_fini(&out);
}

/* A command, its words apart by single blanks. */
static void ask_with(world *w, pl_reply_fn *fn, void *ctx, const char *words) {
  pl_buf buf;
  pl_buf_init(&buf, 1 << 20);
  size_t argc = 1;
  for (const char *c = words; *c; c++) argc += *c == ' ';
  pl_resp_begin(&buf, argc);
  for (const char *c = words;; c++) {
    size_t n = strcspn(c, " ");
    pl_resp_arg(&buf, (pl_str){c, n});
    c += n;
    if (!*c) break;
  }
  w->store->ops->send(w->store, pl_buf_str(&buf), fn, ctx);
  pl_buf_fini(&buf);
}
static void ask(world *w, const char *words) { ask_with(w, on_reply, w, words); }

static void await(world *w, const int *count, int at_least) {
  redis_await(w->base, w->store, count, at_least, NULL);
}
static void await_why(world *w, const char *part) { redis_await(w->base, w->store, NULL, 0, part); }

static void open_store(world *w) {
  pl_err err;
  w->store = pl_redis_new(w->base, &w->config);
  const pl_store_handler handler = {on_up, on_down, on_message, w};
  assert_int_equal(w->store->ops->start(w->store, &handler, &err), PL_OK);
}

static void tell(world *w, char *reply, size_t room, const char *a, const char *b, const char *c,
                 const char *d) {
  const char *args[] = {a, b, c, d};
  redis_server_ask(&w->server, reply, room, d ? 4 : c ? 3 : b ? 2 : 1, args);
}

static int set_up(void **state) {
  static world w;
  (void)signal(SIGPIPE, SIG_IGN);
  w = (world){.live_before = pl_mem_live(), .base = event_base_new()};
  redis_server_init(&w.server);
  w.config = (pl_redis_config){.host = "127.0.0.1", .port = w.server.port};
  *state = &w;
  return 0;
}

static int tear_down(void **state) {
  world *w = *state;
  pl_redis_free(&w->store);
  (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  event_base_free(w->base);
  redis_server_fini(&w->server);
  return pl_mem_live() == w->live_before ? 0 : -1;
}

static void a_nested_reply_keeps_its_shape(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  assert_string_equal(pl_redis_why(w->store), "");
  ask(w, "EVAL return{1,'a',{'b',{2}},false,redis.status_reply('fine')} 0");
  await(w, &w->answers, 1);
  assert_string_equal(w->last, "[1 \"a\" [\"b\" [2 ] ] nil \"fine\" ]");
  ask(w, "PING");
  await(w, &w->answers, 2);
  assert_string_equal(w->last, "\"PONG\"");
  ask(w, "LPUSH list x");
  ask(w, "GET list");
  await(w, &w->answers, 4);
  assert_true(strncmp(w->last, "!WRONGTYPE ", 11) == 0);
  assert_int_equal(w->class, PL_ANSWER_OPERATOR);
  ask(w, "EVALSHA 0000000000000000000000000000000000000000 0");
  await(w, &w->answers, 5);
  assert_int_equal(w->class, PL_ANSWER_RETRY);
}

typedef struct {
  int next, wrong;
} order;
static void on_counted(void *ctx, const pl_reply *reply) {
  order *o = ctx;
  o->next++;
  o->wrong += !reply || reply->kind != PL_REPLY_INT || reply->i != o->next;
}

static void thousands_in_flight_are_answered_in_order(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  order o = {0, 0};
  const size_t one = sizeof "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n" - 1;
  for (int i = 0; i < 20000; i++) ask_with(w, on_counted, &o, "INCR n");
  assert_int_equal(w->store->ops->queued(w->store), 20000 * one);
  assert_int_equal(o.next, 0);
  await(w, &o.next, 20000);
  assert_int_equal(o.wrong, 0);
  assert_int_equal(w->store->ops->queued(w->store), 0);
}

typedef struct {
  int answers, wrong;
  size_t n;
} fields;
static void on_fields(void *ctx, const pl_reply *reply) {
  fields *f = ctx;
  f->answers++;
  f->n = reply && reply->kind == PL_REPLY_ARRAY ? reply->n : 0;
  for (size_t i = 0; i + 1 < f->n; i += 2) { /* field f<k> holds <k> and 200 dots */
    pl_str name = reply->items[i].s, value = reply->items[i + 1].s;
    f->wrong += name.n < 2 || value.n != name.n - 1 + 200 || memcmp(name.p + 1, value.p, name.n - 1) != 0;
  }
}

static void a_large_hash_comes_whole(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  for (int i = 0; i < 50000; i++) {
    char words[300];
    int n = snprintf(words, sizeof words, "HSET big f%d %d", i, i);
    memset(words + n, '.', 200);
    words[n + 200] = 0;
    ask(w, words);
  }
  fields f = {0, 0, 0};
  ask_with(w, on_fields, &f, "HGETALL big");
  await(w, &f.answers, 1);
  assert_int_equal(f.n, 100000);
  assert_int_equal(f.wrong, 0);
}

static void a_killed_server_answers_null_then_down_then_up_again(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  ask(w, "BLPOP nothing 0");
  ask(w, "INCR n");
  ask(w, "INCR n");
  redis_server_kill(&w->server, SIGKILL);
  assert_int_equal(w->answers, 0);
  await(w, &w->downs, 1);
  assert_int_equal(w->nulls, 3);
  assert_int_equal(w->class, PL_ANSWER_UNKNOWN);
  assert_int_equal(w->store->ops->queued(w->store), 0);
  await_why(w, "refused");
  redis_server_start(&w->server, NULL);
  await(w, &w->ups, 2);
  ask(w, "INCR n");
  await(w, &w->answers, 4);
  assert_string_equal(w->last, "1");
}

static void a_stopped_server_is_dropped_after_the_command_timeout(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  w->config.command_timeout.ms = 300;
  w->config.connect_timeout.ms = 300;
  open_store(w);
  await(w, &w->ups, 1);
  assert_int_equal(kill(w->server.pid, SIGSTOP), 0);
  ask(w, "INCR n");
  await(w, &w->downs, 1);
  assert_int_equal(w->nulls, 1);
  assert_non_null(strstr(w->why, "no answer for"));
  await_why(w, "no connection in time"); /* the kernel accepts for it, nobody greets */
  assert_int_equal(kill(w->server.pid, SIGCONT), 0);
  await(w, &w->ups, 2);
}

static void a_subscription_survives_a_restart(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  w->store->ops->listen(w->store, "wake:1");
  w->store->ops->listen(w->store, "wake:2");
  for (int round = 1; round <= 2; round++) {
    await(w, &w->ups, round);
    while (strcmp(w->last, "1") != 0) { /* until the server knows the subscriber again */
      int before = w->answers;
      ask(w, "PUBLISH wake:2 hello");
      await(w, &w->answers, before + 1);
    }
    await(w, &w->messages, 1);
    assert_string_equal(w->message, "wake:2=hello");
    w->messages = 0, w->last[0] = 0, w->message[0] = 0;
    if (round == 2) break;
    redis_server_kill(&w->server, SIGKILL);
    await(w, &w->downs, 1);
    redis_server_start(&w->server, NULL);
  }
  w->store->ops->unlisten(w->store, "wake:2");
  while (strcmp(w->last, "0") != 0) {
    int before = w->answers;
    ask(w, "PUBLISH wake:2 nobody");
    await(w, &w->answers, before + 1);
  }
  ask(w, "PUBLISH wake:1 still");
  await(w, &w->messages, 1);
  assert_string_equal(w->message, "wake:1=still");
}

static void a_replica_is_refused_until_it_is_promoted(void **state) {
  world *w = *state;
  char reply[64];
  redis_server_start(&w->server, (const char *[]){"--replicaof", "127.0.0.1 1", NULL});
  open_store(w);
  await_why(w, "slave, not master");
  assert_int_equal(w->ups, 0);
  tell(w, reply, sizeof reply, "REPLICAOF", "NO", "ONE", NULL);
  await(w, &w->ups, 1);
}

static void a_loading_server_is_waited_for(void **state) {
  world *w = *state;
  char reply[64];
  /* Values that are longer than what is loaded between two looks at the connections. */
  redis_server_start(&w->server, NULL);
  tell(w, reply, sizeof reply, "EVAL",
       "for i = 1, 400 do redis.call('SET', 'k' .. i, string.rep('x', 1100)) end", "0", NULL);
  tell(w, reply, sizeof reply, "CONFIG", "SET", "rdbcompression", "no");
  tell(w, reply, sizeof reply, "SAVE", NULL, NULL, NULL);
  redis_server_kill(&w->server, SIGKILL);
  redis_server_start(&w->server, (const char *[]){"--key-load-delay", "50000",
                                                  "--loading-process-events-interval-bytes", "1024", NULL});
  open_store(w);
  await_why(w, "LOADING");
  assert_int_equal(w->ups, 0);
  tell(w, reply, sizeof reply, "CONFIG", "SET", "key-load-delay", "0");
  await(w, &w->ups, 1);
  ask(w, "DBSIZE");
  await(w, &w->answers, 1);
  assert_string_equal(w->last, "400");
}

static void settings_that_endanger_state_are_named(void **state) {
  world *w = *state;
  redis_server_start(&w->server, (const char *[]){"--maxmemory-policy", "allkeys-lru", NULL});
  open_store(w);
  await(w, &w->ups, 1);
  assert_string_equal(pl_redis_warnings(w->store),
                      "maxmemory-policy is allkeys-lru: state can be evicted; set noeviction\n"
                      "appendonly is off: a crash of Redis loses its newest writes; set appendonly yes");
  char reply[64];
  tell(w, reply, sizeof reply, "CONFIG", "SET", "maxmemory-policy", "noeviction");
  tell(w, reply, sizeof reply, "CONFIG", "SET", "appendonly", "yes");
  w->store->ops->reconnect(w->store);
  await(w, &w->ups, 2);
  assert_string_equal(pl_redis_warnings(w->store), "");
}

static void a_wrong_password_is_named_and_a_right_one_selects_its_database(void **state) {
  world *w = *state;
  redis_server_start(&w->server, (const char *[]){"--requirepass", "secret", NULL});
  w->config.password = "wrong";
  open_store(w);
  await_why(w, "AUTH was refused");
  pl_redis_free(&w->store);
  w->config.password = NULL;
  open_store(w);
  await_why(w, "NOAUTH");
  pl_redis_free(&w->store);
  w->config.password = "secret", w->config.user = "default", w->config.db = 3;
  open_store(w);
  await(w, &w->ups, 1);
  ask(w, "CLIENT INFO");
  await(w, &w->answers, 1);
  assert_non_null(strstr(w->last, " db=3 "));
}

static void a_user_without_info_is_told_so_and_one_without_role_is_refused(void **state) {
  world *w = *state;
  char reply[64];
  redis_server_start(&w->server, NULL);
  const char *user[] = {"ACL", "SETUSER", "pace", "on", ">pw", "~*", "+@all", "-info", "-config"};
  redis_server_ask(&w->server, reply, sizeof reply, 9, user);
  w->config.user = "pace", w->config.password = "pw";
  open_store(w);
  await(w, &w->ups, 1);
  assert_string_equal(pl_redis_warnings(w->store),
                      "INFO is refused: whether state is durable cannot be seen; grant +info");
  tell(w, reply, sizeof reply, "ACL", "SETUSER", "pace", "-role");
  w->store->ops->reconnect(w->store);
  await_why(w, "grant +role");
}

static void a_name_and_a_unix_socket_connect_as_well(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  w->config.host = "localhost";
  open_store(w);
  await(w, &w->ups, 1);
  pl_redis_free(&w->store);
  w->config = (pl_redis_config){.unix_path = w->server.unix_path};
  open_store(w);
  await(w, &w->ups, 2);
  ask(w, "PING");
  await(w, &w->answers, 1);
  assert_string_equal(w->last, "\"PONG\"");
}

static void a_missing_address_is_an_error_with_a_remedy(void **state) {
  world *w = *state;
  pl_err err;
  w->config.port = 0;
  w->store = pl_redis_new(w->base, &w->config);
  const pl_store_handler handler = {on_up, on_down, on_message, w};
  assert_int_equal(w->store->ops->start(w->store, &handler, &err), PL_FATAL);
  assert_non_null(strstr(err.text, "redis.url"));
}

static void on_reply_that_drops(void *ctx, const pl_reply *reply) {
  world *w = ctx;
  if (reply) w->store->ops->reconnect(w->store);
  ask(w, "GET too-late"); /* also from within a NULL: it must be answered too, and later */
}

static void dropping_and_sending_inside_a_reply_is_safe(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  ask_with(w, on_reply_that_drops, w, "PING");
  ask_with(w, on_reply_that_drops, w, "BLPOP nothing 0");
  await(w, &w->downs, 1);
  await(w, &w->answers, 2);
  assert_int_equal(w->nulls, 2);
  await(w, &w->ups, 2);
}

static void stopping_answers_null_and_stays_down(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  ask(w, "BLPOP nothing 0");
  w->store->ops->stop(w->store);
  assert_int_equal(w->answers, 0);
  assert_int_equal(event_base_dispatch(w->base), 1); /* nothing is left that could wake the loop */
  assert_int_equal(w->nulls, 1);
  assert_int_equal(w->downs, 1);
}

static void freeing_answers_what_is_in_flight(void **state) {
  world *w = *state;
  redis_server_start(&w->server, NULL);
  open_store(w);
  await(w, &w->ups, 1);
  ask(w, "BLPOP nothing 0");
  pl_redis_free(&w->store);
  assert_int_equal(w->nulls, 1);
  assert_null(w->store);
  w->config.host = "a-name-that-is-still-being-looked-up.invalid";
  open_store(w);
  (void)event_base_loop(w->base, EVLOOP_ONCE); /* ends while the look-up may be under way */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_nested_reply_keeps_its_shape),
      TEST(thousands_in_flight_are_answered_in_order),
      TEST(a_large_hash_comes_whole),
      TEST(a_killed_server_answers_null_then_down_then_up_again),
      TEST(a_stopped_server_is_dropped_after_the_command_timeout),
      TEST(a_subscription_survives_a_restart),
      TEST(a_replica_is_refused_until_it_is_promoted),
      TEST(a_loading_server_is_waited_for),
      TEST(settings_that_endanger_state_are_named),
      TEST(a_wrong_password_is_named_and_a_right_one_selects_its_database),
      TEST(a_user_without_info_is_told_so_and_one_without_role_is_refused),
      TEST(a_name_and_a_unix_socket_connect_as_well),
      TEST(a_missing_address_is_an_error_with_a_remedy),
      TEST(dropping_and_sending_inside_a_reply_is_safe),
      TEST(stopping_answers_null_and_stays_down),
      TEST(freeing_answers_what_is_in_flight),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
