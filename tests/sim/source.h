/* Source: what a process sees of the scripted Kafka: its membership, its flows, its producer.
 *
 * As the real adapter: a rebalance is answered at once, records flow in slices from where they were asked
 * for, an offset outside of the log is told and nothing flows, completeness is claimed only at the end and
 * only while the broker answers. */
#ifndef TESTS_SIM_SOURCE_H
#define TESTS_SIM_SOURCE_H

#include "broker.h"

typedef struct process process;

typedef struct {
  bool on, followed, resting;
  int64_t next, until;
} flow;

typedef struct {
  pl_source source; /* first: what the engine holds */
  process *process;
  broker *broker;
  pl_source_handler to;
  bool cut;     /* the broker cannot be reached from here */
  bool joined;  /* wants to be a member */
  bool told;    /* on_assign was called and no on_revoke since */
  bool rejoins; /* heard nothing for the session timeout */
  bool held, kept, closing;
  bool up; /* as told */
  uint32_t member;
  int64_t generation, assigned;                           /* of the broker; how often we were assigned */
  int64_t heard;                                          /* the coordinator's last good word */
  bool owned[PARTITIONS_MAX], wanted[PARTITIONS_MAX + 1]; /* wanted[p + 1]: on_followed(p) is owed */
  bool recalls[PARTITIONS_MAX];                           /* on_recalled(p) is owed */
  flow flows[PL_TOPICS][PARTITIONS_MAX];
  int64_t commits; /* one at a time: its number; 0: none */
  int64_t offsets[PARTITIONS_MAX];
} source;

void source_init(source *s, process *p, broker *b);
/* The new generation has come to this process. */
void source_assigned(source *s, uint32_t member, int64_t generation, int32_t from, int32_t to);

#endif
