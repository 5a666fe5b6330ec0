/* Embedded: a broker and a Redis of one's own, so that the first command just works. For the demo and for
 * tests, never for data that matters.
 *
 * The broker is librdkafka's mock cluster: 5 MiB a partition, then it trims without a word; no persistence,
 * no look-up by time. A mixed-assignor group aborts the process that hosts it, so it has one to itself,
 * forked: start it before anything that has threads. Redis is a redis-server without persistence, on a free
 * port of the loopback, in a folder of its own.
 *
 * Both die with the process that started them, are out of reach of its terminal's Ctrl-C, and are ended by
 * pid. These calls block: they belong before and after the loop. */
#ifndef PL_IO_EMBEDDED_H
#define PL_IO_EMBEDDED_H

#include <sys/types.h>

#include "base/status.h"

typedef struct {
  const char *name;
  int partitions;
} pl_embedded_topic;

typedef struct {
  pid_t pid;           /* 0: not running */
  char bootstrap[128]; /* host:port */
} pl_embedded_broker;

typedef struct {
  pid_t pid; /* 0: not running */
  int port;
  char folder[64];
} pl_embedded_redis;

/* What a client of the broker should set: a rebalance of the mock waits for the session timeout less a
 * second, an empty fetch for the whole of fetch.wait.max.ms. Ends with a NULL name. */
typedef struct {
  const char *name, *value;
} pl_embedded_property;
extern const pl_embedded_property pl_embedded_properties[];

pl_status pl_embedded_broker_start(pl_embedded_broker *broker, const pl_embedded_topic *topics, size_t n,
                                   pl_err *err) PL_MUST_CHECK;
void pl_embedded_broker_stop(pl_embedded_broker *broker); /* accepts one that is not running */
/* The body of the broker's process: writes the address and a newline to `ready_fd`, ends on SIGTERM with the
 * exit code. For callers that fork by themselves. */
int pl_embedded_broker_main(const pl_embedded_topic *topics, size_t n, int ready_fd);

pl_status pl_embedded_redis_start(pl_embedded_redis *redis, pl_err *err) PL_MUST_CHECK;
void pl_embedded_redis_stop(pl_embedded_redis *redis); /* accepts one that is not running */

#endif
