/* Commit: what Kafka is told of the marks, and what it says to that (commit.c). */
#ifndef PL_ENGINE_COMMIT_H
#define PL_ENGINE_COMMIT_H

#include "engine/engine.h"

typedef struct pl_tenure pl_tenure;

/* What Kafka is known to have of a partition. */
typedef enum {
  PL_COMMIT_NONE,
  PL_COMMIT_SENT,
  PL_COMMIT_THERE,
  PL_COMMIT_ASKED, /* is it still there? */
  PL_COMMIT_SEEN,  /* it is: it may be replaced */
  PL_COMMIT_GONE,  /* it is not, and what was read since may have begun anywhere: held as long as the tenure
                      lasts */
} pl_commit;

void pl_commit_tick(pl_engine *engine);
void pl_commit_on_answer(pl_engine *engine, bool accepted);
void pl_commit_on_recalled(pl_tenure *tenure, int64_t committed); /* to what was asked here */

void pl_commit_hold_gone(pl_tenure *tenure);

#endif
