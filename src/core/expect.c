/* Expect: what an event will touch, brought near before it is applied.
 *
 * Counting is little work on memory that is far away: a rep, the list of their ids, what their goals wait
 * for, a cell or two. Each line of it costs, also when nobody waits for it: what the ordinary event does not
 * ask for is left where it is. Each look follows only what the look before has brought near, and between two
 * looks there is time for those of other events. Nothing here changes anything. */
#include <stddef.h>

#include "base/mem.h"
#include "core/partition.h"

enum { LINE = 64, HEAD = 2 * LINE /* of a cell: its rings and the first buckets */ };

static void bring(const void *from, size_t size) {
  for (size_t at = 0; at < size; at += LINE) pl_bring_near((const char *)from + at);
}

static void look_at_rep(const pl_core *core, const pl_event *event, const pl_expected *expected) {
  const pl_subject *s = pl_map_guess(&core->reps, expected->rep);
  if (!s) return;
  bring(s, offsetof(pl_subject, habit) + 1);
  for (uint64_t left = event->type >= 0 ? core->of_type[event->type] : 0; left; left &= left - 1)
    pl_bring_near(&s->cells[__builtin_ctzll(left)]);
}

static void look_at_lists(const pl_subject *s, const pl_expected *expected) {
  pl_dedupe_expect(&s->ids, expected->id, 0);
  pl_bring_near(s->lulls);
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
  case 1: look_at_rep(core, event, expected); break;
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
