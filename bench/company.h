/* Company: who does what in a benchmark, as records of the topics.
 *
 * Reps have ids like a CRM's, twelve are a team, teams are spread over four zones, and each rep has four
 * goals. An event is drawn from the seed: one of eight kinds, about 140 bytes. */
#ifndef BENCH_COMPANY_H
#define BENCH_COMPANY_H

#include "base/text.h"
#include "base/time.h"

enum { COMPANY_ID = 24, COMPANY_TEAM = 12 /* reps */, COMPANY_KINDS = 8 };

typedef struct {
  unsigned kind;
  int64_t cents; /* what was won; 0 of every other kind */
} company_deed;

uint64_t company_next(uint64_t *state); /* of random numbers */
void company_rep_id(char out[COMPANY_ID], uint32_t rep);
void company_team_id(char out[COMPANY_ID], uint32_t rep); /* of the rep's team */

const char *company_zone(uint32_t rep);

/* Values of records, in the wire format, behind what is in `out`; ids of schemas from 1: activity, roster,
 * goals, team. Each event draws from `state`, and has an id of its own by its number. */
company_deed company_event(pl_buf *out, uint64_t *state, int64_t number, const char *rep, pl_wall at);
void company_roster(pl_buf *out, uint32_t rep);
void company_goals(pl_buf *out, uint32_t rep);
/* The same goals, for reps who do about `each` of each kind: one rep in forty meets the day's, and as many
 * the one for demos. */
void company_goals_for(pl_buf *out, uint32_t rep, double each);
void company_team(pl_buf *out, uint32_t rep);

#endif
