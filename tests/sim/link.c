#include "link.h"

#include "base/mem.h"
#include "codec/keys.h"
#include "process.h"
#include "world.h"

struct link_pending {
  link_pending *next;
  pl_reply_fn *fn;
  void *ctx;
  size_t bytes;
};

enum { ITEMS_MAX = 20000, ANSWER_MAX = 32 << 20 };
static const int64_t PAUSE_MIN = 100 * MS, PAUSE_MAX = 5 * SECOND;

/* --- answers, read as they travelled */

static const char *read_one(const char *p, pl_reply *out) {
  int64_t n = 0;
  char kind = *p;
  const char *end = strchr(p, '\r');
  bool number = pl_str_int((pl_str){p + 1, (size_t)(end - p - 1)}, &n);
  *out = (pl_reply){.kind = PL_REPLY_NIL};
  switch (kind) {
  case ':': *out = (pl_reply){.kind = PL_REPLY_INT, .i = n}; break;
  case '-':
  case '+':
    out->kind = kind == '-' ? PL_REPLY_ERROR : PL_REPLY_TEXT;
    out->s = (pl_str){p + 1, (size_t)(end - p - 1)};
    break;
  case '$':
    PL_ASSERT(number);
    if (n < 0) break;
    *out = (pl_reply){.kind = PL_REPLY_TEXT, .s = {end + 2, (size_t)n}};
    return end + 2 + n + 2;
  default: PL_ASSERT(kind == '*' && number); *out = (pl_reply){.kind = PL_REPLY_ARRAY, .n = (size_t)n};
  }
  return end + 2;
}

/* Its items from `room` on, and theirs behind them. */
static const char *read_items(const char *p, pl_reply *reply, pl_reply *room, size_t *used) {
  reply->items = room + *used;
  *used += reply->n;
  PL_ASSERT(*used <= ITEMS_MAX);
  for (size_t i = 0; i < reply->n; i++) {
    pl_reply *item = room + (reply->items - room) + i;
    p = read_one(p, item);
    if (item->kind == PL_REPLY_ARRAY) p = read_items(p, item, room, used);
  }
  return p;
}

static pl_reply read_answer(pl_buf *buf) {
  static pl_reply items[ITEMS_MAX];
  pl_reply reply;
  size_t used = 0;
  pl_buf_char(buf, 0);
  const char *p = read_one(buf->p, &reply);
  if (reply.kind == PL_REPLY_ARRAY) (void)read_items(p, &reply, items, &used);
  return reply;
}

static void answer_first(redis_link *l, const pl_reply *reply) {
  link_pending *p = l->first;
  pl_reply_fn *fn = p->fn;
  void *ctx = p->ctx;
  l->first = p->next, l->queued -= p->bytes;
  if (!l->first) l->last = &l->first;
  PL_FREE(p);
  fn(ctx, reply);
}

static void on_answer(void *ctx, const int64_t arg[EVENT_ARGS]) {
  redis_link *l = ctx;
  if (l->deaf || l->connection != (uint32_t)arg[0]) return;
  pl_buf answer;
  pl_buf_init(&answer, ANSWER_MAX);
  if (server_answer(l->server, l->connection, &answer)) {
    PL_ASSERT(l->first);
    pl_reply reply = read_answer(&answer);
    answer_first(l, &reply);
    process_settle(l->process);
  }
  pl_buf_fini(&answer);
}

void link_tell_answer(redis_link *l, uint32_t id, int64_t after) {
  process_put(l->process, after, on_answer, l, (const int64_t[EVENT_ARGS]){id});
}

/* --- connecting */

static void on_dial(void *ctx, const int64_t arg[EVENT_ARGS]);

static void dial_later(redis_link *l) {
  int64_t pause = PAUSE_MIN << (l->failures < 6 ? l->failures : 6);
  if (pause > PAUSE_MAX) pause = PAUSE_MAX;
  l->failures++;
  process_put(l->process, pause / 2 + timeline_draw(l->server->t, 0, pause / 2), on_dial, l, NULL);
}

static void on_dial(void *ctx, const int64_t arg[EVENT_ARGS]) {
  redis_link *l = ctx;
  (void)arg;
  if (l->stopped) return;
  if (!l->server->up || l->server->stands_until > l->server->t->now) {
    dial_later(l);
    return;
  }
  l->connection = server_accept(l->server, l, l->process->id);
  l->up = true, l->broken = l->deaf = false, l->failures = 0;
  l->to.on_up(l->to.ctx);
  process_settle(l->process);
}

static void answer_all(redis_link *l) {
  while (l->first) answer_first(l, NULL);
}

static void on_broken(void *ctx, const int64_t arg[EVENT_ARGS]) {
  redis_link *l = ctx;
  if (l->connection != (uint32_t)arg[0]) return;
  server_hang_up(l->server, l->connection, server_pending(l->server, l->connection));
  l->connection = 0, l->up = false;
  answer_all(l);
  l->to.on_down(l->to.ctx, "the connection was lost");
  dial_later(l);
  process_settle(l->process);
}

void link_break(redis_link *l, link_arrival arrival, int64_t after) {
  if (!l->connection || l->broken) return;
  l->broken = l->deaf = true;
  int64_t pending = (int64_t)server_pending(l->server, l->connection);
  if (arrival == ARRIVE_LATE)
    server_delay(l->server, l->connection, timeline_draw(l->server->t, 100 * MS, 5 * SECOND));
  else if (arrival != ARRIVE_ALL)
    server_hang_up(l->server, l->connection,
                   arrival == ARRIVE_SOME ? (size_t)timeline_draw(l->server->t, 0, pending) : 0);
  process_put(l->process, after, on_broken, l, (const int64_t[EVENT_ARGS]){l->connection});
}

/* --- the port */

static pl_status start(pl_store *store, const pl_store_handler *handler, pl_err *err) {
  redis_link *l = (redis_link *)store;
  (void)err;
  l->to = *handler;
  process_put(l->process, 0, on_dial, l, NULL);
  return PL_OK;
}

static void on_lost(void *ctx, const int64_t arg[EVENT_ARGS]) {
  redis_link *l = ctx;
  (void)arg;
  if (!l->connection) answer_all(l);
  process_settle(l->process);
}

static void send_command(pl_store *store, pl_str resp, pl_reply_fn *fn, void *ctx) {
  redis_link *l = (redis_link *)store;
  link_pending *p = PL_NEW(link_pending);
  *p = (link_pending){NULL, fn, ctx, resp.n};
  *l->last = p, l->last = &p->next;
  l->queued += resp.n;
  if (process_speaks(l->process) && l->connection) server_send(l->server, l->connection, resp);
  if (!l->connection) process_put(l->process, 0, on_lost, l, NULL);
}

static void set_listening(redis_link *l, const char *channel, bool on) {
  for (int32_t p = 0; p < PARTITIONS_MAX; p++) {
    pl_key key = pl_key_wake("pl", p);
    if (pl_str_eq(pl_key_str(&key), pl_str_of(channel))) l->listens[p] = on;
  }
}

static void listen_to(pl_store *store, const char *channel) {
  set_listening((redis_link *)store, channel, true);
}
static void unlisten(pl_store *store, const char *channel) {
  set_listening((redis_link *)store, channel, false);
}
static size_t queued(const pl_store *store) { return ((const redis_link *)store)->queued; }
static void reconnect(pl_store *store) { link_break((redis_link *)store, ARRIVE_SOME, 0); }
static void stop(pl_store *store) { link_stop((redis_link *)store); }

static const pl_store_ops ops = {start, send_command, listen_to, unlisten, queued, reconnect, stop};

void link_init(redis_link *l, process *p, server *s) {
  *l = (redis_link){.store.ops = &ops, .process = p, .server = s};
  l->last = &l->first;
}

void link_stop(redis_link *l) {
  l->stopped = true;
  if (l->connection) server_hang_up(l->server, l->connection, server_pending(l->server, l->connection));
  l->connection = 0;
  answer_all(l);
}

static void on_message(void *ctx, const int64_t arg[EVENT_ARGS]) {
  redis_link *l = ctx;
  if (!l->up || !l->listens[arg[0]]) return;
  pl_key channel = pl_key_wake("pl", (int32_t)arg[0]);
  l->to.on_message(l->to.ctx, pl_key_str(&channel), pl_str_of(l->messages[arg[1]]));
  process_settle(l->process);
}

void link_message(redis_link *l, int32_t partition, pl_str message) {
  int64_t at = l->nmessages++ % LINK_MESSAGES;
  (void)snprintf(l->messages[at], sizeof l->messages[at], "%.*s", (int)message.n, message.p);
  if (l->up && !l->broken)
    process_put(l->process, timeline_draw(l->server->t, 50, 3 * MS), on_message, l,
                (const int64_t[EVENT_ARGS]){partition, at});
}
