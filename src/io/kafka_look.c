#include "io/kafka_look.h"

#include "io/kafka_ask.h"
#include "io/kafka_conf.h"

enum { ANSWER_MS = 10000 };

pl_status pl_kafka_look(const pl_kafka_config *config, pl_topic_look *topics, size_t n, pl_err *err) {
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_OUT, config, NULL, err);
  if (!rk) return PL_REJECT;
  const struct rd_kafka_metadata *m;
  pl_status status = pl_kafka_ask(rk, config->brokers, ANSWER_MS, &m, err);
  for (size_t i = 0; i < n; i++) topics[i].partitions = m ? pl_kafka_ask_partitions(m, topics[i].topic) : 0;
  if (m) rd_kafka_metadata_destroy(m);
  rd_kafka_destroy(rk);
  return status;
}
