/* Settle: what has become of an entry is written down. */
#ifndef PL_ENGINE_SETTLE_H
#define PL_ENGINE_SETTLE_H

#include "codec/batch.h"
#include "engine/delivery.h"

typedef struct pl_tenure pl_tenure;

/* For good, in one step with what it takes back; it leaves the list. */
void pl_settle_close(pl_tenure *tenure, pl_delivery *delivery);
/* So far: it is held, or fails. */
void pl_settle_note(pl_tenure *tenure, pl_delivery *delivery);
/* The digest that the batch records has it. */
void pl_settle_take(pl_tenure *tenure, const pl_delivery *delivery, pl_batch *batch);

#endif
