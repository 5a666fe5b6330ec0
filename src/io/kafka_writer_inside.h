/* Inside the writer: what whoever reads and writes in one transaction needs of it. */
#ifndef PL_IO_KAFKA_WRITER_INSIDE_H
#define PL_IO_KAFKA_WRITER_INSIDE_H

#include <librdkafka/rdkafka.h>

#include "io/kafka_writer.h"

rd_kafka_t *pl_writer_handle(pl_writer *writer);
/* What the broker said, which it frees, as a status; AGAIN also where nothing but an abort is left. */
pl_status pl_writer_failed(pl_writer *writer, rd_kafka_error_t *error, const char *doing,
                           pl_err *err) PL_MUST_CHECK;

#endif
