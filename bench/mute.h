/* Mute: a source and a store for one engine that has one partition, without Kafka and Redis.
 *
 * The source hands over what mute_record is given; the store takes every command, forgets it, and answers as
 * an empty Redis would, in the next turn. Neither allocates, waits, or reads a clock: time is what the two
 * below say. So an engine over these does the same each time. */
#ifndef BENCH_MUTE_H
#define BENCH_MUTE_H

#include "engine/engine.h"

extern pl_wall mute_wall;
extern pl_mono mute_mono;

/* An engine of that configuration that is about to read its facts. Ends the process if it cannot be. */
pl_engine *mute_open(const char *config);
/* What the engine reads, and what else the source tells. */
void mute_record(const pl_record *record);
bool mute_slice(void);
void mute_complete(int64_t next, pl_wall to);
void mute_facts_end(void); /* and nothing was ever counted: it goes live */
/* Turns, until nobody has anything left to say. */
void mute_settle(pl_engine *engine);

#endif
