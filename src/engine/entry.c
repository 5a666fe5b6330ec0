/* Entry: where in its log a tenure goes on, and what forbids it.
 *
 * It goes on at its mark, or, the very first time, where the configuration says. It never chooses another
 * place: if what comes next is not in the log any more, or nobody knows what came before, the partition is
 * held until an operator has decided.
 *
 *   no mark, nothing committed     a first start: `kafka.start`
 *   no mark, but a commit          somebody has counted it, and Redis has lost that: held
 *   a mark outside of the log      records were deleted before they were counted: held */
#include "engine/inside.h"

/* The commit follows the mark, so it never runs ahead of what was counted. At 0 nothing was. */
void pl_entry_on_recalled(pl_tenure *t, int64_t committed) {
  if (t->phase != PL_TENURE_RECALLING) return;
  if (committed > 0) {
    pl_tenure_hold(
        t,
        "redis has no mark of it, but kafka.group had counted it up to offset %lld: restore redis; "
        "or, to count anew what the log still holds, stop all processes and delete the group's "
        "offsets, or name another kafka.group, and give opening balances as adjustments",
        (long long)committed);
    return;
  }
  if (committed == 0) t->mark = t->committed = 0;
  pl_tenure_load(t);
}

void pl_entry_begin(pl_tenure *t) {
  pl_engine *e = t->engine;
  t->taken = t->next = t->mark;
  int64_t first = e->config->kafka.start == PL_START_EARLIEST ? PL_OFFSET_EARLIEST : PL_OFFSET_LATEST;
  e->ports.source->ops->consume(e->ports.source, t->partition, t->mark >= 0 ? t->mark : first);
}

void pl_entry_on_outside(pl_tenure *t, int64_t asked, int64_t low, int64_t high) {
  pl_tenure_hold(
      t,
      "its mark %lld lies outside the log [%lld, %lld]: events were deleted before they were counted; "
      "restore the topic, or rebuild into a new redis.prefix with a new kafka.group",
      (long long)asked, (long long)low, (long long)high);
}
