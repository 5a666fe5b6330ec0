#include "cli/rerun.h"

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/enquiry.h"
#include "codec/part.h"
#include "engine/facts.h"

enum { PART_MAX = 1 << 24, SCRATCH_MAX = 1 << 20 };
static const int64_t HOUR_MS = 3600000;

struct pl_rerun {
  const pl_config *config;
  pl_policy policy; /* the configuration's, as it is to be played */
  const pl_watch *watch;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_enquiry *enquiry;
  pl_readers *readers;
  pl_core **cores;
  int32_t n;
  pl_buf part;
  pl_arena *scratch; /* of one fact */
  bool no_goals;
  int64_t *before;  /* by metric: the day's total before an event */
  pl_wall midnight; /* the earliest of all reps; PL_NEVER: nobody's clock runs */
  int64_t hour;     /* teams were judged in it */
  int64_t records, refused;
};

static int32_t home(const pl_rerun *r, pl_str id) {
  return pl_kafka_home(id, r->n, r->config->kafka.partitioner == PL_PARTITIONER_CRC32);
}

/* --- what a flush would take */

static void take(pl_rerun *r, pl_core *core) {
  const pl_watch *w = r->watch;
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    for (const pl_alert *a = s->told; a && w->on_alert; a = a->next) w->on_alert(w->ctx, s, a);
    for (const pl_past *past = s->pasts; past && w->on_past; past = past->next) w->on_past(w->ctx, s, past);
    pl_subject_written(s);
  }
}

/* --- teams, from the same parts that partitions write */

static void add_up(pl_rerun *r, pl_subject *team) {
  pl_err err;
  pl_part_reset(team);
  for (int32_t p = 0; p < r->n; p++) {
    pl_share *share = pl_map_find(&r->cores[p]->shares, pl_subject_id(team));
    if (!share) continue;
    pl_buf_clear(&r->part);
    pl_part_encode(share, &r->config->policy, &r->part);
    PL_ASSERT(pl_part_decode(team, pl_buf_str(&r->part), &err) == PL_OK);
  }
  pl_core_team_changed(team->core, team);
}

static void judge_teams(pl_rerun *r) {
  pl_times all = {.origin = PL_NEVER, .clock = PL_NEVER};
  for (int32_t p = 0; p < r->n; p++) {
    pl_times one = pl_core_times(r->cores[p]);
    all.origin = pl_earlier(all.origin, one.origin), all.clock = pl_earlier(all.clock, one.clock);
  }
  for (int32_t p = 0; p < r->n && all.clock.ms != INT64_MIN; p++) {
    for (pl_map_slot *s = NULL; (s = pl_map_next(&r->cores[p]->teams, s));) add_up(r, s->value);
    (void)pl_core_advance_teams(r->cores[p], all.origin, all.clock, NULL);
  }
  for (int32_t p = 0; p < r->n; p++) {
    for (pl_share *s = pl_core_take_shares(r->cores[p]); s; s = s->next_dirty) pl_share_written(s);
    take(r, r->cores[p]);
  }
}

/* --- days */

static bool runs(const pl_core *core) { return core->clock.ms != INT64_MIN; }

/* Tells of each rep whose clock runs and, with `at`, whose midnight that is; returns the earliest of all. */
static pl_wall each_rep(pl_rerun *r, pl_wall at, void (*fn)(void *ctx, pl_subject *rep, pl_wall midnight)) {
  pl_wall first = PL_NEVER;
  for (int32_t p = 0; p < r->n; p++)
    for (pl_map_slot *slot = NULL; runs(r->cores[p]) && (slot = pl_map_next(&r->cores[p]->reps, slot));) {
      pl_subject *s = slot->value;
      if (!s->begun) continue;
      first = pl_earlier(first, s->roll);
      if (fn && s->roll.ms == at.ms) fn(r->watch->ctx, s, at);
    }
  return first;
}

static void advance(pl_rerun *r, pl_wall t) {
  for (int32_t p = 0; p < r->n; p++)
    if (runs(r->cores[p])) (void)pl_core_advance(r->cores[p], t, NULL);
  judge_teams(r);
}

static bool begins_at(const pl_subject *s, pl_wall t) {
  return s->begun && pl_zone_instant(pl_workcal_zone(s->cal), s->today, 0) * 1000 == t.ms;
}

/* The midnights before `upto`, each seen from both sides; as far as all sources have spoken everywhere. */
static void pass_midnights(pl_rerun *r, pl_wall upto) {
  for (int32_t p = 0; p < r->n; p++)
    if (runs(r->cores[p])) upto = pl_earlier(upto, pl_core_heard(r->cores[p]));
  while (pl_before(r->midnight, upto)) {
    pl_wall midnight = r->midnight;
    advance(r, (pl_wall){midnight.ms - 1});
    (void)each_rep(r, midnight, r->watch->on_evening);
    advance(r, midnight);
    for (int32_t p = 0; p < r->n && r->watch->on_morning; p++)
      for (pl_map_slot *slot = NULL; runs(r->cores[p]) && (slot = pl_map_next(&r->cores[p]->reps, slot));)
        if (begins_at(slot->value, midnight)) r->watch->on_morning(r->watch->ctx, slot->value, midnight);
    r->midnight = each_rep(r, PL_NEVER, NULL);
    PL_ASSERT(pl_before(midnight, r->midnight));
  }
}

/* --- records */

void pl_rerun_fact(pl_rerun *r, pl_topic topic, int32_t partition, pl_str key, pl_str value) {
  pl_reason reason = PL_APPLIED;
  size_t left_out = 0;
  if (topic == PL_TOPIC_TEAMS) {
    reason = pl_facts_team(r->teams, r->readers, key, value, NULL);
    const pl_team *known = pl_teams_find(r->teams, key);
    if (known) pl_core_put_team(r->cores[home(r, key)], known);
  } else if (topic == PL_TOPIC_ROSTER || !r->no_goals) {
    reason = pl_facts_record(r->cores[partition], r->readers, r->scratch, topic, key, value, &left_out, NULL);
  }
  r->refused += reason != PL_APPLIED;
}

static bool adds_up(const pl_metric *m) { return m->kind == PL_COUNT_OF || m->kind == PL_SUM_OF; }

/* The totals of the day an event lies in: kept before it, told of as moves after it. */
static void watch_moves(pl_rerun *r, pl_subject *s, pl_wall at, bool after) {
  const pl_policy *policy = &r->config->policy;
  int32_t index[PL_UNITS];
  if (!s || !s->begun || !r->watch->on_move) return;
  pl_subject_index(s, at, index);
  for (size_t m = 0; m < policy->nmetrics; m++) {
    if (!adds_up(&policy->metrics[m])) continue;
    int64_t now = pl_subject_at(s, (int)m, PL_DAY, index[PL_DAY]), by = now - r->before[m];
    if (!after) r->before[m] = now;
    if (after && by) r->watch->on_move(r->watch->ctx, s, (int)m, at, by);
  }
}

static pl_reason apply_event(pl_rerun *r, int32_t partition, pl_event *event, pl_wall stamp, int64_t place) {
  int32_t p = partition < 0 ? home(r, event->rep) : partition;
  pl_core *core = r->cores[p];
  if (event->type == PL_TYPE_HEARTBEAT) {
    (void)pl_core_heartbeat(core, event->source, event->complete_to, stamp, place);
    return PL_APPLIED;
  }
  if (home(r, event->rep) != p) return PL_MISROUTED;
  bool first = !runs(core);
  (void)pl_core_prepare(core, stamp, NULL);
  if (first) r->midnight = each_rep(r, PL_NEVER, NULL);
  pl_subject *s = pl_core_find(core, event->rep, false);
  if (s && s->begun && event->at_is_local) { /* as the core will */
    const pl_zone *zone = event->zone ? pl_almanac_zone(r->almanac, pl_str_of(event->zone)) : NULL;
    event->at = pl_zone_resolve(zone ? zone : pl_workcal_zone(s->cal), event->at.ms);
    event->at_is_local = false;
  }
  memset(r->before, 0, r->config->policy.nmetrics * sizeof *r->before);
  watch_moves(r, s, event->at, false);
  pl_reason reason = pl_core_apply(core, event, stamp, place);
  if (reason == PL_APPLIED) watch_moves(r, pl_core_find(core, event->rep, false), event->at, true);
  return reason;
}

void pl_rerun_apply(pl_rerun *r, int32_t partition, pl_str value, pl_wall stamp) {
  if (stamp.ms <= 0) { /* it would move the clock */
    r->refused++;
    return;
  }
  if (stamp.ms / HOUR_MS != r->hour && r->records) judge_teams(r);
  r->hour = stamp.ms / HOUR_MS;
  pass_midnights(r, pl_wall_minus(stamp, r->config->source_delay));
  int64_t offset = r->records++;
  size_t n;
  int32_t schema;
  pl_made *made = pl_readers_room(r->readers);
  pl_reason reason = pl_readers_events(r->readers, value, NULL, made, &n, &schema, NULL);
  r->refused += reason != PL_APPLIED;
  for (size_t which = 0; which < n; which++) {
    reason = apply_event(r, partition, &made[which].event, stamp, offset * PL_EVENTS_MAX + (int64_t)which);
    r->refused += reason != PL_APPLIED;
  }
}

void pl_rerun_end(pl_rerun *r, pl_wall end) {
  pass_midnights(r, (pl_wall){end.ms + 1});
  for (int32_t p = 0; p < r->n; p++) { /* the heartbeats that import closes with */
    pl_core_stamp(r->cores[p], pl_wall_plus(end, r->config->source_delay), r->records * PL_EVENTS_MAX);
    (void)pl_core_advance(r->cores[p], end, NULL);
  }
  judge_teams(r);
}

int64_t pl_rerun_refused(const pl_rerun *r) { return r->refused; }

pl_status pl_rerun_failed(const pl_rerun *r, pl_err *err) { return pl_enquiry_failed(r->enquiry, err); }

/* --- life */

typedef struct {
  const pl_rerun *rerun;
  int32_t partition;
} place;

static bool is_home(void *ctx, pl_str id) {
  const place *at = ctx;
  return home(at->rerun, id) == at->partition;
}

pl_status pl_rerun_new(pl_rerun **out, const pl_config *config, int32_t partitions, const pl_watch *watch,
                       unsigned how, pl_err *err) {
  pl_rerun *r = *out = PL_NEW(pl_rerun);
  const pl_policy *policy = &r->policy;
  r->config = config, r->policy = config->policy, r->watch = watch, r->midnight = PL_NEVER;
  r->no_goals = how & PL_RERUN_NO_GOALS;
  if (r->no_goals) r->policy.ngoals = 0;
  if (how & PL_RERUN_TABLE) r->policy.nsources = 0;
  r->scratch = pl_arena_new(SCRATCH_MAX);
  r->teams = pl_facts_teams(policy);
  pl_buf_init(&r->part, PART_MAX);
  pl_status status = pl_almanac_new(&r->almanac, policy, pl_cli_zone, NULL, err);
  if (status == PL_OK) status = pl_enquiry_open(&r->enquiry, config, err);
  if (status == PL_OK) status = pl_enquiry_readers(r->enquiry, &r->readers, err);
  if (status != PL_OK) {
    pl_rerun_free(out);
    return status;
  }
  r->n = partitions, r->cores = pl_alloc((size_t)partitions * sizeof(pl_core *));
  r->before = pl_alloc(policy->nmetrics * sizeof *r->before);
  for (int32_t p = 0; p < r->n; p++) r->cores[p] = pl_core_new(policy, r->almanac, r->teams, p);
  for (place at = {r, 0}; at.partition < r->n; at.partition++) {
    pl_core *core = r->cores[at.partition];
    (void)pl_facts_configured(core, policy, r->teams, is_home, &at, NULL);
    pl_core_begin(core, pl_times_at(PL_BEGINNING));
  }
  return PL_OK;
}

void pl_rerun_free(pl_rerun **rerun) {
  pl_rerun *r = *rerun;
  if (!r) return;
  for (int32_t p = 0; p < r->n; p++) pl_core_free(&r->cores[p]);
  pl_release(r->cores, (size_t)r->n * sizeof(pl_core *));
  pl_release(r->before, r->before ? r->config->policy.nmetrics * sizeof *r->before : 0);
  pl_teams_free(&r->teams);
  pl_readers_free(&r->readers);
  pl_enquiry_close(&r->enquiry);
  pl_almanac_free(&r->almanac);
  pl_buf_fini(&r->part);
  pl_arena_free(&r->scratch);
  PL_FREE(*rerun);
}
