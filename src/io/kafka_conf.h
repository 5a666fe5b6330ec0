/* Handles: one table says what each of the three librdkafka handles is set to, and which of it a user may
 * change. */
#ifndef PL_IO_KAFKA_CONF_H
#define PL_IO_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "io/kafka.h"
#include "io/kafka_fresh.h"

typedef enum { PL_HANDLE_GROUP = 1, PL_HANDLE_DATA = 2, PL_HANDLE_OUT = 4 } pl_handle;

/* NULL: `err` says which option is wrong. Consumers are watched by `fresh`, unless that is NULL. */
rd_kafka_t *pl_handle_new(pl_handle which, const pl_kafka_config *config, pl_fresh *fresh, pl_err *err);

#endif
