/* Records: what a record of each topic does. */
#include <stdio.h>

#include "base/log.h"
#include "engine/inside.h"

static void event(pl_engine *e, pl_tenure *t, const pl_record *record, size_t which) {
  pl_event event;
  pl_err why = {""};
  int32_t schema_id = -1;
  pl_reason reason = pl_readers_event(e->readers, record->value, which, &event, &schema_id, &why);
  if (reason == PL_APPLIED && event.type == PL_TYPE_HEARTBEAT) {
    pl_core_stamp(t->core, record->stamp, record->offset * PL_EVENTS_MAX);
    e->stats.heartbeats++;
    return;
  }
  if (reason == PL_APPLIED && event.rep.n && pl_engine_home(e, event.rep) != t->partition)
    reason = PL_MISROUTED;
  int64_t position = record->offset * PL_EVENTS_MAX + (int64_t)which;
  if (reason == PL_APPLIED)
    reason = pl_core_apply(t->core, &event, record->stamp, position);
  else
    pl_core_stamp(t->core, record->stamp, position);
  e->stats.reasons[reason]++;
  if (reason == PL_APPLIED || reason == PL_DUPLICATE || reason == PL_SKIPPED || reason == PL_ERASED) return;
  pl_dead_put(e, record, reason, schema_id, why.text);
}

/* A refused fact is a dead letter too, but nothing waits for it: the compacted topic still holds it. */
static void refused(pl_engine *e, const pl_record *record, pl_reason reason, const pl_err *why) {
  e->stats.bad_facts++;
  pl_log(PL_LOG_WARN, "facts", "%s record at %d/%lld: %s: %s",
         record->topic == PL_TOPIC_ROSTER  ? "roster"
         : record->topic == PL_TOPIC_GOALS ? "goals"
                                           : "team",
         (int)record->partition, (long long)record->offset, pl_reason_name(reason), why->text);
  pl_dead_put(e, record, reason, -1, why->text);
}

static void team(pl_engine *e, const pl_record *record) {
  pl_team_fact fact = {.id = record->key, .removed = record->value.p == NULL};
  pl_err why = {""};
  pl_reason reason = fact.removed ? PL_APPLIED : pl_readers_team(e->readers, record->value, &fact, &why);
  if (reason != PL_APPLIED) {
    refused(e, record, reason, &why);
    return;
  }
  pl_teams_put(e->teams, &fact);
  const pl_team *known = pl_teams_find(e->teams, fact.id);
  pl_tenure *home = known && e->partitions ? pl_engine_tenure(e, pl_engine_home(e, fact.id)) : NULL;
  if (home) pl_tenure_teach(home, known);
}

static void fact(pl_engine *e, pl_tenure *t, const pl_record *record) {
  pl_err why = {""};
  pl_reason reason = PL_APPLIED;
  pl_arena_reset(e->scratch);
  if (record->topic == PL_TOPIC_ROSTER) {
    pl_rep_fact rep = {0};
    if (!record->value.p) return; /* a tombstone erases nobody: `status: erased` does, and survives replay */
    reason = pl_readers_rep(e->readers, record->value, e->scratch, &rep, &why);
    if (reason == PL_APPLIED) pl_core_put_rep(t->core, &rep);
  } else {
    pl_goals_fact goals = {.entity = record->key};
    if (record->value.p)
      reason = pl_readers_goals(e->readers, record->value, e->scratch, &goals, &why);
    else
      goals.is_team = pl_core_find(t->core, record->key, true) != NULL;
    if (reason == PL_APPLIED) pl_core_put_goals(t->core, &goals);
  }
  if (reason != PL_APPLIED) refused(e, record, reason, &why);
  e->stats.facts++;
}

void pl_engine_on_record(void *engine, const pl_record *record) {
  pl_engine *e = engine;
  if (record->topic == PL_TOPIC_TEAMS) {
    team(e, record);
    return;
  }
  pl_tenure *t = pl_engine_tenure(e, record->partition);
  if (!t || !t->core) return;
  if (record->topic != PL_TOPIC_ACTIVITIES) {
    fact(e, t, record);
    return;
  }
  if (t->phase != PL_TENURE_LIVE || record->offset < t->next) return;
  e->stats.records++;
  t->next = record->offset + 1;
  t->at_end = false;
  for (size_t i = 0; i < pl_readers_events(e->readers); i++) event(e, t, record, i);
}
