/* Say: what verbs write into the stream of activities for a rep: words on goals, answers. */
#ifndef PL_CLI_SAY_H
#define PL_CLI_SAY_H

#include "codec/encode.h"
#include "config/config.h"

/* REJECT: there is no such rep, as far as the configuration knows. */
pl_status pl_say_check(const pl_config *config, const char *path, const char *rep, pl_err *err) PL_MUST_CHECK;
/* When it is said. AGAIN: Redis does not answer, or the rep's partition has no time yet. */
pl_status pl_say_now(const pl_config *config, const char *rep, pl_wall *out, pl_err *err) PL_MUST_CHECK;
/* OK: Kafka has it. `name`: of its transactions. REJECT: there is no schema for it; AGAIN: Kafka does not
 * answer. */
pl_status pl_say_write(const pl_config *config, const pl_activity *activity, const char *name,
                       pl_err *err) PL_MUST_CHECK;

#endif
