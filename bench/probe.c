/* Probe: how long it takes until something can be read, beside whatever else goes on.
 *
 *     probe visible BROKERS TOPIC PARTITIONS REPS RATE SECONDS PORT    from produced to visible in Redis
 *     probe read REPS SECONDS PORT                                     an HGETALL of a rep's view
 *
 * Visible: 200 reps behind the first REPS each do a call now and then, RATE a second in all, and only one at
 * a time, so that a count in the view says which. The clock starts before it is handed to librdkafka
 * (linger.ms 1) and stops when the count has been read; every two milliseconds all that are under way are
 * asked for, by HGET, in one write. So it says up to two milliseconds too much, and asks Redis for a hundred
 * fields or so at a time. Read: a view drawn at random each millisecond, one at a time; one of a rep who has
 * none yet does not count. Ends after SECONDS, or when it is told to; says how many, and the median, the 99th
 * percentile and the latest, in milliseconds, as JSON. */
#include <hiredis.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "codec/encode.h"
#include "codec/wire.h"
#include "company.h"

enum { MARKERS = 200, SAMPLES_MAX = 1000000, EVERY_US = 2000, READ_US = 1000 };

static volatile sig_atomic_t told;
static double samples[SAMPLES_MAX];
static size_t nsamples;

static void on_term(int signal) { (void)signal, told = 1; }

static void sample(int64_t us) {
  if (nsamples < SAMPLES_MAX) samples[nsamples++] = (double)us / 1000;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int say(int64_t missing) {
  qsort(samples, nsamples, sizeof samples[0], ascending);
  if (!nsamples) return 1;
  printf("{\"n\": %zu, \"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f, \"missing\": %" PRId64 "}\n", nsamples,
         samples[nsamples / 2], samples[nsamples * 99 / 100], samples[nsamples - 1], missing);
  return 0;
}

static void pause_until(int64_t us) {
  int64_t left = us - pl_clock_mono().us;
  if (left > 0) (void)nanosleep(&(struct timespec){left / 1000000, left % 1000000 * 1000}, NULL);
}

static redisReply *reply_of(redisContext *redis) {
  redisReply *reply;
  if (redisGetReply(redis, (void **)&reply) == REDIS_OK) return reply;
  (void)fprintf(stderr, "probe: %s\n", redis->errstr);
  exit(69);
}

static redisContext *open_redis(const char *port) {
  redisContext *redis = redisConnect("127.0.0.1", atoi(port));
  if (redis && !redis->err) return redis;
  (void)fprintf(stderr, "probe: %s\n", redis ? redis->errstr : "no memory");
  exit(69);
}

/* --- from produced to visible */

typedef struct {
  char id[COMPANY_ID];
  int64_t calls, sent; /* sent: 0: none is under way */
} marker;

static marker markers[MARKERS];

static rd_kafka_t *open_producer(const char *brokers) {
  char err[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  (void)rd_kafka_conf_set(conf, "bootstrap.servers", brokers, err, sizeof err);
  (void)rd_kafka_conf_set(conf, "linger.ms", "1", err, sizeof err);
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof err);
  if (rk) return rk;
  (void)fprintf(stderr, "probe: %s\n", err);
  exit(69);
}

static void call(rd_kafka_topic_t *topic, int32_t partitions, marker *m) {
  static int64_t number;
  char id[40];
  pl_buf value;
  int n = snprintf(id, sizeof id, "probe-%" PRId64 "-%" PRId64, pl_clock_wall().ms, ++number);
  m->sent = pl_clock_mono().us, m->calls++;
  pl_buf_init(&value, 4096);
  pl_wire_put(&value, 1);
  (void)!pl_activity_encode(&value, &(pl_activity){.id = {id, (size_t)n},
                                                   .rep = pl_str_of(m->id),
                                                   .at = pl_clock_wall(),
                                                   .type = PL_STR("call"),
                                                   .opened_at = PL_NEVER,
                                                   .complete_to = PL_NEVER});
  size_t len = strlen(m->id);
  int32_t home = rd_kafka_msg_partitioner_murmur2(NULL, m->id, len, partitions, NULL, NULL);
  if (rd_kafka_produce(topic, home, RD_KAFKA_MSG_F_COPY, value.p, value.n, m->id, len, NULL)) exit(69);
  pl_buf_fini(&value);
}

/* All that are under way are asked for. */
static void look(redisContext *redis) {
  for (size_t i = 0; i < MARKERS; i++)
    if (markers[i].sent) redisAppendCommand(redis, "HGET pl:rep:%s calls:week", markers[i].id);
  for (size_t i = 0; i < MARKERS; i++) {
    marker *m = &markers[i];
    if (!m->sent) continue;
    redisReply *reply = reply_of(redis);
    if (reply->type == REDIS_REPLY_STRING && atoll(reply->str) >= m->calls)
      sample(pl_clock_mono().us - m->sent), m->sent = 0;
    freeReplyObject(reply);
  }
}

static int visible(char **argv) {
  int32_t partitions = atoi(argv[4]);
  int64_t rate = atoll(argv[6]), made = 0;
  for (uint32_t i = 0; i < MARKERS; i++) company_rep_id(markers[i].id, (uint32_t)atol(argv[5]) + i);
  rd_kafka_t *rk = open_producer(argv[2]);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
  redisContext *redis = open_redis(argv[8]);
  int64_t now, missing = 0;
  const struct rd_kafka_metadata *metadata; /* asked for before the clock starts */
  if (rd_kafka_metadata(rk, 0, topic, &metadata, 10000)) exit(69);
  rd_kafka_metadata_destroy(metadata);
  int64_t began = pl_clock_mono().us, end = began + atoll(argv[7]) * 1000000;
  while ((now = pl_clock_mono().us) < end && !told) {
    for (; made * 1000000 < (now - began) * rate; made++)
      if (!markers[made % MARKERS].sent) call(topic, partitions, &markers[made % MARKERS]);
    (void)rd_kafka_poll(rk, 0);
    look(redis);
    pause_until(now + EVERY_US);
  }
  for (size_t i = 0; i < MARKERS; i++) missing += markers[i].sent && now - markers[i].sent > 1000000;
  rd_kafka_topic_destroy(topic), rd_kafka_destroy(rk), redisFree(redis);
  return say(missing);
}

/* --- a reader */

static int read_views(char **argv) {
  uint32_t reps = (uint32_t)atol(argv[2]);
  int64_t end = pl_clock_mono().us + atoll(argv[3]) * 1000000, now;
  uint64_t state = 1;
  redisContext *redis = open_redis(argv[4]);
  while ((now = pl_clock_mono().us) < end && !told) {
    char id[COMPANY_ID];
    company_rep_id(id, (uint32_t)((company_next(&state) >> 32) * reps >> 32));
    redisAppendCommand(redis, "HGETALL pl:rep:%s", id);
    redisReply *reply = reply_of(redis);
    if (reply->elements) sample(pl_clock_mono().us - now);
    freeReplyObject(reply);
    pause_until(now + READ_US);
  }
  redisFree(redis);
  return say(0);
}

int main(int argc, char **argv) {
  (void)signal(SIGTERM, on_term);
  if (argc == 9 && !strcmp(argv[1], "visible")) return visible(argv);
  if (argc == 5 && !strcmp(argv[1], "read")) return read_views(argv);
  (void)fputs("usage: probe visible|read ...: see the first lines of probe.c\n", stderr);
  return 64;
}
