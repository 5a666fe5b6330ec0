/* Server: the scripted Redis as all processes see it: its data, its moods, and its connections.
 *
 * A command arrives some time after it was sent, is run when the server runs, and its answer arrives some
 * time later; on one connection all of it in order. A connection that breaks may lose the commands that were
 * under way, or only the answers; commands that had arrived are run though nobody waits for them any more,
 * and late, if the server stood still. A crash loses a tail of what was acknowledged: the data is that of
 * some moment before.
 *
 * Each write is held against a ledger of its own: whose the partition is by the latest claim that the data
 * knows, and which keys a partition's owner may touch. */
#ifndef TESTS_SIM_SERVER_H
#define TESTS_SIM_SERVER_H

#include "data.h"
#include "ledger.h"
#include "script.h"

typedef struct redis_link redis_link;
typedef struct connection connection;
typedef struct written written;

typedef struct {
  timeline *t;
  data data;
  bool up, scripted; /* scripted: the batch script is loaded */
  int64_t stands_until, slow_until, moody_until;
  const char *mood; /* the error that writes are answered with */
  connection *connections;
  uint32_t ids;
  written *log; /* the commands that wrote, in order: what a restart has to go by */
  size_t nlog, log_room;
  ledger ledger;
  bool flush_at_claim; /* it is emptied as soon as somebody has claimed a partition */
  bool claimed;        /* by the command that is being run */
  uint32_t runs;       /* whose command is being run; 0: it is run again after a crash */
  /* A message for all that listen. */
  void (*publish)(void *ctx, pl_str channel, pl_str message);
  void *ctx;
} server;

void server_init(server *s, timeline *t, int32_t partitions);
void server_fini(server *s);

uint32_t server_accept(server *s, redis_link *link, uint32_t whose); /* -> the connection */
void server_send(server *s, uint32_t id, pl_str command);
/* What a connection carries arrives no sooner than so much later, also when the client is gone. */
void server_delay(server *s, uint32_t id, int64_t us);
/* The client is gone. Of its commands that are under way the first so many still arrive. */
void server_hang_up(server *s, uint32_t id, size_t arrive);
size_t server_pending(const server *s, uint32_t id); /* commands that have not been run yet */
/* The next answer of a connection into `out`, in the order of the commands; false: there is none. */
bool server_answer(server *s, uint32_t id, pl_buf *out);

/* Loses what was written in the last so many microseconds, and the scripts. */
void server_crash(server *s, int64_t tail);
void server_flush_all(server *s);
/* A process that is gone had claimed the partition, and only now that arrives. */
void server_claim_late(server *s, int32_t partition);

#endif
