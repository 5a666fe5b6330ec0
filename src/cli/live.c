/* Live: what the world says of a configuration. Are the topics there, with as many partitions as they must
 * have; does the registry answer, and fit the newest schemas what is to be read by them; is Redis up, and
 * does it keep what it is given; was it written for this many partitions. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/enquiry.h"
#include "cli/query.h"
#include "io/kafka_look.h"

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
  pl_kafka_config kafka;
  pl_err err = {""};
  pl_status status = pl_cli_kafka(&kafka, c, &err);
  if (status == PL_OK) status = pl_kafka_look(&kafka, looks, n, &err);
  if (status != PL_OK) {
    (void)printf("error: %s\n", err.text);
    return 0;
  }
  bool good = true;
  for (size_t i = 0; i < n; i++) good &= check_topic(&looks[i], roles[i], looks[0].partitions);
  return good ? looks[0].partitions : 0;
}

/* --- Redis */

static bool check_redis(const pl_config *config, int32_t partitions) {
  pl_query *q;
  pl_err err = {""};
  bool good = pl_query_open(&q, config, &err) == PL_OK;
  int32_t had = good ? pl_query_partitions(q) : 0;
  good = good && !pl_query_failed(q, &err);
  if (!good) {
    (void)printf("error: %s\n", err.text);
  } else if (had && partitions && had != partitions) {
    (void)printf("error: redis was written for %d partitions, and %s has %d: every rep's home has moved; "
                 "rebuild into a "
                 "new redis.prefix with a new kafka.group\n",
                 (int)had, config->kafka.topics.activities, (int)partitions);
    good = false;
  } else {
    (void)printf("redis: a master that answers\n");
  }
  if (q && *pl_query_warnings(q)) (void)printf("warning: redis: %s\n", pl_query_warnings(q));
  pl_query_close(&q);
  return good;
}

/* --- the schema registry */

/* A topic need not have a subject: records name their schemas by id. AGAIN: the registry does not answer. */
static pl_status check_subject(pl_enquiry *enquiry, pl_readers *readers, pl_topic topic, const char *name,
                               bool *good) {
  char subject[272];
  pl_err why = {""};
  pl_buf text, words;
  int32_t id;
  pl_buf_init(&text, PL_SCHEMA_BYTES), pl_buf_init(&words, 4096);
  (void)snprintf(subject, sizeof subject, "%s-value", name);
  pl_status status = pl_enquiry_latest(enquiry, pl_str_of(subject), &id, &text, &why);
  if (status == PL_REJECT) {
    (void)printf("registry: no subject %s: %s; its records may name other schemas\n", subject, why.text);
  } else if (status == PL_AGAIN) {
    (void)printf("error: %s\n", why.text);
  } else {
    pl_readers_put(readers, id, pl_buf_str(&text), "", pl_clock_mono());
    bool fits = pl_readers_fit(readers, id, topic, &words);
    (void)printf("%s%s, schema %d%s%.*s\n", fits ? "registry: " : "error: registry: ", subject, (int)id,
                 words.n ? ": " : " fits", (int)words.n, words.n ? words.p : "");
    *good &= fits;
  }
  pl_buf_fini(&text), pl_buf_fini(&words);
  return status;
}

static bool check_registry(const pl_config *c) {
  const char *const names[PL_TOPICS] = {c->kafka.topics.activities, c->kafka.topics.roster,
                                        c->kafka.topics.goals, c->kafka.topics.teams};
  pl_enquiry *enquiry = NULL;
  pl_readers *readers = NULL;
  pl_err err = {""};
  if (!c->schemas.registry.urls.n) return true;
  pl_log_set_level(PL_LOG_ERROR); /* what does not fit is said here */
  pl_status status = pl_enquiry_open(&enquiry, c, &err);
  if (status == PL_OK) status = pl_enquiry_readers(enquiry, &readers, &err);
  if (status != PL_OK) (void)printf("error: %s\n", err.text);
  bool good = status == PL_OK;
  for (pl_topic t = 0; t < PL_TOPICS && readers && status != PL_AGAIN; t++)
    if (names[t] && *names[t]) status = check_subject(enquiry, readers, t, names[t], &good);
  pl_readers_free(&readers);
  pl_enquiry_close(&enquiry);
  return good && status != PL_AGAIN;
}

bool pl_cli_live(const pl_config *config) {
  int32_t partitions = check_kafka(config);
  bool registry = check_registry(config);
  bool redis = check_redis(config, partitions);
  return partitions > 0 && registry && redis;
}
