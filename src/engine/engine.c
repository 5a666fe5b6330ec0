#include "engine/engine.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "engine/inside.h"
#include "engine/voice.h"

static const int64_t DRAIN_US = 10000000, LONGEST_US = 1000000, TURN_US = 10000;
enum { DISSOLVE_STEP = 256, SCRATCH_BYTES = 1 << 20, QUEUED_MAX = 32 << 20 };

pl_wall pl_engine_wall(const pl_engine *e) { return e->ports.clock.wall(e->ports.clock.ctx); }
pl_mono pl_engine_mono(const pl_engine *e) { return e->ports.clock.mono(e->ports.clock.ctx); }

int32_t pl_engine_home(void *engine, pl_str id) {
  const pl_engine *e = engine;
  return e->ports.source->ops->home(e->ports.source, id, e->partitions);
}

const char *pl_engine_topic(const pl_engine *e, pl_topic topic) {
  const char *const names[PL_TOPICS] = {e->config->kafka.topics.activities, e->config->kafka.topics.roster,
                                        e->config->kafka.topics.goals, e->config->kafka.topics.teams};
  return names[topic];
}

pl_tenure *pl_engine_tenure(const pl_engine *e, int32_t partition) {
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure)
    if (t->partition == partition) return t;
  return NULL;
}

void pl_engine_press(pl_engine *e) {
  e->held = !e->store_up || e->drained || e->next.config || e->nletters >= PL_DEAD_MAX ||
            e->letter_bytes >= PL_DEAD_BYTES || e->ports.store->ops->queued(e->ports.store) > QUEUED_MAX;
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure)
    e->held |= pl_tenure_counts(t) && *t->flush.refused; /* who writes no more waits for nothing */
  bool pause = e->held;
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure) pause |= pl_tenure_counts(t) && t->flush.waits;
  if (pause != e->paused) e->ports.source->ops->hold(e->ports.source, pause);
  e->paused = pause;
}

void pl_engine_wake(const pl_engine *e) { e->ports.wake(e->ports.wake_ctx); }

void pl_engine_turn(pl_engine *e) { e->turn_ends.us = pl_engine_mono(e).us + TURN_US; }
bool pl_engine_in_time(const pl_engine *e) { return pl_engine_mono(e).us < e->turn_ends.us; }

void pl_engine_dissolve(pl_engine *e, pl_core **core) {
  if (!*core) return;
  (*core)->next = e->dissolving;
  e->dissolving = *core, *core = NULL;
  pl_engine_wake(e);
}

/* False: there is more to do. */
static bool dissolve(pl_engine *e) {
  while (e->dissolving && pl_engine_in_time(e)) {
    pl_core *next = e->dissolving->next;
    if (pl_core_dissolve(&e->dissolving, DISSOLVE_STEP)) e->dissolving = next;
  }
  return !e->dissolving;
}

/* --- what the source tells */

static void close_tenure(pl_engine *e, pl_tenure **place) {
  pl_key channel = pl_key_wake(e->config->redis.prefix, (*place)->partition);
  channel.text[channel.n] = 0;
  e->ports.store->ops->unlisten(e->ports.store, channel.text);
  pl_tenure_close(e, place);
}

static void on_assign(void *ctx, const int32_t *partitions, size_t n, int32_t total) {
  pl_engine *e = ctx;
  if (e->drained) return;
  if (e->partitions && e->partitions != total) {
    pl_entry_refuse(e, e->partitions, total); /* what is still to be written goes where the others read it */
    return;
  }
  e->partitions = total;
  for (size_t i = 0; i < n; i++) {
    pl_tenure *t = pl_engine_tenure(e, partitions[i]);
    if (t && t->phase == PL_TENURE_FROZEN) pl_doubt_thaw(t);
    if (t) continue;
    pl_key channel = pl_key_wake(e->config->redis.prefix, partitions[i]);
    channel.text[channel.n] = 0;
    e->ports.store->ops->listen(e->ports.store, channel.text);
    pl_tenure_open(e, partitions[i]);
  }
  for (pl_tenure **place = &e->tenures; *place;) /* another's by now */
    if ((*place)->phase == PL_TENURE_FROZEN)
      close_tenure(e, place);
    else
      place = &(*place)->next_tenure;
  pl_engine_wake(e);
}

/* What was not flushed is replayed from the mark by whoever comes next; mostly that is us. */
static void on_revoke(void *ctx, bool lost) {
  pl_engine *e = ctx;
  (void)lost;
  for (pl_tenure **place = &e->tenures; *place;)
    if (pl_tenure_counts(*place) && (*place)->next >= 0) {
      pl_doubt_freeze(*place);
      place = &(*place)->next_tenure;
    } else {
      close_tenure(e, place);
    }
}

static bool on_slice(void *ctx) {
  pl_engine_turn(ctx);
  pl_engine_wake(ctx);
  return pl_records_settle(ctx);
}

static void on_followed(void *ctx, int32_t partition) {
  pl_engine *e = ctx;
  pl_tenure *t = pl_engine_tenure(e, partition);
  if (t) pl_tenure_on_followed(t);
}

static void on_recalled(void *ctx, int32_t partition, int64_t committed) {
  pl_tenure *t = pl_engine_tenure(ctx, partition);
  if (t) pl_commit_on_recalled(t, committed);
  if (t) pl_entry_on_recalled(t, committed);
}

static void on_complete(void *ctx, int32_t partition, int64_t next, pl_wall complete_to) {
  pl_tenure *t = pl_engine_tenure(ctx, partition);
  if (t && pl_records_settle(ctx)) pl_tenure_on_complete(t, next, complete_to);
}

static void on_outside(void *ctx, int32_t partition, int64_t asked, int64_t low, int64_t high) {
  pl_tenure *t = pl_engine_tenure(ctx, partition);
  if (t) pl_entry_on_outside(t, asked, low, high);
}

static void on_commit(void *ctx, bool accepted) { pl_commit_on_answer(ctx, accepted); }

static void on_produced(void *ctx, uint64_t token, bool delivered, const char *why) {
  pl_engine *e = ctx;
  if (!pl_outbox_produced(e->outbox, token, delivered, why) && !pl_voice_produced(e, token, delivered))
    pl_dead_produced(e, token, delivered, why);
  pl_engine_wake(e);
}

static void on_source_state(void *ctx, bool up, const char *text) {
  pl_engine *e = ctx;
  e->source_up = up;
  (void)snprintf(e->source_why, sizeof e->source_why, "%s", text ? text : "");
  pl_log(up ? PL_LOG_INFO : PL_LOG_WARN, "kafka.state", "%s",
         text && *text ? text
         : up          ? "connected"
                       : "not connected");
}

static void on_source_fatal(void *ctx, const char *text) {
  pl_engine *e = ctx;
  pl_log(PL_LOG_ERROR, "kafka.fatal", "%s", text);
  e->failed = true;
  pl_engine_drain(e);
}

static void on_source_closed(void *ctx) {
  pl_engine *e = ctx;
  while (e->tenures) close_tenure(e, &e->tenures);
  e->done = true;
}

/* --- what the store tells */

static void on_script(void *ctx, const pl_reply *reply) {
  pl_engine *e = ctx;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->s.n >= sizeof e->sha) {
    e->sha[0] = 0;
    if (reply) pl_log(PL_LOG_ERROR, "redis.script", "%.*s", (int)reply->s.n, reply->s.p);
    return;
  }
  memcpy(e->sha, reply->s.p, reply->s.n);
  e->sha[reply->s.n] = 0;
}

static void load_script(pl_engine *e) {
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 3);
  pl_resp_arg(&e->command, PL_STR("SCRIPT")), pl_resp_arg(&e->command, PL_STR("LOAD"));
  pl_resp_arg(&e->command, pl_str_of(pl_batch_script));
  e->ports.store->ops->send(e->ports.store, pl_buf_str(&e->command), on_script, e);
}

static void on_up(void *ctx) {
  pl_engine *e = ctx;
  e->store_up = true;
  pl_log(PL_LOG_INFO, "redis.state", "connected");
  load_script(e);
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure)
    if (pl_tenure_counts(t)) pl_outbox_wake(t);
  pl_engine_press(e);
  pl_engine_wake(e);
}

static void on_down(void *ctx, const char *why) {
  pl_engine *e = ctx;
  if (!e->store_up) return;
  pl_log(PL_LOG_WARN, "redis.state", "not connected: %s", why);
  e->store_up = false;
  e->sha[0] = 0;
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    pl_flush_lost(t);
    pl_tenure_doubt(t);
  }
  pl_engine_press(e);
}

static void on_message(void *ctx, pl_str channel, pl_str payload) {
  pl_engine *e = ctx;
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    pl_key mine = pl_key_wake(e->config->redis.prefix, t->partition);
    if (pl_str_eq(channel, pl_key_str(&mine))) pl_outbox_hear(t, payload);
  }
  pl_engine_wake(e);
}

/* --- life */

pl_status pl_engine_new(pl_engine **out, const pl_engine_ports *ports, pl_err *err) {
  pl_engine *e = PL_NEW(pl_engine);
  e->ports = *ports, e->config = ports->config, e->policy = &ports->config->policy;
  e->scratch = pl_arena_new(SCRATCH_BYTES);
  pl_buf_init(&e->command, 2 * (size_t)PL_BATCH_MAX);
  pl_batch_init(&e->batch);
  pl_view_init(&e->view, e->config->redis.prefix, pl_engine_home, e);
  e->teams = pl_facts_teams(e->policy);
  e->awaits = pl_awaits_new();
  e->gate = pl_gate_new(e), e->lanes = pl_lanes_new(e), e->outbox = pl_outbox_new(e);
  pl_status status = pl_almanac_new(&e->almanac, e->policy, ports->load_zone, ports->zone_ctx, err);
  if (status == PL_OK) status = pl_readers_new(&e->readers, e->config, err);
  if (status == PL_OK) e->intake = pl_intake_new(pl_readers_most(e->readers), pl_readers_json(e->readers));
  if (status != PL_OK) pl_engine_free(&e);
  *out = e;
  return status;
}

void pl_engine_free(pl_engine **engine) {
  pl_engine *e = *engine;
  if (!e) return;
  while (e->tenures) pl_tenure_close(e, &e->tenures);
  for (pl_core *next; e->dissolving; e->dissolving = next) {
    next = e->dissolving->next;
    pl_core_free(&e->dissolving);
  }
  pl_dead_forget(e, &e->letters);
  pl_reload_fini(&e->next);
  pl_intake_free(&e->intake);
  pl_lanes_free(&e->lanes), pl_outbox_free(&e->outbox), pl_gate_free(&e->gate);
  pl_readers_free(&e->readers);
  pl_awaits_free(&e->awaits);
  pl_teams_free(&e->teams);
  pl_almanac_free(&e->almanac);
  pl_view_fini(&e->view), pl_batch_fini(&e->batch);
  pl_buf_fini(&e->command);
  pl_arena_free(&e->scratch);
  PL_FREE(*engine);
}

pl_status pl_engine_start(pl_engine *e, pl_err *err) {
  const pl_store_handler store = {on_up, on_down, on_message, e};
  const pl_source_handler source = {
      on_assign,       on_revoke,       pl_engine_on_record, on_slice,  on_followed,
      on_complete,     on_outside,      on_recalled,         on_commit, on_produced,
      on_source_state, on_source_fatal, on_source_closed,    e};
  e->held = false;
  pl_status status = e->ports.store->ops->start(e->ports.store, &store, err);
  if (status == PL_OK) status = e->ports.source->ops->start(e->ports.source, &source, err);
  if (status == PL_OK) pl_engine_press(e);
  return status;
}

/* --- chores */

static void drain_chore(pl_engine *e) {
  if (!e->drained || e->closing) return;
  bool clean = true;
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure) clean &= pl_tenure_clean(t);
  if ((!clean && e->now.us < e->drain_by.us) || (clean && e->commit_asked && e->now.us < e->drain_by.us))
    return;
  if (!clean)
    pl_log(PL_LOG_WARN, "engine.drain", "not everything could be written; it is replayed at the next start");
  e->closing = true;
  e->ports.source->ops->close(e->ports.source);
}

static void sooner(pl_mono *next, pl_mono due) {
  if (due.us < next->us) *next = due;
}

pl_dur pl_engine_tick(pl_engine *e) {
  pl_engine_turn(e);
  (void)pl_records_settle(e);
  e->now = pl_engine_mono(e);
  pl_mono next = {e->now.us + LONGEST_US};
  if (!dissolve(e)) next = e->now;
  if (e->store_up && !*e->sha) load_script(e);
  pl_dead_tick(e, &e->letters);
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    pl_dead_tick(e, &t->letters);
    sooner(&next, pl_tenure_tick(t));
    sooner(&next, pl_tenure_advance(t));
    sooner(&next, pl_flush_tick(t));
    sooner(&next, pl_home_tick(t));
    sooner(&next, pl_average_tick(t));
    sooner(&next, pl_outbox_look(t));
    sooner(&next, pl_digests_tick(t));
  }
  sooner(&next, pl_await_tick(e));
  sooner(&next, pl_feed_tick(e));
  sooner(&next, pl_outbox_tick(e->outbox));
  sooner(&next, pl_lanes_tick(e->lanes));
  sooner(&next, pl_gate_tick(e->gate));
  if (e->next.config) pl_reload_tick(e);
  pl_commit_tick(e);
  drain_chore(e);
  pl_engine_press(e);
  if (e->drained) sooner(&next, (pl_mono){e->now.us + 10000});
  int64_t wait = next.us - e->now.us;
  return (pl_dur){wait <= 0 ? 0 : (wait + 999) / 1000};
}

void pl_engine_drain(pl_engine *e) {
  if (e->drained) return;
  pl_log(PL_LOG_INFO, "engine.drain", "stopping: no new records, writing what is there");
  e->drained = true;
  e->drain_by.us = pl_engine_mono(e).us + DRAIN_US;
  pl_engine_press(e);
  pl_engine_wake(e);
}

bool pl_engine_done(const pl_engine *e) { return e->done; }
bool pl_engine_failed(const pl_engine *e) { return e->failed; }
