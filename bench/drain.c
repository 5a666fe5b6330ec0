/* Drain: what librdkafka alone costs: `drain BROKERS TOPIC EVENTS [PROPERTY=VALUE...]`.
 *
 * Consumes EVENTS records as fast as it can on one libevent loop, by batches, reads a byte of each, and says
 * the CPU time of the whole process from the first record on. The floor for everything that reads Kafka in C.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

enum { BATCH = 1000 };

static rd_kafka_queue_t *queue;
static struct event_base *base;
static int64_t seen, wanted, began_us;
static uint64_t sum;
static double cpu_began;

static double cpu_s(void) {
  struct rusage u;
  (void)getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void on_ready(evutil_socket_t fd, short what, void *ctx) {
  (void)what, (void)ctx;
  char bytes[256];
  static rd_kafka_message_t *messages[BATCH];
  while (read(fd, bytes, sizeof bytes) > 0) continue;
  for (ssize_t n; (n = rd_kafka_consume_batch_queue(queue, 0, messages, BATCH)) > 0;) {
    if (!began_us) began_us = pl_clock_mono().us, cpu_began = cpu_s();
    for (ssize_t i = 0; i < n; i++) {
      if (!messages[i]->err && messages[i]->len)
        seen++, sum += ((unsigned char *)messages[i]->payload)[messages[i]->len - 1];
      rd_kafka_message_destroy(messages[i]);
    }
    if (seen >= wanted) (void)event_base_loopbreak(base);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return (void)fputs("usage: drain BROKERS TOPIC EVENTS [PROPERTY=VALUE...]\n", stderr), 64;
  char err[512], group[32];
  wanted = atoll(argv[3]);
  (void)snprintf(group, sizeof group, "drain-%d", (int)getpid());
  const char *settings[][2] = {
      {"bootstrap.servers", argv[1]},         {"group.id", group},    {"auto.offset.reset", "earliest"},
      {"enable.auto.commit", "false"},        {"check.crcs", "true"}, {"queued.min.messages", "10000000"},
      {"queued.max.messages.kbytes", "65536"}};
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    (void)rd_kafka_conf_set(conf, settings[i][0], settings[i][1], err, sizeof err);
  for (int i = 4; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    if (!value) return 64;
    *value++ = 0;
    if (rd_kafka_conf_set(conf, argv[i], value, err, sizeof err))
      return (void)fprintf(stderr, "drain: %s\n", err), 64;
  }
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err, sizeof err);
  if (!rk) return (void)fprintf(stderr, "drain: %s\n", err), 69;
  (void)rd_kafka_poll_set_consumer(rk);
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, argv[2], RD_KAFKA_PARTITION_UA);
  (void)rd_kafka_subscribe(rk, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  queue = rd_kafka_queue_get_consumer(rk);
  int pipes[2];
  if (pipe2(pipes, O_NONBLOCK | O_CLOEXEC)) return 71;
  base = event_base_new();
  (void)event_add(event_new(base, pipes[0], EV_READ | EV_PERSIST, on_ready, NULL), NULL);
  rd_kafka_queue_io_event_enable(queue, pipes[1], "1", 1);
  on_ready(pipes[0], 0, NULL);
  if (seen < wanted) (void)event_base_dispatch(base);
  double cpu = cpu_s() - cpu_began, wall = (double)(pl_clock_mono().us - began_us) / 1e6;
  printf("{\"events\": %" PRId64 ", \"cpu_us\": %.4f, \"wall_s\": %.3f, \"check\": %" PRIu64 "}\n", seen,
         cpu * 1e6 / (double)seen, wall, sum);
  (void)fflush(stdout);
  _exit(0); /* leaving the group is not what is measured */
}
