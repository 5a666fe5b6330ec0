#include "it/kafka_fixture.h"

#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

struct kafka_fixture {
  char brokers[64];
  pid_t broker;
  rd_kafka_t *writer, *banker; /* the banker is the transactional one, made when first needed */
};

#define MUST(cond, ...) ((cond) ? (void)0 : fail_with(__VA_ARGS__))
static void fail_with(const char *what, const char *why) {
  (void)fprintf(stderr, "kafka fixture: %s: %s\n", what, why);
  abort();
}

static void must(const char *what, rd_kafka_resp_err_t err) { MUST(!err, what, rd_kafka_err2str(err)); }
static void must_all(const char *what, rd_kafka_error_t *error) {
  MUST(!error, what, rd_kafka_error_string(error));
}

/* `pairs`: name, value, ..., NULL */
static rd_kafka_t *make(const kafka_fixture *fixture, rd_kafka_type_t type, const char *const *pairs) {
  char text[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", fixture->brokers, NULL, 0);
  rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
  rd_kafka_conf_set(conf, "reconnect.backoff.max.ms", "500", NULL, 0);
  for (; *pairs; pairs += 2)
    MUST(rd_kafka_conf_set(conf, pairs[0], pairs[1], text, sizeof text) == RD_KAFKA_CONF_OK, pairs[0], text);
  rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);
  MUST(rk, "client", text);
  return rk;
}

static pid_t pid_of(const char *folder) {
  char path[512], text[32];
  (void)snprintf(path, sizeof path, "%s/pid", folder);
  FILE *file = fopen(path, "r");
  MUST(file && fgets(text, sizeof text, file), path, "cannot be read");
  (void)fclose(file);
  return (pid_t)strtol(text, NULL, 10);
}

kafka_fixture *kafka_fixture_new(void) {
  const char *brokers = getenv("KAFKA_BROKERS"), *folder = getenv("KAFKA_FOLDER");
  MUST(brokers && folder, "no broker", "run this test as: tests/it/kafka.sh with PROGRAM");
  kafka_fixture *fixture = calloc(1, sizeof *fixture);
  MUST(fixture, "memory", "none left");
  (void)snprintf(fixture->brokers, sizeof fixture->brokers, "%s", brokers);
  fixture->broker = pid_of(folder);
  fixture->writer =
      make(fixture, RD_KAFKA_PRODUCER,
           (const char *[]){"linger.ms", "0", "partitioner", "murmur2_random", "acks", "all", NULL});
  return fixture;
}

void kafka_fixture_free(kafka_fixture **fixture) {
  if (!*fixture) return;
  if ((*fixture)->banker) rd_kafka_destroy((*fixture)->banker);
  rd_kafka_destroy((*fixture)->writer);
  free(*fixture);
  *fixture = NULL;
}

const char *kafka_fixture_brokers(const kafka_fixture *fixture) { return fixture->brokers; }

/* --- topics */

int64_t kafka_fixture_end_offset(kafka_fixture *fixture, const char *topic, int32_t partition) {
  int64_t low, high;
  must(topic, rd_kafka_query_watermark_offsets(fixture->writer, topic, partition, &low, &high, PATIENCE_MS));
  return high;
}

/* By a full metadata request: one for the topic alone would be answered from the cache, also with its
 * absence. */
static bool is_led(kafka_fixture *fixture, const char *topic, int partitions) {
  const struct rd_kafka_metadata *metadata;
  must("metadata", rd_kafka_metadata(fixture->writer, 1, NULL, &metadata, PATIENCE_MS));
  int led = 0;
  for (int t = 0; t < metadata->topic_cnt; t++)
    for (int p = 0; strcmp(metadata->topics[t].topic, topic) == 0 && p < metadata->topics[t].partition_cnt;
         p++)
      led += metadata->topics[t].partitions[p].leader >= 0;
  rd_kafka_metadata_destroy(metadata);
  return led == partitions;
}

static rd_kafka_event_t *answer(rd_kafka_queue_t *queue, const char *topic) {
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, PATIENCE_MS);
  MUST(event, topic, "no answer from the broker");
  must(topic, rd_kafka_event_error(event));
  return event;
}

void kafka_fixture_remove(kafka_fixture *fixture, const char *topic) {
  rd_kafka_DeleteTopic_t *gone = rd_kafka_DeleteTopic_new(topic);
  rd_kafka_queue_t *queue = rd_kafka_queue_new(fixture->writer);
  rd_kafka_DeleteTopics(fixture->writer, &gone, 1, NULL, queue);
  rd_kafka_event_destroy(answer(queue, topic));
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy(gone);
  for (time_t until = time(NULL) + PATIENCE_MS / 1000; !is_led(fixture, topic, 0);)
    MUST(time(NULL) < until, topic, "does not go");
}

void kafka_fixture_topic(kafka_fixture *fixture, const char *topic, int partitions,
                         const char *const *config) {
  char text[256];
  rd_kafka_NewTopic_t *fresh = rd_kafka_NewTopic_new(topic, partitions, 1, text, sizeof text);
  MUST(fresh, topic, text);
  for (; config && *config; config += 2)
    must(topic, rd_kafka_NewTopic_set_config(fresh, config[0], config[1]));
  rd_kafka_queue_t *queue = rd_kafka_queue_new(fixture->writer);
  rd_kafka_CreateTopics(fixture->writer, &fresh, 1, NULL, queue);
  rd_kafka_event_t *event = answer(queue, topic);
  size_t n;
  must(topic, rd_kafka_topic_result_error(
                  rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n)[0]));
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(fresh);
  for (time_t until = time(NULL) + PATIENCE_MS / 1000; !is_led(fixture, topic, partitions);)
    MUST(time(NULL) < until, topic, "has no leader");
}

void kafka_fixture_cut(kafka_fixture *fixture, const char *topic, int32_t partition, int64_t offset) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
  rd_kafka_DeleteRecords_t *cut = rd_kafka_DeleteRecords_new(list);
  rd_kafka_queue_t *queue = rd_kafka_queue_new(fixture->writer);
  rd_kafka_DeleteRecords(fixture->writer, &cut, 1, NULL, queue);
  rd_kafka_event_destroy(answer(queue, topic));
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(cut);
  rd_kafka_topic_partition_list_destroy(list);
}

void kafka_fixture_damage(kafka_fixture *fixture, const char *topic, int32_t partition, const char *text) {
  char path[512], log[64 * 1024];
  (void)fixture;
  MUST(getenv("KAFKA_FOLDER"), "no folder", "run this test as: tests/it/kafka.sh with PROGRAM");
  (void)snprintf(path, sizeof path, "%s/data/%s-%d/00000000000000000000.log", getenv("KAFKA_FOLDER"), topic,
                 (int)partition);
  FILE *file = fopen(path, "r+b");
  MUST(file, path, "cannot be opened");
  size_t n = fread(log, 1, sizeof log, file);
  const char *at = memmem(log, n, text, strlen(text));
  MUST(at, path, "does not hold the text");
  MUST(!fseek(file, at - log, SEEK_SET) && fputc(*at ^ 1, file) != EOF, path, "cannot be written");
  MUST(!fclose(file), path, "cannot be written");
}

/* --- writing */

static rd_kafka_resp_err_t put(rd_kafka_t *rk, const char *topic, int32_t partition, const char *key,
                               const char *value, void *opaque) {
  const rd_kafka_vu_t parts[] = {
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key, key ? strlen(key) : 0}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value, value ? strlen(value) : 0}},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = opaque},
  };
  rd_kafka_error_t *error = rd_kafka_produceva(rk, parts, sizeof parts / sizeof *parts);
  if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_resp_err_t err = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  return err;
}

void kafka_fixture_flush(kafka_fixture *fixture) {
  must("flush", rd_kafka_flush(fixture->writer, PATIENCE_MS));
}

int64_t kafka_fixture_append(kafka_fixture *fixture, const char *topic, int32_t partition, const char *key,
                             const char *value) {
  must(topic, put(fixture->writer, topic, partition, key, value, NULL));
  kafka_fixture_flush(fixture);
  return kafka_fixture_end_offset(fixture, topic, partition) - 1;
}

void kafka_fixture_burst(kafka_fixture *fixture, const char *topic, int partitions, int n) {
  char value[32];
  for (int i = 0; i < n; i++)
    for (int32_t p = 0; p < partitions; p++) {
      (void)snprintf(value, sizeof value, "%d", i);
      must(topic, put(fixture->writer, topic, p, "r1", value, NULL));
    }
  rd_kafka_poll(fixture->writer, 0);
}

void kafka_fixture_begin(kafka_fixture *fixture, const char *topic, int32_t partition, const char *key,
                         const char *value) {
  if (!fixture->banker) {
    fixture->banker = make(fixture, RD_KAFKA_PRODUCER,
                           (const char *[]){"transactional.id", "banker", "linger.ms", "0", NULL});
    must_all("transactions", rd_kafka_init_transactions(fixture->banker, PATIENCE_MS));
  }
  must_all("transaction", rd_kafka_begin_transaction(fixture->banker));
  must(topic, put(fixture->banker, topic, partition, key, value, NULL));
  must("flush", rd_kafka_flush(fixture->banker, PATIENCE_MS));
}

void kafka_fixture_end(kafka_fixture *fixture, bool commit) {
  must_all("end of a transaction", commit ? rd_kafka_commit_transaction(fixture->banker, PATIENCE_MS)
                                          : rd_kafka_abort_transaction(fixture->banker, PATIENCE_MS));
}

/* --- reading */

int64_t kafka_fixture_committed(kafka_fixture *fixture, const char *group, const char *topic,
                                int32_t partition) {
  rd_kafka_t *reader = make(fixture, RD_KAFKA_CONSUMER, (const char *[]){"group.id", group, NULL});
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, partition);
  must(group, rd_kafka_committed(reader, list, PATIENCE_MS));
  int64_t offset = list->elems[0].offset;
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(reader);
  return offset;
}

void kafka_fixture_read(kafka_fixture *fixture, const char *topic, int32_t partition, int64_t offset,
                        char *out, size_t room) {
  rd_kafka_t *reader = make(fixture, RD_KAFKA_CONSUMER, (const char *[]){"group.id", "reader", NULL});
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
  must(topic, rd_kafka_assign(reader, list));
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_message_t *m = rd_kafka_consumer_poll(reader, PATIENCE_MS);
  MUST(m, topic, "nothing to read");
  must(topic, m->err);
  size_t n = (size_t)snprintf(out, room, "%.*s=%.*s", m->key ? (int)m->key_len : 1,
                              m->key ? (const char *)m->key : "-", m->payload ? (int)m->len : 1,
                              m->payload ? (const char *)m->payload : "-");
  rd_kafka_headers_t *headers;
  const char *name;
  const void *value;
  size_t size;
  if (!rd_kafka_message_headers(m, &headers))
    for (size_t i = 0; n < room && !rd_kafka_header_get_all(headers, i, &name, &value, &size); i++)
      n += (size_t)snprintf(out + n, room - n, " %s:%.*s", name, (int)size, (const char *)value);
  rd_kafka_message_destroy(m);
  rd_kafka_consumer_close(reader);
  rd_kafka_destroy(reader);
}

/* --- the broker's process */

void kafka_fixture_freeze(kafka_fixture *fixture) {
  MUST(!kill(fixture->broker, SIGSTOP), "SIGSTOP", "no broker");
}
void kafka_fixture_thaw(kafka_fixture *fixture) {
  MUST(!kill(fixture->broker, SIGCONT), "SIGCONT", "no broker");
}

void kafka_fixture_restart(kafka_fixture *fixture) {
  char line[1024];
  const char *script = getenv("KAFKA_SCRIPT"), *folder = getenv("KAFKA_FOLDER");
  MUST(script && folder, "no script", "run this test as: tests/it/kafka.sh with PROGRAM");
  (void)snprintf(line, sizeof line, "'%s' stop '%s' && '%s' start '%s' >/dev/null", script, folder, script,
                 folder);
  MUST(system(line) == 0, "restart", "the broker did not come back"); // NOLINT(cert-env33-c): our own script
  fixture->broker = pid_of(folder);
}
