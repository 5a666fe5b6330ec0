#include "core/share.h"

#include "base/mem.h"

pl_share *pl_share_new(pl_str team, size_t nmetrics) {
  pl_share *share = pl_alloc(sizeof *share + nmetrics * sizeof share->cells[0]);
  share->team = pl_alloc(team.n + 1), share->team_len = team.n;
  memcpy(share->team, team.p, team.n);
  return share;
}

void pl_share_free(pl_share **share, size_t nmetrics) {
  if (!*share) return;
  for (size_t i = 0; i < nmetrics; i++) pl_cell_free(&(*share)->cells[i]);
  pl_release((*share)->averages, nmetrics * PL_WINDOWS * sizeof *(*share)->averages);
  pl_release((*share)->members, (*share)->room * sizeof *(*share)->members);
  pl_release((*share)->team, (*share)->team_len + 1);
  pl_release(*share, sizeof **share + nmetrics * sizeof(*share)->cells[0]);
  *share = NULL;
}

void pl_share_join(pl_share *share, pl_subject *member) {
  if (share->n == share->room) {
    size_t room = share->room ? share->room * 2 : 8;
    share->members =
        pl_resize(share->members, share->room * sizeof *share->members, room * sizeof *share->members);
    share->room = room;
  }
  share->members[share->n++] = member;
}

void pl_share_add(pl_share *share, const pl_policy *policy, size_t metric, const pl_cell *cell) {
  if (!share->cells[metric])
    share->cells[metric] = pl_cell_new(&policy->metrics[metric], (uint16_t)metric, 0);
  pl_cell_merge(&share->cells[metric], cell);
}
