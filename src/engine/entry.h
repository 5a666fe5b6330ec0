/* Entry: where in its log a tenure goes on, and what forbids it (entry.c). */
#ifndef PL_ENGINE_ENTRY_H
#define PL_ENGINE_ENTRY_H

#include "engine/engine.h"
#include "ports.h"

typedef struct pl_tenure pl_tenure;

/* The topic's partitions are not as many as those for which was counted. */
void pl_entry_refuse(pl_engine *engine, int32_t counted, int32_t total);
/* There is no mark, and this is what the group has committed; PL_OFFSET_NONE: nothing. */
void pl_entry_on_recalled(pl_tenure *tenure, int64_t committed);
void pl_entry_begin(pl_tenure *tenure); /* records flow from here on */
void pl_entry_go_on(pl_tenure *tenure); /* ...again, where it was interrupted */
/* One from before the place at which it goes on. */
void pl_entry_on_counted(pl_tenure *tenure, const pl_record *record);
void pl_entry_on_short(pl_tenure *tenure); /* the log seems to end before that place */
void pl_entry_on_outside(pl_tenure *tenure, int64_t asked, int64_t low, int64_t high);

#endif
