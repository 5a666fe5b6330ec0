/* Entry: where in its log a tenure goes on, and what forbids it.
 *
 * It goes on at its mark, or, the very first time, where the configuration says. It never chooses another
 * place: if what comes next is not in the log any more, or nobody knows what came before, the partition is
 * held until an operator has decided.
 *
 *   no mark, nothing committed     a first start: `kafka.start`
 *   no mark, but a commit          somebody has counted it, and Redis has lost that: held
 *   a mark outside of the log      records were deleted before they were counted: held
 *   a mark inside of another log   the topic was deleted and made anew, and has grown as long: held
 *   a commit that is gone          the same, while it was read (commit.c): held
 *
 * With more partitions, or fewer, every rep's home has moved: nobody counts then, and the process ends, also
 * when the topic grows under it.
 *
 * That a log is another one is seen by a witness: with the mark goes offset and timestamp of the last record
 * that was counted before it. The log is entered there, and the record must have that timestamp. If it is not
 * there (retention or compaction took it), nothing is known, and nothing is wrong. */
#include "base/log.h"
#include "engine/inside.h"

void pl_entry_refuse(pl_engine *e, int32_t counted, int32_t total) {
  e->failed = true;
  pl_log(PL_LOG_ERROR, "tenure.partitions",
         "redis was written for %d partitions and topic %s now has %d: every rep's home has moved; rebuild "
         "into a new redis.prefix with a new kafka.group, then switch the readers",
         (int)counted, e->config->kafka.topics.activities, (int)total);
  pl_engine_drain(e);
}

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

static void consume(pl_tenure *t, int64_t offset) {
  t->engine->ports.source->ops->consume(t->engine->ports.source, t->partition, offset);
}

void pl_entry_go_on(pl_tenure *t) { consume(t, t->last.offset >= 0 ? t->last.offset : t->next); }

void pl_entry_begin(pl_tenure *t) {
  if (t->kept == PL_COMMIT_GONE) {
    pl_commit_hold_gone(t);
    return;
  }
  bool earliest = t->engine->config->kafka.start == PL_START_EARLIEST;
  t->taken = t->next = t->mark;
  if (t->mark < 0)
    consume(t, earliest ? PL_OFFSET_EARLIEST : PL_OFFSET_LATEST);
  else
    pl_entry_go_on(t);
}

void pl_entry_on_counted(pl_tenure *t, const pl_record *record) {
  if (record->offset != t->last.offset || record->stamp.ms == t->last.stamp.ms) return;
  char counted[PL_ISO_MAX], found[PL_ISO_MAX];
  pl_tenure_hold(
      t,
      "the record at offset %lld is stamped %s and was %s when it was counted: the topic was deleted and "
      "made anew; restore it, or rebuild into a new redis.prefix with a new kafka.group",
      (long long)record->offset, pl_wall_iso(record->stamp, found), pl_wall_iso(t->last.stamp, counted));
}

/* If it does, the broker refuses the place itself; a leader that is new may only lag. */
void pl_entry_on_short(pl_tenure *t) { consume(t, t->next); }

void pl_entry_on_outside(pl_tenure *t, int64_t asked, int64_t low, int64_t high) {
  if (!pl_tenure_counts(t)) return; /* it has begun anew since it was asked for */
  if (asked < t->taken) {           /* the witness */
    if (t->taken >= low && t->taken <= high) {
      consume(t, t->taken);
      return;
    }
    asked = t->taken;
  }
  if (t->phase != PL_TENURE_LIVE) { /* somebody else may have counted on from here */
    t->astray = true;
    return;
  }
  pl_tenure_hold(
      t,
      "its mark %lld lies outside the log [%lld, %lld]: %s; restore the topic, or rebuild into a new "
      "redis.prefix with a new kafka.group",
      (long long)asked, (long long)low, (long long)high,
      asked < low ? "events were deleted before they were counted"
                  : "the topic was deleted and made anew, or has lost its end");
}
