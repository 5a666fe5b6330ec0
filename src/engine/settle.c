/* An entry that is over says only how it ended and when; one that is parked stays whole, for a person to look
 * at. It is kept a while, as it tells a repetition from news (outbox.c sweeps it). */
#include "engine/settle.h"

#include <stdio.h>

#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "engine/gate.h"
#include "engine/inside.h"

static const int64_t RETRY_US = 1000000;

/* In real time, whatever the clock: a repetition comes when Redis or a process has gone back, not when a
 * period has ended. */
static int64_t kept_until(const pl_delivery *d) {
  int64_t now = pl_seconds(pl_engine_wall(d->engine));
  return (d->engine->config->clock == PL_CLOCK_WALL && d->until_s > now ? d->until_s : now) + PL_KEPT_S;
}

/* An entry that is broken stays as it is. */
static void put_entry(pl_batch *batch, const pl_delivery *d, const char *status) {
  pl_buf entry;
  pl_buf_init(&entry, 1 << 20);
  pl_delivery_write(d, status, &entry);
  pl_batch_arg(batch, entry.n ? pl_buf_str(&entry) : pl_buf_str(&d->entry));
  pl_buf_fini(&entry);
}

static void say_over(pl_tenure *t, const pl_delivery *d, const char *status, const char *why,
                     pl_batch *batch) {
  char at[PL_ISO_MAX], text[128];
  pl_key outbox = pl_key_outbox(pl_tenure_prefix(t), t->partition),
         done = pl_key_done(pl_tenure_prefix(t), t->partition);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&outbox)), pl_batch_arg(batch, pl_delivery_name(d));
  if (d->fate == PL_FATE_PARKED) {
    put_entry(batch, d, status); /* a person will want to see what it was */
  } else {
    (void)snprintf(text, sizeof text, "{\"status\":\"%s\",\"why\":\"%s\",\"at\":\"%s\"}", status, why,
                   pl_wall_iso(pl_engine_wall(t->engine), at));
    pl_batch_text(batch, text);
  }
  pl_batch_end(batch);
  pl_batch_begin(batch, "ZADD");
  pl_batch_arg(batch, pl_key_str(&done)), pl_batch_int(batch, kept_until(d));
  pl_batch_arg(batch, pl_delivery_name(d));
  pl_batch_end(batch);
}

/* What the entry says from now on; unless Redis has lost it, with the state that caused it: that will put it
 * again, and an entry that says `done` would keep it from the streams. */
static void settle(pl_tenure *t, const pl_delivery *d, pl_batch *batch) {
  static const char *const words[] = {"done", "parked", "dropped"};
  const char *prefix = t->engine->config->redis.prefix;
  char text[PL_GATE_COUNT_MAX];
  pl_key outbox = pl_key_outbox(prefix, t->partition), attention = pl_key_attention(prefix, t->partition);
  pl_batch_if_there(batch, pl_key_str(&outbox), pl_delivery_name(d));
  say_over(t, d, words[d->fate], d->fate == PL_FATE_DROPPED && d->why ? d->why : "", batch);
  if (d->told && pl_gate_count(t->engine->gate, d, text)) {
    pl_batch_begin(batch, "HSET");
    pl_batch_arg(batch, pl_key_str(&attention)), pl_batch_text(batch, d->recipient),
        pl_batch_text(batch, text);
    pl_batch_end(batch);
  }
  pl_batch_if_end(batch);
}

static void close_one(pl_tenure *t, pl_delivery *d, pl_batch *batch) {
  const char *prefix = pl_tenure_prefix(t);
  pl_key todo = pl_key_todo(prefix, t->partition), outbox = pl_key_outbox(prefix, t->partition);
  bool gone = d->fate == PL_FATE_GONE;
  if (gone) pl_batch_if_gone(batch, pl_key_str(&outbox), pl_delivery_name(d));
  if (!gone && d->fate != PL_FATE_SETTLED) settle(t, d, batch);
  pl_batch_begin(batch, "SREM");
  pl_batch_arg(batch, pl_key_str(&todo)), pl_batch_arg(batch, pl_delivery_name(d));
  pl_batch_end(batch);
  if (gone) pl_batch_if_end(batch);
  d->stage = PL_CLOSING;
}

/* --- for good */

static void closed(pl_outbox *o, pl_delivery *d, bool done) {
  if (done) {
    d->engine->stats.dropped += d->fate == PL_FATE_DROPPED;
    pl_outbox_drop(o, d);
  } else {
    d->stage = PL_OVER, d->next.us = pl_engine_mono(d->engine).us + RETRY_US;
    pl_outbox_stir(d);
  }
}

static void on_closed(pl_tenure *t, const pl_reply *reply, int64_t serial) {
  pl_outbox *o = t->engine->outbox;
  pl_delivery *d = pl_outbox_find(o, (uint32_t)serial);
  if (!d || d->stage != PL_CLOSING) return;
  bool answered = pl_reply_class(reply) == PL_ANSWER_OK, fenced = answered && pl_str_is(reply->s, "FENCED");
  const pl_twins *twins = pl_outbox_twins(o);
  for (pl_delivery *p = pl_twins_closing(twins, d, NULL), *next; p; p = next) {
    next = pl_twins_closing(twins, d, p);
    closed(o, p, answered && !fenced);
  }
  closed(o, d, answered && !fenced);
  if (fenced && t->phase == PL_TENURE_LIVE) pl_tenure_doubt(t); /* nothing else may be written for long */
}

/* In one step with what it takes back, which would be told if it were left alone. */
void pl_settle_close(pl_tenure *t, pl_delivery *d) {
  pl_engine *e = t->engine;
  pl_key mark = pl_key_mark(pl_tenure_prefix(t), t->partition);
  const pl_twins *twins = pl_outbox_twins(e->outbox);
  d = d->closer ? d->closer : d;
  if (d->stage != PL_OVER) return;
  for (pl_delivery *p = NULL; (p = pl_twins_closing(twins, d, p));)
    if (p->stage != PL_OVER) return;
  pl_batch batch;
  pl_batch_init(&batch);
  for (pl_delivery *p = NULL; (p = pl_twins_closing(twins, d, p));) close_one(t, p, &batch);
  close_one(t, d, &batch);
  pl_buf_clear(&e->command);
  pl_batch_finish(&batch, pl_str_of(e->sha), pl_key_str(&mark), pl_str_of(t->owner.text), &e->command);
  pl_batch_fini(&batch);
  pl_tenure_ask(t, pl_buf_str(&e->command), on_closed, d->serial);
}

/* --- by a digest */

void pl_settle_take(pl_tenure *t, const pl_delivery *d, pl_batch *batch) {
  const char *prefix = pl_tenure_prefix(t);
  pl_key todo = pl_key_todo(prefix, t->partition);
  say_over(t, d, "done", "digest", batch);
  pl_batch_begin(batch, "SREM");
  pl_batch_arg(batch, pl_key_str(&todo)), pl_batch_arg(batch, pl_delivery_name(d));
  pl_batch_end(batch);
}

/* --- so far */

static void on_noted(pl_tenure *t, const pl_reply *reply, int64_t serial) {
  pl_delivery *d = pl_outbox_find(t->engine->outbox, (uint32_t)serial);
  if (!d) return;
  d->noting = false;
  if (pl_reply_class(reply) != PL_ANSWER_OK)
    d->noted = false, d->next.us = pl_engine_mono(t->engine).us + RETRY_US;
  pl_outbox_stir(d);
}

void pl_settle_note(pl_tenure *t, pl_delivery *d) {
  pl_engine *e = t->engine;
  pl_key outbox = pl_key_outbox(pl_tenure_prefix(t), t->partition),
         mark = pl_key_mark(pl_tenure_prefix(t), t->partition);
  pl_batch batch;
  pl_batch_init(&batch);
  pl_batch_if_there(&batch, pl_key_str(&outbox), pl_delivery_name(d));
  pl_batch_begin(&batch, "HSET");
  pl_batch_arg(&batch, pl_key_str(&outbox)), pl_batch_arg(&batch, pl_delivery_name(d));
  put_entry(&batch, d, d->why ? "held" : "queued");
  pl_batch_end(&batch);
  pl_batch_if_end(&batch);
  pl_buf_clear(&e->command);
  pl_batch_finish(&batch, pl_str_of(e->sha), pl_key_str(&mark), pl_str_of(t->owner.text), &e->command);
  pl_batch_fini(&batch);
  d->noted = d->noting = true;
  pl_tenure_ask(t, pl_buf_str(&e->command), on_noted, d->serial);
}
