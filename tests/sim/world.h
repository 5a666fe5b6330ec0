/* World: one seed: a company, a broker, a server, some processes, what befalls them, and what comes of it.
 *
 *   trouble     events come, faults happen at random: which kinds, and how often, is drawn for the seed
 *   quiet       every fault is over, each partition gets a last event, the wall clock stands still
 *   settled     the oracle agrees: within a bounded time, or it says what is wrong */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "company.h"
#include "fault.h"
#include "process.h"

enum { PROCESSES_MAX = 4 };

struct world {
  timeline t;
  const pl_config *configs[2]; /* alike: one is taken over in place of the other */
  broker broker;
  server server;
  company company;
  process *processes[PROCESSES_MAX];
  process *dying; /* gone at the end of this event */
  int wanted;     /* how many processes there should be */
  uint32_t ids;
  int64_t commits;
  bool quiet;
  fault_chances chances;
  int64_t counts[FAULTS];
  int64_t most_bytes;     /* of memory, at any time */
  int64_t outage_until;   /* every endpoint fails */
  int64_t registry_until; /* no schema is told of */
  /* NULL: nobody wants to know what endpoints are sent. */
  void (*on_post)(world *w, size_t endpoint, pl_str address, pl_str body, bool taken, int64_t retry_after_s);
};

typedef struct {
  uint64_t seed, hash;
  int64_t counts[FAULTS];
  int64_t events, alerts, seconds; /* of the world */
  int64_t across, answers;         /* alerts told from one partition to another; answers that were heard */
  bool mended;                     /* an operator had to decide */
  char failure[1000];              /* "": none */
} world_result;

void world_load(void); /* the configurations, once for all seeds */
void world_unload(void);
/* `s` NULL: with what is drawn for the seed. */
void world_run(uint64_t seed, const symptom *s, bool loud, world_result *result);

process *world_process(world *w, uint32_t id); /* NULL: it is gone */
void world_died(world *w, process *p);         /* says p itself, at the end of a callback */
void world_kill(world *w, size_t slot);

#endif
