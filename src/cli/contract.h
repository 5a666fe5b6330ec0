/* Contract: under which of the configured schemas a verb writes a record of paceline's own. It must be ours
 * to the last type, for what is written is written by it (codec/encode.h); only its docs may be others. */
#ifndef PL_CLI_CONTRACT_H
#define PL_CLI_CONTRACT_H

#include "config/config.h"

typedef enum { PL_WRITES_ACTIVITY, PL_WRITES_ROSTER } pl_written;

/* Plain, of activities only: bodies without a header; else the id in it. REJECT: the configuration has no
 * such schema. */
pl_status pl_contract_find(const pl_config *config, pl_written what, bool *plain, int32_t *id,
                           pl_err *err) PL_MUST_CHECK;

#endif
