/* Inside the Kafka source: what its files share. Nobody else includes this.
 *
 *   kafka.c        the port: makes the handles, routes calls, judges the connection, closes
 *   kafka_group.c  membership: rebalances, commits and what was committed, leaving
 *   kafka_data.c   flows: what is fetched, from where, up to which offset and which time
 *   kafka_nudge.c  wakes a fetcher that sleeps though there is more to fetch
 *   kafka_out.c    the producer
 *   kafka_conf.c, kafka_feed.c, kafka_fresh.c, kafka_trouble.c   settings, queues on the loop, the brokers'
 *                 answer times, why there are none */
#ifndef PL_IO_KAFKA_INSIDE_H
#define PL_IO_KAFKA_INSIDE_H

#include <librdkafka/rdkafka.h>

#include "io/kafka.h"
#include "io/kafka_feed.h"
#include "io/kafka_fresh.h"
#include "io/kafka_trouble.h"

struct event;

/* One partition of one topic. */
typedef struct {
  bool on; /* librdkafka has it in the data handle's assignment */
  enum { PL_FLOW_STAY, PL_FLOW_START, PL_FLOW_STOP } want; /* done together, at the end of the turn */
  bool probing;   /* the offset was refused: reading from the start only to learn what the log holds */
  bool fetched;   /* a record or an end came since it was started: the cached watermarks are of this run */
  bool followed;  /* tables: the end known at the start was reached */
  bool resting;   /* until it is to go on at `next` */
  int64_t next;   /* the next offset expected, or PL_OFFSET_EARLIEST, PL_OFFSET_LATEST */
  int64_t asked;  /* while probing: the offset that was refused */
  int64_t until;  /* tables: the end, once known; else PL_OFFSET_NONE */
  int32_t broker; /* it is fetched from, as of the last statistics; -1: not known */
  pl_wall complete_to; /* last told */
} pl_flow;

enum { PL_PARTITIONS_MAX = 100000 };

/* Why the source is not up; PL_CAUSE_CUT has the kind of trouble added, PL_CAUSE_ABSENT and PL_CAUSE_COUNT
 * the topic. */
enum {
  PL_CAUSE_UNKNOWN,
  PL_CAUSE_NONE,
  PL_CAUSE_REFUSED,
  PL_CAUSE_CUT = 10,
  PL_CAUSE_ABSENT = 20,
  PL_CAUSE_COUNT = 30
};

typedef struct {
  char *name; /* NULL: not used */
  rd_kafka_topic_t *handle;
  int32_t total; /* partitions, as of the last statistics; 0: the topic was not seen yet */
  pl_flow *flows;
  size_t room;
} pl_flows;

typedef struct {
  pl_source source; /* first: what the engine holds */
  pl_source_handler to;
  struct event *tick, *later;
  pl_feed *feed;
  pl_fresh *fresh;
  rd_kafka_t *group, *data, *out;
  rd_kafka_queue_t *group_queue; /* borrowed from the feed */
  char *brokers;
  bool crc32; /* the partitioner */
  bool started;

  pl_flows topics[PL_TOPICS];
  bool *wanted; /* [p + 1]: on_followed(p) is owed */
  size_t wanted_room;
  size_t queued; /* the most records that lay there since the last nudge */

  bool joined;    /* subscribed */
  bool told;      /* on_assign was called and no on_revoke since */
  int32_t *owned; /* partitions of the current assignment */
  int32_t total;  /* as told with it */
  enum { PL_RECALL_NO, PL_RECALL_WANTED, PL_RECALL_SENT } * recalls; /* of each of them */
  size_t nowned;
  char *group_name;
  bool recalling;      /* a request is under way */
  pl_mono recall_at;   /* the next one goes no sooner */
  intptr_t generation; /* counts assignments: a commit's answer counts only for its own */
  bool committing;
  int64_t session_us;
  pl_mono turned; /* the last time the queues were served */

  struct {
    uint64_t token;
    rd_kafka_resp_err_t err;
  } * refused; /* messages librdkafka did not take: told at the end of the turn */
  size_t nrefused, refused_room;

  pl_mono began, down_at; /* start; the last time that librdkafka said all brokers are down */
  pl_trouble trouble;     /* of connections */
  pl_mono refused_at;
  char refused_why[256]; /* the last error that is not of a connection, in librdkafka's words */
  int cause;             /* what on_state was last told */
  int absent;            /* statistics in a row that miss a topic although a broker answers */

  bool fatal;                 /* was told; nothing mends it */
  bool closing, left, closed; /* asked to; the group is left; told */
  pl_mono close_by;
} pl_kafka;

void pl_kafka_later(pl_kafka *k); /* what is wanted is carried out soon */
void pl_kafka_on_log(const char *what, rd_kafka_event_t *event);
void pl_kafka_on_error(pl_kafka *k, const char *what, rd_kafka_t *rk, rd_kafka_resp_err_t err,
                       const char *why);
void pl_kafka_on_error_event(pl_kafka *k, const char *what, rd_kafka_t *rk, rd_kafka_event_t *event);
void pl_kafka_on_fatal(pl_kafka *k, const char *text);

void pl_group_join(pl_kafka *k);
void pl_group_count(pl_kafka *k); /* the topic's partitions, anew */
bool pl_group_owns(const pl_kafka *k, int32_t partition);
void pl_group_on_event(void *ctx, rd_kafka_event_t *event);
bool pl_group_commit(pl_kafka *k, const int32_t *partitions, const int64_t *offsets, size_t n);
void pl_group_recall(pl_kafka *k, int32_t partition);
void pl_group_settle(pl_kafka *k); /* sends what is to be recalled */
void pl_group_close(pl_kafka *k);

pl_flow *pl_data_flow(pl_kafka *k, pl_topic topic, int32_t partition); /* NULL: none */
void pl_data_open(pl_kafka *k);                                        /* topic handles */
void pl_data_follow(pl_kafka *k, int32_t partition);
void pl_data_consume(pl_kafka *k, int32_t partition, int64_t offset);
void pl_data_rest(pl_kafka *k, pl_topic topic, int32_t partition, int64_t offset);
void pl_data_resume(pl_kafka *k, pl_topic topic, int32_t partition);
void pl_data_settle(pl_kafka *k); /* starts and stops what is wanted, tells what is followed */
void pl_data_pause(pl_kafka *k);  /* no activities any more */
void pl_data_keep(pl_kafka *k);   /* nothing but the teams, and what is owned; closing: but the teams */
bool pl_data_on_batch(void *ctx, rd_kafka_message_t *const *messages, size_t n); /* records, ends, errors */
void pl_data_on_main_event(void *ctx, rd_kafka_event_t *event); /* statistics, logs, errors */
void pl_data_complete(pl_kafka *k);
bool pl_data_ready(pl_kafka *k); /* topics there, counts equal, teams read: the group may be joined */

void pl_nudge(pl_kafka *k); /* in each turn: wakes a fetcher that sleeps */

void pl_out_on_event(void *ctx, rd_kafka_event_t *event);
pl_status pl_out_produce(pl_kafka *k, const char *topic, int32_t partition, pl_str key, pl_str value,
                         const pl_header *headers, size_t nheaders, uint64_t token);
void pl_out_settle(pl_kafka *k);

#endif
