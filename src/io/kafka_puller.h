/* Puller: a member of a group that reads one topic and writes what comes of it in transactions; for
 * command-line programs, because it blocks.
 *
 * How far it has read is committed by the writer's transaction and by nothing else: what came out of records
 * and the place behind them are there together, or not at all. A member that was thrown out of the group, and
 * does not know it yet, cannot commit: the broker holds the transaction against the group's generation. What
 * was read and not committed is read again, by whoever has the partition then. */
#ifndef PL_IO_KAFKA_PULLER_H
#define PL_IO_KAFKA_PULLER_H

#include "io/kafka_past.h"
#include "io/kafka_writer.h"

typedef struct pl_puller pl_puller;

/* A group that has committed nothing begins at the topic's beginning. REJECT: the configuration, or there is
 * no such topic. */
pl_status pl_puller_new(pl_puller **out, const pl_kafka_config *config, const char *topic, const char *group,
                        pl_writer *writer, pl_err *err) PL_MUST_CHECK;
void pl_puller_free(pl_puller **puller); /* leaves the group; an open transaction must be decided */

/* What comes within `wait_ms`, at most `most` records. When partitions are taken away, the open transaction
 * is aborted. OK; AGAIN: the broker does not answer; FATAL: go and start anew. */
pl_status pl_puller_poll(pl_puller *puller, int wait_ms, int most, pl_past_record_fn *fn, void *ctx,
                         pl_err *err) PL_MUST_CHECK;
/* The open transaction, with the place that was reached. OK also if it had to be given up, which `kept` says:
 * then what was read since the last commit comes again. */
pl_status pl_puller_commit(pl_puller *puller, bool *kept, pl_err *err) PL_MUST_CHECK;
/* The open transaction is given up, and what was read comes again. */
pl_status pl_puller_rewind(pl_puller *puller, pl_err *err) PL_MUST_CHECK;
/* Were all partitions that it has read to where they ended when it got them? */
bool pl_puller_at_end(const pl_puller *puller);

#endif
