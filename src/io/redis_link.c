#include "io/redis_link.h"

#include <event2/event.h>
#include <event2/util.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "codec/resp.h"
#include "io/resolver.h"
#include "io/turn.h"

typedef enum { IDLE, SEEKING, OPENING, UP } state;

/* A command in flight, or one that was sent too late and waits for its NULL. */
typedef struct pending pending;
struct pending {
  pl_link *link;
  pl_reply_fn *fn;
  void *ctx;
  size_t bytes;
  pending *next;
};

struct pl_link {
  struct event_base *base;
  const pl_redis_config *config;
  pl_link_handler handler;
  redisAsyncContext *ac; /* hiredis frees it; NULL as soon as it has begun to */
  pl_resolver *resolver;
  char host[256]; /* where it leads: the configuration's address, or what was found */
  int port;
  char name[300]; /* the two as one text */
  struct event *timer, *later;
  pl_arena *scratch; /* one reply's items */
  state state;
  bool dropping, stopped, hurry; /* hurry: the next attempt comes without a pause */
  pl_mono up_since, heard;       /* heard: the last reply, or the first command after a pause */
  size_t waiting, queued;        /* commands and bytes in flight */
  pending *lost, **lost_end;
  unsigned failures;
  char why[256], told[256];
  pl_buf warnings; /* lines, terminated unless empty */
};

static void arm(struct event *timer, int64_t us) {
  struct timeval tv = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
  (void)event_add(timer, &tv);
}

static int64_t limit_us(pl_dur given, int64_t otherwise_ms) {
  return 1000 * (given.ms > 0 ? given.ms : otherwise_ms);
}

void pl_link_drop(pl_link *link, const char *why) {
  if (link->dropping) return;
  link->dropping = true;
  (void)snprintf(link->why, sizeof link->why, "%s", why);
  arm(link->later, 0);
}

static void PL_PRINTF(2, 3) drop(pl_link *link, const char *fmt, ...) {
  char why[256];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(why, sizeof why, fmt, args);
  va_end(args);
  pl_link_drop(link, why);
}

/* --- replies */

static size_t items(const redisReply *raw) {
  size_t n = raw->elements;
  for (size_t i = 0; i < raw->elements; i++) n += items(raw->element[i]);
  return n;
}

static pl_reply convert(pl_arena *scratch, const redisReply *raw) {
  switch (raw->type) {
  case REDIS_REPLY_NIL: return (pl_reply){.kind = PL_REPLY_NIL};
  case REDIS_REPLY_INTEGER: return (pl_reply){.kind = PL_REPLY_INT, .i = raw->integer};
  case REDIS_REPLY_ERROR: return (pl_reply){.kind = PL_REPLY_ERROR, .s = {raw->str, raw->len}};
  case REDIS_REPLY_STATUS:
  case REDIS_REPLY_STRING: return (pl_reply){.kind = PL_REPLY_TEXT, .s = {raw->str, raw->len}};
  default: break;
  }
  pl_reply *list = pl_arena_alloc(scratch, raw->elements * sizeof *list);
  for (size_t i = 0; i < raw->elements; i++) list[i] = convert(scratch, raw->element[i]);
  return (pl_reply){.kind = PL_REPLY_ARRAY, .items = list, .n = raw->elements};
}

static pl_reply reply_of(pl_link *link, const redisReply *raw) {
  if (raw->elements && items(raw) > PL_LINK_ITEMS_MAX)
    return (pl_reply){.kind = PL_REPLY_ERROR,
                      .s = PL_STR("TOOLARGE a reply of more items than paceline takes")};
  pl_arena_reset(link->scratch);
  return convert(link->scratch, raw);
}

static void on_reply(redisAsyncContext *ac, void *raw, void *privdata) {
  pl_turn_enter("redis");
  (void)ac;
  pending *p = privdata;
  pl_link *link = p->link;
  pl_reply_fn *fn = p->fn;
  void *ctx = p->ctx;
  link->waiting--, link->queued -= p->bytes;
  PL_FREE(p);
  if (!raw) {
    fn(ctx, NULL);
    return;
  }
  link->heard = pl_clock_mono();
  pl_reply reply = reply_of(link, raw);
  if (reply.kind == PL_REPLY_ERROR && reply.s.n > 8 && memcmp(reply.s.p, "READONLY", 8) == 0)
    pl_link_drop(link, "it has become a replica: waiting until it is promoted");
  fn(ctx, &reply);
}

static void on_push(redisAsyncContext *ac, void *raw, void *privdata) {
  pl_turn_enter("redis");
  (void)ac;
  pl_link *link = privdata;
  if (!raw) return;
  pl_reply push = reply_of(link, raw);
  link->handler.on_push(link->handler.ctx, &push);
}

/* --- greeting */

static void rise(pl_link *link) {
  link->state = UP;
  link->why[0] = 0;
  link->up_since = pl_clock_mono();
  (void)event_del(link->timer);
  link->handler.on_up(link->handler.ctx);
}

static void on_greet(redisAsyncContext *ac, void *raw, void *privdata) {
  pl_turn_enter("redis");
  pl_link *link = ac->data;
  pl_greet step = (pl_greet)(uintptr_t)privdata;
  if (!raw || !link || link->dropping) return;
  pl_err why;
  pl_reply reply = reply_of(link, raw);
  if (!pl_greeting_judge(step, link->handler.role, &reply, &link->warnings, &why))
    pl_link_drop(link, why.text);
  else if (step == PL_GREET_ROLE)
    rise(link);
}

/* The command's bytes end in a NUL beyond their length: hiredis looks that far. */
static void ask(pl_link *link, redisCallbackFn *fn, void *privdata, pl_buf *command) {
  pl_buf_char(command, 0);
  if (command->full ||
      redisAsyncFormattedCommand(link->ac, fn, privdata, command->p, command->n - 1) != REDIS_OK)
    pl_link_drop(link, "a command of the link's own could not be sent");
}

static void on_connect(const redisAsyncContext *ac, int status) {
  pl_link *link = ac->data;
  if (!link) return;
  if (status != REDIS_OK) {
    link->ac = NULL; /* hiredis frees it when we return */
    pl_link_drop(link, ac->c.errstr);
    return;
  }
  pl_buf command;
  pl_buf_init(&command, 64 * 1024);
  for (pl_greet step = 0; step < PL_GREETS; step++) {
    pl_buf_clear(&command);
    if (pl_greeting_ask(step, link->handler.role, link->config, &command))
      ask(link, on_greet, (void *)(uintptr_t)step, &command);
  }
  pl_buf_fini(&command);
}

static void on_disconnect(const redisAsyncContext *ac, int status) {
  pl_link *link = ac->data;
  if (!link) return;
  link->ac = NULL;
  pl_link_drop(link,
               status != REDIS_OK && ac->errstr && *ac->errstr ? ac->errstr : "the connection was closed");
}

/* --- opening */

static void attach(pl_link *link, redisAsyncContext *ac) {
  if (!ac || ac->err || redisLibeventAttach(ac, link->base) != REDIS_OK) {
    pl_link_drop(link, ac ? ac->errstr : "out of memory");
    if (ac) redisAsyncFree(ac);
    return;
  }
  link->ac = ac;
  ac->data = link;
  (void)redisAsyncSetConnectCallback(ac, on_connect);
  (void)redisAsyncSetDisconnectCallback(ac, on_disconnect);
  if (ac->c.connection_type == REDIS_CONN_TCP) (void)redisEnableKeepAlive(&ac->c);
}

static void on_resolved(void *ctx, const char *address, const char *why) {
  pl_link *link = ctx;
  if (address)
    attach(link, redisAsyncConnect(address, link->port));
  else
    drop(link, "its name cannot be resolved (%s): check %s", why,
         link->handler.find ? "redis.sentinels" : "redis.url");
}

static void open_link(pl_link *link) {
  link->state = OPENING;
  arm(link->timer, limit_us(link->config->connect_timeout, 2000));
  if (link->config->unix_path)
    attach(link, redisAsyncConnectUnix(link->config->unix_path));
  else
    pl_resolver_ask(link->resolver, link->host);
}

static void dial(pl_link *link) {
  link->hurry = false;
  link->state = SEEKING;
  if (link->handler.find)
    link->handler.find(link->handler.ctx);
  else
    open_link(link);
}

bool pl_link_found(pl_link *link, const char *host, int port) {
  if (link->state != SEEKING || link->dropping) return false;
  (void)snprintf(link->host, sizeof link->host, "%s", host);
  link->port = port;
  open_link(link);
  return true;
}

/* --- ending */

static void sever(pl_link *link) {
  pl_resolver_cancel(link->resolver);
  redisAsyncContext *ac = link->ac;
  link->ac = NULL;
  if (!ac) return;
  ac->data = NULL;
  redisAsyncFree(ac); /* answers NULL to everything in flight */
}

static void answer_lost(pl_link *link) {
  pending *p = link->lost;
  link->lost = NULL, link->lost_end = &link->lost;
  while (p) {
    pending *next = p->next;
    pl_reply_fn *fn = p->fn;
    void *ctx = p->ctx;
    PL_FREE(p);
    fn(ctx, NULL);
    p = next;
  }
}

/* Exponential from the first failure in a row on, half of it random. */
static int64_t pause_us(pl_link *link) {
  uint32_t random;
  evutil_secure_rng_get_bytes(&random, sizeof random);
  unsigned doublings = link->failures < 6 ? link->failures : 6;
  int64_t ms = (int64_t)PL_LINK_PAUSE_MIN_MS << doublings;
  if (ms > PL_LINK_PAUSE_MAX_MS) ms = PL_LINK_PAUSE_MAX_MS;
  return ms * 500 + (int64_t)(random % (uint32_t)(ms * 500));
}

static void on_later(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("redis");
  (void)fd, (void)what;
  pl_link *link = ctx;
  if (!link->dropping) {
    answer_lost(link);
    return;
  }
  bool was_up = link->state == UP;
  sever(link);
  answer_lost(link);
  link->state = IDLE;
  link->dropping = false;
  (void)event_del(link->timer);
  if (was_up && pl_clock_mono().us - link->up_since.us > 1000 * PL_LINK_PAUSE_MAX_MS)
    link->failures = 0, link->told[0] = 0;
  if (!link->stopped && strcmp(link->told, link->why) != 0) {
    pl_log(PL_LOG_WARN, "redis.link", "%s: %s", pl_link_name(link), link->why);
    memcpy(link->told, link->why, sizeof link->told);
  }
  if (!link->stopped) arm(link->timer, link->hurry ? 0 : pause_us(link)), link->failures++;
  if (was_up) link->handler.on_down(link->handler.ctx, link->why);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("redis");
  (void)fd, (void)what;
  pl_link *link = ctx;
  int64_t limit = limit_us(link->config->command_timeout, 10000), silent;
  switch (link->state) {
  case IDLE: dial(link); return;
  case SEEKING: return; /* whoever seeks has a clock of his own */
  case OPENING: pl_link_drop(link, "no connection in time"); return;
  case UP:
    silent = pl_clock_mono().us - link->heard.us;
    if (link->waiting == 0) return;
    if (silent >= limit)
      drop(link, "no answer for %lld ms with %zu commands in flight", (long long)silent / 1000,
           link->waiting);
    else
      arm(link->timer, limit - silent);
  }
}

/* --- the link */

void pl_link_send(pl_link *link, pl_str resp, pl_reply_fn *fn, void *ctx) {
  pending *p = PL_NEW(pending);
  *p = (pending){.link = link, .fn = fn, .ctx = ctx, .bytes = resp.n};
  if (link->queued + resp.n > PL_LINK_QUEUED_MAX) pl_link_drop(link, "too much is in flight");
  char word[64]; /* hiredis looks one byte past a command of one word */
  if (resp.n < sizeof word) {
    memcpy(word, resp.p, resp.n);
    word[resp.n] = 0, resp.p = word;
  }
  if (link->state != UP || link->dropping || !link->ac ||
      redisAsyncFormattedCommand(link->ac, on_reply, p, resp.p, resp.n) != REDIS_OK) {
    *link->lost_end = p, link->lost_end = &p->next;
    arm(link->later, 0);
    return;
  }
  link->queued += resp.n;
  if (link->waiting++ == 0) {
    link->heard = pl_clock_mono();
    if (!evtimer_pending(link->timer, NULL)) arm(link->timer, limit_us(link->config->command_timeout, 10000));
  }
}

void pl_link_subscribe(pl_link *link, bool on, pl_str channel) {
  if (link->state != UP || link->dropping || !link->ac) return;
  pl_buf command;
  pl_buf_init(&command, 64 * 1024);
  pl_resp_begin(&command, 2);
  pl_resp_arg(&command, on ? PL_STR("SUBSCRIBE") : PL_STR("UNSUBSCRIBE")), pl_resp_arg(&command, channel);
  ask(link, on_push, link, &command);
  pl_buf_fini(&command);
}

pl_link *pl_link_new(struct event_base *base, const pl_redis_config *config, const pl_link_handler *handler) {
  pl_link *link = PL_NEW(pl_link);
  *link = (pl_link){.base = base, .config = config, .handler = *handler, .lost_end = &link->lost};
  if (!config->unix_path && config->host)
    (void)snprintf(link->host, sizeof link->host, "%s", config->host), link->port = config->port;
  link->resolver = pl_resolver_new(base, on_resolved, link);
  link->timer = evtimer_new(base, on_timer, link);
  link->later = evtimer_new(base, on_later, link);
  pl_buf_init(&link->warnings, 4096);
  link->scratch = pl_arena_new((size_t)PL_LINK_ITEMS_MAX * sizeof(pl_reply));
  PL_ASSERT(link->timer && link->later);
  return link;
}

void pl_link_free(pl_link **link) {
  if (!*link) return;
  (*link)->dropping = (*link)->stopped = true;
  sever(*link);
  while ((*link)->lost) answer_lost(*link);
  pl_resolver_free(&(*link)->resolver);
  event_free((*link)->timer);
  event_free((*link)->later);
  pl_arena_free(&(*link)->scratch);
  pl_buf_fini(&(*link)->warnings);
  PL_FREE(*link);
}

void pl_link_start(pl_link *link) {
  if (link->state == IDLE && !link->stopped) arm(link->timer, 0);
}

void pl_link_stop(pl_link *link) {
  link->stopped = true;
  pl_link_drop(link, "stopped");
}

void pl_link_redial(pl_link *link, const char *why) {
  link->hurry = true;
  if (link->state != IDLE || link->dropping)
    pl_link_drop(link, why);
  else if (!link->stopped)
    arm(link->timer, 0);
}

bool pl_link_seeking(const pl_link *link) { return link->state == SEEKING && !link->dropping; }

bool pl_link_leads_to(const pl_link *link, const char *host, int port) {
  return (link->state == OPENING || link->state == UP) && !link->dropping && link->port == port &&
         strcmp(link->host, host) == 0;
}

const char *pl_link_name(pl_link *link) {
  if (link->config->unix_path) return link->config->unix_path;
  const char *form = strchr(link->host, ':') ? "[%s]:%d" : "%s:%d";
  (void)snprintf(link->name, sizeof link->name, form, link->host, link->port);
  return link->name;
}

bool pl_link_up(const pl_link *link) { return link->state == UP && !link->dropping; }
size_t pl_link_queued(const pl_link *link) { return link->queued; }
const char *pl_link_why(const pl_link *link) {
  return link->state == UP ? "" : link->why[0] ? link->why : "connecting";
}
const char *pl_link_warnings(const pl_link *link) { return link->warnings.n ? link->warnings.p : ""; }
