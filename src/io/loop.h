/* Loop: libevent's loop around one function that says when it wants to be called again. */
#ifndef PL_IO_LOOP_H
#define PL_IO_LOOP_H

#include "base/time.h"

struct event_base;
typedef struct pl_loop pl_loop;

enum { PL_LOOP_TURN_MS = 50 }; /* a longer turn is logged */

/* Does what is due and returns how long nothing will be; below zero ends the loop. */
typedef pl_dur pl_loop_tick_fn(void *ctx);
typedef void pl_loop_signal_fn(void *ctx, int signal);

typedef struct {
  pl_loop_tick_fn *tick;
  pl_loop_signal_fn *on_signal; /* SIGTERM, SIGINT, SIGHUP */
  void *ctx;
} pl_loop_config;

pl_loop *pl_loop_new(void); /* ignores SIGPIPE */
void pl_loop_free(pl_loop **loop);
struct event_base *pl_loop_base(pl_loop *loop);
void pl_loop_run(pl_loop *loop, const pl_loop_config *config);
void pl_loop_wake(pl_loop *loop);                /* call tick in the next turn */
int64_t pl_loop_longest_us(const pl_loop *loop); /* the longest turn so far (turn.h) */
int64_t pl_loop_overruns(const pl_loop *loop);   /* turns of more than PL_LOOP_TURN_MS */

#endif
