/* Commit: what Kafka is told of the marks, and what it says to that.
 *
 * Commits follow the marks, for lag monitors and for whoever finds Redis empty one day (entry.c); and one
 * that is accepted proves that the group still counts us in. They go for all partitions at once, one at a
 * time, at most each second.
 *
 * Kafka drops the commits of a topic with the topic. So before a commit is replaced, it is looked whether it
 * is still there: if not, the topic was deleted and made anew while we read on at an offset of the old one.
 */
#include "engine/commit.h"

#include "base/mem.h"
#include "engine/inside.h"

static const int64_t COMMIT_US = 1000000;

void pl_commit_on_answer(pl_engine *e, bool accepted) {
  e->commit_asked = false;
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    if (t->kept == PL_COMMIT_SENT) t->kept = accepted ? PL_COMMIT_THERE : PL_COMMIT_NONE;
    if (t->proof == PL_PROOF_ASKED) t->proof = accepted ? PL_PROOF_GIVEN : PL_PROOF_NONE;
    if (!accepted) t->committed = PL_OFFSET_NONE;
  }
}

void pl_commit_hold_gone(pl_tenure *t) {
  pl_tenure_hold(
      t, "what was committed of it is gone: the topic was deleted and made anew while it was read, and "
         "records of the new one may have been passed over; restore it, or rebuild into a new "
         "redis.prefix with a new kafka.group");
}

void pl_commit_on_recalled(pl_tenure *t, int64_t committed) {
  if (t->kept != PL_COMMIT_ASKED) return;
  t->kept = committed == PL_OFFSET_NONE ? PL_COMMIT_GONE : PL_COMMIT_SEEN;
  if (t->kept == PL_COMMIT_GONE) pl_commit_hold_gone(t);
  pl_engine_wake(t->engine);
}

/* False: answers are awaited. */
static bool look_back(pl_engine *e) {
  bool seen = true;
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    if (t->kept == PL_COMMIT_THERE) {
      t->kept = PL_COMMIT_ASKED;
      e->ports.source->ops->recall(e->ports.source, t->partition);
    }
    seen &= t->kept != PL_COMMIT_ASKED;
  }
  return seen;
}

static bool is_sent(const pl_tenure *t) {
  return t->kept != PL_COMMIT_GONE && t->phase != PL_TENURE_FROZEN && t->phase != PL_TENURE_ASKING &&
         (t->mark >= 0 || pl_tenure_needs_proof(t));
}

static void send(pl_engine *e, size_t most) {
  size_t n = 0;
  int32_t *partitions = pl_alloc(most * sizeof *partitions);
  int64_t *offsets = pl_alloc(most * sizeof *offsets);
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure)
    if (is_sent(t)) partitions[n] = t->partition, offsets[n++] = t->mark >= 0 ? t->mark : 0;
  e->commit_next.us = e->now.us + COMMIT_US;
  e->commit_asked = n > 0 && e->ports.source->ops->commit(e->ports.source, partitions, offsets, n);
  for (pl_tenure *t = e->tenures; t && e->commit_asked; t = t->next_tenure) {
    t->committed = t->mark;
    if (is_sent(t)) t->kept = PL_COMMIT_SENT;
    if (pl_tenure_needs_proof(t) && t->proof == PL_PROOF_NONE) t->proof = PL_PROOF_ASKED;
  }
  pl_release(partitions, most * sizeof *partitions);
  pl_release(offsets, most * sizeof *offsets);
}

void pl_commit_tick(pl_engine *e) {
  size_t n = 0;
  bool due = false;
  if (e->commit_asked || e->now.us < e->commit_next.us) return;
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure, n++)
    due |=
        (pl_tenure_needs_proof(t) && t->proof == PL_PROOF_NONE) || (t->mark >= 0 && t->mark != t->committed);
  if (due && look_back(e)) send(e, n);
}
