/* Gate: may somebody be told now?
 *
 * Not while a silence covers it, not in their quiet hours, and no more often a day than they can bear. What
 * is held waits in the outbox, where the entry says why; it is looked at again, and what has healed by then
 * is not told. What is more than they can bear is for their next digest, where there is one. What takes
 * something back costs nobody anything: who was told a concern is not left with it. Operators hear at once.
 */
#ifndef PL_ENGINE_GATE_H
#define PL_ENGINE_GATE_H

#include "engine/delivery.h"

/* Until when it is held; what is free has reason NULL. */
typedef struct {
  const char *reason; /* "silence", "quiet", "budget" */
  pl_wall until;      /* looked at again */
} pl_hold;

typedef struct pl_gate pl_gate;
enum { PL_GATE_COUNT_MAX = 32 };
pl_gate *pl_gate_new(pl_engine *engine);
void pl_gate_free(pl_gate **gate);

/* Reads the silences again and again; when next. */
pl_mono pl_gate_tick(pl_gate *gate);
extern const char pl_gate_budget[]; /* the reason of what waits for a digest, or the next day */
bool pl_gate_silences(const pl_gate *gate, const pl_post *post, pl_wall now);
bool pl_gate_ready(const pl_gate *gate); /* they have been read once */
pl_hold pl_gate_ask(const pl_gate *gate, const pl_delivery *delivery, pl_wall now);
/* Somebody was told, in one message. */
void pl_gate_told(pl_gate *gate, const pl_delivery *delivery, pl_wall now);
/* How often its recipient was, for the store to remember; false: that is not counted. */
bool pl_gate_count(const pl_gate *gate, const pl_delivery *delivery, char out[PL_GATE_COUNT_MAX]);
/* What the store remembers. */
void pl_gate_recall(pl_gate *gate, pl_str who, pl_str text);

#endif
