/* Fill: topics for measuring.
 *
 *     fill events BROKERS TOPIC EVENTS REPS PARTITIONS [RATE]    random activities
 *     fill facts BROKERS REPS PARTITIONS                         crm.roster, crm.goals (four a rep),
 * crm.teams
 *
 * Reps are drawn evenly, ids look like a CRM's, event time is the record's own stamp, and with a RATE (events
 * a second) it is paced by the clock. Deterministic but for the stamps. lz4, as most producers are set. */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "company.h"

static int64_t delivered, failed;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *ctx) {
  (void)rk, (void)ctx;
  if (m->err)
    failed++;
  else
    delivered++;
}

static rd_kafka_t *open_producer(const char *brokers) {
  char err[512];
  static const char *const settings[][2] = {{"compression.codec", "lz4"},
                                            {"linger.ms", "50"},
                                            {"batch.size", "1000000"},
                                            {"batch.num.messages", "10000"},
                                            {"queue.buffering.max.messages", "1000000"}};
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  (void)rd_kafka_conf_set(conf, "bootstrap.servers", brokers, err, sizeof err);
  for (size_t i = 0; i < PL_COUNT(settings); i++)
    (void)rd_kafka_conf_set(conf, settings[i][0], settings[i][1], err, sizeof err);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof err);
  if (!rk) (void)fprintf(stderr, "fill: %s\n", err);
  return rk;
}

static void put(rd_kafka_t *rk, rd_kafka_topic_t *topic, const char *key, int32_t partitions,
                const pl_buf *body) {
  size_t n = strlen(key);
  int32_t home = rd_kafka_msg_partitioner_murmur2(NULL, key, n, partitions, NULL, NULL);
  while (rd_kafka_produce(topic, home, RD_KAFKA_MSG_F_COPY, body->p, body->n, key, n, NULL))
    (void)rd_kafka_poll(rk, 20);
}

static int fill_events(char **argv, int64_t rate) {
  int64_t events = atoll(argv[4]), bytes = 0;
  uint32_t reps = (uint32_t)atol(argv[5]);
  int32_t partitions = atoi(argv[6]);
  rd_kafka_t *rk = open_producer(argv[2]);
  if (!rk) return 69;
  rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
  pl_buf body;
  pl_buf_init(&body, 4096);
  uint64_t state = 7;
  int64_t began = pl_clock_mono().us;
  for (int64_t i = 0; i < events; i++) {
    char rep[COMPANY_ID];
    company_rep_id(rep, (uint32_t)((company_next(&state) >> 32) * reps >> 32));
    while (rate && (pl_clock_mono().us - began) * rate < i * 1000000) (void)rd_kafka_poll(rk, 1);
    pl_buf_clear(&body);
    company_event(&body, &state, i, rep, pl_clock_wall());
    bytes += (int64_t)body.n;
    put(rk, topic, rep, partitions, &body);
    if ((i & 1023) == 0) (void)rd_kafka_poll(rk, 0);
  }
  (void)rd_kafka_flush(rk, 60000);
  printf("%" PRId64 " events delivered, %" PRId64 " failed, %.1f bytes each, %.1f s\n", delivered, failed,
         (double)bytes / (double)events, (double)(pl_clock_mono().us - began) / 1e6);
  pl_buf_fini(&body);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(rk);
  return failed != 0;
}

static int fill_facts(char **argv) {
  uint32_t reps = (uint32_t)atol(argv[3]);
  int32_t partitions = atoi(argv[4]);
  rd_kafka_t *rk = open_producer(argv[2]);
  if (!rk) return 69;
  rd_kafka_topic_t *roster = rd_kafka_topic_new(rk, "crm.roster", NULL),
                   *goals = rd_kafka_topic_new(rk, "crm.goals", NULL),
                   *teams = rd_kafka_topic_new(rk, "crm.teams", NULL);
  pl_buf body;
  pl_buf_init(&body, 1 << 16);
  for (uint32_t r = 0; r < reps; r++) {
    char rep[COMPANY_ID], team[COMPANY_ID];
    company_rep_id(rep, r), company_team_id(team, r);
    pl_buf_clear(&body), company_roster(&body, r);
    put(rk, roster, rep, partitions, &body);
    pl_buf_clear(&body), company_goals(&body, r);
    put(rk, goals, rep, partitions, &body);
    if (r % COMPANY_TEAM) continue;
    pl_buf_clear(&body), company_team(&body, r);
    put(rk, teams, team, 1, &body);
    (void)rd_kafka_poll(rk, 0);
  }
  (void)rd_kafka_flush(rk, 60000);
  printf("%" PRId64 " facts delivered, %" PRId64 " failed\n", delivered, failed);
  pl_buf_fini(&body);
  rd_kafka_topic_destroy(roster), rd_kafka_topic_destroy(goals), rd_kafka_topic_destroy(teams);
  rd_kafka_destroy(rk);
  return failed != 0;
}

int main(int argc, char **argv) {
  if (argc >= 7 && !strcmp(argv[1], "events")) return fill_events(argv, argc > 7 ? atoll(argv[7]) : 0);
  if (argc == 5 && !strcmp(argv[1], "facts")) return fill_facts(argv);
  (void)fputs(
      "usage: fill events BROKERS TOPIC EVENTS REPS PARTITIONS [RATE] | fill facts BROKERS REPS PARTITIONS\n",
      stderr);
  return 64;
}
