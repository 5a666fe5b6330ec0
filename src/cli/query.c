#include "cli/query.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "codec/resp.h"
#include "io/loop.h"
#include "io/redis.h"

static const int64_t PATIENCE_US = 10000000;
#define STEP "1000" /* what one question looks at */
enum { ANSWER_BYTES_MAX = 1 << 30, COMMAND_MAX = 1 << 24 };

struct pl_query {
  const pl_config *config;
  pl_loop *loop;
  pl_store *store;
  pl_arena *arena; /* of the answer */
  pl_buf command;
  pl_reply answer;
  bool up, answered, failed;
  pl_mono until;
  int32_t partitions; /* 0: not asked yet */
  pl_err err;
};

/* --- the loop, until something is there */

static void on_up(void *ctx) {
  pl_query *q = ctx;
  q->up = true;
  pl_loop_wake(q->loop);
}

static void on_down(void *ctx, const char *why) { (void)ctx, (void)why; }
static void on_message(void *ctx, pl_str channel, pl_str payload) { (void)ctx, (void)channel, (void)payload; }
static void on_signal(void *ctx, int signal) { (void)signal, ((pl_query *)ctx)->until.us = 0; }

static pl_dur tick(void *ctx) {
  const pl_query *q = ctx;
  return q->answered || pl_clock_mono().us >= q->until.us ? (pl_dur){-1} : (pl_dur){50};
}

static pl_dur tick_up(void *ctx) {
  const pl_query *q = ctx;
  return q->up || pl_clock_mono().us >= q->until.us ? (pl_dur){-1} : (pl_dur){50};
}

static void fail(pl_query *q, const char *why) {
  if (!q->failed) (void)pl_fail(&q->err, PL_AGAIN, "redis: %s", why);
  q->failed = true;
}

/* --- questions */

static void copy(pl_query *q, const pl_reply *from, pl_reply *to) {
  *to = *from;
  to->s.p = from->s.p ? pl_arena_text(q->arena, from->s.p, from->s.n) : NULL;
  if (!from->n) return;
  pl_reply *items = pl_arena_alloc(q->arena, from->n * sizeof *items);
  for (size_t i = 0; i < from->n; i++) copy(q, &from->items[i], &items[i]);
  to->items = items;
}

static void on_answer(void *ctx, const pl_reply *reply) {
  pl_query *q = ctx;
  q->answered = true;
  if (reply) copy(q, reply, &q->answer);
  if (!reply) fail(q, "the connection was lost");
  if (reply && reply->kind == PL_REPLY_ERROR) fail(q, q->answer.s.p);
  pl_loop_wake(q->loop);
}

const pl_reply *pl_query_ask(pl_query *q, size_t argc, const pl_str *argv) {
  pl_arena_reset(q->arena);
  q->answer = (pl_reply){.kind = PL_REPLY_NIL};
  if (q->failed) return &q->answer;
  pl_buf_clear(&q->command);
  pl_resp_begin(&q->command, argc);
  for (size_t i = 0; i < argc; i++) pl_resp_arg(&q->command, argv[i]);
  q->answered = false, q->until.us = pl_clock_mono().us + PATIENCE_US;
  q->store->ops->send(q->store, pl_buf_str(&q->command), on_answer, q);
  pl_loop_run(q->loop, &(pl_loop_config){tick, on_signal, q});
  if (!q->answered) fail(q, "no answer");
  if (q->failed) q->answer = (pl_reply){.kind = PL_REPLY_NIL};
  return &q->answer;
}

bool pl_query_failed(const pl_query *q, pl_err *err) {
  if (q->failed) *err = q->err;
  return q->failed;
}

/* Asks, and hands the answer out: it stays until it is given back, whatever is asked meanwhile. */
typedef struct {
  pl_reply reply;
  pl_arena *arena, *other;
} held;

static void hold(pl_query *q, held *h, size_t argc, const pl_str *argv) {
  h->reply = *pl_query_ask(q, argc, argv);
  q->arena = h->other;
}

static void give_back(pl_query *q, held *h) { q->arena = h->arena; }

static held begin(pl_query *q) { return (held){.arena = q->arena, .other = pl_arena_new(ANSWER_BYTES_MAX)}; }

void pl_query_scan(pl_query *q, pl_str key, pl_str match, pl_query_item_fn *each, void *ctx) {
  char cursor[32] = "0";
  held h = begin(q);
  do {
    pl_str words[7];
    size_t n = 0, step = key.n ? 2 : 1;
    words[n++] = key.n ? PL_STR("HSCAN") : PL_STR("SCAN");
    if (key.n) words[n++] = key;
    words[n++] = pl_str_of(cursor);
    if (match.n) words[n++] = PL_STR("MATCH"), words[n++] = match;
    words[n++] = PL_STR("COUNT"), words[n++] = PL_STR(STEP);
    hold(q, &h, n, words);
    bool good = h.reply.kind == PL_REPLY_ARRAY && h.reply.n == 2;
    const pl_reply *items = good ? &h.reply.items[1] : &(pl_reply){0};
    (void)snprintf(cursor, sizeof cursor, "%.*s", good ? (int)h.reply.items[0].s.n : 1,
                   good ? h.reply.items[0].s.p : "0");
    for (size_t i = 0; i + step <= items->n; i += step)
      each(ctx, items->items[i].s, step == 2 ? items->items[i + 1].s : PL_STR(""));
    give_back(q, &h);
  } while (strcmp(cursor, "0") != 0 && !q->failed);
  pl_arena_free(&h.other);
}

void pl_query_lines(pl_query *q, pl_str stream, bool newest_first, pl_query_line_fn *each, void *ctx) {
  char from[64];
  (void)snprintf(from, sizeof from, newest_first ? "+" : "-");
  held h = begin(q);
  for (bool more = true; more;) {
    const pl_str ask[] = {newest_first ? PL_STR("XREVRANGE") : PL_STR("XRANGE"),
                          stream,
                          pl_str_of(from),
                          newest_first ? PL_STR("-") : PL_STR("+"),
                          PL_STR("COUNT"),
                          PL_STR(STEP)};
    hold(q, &h, PL_COUNT(ask), ask);
    more = h.reply.n > 0;
    for (size_t i = 0; i < h.reply.n && more; i++) {
      const pl_reply *line = &h.reply.items[i];
      if (line->n != 2) continue;
      (void)snprintf(from, sizeof from, "(%.*s", (int)line->items[0].s.n, line->items[0].s.p);
      more = each(ctx, line->items[0].s, &line->items[1]);
    }
    give_back(q, &h);
  }
  pl_arena_free(&h.other);
}

const char *pl_query_warnings(const pl_query *q) { return pl_redis_warnings(q->store); }

int32_t pl_query_partitions(pl_query *q) {
  pl_key meta = pl_key_meta(q->config->redis.prefix);
  int64_t n = 0;
  if (q->partitions) return q->partitions;
  const pl_reply *r = pl_query_ask(q, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&meta), PL_STR("partitions")});
  if (r->kind == PL_REPLY_TEXT && pl_str_int(r->s, &n) && n > 0 && n < INT32_MAX) q->partitions = (int32_t)n;
  return q->partitions;
}

int32_t pl_query_home(pl_query *q, pl_str id) {
  int32_t n = pl_query_partitions(q);
  return n ? pl_kafka_home(id, n, q->config->kafka.partitioner == PL_PARTITIONER_CRC32) : 0;
}

const pl_str *pl_reply_field(const pl_reply *hash, const char *name) {
  for (size_t i = 0; i + 1 < hash->n; i += 2)
    if (pl_str_is(hash->items[i].s, name)) return &hash->items[i + 1].s;
  return NULL;
}

/* --- life */

pl_status pl_query_open(pl_query **out, const pl_config *config, pl_err *err) {
  pl_query *q = *out = PL_NEW(pl_query);
  q->config = config, q->loop = pl_loop_new(), q->arena = pl_arena_new(ANSWER_BYTES_MAX);
  pl_buf_init(&q->command, COMMAND_MAX);
  const pl_store_handler handler = {on_up, on_down, on_message, q};
  pl_status status = pl_cli_redis(&q->store, config, pl_loop_base(q->loop), err);
  if (status == PL_OK) status = q->store->ops->start(q->store, &handler, err);
  if (status == PL_OK) {
    q->until.us = pl_clock_mono().us + PATIENCE_US;
    pl_loop_run(q->loop, &(pl_loop_config){tick_up, on_signal, q});
    if (!q->up)
      status =
          pl_fail(err, PL_AGAIN, "redis: %s", *pl_redis_why(q->store) ? pl_redis_why(q->store) : "no answer");
  }
  if (status != PL_OK) pl_query_close(out);
  return status;
}

void pl_query_close(pl_query **query) {
  pl_query *q = *query;
  if (!q) return;
  if (q->store) q->store->ops->stop(q->store);
  pl_redis_free(&q->store);
  pl_loop_free(&q->loop);
  pl_buf_fini(&q->command);
  pl_arena_free(&q->arena);
  PL_FREE(*query);
}
