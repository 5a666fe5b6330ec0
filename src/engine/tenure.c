/* Tenure: the time during which a partition is ours.
 *
 * Claim first, then read: once our token stands in the mark, nobody else can write, so what is read
 * afterwards is the last word of the former owner. Then roster and goals to their end, then the recorded
 * subjects; then the core begins, and the activities flow from the mark. Whatever goes wrong on the way, it
 * starts over from the claim.
 *
 *   claiming -> facts -> recalling -> loading -> live   (recalling only where there is no mark)
 *   facts, recalling, loading -> claiming      the store was away
 *   live -> asking              the store was away, or calls us fenced: nothing is written meanwhile
 *   live, asking, proving -> frozen -> asking  the group took it away, and gave it back
 *   asking -> live              the mark is ours and counts every batch that was acknowledged
 *   asking -> claiming          it does not: Redis lost its tail, and where it stands is where to go on
 *   asking -> live              ...or nowhere, or where the log reaches no longer: memory is written
 *   asking -> proving -> live   no mark: once Kafka has confirmed the partition, memory is written
 *   asking, proving -> fenced -> claiming      another's token; from the beginning if Kafka confirms
 *   recalling, loading, live -> held           an operator must decide, or the store was away
 *   any but asking, proving, frozen -> claiming   another configuration (reload.c)
 *
 * One table says what each phase does; whoever changes the phase leaves the doing to the next tick. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/coverage.h"
#include "codec/keys.h"
#include "codec/record.h"
#include "codec/resp.h"
#include "engine/inside.h"

/* KEYS: mark, meta. ARGV: random, partitions, version, sources. -> {token, offset, batches, last, last_stamp,
 * origin, complete_to, stamp, what each source has said} or an error. */
static const char CLAIM[] =
    "local had = redis.call('HGET', KEYS[2], 'partitions')\n"
    "if had and had ~= ARGV[2] then return redis.error_reply('PARTITIONS ' .. had) end\n"
    "local token = redis.call('HINCRBY', KEYS[1], 'epoch', 1) .. '-' .. ARGV[1]\n"
    "redis.call('HSET', KEYS[1], 'owner', token, 'partitions', ARGV[2])\n"
    "redis.call('HSET', KEYS[2], 'contract', '1', 'partitions', ARGV[2], 'version', ARGV[3])\n"
    "local mark = redis.call('HMGET', KEYS[1], 'offset', 'batches', 'last', 'last_stamp', 'origin',\n"
    "  'complete_to', 'stamp', 'metrics')\n"
    "local all = {token, unpack(mark)}\n"
    "for i = 4, #ARGV do all[i + 6] = redis.call('HGET', KEYS[1], 'heard:' .. ARGV[i]) end\n"
    "return all\n";
enum { CLAIMED = 9 };
static const int64_t RETRY_US = 200000, RECENT_US = 2000000;

/* --- asking */

typedef struct {
  pl_engine *engine;
  int32_t partition;
  uint32_t serial;
  pl_ask_fn *fn;
  int64_t arg;
} question;

static void on_answer(void *ctx, const pl_reply *reply) {
  question q = *(question *)ctx;
  pl_release(ctx, sizeof q);
  if (reply && reply->kind == PL_REPLY_ERROR && reply->s.n > 8 && memcmp(reply->s.p, "NOSCRIPT", 8) == 0)
    q.engine->sha[0] = 0; /* the tick loads it again */
  pl_tenure *t = pl_engine_tenure(q.engine, q.partition);
  if (t && t->serial == q.serial) q.fn(t, reply, q.arg);
}

void pl_tenure_ask(pl_tenure *t, pl_str command, pl_ask_fn *fn, int64_t arg) {
  question *q = PL_NEW(question);
  *q = (question){t->engine, t->partition, t->serial, fn, arg};
  t->engine->ports.store->ops->send(t->engine->ports.store, command, on_answer, q);
}

/* The answer was no answer: the phase acts once more. */
void pl_tenure_later(pl_tenure *t) { t->due.us = pl_engine_mono(t->engine).us + RETRY_US; }

void pl_tenure_enter(pl_tenure *t, pl_phase phase) {
  t->phase = phase, t->due.us = 0, t->proof = PL_PROOF_NONE;
  if (phase == PL_TENURE_LIVE && t->astray) pl_entry_go_on(t);
  if (phase != PL_TENURE_ASKING && phase != PL_TENURE_PROVING) t->astray = false;
  pl_engine_wake(t->engine);
}

void pl_tenure_hold(pl_tenure *t, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(t->held, sizeof t->held, fmt, args);
  va_end(args);
  t->engine->ports.source->ops->consume(t->engine->ports.source, t->partition, PL_OFFSET_NONE);
  pl_tenure_enter(t, PL_TENURE_HELD);
  pl_log(PL_LOG_ERROR, "tenure.held", "partition %d: %s", (int)t->partition, t->held);
}

/* --- the facts that the configuration holds */

static bool is_home(void *ctx, pl_str id) {
  const pl_tenure *t = ctx;
  return pl_engine_home(t->engine, id) == t->partition;
}

static void put_configured(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_err why = {""};
  size_t left_out = pl_facts_configured(t->core, e->policy, e->teams, is_home, t, &why);
  if (left_out)
    pl_log(PL_LOG_WARN, "facts.goals", "%zu goals of the configuration left out: %s", left_out, why.text);
  e->stats.bad_facts += (int64_t)left_out;
}

void pl_tenure_teach(pl_tenure *t, const pl_team *team) {
  if (t->core) pl_core_put_team(t->core, team);
  t->home.all = true;
}

/* --- claim, facts, state, begin */

static void begin(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_core_begin(t->core, t->marked);
  pl_tenure_enter(t, PL_TENURE_LIVE);
  t->home.all = true;
  t->flush.began = pl_engine_mono(e);
  pl_entry_begin(t);
  pl_outbox_wake(t);
  pl_log(PL_LOG_INFO, "tenure", "partition %d: ours as %s, from offset %lld, %lld subjects",
         (int)t->partition, t->owner.text, (long long)t->mark,
         (long long)pl_core_stats_of(t->core)->subjects);
}

static pl_status restore(pl_tenure *t, pl_str name, pl_str record, pl_err *err) {
  if (name.n < 3 || name.p[1] != ':') return pl_fail(err, PL_REJECT, "a state field without a kind");
  pl_subject *s = pl_core_subject(t->core, (pl_str){name.p + 2, name.n - 2}, name.p[0] == 't');
  return pl_record_decode(s, record, err);
}

static void on_state(pl_tenure *t, const pl_reply *reply, int64_t bucket) {
  if (t->phase != PL_TENURE_LOADING) return;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY) {
    pl_tenure_start_over(t); /* a half-read state is worth nothing */
    pl_tenure_later(t);
    return;
  }
  for (size_t i = 0; i + 1 < reply->n; i += 2) {
    pl_err err = {""};
    if (restore(t, reply->items[i].s, reply->items[i + 1].s, &err) == PL_OK) continue;
    pl_tenure_hold(t, "state bucket %lld: %.150s", (long long)bucket, err.text);
    return;
  }
}

/* What was read since the claim is the state that belongs to the mark, unless Redis was emptied in between.
 */
static void on_owner(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (t->phase != PL_TENURE_LOADING) return;
  if (pl_reply_class(reply) == PL_ANSWER_OK && pl_str_is(reply->s, t->owner.text)) {
    begin(t);
  } else {
    pl_tenure_start_over(t);
    pl_tenure_later(t);
  }
}

void pl_tenure_load(pl_tenure *t) {
  pl_tenure_enter(t, PL_TENURE_LOADING);
  for (int b = 0; b < PL_STATE_BUCKETS; b++) {
    pl_key key = pl_key_state(pl_tenure_prefix(t), t->partition, b);
    pl_buf_clear(&t->engine->command);
    pl_resp_begin(&t->engine->command, 2);
    pl_resp_arg(&t->engine->command, PL_STR("HGETALL")), pl_resp_arg(&t->engine->command, pl_key_str(&key));
    pl_tenure_ask(t, pl_buf_str(&t->engine->command), on_state, b);
  }
  pl_key mark = pl_key_mark(pl_tenure_prefix(t), t->partition);
  pl_buf_clear(&t->engine->command);
  pl_resp_begin(&t->engine->command, 3);
  pl_resp_arg(&t->engine->command, PL_STR("HGET")), pl_resp_arg(&t->engine->command, pl_key_str(&mark));
  pl_resp_arg(&t->engine->command, PL_STR("owner"));
  pl_tenure_ask(t, pl_buf_str(&t->engine->command), on_owner,
                0); /* answers come in order: this one is the last */
}

static void leave_facts(pl_tenure *t) {
  pl_source *source = t->engine->ports.source;
  if (t->mark >= 0) {
    pl_tenure_load(t);
    return;
  }
  pl_tenure_enter(t, PL_TENURE_RECALLING);
  source->ops->recall(source, t->partition);
}

void pl_tenure_on_followed(pl_tenure *t) {
  t->followed = true;
  if (t->phase == PL_TENURE_FACTS) leave_facts(t);
}

/* Since when a metric is counted that was not before: whatever happens after what was counted last. */
static pl_wall fresh(const pl_tenure *t) {
  pl_wall counted = pl_later(t->marked.clock, t->marked.stamp);
  if (t->mark >= 0 && counted.ms != INT64_MIN)
    return pl_wall_plus(counted, t->engine->policy->future_tolerance);
  const pl_config *c = t->engine->config;
  bool latest = c->kafka.start == PL_START_LATEST && c->clock == PL_CLOCK_WALL;
  return latest ? pl_engine_wall(t->engine) : (pl_wall){0};
}

static void on_claim(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (!reply) {
    pl_tenure_later(t);
    return;
  }
  if (reply->kind == PL_REPLY_ERROR && reply->s.n > 11 && memcmp(reply->s.p, "PARTITIONS ", 11) == 0) {
    int64_t had = 0;
    (void)pl_str_int((pl_str){reply->s.p + 11, reply->s.n - 11}, &had);
    pl_entry_refuse(t->engine, (int32_t)had, t->engine->partitions);
    return;
  }
  if (reply->kind != PL_REPLY_ARRAY || reply->n != CLAIMED + t->engine->policy->nsources ||
      !pl_token_take(&t->owner, reply->items[0].s)) {
    pl_log(PL_LOG_WARN, "tenure.claim", "partition %d: %.*s", (int)t->partition, (int)reply->s.n, reply->s.p);
    pl_tenure_later(t);
    return;
  }
  t->mark = t->committed = pl_reply_number(&reply->items[1], PL_OFFSET_NONE);
  t->flush.batches = pl_reply_number(&reply->items[2], 0);
  t->last.offset = pl_reply_number(&reply->items[3], PL_OFFSET_NONE);
  pl_wall *times[] = {&t->last.stamp, &t->marked.origin, &t->marked.clock, &t->marked.stamp};
  for (size_t i = 0; i < PL_COUNT(times); i++)
    times[i]->ms = pl_reply_number(&reply->items[4 + i], INT64_MIN);
  t->flush.witness = t->last;
  pl_coverage_read(t->marked.since, t->engine->policy,
                   reply->items[8].kind == PL_REPLY_TEXT ? reply->items[8].s : (pl_str){0}, fresh(t));
  for (size_t i = 0; i < t->engine->policy->nsources; i++)
    t->marked.heard[i].ms = pl_reply_number(&reply->items[CLAIMED + i], 0);
  pl_tenure_enter(t, PL_TENURE_FACTS);
  if (t->followed) leave_facts(t);
}

void pl_tenure_script(pl_tenure *t, const char *text, pl_str first, pl_ask_fn *fn) {
  pl_engine *e = t->engine;
  pl_key mark = pl_key_mark(pl_tenure_prefix(t), t->partition), meta = pl_key_meta(pl_tenure_prefix(t));
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 8 + e->policy->nsources);
  pl_resp_arg(&e->command, PL_STR("EVAL")), pl_resp_arg(&e->command, pl_str_of(text));
  pl_resp_arg_int(&e->command, 2);
  pl_resp_arg(&e->command, pl_key_str(&mark)), pl_resp_arg(&e->command, pl_key_str(&meta));
  pl_resp_arg(&e->command, first), pl_resp_arg_int(&e->command, e->partitions);
  pl_resp_arg(&e->command, PL_STR(PACELINE_VERSION));
  for (size_t i = 0; i < e->policy->nsources; i++) pl_resp_arg(&e->command, pl_str_of(e->policy->sources[i]));
  pl_tenure_ask(t, pl_buf_str(&e->command), fn, 0);
}

static void claim(pl_tenure *t) {
  if (!t->taught) put_configured(t);
  t->taught = true;
  char random[56];
  (void)snprintf(random, sizeof random, "%llx-%x-%x/%0*x",
                 (unsigned long long)pl_hash((pl_str){(const char *)&t->serial, sizeof t->serial},
                                             (uint64_t)pl_engine_mono(t->engine).us),
                 (unsigned)getpid(), (unsigned)t->serial, PL_LEASE_DIGITS, (unsigned)t->leases);
  pl_tenure_script(t, CLAIM, pl_str_of(random), on_claim);
}

/* Everything that an earlier attempt knew is dropped. */
void pl_tenure_start_over(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_records_forget(e, t);
  t->serial = ++e->serials;
  pl_flush_fini(&t->flush);
  pl_dead_forget(e, &t->letters);
  pl_engine_dissolve(e, &t->core);
  pl_outbox_forget(e->outbox, t->partition);
  pl_await_forget(e, t->partition);
  pl_flush_init(&t->flush);
  pl_digests_fini(&t->digests);
  t->home = (pl_home){0}, t->average = (pl_average){0}, t->feed = (pl_feed){0}, t->todo = (pl_todo){0};
  t->core = pl_core_new(e->policy, e->almanac, e->teams, t->partition);
  t->followed = t->caught_up = false;
  t->held[0] = 0;
  t->mark = t->committed = PL_OFFSET_NONE, t->taken = t->next = t->last.offset = PL_OFFSET_NONE;
  t->marked = pl_times_at(PL_BEGINNING), t->known = PL_BEGINNING;
  t->taught = false;
  e->ports.source->ops->consume(e->ports.source, t->partition, PL_OFFSET_NONE);
  e->ports.source->ops->follow(e->ports.source, t->partition);
  pl_tenure_enter(t, PL_TENURE_CLAIMING);
}

void pl_tenure_restart(pl_tenure *t) {
  pl_phase phase = t->phase;
  pl_proof proof = t->proof;
  int64_t mark = t->mark; /* what proves it is not less than was committed */
  pl_tenure_start_over(t);
  if (phase == PL_TENURE_FENCED) pl_tenure_enter(t, phase), t->proof = proof, t->mark = mark;
}

void pl_tenure_open(pl_engine *e, int32_t partition) {
  pl_tenure *t = PL_NEW(pl_tenure);
  t->engine = e, t->partition = partition;
  t->next_tenure = e->tenures;
  e->tenures = t;
  pl_tenure_start_over(t);
}

void pl_tenure_close(pl_engine *e, pl_tenure **place) {
  pl_tenure *t = *place;
  *place = t->next_tenure;
  pl_records_forget(e, t);
  pl_dead_forget(e, &t->letters);
  pl_outbox_forget(e->outbox, t->partition);
  pl_await_forget(e, t->partition);
  pl_flush_fini(&t->flush);
  pl_digests_fini(&t->digests);
  pl_engine_dissolve(e, &t->core);
  pl_release(t, sizeof *t);
}

/* --- the phases */

static const struct {
  const char *word;
  bool counts;               /* takes records */
  bool needs_proof;          /* acts only once Kafka has confirmed that the partition is ours */
  bool drains;               /* acts also when no new work is begun */
  bool resets;               /* when the store was away, it begins anew */
  void (*act)(pl_tenure *t); /* with the store up, when it is due; NULL: it waits for the source */
} phases[] = {
    [PL_TENURE_CLAIMING] = {.word = "claiming", .act = claim},
    [PL_TENURE_FACTS] = {.word = "reading roster and goals", .resets = true},
    [PL_TENURE_RECALLING] = {.word = "asking Kafka whether it was counted before", .resets = true},
    [PL_TENURE_LOADING] = {.word = "reading recorded state", .resets = true},
    [PL_TENURE_LIVE] = {.word = "live", .counts = true},
    [PL_TENURE_ASKING] = {.word = "reading its mark again",
                          .counts = true,
                          .drains = true,
                          .act = pl_doubt_ask},
    [PL_TENURE_PROVING] = {.word = "redis has lost its mark; waiting for Kafka to confirm that it is ours",
                           .counts = true,
                           .needs_proof = true,
                           .drains = true,
                           .act = pl_doubt_reclaim},
    [PL_TENURE_FENCED] = {.word = "fenced: another process has claimed it",
                          .needs_proof = true,
                          .act = pl_tenure_start_over},
    [PL_TENURE_FROZEN] = {.word = "waiting for the group to say whose it is"},
    [PL_TENURE_HELD] = {.word = "held", .resets = true},
};

bool pl_tenure_counts(const pl_tenure *t) { return phases[t->phase].counts; }
bool pl_tenure_needs_proof(const pl_tenure *t) { return phases[t->phase].needs_proof; }
const char *pl_tenure_word(const pl_tenure *t) { return *t->held ? t->held : phases[t->phase].word; }

pl_mono pl_tenure_tick(pl_tenure *t) {
  const pl_engine *e = t->engine;
  const pl_mono never = {INT64_MAX};
  if (!phases[t->phase].act || !e->store_up || (e->drained && !phases[t->phase].drains)) return never;
  if (phases[t->phase].needs_proof && t->proof != PL_PROOF_GIVEN) return never;
  if (pl_engine_mono(e).us < t->due.us) return t->due;
  if (t->phase == PL_TENURE_CLAIMING && (e->dissolving || !pl_engine_in_time(e)))
    return pl_engine_mono(e); /* one after the other */
  t->due = never;
  phases[t->phase].act(t);
  return t->due;
}

void pl_tenure_doubt(pl_tenure *t) {
  t->home.asked = t->home.asks = t->home.known = t->todo.asked = false, t->home.all = true;
  if (phases[t->phase].counts)
    pl_tenure_enter(t, PL_TENURE_ASKING);
  else if (phases[t->phase].resets)
    pl_tenure_start_over(t);
  else
    t->due.us = 0;
}

void pl_tenure_on_complete(pl_tenure *t, int64_t next, pl_wall complete_to) {
  if (!pl_tenure_counts(t)) return;
  if (next < t->next) {
    pl_entry_on_short(t);
    return;
  }
  pl_engine *e = t->engine;
  t->taken = t->next = next;
  t->caught_up = true, t->ended = pl_engine_mono(e);
  if (!pl_feed_speaks(e)) return;
  pl_wall seen = e->config->clock == PL_CLOCK_WALL ? complete_to : t->core->stamp;
  if (seen.ms == INT64_MIN) return;
  t->known = pl_wall_minus(seen, e->policy->source_delay);
  pl_engine_wake(e);
}

/* Deadlines fire as far as everything is known, and as there is time. */
pl_mono pl_tenure_advance(pl_tenure *t) {
  pl_engine *e = t->engine;
  while (pl_tenure_counts(t) && t->known.ms != INT64_MIN) {
    size_t budget = PL_FIRE_STEP;
    if (pl_core_advance(t->core, t->known, &budget)) break;
    if (!pl_engine_in_time(e)) return e->turn_ends;
  }
  return (pl_mono){INT64_MAX};
}

bool pl_tenure_current(const pl_tenure *t) {
  return t->caught_up && pl_engine_mono(t->engine).us - t->ended.us < RECENT_US &&
         !pl_before(t->core->clock, pl_earlier(t->known, pl_core_heard(t->core)));
}

bool pl_tenure_clean(const pl_tenure *t) {
  return !pl_tenure_counts(t) || t->next == PL_OFFSET_NONE || /* nothing was read */
         (!t->flush.on && !t->core->dirty_subjects && !t->core->dirty_shares && !t->flush.owed &&
          t->mark >= pl_dead_gate(t));
}
