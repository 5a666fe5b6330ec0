/* Look: what a broker says of topics; for command-line programs, because it blocks. Makes none. */
#ifndef PL_IO_KAFKA_LOOK_H
#define PL_IO_KAFKA_LOOK_H

#include "io/kafka.h"

typedef struct {
  const char *topic;
  int32_t partitions; /* 0: it is not there, or may not be seen */
} pl_topic_look;

/* AGAIN: no broker answers within ten seconds; REJECT: the configuration. */
pl_status pl_kafka_look(const pl_kafka_config *config, pl_topic_look *topics, size_t n,
                        pl_err *err) PL_MUST_CHECK;

#endif
