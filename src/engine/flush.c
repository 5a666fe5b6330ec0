/* Flush: what changed goes to Redis in batches, and when all of them are acknowledged, the mark.
 *
 * A flush takes the lists of what is dirty and writes them down a few batches at a time; what changes
 * meanwhile waits for the next one. Batches keep their bytes until they are answered, so one whose answer was
 * lost is sent again as it was, but for the lease in its token: the first one may still be on its way, and
 * would undo what comes after the second. The next flush starts no sooner than the interval after this one
 * began, and no sooner after its end than it took: under load the interval lengthens by itself and Redis
 * keeps half its time for readers, but when a deadline has changed what is judged of somebody: they are
 * waiting to be told, and they are written first. Until a partition was at its end once, nobody waits for its
 * figures, and the interval is CATCH_UP times as long; nobody rests longer than REST_MAX intervals.
 *
 * The partitions take turns: one that has to write keeps the others from beginning, and while it waits for
 * answers the next one begins. So each is over soon, and what it writes is not old when it arrives. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/coverage.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "codec/view.h"
#include "engine/inside.h"

static const pl_mono NEVER = {INT64_MAX};
static const int64_t IDLE_MARK_US = 1000000, RETRY_US = 100000;
static const int64_t PUT_US = 600LL * 1000000; /* alerts are remembered for so long */
enum { SORTED_MAX = 10000, PENDING_MAX = 20000, CATCH_UP = 64, REST_MAX = 16 };

void pl_flush_init(pl_flush *f) {
  *f = (pl_flush){0};
  f->puts_end = &f->puts;
  for (size_t i = 0; i < PL_FLIGHTS; i++) pl_buf_init(&f->flights[i].command, 2 * (size_t)PL_BATCH_MAX);
}

/* --- alerts that were written lately */

static void forget_put(pl_flush *f) {
  pl_put *put = f->puts;
  f->puts = put->next;
  if (!f->puts) f->puts_end = &f->puts;
  f->nputs--;
  pl_alert_free(&put->alerts);
  PL_FREE(put);
}

static void remember(pl_flush *f, pl_subject *s, pl_mono now) {
  if (!s->told) return;
  pl_put *put = PL_NEW(pl_put);
  *put = (pl_put){NULL, s, s->told, now};
  s->told = NULL;
  *f->puts_end = put, f->puts_end = &put->next;
  f->nputs++;
  while (f->nputs > PL_PUTS_MAX || now.us - f->puts->at.us > PUT_US) forget_put(f);
}

static void put_again(pl_flush *f) {
  for (; f->puts; forget_put(f)) {
    pl_alert **end = &f->puts->alerts;
    while (*end) end = &(*end)->next;
    *end = f->puts->subject->told; /* before what is new */
    f->puts->subject->told = f->puts->alerts, f->puts->alerts = NULL;
  }
}

void pl_flush_fini(pl_flush *f) {
  while (f->puts) forget_put(f);
  for (size_t i = 0; i < PL_FLIGHTS; i++) pl_buf_fini(&f->flights[i].command);
}

static pl_flight *flight_in(const pl_flush *f, int state) {
  for (size_t i = 0; i < PL_FLIGHTS; i++)
    if ((int)f->flights[i].state == state) return (pl_flight *)&f->flights[i];
  return NULL;
}

static int64_t interval_us(const pl_tenure *t) { return t->engine->config->flush_interval.ms * 1000; }

static void finish(pl_tenure *t) {
  pl_flush *f = &t->flush;
  int64_t now = pl_engine_mono(t->engine).us, took = now - f->began.us;
  int64_t longest = interval_us(t) * REST_MAX;
  f->on = f->waits = f->owed = false;
  f->settled = f->current;
  if (f->notice) t->feed.due = f->notice = false;
  f->rested.us = now + (took < longest ? took : longest);
  t->mark = f->offset, t->marked = f->times;
  t->engine->stats.flushes++;
  t->engine->stats.flush_us_last = took;
}

/* Said once a cause; until a batch is taken again nothing more is read. */
static void refuse(pl_tenure *t, pl_log_level level, const pl_reply *reply) {
  char why[sizeof t->flush.refused];
  (void)snprintf(why, sizeof why, "%.*s", (int)reply->s.n, reply->s.p);
  if (strcmp(why, t->flush.refused) != 0)
    pl_log(level, "flush.refused", "partition %d: redis does not take a batch: %s", (int)t->partition, why);
  memcpy(t->flush.refused, why, sizeof why);
}

static void on_batch(pl_tenure *t, const pl_reply *reply, int64_t index) {
  pl_flush *f = &t->flush;
  pl_flight *flight = &f->flights[index];
  switch (pl_reply_class(reply)) {
  case PL_ANSWER_OK:
    if (pl_str_is(reply->s, "FENCED")) { /* by whom? or has Redis lost the mark? */
      flight->state = PL_FLIGHT_AGAIN;
      if (t->phase == PL_TENURE_LIVE) pl_tenure_doubt(t);
      return;
    }
    flight->state = PL_FLIGHT_FREE;
    f->batches++;
    f->refused[0] = 0;
    if (flight->carries == PL_FLIGHT_MARK) finish(t);
    pl_engine_wake(t->engine); /* what is next is written in a turn of its own */
    return;
  case PL_ANSWER_OPERATOR: refuse(t, PL_LOG_ERROR, reply); break;
  case PL_ANSWER_RETRY: refuse(t, PL_LOG_WARN, reply); break;
  case PL_ANSWER_UNKNOWN: break;
  }
  flight->state = PL_FLIGHT_AGAIN;
  f->retry.us = pl_engine_mono(t->engine).us + RETRY_US;
}

static void send(pl_tenure *t, pl_flight *flight) {
  flight->state = PL_FLIGHT_SENT;
  memcpy(flight->command.p + flight->lease_at, pl_token_lease(&t->owner), PL_LEASE_DIGITS);
  pl_tenure_ask(t, pl_buf_str(&flight->command), on_batch, flight - t->flush.flights);
}

static void dispatch(pl_tenure *t, pl_flight *flight, pl_batch *batch) {
  pl_key mark = pl_key_mark(pl_tenure_prefix(t), t->partition);
  pl_batch_begin(batch, "HINCRBY");
  pl_batch_arg(batch, pl_key_str(&mark)), pl_batch_text(batch, "batches"), pl_batch_text(batch, "1");
  pl_batch_end(batch);
  pl_buf_clear(&flight->command);
  pl_batch_finish(batch, pl_str_of(t->engine->sha), pl_key_str(&mark), pl_str_of(t->owner.text),
                  &flight->command);
  PL_ASSERT(!flight->command.full); /* the largest subject fits beside those of a quarter of it */
  flight->lease_at = flight->command.n - batch->body.n - strlen("\r\n") - PL_LEASE_DIGITS;
  t->engine->stats.batches++;
  send(t, flight);
}

static pl_wall view_time(const pl_tenure *t) {
  if (t->engine->config->clock == PL_CLOCK_WALL) return pl_engine_wall(t->engine);
  pl_wall now = pl_core_now(t->core);
  return now.ms == INT64_MIN ? pl_engine_wall(t->engine) : now;
}

/* The next that may be written, out of the list; NULL: those left wait for their letters. */
static pl_subject *take_ready(pl_flush *f) {
  for (pl_subject **at = &f->subjects; *at; at = &(*at)->next_dirty) {
    pl_subject *s = *at;
    if (s->letters) continue;
    *at = s->next_dirty;
    return s;
  }
  return NULL;
}

/* Parts go first, and what they are made of once they are there: a record says by its shape that its parts
 * stand as well. */
static bool parts_are_there(const pl_flush *f) {
  for (size_t i = 0; i < PL_FLIGHTS; i++)
    if (f->flights[i].state != PL_FLIGHT_FREE && f->flights[i].carries == PL_FLIGHT_PARTS) return false;
  return !f->shares;
}

static bool has_ready(const pl_flush *f) {
  const pl_subject *s = f->subjects;
  while (s && s->letters) s = s->next_dirty;
  return f->shares || (s && parts_are_there(f));
}

static void fill_subjects(pl_tenure *t, pl_batch *batch) {
  pl_flush *f = &t->flush;
  pl_engine *e = t->engine;
  pl_subject *s;
  for (int n = 0; n < PL_VIEWS_AT_ONCE && batch->body.n < PL_BATCH_MAX / 4 && (s = take_ready(f)); n++) {
    for (const pl_alert *a = s->told; a; a = a->next) e->stats.told[a->kind]++;
    pl_view_subject(&e->view, batch, s);
    remember(f, s, pl_engine_mono(e));
    pl_subject_written(s);
    e->stats.subjects++;
  }
}

static void fill(pl_tenure *t, pl_flight *flight) {
  pl_engine *e = t->engine;
  pl_batch_clear(&e->batch);
  e->view.now = view_time(t), e->view.wall = pl_engine_wall(e);
  flight->carries = t->flush.shares ? PL_FLIGHT_PARTS : PL_FLIGHT_SUBJECTS;
  if (t->flush.shares)
    pl_view_parts(&e->view, &e->batch, &t->flush.shares, t->partition, e->policy);
  else
    fill_subjects(t, &e->batch);
  pl_view_changed(&e->view, &e->batch);
  dispatch(t, flight, &e->batch);
}

static void write_mark(pl_tenure *t, pl_flight *flight) {
  pl_flush *f = &t->flush;
  char at[PL_ISO_MAX], field[PL_ID_MAX + 8];
  pl_key key = pl_key_mark(pl_tenure_prefix(t), t->partition);
  pl_batch *batch = &t->engine->batch;
  pl_batch_clear(batch);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key));
  pl_batch_text(batch, "offset"), pl_batch_int(batch, f->offset);
  pl_batch_text(batch, "at"), pl_batch_text(batch, pl_wall_iso(pl_engine_wall(t->engine), at));
  const struct {
    const char *name;
    pl_wall at;
  } times[] = {{"origin", f->times.origin}, {"complete_to", f->times.clock}, {"stamp", f->times.stamp}};
  for (size_t i = 0; i < PL_COUNT(times); i++)
    if (times[i].at.ms != INT64_MIN) pl_batch_text(batch, times[i].name), pl_batch_int(batch, times[i].at.ms);
  if (f->witness.offset >= 0) {
    pl_batch_text(batch, "last"), pl_batch_int(batch, f->witness.offset);
    pl_batch_text(batch, "last_stamp"), pl_batch_int(batch, f->witness.stamp.ms);
  }
  pl_buf_clear(&t->engine->view.scratch);
  pl_coverage_write(f->times.since, t->engine->policy, &t->engine->view.scratch);
  pl_batch_text(batch, "metrics"), pl_batch_arg(batch, pl_buf_str(&t->engine->view.scratch));
  for (size_t i = 0; i < t->engine->policy->nsources; i++) {
    pl_buf name = {field, 0, sizeof field, sizeof field, false};
    pl_buf_printf(&name, "heard:%s", t->engine->policy->sources[i]);
    pl_batch_arg(batch, pl_buf_str(&name)), pl_batch_int(batch, f->times.heard[i].ms);
  }
  pl_batch_end(batch);
  f->notice = t->feed.due;
  if (f->notice) pl_view_notice(&t->engine->view, batch, &t->feed.notice);
  flight->carries = PL_FLIGHT_MARK;
  dispatch(t, flight, batch);
}

/* Sends what there is to send, as there is time; the mark when nothing is left and nothing is in flight.
 * False: there was more to send. */
static bool pump(pl_tenure *t) {
  pl_flush *f = &t->flush;
  pl_engine *e = t->engine;
  if (!f->on || f->marking || !e->store_up || !*e->sha || t->phase != PL_TENURE_LIVE) return true;
  pl_flight *flight;
  if (pl_engine_mono(e).us >= f->retry.us)
    while ((flight = flight_in(f, PL_FLIGHT_AGAIN))) send(t, flight);
  while (has_ready(f) && (flight = flight_in(f, PL_FLIGHT_FREE))) {
    fill(t, flight);
    if (!pl_engine_in_time(e)) break;
  }
  f->waits = f->subjects && parts_are_there(f) && !has_ready(f);
  if (f->subjects || f->shares || flight_in(f, PL_FLIGHT_SENT) || flight_in(f, PL_FLIGHT_AGAIN))
    return !has_ready(f) || !flight_in(f, PL_FLIGHT_FREE);
  if (f->hollow) {
    f->on = f->hollow = false;
    return true;
  }
  f->marking = true;
  write_mark(t, &f->flights[0]);
  return true;
}

/* Those of whom something is told, or judged otherwise, before the others; but only among so many as a turn
 * has time for. */
static pl_subject *sort(pl_subject *all) {
  pl_subject *first = NULL, **end = &first, *others = NULL, **others_end = &others, *s = all;
  for (int n = 0; s && n < SORTED_MAX; s = s->next_dirty, n++) {
    pl_subject ***list = s->told || s->touched_goals ? &end : &others_end;
    **list = s, *list = &s->next_dirty;
  }
  *others_end = s, *end = others;
  return first;
}

static void start(pl_tenure *t, pl_mono now) {
  pl_flush *f = &t->flush;
  f->on = true, f->marking = false, f->began = now, f->current = pl_tenure_current(t);
  f->offset = pl_dead_gate(t);
  if (f->offset == t->next) f->witness = t->last;
  f->times = pl_core_times(t->core);
  f->subjects = sort(pl_core_take_subjects(t->core));
  f->shares = pl_core_take_shares(t->core);
}

/* When the next one is due; never: there is nothing to write. */
static pl_mono due_at(const pl_tenure *t) {
  const pl_flush *f = &t->flush;
  const pl_engine *e = t->engine;
  bool dirty = t->core->dirty_subjects || t->core->dirty_shares;
  bool moved =
      f->owed || pl_dead_gate(t) != t->mark || t->core->clock.ms != t->marked.clock.ms || t->feed.due;
  if ((!dirty && !moved) || t->next == PL_OFFSET_NONE) return NEVER; /* a mark needs an offset */
  if (t->core->npending > PENDING_MAX || e->drained || e->next.config) return (pl_mono){0};
  int64_t interval = interval_us(t) * (t->caught_up ? 1 : CATCH_UP);
  int64_t due = f->began.us + (dirty ? interval : IDLE_MARK_US);
  return due < f->rested.us && !t->core->urgent ? f->rested : (pl_mono){due};
}

/* Is another partition writing down what it has, or waiting to for longer? One that only waits for answers,
 * or cannot go on, keeps nobody waiting. */
static bool others_first(const pl_tenure *t, pl_mono now) {
  for (const pl_tenure *o = t->engine->tenures; o; o = o->next_tenure) {
    const pl_flush *f = &o->flush;
    if (o == t || o->phase != PL_TENURE_LIVE) continue;
    bool runs = f->on && has_ready(f) && !flight_in(f, PL_FLIGHT_AGAIN);
    if (runs || (!f->on && f->began.us < t->flush.began.us && due_at(o).us <= now.us)) return true;
  }
  return false;
}

pl_mono pl_flush_tick(pl_tenure *t) {
  pl_flush *f = &t->flush;
  pl_engine *e = t->engine;
  pl_mono now = pl_engine_mono(e);
  if (t->phase != PL_TENURE_LIVE || !e->store_up || !*e->sha) return NEVER;
  if (f->on) {
    pl_flight *again = flight_in(f, PL_FLIGHT_AGAIN);
    if (again && now.us < f->retry.us) return f->retry;
    if (!again || again->carries != PL_FLIGHT_MARK) return pump(t) ? NEVER : now;
    send(t, again);
    return NEVER;
  }
  pl_mono due = due_at(t);
  if (now.us < due.us) return due;
  if (others_first(t, now)) return NEVER; /* whose end wakes */
  start(t, now);
  return pump(t) ? NEVER : now;
}

void pl_flush_lost(pl_tenure *t) {
  for (size_t i = 0; i < PL_FLIGHTS; i++)
    if (t->flush.flights[i].state == PL_FLIGHT_SENT) t->flush.flights[i].state = PL_FLIGHT_AGAIN;
}

void pl_flush_rewrite(pl_tenure *t) {
  pl_flush *f = &t->flush;
  pl_core_touch_all(t->core);
  put_again(f);
  t->feed.due = t->feed.stale && t->feed.tells;
  f->batches = 0;
  if (f->marking) f->on = f->marking = false, f->flights[0].state = PL_FLIGHT_FREE;
  f->hollow = f->on;
  f->owed = true;
}
