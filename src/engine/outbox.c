/* Outbox: alerts whose recipient's home is here, on their way to endpoints.
 *
 * The record is pl:outbox:<home>: an entry is put there in the same step as the state that caused it, with
 * its name in pl:todo:<home> until it is delivered. This room only works through that list; what a
 * delivery does is delivery.c's, and what became of it is written down in settle.c. While a partition still
 * catches up on the wall clock its old alerts wait: what has healed meanwhile is recorded, not told. */
#include <stddef.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "engine/delivery.h"
#include "engine/gate.h"
#include "engine/inside.h"
#include "engine/settle.h"

enum { DELIVERIES_MAX = 50000, LISTED_AT_ONCE = 1000, SWEEP_MOST = 500 };
static const int64_t EVERY_US = 1000000, SWEEP_US = 600000000, SOON_US = 100000;
static const int64_t TOGETHER_US = 20000; /* what is told to one at about the same instant is one message */
static const int64_t RETRY_US = 1000000;
/* KEYS: mark, done, outbox. ARGV: owner, now, how many. -> how many were removed. */
static const char SWEEP[] =
    "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end\n"
    "local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])\n"
    "for _, name in ipairs(old) do redis.call('HDEL', KEYS[3], name) redis.call('ZREM', KEYS[2], name) end\n"
    "return #old\n";

struct pl_outbox {
  pl_engine *engine;
  pl_map by_name, by_serial; /* -> pl_delivery, owned */
  pl_map by_home;            /* -> the first of its deliveries, or NULL: what is forgotten are these */
  pl_twins twins;
  pl_heap due; /* those that have something to do at a time; the others await an answer */
  uint32_t serials;
};

pl_outbox *pl_outbox_new(pl_engine *engine) {
  pl_outbox *o = PL_NEW(pl_outbox);
  o->engine = engine;
  return o;
}

static pl_str serial_of(const uint32_t *serial) { return (pl_str){(const char *)serial, sizeof *serial}; }
static pl_str home_of(const int32_t *home) { return (pl_str){(const char *)home, sizeof *home}; }

pl_delivery *pl_outbox_find(const pl_outbox *o, uint32_t serial) {
  return pl_map_find(&o->by_serial, serial_of(&serial));
}

static void enlist(pl_outbox *o, pl_delivery *d) {
  void **first = pl_map_put(&o->by_home, home_of(&d->home));
  d->after = *first, *first = d;
  if (d->after) d->after->before = d;
}

static void unlist(pl_outbox *o, pl_delivery *d) {
  if (d->after) d->after->before = d->before;
  if (d->before)
    d->before->after = d->after;
  else
    *pl_map_put(&o->by_home, home_of(&d->home)) = d->after;
}

void pl_outbox_drop(pl_outbox *o, pl_delivery *d) {
  pl_heap_arm(&o->due, &d->timer, PL_NEVER);
  pl_twins_leave(&o->twins, d), unlist(o, d);
  pl_map_drop(&o->by_serial, serial_of(&d->serial));
  pl_map_drop(&o->by_name, pl_delivery_name(d));
  pl_delivery_fini(d);
  PL_FREE(d);
}

void pl_outbox_forget(pl_outbox *o, int32_t home) {
  for (pl_delivery *d; (d = pl_map_find(&o->by_home, home_of(&home)));) pl_outbox_drop(o, d);
}

void pl_outbox_free(pl_outbox **outbox) {
  pl_outbox *o = *outbox;
  if (!o) return;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&o->by_home, s));)
    while (s->value) pl_outbox_drop(o, s->value);
  pl_map_fini(&o->by_name), pl_map_fini(&o->by_serial), pl_map_fini(&o->by_home), pl_map_fini(&o->twins);
  pl_heap_fini(&o->due);
  PL_FREE(*outbox);
}

/* The heap orders instants, of whatever clock they are. */
void pl_outbox_stir(pl_delivery *d) {
  pl_heap_arm(&d->engine->outbox->due, &d->timer, (pl_wall){d->next.us});
}

size_t pl_outbox_waiting(const pl_outbox *o) { return o->by_name.n; }
const pl_twins *pl_outbox_twins(const pl_outbox *o) { return &o->twins; }

/* --- reading the list, and its entries */

static bool is_open(const char *status) {
  return strcmp(status, "queued") == 0 || strcmp(status, "held") == 0;
}

static void on_entry(pl_tenure *t, const pl_reply *reply, int64_t serial) {
  pl_outbox *o = t->engine->outbox;
  pl_delivery *d = pl_outbox_find(o, (uint32_t)serial);
  if (!d || d->stage != PL_READING) return;
  pl_post *post = NULL;
  pl_err err;
  bool known = pl_reply_class(reply) == PL_ANSWER_OK;
  d->next.us = pl_engine_mono(t->engine).us + (known ? 0 : RETRY_US);
  pl_outbox_stir(d);
  if (!known) {
    d->stage = PL_LISTED;
    return;
  }
  bool there = reply->kind == PL_REPLY_TEXT;
  d->stage = PL_OVER, d->fate = there ? PL_FATE_PARKED : PL_FATE_GONE;
  if (there) pl_buf_init(&d->entry, reply->s.n), pl_buf_str_put(&d->entry, reply->s);
  if (!there) {
    pl_log(PL_LOG_WARN, "outbox.entry", "%s: the entry is gone", d->name);
  } else if (pl_post_read(&post, reply->s, &err) != PL_OK) {
    pl_log(PL_LOG_ERROR, "outbox.entry", "%s: %s", d->name, err.text);
  } else if (!is_open(pl_post_text(post, "status"))) {
    d->fate = PL_FATE_SETTLED; /* the list was read before it was settled */
  } else {
    pl_delivery_open(d, post);
    pl_twins_join(&o->twins, d, post);
  }
  pl_post_free(&post);
  pl_engine_wake(t->engine);
}

static void read_entry(pl_tenure *t, pl_delivery *d) {
  pl_engine *e = t->engine;
  pl_key key = pl_key_outbox(e->config->redis.prefix, t->partition);
  d->stage = PL_READING;
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 3);
  pl_resp_arg(&e->command, PL_STR("HGET")), pl_resp_arg(&e->command, pl_key_str(&key));
  pl_resp_arg(&e->command, pl_delivery_name(d));
  pl_tenure_ask(t, pl_buf_str(&e->command), on_entry, d->serial);
}

static void list(pl_outbox *o, const pl_tenure *t, pl_str name, pl_mono next) {
  if (o->by_name.n >= DELIVERIES_MAX) return;
  void **place = pl_map_put(&o->by_name, name);
  if (*place) return;
  pl_delivery *d = *place = PL_NEW(pl_delivery);
  d->engine = o->engine, d->home = t->partition, d->serial = ++o->serials, d->next = next;
  d->name = pl_alloc(name.n + 1), d->name_len = name.n;
  memcpy(d->name, name.p, name.n);
  *pl_map_put(&o->by_serial, serial_of(&d->serial)) = d;
  enlist(o, d), pl_outbox_stir(d);
}

/* A cursor, 0 at the end, and names. */
static void on_todo(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  pl_outbox *o = t->engine->outbox;
  int64_t cursor;
  t->todo.asked = false, t->todo.cursor = 0;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY || reply->n != 2 ||
      !pl_str_int(reply->items[0].s, &cursor))
    return;
  const pl_reply *names = &reply->items[1];
  for (size_t i = 0; i < names->n; i++) list(o, t, names->items[i].s, (pl_mono){0});
  if (o->by_name.n >= DELIVERIES_MAX) cursor = 0;
  t->todo.cursor = (uint64_t)cursor;
  if (cursor) t->todo.next.us = 0; /* there are more */
  pl_engine_wake(t->engine);
}

static void on_recalled(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  t->todo.asked = false, t->todo.next.us = 0;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY) return;
  t->todo.recalled = true;
  for (size_t i = 1; i < reply->n; i += 2)
    pl_gate_recall(t->engine->gate, reply->items[i - 1].s, reply->items[i].s);
  pl_engine_wake(t->engine);
}

void pl_outbox_wake(pl_tenure *t) { t->todo.next.us = 0; }

void pl_outbox_hear(pl_tenure *t, pl_str name) {
  pl_mono soon = {pl_engine_mono(t->engine).us + TOGETHER_US};
  if (t->phase == PL_TENURE_LIVE && t->todo.recalled) list(t->engine->outbox, t, name, soon);
}

static void on_swept(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (pl_reply_class(reply) == PL_ANSWER_OK && reply->kind == PL_REPLY_INT && reply->i >= SWEEP_MOST)
    t->todo.sweep.us = 0; /* there is more */
}

/* Entries that were delivered a while ago: until then they tell a repetition from news. */
static void sweep(pl_tenure *t) {
  pl_engine *e = t->engine;
  const char *prefix = e->config->redis.prefix;
  pl_key keys[] = {pl_key_mark(prefix, t->partition), pl_key_done(prefix, t->partition),
                   pl_key_outbox(prefix, t->partition)};
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 3 + PL_COUNT(keys) + 3);
  pl_resp_arg(&e->command, PL_STR("EVAL")), pl_resp_arg(&e->command, pl_str_of(SWEEP));
  pl_resp_arg_int(&e->command, PL_COUNT(keys));
  for (size_t i = 0; i < PL_COUNT(keys); i++) pl_resp_arg(&e->command, pl_key_str(&keys[i]));
  pl_resp_arg(&e->command, pl_str_of(t->owner.text));
  pl_resp_arg_int(&e->command, pl_seconds(pl_engine_wall(e))), pl_resp_arg_int(&e->command, SWEEP_MOST);
  pl_tenure_ask(t, pl_buf_str(&e->command), on_swept, 0);
}

pl_mono pl_outbox_look(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_mono now = pl_engine_mono(e), never = {INT64_MAX};
  if (t->phase != PL_TENURE_LIVE || !e->store_up || e->drained) return never;
  if (now.us >= t->todo.sweep.us) {
    t->todo.sweep.us = now.us + SWEEP_US;
    sweep(t);
  }
  if (t->todo.asked) return never;
  if (now.us < t->todo.next.us) return t->todo.next;
  t->todo.asked = true;
  t->todo.next.us = now.us + EVERY_US; /* a wake-up may be lost */
  const char *prefix = e->config->redis.prefix;
  pl_key key = t->todo.recalled ? pl_key_todo(prefix, t->partition) : pl_key_attention(prefix, t->partition);
  pl_buf_clear(&e->command);
  if (t->todo.recalled) {
    pl_resp_begin(&e->command, 5);
    pl_resp_arg(&e->command, PL_STR("SSCAN")), pl_resp_arg(&e->command, pl_key_str(&key));
    pl_resp_arg_int(&e->command, (int64_t)t->todo.cursor);
    pl_resp_arg(&e->command, PL_STR("COUNT")), pl_resp_arg_int(&e->command, LISTED_AT_ONCE);
    pl_tenure_ask(t, pl_buf_str(&e->command), on_todo, 0);
  } else {
    pl_resp_begin(&e->command, 2);
    pl_resp_arg(&e->command, PL_STR("HGETALL")), pl_resp_arg(&e->command, pl_key_str(&key));
    pl_tenure_ask(t, pl_buf_str(&e->command), on_recalled, 0);
  }
  return never;
}

/* --- what a digest takes */

void pl_outbox_each_waiting(pl_outbox *o, int32_t home, pl_outbox_waiting_fn *fn, void *ctx) {
  pl_wall now = pl_engine_wall(o->engine);
  for (pl_delivery *d = pl_map_find(&o->by_home, home_of(&home)), *after; d; d = after) {
    after = d->after;
    if (pl_delivery_awaits_digest(d, now)) fn(ctx, d);
  }
}

static void forget_one(void *ctx, pl_delivery *d) {
  const pl_digest_head *of = ctx;
  if (d->audience == of->audience && pl_str_is(of->recipient, d->recipient))
    pl_outbox_drop(d->engine->outbox, d);
}

void pl_outbox_taken(pl_tenure *t, const pl_digest_head *by) {
  pl_outbox_each_waiting(t->engine->outbox, t->partition, forget_one, (void *)(uintptr_t)by);
  t->todo.next.us = 0;
}

/* --- on their way */

/* What is read after a pause may take back what was judged in it: that is in the list only when all has been
 * judged and written. */
static bool still_unsure(const pl_delivery *d, const pl_tenure *t) {
  return !d->notice && (!t->caught_up || (d->concern && !t->flush.settled));
}

static void deliver(pl_outbox *o, pl_tenure *t, pl_delivery *d) {
  bool unsure = o->engine->config->clock == PL_CLOCK_WALL && still_unsure(d, t);
  if (unsure || !pl_gate_ready(o->engine->gate)) {
    d->next.us = pl_engine_mono(o->engine).us + SOON_US;
    return;
  }
  if (!d->entered && pl_delivery_aged(d)) pl_delivery_mute(d);
  if (pl_delivery_tick(d)) d->stage = PL_OVER, d->next.us = 0;
  if (d->stage == PL_OPEN && !d->noted && !d->noting) pl_settle_note(t, d);
}

/* What it is time for. */
static void go_on(pl_outbox *o, pl_delivery *d, pl_mono now) {
  pl_tenure *t = pl_engine_tenure(o->engine, d->home);
  if (!t || t->phase != PL_TENURE_LIVE) {
    d->next.us = now.us + SOON_US;
    return;
  }
  if (d->next.us <= now.us && d->stage == PL_LISTED) read_entry(t, d);
  if (d->next.us <= now.us && d->stage == PL_OPEN) deliver(o, t, d);
  if (d->next.us <= now.us && d->stage == PL_OVER) pl_settle_close(t, d);
}

/* What a turn's time cuts short goes on in the next. */
pl_mono pl_outbox_tick(pl_outbox *o) {
  pl_engine *e = o->engine;
  pl_mono now = pl_engine_mono(e), never = {INT64_MAX};
  if (!e->store_up || !*e->sha) return never;
  for (pl_heap_node *first; (first = pl_heap_first(&o->due)) && first->at.ms <= now.us;) {
    pl_delivery *d = (pl_delivery *)((char *)first - offsetof(pl_delivery, timer));
    pl_heap_arm(&o->due, first, PL_NEVER);
    go_on(o, d, now);
    if (d->next.us > now.us) pl_outbox_stir(d); /* else an answer is awaited, or it was stirred meanwhile */
    if (!pl_engine_in_time(e)) return e->turn_ends;
  }
  return (pl_mono){pl_heap_next(&o->due).ms};
}
