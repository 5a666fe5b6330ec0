/* Parcel: entries of the outbox as one message's bytes, in the words and for the endpoint of who gets it. */
#ifndef PL_ENGINE_PARCEL_H
#define PL_ENGINE_PARCEL_H

#include "engine/delivery.h"

enum { PL_PARCEL_MAX = 1 << 20 };

/* Of the first `n` of a lane. `id`: a delivery's own when there is one of them, the same whenever the same
 * are together. Where some have waited for the endpoint, what is old is only counted. REJECT: none of them
 * can be said. */
pl_status pl_parcel_make(pl_engine *engine, const pl_endpoint *endpoint, pl_str address,
                         const pl_attempt *first, size_t n, char id[PL_DELIVERY_ID_MAX], pl_buf *body,
                         pl_err *err) PL_MUST_CHECK;

#endif
