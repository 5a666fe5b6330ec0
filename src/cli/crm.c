#include "cli/crm.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/answer.h"
#include "codec/wire.h"

static const char ACTIVITIES[] = "crm.activities";
enum { BROKER_MS = 10000, RECORD_MAX = 4096 };

struct pl_crm {
  rd_kafka_t *kafka;
  int32_t partitions;
  int64_t ends[PL_CRM_PARTITIONS_MAX];
  int64_t failed;
  char why[256];
  pl_buf record;
};

static void on_delivered(rd_kafka_t *kafka, const rd_kafka_message_t *m, void *ctx) {
  (void)kafka;
  pl_crm *crm = ctx;
  if (m->err) {
    crm->failed++;
    (void)snprintf(crm->why, sizeof crm->why, "%s", rd_kafka_err2str(m->err));
  } else if (m->_private && m->partition < PL_CRM_PARTITIONS_MAX) { /* an activity or a heartbeat */
    if (m->offset >= crm->ends[m->partition]) crm->ends[m->partition] = m->offset + 1;
  }
}

static pl_status count_partitions(pl_crm *crm, pl_err *err) {
  rd_kafka_topic_t *topic = rd_kafka_topic_new(crm->kafka, ACTIVITIES, NULL);
  const struct rd_kafka_metadata *m = NULL;
  rd_kafka_resp_err_t code = rd_kafka_metadata(crm->kafka, 0, topic, &m, BROKER_MS);
  if (!code && m->topic_cnt == 1) {
    code = m->topics[0].err;
    crm->partitions = m->topics[0].partition_cnt;
  }
  if (m) rd_kafka_metadata_destroy(m);
  rd_kafka_topic_destroy(topic);
  if (code) return pl_fail(err, PL_AGAIN, "kafka: %s: %s", ACTIVITIES, rd_kafka_err2str(code));
  PL_ASSERT(crm->partitions > 0 && crm->partitions <= PL_CRM_PARTITIONS_MAX);
  return PL_OK;
}

pl_status pl_crm_new(pl_crm **out, const char *brokers, pl_err *err) {
  const char *const settings[][2] = {{"bootstrap.servers", brokers},
                                     {"client.id", "paceline-demo"},
                                     {"partitioner", "murmur2_random"},
                                     {"linger.ms", "5"},
                                     {"max.in.flight.requests.per.connection", "1"},
                                     {"queue.buffering.max.messages", "1000000"},
                                     {"log_level", "0"}};
  char why[256];
  pl_crm *crm = PL_NEW(pl_crm);
  pl_buf_init(&crm->record, RECORD_MAX);
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (size_t i = 0; i < PL_COUNT(settings); i++)
    PL_ASSERT(rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why) == RD_KAFKA_CONF_OK);
  rd_kafka_conf_set_opaque(conf, crm);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
  crm->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  pl_status status = PL_AGAIN;
  if (!crm->kafka) {
    rd_kafka_conf_destroy(conf);
    (void)pl_fail(err, PL_AGAIN, "kafka: %s", why);
  } else {
    status = count_partitions(crm, err);
  }
  if (status != PL_OK) pl_crm_free(&crm);
  *out = crm;
  return status;
}

void pl_crm_free(pl_crm **crm) {
  if (!*crm) return;
  if ((*crm)->kafka) {
    (void)rd_kafka_purge((*crm)->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy((*crm)->kafka);
  }
  pl_buf_fini(&(*crm)->record);
  PL_FREE(*crm);
}

/* Writes crm->record. `partition` < 0: by the key. */
static pl_status put(pl_crm *crm, const char *topic, int32_t partition, pl_str key, pl_wall at, pl_err *err) {
  bool counted = strcmp(topic, ACTIVITIES) == 0;
  const rd_kafka_vu_t what[] = {
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition < 0 ? RD_KAFKA_PARTITION_UA : partition},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.p, key.n}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {crm->record.p, crm->record.n}},
      {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = at.ms},
      {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = counted ? crm : NULL}};
  PL_ASSERT(!crm->record.full);
  for (;;) {
    rd_kafka_error_t *error = rd_kafka_produceva(crm->kafka, what, PL_COUNT(what));
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (!code) return PL_OK;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return pl_fail(err, PL_AGAIN, "kafka: %s: %s", topic, rd_kafka_err2str(code));
    (void)rd_kafka_poll(crm->kafka, 100);
  }
}

static void begin(pl_crm *crm, int32_t schema_id) {
  pl_buf_clear(&crm->record);
  pl_wire_put(&crm->record, schema_id);
}

pl_status pl_crm_facts(pl_crm *crm, const pl_company *company, pl_err *err) {
  pl_status status = PL_OK;
  for (size_t i = 0; i < PL_COMPANY_TEAMS && status == PL_OK; i++) {
    pl_team_fact team;
    pl_company_team(company, i, &team);
    begin(crm, PL_CRM_TEAM);
    pl_team_encode(&crm->record, &team);
    status = put(crm, "crm.teams", 0, team.id, pl_company_opens(), err);
  }
  for (size_t i = 0; i < pl_company_reps(company) && status == PL_OK; i++) {
    pl_rep_fact rep;
    pl_company_rep(company, i, &rep);
    begin(crm, PL_CRM_ROSTER);
    pl_rep_encode(&crm->record, &rep);
    status = put(crm, "crm.roster", -1, rep.id, pl_company_opens(), err);
  }
  return status;
}

static pl_status tell(pl_crm *crm, const pl_deed *deed, pl_err *err) {
  bool goals = deed->kind == PL_DEED_GOALS;
  begin(crm, goals ? PL_CRM_GOALS : PL_CRM_ACTIVITY);
  if (goals) {
    pl_goals_encode(&crm->record, &deed->goals);
  } else if (deed->kind == PL_DEED_ACTIVITY) {
    if (!pl_activity_encode(&crm->record, &deed->activity))
      return pl_fail(err, PL_FATAL, "an amount that does not fit");
  } else {
    pl_buf_clear(&crm->record);
    pl_buf_str_put(&crm->record, deed->bytes);
  }
  return put(crm, goals ? "crm.goals" : ACTIVITIES, -1, deed->key, deed->at, err);
}

pl_status pl_crm_live(pl_crm *crm, pl_company *company, pl_wall until, pl_err *err) {
  pl_deed deed;
  pl_status status = PL_OK;
  while (status == PL_OK && pl_company_next(company, until, &deed)) status = tell(crm, &deed, err);
  for (int32_t p = 0; p < crm->partitions && status == PL_OK; p++) {
    begin(crm, PL_CRM_ACTIVITY);
    pl_heartbeat_encode(&crm->record, PL_STR("crm"), until, until);
    status = put(crm, ACTIVITIES, p, (pl_str){0}, until, err);
  }
  (void)rd_kafka_poll(crm->kafka, 0);
  if (status == PL_OK && crm->failed) status = pl_fail(err, PL_AGAIN, "kafka: %s", crm->why);
  return status;
}

pl_status pl_crm_answer(pl_crm *crm, pl_str rep, pl_wall at, const pl_answer_word *word, pl_err *err) {
  char id[PL_ID_MAX + 1];
  const pl_activity answer = pl_answer_activity(id, rep, at, word);
  begin(crm, PL_CRM_ACTIVITY);
  PL_ASSERT(pl_activity_encode(&crm->record, &answer)); /* it has no amount */
  return put(crm, ACTIVITIES, -1, rep, at, err);
}

pl_status pl_crm_flush(pl_crm *crm, pl_err *err) {
  rd_kafka_resp_err_t code = rd_kafka_flush(crm->kafka, BROKER_MS);
  if (code || crm->failed)
    return pl_fail(err, PL_AGAIN, "kafka: %s", crm->failed ? crm->why : rd_kafka_err2str(code));
  return PL_OK;
}

int32_t pl_crm_partitions(const pl_crm *crm) { return crm->partitions; }
int64_t pl_crm_end(const pl_crm *crm, int32_t partition) { return crm->ends[partition]; }
