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
#include "codec/encode.h"
#include "codec/wire.h"

static int64_t delivered, failed;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *ctx) {
  (void)rk, (void)ctx;
  if (m->err)
    failed++;
  else
    delivered++;
}

static uint64_t next(uint64_t *state) { /* splitmix64, public domain */
  uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

static void encode(pl_buf *out, uint64_t *state, int64_t i, const char *rep, pl_wall at) {
  static const char *const types[] = {"call",     "email",    "meeting",   "demo",
                                      "proposal", "deal_won", "deal_lost", "note"};
  static const char *const products[] = {"Enterprise-CRM", "Analytics-Pro", "Mobile-Addon", "Support-Gold"};
  char id[40], account[24];
  uint64_t r = next(state);
  int n = snprintf(id, sizeof id, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64,
                   r >> 32, r >> 16 & 0xffff, r & 0xfff, r >> 4 & 0xfff, (uint64_t)i);
  int m = snprintf(account, sizeof account, "0015e%013u", (unsigned)(next(state) % 5000000));
  r = next(state);
  pl_activity a = {.id = {id, (size_t)n},
                   .rep = pl_str_of(rep),
                   .at = at,
                   .type = pl_str_of(types[r & 7]),
                   .account = {account, (size_t)m},
                   .product = pl_str_of(products[r >> 3 & 3]),
                   .channel = r >> 5 & 1 ? PL_STR("phone") : PL_STR("video"),
                   .opened_at = PL_NEVER,
                   .complete_to = PL_NEVER};
  if ((r & 7) == 5) a.amount = (pl_value){.kind = PL_DECIMAL, .scale = 2, .i = (int64_t)(r >> 8 & 0xfffff)};
  pl_wire_put(out, 1);
  (void)!pl_activity_encode(out, &a);
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

static void name_rep(char out[24], uint32_t rep) { (void)snprintf(out, 24, "0055e%013u", rep); }
static void name_team(char out[24], uint32_t rep) { (void)snprintf(out, 24, "00G5e%013u", rep / 12); }

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
    char rep[24];
    name_rep(rep, (uint32_t)((next(&state) >> 32) * reps >> 32));
    while (rate && (pl_clock_mono().us - began) * rate < i * 1000000) (void)rd_kafka_poll(rk, 1);
    pl_buf_clear(&body);
    encode(&body, &state, i, rep, pl_clock_wall());
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
  static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                      "Australia/Sydney"};
  pl_buf body;
  pl_buf_init(&body, 1 << 16);
  for (uint32_t r = 0; r < reps; r++) {
    char rep[24], team[24];
    name_rep(rep, r), name_team(team, r);
    const pl_since member = {PL_DAY_ALWAYS, pl_str_of(team)},
                   zone = {PL_DAY_ALWAYS, pl_str_of(zones[r / 12 % 4])};
    const pl_rep_fact person = {.id = pl_str_of(rep),
                                .name = pl_str_of(rep),
                                .memberships = &member,
                                .nmemberships = 1,
                                .zones = &zone,
                                .nzones = 1};
    pl_buf_clear(&body), pl_wire_put(&body, 2), pl_rep_encode(&body, &person);
    put(rk, roster, rep, partitions, &body);
    const pl_goal_fact four[] = {{.name = PL_STR("calls_day"),
                                  .metric = PL_STR("calls"),
                                  .period = PL_DAY,
                                  .target = 40,
                                  .from = PL_DAY_ALWAYS},
                                 {.name = PL_STR("calls_week"),
                                  .metric = PL_STR("calls"),
                                  .period = PL_WEEK,
                                  .target = 200,
                                  .from = PL_DAY_ALWAYS},
                                 {.name = PL_STR("demos_week"),
                                  .metric = PL_STR("demos"),
                                  .period = PL_WEEK,
                                  .target = 50,
                                  .from = PL_DAY_ALWAYS},
                                 {.name = PL_STR("revenue"),
                                  .metric = PL_STR("revenue"),
                                  .period = PL_QUARTER,
                                  .target = 1e6,
                                  .from = PL_DAY_ALWAYS}};
    const pl_goals_fact all = {.entity = pl_str_of(rep), .goals = four, .n = PL_COUNT(four)};
    pl_buf_clear(&body), pl_wire_put(&body, 3), pl_goals_encode(&body, &all);
    put(rk, goals, rep, partitions, &body);
    if (r % 12) continue;
    const pl_team_fact fact = {
        .id = pl_str_of(team), .name = pl_str_of(team), .zone = pl_str_of(zones[r / 12 % 4])};
    pl_buf_clear(&body), pl_wire_put(&body, 4), pl_team_encode(&body, &fact);
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
