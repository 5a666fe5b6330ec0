/* Live: what the world says of a configuration. Are the topics there, with as many partitions as they must
 * have; is Redis up, and does it keep what it is given; was it written for this many partitions. */
#include <stdio.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "io/kafka_look.h"
#include "io/loop.h"
#include "io/redis.h"

static const int64_t REDIS_US = 10000000;

/* --- Kafka */

typedef enum { INPUT, TABLE, ONE, OUTPUT } role;

static bool check_topic(const pl_topic_look *t, role is, int32_t partitions) {
  if (t->partitions == 0) {
    (void)printf("error: topic %s is not there, or may not be seen by this user; create it with %s%s\n",
                 t->topic,
                 is == TABLE    ? "as many partitions as the activities, compacted"
                 : is == ONE    ? "one partition, compacted"
                 : is == OUTPUT ? "as many partitions as you like"
                                : "the partitions that the reps are to spread over",
                 is == OUTPUT ? "" : "; a topic's partitions cannot be changed later");
    return false;
  }
  int32_t wanted = is == TABLE ? partitions : is == ONE ? 1 : t->partitions;
  if (t->partitions != wanted) {
    (void)printf("error: topic %s has %d partitions, expected %d; create it anew\n", t->topic,
                 (int)t->partitions, (int)wanted);
    return false;
  }
  (void)printf("topic %s: %d partitions\n", t->topic, (int)t->partitions);
  return true;
}

/* The number of partitions of the activities; 0: something is wrong. */
static int32_t check_kafka(const pl_config *c) {
  const struct {
    const char *name;
    role is;
  } all[] = {{c->kafka.topics.activities, INPUT},    {c->kafka.topics.roster, TABLE},
             {c->kafka.topics.goals, TABLE},         {c->kafka.topics.teams, ONE},
             {c->kafka.topics.dead_letters, OUTPUT}, {c->kafka.topics.alerts, OUTPUT}};
  pl_topic_look looks[PL_COUNT(all)];
  role roles[PL_COUNT(all)];
  size_t n = 0;
  for (size_t i = 0; i < PL_COUNT(all); i++)
    if (all[i].name && *all[i].name) looks[n] = (pl_topic_look){all[i].name, 0}, roles[n++] = all[i].is;
  const pl_kafka_config kafka = pl_cli_kafka(c);
  pl_err err = {""};
  if (pl_kafka_look(&kafka, looks, n, &err) != PL_OK) {
    (void)printf("error: %s\n", err.text);
    return 0;
  }
  bool good = true;
  for (size_t i = 0; i < n; i++) good &= check_topic(&looks[i], roles[i], looks[0].partitions);
  return good ? looks[0].partitions : 0;
}

/* --- Redis */

typedef struct {
  const pl_config *config;
  pl_store *store;
  pl_loop *loop;
  pl_mono until;
  bool answered, good;
  int32_t partitions;
} visit;

static void on_meta(void *ctx, const pl_reply *reply) {
  visit *v = ctx;
  int64_t had = 0;
  v->answered = true;
  v->good = pl_reply_class(reply) == PL_ANSWER_OK;
  if (!v->good)
    (void)printf("error: redis: %.*s\n", reply ? (int)reply->s.n : 16,
                 reply ? reply->s.p : "connection lost");
  else if (reply->kind == PL_REPLY_TEXT && pl_str_int(reply->s, &had) && v->partitions &&
           had != v->partitions) {
    (void)printf(
        "error: redis was written for %lld partitions, and %s has %d: every rep's home has moved; rebuild "
        "into a new redis.prefix with a new kafka.group\n",
        (long long)had, v->config->kafka.topics.activities, (int)v->partitions);
    v->good = false;
  }
  pl_loop_wake(v->loop);
}

static void on_up(void *ctx) {
  visit *v = ctx;
  pl_key meta = pl_key_meta(v->config->redis.prefix);
  pl_buf command;
  pl_buf_init(&command, 1 << 12);
  pl_resp_begin(&command, 3);
  pl_resp_arg(&command, PL_STR("HGET")), pl_resp_arg(&command, pl_key_str(&meta));
  pl_resp_arg(&command, PL_STR("partitions"));
  v->store->ops->send(v->store, pl_buf_str(&command), on_meta, v);
  pl_buf_fini(&command);
}

static void on_down(void *ctx, const char *why) { (void)ctx, (void)why; }
static void on_message(void *ctx, pl_str channel, pl_str payload) { (void)ctx, (void)channel, (void)payload; }
static void on_signal(void *ctx, int signal) { (void)signal, ((visit *)ctx)->until.us = 0; }

static pl_dur tick(void *ctx) {
  const visit *v = ctx;
  return v->answered || pl_clock_mono().us >= v->until.us ? (pl_dur){-1} : (pl_dur){100};
}

static bool check_redis(const pl_config *config, int32_t partitions) {
  visit v = {.config = config, .loop = pl_loop_new(), .partitions = partitions};
  const pl_store_handler handler = {on_up, on_down, on_message, &v};
  pl_err err = {""};
  v.until.us = pl_clock_mono().us + REDIS_US;
  pl_status status = pl_cli_redis(&v.store, config, pl_loop_base(v.loop), &err);
  if (status == PL_OK) status = v.store->ops->start(v.store, &handler, &err);
  if (status == PL_OK) {
    pl_loop_run(v.loop, &(pl_loop_config){tick, on_signal, &v});
    if (!v.answered)
      (void)printf("error: redis: %s\n", *pl_redis_why(v.store) ? pl_redis_why(v.store) : "no answer");
    if (v.good) (void)printf("redis: a master that answers\n");
    if (*pl_redis_warnings(v.store)) (void)printf("warning: redis: %s\n", pl_redis_warnings(v.store));
    v.store->ops->stop(v.store);
  } else {
    (void)printf("error: %s\n", err.text);
  }
  pl_redis_free(&v.store);
  pl_loop_free(&v.loop);
  return v.good;
}

bool pl_cli_live(const pl_config *config) {
  int32_t partitions = check_kafka(config);
  bool redis = check_redis(config, partitions);
  return partitions > 0 && redis;
}
