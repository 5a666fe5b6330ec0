/* Ports: what the engine needs from the world, in its own words.
 *
 * A source hands over records and takes back progress; a store answers commands; both call back on the loop,
 * never from inside the call that asked. The adapters in io/ own the libraries.
 * No port blocks, none ends the process. */
#ifndef PL_PORTS_H
#define PL_PORTS_H

#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/sink.h"

/* --- source: Kafka */

typedef enum { PL_TOPIC_ACTIVITIES, PL_TOPIC_ROSTER, PL_TOPIC_GOALS, PL_TOPIC_TEAMS, PL_TOPICS } pl_topic;

typedef struct {
  pl_topic topic;
  int32_t partition;
  int64_t offset;
  pl_wall stamp;      /* the record's own timestamp (create or append time) */
  pl_str key, value;  /* borrowed until on_slice says true; value.p == NULL: a tombstone */
  const void *origin; /* of the source, for `header`; borrowed as they are */
} pl_record;

typedef struct {
  pl_str name, value;
} pl_header;

enum { PL_SLICE_MAX = 256 }; /* records between two on_slice */
enum { PL_OFFSET_NONE = -1, PL_OFFSET_EARLIEST = -2, PL_OFFSET_LATEST = -3 };

/* What a source tells. All on the loop. */
typedef struct {
  /* The group gave us these partitions of the activities (all that we have now), of `total`; the source has
   * already answered the broker with an empty assignment, nothing flows before `consume`. Once more, with the
   * same partitions, when the topic has grown since. */
  void (*on_assign)(void *ctx, const int32_t *partitions, size_t n, int32_t total);
  /* All partitions are gone until the next on_assign; `lost`: somebody else may have them already. */
  void (*on_revoke)(void *ctx, bool lost);
  void (*on_record)(void *ctx, const pl_record *record);
  /* A slice of records has been handed over. True: they have been counted, their keys and values may go.
   * False: there was no time for all of them; they stay, no more come, and this is called again in the next
   * turn. */
  bool (*on_slice)(void *ctx);
  /* Everything that was in roster[p] and goals[p] when `follow` was called has been handed over.
   * Partition -1: the whole teams topic. */
  void (*on_followed)(void *ctx, int32_t partition);
  /* Activities of p were handed over up to the end; `complete_to`: the time up to which the broker has said
   * that there is no more. Called again and again while at the end, at most each 100 ms. `next`: the offset
   * expected. */
  void (*on_complete)(void *ctx, int32_t partition, int64_t next, pl_wall complete_to);
  /* The mark that consumption was asked to start from lies outside the log [low, high]. Nothing flows. */
  void (*on_outside)(void *ctx, int32_t partition, int64_t asked, int64_t low, int64_t high);
  /* What the group has committed of p; PL_OFFSET_NONE: nothing. Follows `recall`. */
  void (*on_recalled)(void *ctx, int32_t partition, int64_t committed);
  /* The commit was answered. */
  void (*on_commit)(void *ctx, bool accepted);
  /* A produced message was acknowledged, or has failed for good. */
  void (*on_produced)(void *ctx, uint64_t token, bool delivered, const char *why);
  /* Connection state for /-/ready, and what cannot be mended by waiting. */
  void (*on_state)(void *ctx, bool up, const char *text);
  void (*on_fatal)(void *ctx, const char *text);
  void (*on_closed)(void *ctx);
  void *ctx;
} pl_source_handler;

typedef struct pl_source pl_source;
typedef struct {
  /* Joins the group and, when the topic is configured, reads the teams. */
  pl_status (*start)(pl_source *source, const pl_source_handler *handler, pl_err *err);
  /* Reads roster[p] and goals[p] from their start and goes on following them, also while p is taken away, as
   * long as it is not another's. */
  void (*follow)(pl_source *source, int32_t partition);
  /* Adds p to the partitions that flow, from `offset` on (or PL_OFFSET_EARLIEST, PL_OFFSET_LATEST);
   * PL_OFFSET_NONE: it flows no more. */
  void (*consume)(pl_source *source, int32_t partition, int64_t offset);
  /* Asks how far the group has committed p, until there is an answer or p is taken away. */
  void (*recall)(pl_source *source, int32_t partition);
  /* p of a topic (of the teams, 0) flows no more, until `resume`: then it goes on at `offset`, which was
   * handed over and not taken. Until then it is neither followed nor complete. To follow or consume ends
   * that: `resume` does nothing then. */
  void (*rest)(pl_source *source, pl_topic topic, int32_t partition, int64_t offset);
  void (*resume)(pl_source *source, pl_topic topic, int32_t partition);
  /* The last header of that name of a record; p NULL: it has none. */
  pl_str (*header)(pl_source *source, const pl_record *record, const char *name);
  /* Where the log of p, which flows, begins, as heard last; PL_OFFSET_NONE: not yet. */
  int64_t (*low)(pl_source *source, int32_t partition);
  void (*hold)(pl_source *source, bool held); /* back-pressure: no more records until released */
  /* Commits next offsets, asynchronously, one at a time; false: one is still in flight. */
  bool (*commit)(pl_source *source, const int32_t *partitions, const int64_t *offsets, size_t n);
  /* partition < 0: by the key, with the configured partitioner. AGAIN: the queue is full, ask later. */
  pl_status (*produce)(pl_source *source, const char *topic, int32_t partition, pl_str key, pl_str value,
                       const pl_header *headers, size_t nheaders, uint64_t token);
  int32_t (*home)(pl_source *source, pl_str key, int32_t total); /* the partition of a key */
  void (*close)(pl_source *source);                              /* leaves the group; on_closed follows */
} pl_source_ops;
struct pl_source {
  const pl_source_ops *ops;
};

/* --- store: Redis */

typedef enum { PL_REPLY_NIL, PL_REPLY_INT, PL_REPLY_TEXT, PL_REPLY_ARRAY, PL_REPLY_ERROR } pl_reply_kind;

typedef struct pl_reply pl_reply;
struct pl_reply {
  pl_reply_kind kind;
  int64_t i;             /* PL_REPLY_INT */
  pl_str s;              /* PL_REPLY_TEXT (simple and bulk), PL_REPLY_ERROR; borrowed for the call */
  const pl_reply *items; /* PL_REPLY_ARRAY */
  size_t n;
};

/* `reply` is NULL when the connection was lost: the command may or may not have happened. */
typedef void pl_reply_fn(void *ctx, const pl_reply *reply);

typedef struct {
  void (*on_up)(void *ctx);                    /* connected to a master that can be written to */
  void (*on_down)(void *ctx, const char *why); /* after every pending reply was answered with NULL */
  void (*on_message)(void *ctx, pl_str channel, pl_str payload);
  void *ctx;
} pl_store_handler;

typedef struct pl_store pl_store;
typedef struct {
  pl_status (*start)(pl_store *store, const pl_store_handler *handler, pl_err *err);
  /* Sends one command, already encoded as RESP (codec/resp.h); it is copied. Only while up. */
  void (*send)(pl_store *store, pl_str resp, pl_reply_fn *fn, void *ctx);
  void (*listen)(pl_store *store, const char *channel); /* SUBSCRIBE, kept over reconnects */
  void (*unlisten)(pl_store *store, const char *channel);
  size_t (*queued)(const pl_store *store); /* bytes sent but not yet answered */
  void (*reconnect)(pl_store *store);      /* drops the connection: the state is unknown */
  void (*stop)(pl_store *store);
} pl_store_ops;
struct pl_store {
  const pl_store_ops *ops;
};

/* --- sender: endpoints that take messages; urls, keys and passwords stay behind it */

/* `status`: of HTTP or SMTP, 0: no answer; `retry_after_s`: as the endpoint asked, 0: it did not; `why`: what
 * was found, for an operator. */
typedef void pl_sent_fn(void *ctx, pl_sent what, int status, int64_t retry_after_s, const char *why);

typedef struct pl_sender pl_sender;
typedef struct {
  /* `endpoint`: index into the configuration's endpoints. `address`: the recipient's there; empty where the
   * endpoint's URL says it. `id` is the same on every attempt. `body`: of pl_sink_encode. */
  void (*send)(pl_sender *sender, size_t endpoint, pl_str address, pl_str id, pl_str body, pl_sent_fn *fn,
               void *ctx);
} pl_sender_ops;
struct pl_sender {
  const pl_sender_ops *ops;
};

/* --- linker: links under which a rep answers an alert; keys stay behind it */

typedef struct pl_linker pl_linker;
struct pl_linker {
  /* Nothing, where there are no links. After `until_s` it is not taken any more. */
  void (*put)(const pl_linker *linker, pl_str rep, pl_str alert, pl_str goal, int64_t until_s, pl_buf *out);
};

/* --- registry: the schemas that records name by an id */

typedef struct {
  int32_t id;
  pl_str text;     /* with all that it refers to; p NULL: there is none that can be used, ... */
  const char *why; /* ... for good, and why */
} pl_schema_told;

typedef void pl_schema_fn(void *ctx, const pl_schema_told *told);

typedef struct pl_registry pl_registry;
typedef struct {
  /* Asks for one until there is an answer, however long that takes; told once, on the loop, unless the
   * registry ends before. What was found once is known from then on. */
  void (*ask)(pl_registry *registry, int32_t id, pl_schema_fn *fn, void *ctx);
  const char *(*why)(const pl_registry *registry); /* there is no answer; "": nothing is in its way */
} pl_registry_ops;
struct pl_registry {
  const pl_registry_ops *ops;
};

/* --- clock: the only "now" that the engine knows */

typedef struct {
  pl_wall (*wall)(void *ctx);
  pl_mono (*mono)(void *ctx);
  void *ctx;
} pl_clock;

#endif
