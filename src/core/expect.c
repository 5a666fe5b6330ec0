/* Expect: what an event will touch, brought near before it is applied.
 *
 * Counting is little work on memory that is far away: a rep, the list of their ids, their goals, a cell or
 * two, the team's share. Each look follows only what the look before has brought near, and between two looks
 * there is time for those of other events. Nothing here changes anything. */
#include <stddef.h>

#include "core/partition.h"

enum { LINE = 64, HEAD = 2 * LINE /* of a cell: its rings and the first buckets */ };

static void bring(const void *from, size_t size) {
  for (size_t at = 0; at < size; at += LINE) __builtin_prefetch((const char *)from + at, 1);
}

static void look_at_rep(const pl_core *core, const pl_expected *expected) {
  const pl_subject *s = pl_map_guess(&core->reps, expected->rep);
  if (!s) return;
  bring(s, offsetof(pl_subject, name));
  bring(s->cells, core->policy->nmetrics * sizeof s->cells[0]);
}

static void look_at_lists(const pl_subject *s, const pl_expected *expected) {
  pl_dedupe_expect(&s->ids, expected->id, 0);
  for (size_t i = 0; i < s->ngoals; i++) /* what an event asks of a goal, wherever lines end */
    __builtin_prefetch(&s->goals[i]), __builtin_prefetch(&s->goals[i].since);
  __builtin_prefetch(s->memberships.items);
  __builtin_prefetch(s->share, 1);
}

static void look_at_cells(const pl_subject *s, const pl_event *event, bool heads) {
  for (uint64_t left = event->type >= 0 ? s->core->of_type[event->type] : 0; left; left &= left - 1) {
    const pl_cell *cell = s->cells[__builtin_ctzll(left)];
    if (!cell) continue;
    if (heads)
      bring(cell, HEAD);
    else if (cell->size > HEAD)
      bring((const char *)cell + HEAD, cell->size - HEAD);
  }
}

void pl_core_expect(const pl_core *core, const pl_event *event, int look, pl_expected *expected) {
  pl_subject *s = expected->subject;
  switch (look) {
  case 0:
    *expected = (pl_expected){pl_map_hash(event->rep), pl_dedupe_hash(event->id), NULL};
    pl_map_expect(&core->reps, expected->rep);
    break;
  case 1: look_at_rep(core, expected); break;
  case 2:
    expected->subject = s = pl_map_find_hashed(&core->reps, event->rep, expected->rep);
    if (s) look_at_lists(s, expected);
    break;
  case 3:
    if (!s) break;
    pl_dedupe_expect(&s->ids, expected->id, 1);
    look_at_cells(s, event, true);
    break;
  default:
    if (s) look_at_cells(s, event, false);
  }
}
