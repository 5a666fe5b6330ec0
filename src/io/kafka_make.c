#include "io/kafka_make.h"

#include "base/clock.h"
#include "io/kafka_ask.h"
#include "io/kafka_conf.h"

enum { ANSWER_MS = 30000, REPLICAS_OF_BROKER = -1 };

static pl_status is_there(rd_kafka_t *rk, const pl_kafka_config *config, const char *topic, bool *there,
                          pl_err *err) {
  const struct rd_kafka_metadata *m;
  pl_status status = pl_kafka_ask(rk, config->brokers, ANSWER_MS, &m, err);
  *there = m && pl_kafka_ask_partitions(m, topic) > 0;
  if (m) rd_kafka_metadata_destroy(m);
  return status;
}

/* What the broker answered for the topic. */
static rd_kafka_resp_err_t answer_of(rd_kafka_queue_t *queue, const char **text) {
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ANSWER_MS);
  size_t n = 0;
  *text = "";
  if (!event) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
  const rd_kafka_topic_result_t **topics = result ? rd_kafka_CreateTopics_result_topics(result, &n) : NULL;
  if (!code && n) code = rd_kafka_topic_result_error(topics[0]);
  *text = rd_kafka_err2str(code);
  rd_kafka_event_destroy(event);
  return code;
}

static pl_status create(rd_kafka_t *rk, const char *topic, pl_err *err) {
  char why[256];
  const char *text;
  rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic, 1, REPLICAS_OF_BROKER, why, sizeof why);
  if (!made) return pl_fail(err, PL_REJECT, "kafka: topic %s: %s", topic, why);
  (void)rd_kafka_NewTopic_set_config(made, "cleanup.policy", "compact");
  rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
  rd_kafka_CreateTopics(rk, &made, 1, NULL, queue);
  rd_kafka_resp_err_t code = answer_of(queue, &text);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(made);
  if (!code || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return PL_OK;
  return pl_fail(err, code == RD_KAFKA_RESP_ERR__TIMED_OUT ? PL_AGAIN : PL_REJECT,
                 "kafka: topic %s is not there, and cannot be made: %s; make it with one partition and "
                 "cleanup.policy=compact, or allow this user to (Create on the topic)",
                 topic, text);
}

pl_status pl_kafka_make_compacted(const pl_kafka_config *config, const char *topic, pl_err *err) {
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_OUT, config, NULL, err);
  if (!rk) return PL_REJECT;
  bool there;
  pl_status status = is_there(rk, config, topic, &there, err);
  if (status == PL_OK && !there) {
    status = create(rk, topic, err);
    pl_mono until = {pl_clock_mono().us + ANSWER_MS * 1000};
    while (status == PL_OK && !there && pl_clock_mono().us < until.us)
      status = is_there(rk, config, topic, &there, err); /* every broker has to hear of it */
  }
  rd_kafka_destroy(rk);
  return status;
}
