/* Census: who is who, as the newest records of roster and teams and the configuration say: in which team
 * somebody was on a day, and by which zone's clock days are counted.
 *
 * For a count that shares no code with the core, so it is plain: every person's fact is kept as it is, and
 * looked through from its beginning to whatever is asked. */
#ifndef PL_CLI_CENSUS_H
#define PL_CLI_CENSUS_H

#include "config/config.h"
#include "engine/readers.h"
#include "paceline/core.h"

typedef struct pl_ledger pl_ledger;

typedef struct {
  pl_rep_fact fact;  /* of somebody whom the roster does not know: only the id */
  bool known;        /* in the roster */
  int32_t home;      /* partition */
  int64_t upto;      /* of their ledger, positions below count */
  pl_ledger *ledger; /* what was counted (recount.h); NULL: nothing */
} pl_person;

typedef struct pl_census pl_census;

/* With what the configuration says; both borrowed. REJECT: the default zone cannot be read. */
pl_status pl_census_new(pl_census **out, const pl_config *config, pl_readers *readers, int32_t partitions,
                        pl_err *err) PL_MUST_CHECK;
void pl_census_free(pl_census **census); /* not the ledgers */
/* Records of the topics of roster and teams; those that cannot be read are passed over, as the daemon does.
 */
void pl_census_rep(pl_census *census, pl_str value);
void pl_census_team(pl_census *census, pl_str key, pl_str value);

pl_person *pl_census_find(pl_census *census, pl_str id); /* NULL: nobody is known by that */
pl_person *pl_census_add(pl_census *census, pl_str id);
size_t pl_census_people(const pl_census *census, pl_person ***out); /* all of them, borrowed */
/* for (const pl_team *t = NULL; (t = pl_teams_next(pl_census_teams(census), t));) */
const pl_teams *pl_census_teams(const pl_census *census);
pl_almanac *pl_census_almanac(const pl_census *census);

int32_t pl_census_home(const pl_census *census, pl_str id); /* a partition */
/* The zone by which an instant of theirs is placed. */
const pl_zone *pl_census_zone(const pl_census *census, const pl_person *person, pl_wall at);
const pl_zone *pl_census_team_zone(const pl_census *census, const pl_team *team);
int32_t pl_census_day(const pl_census *census, const pl_person *person, pl_wall at);
pl_str pl_person_team(const pl_person *person, int32_t day); /* n 0: none */

#endif
