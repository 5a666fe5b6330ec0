/* Past: a topic from its beginning to its present end; for command-line programs, because it blocks. Assigned
 * by hand: no group is joined, nothing is committed, nobody notices. */
#ifndef PL_IO_KAFKA_PAST_H
#define PL_IO_KAFKA_PAST_H

#include "io/kafka.h"

typedef struct {
  int32_t partition;
  int64_t offset;
  pl_wall stamp;
  pl_str key, value;   /* borrowed for the call; value.p == NULL: a tombstone */
  const void *message; /* for pl_past_header */
} pl_past_record;
typedef void pl_past_record_fn(void *ctx, const pl_past_record *record);

/* Of each partition in its order; partition -1: all. `partitions`: how many there are. AGAIN: the broker does
 * not answer, or nothing comes for half a minute; REJECT: the configuration, or there is no such topic. */
pl_status pl_kafka_past(const pl_kafka_config *config, const char *topic, int32_t partition,
                        int32_t *partitions, pl_past_record_fn *fn, void *ctx, pl_err *err) PL_MUST_CHECK;
/* A header of that name, borrowed for the call; p NULL: it has none. */
pl_str pl_past_header(const pl_past_record *record, const char *name);
/* Where each partition's log begins now: 0 if nothing was ever deleted. */
pl_status pl_kafka_starts(const pl_kafka_config *config, const char *topic, int32_t partitions,
                          int64_t *starts, pl_err *err) PL_MUST_CHECK;

#endif
