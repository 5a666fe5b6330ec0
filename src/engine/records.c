/* Records: what a record of each topic does.
 *
 * Activities are decoded as they come and counted in order, sixteen at a time, what is left of them at
 * the slice's end: the steps before are what memory needs to come near. A record that finds many deadlines
 * before it, a midnight's, may wait for some turns; the source keeps its bytes, and what was not counted is
 * in no mark. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/json_plan.h"
#include "engine/inside.h"

enum { NEAR = 16 /* events that are looked at together */ };
static const int64_t LATEST_MS = 4102444800000; /* 2100: stream time goes no further */

typedef struct {
  pl_tenure *tenure;
  pl_record record; /* key and value stay until the slice ends */
  size_t which;     /* of the record's events... */
  bool last;        /* ...the last one */
  pl_reason reason; /* of decoding; PL_UNMAPPED: it is no event */
  int32_t schema_id;
  pl_expected expected;
  bool looked;
} waiting;

struct pl_intake {
  size_t n, at, room; /* `at`: the next to be counted */
  size_t most;        /* events of one record */
  waiting *slots;
  pl_made *made; /* the slots' events */
  size_t nrecords;
  pl_json_room *texts; /* by record; NULL: none are JSON */
};

pl_intake *pl_intake_new(size_t most, bool json) {
  pl_intake *in = PL_NEW(pl_intake);
  if (json) in->texts = pl_alloc(PL_SLICE_MAX * sizeof *in->texts);
  in->room = PL_SLICE_MAX * most, in->most = most;
  in->slots = pl_alloc(in->room * sizeof *in->slots);
  in->made = pl_alloc(in->room * sizeof *in->made);
  return in;
}

void pl_intake_free(pl_intake **intake) {
  if (!*intake) return;
  pl_release((*intake)->slots, (*intake)->room * sizeof *(*intake)->slots);
  pl_release((*intake)->made, (*intake)->room * sizeof *(*intake)->made);
  pl_release((*intake)->texts, (*intake)->texts ? PL_SLICE_MAX * sizeof *(*intake)->texts : 0);
  PL_FREE(*intake);
}

/* A producer that stamps in microseconds, or lives in another year, would make every deadline of the
 * partition due. */
static bool believable(const pl_engine *e, pl_wall stamp) {
  pl_wall latest = e->config->clock == PL_CLOCK_WALL
                       ? pl_wall_plus(pl_engine_wall(e), e->policy->future_tolerance)
                       : (pl_wall){LATEST_MS};
  return stamp.ms > 0 && !pl_before(latest, stamp);
}

static bool prepare(const pl_engine *e, pl_core *core, pl_wall stamp) {
  for (;;) {
    size_t budget = PL_FIRE_STEP;
    if (pl_core_prepare(core, stamp, &budget)) return true;
    if (!pl_engine_in_time(e)) return false;
  }
}

/* Why the record is refused, once more, for the words: they are only wanted now. */
static void explain(pl_engine *e, const waiting *w, pl_err *why) {
  size_t n;
  int32_t schema_id;
  (void)pl_readers_events(e->readers, w->record.value, NULL, pl_readers_room(e->readers), &n, &schema_id,
                          why);
}

static void refuse(pl_engine *e, waiting *w, const pl_event *event, pl_reason reason) {
  pl_err why = {""};
  if (w->reason != PL_APPLIED)
    explain(e, w, &why);
  else
    (void)snprintf(why.text, sizeof why.text, "%s", pl_reason_text(reason));
  pl_subject *subject = w->reason == PL_APPLIED ? pl_core_find(w->tenure->core, event->rep, false) : NULL;
  pl_dead_put(e, w->tenure, &w->record, reason, w->schema_id, subject, why.text);
}

/* Whose events were counted here before is at home here: it was asked at the first one. */
static bool at_home(const waiting *w) { return w->expected.subject && w->expected.subject->offset >= 0; }

/* False: deadlines come before it, and there was no time for all of them. */
static bool count(pl_engine *e, waiting *w, const pl_event *event) {
  pl_tenure *t = w->tenure;
  int64_t position = w->record.offset * PL_EVENTS_MAX + (int64_t)w->which;
  pl_reason reason = w->reason;
  if (!believable(e, w->record.stamp)) { /* it would move the partition's clock: nothing of it is taken */
    if (w->which > 0) return true;
    e->stats.reasons[PL_STAMP]++;
    pl_dead_put(e, t, &w->record, PL_STAMP, w->schema_id, NULL,
                "the record's own timestamp is absent, or lies in the future");
    return true;
  }
  if (!prepare(e, t->core, w->record.stamp)) return false;
  if (reason == PL_APPLIED && event->type == PL_TYPE_HEARTBEAT) {
    e->stats.heartbeats++;
    if (!pl_core_heartbeat(t->core, event->source, event->complete_to, w->record.stamp, position))
      pl_feed_stranger(e, event->source);
    return true;
  }
  if (reason == PL_APPLIED && event->rep.n && !at_home(w) && pl_engine_home(e, event->rep) != t->partition)
    reason = PL_MISROUTED;
  if (reason == PL_APPLIED)
    reason = pl_core_apply_expected(t->core, event, &w->expected, w->record.stamp, position);
  else
    pl_core_stamp(t->core, w->record.stamp, position);
  e->stats.reasons[reason]++;
  if (reason != PL_APPLIED && reason != PL_DUPLICATE && reason != PL_SKIPPED && reason != PL_UNMAPPED &&
      reason != PL_ERASED)
    refuse(e, w, event, reason);
  return true;
}

static void look(waiting *w, const pl_made *made, int which) {
  if (w->tenure && w->reason == PL_APPLIED)
    pl_core_expect(w->tenure->core, &made->event, which, &w->expected);
  w->looked = which > 0;
}

static void bring_near(pl_intake *in) {
  size_t end = in->n < in->at + NEAR ? in->n : in->at + NEAR;
  for (int which = 1; which < PL_LOOKS; which++)
    for (size_t i = in->at; i < end; i++) look(&in->slots[i], &in->made[i], which);
}

bool pl_records_settle(pl_engine *e) {
  pl_intake *in = e->intake;
  for (; in->at < in->n; in->at++) {
    waiting *w = &in->slots[in->at];
    if (!w->looked) bring_near(in);
    if (!w->tenure) continue; /* it has ended meanwhile */
    if (!count(e, w, &in->made[in->at].event)) return false;
    if (!w->last) continue;
    w->tenure->next = w->record.offset + 1;
    w->tenure->last = (pl_witness){w->record.offset, w->record.stamp};
  }
  in->n = in->at = in->nrecords = 0;
  return true;
}

void pl_records_forget(pl_engine *e, const pl_tenure *t) {
  for (size_t i = e->intake->at; i < e->intake->n; i++)
    if (e->intake->slots[i].tenure == t) e->intake->slots[i].tenure = NULL;
}

/* False: it waits for its schema. */
static bool activity(pl_engine *e, pl_tenure *t, const pl_record *record) {
  pl_intake *in = e->intake;
  PL_ASSERT(in->n + in->most <= in->room && in->nrecords < PL_SLICE_MAX);
  size_t n;
  int32_t schema_id;
  pl_json_room *texts = in->texts ? &in->texts[in->nrecords] : NULL;
  pl_reason reason =
      pl_readers_events(e->readers, record->value, texts, &in->made[in->n], &n, &schema_id, NULL);
  if (reason == PL_SCHEMA && pl_await_schema(e, record)) return false;
  if (reason == PL_APPLIED && n == 0) reason = PL_UNMAPPED;
  for (size_t which = 0; which == 0 || which < n; which++, in->n++) {
    waiting *w = &in->slots[in->n];
    w->tenure = t, w->record = *record, w->which = which, w->last = which + 1 >= n;
    w->reason = reason, w->schema_id = schema_id;
    look(w, &in->made[in->n], 0);
  }
  in->nrecords++;
  return true;
}

/* A refused fact is a dead letter too, but nothing waits for it: the compacted topic still holds it. */
static void refused(pl_engine *e, const pl_record *record, pl_reason reason, const pl_err *why) {
  e->stats.bad_facts++;
  pl_log(PL_LOG_WARN, "facts", "%s record at %d/%lld: %s: %s",
         record->topic == PL_TOPIC_ROSTER  ? "roster"
         : record->topic == PL_TOPIC_GOALS ? "goals"
                                           : "team",
         (int)record->partition, (long long)record->offset, pl_reason_name(reason), why->text);
  pl_dead_put(e, NULL, record, reason, -1, NULL, why->text);
}

static void team(pl_engine *e, const pl_record *record) {
  pl_err why = {""};
  if (pl_await_schema(e, record)) return;
  pl_reason reason = pl_facts_team(e->teams, e->readers, record->key, record->value, &why);
  if (reason != PL_APPLIED) {
    refused(e, record, reason, &why);
    return;
  }
  const pl_team *known = pl_teams_find(e->teams, record->key);
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure)
    if (t->core) pl_core_team_moved(t->core, record->key);
  pl_tenure *home = e->partitions ? pl_engine_tenure(e, pl_engine_home(e, record->key)) : NULL;
  if (known && home) pl_tenure_teach(home, known);
  if (!known && home && home->core) pl_core_drop_team(home->core, record->key);
}

static void fact(pl_engine *e, pl_tenure *t, const pl_record *record) {
  pl_err why = {""};
  size_t left_out;
  if (pl_await_schema(e, record)) return;
  pl_reason reason = pl_facts_record(t->core, e->readers, e->scratch, record->topic, record->key,
                                     record->value, &left_out, &why);
  if (left_out)
    pl_log(PL_LOG_WARN, "facts.goals", "%zu goals of %.*s left out: %s", left_out, (int)record->key.n,
           record->key.p, why.text);
  e->stats.bad_facts += (int64_t)left_out;
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
  if (!pl_tenure_counts(t)) return;
  if (record->offset < t->taken) {
    pl_entry_on_counted(t, record);
    return;
  }
  if (!activity(e, t, record)) return;
  e->stats.records++;
  t->taken = record->offset + 1;
  if (e->intake->n - e->intake->at >= NEAR) (void)pl_records_settle(e); /* as far as there is time */
}
