/* Contract: under which of the configured schemas a verb writes a record of paceline's own. It must be ours
 * to the last type, for what is written is written by it (codec/encode.h); only its docs may be others. One
 * that no file has may be in the registry, under the topic's subject. */
#ifndef PL_CLI_CONTRACT_H
#define PL_CLI_CONTRACT_H

#include "config/config.h"
#include "ports.h"

typedef enum { PL_WRITES_ACTIVITY, PL_WRITES_ROSTER } pl_written;

/* Plain, of activities only: bodies without a header; else the id in it. REJECT: there is no such schema.
 * AGAIN: the registry does not answer, for which it waits. */
pl_status pl_contract_find(const pl_config *config, pl_written what, bool *plain, int32_t *id,
                           pl_err *err) PL_MUST_CHECK;
/* For who cannot wait. AGAIN: no file has it, and there is a registry to be asked. */
pl_status pl_contract_look(const pl_config *config, pl_written what, bool *plain, int32_t *id,
                           pl_err *err) PL_MUST_CHECK;
void pl_contract_ask(const pl_config *config, pl_written what, pl_registry *registry, pl_schema_fn *fn,
                     void *ctx);
/* What the registry's no means: REJECT, with the remedy. */
pl_status pl_contract_refuse(const pl_config *config, pl_written what, const char *why, pl_err *err);

#endif
