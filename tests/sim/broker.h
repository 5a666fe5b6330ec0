/* Broker: the scripted Kafka that all processes share: the logs, the group, and what was produced.
 *
 * A log is a list of records; an offset is a place in it. Some places hold no record (what a transaction
 * leaves behind), so offsets have gaps. The log's start may move, and its end may be lost.
 *
 * The group follows the classic protocol with the range assignor, eagerly: when somebody comes or goes, all
 * give up what they have, join anew, and are told by the next generation. A member that is silent for the
 * session timeout is thrown out and learns it when it asks again. A commit is held against the membership and
 * its generation alone, not against the partition. */
#ifndef TESTS_SIM_BROKER_H
#define TESTS_SIM_BROKER_H

#include "ports.h"
#include "timeline.h"

enum { PARTITIONS_MAX = 4, MEMBERS_MAX = 64 };

typedef struct {
  char *key, *value; /* value NULL, with bytes 0: a place without a record */
  size_t nkey, nvalue;
  pl_wall stamp;
  bool gap;
} log_entry;

typedef struct {
  log_entry *entries; /* [0]: offset 0 */
  size_t n, room;
  size_t cut; /* records that were there and are gone from its end; nothing more is written then */
  int64_t low;
} log_part;

typedef struct {
  uint32_t id;
  uint32_t process; /* whose it is */
  int64_t heard;
  bool joined; /* it waits for the next generation */
} broker_member;

typedef struct {
  timeline *t;
  int32_t partitions;
  int64_t session;
  bool up;
  log_part logs[PL_TOPICS][PARTITIONS_MAX];
  struct {
    broker_member members[MEMBERS_MAX];
    size_t n;
    uint32_t ids;
    int64_t generation;
    bool joining; /* between two generations */
    int64_t committed[PARTITIONS_MAX];
    /* Tells a member its partitions [from, to) of the new generation. */
    void (*assign)(void *ctx, uint32_t whose, uint32_t member, int64_t generation, int32_t from, int32_t to);
    void *ctx;
  } group;
  struct {
    uint64_t *names; /* of alerts and dead letters, as often as they were written */
    size_t n, room;
  } produced;
} broker;

void broker_init(broker *b, timeline *t, int32_t partitions, int64_t session);
void broker_fini(broker *b);
void broker_put(broker *b, pl_topic topic, int32_t partition, pl_str key, pl_str value, pl_wall stamp);
void broker_put_gap(broker *b, int32_t partition); /* of the activities */
void broker_cut(broker *b, int32_t partition, size_t records);
int64_t broker_end(const broker *b, pl_topic topic, int32_t partition);
int32_t broker_home(pl_str key, int32_t total);

void broker_produced(broker *b, uint64_t name);
bool broker_has(const broker *b, uint64_t name);

/* --- the group, as requests find it; a member of id 0 is none */
uint32_t group_join(broker *b, uint32_t whose, uint32_t member); /* -> its id */
typedef enum { GROUP_GOOD, GROUP_REBALANCES, GROUP_UNKNOWN } group_word;
group_word group_heartbeat(broker *b, uint32_t member);
void group_leave(broker *b, uint32_t member);
bool group_commit(broker *b, uint32_t member, int64_t generation, int32_t partition, int64_t offset);
void group_tick(broker *b);      /* throws out who is silent, begins the generation that all wait for */
void group_restarted(broker *b); /* the coordinator: sessions begin anew */

#endif
