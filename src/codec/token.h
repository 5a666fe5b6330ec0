/* Token: who owns a partition, as its mark names them: <epoch>-<random>/<lease>.
 *
 * The epoch is counted by Redis, the random part is the tenure's, and the lease is new with each connection,
 * so that what an earlier one may still bring, late, is refused. Every write carries the whole. */
#ifndef PL_CODEC_TOKEN_H
#define PL_CODEC_TOKEN_H

#include "base/text.h"

enum { PL_TOKEN_MAX = 80, PL_LEASE_DIGITS = 8 };

typedef struct {
  char text[PL_TOKEN_MAX];
} pl_token;

/* What Redis says our token is. False: it is none, and the old one stays. */
bool pl_token_take(pl_token *token, pl_str text) PL_MUST_CHECK;
void pl_token_renew(pl_token *token, uint32_t lease);
const char *pl_token_lease(const pl_token *token); /* its digits, the last of the token */

#endif
