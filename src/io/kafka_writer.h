/* Writer: records in transactions; for command-line programs, because it blocks.
 *
 * What a transaction holds is seen by readers wholly or not at all (paceline reads committed records only).
 * Two writers of one name exclude each other: the later one fences the earlier, and by then what that one had
 * begun is decided. OK, or AGAIN: the broker does not answer or asks to come back; REJECT: the configuration;
 * FATAL: the broker refuses. */
#ifndef PL_IO_KAFKA_WRITER_H
#define PL_IO_KAFKA_WRITER_H

#include "io/kafka.h"

typedef struct pl_writer pl_writer;

/* A record on its way; what is NULL (key.p, value.p) is written so. */
typedef struct {
  const char *topic; /* NULL: the writer's own */
  int32_t partition; /* < 0: by the key, with the configured partitioner */
  pl_str key, value;
  pl_wall stamp;
  const pl_header *headers;
  size_t nheaders;
} pl_outgoing;

/* Waits up to half a minute for the broker. The topic must be there. `name`: of the transactions. */
pl_status pl_writer_new(pl_writer **out, const pl_kafka_config *config, const char *topic, const char *name,
                        pl_err *err) PL_MUST_CHECK;
void pl_writer_free(pl_writer **writer); /* what was not committed never was */
int32_t pl_writer_partitions(const pl_writer *writer);

pl_status pl_writer_begin(pl_writer *writer, pl_err *err) PL_MUST_CHECK;
pl_status pl_writer_send(pl_writer *writer, const pl_outgoing *record, pl_err *err) PL_MUST_CHECK;
/* Into its own topic. partition < 0: by the key, with the configured partitioner; an empty key is none. */
pl_status pl_writer_put(pl_writer *writer, int32_t partition, pl_str key, pl_str value, pl_wall stamp,
                        pl_err *err) PL_MUST_CHECK;
/* OK: every record since begin is there for good. */
pl_status pl_writer_commit(pl_writer *writer, pl_err *err) PL_MUST_CHECK;
/* None of them ever is. */
pl_status pl_writer_abort(pl_writer *writer, pl_err *err) PL_MUST_CHECK;
bool pl_writer_is_open(const pl_writer *writer); /* a transaction is */
/* What went wrong last is over when the transaction is aborted: it can be tried once more. */
bool pl_writer_can_abort(const pl_writer *writer);

#endif
