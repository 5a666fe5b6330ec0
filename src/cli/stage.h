/* Stage: what the demo plays on. A broker, a Redis and the daemon itself, each a process of its own that dies
 * with the demo, and a folder with the daemon's configuration and log.
 *
 * Blocking; it is opened before anything in this process has threads. */
#ifndef PL_CLI_STAGE_H
#define PL_CLI_STAGE_H

#include "base/text.h"
#include "io/embedded.h"

typedef struct {
  pl_embedded_broker broker;
  pl_embedded_redis redis;
  pid_t daemon; /* 0: not running */
  int http_port;
  int inbox_port; /* where managers are told */
  char folder[256], config[300], log[300];
  bool keep; /* the folder stays */
} pl_stage;

/* The broker with its topics, the Redis, the folder with the configuration; not yet the daemon. The broker
 * trims a partition beyond 5 MiB: `partitions` of the activities must be enough. */
pl_status pl_stage_open(pl_stage *stage, int partitions, pl_err *err) PL_MUST_CHECK;
void pl_stage_close(pl_stage *stage); /* accepts one that is half open */

/* The daemon, until it serves. */
pl_status pl_stage_start(pl_stage *stage, pl_err *err) PL_MUST_CHECK;
/* FATAL: it has ended by itself; the text holds its last words. */
pl_status pl_stage_look(pl_stage *stage, pl_err *err) PL_MUST_CHECK;
/* The daemon drains and ends. FATAL: it had to be killed, or ended with an error. */
pl_status pl_stage_stop(pl_stage *stage, pl_err *err) PL_MUST_CHECK;

/* The daemon's metrics as text; and one of them by its whole name with labels, 0 if it is not there. */
pl_status pl_stage_metrics(const pl_stage *stage, pl_buf *out, pl_err *err) PL_MUST_CHECK;
int64_t pl_stage_metric(pl_str metrics, const char *name);

#endif
