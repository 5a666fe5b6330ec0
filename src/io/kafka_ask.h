/* Ask: which topics there are; for command-line programs, because it blocks. */
#ifndef PL_IO_KAFKA_ASK_H
#define PL_IO_KAFKA_ASK_H

#include <librdkafka/rdkafka.h>

#include "base/status.h"

/* Freed with rd_kafka_metadata_destroy. All of them: asking for one may make it. AGAIN: no broker answers in
 * time; REJECT: it does, but will not be talked to like this. */
pl_status pl_kafka_ask(rd_kafka_t *rk, const char *brokers, int patience_ms,
                       const struct rd_kafka_metadata **out, pl_err *err) PL_MUST_CHECK;
/* 0: it is not there, or may not be seen. */
int32_t pl_kafka_ask_partitions(const struct rd_kafka_metadata *all, const char *topic);

#endif
