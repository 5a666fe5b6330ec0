/* Facts: who there is and what was agreed, put where it is kept, from the configuration or from records of
 * roster, goals and teams. The same for the daemon and for whoever makes the past again. */
#ifndef PL_ENGINE_FACTS_H
#define PL_ENGINE_FACTS_H

#include "engine/readers.h"
#include "paceline/core.h"
#include "ports.h"

pl_teams *pl_facts_teams(const pl_policy *policy); /* a directory of those in the configuration */

typedef bool pl_facts_home_fn(void *ctx, pl_str id);
/* What the configuration says of reps, goals and all teams in the directory, of those that are at home in the
 * core (`is_home` NULL: everybody). Returns how many goals could not be taken; `err` (may be NULL) says why
 * of the last. */
size_t pl_facts_configured(pl_core *core, const pl_policy *policy, const pl_teams *teams,
                           pl_facts_home_fn *is_home, void *ctx, pl_err *err);

/* A record of the teams; without a value the team is gone. */
pl_reason pl_facts_team(pl_teams *teams, pl_readers *readers, pl_str key, pl_str value, pl_err *why);
/* A record of roster or goals. A tombstone of the roster erases nobody (`status: erased` does, and survives
 * replay); one of goals takes away those of the rep and of the team with that id. `left_out`: goals that
 * could not be taken, `why` of the last. */
pl_reason pl_facts_record(pl_core *core, pl_readers *readers, pl_arena *scratch, pl_topic topic, pl_str key,
                          pl_str value, size_t *left_out, pl_err *why);

#endif
