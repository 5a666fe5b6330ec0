/* Share: what one partition's members contribute to one team.
 *
 * Who they are, and whether any of them has counted something since it was written: events touch nothing
 * else of it. What their cells add up to is asked for when it is written to Redis, as this partition's part,
 * from which the team's home adds up the whole. */
#ifndef PL_CORE_SHARE_H
#define PL_CORE_SHARE_H

#include "core/subject.h"

/* Of the events of a metric's members, weighted by what they do a day, and what that is in all. */
typedef struct {
  double weighted, means; /* sums of phi x mean and of mean */
} pl_share_size;

struct pl_share {
  char *team;
  size_t team_len;
  pl_subject **members; /* who counts, or has counted, for it */
  size_t n, room;
  bool dirty;
  uint64_t listed; /* a hash of who counts for it now, as it was written last; 0: not known */
  pl_share *next_dirty;
  pl_share_size *sizes; /* by metric, as its members' days are; NULL: not known, or not any more */
  double *averages; /* of the whole team, of each window that a metric has; NULL: nothing is known of it */
  size_t naverages;
};

pl_share *pl_share_new(pl_str team);
void pl_share_free(pl_share **share, size_t nmetrics);
void pl_share_join(pl_share *share, pl_subject *member);
void pl_share_written(pl_share *share); /* its part went into a batch */
/* Of an adding metric; whose size is not known is left out. */
pl_share_size pl_share_size_of(pl_share *share, const pl_policy *policy, size_t metric);
/* The whole team's, by metric * PL_WINDOWS + window; NULL: it is not known any more. False: it is as it was.
 */
bool pl_share_put_averages(pl_share *share, const pl_policy *policy, const double *averages);
double pl_share_average(const pl_share *share, const pl_policy *policy, size_t metric, pl_window window);
/* The subject's history is another one: its teams ask for it anew. */
void pl_share_forget(const pl_subject *subject);
/* What its members have counted of a metric as members of it; the caller's; NULL: nothing. */
pl_cell *pl_share_sum(const pl_share *share, size_t metric) PL_MUST_CHECK;

#endif
