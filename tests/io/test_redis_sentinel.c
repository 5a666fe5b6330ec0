/* The Redis store behind real sentinels: it finds the master, follows it when it moves, and leaves what was
 * the master alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "codec/resp.h"
#include "io/redis.h"
#include "redis_await.h"
#include "redis_server.h"
#include "until.h"

enum { SENTINELS = 3 };

typedef struct {
  redis_server master, replica, sentinels[SENTINELS];
  pl_redis_place places[SENTINELS];
  struct event_base *base;
  pl_store *store;
  pl_redis_config config;
  int64_t live_before;
  int ups, downs, messages, answers;
  char last[256];
} world;

/* --- the parts */

static void ask_server(const redis_server *server, char *reply, const char *a, const char *b, const char *c,
                       const char *d) {
  const char *args[] = {a, b, c, d};
  redis_server_ask(server, reply, 256, d ? 4 : c ? 3 : b ? 2 : 1, args);
}

typedef struct {
  const redis_server *server;
  const char *args[4];
  int n;
  const char *part;
} question;

static bool says(void *ctx) {
  static char reply[16384];
  question *q = ctx;
  redis_server_ask(q->server, reply, sizeof reply, q->n, q->args);
  return strstr(reply, q->part) != NULL;
}

/* Until one server's answer holds `part`; sentinels and replicas take their time. */
static void until_it_says(const redis_server *server, const char *part, const char *a, const char *b,
                          const char *c, const char *d) {
  question q = {server, {a, b, c, d}, d ? 4 : c ? 3 : b ? 2 : 1, part};
  if (!until(says, &q, GUARD_S)) fail_msg("not within %d s: %s", GUARD_S, part);
}

static void start_pair(world *w) {
  char place[64];
  (void)snprintf(place, sizeof place, "127.0.0.1 %d", w->master.port);
  redis_server_start(&w->master, (const char *[]){"--repl-diskless-sync-delay", "0", NULL});
  redis_server_start(&w->replica,
                     (const char *[]){"--replicaof", place, "--repl-diskless-sync-delay", "0", NULL});
  until_it_says(&w->replica, "master_link_status:up", "INFO", "replication", NULL, NULL);
}

static void start_sentinel(world *w, int i, const char *name, int port, int quorum, const char *more) {
  char text[512];
  (void)snprintf(text, sizeof text,
                 "sentinel monitor %s 127.0.0.1 %d %d\nsentinel down-after-milliseconds %s 2000\n"
                 "sentinel failover-timeout %s 5000\n%s",
                 name, port, quorum, name, name, more);
  redis_server_start_sentinel(&w->sentinels[i], text);
  ask_server(&w->sentinels[i], text, "SENTINEL", "DEBUG", "info-period", "500"); /* it sees replicas sooner */
}

static void start_sentinels(world *w, int n) {
  for (int i = 0; i < n; i++) start_sentinel(w, i, "pace", w->master.port, n / 2 + 1, "");
  w->config.nsentinels = (size_t)n;
}

/* What a failover takes: they know the replica, and each other. */
static void start_all(world *w) {
  start_pair(w);
  start_sentinels(w, SENTINELS);
  for (int i = 0; i < SENTINELS; i++)
    until_it_says(&w->sentinels[i], "slaves=1,sentinels=3", "INFO", "sentinel", NULL, NULL);
}

/* --- the store */

static void on_up(void *ctx) { ((world *)ctx)->ups++; }
static void on_down(void *ctx, const char *why) { (void)why, ((world *)ctx)->downs++; }
static void on_message(void *ctx, pl_str channel, pl_str payload) {
  (void)channel, (void)payload, ((world *)ctx)->messages++;
}

static void on_reply(void *ctx, const pl_reply *reply) {
  world *w = ctx;
  w->answers++;
  pl_str s = !reply ? PL_STR("(lost)") : reply->s;
  (void)snprintf(w->last, sizeof w->last, "%.*s", (int)s.n, s.p ? s.p : "");
}

static void send3(world *w, const char *a, const char *b, const char *c) {
  pl_buf buf;
  pl_buf_init(&buf, 1 << 16);
  pl_resp_begin(&buf, 3);
  pl_resp_arg(&buf, pl_str_of(a)), pl_resp_arg(&buf, pl_str_of(b)), pl_resp_arg(&buf, pl_str_of(c));
  w->store->ops->send(w->store, pl_buf_str(&buf), on_reply, w);
  pl_buf_fini(&buf);
}

static void await(world *w, const int *count, int at_least, const char *why) {
  redis_await(w->base, w->store, count, at_least, why);
}

static void open_store(world *w) {
  pl_err err;
  w->store = pl_redis_new(w->base, &w->config);
  const pl_store_handler handler = {on_up, on_down, on_message, w};
  assert_int_equal(w->store->ops->start(w->store, &handler, &err), PL_OK);
}

static int set_up(void **state) {
  static world w;
  (void)signal(SIGPIPE, SIG_IGN);
  w = (world){.live_before = pl_mem_live(), .base = event_base_new()};
  redis_server_init(&w.master), redis_server_init(&w.replica);
  for (int i = 0; i < SENTINELS; i++) {
    redis_server_init(&w.sentinels[i]);
    w.places[i] = (pl_redis_place){"127.0.0.1", w.sentinels[i].port};
  }
  w.config = (pl_redis_config){.sentinels = w.places, .nsentinels = SENTINELS, .master = "pace"};
  *state = &w;
  return 0;
}

static int tear_down(void **state) {
  world *w = *state;
  pl_redis_free(&w->store);
  (void)event_base_loop(w->base, EVLOOP_NONBLOCK);
  event_base_free(w->base);
  for (int i = 0; i < SENTINELS; i++) redis_server_fini(&w->sentinels[i]);
  redis_server_fini(&w->replica), redis_server_fini(&w->master);
  return pl_mem_live() == w->live_before ? 0 : -1;
}

/* --- what is expected of it */

static void the_master_is_found_through_the_first_sentinel_that_answers(void **state) {
  world *w = *state;
  char reply[256];
  start_pair(w);
  start_sentinels(w, 2);
  redis_server_kill(&w->sentinels[0], SIGKILL); /* nobody listens there, */
  w->places[1].host = "localhost";              /* the second is known by its name, */
  w->config.nsentinels = 2;
  open_store(w);
  await(w, &w->ups, 1, NULL);
  assert_string_equal(pl_redis_why(w->store), "");
  send3(w, "SET", "greeting", "hello");
  await(w, &w->answers, 1, NULL);
  ask_server(&w->master, reply, "GET", "greeting", NULL, NULL);
  assert_string_equal(reply, "hello");
}

static void a_sentinel_that_hangs_is_passed_over(void **state) {
  world *w = *state;
  start_pair(w);
  start_sentinels(w, 2);
  assert_int_equal(kill(w->sentinels[0].pid, SIGSTOP), 0);
  open_store(w);
  await(w, &w->ups, 1, NULL);
}

static void who_knows_no_such_master_is_named_with_the_remedy(void **state) {
  world *w = *state;
  char part[128];
  start_pair(w);
  start_sentinel(w, 0, "other", w->master.port, 1, "");
  w->config.nsentinels = 2; /* nobody is at the second place */
  open_store(w);
  (void)snprintf(part, sizeof part, "127.0.0.1:%d: knows no master 'pace': set redis.master",
                 w->places[0].port);
  await(w, NULL, 0, part);
  (void)snprintf(part, sizeof part, "127.0.0.1:%d: Connection refused", w->places[1].port);
  await(w, NULL, 0, part);
  assert_int_equal(w->ups, 0);
}

static void a_password_of_the_sentinels_is_their_own(void **state) {
  world *w = *state;
  start_pair(w);
  start_sentinel(w, 0, "pace", w->master.port, 1, "requirepass canary\n");
  w->config.nsentinels = 1;
  open_store(w);
  await(w, NULL, 0, "NOAUTH");
  pl_redis_free(&w->store);
  w->config.sentinel_password = "wrong";
  open_store(w);
  await(w, NULL, 0, "check redis.sentinel_user and redis.sentinel_password_file");
  pl_redis_free(&w->store);
  w->config.sentinel_password = "canary";
  open_store(w);
  await(w, &w->ups, 1, NULL);
}

static void a_user_of_the_sentinels_is_their_own_with_the_rights_that_are_documented(void **state) {
  world *w = *state;
  start_pair(w);
  start_sentinel(
      w, 0, "pace", w->master.port, 1,
      "requirepass another\nuser paceline on >canary resetchannels &+switch-master -@all +ping +role "
      "+subscribe +sentinel|get-master-addr-by-name\n");
  w->config.nsentinels = 1;
  w->config.sentinel_user = "nobody", w->config.sentinel_password = "canary";
  open_store(w);
  await(w, NULL, 0, "check redis.sentinel_user and redis.sentinel_password_file");
  pl_redis_free(&w->store);
  w->config.sentinel_user = "paceline";
  open_store(w);
  await(w, &w->ups, 1, NULL);
}

static void what_is_no_sentinel_is_not_believed(void **state) {
  world *w = *state;
  start_pair(w);
  w->places[0].port = w->master.port, w->config.nsentinels = 1;
  open_store(w);
  await(w, NULL, 0, "its role is master, not sentinel: check redis.sentinels");
}

static void a_master_that_dies_is_followed_and_so_are_its_subscriptions(void **state) {
  world *w = *state;
  char reply[256];
  start_all(w);
  open_store(w);
  w->store->ops->listen(w->store, "wake:1");
  await(w, &w->ups, 1, NULL);
  redis_server_kill(&w->master, SIGKILL);
  pl_mono killed = pl_clock_mono();
  await(w, &w->ups, 2, NULL);
  print_message("from SIGKILL of the master to the new one: %lld ms (down-after 2000)\n",
                (long long)(pl_clock_mono().us - killed.us) / 1000);
  send3(w, "SET", "where", "replica");
  await(w, &w->answers, 1, NULL);
  ask_server(&w->replica, reply, "GET", "where", NULL, NULL);
  assert_string_equal(reply, "replica");
  while (strcmp(w->last, "") != 0 || !w->messages) { /* until the subscription has followed */
    int before = w->answers;
    send3(w, "PUBLISH", "wake:1", "hello");
    await(w, &w->answers, before + 1, NULL);
  }
}

static void a_planned_failover_drops_the_old_master_at_once(void **state) {
  world *w = *state;
  char reply[256];
  start_all(w);
  open_store(w);
  await(w, &w->ups, 1, NULL);
  until_it_says(&w->sentinels[0], "OK", "SENTINEL", "FAILOVER", "pace", NULL); /* once it knows the replica */
  pl_mono began = pl_clock_mono();
  await(w, &w->ups, 2, NULL);
  print_message("from SENTINEL FAILOVER to the new master: %lld ms\n",
                (long long)(pl_clock_mono().us - began.us) / 1000);
  send3(w, "SET", "where", "replica");
  await(w, &w->answers, 1, NULL);
  assert_string_equal(w->last, "OK");
  ask_server(&w->replica, reply, "GET", "where", NULL, NULL);
  assert_string_equal(reply, "replica");
}

/* One sentinel hears of a later configuration, as from the others after a failover behind a broken network.
 */
static void an_old_master_that_still_takes_writes_is_left_when_one_sentinel_says_so(void **state) {
  world *w = *state;
  char hello[256], reply[256];
  start_pair(w);
  start_sentinels(w, 2);
  open_store(w);
  await(w, &w->ups, 1, NULL);
  ask_server(&w->replica, reply, "REPLICAOF", "NO", "ONE", NULL);
  (void)snprintf(hello, sizeof hello, "127.0.0.1,9,%040d,7,pace,127.0.0.1,%d,7", 1, w->replica.port);
  ask_server(&w->sentinels[1], reply, "PUBLISH", "__sentinel__:hello", hello, NULL);
  await(w, &w->ups, 2, NULL);
  until_it_says(&w->master, "role:master", "INFO", "replication", NULL, NULL);
  send3(w, "SET", "where", "promoted");
  await(w, &w->answers, 1, NULL);
  ask_server(&w->replica, reply, "GET", "where", NULL, NULL);
  assert_string_equal(reply, "promoted");
}

static void a_replica_that_a_sentinel_takes_for_the_master_is_refused_and_another_one_asked(void **state) {
  world *w = *state;
  start_pair(w);
  start_sentinel(w, 0, "pace", w->replica.port, 3, "");
  start_sentinel(w, 1, "pace", w->master.port, 3, "");
  w->config.nsentinels = 2;
  open_store(w);
  await(w, &w->ups, 1, NULL);
  send3(w, "SET", "where", "master");
  await(w, &w->answers, 1, NULL);
  assert_string_equal(w->last, "OK");
}

static void a_former_master_is_left_at_its_first_readonly(void **state) {
  world *w = *state;
  char reply[256], port[16];
  start_pair(w);
  w->config = (pl_redis_config){.host = "127.0.0.1", .port = w->master.port};
  open_store(w);
  await(w, &w->ups, 1, NULL);
  (void)snprintf(port, sizeof port, "%d", w->replica.port);
  ask_server(&w->master, reply, "REPLICAOF", "127.0.0.1", port, NULL);
  send3(w, "SET", "a", "b");
  await(w, &w->downs, 1, NULL);
  assert_non_null(strstr(w->last, "READONLY"));
  await(w, NULL, 0, "not master");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(the_master_is_found_through_the_first_sentinel_that_answers),
      TEST(a_sentinel_that_hangs_is_passed_over),
      TEST(who_knows_no_such_master_is_named_with_the_remedy),
      TEST(a_password_of_the_sentinels_is_their_own),
      TEST(a_user_of_the_sentinels_is_their_own_with_the_rights_that_are_documented),
      TEST(what_is_no_sentinel_is_not_believed),
      TEST(a_master_that_dies_is_followed_and_so_are_its_subscriptions),
      TEST(a_planned_failover_drops_the_old_master_at_once),
      TEST(an_old_master_that_still_takes_writes_is_left_when_one_sentinel_says_so),
      TEST(a_replica_that_a_sentinel_takes_for_the_master_is_refused_and_another_one_asked),
      TEST(a_former_master_is_left_at_its_first_readonly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
