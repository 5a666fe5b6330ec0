/* Annals: every step of every counter, rep by rep, in the order of its instant; what a rerun leaves for those
 * who ask how a past went: the lines that it suggests, the targets that people set themselves by it. */
#ifndef PL_CLI_ANNALS_H
#define PL_CLI_ANNALS_H

#include "base/map.h"
#include "core/subject.h"

typedef struct {
  int64_t at; /* seconds */
  int64_t by; /* scaled, as the metric is */
  int metric;
} pl_move;

typedef struct {
  pl_subject *rep;
  pl_move *moves;
  size_t n, room;
  bool sorted;
} pl_story;

/* A past begins and ends somewhere within periods, and nobody knows whether these are whole: `ends` are those
 * of a metric's first and last step of anybody. */
typedef struct {
  pl_map stories; /* rep's id -> pl_story */
  struct {
    int32_t first, last;
  } * ends; /* by metric and unit */
  size_t nmetrics;
} pl_annals;

void pl_annals_init(pl_annals *annals, size_t nmetrics);
void pl_annals_fini(pl_annals *annals);
void pl_annals_add(pl_annals *annals, pl_subject *rep, int metric, pl_wall at, int64_t by);
/* Is the period behind the one that the metric's past begins in; and before the one that it ends in? */
bool pl_annals_since(const pl_annals *annals, int metric, pl_unit unit, int32_t index);
bool pl_annals_whole(const pl_annals *annals, int metric, pl_unit unit, int32_t index);
/* What a rep did of a metric in [from, until), seconds. */
int64_t pl_annals_sum(pl_annals *annals, const pl_subject *rep, int metric, int64_t from, int64_t until);
/* The first step at `from` or later, in the order of time, up to moves + n. */
const pl_move *pl_story_from(pl_story *story, int64_t from);

#endif
