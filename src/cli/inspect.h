/* Inspect: one rep or team as its owner holds it now, made again from the facts and from what Redis keeps.
 *
 * The state record, the mark and, of a team, the parts are read from Redis; facts that are not in the
 * configuration from their topics. What is asked of it then is asked of the same core that judges. */
#ifndef PL_CLI_INSPECT_H
#define PL_CLI_INSPECT_H

#include "cli/query.h"
#include "core/partition.h"

typedef struct {
  const pl_config *config;
  pl_query *redis;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_core *core;
  pl_subject *subject;
  pl_wall now;         /* the clock's, or in stream time the newest record's */
  pl_wall complete_to; /* what happened before has been counted */
  bool stale;          /* that was too long ago: views say `unknown` of what is not decided */
} pl_inspect;

/* Closed whatever it returns. AGAIN: Redis or Kafka does not answer; REJECT: nobody is called so. */
pl_status pl_inspect_open(pl_inspect *inspect, const pl_config *config, pl_str id, pl_err *err) PL_MUST_CHECK;
void pl_inspect_close(pl_inspect *inspect);
/* The goal in force, or its milestone, by name; NULL: there is none. Armed as of now. */
pl_goal *pl_inspect_goal(pl_inspect *inspect, pl_str name);

/* Its figures as the view has them. */
pl_figures pl_inspect_figures(const pl_inspect *inspect, const pl_goal *goal, const pl_judge *who);

/* `2026-03-04 13:37` where the rep is. */
char *pl_inspect_time(const pl_inspect *inspect, int64_t second, char out[PL_LOCAL_MAX]);
/* `3 h 25 min`. */
char *pl_inspect_span(int64_t seconds, char out[PL_LOCAL_MAX]);

#endif
