/* Outbox: alerts whose recipient's home is here, on their way to endpoints.
 *
 * The record is pl:outbox:<home>: an entry is put there in the same step as the state that caused it, with
 * its name in pl:todo:<home> until it is delivered. This room only works through that list: at least once,
 * with the alert's own id on every attempt. While a partition still catches up on the wall clock its old
 * alerts wait: what has healed meanwhile is recorded, not told. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/keys.h"
#include "codec/post.h"
#include "codec/resp.h"
#include "engine/inside.h"

enum { DELIVERIES_MAX = 10000, KAFKA = PL_ENDPOINTS_MAX /* its bit, after the endpoints' */ };
static const int64_t FIRST_RETRY_US = 1000000, LAST_RETRY_US = 300000000;
static const int64_t EVERY_US = 1000000, WOKEN_US = 50000, SWEEP_US = 600000000, KEPT_S = 7LL * 86400;
enum { SWEEP_MOST = 500 };
/* KEYS: mark, done, outbox. ARGV: owner, now, how many. -> how many were removed. */
static const char SWEEP[] =
    "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end\n"
    "local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])\n"
    "for _, name in ipairs(old) do redis.call('HDEL', KEYS[3], name) redis.call('ZREM', KEYS[2], name) end\n"
    "return #old\n";
static const uint64_t OURS = 1ULL << 63; /* tokens of this room */

typedef struct {
  pl_outbox *outbox;
  char *name; /* <alert>:<audience>:<recipient>; NULL: free */
  size_t name_len;
  int32_t home;
  uint32_t serial;
  uint32_t left, busy; /* bits: endpoints still to take it, and those that are being asked */
  bool reading;        /* the entry is asked for */
  bool read;           /* the entry is here */
  bool tried;          /* an endpoint was asked */
  bool concern;        /* it says `behind` */
  bool parked, dropped, closing;
  bool settled;                /* its entry says so already: only the list still names it */
  char about[PL_ALERT_ID_MAX]; /* the alert that it takes back; "": none */
  int64_t until_s;             /* its period's end */
  int attempts;
  pl_mono next;
  pl_buf entry;
} delivery;

struct pl_outbox {
  pl_engine *engine;
  pl_map by_name; /* -> delivery */
  delivery **all;
  size_t n, room;
  uint32_t serials;
};

pl_outbox *pl_outbox_new(pl_engine *engine) {
  pl_outbox *o = PL_NEW(pl_outbox);
  o->engine = engine;
  return o;
}

static void drop(pl_outbox *o, size_t i) {
  delivery *d = o->all[i];
  pl_map_drop(&o->by_name, (pl_str){d->name, d->name_len});
  pl_release(d->name, d->name_len + 1);
  pl_buf_fini(&d->entry);
  pl_release(d, sizeof *d);
  o->all[i] = o->all[--o->n];
}

void pl_outbox_free(pl_outbox **outbox) {
  pl_outbox *o = *outbox;
  if (!o) return;
  while (o->n) drop(o, 0);
  pl_map_fini(&o->by_name);
  pl_release(o->all, o->room * sizeof(delivery *));
  PL_FREE(*outbox);
}

void pl_outbox_forget(pl_outbox *o, int32_t partition) {
  for (size_t i = 0; i < o->n;) {
    if (o->all[i]->home == partition)
      drop(o, i);
    else
      i++;
  }
}

size_t pl_outbox_waiting(const pl_outbox *o) { return o->n; }

static delivery *find(const pl_outbox *o, uint32_t serial) {
  for (size_t i = 0; i < o->n; i++)
    if (o->all[i]->serial == serial) return o->all[i];
  return NULL;
}

static const char *prefix_of(const pl_outbox *o) { return o->engine->config->redis.prefix; }

/* --- reading the list */

static uint32_t endpoints_of(const pl_outbox *o, const char *audience) {
  const pl_config *c = o->engine->config;
  const pl_list *lists[] = {&c->receivers.rep, &c->receivers.manager, &c->receivers.team, &c->receivers.ops};
  uint32_t bits = *c->kafka.topics.alerts ? 1U << KAFKA : 0;
  for (size_t a = 0; a < PL_COUNT(lists); a++)
    for (size_t i = 0; strcmp(audience, pl_audience_name((pl_audience)a)) == 0 && i < lists[a]->n; i++) {
      const pl_endpoint *endpoint = pl_config_endpoint(c, lists[a]->items[i]);
      size_t index = endpoint ? (size_t)(endpoint - (const pl_endpoint *)c->endpoints.p) : PL_ENDPOINTS_MAX;
      if (index < PL_ENDPOINTS_MAX) bits |= 1U << index;
    }
  return bits;
}

/* A concern and what takes it back, both not told yet: neither is. */
static void pair(pl_outbox *o, delivery *d) {
  for (size_t i = 0; i < o->n; i++) {
    delivery *other = o->all[i], *concern = d->concern ? d : other, *answer = d->concern ? other : d;
    if (other == d || !other->read || !concern->concern || !*answer->about || d->tried || other->tried)
      continue;
    if (concern->home == answer->home && strncmp(concern->name, answer->about, strlen(answer->about)) == 0)
      concern->dropped = answer->dropped = true;
  }
}

/* After a long catch-up: what nobody can act on any more is recorded, not told. */
static bool aged(const pl_engine *e, const delivery *d) {
  int64_t now = pl_seconds(pl_engine_wall(e));
  return e->config->clock == PL_CLOCK_WALL && !d->tried && now >= d->until_s + (d->concern ? 0 : KEPT_S);
}

static void on_entry(pl_tenure *t, const pl_reply *reply, int64_t serial) {
  pl_outbox *o = t->engine->outbox;
  delivery *d = find(o, (uint32_t)serial);
  if (!d) return;
  pl_post *post = NULL;
  pl_err err = {"the entry is gone"};
  d->reading = false;
  if (pl_reply_class(reply) != PL_ANSWER_OK) {
    d->next.us = pl_engine_mono(t->engine).us + FIRST_RETRY_US;
    return;
  }
  d->read = true;
  if (reply->kind == PL_REPLY_TEXT && pl_post_read(&post, reply->s, &err) == PL_OK) {
    pl_buf_str_put(&d->entry, reply->s);
    d->until_s = pl_post_seconds(post, "until");
    d->concern = strcmp(pl_post_text(post, "kind"), "behind") == 0;
    (void)snprintf(d->about, sizeof d->about, "%s", pl_post_text(post, "about"));
    d->settled =
        strcmp(pl_post_text(post, "status"), "queued") != 0; /* the list was read before it was settled */
    if (!d->settled) d->left = endpoints_of(o, pl_post_text(post, "audience"));
    if (!d->settled && (d->concern || *d->about)) pair(o, d);
  } else {
    d->parked = true; /* for a person to look at */
    pl_log(PL_LOG_ERROR, "outbox.entry", "%s: %s", d->name, err.text);
  }
  pl_post_free(&post);
}

static void on_todo(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  pl_outbox *o = t->engine->outbox;
  t->todo.asked = false;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY) {
    return;
  }
  for (size_t i = 0; i < reply->n && o->n < DELIVERIES_MAX; i++) {
    pl_str name = reply->items[i].s;
    void **place = pl_map_put(&o->by_name, name);
    if (*place) continue;
    delivery *d = *place = PL_NEW(delivery);
    d->outbox = o, d->home = t->partition, d->serial = ++o->serials;
    d->name = pl_alloc(name.n + 1), d->name_len = name.n;
    memcpy(d->name, name.p, name.n);
    pl_buf_init(&d->entry, 1 << 20);
    if (o->n == o->room) {
      size_t room = o->room ? o->room * 2 : 64;
      o->all = pl_resize(o->all, o->room * sizeof(delivery *), room * sizeof(delivery *));
      o->room = room;
    }
    o->all[o->n++] = d;
  }
  t->engine->ports.wake(t->engine->ports.wake_ctx);
}

void pl_outbox_wake(pl_tenure *t) {
  int64_t soon = pl_engine_mono(t->engine).us + WOKEN_US;
  if (t->todo.next.us > soon) t->todo.next.us = soon;
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
  pl_resp_arg(&e->command, pl_str_of(t->owner));
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
  pl_key key = pl_key_todo(e->config->redis.prefix, t->partition);
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 2);
  pl_resp_arg(&e->command, PL_STR("SMEMBERS")), pl_resp_arg(&e->command, pl_key_str(&key));
  pl_tenure_ask(t, pl_buf_str(&e->command), on_todo, 0);
  return never;
}

static void read_entry(pl_tenure *t, delivery *d) {
  pl_engine *e = t->engine;
  pl_key key = pl_key_outbox(e->config->redis.prefix, t->partition);
  d->reading = true;
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 3);
  pl_resp_arg(&e->command, PL_STR("HGET")), pl_resp_arg(&e->command, pl_key_str(&key));
  pl_resp_arg(&e->command, (pl_str){d->name, d->name_len});
  pl_tenure_ask(t, pl_buf_str(&e->command), on_entry, d->serial);
}

/* --- closing an entry */

static void on_closed(pl_tenure *t, const pl_reply *reply, int64_t serial) {
  pl_outbox *o = t->engine->outbox;
  delivery *d = find(o, (uint32_t)serial);
  if (!d) return;
  if (pl_reply_class(reply) != PL_ANSWER_OK) {
    d->closing = false;
    d->next.us = pl_engine_mono(t->engine).us + FIRST_RETRY_US;
    return;
  }
  for (size_t i = 0; i < o->n; i++)
    if (o->all[i] == d) drop(o, i--);
}

/* In real time, whatever the clock: a repetition comes when Redis or a process has gone back, not when a
 * period has ended. */
static int64_t kept_until(const pl_engine *e, const delivery *d) {
  int64_t now = pl_seconds(pl_engine_wall(e));
  return (e->config->clock == PL_CLOCK_WALL && d->until_s > now ? d->until_s : now) + KEPT_S;
}

/* What the entry says from now on. */
static void settle(pl_tenure *t, const delivery *d, pl_batch *batch) {
  pl_engine *e = t->engine;
  const char *status = d->parked ? "parked" : d->dropped ? "dropped" : "done";
  char at[PL_ISO_MAX], text[128];
  pl_key outbox = pl_key_outbox(prefix_of(d->outbox), t->partition),
         done = pl_key_done(prefix_of(d->outbox), t->partition);
  pl_str name = {d->name, d->name_len};
  pl_post *post = NULL;
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&outbox)), pl_batch_arg(batch, name);
  if (d->parked && pl_post_read(&post, pl_buf_str(&d->entry), NULL) == PL_OK) {
    pl_buf entry; /* a person will want to see what it was */
    pl_buf_init(&entry, 1 << 20);
    pl_post_entry(post, status, &entry);
    pl_batch_arg(batch, pl_buf_str(&entry));
    pl_buf_fini(&entry);
  } else {
    (void)snprintf(text, sizeof text, "{\"status\":\"%s\",\"at\":\"%s\"}", status,
                   pl_wall_iso(pl_engine_wall(e), at));
    pl_batch_text(batch, text);
  }
  pl_post_free(&post);
  pl_batch_end(batch);
  pl_batch_begin(batch, "ZADD");
  pl_batch_arg(batch, pl_key_str(&done)), pl_batch_int(batch, kept_until(e, d)), pl_batch_arg(batch, name);
  pl_batch_end(batch);
  e->stats.dropped += d->dropped;
}

static void close_entry(pl_tenure *t, delivery *d) {
  pl_engine *e = t->engine;
  pl_key todo = pl_key_todo(prefix_of(d->outbox), t->partition),
         mark = pl_key_mark(prefix_of(d->outbox), t->partition);
  pl_batch batch;
  pl_batch_init(&batch);
  if (!d->settled) settle(t, d, &batch);
  pl_batch_begin(&batch, "SREM");
  pl_batch_arg(&batch, pl_key_str(&todo)), pl_batch_arg(&batch, (pl_str){d->name, d->name_len});
  pl_batch_end(&batch);
  pl_buf_clear(&e->command);
  pl_batch_finish(&batch, pl_str_of(e->sha), pl_key_str(&mark), pl_str_of(t->owner), &e->command);
  pl_batch_fini(&batch);
  d->closing = true;
  pl_tenure_ask(t, pl_buf_str(&e->command), on_closed, d->serial);
}

/* --- attempts */

typedef struct {
  pl_outbox *outbox;
  uint32_t serial;
  size_t endpoint;
} attempt;

static void answered(pl_outbox *o, uint32_t serial, size_t endpoint, bool delivered, bool refused,
                     int64_t after_us, const char *why) {
  delivery *d = find(o, serial);
  if (!d) return;
  d->busy &= ~(1U << endpoint);
  if (delivered) {
    d->left &= ~(1U << endpoint);
    o->engine->stats.delivered++;
  } else if (refused) {
    d->left &= ~(1U << endpoint);
    d->parked = true;
    o->engine->stats.parked++;
    pl_log(PL_LOG_ERROR, "outbox.parked", "%s: refused for good: %s", d->name, why);
  } else {
    int64_t wait = FIRST_RETRY_US << (d->attempts < 9 ? d->attempts : 9);
    if (wait > LAST_RETRY_US) wait = LAST_RETRY_US;
    wait -= (int64_t)(d->serial * 2654435761U % 1000) * wait / 4000; /* not all at the same instant */
    d->attempts++;
    d->next.us = pl_engine_mono(o->engine).us + (after_us > wait ? after_us : wait);
    o->engine->stats.failed_deliveries++;
    pl_log(PL_LOG_WARN, "outbox.retry", "%s: %s; tried again", d->name, why);
  }
  o->engine->ports.wake(o->engine->ports.wake_ctx);
}

static void on_sent(void *ctx, int status, int64_t retry_after_s, const char *why) {
  attempt a = *(attempt *)ctx;
  pl_release(ctx, sizeof a);
  bool again = status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
  answered(a.outbox, a.serial, a.endpoint, status >= 200 && status < 300, !again, retry_after_s * 1000000,
           why);
}

static void send_http(pl_outbox *o, delivery *d, size_t endpoint, const pl_post *post) {
  attempt *a = PL_NEW(attempt);
  *a = (attempt){o, d->serial, endpoint};
  pl_buf body;
  pl_buf_init(&body, 1 << 20);
  pl_post_webhook(post, &body);
  o->engine->ports.sender->ops->send(o->engine->ports.sender, endpoint, pl_str_of(pl_post_text(post, "id")),
                                     pl_buf_str(&body), on_sent, a);
  pl_buf_fini(&body);
}

/* CloudEvents 1.0, binary mode: attributes are headers, the value is the Avro body. */
static bool send_kafka(pl_outbox *o, delivery *d, const pl_post *post) {
  char type[64];
  (void)snprintf(type, sizeof type, "paceline.alert.%s", pl_post_text(post, "kind"));
  const pl_header headers[] = {
      {PL_STR("ce_specversion"), PL_STR("1.0")},
      {PL_STR("ce_id"), pl_str_of(pl_post_text(post, "id"))},
      {PL_STR("ce_source"), PL_STR("/paceline")},
      {PL_STR("ce_type"), pl_str_of(type)},
      {PL_STR("ce_subject"), pl_str_of(pl_post_text(post, "entity"))},
      {PL_STR("ce_time"), pl_str_of(pl_post_text(post, "at"))},
      {PL_STR("ce_dataschema"), PL_STR("alert.avsc")},
      {PL_STR("content-type"), PL_STR("application/avro")},
  };
  pl_buf body;
  pl_buf_init(&body, 1 << 20);
  pl_post_avro(post, &body);
  pl_status status =
      o->engine->ports.source->ops->produce(o->engine->ports.source, o->engine->config->kafka.topics.alerts,
                                            -1, pl_str_of(pl_post_text(post, "entity")), pl_buf_str(&body),
                                            headers, PL_COUNT(headers), OURS | d->serial);
  pl_buf_fini(&body);
  return status == PL_OK;
}

bool pl_outbox_produced(pl_outbox *o, uint64_t token, bool delivered, const char *why) {
  if (!(token & OURS)) return false;
  answered(o, (uint32_t)(token & ~OURS), KAFKA, delivered, false, 0, why);
  return true;
}

static void attempt_all(pl_outbox *o, delivery *d) {
  pl_post *post = NULL;
  if (pl_post_read(&post, pl_buf_str(&d->entry), NULL) != PL_OK) {
    d->left = 0;
    return;
  }
  d->tried = true;
  for (size_t i = 0; i <= PL_ENDPOINTS_MAX; i++) {
    uint32_t bit = 1U << i;
    if (!(d->left & bit) || (d->busy & bit)) continue;
    if (i == KAFKA && !send_kafka(o, d, post)) {
      d->next.us = pl_engine_mono(o->engine).us + FIRST_RETRY_US; /* the producer's queue is full */
      continue;
    }
    d->busy |= bit;
    if (i != KAFKA) send_http(o, d, i, post);
  }
  pl_post_free(&post);
}

pl_mono pl_outbox_tick(pl_outbox *o) {
  pl_engine *e = o->engine;
  pl_mono now = pl_engine_mono(e), next = {INT64_MAX};
  if (!e->store_up || !*e->sha) return next;
  for (size_t i = 0; i < o->n; i++) {
    delivery *d = o->all[i];
    pl_tenure *t = pl_engine_tenure(e, d->home);
    if (!t || t->phase != PL_TENURE_LIVE || d->busy || d->reading || d->closing) continue;
    bool waits = e->config->clock == PL_CLOCK_WALL && !t->caught_up;
    if (now.us < d->next.us) {
      if (d->next.us < next.us) next = d->next;
    } else if (!d->read) {
      read_entry(t, d);
    } else if (waits) {
      continue;
    } else if (d->left && !d->dropped && !(d->dropped = aged(e, d))) {
      attempt_all(o, d);
    } else {
      close_entry(t, d);
    }
  }
  return next;
}
