/* Fill: topics for measuring.
 *
 *     fill live BROKERS TOPIC EVENTS REPS PARTITIONS RATE            random activities now, RATE a second
 *     fill past BROKERS TOPIC EVENTS REPS PARTITIONS SPAN [TOTALS]   activities that have happened, in SPAN s
 *     fill facts BROKERS REPS PARTITIONS [EVENTS]                    crm.roster, crm.goals (four each), crm.teams
 *
 * Reps are drawn evenly, and an event's time is its record's stamp too. What has happened is always the same:
 * three quarters of it before a midnight in UTC (tally.h), the rest after it, evenly, and up to five seconds
 * out of order. So what it costs to judge does not depend on the hour at which it is judged. TOTALS names a
 * file for what a naive count says of it. Facts that know how many EVENTS will happen hold targets that are
 * in reach. lz4, as most producers are set. */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "company.h"
#include "tally.h"

enum { DISORDER_MS = 5000 };

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

/* `at` is the record's stamp; PL_NEVER: now. */
static void put(rd_kafka_t *rk, const char *topic, const char *key, int32_t partitions, const pl_buf *body,
                pl_wall at) {
  size_t n = strlen(key);
  int32_t home = rd_kafka_msg_partitioner_murmur2(NULL, key, n, partitions, NULL, NULL);
  rd_kafka_vu_t parts[] = {{.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
                           {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = home},
                           {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key, n}},
                           {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {body->p, body->n}},
                           {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
                           {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = at.ms == PL_NEVER.ms ? 0 : at.ms}};
  for (rd_kafka_error_t *full; (full = rd_kafka_produceva(rk, parts, PL_COUNT(parts)));) {
    rd_kafka_error_destroy(full);
    (void)rd_kafka_poll(rk, 20);
  }
}

/* The i-th of n, spread evenly over the span. */
static pl_wall when(uint64_t *state, int64_t i, int64_t n, int64_t span_ms) {
  int64_t after = i * span_ms / n - (int64_t)(company_next(state) % DISORDER_MS);
  return (pl_wall){TALLY_MIDNIGHT.ms - span_ms * 3 / 4 + (after > 0 ? after : 0)};
}

/* Live: `pace` is a rate. Else it is the span in seconds. */
static int fill_events(char **argv, bool live, int64_t pace, const char *totals) {
  int64_t events = atoll(argv[4]), bytes = 0;
  uint32_t reps = (uint32_t)atol(argv[5]);
  int32_t partitions = atoi(argv[6]);
  rd_kafka_t *rk = open_producer(argv[2]);
  if (!rk) return 69;
  tally *sums = tally_new(reps, (pl_wall){TALLY_MIDNIGHT.ms + pace * 1000 / 4});
  pl_buf body;
  pl_buf_init(&body, 4096);
  uint64_t state = 7;
  int64_t began = pl_clock_mono().us;
  for (int64_t i = 0; i < events; i++) {
    char id[COMPANY_ID];
    uint32_t rep = (uint32_t)((company_next(&state) >> 32) * reps >> 32);
    company_rep_id(id, rep);
    while (live && (pl_clock_mono().us - began) * pace < i * 1000000) (void)rd_kafka_poll(rk, 1);
    pl_wall at = live ? pl_clock_wall() : when(&state, i, events, pace * 1000);
    pl_buf_clear(&body);
    tally_add(sums, rep, at, company_event(&body, &state, i, id, at));
    bytes += (int64_t)body.n;
    put(rk, argv[3], id, partitions, &body, at);
    if ((i & 1023) == 0) (void)rd_kafka_poll(rk, 0);
  }
  (void)rd_kafka_flush(rk, 60000);
  printf("%" PRId64 " events delivered, %" PRId64 " failed, %.1f bytes each, %.1f s\n", delivered, failed,
         (double)bytes / (double)events, (double)(pl_clock_mono().us - began) / 1e6);
  bool written = !totals || tally_write(sums, totals);
  if (!written) perror(totals);
  tally_free(&sums);
  pl_buf_fini(&body);
  rd_kafka_destroy(rk);
  return delivered != events || !written;
}

static int fill_facts(char **argv, int64_t events) {
  uint32_t reps = (uint32_t)atol(argv[3]);
  int32_t partitions = atoi(argv[4]);
  rd_kafka_t *rk = open_producer(argv[2]);
  if (!rk) return 69;
  pl_buf body;
  pl_buf_init(&body, 1 << 16);
  for (uint32_t r = 0; r < reps; r++) {
    char rep[COMPANY_ID], team[COMPANY_ID];
    company_rep_id(rep, r), company_team_id(team, r);
    pl_buf_clear(&body), company_roster(&body, r);
    put(rk, "crm.roster", rep, partitions, &body, PL_NEVER);
    pl_buf_clear(&body);
    if (events)
      company_goals_for(&body, r, (double)events / reps / COMPANY_KINDS);
    else
      company_goals(&body, r);
    put(rk, "crm.goals", rep, partitions, &body, PL_NEVER);
    if (r % COMPANY_TEAM) continue;
    pl_buf_clear(&body), company_team(&body, r);
    put(rk, "crm.teams", team, 1, &body, PL_NEVER);
    (void)rd_kafka_poll(rk, 0);
  }
  (void)rd_kafka_flush(rk, 60000);
  printf("%" PRId64 " facts delivered, %" PRId64 " failed\n", delivered, failed);
  pl_buf_fini(&body);
  rd_kafka_destroy(rk);
  return failed != 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (argc == 8 && !strcmp(what, "live")) return fill_events(argv, true, atoll(argv[7]), NULL);
  if (argc >= 8 && !strcmp(what, "past")) return fill_events(argv, false, atoll(argv[7]), argv[8]);
  if (argc >= 5 && !strcmp(what, "facts")) return fill_facts(argv, argc > 5 ? atoll(argv[5]) : 0);
  (void)fputs("usage: fill live|past|facts BROKERS ...: see the first lines of fill.c\n", stderr);
  return 64;
}
