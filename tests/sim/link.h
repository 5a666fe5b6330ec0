/* Link: a process's side of the scripted Redis. As the real adapter: a lost connection answers NULL to all
 * that is under way, then says that it is down, and connects again after a pause that grows. */
#ifndef TESTS_SIM_LINK_H
#define TESTS_SIM_LINK_H

#include "server.h"

typedef struct process process;
typedef struct link_pending link_pending;

enum { LINK_MESSAGES = 16 };

struct redis_link {
  pl_store store; /* first: what the engine holds */
  process *process;
  server *server;
  pl_store_handler to;
  uint32_t connection; /* 0: there is none */
  bool up, stopped;
  bool broken; /* as it will hear soon */
  bool deaf;   /* answers do not reach it */
  int failures;
  bool listens[PARTITIONS_MAX];
  /* The latest; of more at a time, the later ones arrive twice and the earlier never. */
  char messages[LINK_MESSAGES][256];
  int64_t nmessages;
  link_pending *first, **last;
  size_t queued;
};

void link_init(redis_link *l, process *p, server *s);
void link_stop(redis_link *l); /* answers NULL to everything */
/* The connection breaks. Of the commands under way none, some or all still arrive, or all of them some
 * seconds late; the process hears of it `after`. */
typedef enum { ARRIVE_NONE, ARRIVE_SOME, ARRIVE_ALL, ARRIVE_LATE } link_arrival;
void link_break(redis_link *l, link_arrival arrival, int64_t after);
void link_tell_answer(redis_link *l, uint32_t id, int64_t after); /* one is on its way to it */
void link_message(redis_link *l, int32_t partition, pl_str message);

#endif
