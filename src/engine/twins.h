/* Twins: what is on its way to somebody about one thing: that it is so, that it still is, and that it is so
 * no more. What was said and what takes it back, both not told yet: neither is. What is not told for that
 * reason is closed in one step with what takes it back (settle.h): each alone would be told. */
#ifndef PL_ENGINE_TWINS_H
#define PL_ENGINE_TWINS_H

#include "base/map.h"
#include "engine/delivery.h"

/* Alert and recipient -> the first of its twins. */
typedef pl_map pl_twins;

/* It was read, and is found among those from now on. */
void pl_twins_join(pl_twins *twins, pl_delivery *delivery, const pl_post *post);
void pl_twins_leave(pl_twins *twins, pl_delivery *delivery);
/* Of what takes back: the next after `last` that is closed together with it; NULL: the first, and the end. */
pl_delivery *pl_twins_closing(const pl_twins *twins, pl_delivery *delivery, const pl_delivery *last);

#endif
