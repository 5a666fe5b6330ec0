#include "core/share.h"

#include <math.h>

#include "base/mem.h"
#include "core/partition.h"

pl_share *pl_share_new(pl_str team) {
  pl_share *share = PL_NEW(pl_share);
  share->team = pl_alloc(team.n + 1), share->team_len = team.n;
  memcpy(share->team, team.p, team.n);
  return share;
}

void pl_share_free(pl_share **share, size_t nmetrics) {
  if (!*share) return;
  pl_release((*share)->averages, (*share)->naverages * sizeof *(*share)->averages);
  pl_release((*share)->sizes, nmetrics * sizeof *(*share)->sizes);
  pl_release((*share)->members, (*share)->room * sizeof *(*share)->members);
  pl_release((*share)->team, (*share)->team_len + 1);
  PL_FREE(*share);
}

void pl_share_join(pl_share *share, pl_subject *member) {
  if (share->n == share->room) {
    size_t room = share->room ? share->room * 2 : 2;
    share->members =
        pl_resize(share->members, share->room * sizeof *share->members, room * sizeof *share->members);
    share->room = room;
  }
  share->members[share->n++] = member;
}

void pl_share_written(pl_share *share) {
  share->dirty = false;
  for (size_t i = 0; i < share->n; i++) share->members[i]->touched_share = false;
}

static pl_share_size size_of(const pl_share *share, size_t metric) {
  pl_share_size size = {0, 0};
  for (size_t i = 0; i < share->n; i++) {
    pl_subject *member = share->members[i];
    if (!member->cells[metric] || !member->begun) continue;
    pl_burst b = pl_subject_burst(member, (int)metric, member->today);
    if (b.mean > 0 && !isnan(b.phi)) size.weighted += b.phi * b.mean, size.means += b.mean;
  }
  return size;
}

pl_share_size pl_share_size_of(pl_share *share, const pl_policy *policy, size_t metric) {
  if (!share->sizes) {
    share->sizes = pl_alloc(policy->nmetrics * sizeof *share->sizes);
    for (size_t m = 0; m < policy->nmetrics; m++)
      if (pl_metric_adds(&policy->metrics[m])) share->sizes[m] = size_of(share, m);
  }
  return share->sizes[metric];
}

static bool is_there(const pl_policy *policy, size_t at) {
  return policy->metrics[at / PL_WINDOWS].windows >> at % PL_WINDOWS & 1;
}

/* Of the windows that are there, how many stand before metric * PL_WINDOWS + window. */
static size_t before(const pl_policy *policy, size_t at) {
  size_t n = 0;
  while (at-- > 0) n += is_there(policy, at);
  return n;
}

bool pl_share_put_averages(pl_share *share, const pl_policy *policy, const double *averages) {
  size_t n = averages ? before(policy, policy->nmetrics * PL_WINDOWS) : 0, size = n * sizeof *averages;
  double *packed = n ? pl_alloc(size) : NULL, *next = packed;
  for (size_t i = 0; packed && i < policy->nmetrics * PL_WINDOWS; i++)
    if (is_there(policy, i)) *next++ = averages[i];
  bool known = packed && share->averages && n == share->naverages;
  bool same = known ? memcmp(packed, share->averages, size) == 0 : !packed && !share->averages;
  if (same) {
    pl_release(packed, size);
    return false;
  }
  pl_release(share->averages, share->naverages * sizeof *averages);
  share->averages = packed, share->naverages = n;
  return true;
}

double pl_share_average(const pl_share *share, const pl_policy *policy, size_t metric, pl_window window) {
  size_t at = metric * PL_WINDOWS + (size_t)window;
  return share->averages && is_there(policy, at) ? share->averages[before(policy, at)] : NAN;
}

void pl_share_forget(const pl_subject *s) {
  size_t size = s->core->policy->nmetrics * sizeof(pl_share_size);
  for (uint16_t i = 0; i < s->nteams; i++) {
    if (!s->shares[i]) continue;
    pl_release(s->shares[i]->sizes, size);
    s->shares[i]->sizes = NULL;
  }
}

pl_cell *pl_share_sum(const pl_share *share, size_t metric) {
  pl_cell *sum = NULL;
  for (size_t i = 0; i < share->n; i++) {
    const pl_subject *member = share->members[i];
    for (const pl_cell *c = member->cells[metric]; c; c = c->next) {
      if (member->shares[c->team] != share) continue;
      if (sum)
        pl_cell_merge(&sum, c);
      else
        sum = pl_cell_copy(c, 0);
    }
  }
  return sum;
}
