/* Addressee: who is told: where an endpoint reaches them, in which language, by which clock. */
#ifndef PL_ENGINE_ADDRESSEE_H
#define PL_ENGINE_ADDRESSEE_H

#include "codec/telling.h"
#include "engine/delivery.h"

/* The recipient's, as their home knows them. */
const pl_zone *pl_addressee_zone(const pl_delivery *delivery);
pl_telling pl_addressee_telling(pl_engine *engine, const pl_delivery *delivery);
/* At an endpoint that has addresses; NULL: none is known, and `why` says what is missing where. */
const char *pl_addressee_address(const pl_delivery *delivery, const pl_endpoint *endpoint, const char **why);

#endif
