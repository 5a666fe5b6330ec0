/* Rerun: a policy before records of the past, with nothing behind it: no Kafka, no Redis, no side effects.
 *
 * One core for each partition, fed in the order of stamps through the same readers as the daemon's, so a
 * rep's alerts are those of the daemon over the same topic, to the second. A team's follow from the parts of
 * all partitions when it is judged: here after each hour and each midnight. Who watches is told of what
 * happens, in its order. */
#ifndef PL_CLI_RERUN_H
#define PL_CLI_RERUN_H

#include "config/config.h"
#include "core/partition.h"
#include "ports.h"

typedef struct {
  void *ctx; /* of each function; those that are NULL are not asked */
  void (*on_alert)(void *ctx, const pl_subject *whose, const pl_alert *alert);
  /* A period has ended, and with it those goals that were for it. */
  void (*on_past)(void *ctx, const pl_subject *whose, const pl_past *past);
  /* A counter of a rep has moved: a count's or a sum's, at an event's instant. */
  void (*on_move)(void *ctx, pl_subject *rep, int metric, pl_wall at, int64_t by);
  /* A rep's day is over at this instant, and what is judged is still that day's; then the next one begins. */
  void (*on_evening)(void *ctx, pl_subject *rep, pl_wall midnight);
  void (*on_morning)(void *ctx, pl_subject *rep, pl_wall midnight);
} pl_watch;

typedef struct pl_rerun pl_rerun;

enum {
  PL_RERUN_TABLE = 1,    /* the past is a table, in which no source speaks: none is waited for */
  PL_RERUN_NO_GOALS = 2, /* there are no goals until somebody who watches gives some */
};
/* Both are borrowed. REJECT: a zone or a schema cannot be read. */
pl_status pl_rerun_new(pl_rerun **out, const pl_config *config, int32_t partitions, const pl_watch *watch,
                       unsigned how, pl_err *err) PL_MUST_CHECK;
void pl_rerun_free(pl_rerun **rerun);

/* A record of roster, goals or teams, before any of the activities; what cannot be read is left out. */
void pl_rerun_fact(pl_rerun *rerun, pl_topic topic, int32_t partition, pl_str key, pl_str value);
/* The next record of the activities; partition -1: its rep's home. */
void pl_rerun_apply(pl_rerun *rerun, int32_t partition, pl_str value, pl_wall stamp);
/* Nothing more comes: everything up to `end` is known. */
void pl_rerun_end(pl_rerun *rerun, pl_wall end);
int64_t pl_rerun_refused(const pl_rerun *rerun); /* events */
/* AGAIN: the registry gave no answer; what was told before that is worth nothing. */
pl_status pl_rerun_failed(const pl_rerun *rerun, pl_err *err) PL_MUST_CHECK;

#endif
