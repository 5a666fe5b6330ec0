/* Inside the scenarios: what their files share. Nobody else includes this.
 *
 *   scenario.c        the file, and each scenario's policy
 *   scenario_event.c  instants and events
 *   scenario_claim.c  what must be so */
#ifndef PL_CLI_SCENARIO_INSIDE_H
#define PL_CLI_SCENARIO_INSIDE_H

#include "cli/scenario.h"

typedef struct {
  pl_arena *arena;
  pl_report *report;
  pl_scenario *scenario; /* being read */
  int32_t first_day;     /* of `start` */
  size_t *ncues;         /* of the whole file */
} pl_scenario_reader;

/* The next word of a line, blanks around it taken away; what stands in double quotes is taken as it is, also
 * blanks. False: there is none. */
bool pl_scenario_word(pl_scenario_reader *in, pl_str *line, pl_str *word);
bool pl_scenario_has(pl_str text, const char *mark, pl_str *before, pl_str *after);

/* `2026-03-02`, `tue`. */
bool pl_scenario_day(const pl_scenario_reader *in, pl_str text, int32_t *day);
/* `09:30`, `09:30:15`. */
bool pl_scenario_time(pl_str text, int32_t *of_day);
/* `2026-03-02 09:30`, `tue 09:30`, `09:30`. False after a complaint at `node`, whose key it is if `key`. */
bool pl_scenario_instant(pl_scenario_reader *in, const pl_yaml *node, bool key, pl_str text, pl_wall *out);

/* What holds in the course of the scenario: the policy of `start`, then what each of the `facts` makes of it;
 * NULL: no more. Only goals, reps, teams and calendars differ. */
const pl_policy *pl_scenario_policy(const pl_scenario_reader *in, size_t i);
/* Ever. */
bool pl_scenario_is_rep(const pl_scenario_reader *in, pl_str id);
bool pl_scenario_is_team(const pl_scenario_reader *in, pl_str id);
bool pl_scenario_is_source(const pl_scenario_reader *in, pl_str name);
/* " (did you mean 'ada'?)", among reps and, if asked for, teams. */
pl_quoted pl_scenario_people(const pl_scenario_reader *in, pl_str id, bool teams);

void pl_scenario_read_events(pl_scenario_reader *in, const pl_yaml *list);
void pl_scenario_read_claims(pl_scenario_reader *in, const pl_yaml *map);

#endif
