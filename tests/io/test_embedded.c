/* The demo's broker and Redis: they serve, and nothing of them is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/embedded.h"

enum { GUARD_S = 60 };

static const pl_embedded_topic topics[] = {{"crm.activities", 4}, {"crm.teams", 1}};

static rd_kafka_t *client(rd_kafka_type_t type, const char *bootstrap, const char *group) {
  char why[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof why), 0);
  if (group) {
    assert_int_equal(rd_kafka_conf_set(conf, "group.id", group, why, sizeof why), 0);
    assert_int_equal(rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", why, sizeof why), 0);
    for (const pl_embedded_property *p = pl_embedded_properties; p->name; p++)
      assert_int_equal(rd_kafka_conf_set(conf, p->name, p->value, why, sizeof why), 0);
  }
  rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof why);
  assert_non_null(rk);
  return rk;
}

static void a_message_passes_through_the_broker_to_a_group(void **state) {
  (void)state;
  pl_err err;
  pl_embedded_broker broker;
  assert_int_equal(pl_embedded_broker_start(&broker, topics, 2, &err), PL_OK);

  rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, broker.bootstrap, NULL);
  const struct rd_kafka_metadata *metadata;
  assert_int_equal(rd_kafka_metadata(producer, 1, NULL, &metadata, GUARD_S * 1000),
                   RD_KAFKA_RESP_ERR_NO_ERROR);
  int partitions = 0;
  for (int i = 0; i < metadata->topic_cnt; i++)
    if (strcmp(metadata->topics[i].topic, "crm.activities") == 0)
      partitions = metadata->topics[i].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  assert_int_equal(partitions, 4);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, "crm.activities", NULL);
  char value[] = "a call";
  assert_int_equal(rd_kafka_produce(topic, 3, RD_KAFKA_MSG_F_COPY, value, 6, "r1", 2, NULL), 0);
  assert_int_equal(rd_kafka_flush(producer, GUARD_S * 1000), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_destroy(topic);

  rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, broker.bootstrap, "paceline");
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  (void)rd_kafka_topic_partition_list_add(list, "crm.activities", RD_KAFKA_PARTITION_UA);
  assert_int_equal(rd_kafka_subscribe(consumer, list), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, GUARD_S * 1000);
  assert_non_null(message);
  assert_int_equal(message->err, RD_KAFKA_RESP_ERR_NO_ERROR);
  assert_int_equal(message->partition, 3);
  assert_int_equal(message->len, 6);
  assert_memory_equal(message->payload, "a call", 6);
  rd_kafka_message_destroy(message);
  (void)rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);

  pl_embedded_broker_stop(&broker);
  assert_int_equal(broker.pid, 0);
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
  assert_int_equal(errno, ECHILD);
}

static void a_redis_of_its_own_answers_and_leaves_nothing(void **state) {
  (void)state;
  pl_err err;
  pl_embedded_redis redis[2];
  for (int i = 0; i < 2; i++) assert_int_equal(pl_embedded_redis_start(&redis[i], &err), PL_OK);
  assert_int_not_equal(redis[0].port, redis[1].port);
  struct stat st;
  char folder[64];
  memcpy(folder, redis[0].folder, sizeof folder);
  assert_int_equal(stat(folder, &st), 0);
  redisContext *c = redisConnect("127.0.0.1", redis[0].port);
  assert_int_equal(c->err, 0);
  redisReply *reply = redisCommand(c, "INCR n");
  assert_int_equal(reply->integer, 1);
  freeReplyObject(reply);
  redisFree(c);
  for (int i = 0; i < 2; i++) pl_embedded_redis_stop(&redis[i]);
  assert_int_equal(stat(folder, &st), -1);
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
  assert_int_equal(errno, ECHILD);
}

static void both_die_with_the_process_that_started_them(void **state) {
  (void)state;
  int ends[2];
  pid_t pids[2];
  char folder[64];
  assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* orphans become our children: their end is seen */
  assert_int_equal(pipe(ends), 0);
  pid_t owner = fork();
  if (owner == 0) {
    pl_err err;
    pl_embedded_broker broker;
    pl_embedded_redis redis;
    if (pl_embedded_broker_start(&broker, topics, 2, &err) || pl_embedded_redis_start(&redis, &err)) _exit(1);
    pids[0] = broker.pid, pids[1] = redis.pid;
    if (write(ends[1], pids, sizeof pids) != sizeof pids) _exit(1);
    if (write(ends[1], redis.folder, sizeof folder) != sizeof folder) _exit(1);
    for (;;) (void)pause();
  }
  (void)close(ends[1]);
  assert_int_equal(read(ends[0], pids, sizeof pids), sizeof pids);
  assert_int_equal(read(ends[0], folder, sizeof folder), sizeof folder);
  (void)close(ends[0]);
  assert_int_equal(kill(owner, SIGKILL), 0);
  assert_int_equal(waitpid(owner, NULL, 0), owner);
  for (int i = 0; i < 2; i++) {
    int status;
    assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
    assert_true(WIFSIGNALED(status));
  }
  (void)rmdir(folder); /* empty: Redis was told to write nothing */
  (void)prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void a_missing_redis_server_is_named_with_the_remedy(void **state) {
  (void)state;
  pl_err err;
  pl_embedded_redis redis;
  const char *found = getenv("PATH");
  char *path = strdup(found ? found : "");
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  pl_status status = pl_embedded_redis_start(&redis, &err);
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
  assert_int_equal(status, PL_FATAL);
  assert_non_null(strstr(err.text, "install the package redis-server"));
  assert_int_equal(redis.pid, 0);
}

static void stopping_what_does_not_run_is_allowed(void **state) {
  (void)state;
  pl_embedded_broker broker = {0};
  pl_embedded_redis redis = {0};
  pl_embedded_broker_stop(&broker);
  pl_embedded_redis_stop(&redis);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_message_passes_through_the_broker_to_a_group),
      cmocka_unit_test(a_redis_of_its_own_answers_and_leaves_nothing),
      cmocka_unit_test(both_die_with_the_process_that_started_them),
      cmocka_unit_test(a_missing_redis_server_is_named_with_the_remedy),
      cmocka_unit_test(stopping_what_does_not_run_is_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
