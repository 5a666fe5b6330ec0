/* Addressee: who is told: where an endpoint reaches them, in which language, by which clock. */
#ifndef PL_ENGINE_ADDRESSEE_H
#define PL_ENGINE_ADDRESSEE_H

#include "codec/telling.h"
#include "engine/delivery.h"

typedef struct pl_tenure pl_tenure;

/* The recipient's, as their home knows them; of who is not in the roster, that of the team it is about. */
const pl_zone *pl_addressee_zone(const pl_delivery *delivery);
/* ...with `other` (may be NULL) for who is not in the roster. */
const pl_zone *pl_addressee_zone_of(const pl_tenure *home, pl_str person, const pl_zone *other);
const pl_zone *pl_addressee_team_zone(const pl_engine *engine, pl_str team); /* NULL: it says none */
/* When they begin to work on a later local day than that, in seconds; its midnight: they work no more. */
int64_t pl_addressee_begins(const pl_delivery *delivery, int32_t after_day);
pl_telling pl_addressee_telling(pl_engine *engine, const pl_delivery *delivery);
/* At that endpoint; "": its URL says it. NULL: none is known, or what is a person's own business would be
 * read by others there; `why` says what to do. */
const char *pl_addressee_address(const pl_delivery *delivery, const pl_endpoint *endpoint, const char **why);

#endif
