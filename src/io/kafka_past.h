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

typedef struct {
  int32_t partition; /* -1: all */
  /* Of each partition, what: 0: from its beginning; n: from that offset; -n: its newest n offsets. */
  int64_t from;
  int64_t most; /* records of each partition; 0: all */
  /* Also what lies behind transactions that are open now, once they are decided: nothing that was there when
   * this was called is missed. AGAIN: it takes longer than they may. */
  bool settled;
} pl_past_range;

/* Of each partition in its order. `partitions`: how many there are. AGAIN: the broker does not answer, or
 * nothing comes for half a minute; REJECT: the configuration, or there is no such topic, or it may not be
 * read. */
pl_status pl_kafka_range(const pl_kafka_config *config, const char *topic, const pl_past_range *range,
                         int32_t *partitions, pl_past_record_fn *fn, void *ctx, pl_err *err) PL_MUST_CHECK;
/* All of one partition, or of all (-1). */
pl_status pl_kafka_past(const pl_kafka_config *config, const char *topic, int32_t partition,
                        int32_t *partitions, pl_past_record_fn *fn, void *ctx, pl_err *err) PL_MUST_CHECK;
/* A header of that name, borrowed for the call; p NULL: it has none. */
pl_str pl_past_header(const pl_past_record *record, const char *name);
/* Each header in its turn, `i` from 0 on; false: there are no more. */
bool pl_past_header_at(const pl_past_record *record, size_t i, pl_header *out);
/* Where each partition's log begins now: 0 if nothing was ever deleted. */
pl_status pl_kafka_starts(const pl_kafka_config *config, const char *topic, int32_t partitions,
                          int64_t *starts, pl_err *err) PL_MUST_CHECK;

#endif
