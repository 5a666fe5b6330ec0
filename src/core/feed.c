/* Feed: how far what is known reaches, and what is said of it when it reaches no further.
 *
 * A source that speaks in heartbeats says up to where it has said everything. Nothing is judged beyond the
 * one that has said least, so that nobody is accused because a feed is late. What was said stands in the log
 * among the events, and in the mark: a replay judges at the same instants. */
#include <math.h>

#include "core/partition.h"

pl_wall pl_core_heard(const pl_core *core) {
  pl_wall least = PL_NEVER;
  for (size_t i = 0; i < core->policy->nsources; i++) least = pl_earlier(least, core->heard[i]);
  return least;
}

bool pl_core_heartbeat(pl_core *core, pl_str source, pl_wall complete_to, pl_wall stamp, int64_t offset) {
  pl_core_stamp(core, stamp, offset);
  for (size_t i = 0; i < core->policy->nsources; i++) {
    if (!pl_str_is(source, core->policy->sources[i])) continue;
    core->heard[i] = pl_later(core->heard[i], pl_earlier(complete_to, stamp));
    return true;
  }
  return false;
}

pl_wall pl_core_complete_to(const pl_core *core) {
  pl_wall heard = pl_core_heard(core);
  return heard.ms == 0 ? PL_BEGINNING : pl_earlier(core->clock, heard);
}

pl_lateness pl_core_late(const pl_core *core, pl_wall upto) {
  pl_lateness late = {.source = -1, .since = core->clock};
  pl_wall heard = pl_core_heard(core);
  if (core->clock.ms == INT64_MIN) return late;
  late.stale = upto.ms - core->clock.ms >= core->policy->stale_after.ms;
  for (size_t i = 0; i < core->policy->nsources && late.source < 0 && !pl_before(core->clock, heard); i++)
    if (core->heard[i].ms == heard.ms) late.source = (int)i, late.never = heard.ms == 0;
  return late;
}

static bool spend(size_t *budget) {
  if (budget && *budget == 0) return false;
  if (budget) --*budget;
  return true;
}

/* It holds at once, for whatever is written; who has nothing to write is brought to it one after the other.
 */
bool pl_core_set_stale(pl_core *core, bool teams, bool stale, size_t *budget) {
  if (core->stale[teams] != stale)
    core->stale[teams] = stale, core->spreads[teams] = true, core->spread[teams] = 0;
  while (core->spreads[teams]) {
    if (!spend(budget)) return false;
    const pl_map_slot *slot = pl_map_step(teams ? &core->teams : &core->reps, &core->spread[teams]);
    if (!slot) core->spreads[teams] = false;
    pl_subject *s = slot ? slot->value : NULL;
    if (!s || !s->ngoals || !s->begun) continue;
    s->touched_goals = true;
    pl_subject_touch(s);
  }
  return true;
}

bool pl_core_worked(const pl_core *core, pl_wall from, pl_wall to, pl_dur limit, size_t *cursor,
                    size_t *budget) {
  const pl_workcal *last = NULL; /* most share a few calendars */
  while (spend(budget)) {
    const pl_map_slot *slot = pl_map_step(&core->reps, cursor);
    if (!slot) return false;
    const pl_subject *s = slot->value;
    if (!s->known || s->erased || !s->begun || s->cal == last) continue;
    last = s->cal;
    if (pl_work_between(s->cal, pl_seconds(from), pl_seconds(to)) * 1000 < limit.ms) continue;
    *cursor = 0;
    return true;
  }
  return false;
}

void pl_figures_hide(pl_figures *f) {
  if (f->state == PL_PAUSED || f->state == PL_MET || f->state == PL_EXCEEDED || f->state == PL_MISSED) return;
  f->state = PL_UNKNOWN;
  f->pace = f->chance = f->needed_today = f->required_rate = NAN;
  f->projected = f->projected_low = f->projected_high = NAN;
  f->crosses_at = f->judged_at = INT64_MAX;
}
