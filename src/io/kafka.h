/* Kafka source: the adapter that owns librdkafka.
 *
 * Three handles on one loop. The *group* handle is only a member: it subscribes to the activities, answers
 * every rebalance at once with an empty assignment and commits; nothing is fetched through it, so a rebalance
 * never waits behind records. The *data* handle joins nothing: it fetches activities, roster, goals and
 * teams, each partition added and removed by itself, so those that flow already are not disturbed when
 * another starts. The *out* handle is an idempotent producer.
 *
 * Guarantees: records of a partition come in order, each once per consume() or follow(), from the offset
 * asked for, and nothing is skipped: an offset outside the log is told (on_outside), never replaced by
 * another. Nothing blocks the loop but short calls into librdkafka's own thread (tens of microseconds). */
#ifndef PL_IO_KAFKA_H
#define PL_IO_KAFKA_H

#include "ports.h"

struct event_base;

typedef struct {
  const char *name, *value;
  bool secret; /* the value never stands in a message */
} pl_kafka_property;

typedef struct {
  const char *brokers;     /* host:port, separated by commas */
  const char *group;       /* the consumer group; the data handle carries the name too, but never joins */
  const char *partitioner; /* "murmur2" (also when NULL): as Java's clients; "crc32": as librdkafka's */
  const char *topics[PL_TOPICS];       /* NULL or "": not used; the activities are always needed */
  int session_timeout_ms;              /* 0: 6000 */
  const pl_kafka_property *properties; /* handed to librdkafka, but for those the guarantees rest on */
  size_t nproperties;
} pl_kafka_config;

/* NULL: `err` names the option, what was found and the remedy. The configuration is copied. */
pl_source *pl_kafka_new(struct event_base *base, const pl_kafka_config *config, pl_err *err);

/* After on_closed, outside of every callback. If the group could not be left in time (the broker hangs), its
 * handle is left behind on purpose: destroying it would block for as long as the broker does, and the process
 * is about to end. */
void pl_kafka_free(pl_source **source);

/* The partition of a key, as librdkafka's own partitioners say; no connection is needed. */
int32_t pl_kafka_home(pl_str key, int32_t partitions, bool crc32);

#endif
