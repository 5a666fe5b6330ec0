/* A member: the Kafka source under test with an engine of a few lines behind it, which checks on every record
 * what the port promises. Marks and owners are shared by the members of a crew, as they would be in Redis. */
#ifndef PL_TESTS_IO_KAFKA_MEMBER_H
#define PL_TESTS_IO_KAFKA_MEMBER_H

#include <event2/event.h>

#include "io/kafka.h"

enum { MEMBER_PARTITIONS = 8, MEMBER_TALE = 4096 };

/* What several members share: the truth in the store. */
typedef struct {
  struct event_base *base;
  int64_t mark[MEMBER_PARTITIONS]; /* next offset, or PL_OFFSET_EARLIEST, PL_OFFSET_LATEST */
  const void *owner[MEMBER_PARTITIONS];
  int64_t records, wrong; /* wrong: not the owner's, not the next offset */
} member_crew;

typedef struct {
  member_crew *crew;
  pl_source *source;
  bool by_hand; /* on_assign consumes nothing by itself */
  bool held;
  const char *unknown; /* a value that it does not take: the partition rests before it; NULL: it takes all */
  int rests;
  int32_t owned[MEMBER_PARTITIONS], total;
  size_t nowned;
  int assigns, revokes, lost, slices, followed[MEMBER_PARTITIONS + 1]; /* followed[p + 1] */
  int64_t records, tables;                                             /* of activities, of the rest */
  char tale[MEMBER_TALE]; /* what came from the tables, in order: "roster0 k=v;" and "followed 0;" */
  struct {
    int64_t next;
    pl_wall to;
  } complete[MEMBER_PARTITIONS];
  int completes, premature; /* premature: stamped at or before what was already called complete */
  int outsides;
  int64_t outside[4]; /* of the last: partition, asked, low, high */
  int recalls;
  int64_t recalled[MEMBER_PARTITIONS];
  int commits, accepted, delivered, failed;
  uint64_t token; /* the last one answered */
  char why[256];  /* of the last failure */
  bool up, closed;
  int states, fatals;
  char state[1024];
} member;

void member_start(member *m, member_crew *crew, const pl_kafka_config *config);
void member_close(member *m); /* asks; runs the loop until closed; frees */
/* Runs the loop until `done`; a failure, named `what`, after 20 s. */
void member_await(member_crew *crew, bool (*done)(void *ctx), void *ctx, const char *what);
#define AWAIT(crew, fn, ctx) member_await(crew, fn, ctx, #fn)

#endif
