/* Process: one engine with its ports, as a process of its own among others.
 *
 * It can be killed between two callbacks, or in the middle of one: then what it says to its ports after so
 * many more calls never leaves it, and at the callback's end it is gone. What it had said before stays on the
 * wire. It can be stopped for a while and go on, not knowing. It can be slow: then its clock runs within a
 * callback, and what it wanted to do has to wait for the next turn. */
#ifndef TESTS_SIM_PROCESS_H
#define TESTS_SIM_PROCESS_H

#include "engine/engine.h"
#include "hook.h"
#include "link.h"
#include "registry.h"
#include "source.h"

typedef struct world world;

struct process {
  world *w;
  timeline *t;
  uint32_t id; /* never used again */
  life life;
  pl_engine *engine;
  source source;
  redis_link link;
  hook hook;
  registry registry;
  int64_t calls_left; /* before it dies */
  bool mute;          /* nothing that it says leaves it any more */
  size_t config;      /* which of the world's two it took over last */
  bool woken;
  bool leaves;         /* was told to */
  int64_t clock, pace; /* its monotonic clock; what each look at it costs */
  int64_t ticks;       /* the last one that was arranged: others are void */
};

process *process_start(world *w, uint32_t id);
/* At once: nothing is written, nobody is told. */
void process_kill(process **p);
void process_reload(process *p); /* SIGHUP: the same configuration, read again */
void process_drain(process *p);  /* SIGTERM */
bool process_speaks(process *p); /* a call of a port: does it leave the process? */

/* Every event that runs the engine's code is put by this, and ends by this. */
void process_put(process *p, int64_t after, event_fn *fn, void *ctx, const int64_t arg[EVENT_ARGS]);
void process_settle(process *p); /* ticks if it was woken; the process may be gone then */
void process_hurry(process *p);  /* draws how long this callback takes */

#endif
