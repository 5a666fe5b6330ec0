/* Digest job: one digest being made.
 *
 * First whether it was made already; then the teams, with who is in them; then their members, a few at a
 * time. Answers come in the order of the questions, so what an answer is about is known by its place. What
 * the builder (codec/digest.h) made of them is recorded in one step: the entry, what it took of the outbox,
 * and what it knew, for the one after it. If the answer to that is lost, all is done again, and the record
 * says that it is there. */
#include "engine/digest_job.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "codec/telling.h"
#include "engine/inside.h"
#include "engine/settle.h"

enum { WINDOW = 32 /* asked for at once */, PEOPLE_MAX = 20000, KNOWN_DAYS = 35 };
static const int64_t RETRY_US = 1000000;

/* In the order in which they are asked for. */
enum { BEFORE, OPEN, VIEW, SMALL_TEAM, MEMBERS };

struct pl_digest_job {
  pl_digest_job *next;
  pl_audience audience;
  char *who;
  const pl_zone *zone;
  int32_t day;
  pl_wall due;
  char **ids; /* owned: the teams, then the reps */
  size_t nteams, n, room;
  pl_map people;
  /* since it was begun */
  bool begun, checked, writes;
  uint32_t number;
  pl_digest *digest;
  size_t asked, answered;
  int part;                             /* of the next to be answered */
  pl_mono again;                        /* not before */
  uint32_t taken[PL_TELLING_LINES_MAX]; /* serials of what it was to take when it was written */
  size_t ntaken;
};

/* --- the list */

pl_digest_job *pl_digest_job_new(pl_digests *d, pl_audience audience, pl_str who, const pl_zone *zone,
                                 int32_t day, pl_wall due) {
  pl_digest_job *job = PL_NEW(pl_digest_job);
  job->audience = audience, job->who = pl_text_new(who), job->zone = zone, job->day = day, job->due = due;
  if (!d->first) d->end = &d->first;
  *d->end = job, d->end = &job->next;
  return job;
}

static void put(pl_digest_job *job, pl_str id) {
  if (job->n == job->room) {
    size_t room = job->room ? 2 * job->room : 16;
    job->ids = pl_resize(job->ids, job->room * sizeof *job->ids, room * sizeof *job->ids);
    job->room = room;
  }
  job->ids[job->n++] = pl_text_new(id);
}

void pl_digest_job_team(pl_digest_job *job, pl_str team) { put(job, team), job->nteams++; }
pl_wall pl_digest_job_due(const pl_digests *d) { return d->first->due; }

/* To what it was before it was begun. */
static void reset(pl_digest_job *job) {
  while (job->n > job->nteams) pl_text_free(&job->ids[--job->n]);
  pl_map_fini(&job->people), pl_map_init(&job->people);
  pl_digest_free(&job->digest);
  job->begun = job->checked = job->writes = false;
  job->asked = job->answered = 0, job->part = BEFORE;
}

void pl_digest_job_drop(pl_digests *d) {
  pl_digest_job *job = d->first;
  d->first = job->next;
  reset(job);
  while (job->n) pl_text_free(&job->ids[--job->n]);
  pl_release(job->ids, job->room * sizeof *job->ids);
  pl_map_fini(&job->people);
  pl_text_free(&job->who);
  PL_FREE(job);
}

/* --- asking */

static void ask(pl_tenure *t, const char *command, const pl_key *key, const char *field, pl_ask_fn *fn) {
  pl_buf *out = &t->engine->command;
  pl_buf_clear(out);
  pl_resp_begin(out, field ? 3 : 2);
  pl_resp_arg(out, pl_str_of(command)), pl_resp_arg(out, pl_key_str(key));
  if (field) pl_resp_arg(out, pl_str_of(field));
  pl_tenure_ask(t, pl_buf_str(out), fn, t->digests.first->number);
}

static bool is_team(const pl_digest_job *job, size_t i) { return i < job->nteams; }

static void on_answer(pl_tenure *t, const pl_reply *reply, int64_t number);

static void ask_of(pl_tenure *t, const pl_digest_job *job, size_t i) {
  char field[PL_ID_MAX + 8];
  pl_str id = pl_str_of(job->ids[i]);
  pl_key before = pl_key_digest(pl_tenure_prefix(t), pl_str_of(job->who));
  pl_key open = pl_key_open(pl_tenure_prefix(t), pl_engine_home(t->engine, id));
  (void)snprintf(field, sizeof field, "%s:%s", is_team(job, i) ? "team" : "rep", job->ids[i]);
  ask(t, "HGET", &before, field, on_answer), ask(t, "HGET", &open, field, on_answer);
  if (!is_team(job, i)) {
    pl_key view = pl_key_rep(pl_tenure_prefix(t), id);
    ask(t, "HGETALL", &view, NULL, on_answer);
    return;
  }
  pl_key large = pl_key_team(pl_tenure_prefix(t), id, false),
         small = pl_key_team(pl_tenure_prefix(t), id, true);
  pl_key members = pl_key_members(pl_tenure_prefix(t), id);
  ask(t, "HGETALL", &large, NULL, on_answer), ask(t, "HGETALL", &small, NULL, on_answer);
  ask(t, "HGETALL", &members, NULL, on_answer);
}

/* --- answers */

static void fail(pl_tenure *t) {
  reset(t->digests.first);
  t->digests.first->again.us = pl_engine_mono(t->engine).us + RETRY_US;
}

/* True: the answer is of a job that goes on. */
static bool is_mine(pl_tenure *t, const pl_reply *reply, int64_t number) {
  const pl_digest_job *job = t->digests.first;
  if (!job || !job->begun || job->number != number) return false;
  if (pl_reply_class(reply) == PL_ANSWER_OK) return true;
  fail(t);
  return false;
}

static void put_members(const pl_tenure *t, pl_digest_job *job, const char *team, pl_str ids) {
  for (const char *end; ids.n && (end = memchr(ids.p, '\n', ids.n));
       ids.n -= (size_t)(end + 1 - ids.p), ids.p = end + 1) {
    pl_str id = {ids.p, (size_t)(end - ids.p)};
    if (strcmp(pl_teams_manager(t->engine->teams, team, id), job->who) != 0) continue;
    if (pl_map_slot_of(&job->people, id) || job->n >= PEOPLE_MAX) continue;
    *pl_map_put(&job->people, id) = job;
    put(job, id);
  }
}

/* A team that only one of its members is led in is none of theirs. */
static bool is_own(const pl_tenure *t, const pl_digest_job *job, const char *team) {
  const pl_team *known = pl_teams_find(t->engine->teams, pl_str_of(team));
  return known && strcmp(known->manager, job->who) == 0;
}

static void take(const pl_tenure *t, pl_digest_job *job, const pl_reply *reply) {
  static const pl_reply nothing = {.kind = PL_REPLY_ARRAY};
  const char *id = job->ids[job->answered];
  bool team = is_team(job, job->answered), own = !team || is_own(t, job, id);
  pl_str text = reply->kind == PL_REPLY_TEXT ? reply->s : (pl_str){0};
  switch (job->part) {
  case BEFORE: pl_digest_before(job->digest, text); break;
  case OPEN: pl_digest_open(job->digest, text); break;
  case VIEW:
    if (!team || (own && reply->n)) pl_digest_take(job->digest, pl_str_of(id), team, reply);
    break;
  case SMALL_TEAM: pl_digest_take(job->digest, pl_str_of(id), team, own ? reply : &nothing); break;
  default:
    for (size_t i = 1; i < reply->n; i += 2) put_members(t, job, id, reply->items[i].s);
  }
  if (job->part++ < (team ? MEMBERS : VIEW)) return;
  job->part = BEFORE, job->answered++;
}

static void on_answer(pl_tenure *t, const pl_reply *reply, int64_t number) {
  pl_digest_job *job = t->digests.first;
  if (!is_mine(t, reply, number)) return;
  take(t, job, reply);
  if (job->part == BEFORE) pl_engine_wake(t->engine);
}

/* --- what it takes: until it is known whether it did, nothing else becomes of that */

static void take_one(pl_digest_job *job, pl_delivery *d) {
  d->stage = PL_CLOSING;
  job->taken[job->ntaken++] = d->serial;
}

static void give_back(const pl_tenure *t, pl_digest_job *job) {
  while (job->ntaken) {
    pl_delivery *d = pl_outbox_find(t->engine->outbox, job->taken[--job->ntaken]);
    if (d) d->stage = PL_OPEN, d->next = pl_engine_mono(t->engine), pl_outbox_stir(d);
  }
}

static void drop_taken(const pl_tenure *t, pl_digest_job *job) {
  while (job->ntaken) {
    pl_delivery *d = pl_outbox_find(t->engine->outbox, job->taken[--job->ntaken]);
    if (d) pl_outbox_drop(t->engine->outbox, d);
  }
}

/* --- recording it */

static void over(pl_tenure *t) {
  pl_digest_job *job = t->digests.first;
  char name[PL_ID_MAX + 16];
  int n = snprintf(name, sizeof name, "%s:%s", pl_audience_name(job->audience), job->who);
  *pl_map_put(&t->digests.made, (pl_str){name, (size_t)n}) = (void *)((intptr_t)job->day + 1);
  drop_taken(t, job);
  pl_outbox_taken(t, &(pl_digest_head){.audience = job->audience, .recipient = pl_str_of(job->who)});
  pl_digest_job_drop(&t->digests);
  pl_engine_wake(t->engine);
}

static void on_written(pl_tenure *t, const pl_reply *reply, int64_t number) {
  if (!is_mine(t, reply, number)) return;
  if (pl_str_is(reply->s, "FENCED")) {
    fail(t);
    if (t->phase == PL_TENURE_LIVE) pl_tenure_doubt(t);
    return;
  }
  over(t);
}

typedef struct {
  pl_tenure *tenure;
  const pl_digest_job *job;
  pl_delivery *taken[PL_TELLING_LINES_MAX];
  size_t n;
  const pl_key *known;
} record;

static void hold(void *ctx, pl_delivery *d) {
  record *r = ctx;
  if (d->audience != r->job->audience || strcmp(d->recipient, r->job->who) != 0) return;
  if (r->n < PL_TELLING_LINES_MAX) r->taken[r->n++] = d;
}

static void keep(void *ctx, pl_str whose, pl_str known) {
  const record *r = ctx;
  pl_batch *batch = &r->tenure->engine->batch;
  pl_batch_split(batch, "HSET", pl_key_str(r->known));
  pl_batch_arg(batch, whose), pl_batch_arg(batch, known);
}

static void put_known(record *r) {
  pl_batch *batch = &r->tenure->engine->batch;
  pl_batch_begin(batch, "DEL"), pl_batch_arg(batch, pl_key_str(r->known)), pl_batch_end(batch);
  pl_batch_begin(batch, "HSET"), pl_batch_arg(batch, pl_key_str(r->known));
  pl_batch_text(batch, ""), pl_batch_int(batch, r->job->day);
  pl_digest_each_known(r->job->digest, keep, r);
  pl_batch_end(batch);
  pl_batch_begin(batch, "EXPIRE"), pl_batch_arg(batch, pl_key_str(r->known));
  pl_batch_int(batch, KNOWN_DAYS * 86400), pl_batch_end(batch);
}

static pl_digest_head head_of(const pl_tenure *t, const pl_digest_job *job, char id[PL_ALERT_ID_MAX]) {
  char about[PL_ID_MAX + 64];
  const pl_team *team = job->nteams == 1 ? pl_teams_find(t->engine->teams, pl_str_of(job->ids[0])) : NULL;
  int n = snprintf(about, sizeof about, "digest/%s/%s/%d", pl_audience_name(job->audience), job->who,
                   (int)job->day);
  pl_str text = {about, (size_t)n};
  (void)snprintf(id, PL_ALERT_ID_MAX, "%016llx%016llx", (unsigned long long)pl_hash(text, 1),
                 (unsigned long long)pl_hash(text, 2));
  return (pl_digest_head){.id = id,
                          .audience = job->audience,
                          .recipient = pl_str_of(job->who),
                          .team = team ? pl_str_of(*team->name ? team->name : team->id) : (pl_str){0},
                          .day = job->day,
                          .due = job->due,
                          .until = pl_wall_s(pl_zone_instant(job->zone, job->day + 1, 0)),
                          .zone = job->zone};
}

static void write(pl_tenure *t, pl_digest_job *job) {
  pl_engine *e = t->engine;
  char id[PL_ALERT_ID_MAX], text[PL_ALERT_ID_MAX + PL_ID_MAX + 16];
  pl_key outbox = pl_key_outbox(pl_tenure_prefix(t), t->partition),
         todo = pl_key_todo(pl_tenure_prefix(t), t->partition),
         mark = pl_key_mark(pl_tenure_prefix(t), t->partition),
         known = pl_key_digest(pl_tenure_prefix(t), pl_str_of(job->who));
  record r = {.tenure = t, .job = job, .known = &known};
  pl_digest_head head = head_of(t, job, id);
  int n = snprintf(text, sizeof text, "%s:%s:%s", id, pl_audience_name(job->audience), job->who);
  pl_str name = {text, (size_t)n};
  pl_buf entry;
  pl_buf_init(&entry, PL_DIGEST_MAX);
  give_back(t, job);
  pl_outbox_each_waiting(e->outbox, t->partition, hold, &r);
  for (size_t i = 0; i < r.n; i++) pl_digest_hold(job->digest, pl_buf_str(&r.taken[i]->entry));
  pl_digest_write(job->digest, &head, &entry);
  pl_batch_clear(&e->batch);
  pl_batch_if_new(&e->batch, pl_key_str(&outbox), name, pl_buf_str(&entry));
  pl_batch_begin(&e->batch, "SADD"), pl_batch_arg(&e->batch, pl_key_str(&todo)),
      pl_batch_arg(&e->batch, name);
  pl_batch_end(&e->batch);
  for (size_t i = 0; i < r.n; i++) pl_settle_take(t, r.taken[i], &e->batch), take_one(job, r.taken[i]);
  if (job->audience == PL_TO_MANAGER) put_known(&r);
  pl_batch_if_end(&e->batch);
  pl_buf_clear(&e->command);
  pl_batch_finish(&e->batch, pl_str_of(e->sha), pl_key_str(&mark), pl_str_of(t->owner.text), &e->command);
  PL_ASSERT(!e->command.full && !entry.full); /* digest.c sees to it */
  pl_buf_fini(&entry);
  job->writes = true;
  pl_tenure_ask(t, pl_buf_str(&e->command), on_written, job->number);
}

/* --- */

static bool may_tell(void *ctx, const pl_post *concern) {
  const pl_engine *e = ctx;
  return !pl_gate_silences(e->gate, concern, pl_engine_wall(e));
}

/* Of today already? */
static void on_last(pl_tenure *t, const pl_reply *reply, int64_t number) {
  if (!is_mine(t, reply, number)) return;
  t->digests.first->checked = true;
  if (pl_reply_number(reply, INT64_MIN) == t->digests.first->day)
    over(t);
  else
    pl_engine_wake(t->engine);
}

static void begin(pl_tenure *t, pl_digest_job *job, pl_wall now) {
  pl_key known = pl_key_digest(pl_tenure_prefix(t), pl_str_of(job->who));
  job->begun = true, job->number = ++t->digests.numbers;
  job->digest = pl_digest_new(t->engine->policy, now, may_tell, t->engine);
  job->checked = job->audience != PL_TO_MANAGER;
  if (!job->checked) ask(t, "HGET", &known, "", on_last);
}

pl_mono pl_digest_job_tick(pl_tenure *t) {
  pl_digest_job *job = t->digests.first;
  const pl_engine *e = t->engine;
  bool wall = e->config->clock == PL_CLOCK_WALL;
  pl_wall now = wall ? pl_engine_wall(e) : pl_core_now(t->core);
  if (pl_engine_mono(e).us < job->again.us) return job->again;
  if (!job->begun && pl_zone_day(job->zone, pl_seconds(now)) != job->day) {
    give_back(t, job), pl_digest_job_drop(&t->digests); /* that day is over */
    return pl_engine_mono(e);
  }
  if (!job->begun) begin(t, job, now);
  if (!job->checked || job->writes) return (pl_mono){INT64_MAX};
  while (job->asked < job->n && job->asked - job->answered < WINDOW) ask_of(t, job, job->asked++);
  if (job->answered == job->n) write(t, job);
  return (pl_mono){INT64_MAX};
}
