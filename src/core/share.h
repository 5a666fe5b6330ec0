/* Share: what one partition's members contribute to one team.
 *
 * The sum of their cells, kept as events come; written to Redis as this partition's part, from which the
 * team's home adds up the whole. */
#ifndef PL_CORE_SHARE_H
#define PL_CORE_SHARE_H

#include "core/subject.h"

struct pl_share {
  char *team;
  size_t team_len;
  pl_subject **members; /* who counts, or has counted, for it */
  size_t n, room;
  bool dirty;
  uint64_t listed; /* a hash of who counts for it now, as it was written last; 0: not known */
  pl_share *next_dirty;
  double *averages; /* of the whole team, by metric * PL_WINDOWS + window; NULL: nothing is known of it */
  pl_cell *cells[]; /* by metric */
};

pl_share *pl_share_new(pl_str team, size_t nmetrics);
void pl_share_free(pl_share **share, size_t nmetrics);
void pl_share_join(pl_share *share, pl_subject *member);
/* What a member has counted of a metric, as it was recorded. */
void pl_share_add(pl_share *share, const pl_policy *policy, size_t metric, const pl_cell *cell);

#endif
