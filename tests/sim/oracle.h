/* Oracle: what Redis must hold once a world is quiet, and whether it does.
 *
 * Counters come from the company's own count; the alerts of reps, and where their goals stand, are those of a
 * core that lives through each partition's log undisturbed, to the letter: to the rep, and to the manager at
 * the turn, whose home is mostly another partition than that which tells them. Of a team's alerts (they
 * follow from the parts as they were at the judging) and of notices it is asked only that none is there
 * twice.
 *
 * A partition of which the log has lost what its mark stands at, or Redis the mark while nobody was left who
 * remembered, must be held, and said to be; nothing is asked of its counters, nor of the teams then, but all
 * that is asked of the other partitions. */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "world.h"

enum { ORACLE_ALERTS_MAX = 2000, ORACLE_GOALS_MAX = 200 };

typedef struct {
  struct {
    char name[160]; /* of its entry in the outbox */
    char id[PL_ALERT_ID_MAX];
    char what[80];   /* in words */
    char about[160]; /* the name of what it takes back; "": nothing */
    char at[PL_ISO_MAX];
    pl_audience to;
    char home[16];     /* whose partition keeps it */
    int32_t partition; /* whose log caused it */
  } alerts[ORACLE_ALERTS_MAX];
  size_t n, across, answers; /* across: to another partition's home; answers that were heard */
  bool unheard[EVENTS_MAX];  /* an answer to what nobody has been told, or what is over */
  struct {
    int64_t end;
    pl_wall clock;
  } marks[PARTITIONS_MAX];
  pl_wall seen[PARTITIONS_MAX]; /* the newest stamp */
  struct {
    char rep[8], name[PL_GOAL_NAME_MAX + 32], actual[24];
    bool behind;
  } goals[ORACLE_GOALS_MAX]; /* of reps, as they stand at the end */
  size_t ngoals;
} oracle;

void oracle_open(oracle *o, const world *w);
/* Redis has lost the mark of what was counted. */
bool oracle_is_forgotten(const world *w, int32_t partition);
/* Some partition must be held. */
bool oracle_holds(const world *w);
/* What is not as it must be; "": nothing. Valid until the next call. */
const char *oracle_look(const oracle *o, const world *w);

#endif
