/* Tally: what a naive count says of the events that fill wrote.
 *
 * The plainest way there is to count them, from what they were made of, before they become bytes: who reads
 * the topic must come to the same, or its time does not count. The file has a line for each rep and window:
 *
 *     REP WINDOW COUNTS... CENTS
 *
 * Windows are the two days in UTC, 2026-10-14 and 2026-10-15, and `local`: the rep's own day that goes on
 * when the last event happens, by offsets written down here and not looked up in a zone's rules. Counts are
 * by kind, in the order of company.c; CENTS is the sum of what was won. */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "base/status.h"
#include "company.h"

#define TALLY_MIDNIGHT ((pl_wall){INT64_C(1792022400000)}) /* 2026-10-15T00:00:00Z, a Thursday */

typedef struct tally tally;

tally *tally_new(uint32_t reps, pl_wall end); /* when the last event happens */
void tally_free(tally **t);
void tally_add(tally *t, uint32_t rep, pl_wall at, company_deed deed);
bool tally_write(const tally *t, const char *path) PL_MUST_CHECK; /* false: see errno */

#endif
