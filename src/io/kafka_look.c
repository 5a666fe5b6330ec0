#include "io/kafka_look.h"

#include "io/kafka_conf.h"

enum { ANSWER_MS = 10000 };

pl_status pl_kafka_look(const pl_kafka_config *config, pl_topic_look *topics, size_t n, pl_err *err) {
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_OUT, config, NULL, err);
  if (!rk) return PL_REJECT;
  const struct rd_kafka_metadata *m = NULL;
  rd_kafka_resp_err_t code =
      rd_kafka_metadata(rk, 1, NULL, &m, ANSWER_MS); /* all: asking for one may make it */
  for (size_t i = 0; i < n; i++) {
    topics[i].partitions = 0;
    for (int t = 0; m && t < m->topic_cnt; t++)
      if (strcmp(m->topics[t].topic, topics[i].topic) == 0) topics[i].partitions = m->topics[t].partition_cnt;
  }
  if (m) rd_kafka_metadata_destroy(m);
  rd_kafka_destroy(rk);
  if (!code) return PL_OK;
  return pl_fail(err, PL_AGAIN, "kafka: %s: %s; is a broker running there, and kafka.brokers right?",
                 config->brokers, rd_kafka_err2str(code));
}
