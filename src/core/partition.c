/* A partition's subjects: who they are, what the facts say of them, and the lists of what is to be written.
 */
#include "core/partition.h"

#include "base/mem.h"
#include "core/deadline.h"
#include "core/shape.h"

pl_core *pl_core_new(const pl_policy *policy, pl_almanac *almanac, const pl_teams *teams, int32_t partition) {
  pl_core *core = PL_NEW(pl_core);
  core->policy = policy, core->almanac = almanac, core->directory = teams, core->partition = partition;
  core->clock = core->team_clock = core->stamp = core->origin = PL_BEGINNING;
  core->offset = -1;
  core->nmetrics = policy->nmetrics;
  for (size_t m = 0; m < policy->nmetrics; m++) {
    const pl_metric *metric = &policy->metrics[m];
    for (int w = 0; w < PL_WINDOWS; w++)
      core->rolls |= (metric->windows >> w & 1) && !pl_window_kinds[w].calendar;
    core->windowed |= (uint64_t)(metric->windows != 0) << m;
    for (int type = 0; type < PL_TYPES_MAX && metric->kind != PL_RATIO_OF; type++)
      core->of_type[type] |= (metric->types >> type & 1) << m;
  }
  core->dirty_subjects_end = &core->dirty_subjects, core->dirty_shares_end = &core->dirty_shares;
  return core;
}

void pl_core_free(pl_core **core) {
  pl_core *c = *core;
  if (!c) return;
  size_t n = c->nmetrics;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&c->shares, s));) {
    pl_share *share = s->value;
    pl_share_free(&share, n);
  }
  pl_map *both[] = {&c->reps, &c->teams};
  for (size_t i = 0; i < PL_COUNT(both); i++) {
    for (pl_map_slot *s = NULL; (s = pl_map_next(both[i], s));) {
      pl_subject *subject = s->value;
      pl_subject_free(&subject, n);
    }
    pl_map_fini(both[i]);
  }
  pl_map_fini(&c->shares);
  pl_heap_fini(&c->rep_timers), pl_heap_fini(&c->team_timers);
  PL_FREE(*core);
}

bool pl_core_dissolve(pl_core **core, size_t reps) {
  pl_core *c = *core;
  for (pl_map_slot *s; reps && (s = pl_map_next(&c->reps, c->dissolved)); reps--) {
    pl_subject *rep = s->value;
    s->value = NULL, c->dissolved = s;
    pl_subject_free(&rep, c->nmetrics);
  }
  if (!reps) return false;
  pl_core_free(core);
  return true;
}

pl_subject *pl_core_find(const pl_core *core, pl_str id, bool is_team) {
  return pl_map_find(is_team ? &core->teams : &core->reps, id);
}

pl_subject *pl_core_subject(pl_core *core, pl_str id, bool is_team) {
  void **place = pl_map_put(is_team ? &core->teams : &core->reps, id);
  if (!*place) {
    *place = pl_subject_new(core, id, is_team, core->policy->nmetrics);
    core->stats.subjects++;
    core->unknown += !is_team; /* until the roster names it */
  }
  return *place;
}

static void replace(char **text, pl_str with) {
  pl_text_free(text);
  *text = with.n ? pl_text_new(with) : NULL;
}

static void replace_list(pl_dated_list *list, const pl_since *from, size_t n) {
  for (size_t i = 0; i < list->n; i++) replace(&list->items[i].what, (pl_str){0});
  pl_release(list->items, list->n * sizeof *list->items);
  *list = (pl_dated_list){n ? pl_alloc(n * sizeof *list->items) : NULL, n};
  for (size_t i = 0; i < n; i++) list->items[i] = (pl_dated){from[i].from, pl_text_new(from[i].what)};
}

static void replace_time_off(pl_subject *s, const pl_leave *leaves, size_t n) {
  const size_t size = sizeof *leaves;
  if (s->own) s->cal = pl_workcal_shared(s->own);
  pl_workcal_free(&s->own);
  pl_release(s->time_off, s->ntime_off * size);
  s->time_off = NULL, s->ntime_off = 0;
  if (n == 0) return;
  s->time_off = memcpy(pl_alloc(n * size), leaves, n * size);
  s->ntime_off = pl_leaves_merge(s->time_off, n);
  s->time_off = pl_resize(s->time_off, n * size, s->ntime_off * size);
}

uint16_t pl_core_team_slot(pl_core *core, pl_subject *s, pl_str team) {
  for (uint16_t i = 0; i < s->nteams; i++)
    if (pl_str_is(team, s->teams[i])) return i;
  size_t n = s->nteams;
  if (n == UINT16_MAX) return 0; /* nobody is in so many */
  s->teams = pl_resize(s->teams, n * sizeof *s->teams, (n + 1) * sizeof *s->teams);
  s->shares = pl_resize(s->shares, n * sizeof(pl_share *), (n + 1) * sizeof(pl_share *));
  s->teams[n] = pl_text_new(team);
  if (team.n) {
    void **place = pl_map_put(&core->shares, team);
    if (!*place) *place = pl_share_new(team);
    s->shares[n] = *place;
    pl_share_join(*place, s);
    if (s->begun) pl_core_touch_share(core, *place);
  }
  return s->nteams++;
}

void pl_core_put_rep(pl_core *core, const pl_rep_fact *fact) {
  pl_subject *s = pl_core_subject(core, fact->id, false);
  core->unknown -= !s->known;
  s->known = true, s->erased = fact->erased, s->opted_out = fact->recognition_off;
  s->fact = pl_shape_fact(fact);
  replace(&s->name, fact->name), replace(&s->email, fact->email), replace(&s->slack, fact->slack);
  replace(&s->language, fact->language);
  s->slotted = false;
  replace_list(&s->memberships, fact->memberships, fact->nmemberships);
  replace_list(&s->zones, fact->zones, fact->nzones);
  replace_list(&s->calendars, fact->calendars, fact->ncalendars);
  replace_time_off(s, fact->time_off, fact->ntime_off);
  for (size_t i = 0; i < fact->nmemberships; i++) (void)pl_core_team_slot(core, s, fact->memberships[i].what);
  pl_deadline_renew(s);
}

void pl_core_put_team(pl_core *core, const pl_team *team) {
  pl_subject *s = pl_core_subject(core, pl_str_of(team->id), true);
  s->known = true, s->erased = false;
  replace(&s->name, pl_str_of(team->name));
  pl_deadline_renew(s);
}

void pl_core_drop_team(pl_core *core, pl_str id) {
  pl_subject *s = pl_core_find(core, id, true);
  if (!s) return;
  s->known = false, s->erased = true;
  pl_subject_touch(s);
}

void pl_core_put_team_average(pl_core *core, pl_str id, const double *averages) {
  pl_share *share = pl_map_find(&core->shares, id);
  bool shows = share && pl_share_put_averages(share, core->policy, averages) && averages;
  for (size_t i = 0; shows && i < share->n; i++) pl_deadline_show(share->members[i]);
}

void pl_core_team_moved(pl_core *core, pl_str id) {
  const pl_share *share = pl_map_find(&core->shares, id);
  for (size_t i = 0; share && i < share->n; i++)
    if (share->members[i]->begun) pl_deadline_begin(share->members[i], core->clock);
}

void pl_core_begin(pl_core *core, pl_times marked) {
  core->origin = marked.origin, core->stamp = marked.stamp;
  memcpy(core->heard, marked.heard, sizeof core->heard);
  memcpy(core->since, marked.since, sizeof core->since);
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&core->teams, slot));) {
    const pl_subject *team = slot->value;
    if (!team->known) pl_core_drop_team(core, pl_subject_id(team)); /* recorded once, described by nobody */
  }
  if (marked.clock.ms != INT64_MIN) pl_deadline_start(core, marked.clock);
}

pl_wall pl_core_next(const pl_core *core) {
  return core->starts ? (pl_wall){core->clock.ms - 1} : pl_heap_next(&core->rep_timers);
}
pl_times pl_core_times(const pl_core *core) {
  pl_times t = {.origin = core->origin, .clock = core->clock, .stamp = core->stamp};
  memcpy(t.heard, core->heard, sizeof t.heard);
  memcpy(t.since, core->since, sizeof t.since);
  return t;
}
pl_wall pl_core_now(const pl_core *core) { return pl_later(core->stamp, core->clock); }
const pl_core_stats *pl_core_stats_of(const pl_core *core) { return &core->stats; }

/* --- what is to be written */

void pl_subject_touch_all(pl_subject *s) {
  s->touched_all = true;
  if (!s->begun) s->shape = 0; /* as if nothing was written yet */
  pl_subject_touch(s);
}

void pl_subject_touch(pl_subject *s) {
  if (s->dirty) return;
  s->dirty = true, s->next_dirty = NULL;
  *s->core->dirty_subjects_end = s;
  s->core->dirty_subjects_end = &s->next_dirty;
}

void pl_core_touch_share(pl_core *core, pl_share *share) {
  if (share->dirty) return;
  share->dirty = true, share->next_dirty = NULL;
  *core->dirty_shares_end = share;
  core->dirty_shares_end = &share->next_dirty;
}

void pl_core_touch_all(pl_core *core) {
  pl_map *both[] = {&core->reps, &core->teams};
  for (size_t i = 0; i < PL_COUNT(both); i++)
    for (pl_map_slot *slot = NULL; (slot = pl_map_next(both[i], slot));) pl_subject_touch_all(slot->value);
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&core->shares, slot));) {
    pl_share *share = slot->value;
    share->listed = 0;
    pl_core_touch_share(core, share);
  }
}

pl_subject *pl_core_take_subjects(pl_core *core) {
  pl_subject *list = core->dirty_subjects;
  core->dirty_subjects = NULL, core->dirty_subjects_end = &core->dirty_subjects;
  core->npending = 0, core->urgent = false, core->flushes++;
  return list;
}

pl_share *pl_core_take_shares(pl_core *core) {
  pl_share *list = core->dirty_shares;
  core->dirty_shares = NULL, core->dirty_shares_end = &core->dirty_shares;
  return list;
}
