/* Await: partitions of topics that wait for a schema (await.c). */
#ifndef PL_ENGINE_AWAIT_H
#define PL_ENGINE_AWAIT_H

#include "engine/engine.h"

typedef struct pl_awaits pl_awaits;

pl_awaits *pl_awaits_new(void);
void pl_awaits_free(pl_awaits **awaits);
size_t pl_awaits_n(const pl_awaits *awaits);
/* True: the record's schema is being asked for, and its partition rests before it: nothing of it is taken. */
bool pl_await_schema(pl_engine *engine, const pl_record *record);
/* Activities, roster and goals of a partition are read anew, or no more. */
void pl_await_forget(pl_engine *engine, int32_t partition);
pl_mono pl_await_tick(pl_engine *engine);
void pl_await_say(const pl_engine *engine, pl_buf *reasons); /* what is waited for, since when, and why */

#endif
