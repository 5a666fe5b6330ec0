#include "engine/gate.h"

#include <stdio.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "codec/silence.h"
#include "engine/addressee.h"
#include "engine/inside.h"

static const int64_t EVERY_US = 1000000;
const char pl_gate_budget[] = "budget";

/* How often somebody was told on a day of theirs. */
typedef struct {
  int32_t day;
  int n;
} count;

struct pl_gate {
  pl_engine *engine;
  pl_map counts; /* a person's id -> count, owned */
  pl_silences silences;
  bool asked, ready;
  pl_mono next; /* they are read no sooner */
};

pl_gate *pl_gate_new(pl_engine *engine) {
  pl_gate *gate = PL_NEW(pl_gate);
  gate->engine = engine;
  return gate;
}

void pl_gate_free(pl_gate **gate) {
  if (!*gate) return;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&(*gate)->counts, s));) pl_release(s->value, sizeof(count));
  pl_map_fini(&(*gate)->counts);
  pl_silences_clear(&(*gate)->silences);
  PL_FREE(*gate);
}

/* --- silences */

static void on_silences(void *ctx, const pl_reply *reply) {
  pl_gate *gate = ctx;
  gate->asked = false;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY) return;
  pl_err err;
  gate->ready = true;
  pl_silences_clear(&gate->silences);
  for (size_t i = 1; i < reply->n; i += 2)
    if (pl_silences_add(&gate->silences, reply->items[i - 1].s, reply->items[i].s, &err) != PL_OK)
      pl_log(PL_LOG_ERROR, "gate.silence", "%s", err.text);
  pl_engine_wake(gate->engine);
}

pl_mono pl_gate_tick(pl_gate *gate) {
  pl_engine *e = gate->engine;
  pl_mono now = pl_engine_mono(e), never = {INT64_MAX};
  if (!e->store_up || gate->asked) return never;
  if (now.us < gate->next.us) return gate->next;
  pl_key key = pl_key_silences(e->config->redis.prefix);
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 2);
  pl_resp_arg(&e->command, PL_STR("HGETALL")), pl_resp_arg(&e->command, pl_key_str(&key));
  gate->asked = true, gate->next.us = now.us + EVERY_US;
  e->ports.store->ops->send(e->ports.store, pl_buf_str(&e->command), on_silences, gate);
  return never;
}

bool pl_gate_ready(const pl_gate *gate) { return gate->ready; }

bool pl_gate_silences(const pl_gate *gate, const pl_post *post, pl_wall now) {
  return gate->silences.n && pl_silences_find(&gate->silences, post, now);
}

static const pl_silence *silence_of(const pl_gate *gate, const pl_delivery *d, pl_wall now) {
  pl_post *post = NULL;
  if (!gate->silences.n || pl_post_read(&post, pl_buf_str(&d->entry), NULL) != PL_OK) return NULL;
  const pl_silence *silence = pl_silences_find(&gate->silences, post, now);
  pl_post_free(&post);
  return silence;
}

/* --- quiet hours */

/* The end of the quiet hours that t lies in; INT64_MIN: it lies in none. */
static int64_t quiet_until(pl_span quiet, const pl_zone *zone, int64_t t_s) {
  if (quiet.from == quiet.to) return INT64_MIN;
  int32_t day = pl_zone_day(zone, t_s);
  for (int32_t d = day - 1; d <= day; d++) {
    int32_t over = quiet.from > quiet.to;
    int64_t from = pl_zone_instant(zone, d, quiet.from), to = pl_zone_instant(zone, d + over, quiet.to);
    if (from <= t_s && t_s < to) return to;
  }
  return INT64_MIN;
}

/* --- the attention budget */

static bool is_counted(const pl_delivery *d) {
  return (d->audience == PL_TO_REP || d->audience == PL_TO_MANAGER) && !d->takes_back && !d->digest;
}

static count *count_of(const pl_gate *gate, const pl_delivery *d) {
  return pl_map_find(&gate->counts, pl_str_of(d->recipient));
}

static bool is_spent(const pl_gate *gate, const pl_delivery *d, int32_t today) {
  const count *c = count_of(gate, d);
  int budget = gate->engine->config->alerts.budget;
  return budget && is_counted(d) && !d->leads && c && c->day == today && c->n >= budget;
}

static count *put(pl_gate *gate, pl_str who) {
  void **place = pl_map_put(&gate->counts, who);
  if (!*place) *place = PL_NEW(count);
  return *place;
}

void pl_gate_told(pl_gate *gate, const pl_delivery *d, pl_wall now) {
  if (!is_counted(d)) return;
  int32_t today = pl_zone_day(pl_addressee_zone(d), pl_seconds(now));
  count *c = put(gate, pl_str_of(d->recipient));
  c->n = c->day == today ? c->n + 1 : 1, c->day = today;
}

bool pl_gate_count(const pl_gate *gate, const pl_delivery *d, char out[PL_GATE_COUNT_MAX]) {
  const count *c = is_counted(d) ? count_of(gate, d) : NULL;
  if (c) (void)snprintf(out, PL_GATE_COUNT_MAX, "%d %d", (int)c->day, c->n);
  return c != NULL;
}

void pl_gate_recall(pl_gate *gate, pl_str who, pl_str text) {
  const char *blank = text.n ? memchr(text.p, ' ', text.n) : NULL;
  int64_t day, n;
  if (!blank || !pl_str_int((pl_str){text.p, (size_t)(blank - text.p)}, &day) ||
      !pl_str_int((pl_str){blank + 1, text.n - (size_t)(blank + 1 - text.p)}, &n) || day < INT32_MIN ||
      day > INT32_MAX || n < 0 || n > INT32_MAX)
    return;
  *put(gate, who) = (count){(int32_t)day, (int)n};
}

/* What waits for a digest waits for it all that day, for it may come late. */
static bool awaits_digest(const pl_config *config, const pl_delivery *d, const pl_zone *zone, int32_t today) {
  return d->why == pl_gate_budget && config->alerts.digest.at >= 0 &&
         today <= pl_zone_day(zone, pl_seconds(d->free_at));
}

/* --- */

pl_hold pl_gate_ask(const pl_gate *gate, const pl_delivery *d, pl_wall now) {
  const pl_config *config = gate->engine->config;
  static const pl_hold free = {NULL, {0}};
  const pl_silence *silence = silence_of(gate, d, now);
  if (silence) return (pl_hold){"silence", silence->until};
  if (d->audience == PL_TO_OPS) return free;
  const pl_zone *zone = pl_addressee_zone(d);
  int32_t today = pl_zone_day(zone, pl_seconds(now));
  if (awaits_digest(config, d, zone, today)) return (pl_hold){pl_gate_budget, d->free_at};
  int64_t quiet = quiet_until(config->alerts.quiet_hours, zone, pl_seconds(now));
  if (quiet != INT64_MIN) return (pl_hold){"quiet", pl_wall_s(quiet)};
  if (!is_spent(gate, d, today)) return free;
  int64_t digest = pl_config_digest_after(config, zone, pl_seconds(now));
  int64_t until = digest == INT64_MAX ? pl_addressee_begins(d, today) : digest;
  return (pl_hold){pl_gate_budget, pl_wall_s(until)};
}
