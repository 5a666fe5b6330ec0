#include "cli/inspect.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/enquiry.h"
#include "codec/coverage.h"
#include "codec/part.h"
#include "codec/record.h"
#include "core/deadline.h"
#include "engine/facts.h"
#include "io/kafka_past.h"

enum { SCRATCH_MAX = 1 << 20 };

/* --- facts */

typedef struct {
  pl_inspect *in;
  pl_readers *readers;
  pl_arena *scratch;
  pl_topic topic;
  pl_str id;
} facts;

static void on_record(void *ctx, const pl_past_record *r) {
  facts *f = ctx;
  size_t left_out;
  if (f->topic == PL_TOPIC_TEAMS)
    (void)pl_facts_team(f->in->teams, f->readers, r->key, r->value, NULL);
  else if (pl_str_eq(r->key, f->id))
    (void)pl_facts_record(f->in->core, f->readers, f->scratch, f->topic, r->key, r->value, &left_out, NULL);
}

static pl_status read_topics(facts *f, int32_t home, pl_err *err) {
  static const pl_topic topics[] = {PL_TOPIC_TEAMS, PL_TOPIC_ROSTER, PL_TOPIC_GOALS};
  pl_kafka_config kafka;
  pl_status status = pl_cli_kafka(&kafka, f->in->config, err);
  for (size_t i = 0; i < PL_COUNT(topics) && status == PL_OK; i++) {
    const char *name = kafka.topics[topics[i]];
    int32_t n;
    f->topic = topics[i];
    if (!name || !*name) continue;
    status = pl_kafka_past(&kafka, name, topics[i] == PL_TOPIC_TEAMS ? 0 : home, &n, on_record, f, err);
  }
  return status;
}

static bool is_asked(void *ctx, pl_str id) { return pl_str_eq(id, ((const facts *)ctx)->id); }

static pl_status put_facts(pl_inspect *in, pl_str id, int32_t home, pl_err *err) {
  const pl_policy *policy = &in->config->policy;
  facts f = {.in = in, .id = id, .scratch = pl_arena_new(SCRATCH_MAX)};
  (void)pl_facts_configured(in->core, policy, in->teams, is_asked, &f, NULL);
  pl_enquiry *enquiry = NULL;
  pl_status status = pl_enquiry_open(&enquiry, in->config, err);
  if (status == PL_OK) status = pl_enquiry_readers(enquiry, &f.readers, err);
  if (status == PL_OK) status = read_topics(&f, home, err);
  if (status == PL_OK) status = pl_enquiry_failed(enquiry, err);
  const pl_team *team = pl_teams_find(in->teams, id);
  if (team) pl_core_put_team(in->core, team);
  pl_readers_free(&f.readers);
  pl_enquiry_close(&enquiry);
  pl_arena_free(&f.scratch);
  return status;
}

/* --- what Redis keeps */

static pl_wall time_of(const pl_reply *r) {
  int64_t ms;
  return r->kind == PL_REPLY_TEXT && pl_str_int(r->s, &ms) ? (pl_wall){ms} : PL_BEGINNING;
}

static pl_status restore(pl_inspect *in, int32_t home, pl_err *err) {
  pl_subject *s = in->subject;
  pl_key state = pl_key_state(in->config->redis.prefix, home, pl_key_bucket(pl_subject_id(s)));
  char field[PL_ID_MAX + 8];
  (void)snprintf(field, sizeof field, "%c:%s", s->is_team ? 't' : 'r', s->id);
  const pl_reply *r =
      pl_query_ask(in->redis, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&state), pl_str_of(field)});
  return r->kind == PL_REPLY_TEXT ? pl_record_decode(s, r->s, err) : PL_OK;
}

/* A team is the sum of its parts, known up to the earliest of all marks. */
static pl_status restore_parts(pl_inspect *in, pl_err *err) {
  pl_key key = pl_key_part(in->config->redis.prefix, pl_subject_id(in->subject));
  const pl_reply *r = pl_query_ask(in->redis, 2, (pl_str[]){PL_STR("HGETALL"), pl_key_str(&key)});
  pl_part_reset(in->subject);
  for (size_t i = 0; i + 1 < r->n; i += 2)
    if (pl_part_decode(in->subject, r->items[i + 1].s, err) != PL_OK) return PL_REJECT;
  return PL_OK;
}

static pl_times read_times(pl_inspect *in, int32_t home) {
  pl_times all = pl_times_at(PL_NEVER);
  all.origin = all.stamp = PL_NEVER;
  bool team = in->subject->is_team;
  for (int32_t p = team ? 0 : home; p < (team ? pl_query_partitions(in->redis) : home + 1); p++) {
    pl_key mark = pl_key_mark(in->config->redis.prefix, p);
    const pl_str ask[] = {PL_STR("HMGET"),       pl_key_str(&mark), PL_STR("origin"),
                          PL_STR("complete_to"), PL_STR("stamp"),   PL_STR("metrics")};
    const pl_reply *r = pl_query_ask(in->redis, PL_COUNT(ask), ask);
    if (r->kind != PL_REPLY_ARRAY || r->n != 4) continue;
    all.origin = pl_earlier(all.origin, time_of(&r->items[0]));
    all.clock = pl_earlier(all.clock, time_of(&r->items[1]));
    all.stamp = pl_earlier(all.stamp, time_of(&r->items[2]));
    if (p == home && r->items[3].kind == PL_REPLY_TEXT)
      pl_coverage_read(all.since, &in->config->policy, r->items[3].s, (pl_wall){0});
  }
  return all;
}

static pl_status bring_to_life(pl_inspect *in, int32_t home, pl_err *err) {
  pl_status status = restore(in, home, err);
  pl_times times = read_times(in, home);
  if (status == PL_OK && in->subject->is_team) status = restore_parts(in, err);
  if (pl_query_failed(in->redis, err)) return PL_AGAIN;
  if (status != PL_OK) return status;
  if (times.clock.ms == INT64_MIN || times.clock.ms == INT64_MAX)
    return pl_fail(err, PL_AGAIN, "redis: partition %d has no clock yet: nothing was counted", (int)home);
  pl_core_begin(in->core, times);
  (void)pl_core_advance(in->core, times.clock, NULL);
  (void)pl_core_advance_teams(in->core, times.origin, times.clock, NULL);
  in->complete_to = times.clock;
  bool stream = in->config->clock == PL_CLOCK_STREAM;
  in->now = stream ? pl_later(times.stamp, times.clock) : pl_clock_wall();
  int64_t late_ms = pl_wall_minus(in->now, in->config->source_delay).ms - times.clock.ms;
  in->stale = !stream && late_ms >= in->config->stale_after.ms; /* by the engine's rule */
  return PL_OK;
}

pl_status pl_inspect_open(pl_inspect *in, const pl_config *config, pl_str id, pl_err *err) {
  *in = (pl_inspect){.config = config, .teams = pl_facts_teams(&config->policy)};
  pl_status status = pl_almanac_new(&in->almanac, &config->policy, pl_cli_zone, NULL, err);
  if (status == PL_OK) status = pl_query_open(&in->redis, config, err);
  if (status != PL_OK) return status;
  if (!pl_query_partitions(in->redis))
    return pl_query_failed(in->redis, err) ? PL_AGAIN
                                           : pl_fail(err, PL_AGAIN,
                                                     "redis: nothing is there yet; has `paceline run` "
                                                     "been started?");
  int32_t home = pl_query_home(in->redis, id);
  in->core = pl_core_new(&config->policy, in->almanac, in->teams, home);
  status = put_facts(in, id, home, err);
  if (status != PL_OK) return status;
  in->subject = pl_core_find(in->core, id, false);
  if (!in->subject || !in->subject->known) {
    pl_subject *team = pl_core_find(in->core, id, true);
    if (team) in->subject = team;
  }
  if (!in->subject || !in->subject->known)
    return pl_fail(err, PL_REJECT, "%.*s: the roster knows no rep, and no team, of this id", (int)id.n, id.p);
  if (in->subject->erased) return pl_fail(err, PL_REJECT, "%.*s: was erased", (int)id.n, id.p);
  return bring_to_life(in, home, err);
}

void pl_inspect_close(pl_inspect *in) {
  pl_query_close(&in->redis);
  pl_core_free(&in->core);
  pl_teams_free(&in->teams);
  pl_almanac_free(&in->almanac);
}

pl_goal *pl_inspect_goal(pl_inspect *in, pl_str name) {
  for (size_t i = 0; i < in->subject->ngoals; i++) {
    pl_goal *g = &in->subject->goals[i];
    if (!g->in_force || !pl_str_is(name, g->name)) continue;
    pl_judge who = pl_subject_judge(in->subject, g);
    pl_goal_arm(g, &who, in->complete_to);
    return g;
  }
  return NULL;
}

pl_figures pl_inspect_figures(const pl_inspect *in, const pl_goal *goal, const pl_judge *who) {
  pl_figures f = pl_goal_figures(goal, who, in->complete_to, true);
  if (in->stale) pl_figures_hide(&f);
  return f;
}

/* --- words */

char *pl_inspect_time(const pl_inspect *in, int64_t second, char out[PL_LOCAL_MAX]) {
  return pl_zone_text(pl_workcal_zone(in->subject->cal), pl_wall_s(second), false, out);
}

char *pl_inspect_span(int64_t seconds, char out[PL_LOCAL_MAX]) {
  (void)snprintf(out, PL_LOCAL_MAX, "%lld h %02lld min", (long long)(seconds / 3600),
                 (long long)(seconds / 60 % 60));
  return out;
}
