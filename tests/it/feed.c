/* Feed: the hand in Kafka of the integration tests that are written in Python. The broker is the one that
 * `kafka.sh with` names in the environment.
 *
 *   feed topics NAME:PARTITIONS[:compact][:PROPERTY=VALUE...] ...   makes them
 *   feed remove TOPIC                           deletes it
 *   feed write                                  appends what stdin says, in that order, a record a line:
 *                                               TOPIC PARTITION STAMP KEY VALUE [NAME=VALUE]
 *                                               (partition -1: by murmur2; one header at most)
 *   feed abort                                  the same in a transaction that is then aborted
 *   feed read TOPIC                             everything up to the end, a record a line:
 *                                               PARTITION OFFSET STAMP KEY VALUE NAME=VALUE ...
 *   feed cut TOPIC PARTITION OFFSET             deletes what lies before
 *   feed grow TOPIC PARTITIONS                  adds partitions
 *   feed committed GROUP TOPIC PARTITION        the group's offset; negative: none
 *
 * Bytes are in hexadecimal, "." stands for none and "-" for NULL. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "it/kafka_fixture.h"

enum { PATIENCE_MS = 30000, MARKERS_S = 5, LINE_BYTES = 8 << 20, CONFIG_MAX = 16 };

static _Noreturn void fail(const char *what, const char *why) {
  (void)fprintf(stderr, "feed: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

static void must(const char *what, rd_kafka_resp_err_t err) {
  if (err) fail(what, rd_kafka_err2str(err));
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
  (void)rk, (void)opaque;
  must("write", message->err);
}

/* `pairs`: name, value, ..., NULL */
static rd_kafka_t *client(rd_kafka_type_t type, const char *const *pairs) {
  char text[512];
  const char *brokers = getenv("KAFKA_BROKERS");
  if (!brokers) fail("no broker", "run this as: tests/it/kafka.sh with COMMAND");
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
  rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
  for (; *pairs; pairs += 2)
    if (rd_kafka_conf_set(conf, pairs[0], pairs[1], text, sizeof text) != RD_KAFKA_CONF_OK)
      fail(pairs[0], text);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);
  if (!rk) fail("client", text);
  return rk;
}

/* --- write */

typedef struct {
  char *p; /* NULL for "-" */
  size_t n;
} bytes;

/* In place. */
static bytes from_hex(char *text) {
  if (strcmp(text, "-") == 0) return (bytes){NULL, 0};
  if (strcmp(text, ".") == 0) return (bytes){text, 0};
  size_t n = strlen(text) / 2;
  for (size_t i = 0; i < n; i++) {
    const char pair[3] = {text[2 * i], text[2 * i + 1], 0};
    text[i] = (char)strtoul(pair, NULL, 16);
  }
  return (bytes){text, n};
}

static void append(rd_kafka_t *rk, char *line) {
  char *words[5], *rest = NULL;
  for (size_t i = 0; i < 5; i++)
    if (!(words[i] = strtok_r(i ? NULL : line, " \n", &rest)))
      fail("write", "a line of fewer than five words");
  int32_t partition = (int32_t)strtol(words[1], NULL, 10);
  int64_t stamp = strtoll(words[2], NULL, 10);
  bytes key = from_hex(words[3]), value = from_hex(words[4]), header = {NULL, 0};
  char *name = strtok_r(NULL, "= \n", &rest);
  if (name) header = from_hex(strtok_r(NULL, " \n", &rest));
  const rd_kafka_vu_t what[] = {
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = words[0]},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition},
      {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = stamp},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {key.p, key.n}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {value.p, value.n}},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {name, header.p, (ssize_t)header.n}}};
  rd_kafka_resp_err_t err;
  do {
    rd_kafka_error_t *error = rd_kafka_produceva(rk, what, sizeof what / sizeof *what - !name);
    err = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    rd_kafka_poll(rk, err ? 100 : 0);
  } while (err == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  must(words[0], err);
}

static void must_all(const char *what, rd_kafka_error_t *error) {
  if (error) fail(what, rd_kafka_error_string(error));
}

static void write_all(bool aborts) {
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER,
                          (const char *[]){"linger.ms", "2", "enable.idempotence", "true", "partitioner",
                                           "murmur2_random", "message.max.bytes", "10000000",
                                           aborts ? "transactional.id" : NULL, "feed", NULL});
  if (aborts) must_all("transactions", rd_kafka_init_transactions(rk, PATIENCE_MS));
  if (aborts) must_all("transaction", rd_kafka_begin_transaction(rk));
  char *line = malloc(LINE_BYTES);
  if (!line) fail("write", "no memory");
  while (fgets(line, LINE_BYTES, stdin)) append(rk, line);
  free(line);
  must("write", rd_kafka_flush(rk, PATIENCE_MS));
  if (aborts) must_all("abort", rd_kafka_abort_transaction(rk, PATIENCE_MS));
  rd_kafka_destroy(rk);
}

/* --- read */

static void put_hex(const void *p, size_t n) {
  if (!p || n == 0) (void)fputs(p ? "." : "-", stdout);
  for (size_t i = 0; p && i < n; i++) (void)printf("%02x", ((const unsigned char *)p)[i]);
}

static void print(const rd_kafka_message_t *m) {
  rd_kafka_headers_t *headers = NULL;
  (void)printf("%d %lld %lld ", (int)m->partition, (long long)m->offset,
               (long long)rd_kafka_message_timestamp(m, NULL));
  put_hex(m->key, m->key_len);
  (void)putchar(' ');
  put_hex(m->payload, m->len);
  (void)rd_kafka_message_headers(m, &headers);
  const char *name;
  const void *value;
  size_t n;
  for (size_t i = 0; headers && !rd_kafka_header_get_all(headers, i, &name, &value, &n); i++) {
    (void)printf(" %s=", name);
    put_hex(value, n);
  }
  (void)putchar('\n');
}

/* A commit is answered before its markers are in the log: what it holds is seen a moment later. A
 * transaction that nobody ends is not waited for in vain. */
static void await_markers(const char *topic, int partitions) {
  const char *const levels[] = {"read_committed", "read_uncommitted"};
  rd_kafka_t *rk[2];
  for (size_t i = 0; i < 2; i++)
    rk[i] =
        client(RD_KAFKA_CONSUMER, (const char *[]){"group.id", "feed", "isolation.level", levels[i], NULL});
  const time_t until = time(NULL) + MARKERS_S;
  for (int p = 0; p < partitions;) {
    int64_t low, ends[2];
    for (size_t i = 0; i < 2; i++)
      must(topic, rd_kafka_query_watermark_offsets(rk[i], topic, p, &low, &ends[i], PATIENCE_MS));
    p += ends[0] == ends[1] || time(NULL) >= until;
  }
  for (size_t i = 0; i < 2; i++) rd_kafka_destroy(rk[i]);
}

static void read_all(const char *topic) {
  rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, (const char *[]){"group.id", "feed", "enable.partition.eof",
                                                              "true", "enable.auto.commit", "false",
                                                              "fetch.message.max.bytes", "20000000", NULL});
  const struct rd_kafka_metadata *metadata;
  rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, topic, NULL);
  must(topic, rd_kafka_metadata(rk, 0, handle, &metadata, PATIENCE_MS));
  int left = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  await_markers(topic, left);
  rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(left);
  for (int p = 0; p < left; p++)
    rd_kafka_topic_partition_list_add(all, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  must(topic, rd_kafka_assign(rk, all));
  rd_kafka_topic_partition_list_destroy(all);
  while (left > 0) {
    rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, PATIENCE_MS);
    if (!m) fail(topic, "the broker does not answer");
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      left--;
    else if (m->err)
      fail(topic, rd_kafka_message_errstr(m));
    else
      print(m);
    rd_kafka_message_destroy(m);
  }
  rd_kafka_consumer_close(rk);
  rd_kafka_destroy(rk);
}

/* --- topics */

static void make_topic(kafka_fixture *fixture, char *text) {
  const char *config[CONFIG_MAX + 5] = {"max.message.bytes", "10000000"};
  size_t n = 2;
  char *rest = NULL;
  const char *name = strtok_r(text, ":", &rest), *partitions = strtok_r(NULL, ":", &rest);
  if (!name || !partitions) fail(text, "expected NAME:PARTITIONS");
  for (char *word; n < CONFIG_MAX && (word = strtok_r(NULL, ":", &rest)); n += 2) {
    char *value = strchr(word, '=');
    if (value) *value++ = 0;
    config[n] = value ? word : "cleanup.policy", config[n + 1] = value ? value : word;
  }
  kafka_fixture_topic(fixture, name, (int)strtol(partitions, NULL, 10), config);
}

static void grow(const char *topic, int partitions) {
  char text[256];
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, (const char *[]){NULL});
  rd_kafka_NewPartitions_t *more = rd_kafka_NewPartitions_new(topic, (size_t)partitions, text, sizeof text);
  if (!more) fail(topic, text);
  rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
  rd_kafka_CreatePartitions(rk, &more, 1, NULL, queue);
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, PATIENCE_MS);
  if (!event) fail(topic, "no answer from the broker");
  must(topic, rd_kafka_event_error(event));
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewPartitions_destroy(more);
  rd_kafka_destroy(rk);
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  if (strcmp(verb, "write") == 0 || strcmp(verb, "abort") == 0) {
    write_all(*verb == 'a');
  } else if (strcmp(verb, "read") == 0 && argc == 3) {
    read_all(argv[2]);
  } else if (strcmp(verb, "grow") == 0 && argc == 4) {
    grow(argv[2], (int)strtol(argv[3], NULL, 10));
  } else if (strcmp(verb, "topics") == 0 || (strcmp(verb, "remove") == 0 && argc == 3) ||
             ((strcmp(verb, "cut") == 0 || strcmp(verb, "committed") == 0) && argc == 5)) {
    kafka_fixture *fixture = kafka_fixture_new();
    if (strcmp(verb, "committed") == 0)
      (void)printf("%lld\n", (long long)kafka_fixture_committed(fixture, argv[2], argv[3],
                                                                (int32_t)strtol(argv[4], NULL, 10)));
    if (*verb == 'r') kafka_fixture_remove(fixture, argv[2]);
    if (strcmp(verb, "cut") == 0)
      kafka_fixture_cut(fixture, argv[2], (int32_t)strtol(argv[3], NULL, 10), strtoll(argv[4], NULL, 10));
    for (int i = 2; *verb == 't' && i < argc; i++) make_topic(fixture, argv[i]);
    kafka_fixture_free(&fixture);
  } else {
    fail("usage", "topics, remove, write, abort, read, cut, grow or committed; see the source's first lines");
  }
  return 0;
}
