#include "io/redis.h"

#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "io/redis_link.h"
#include "io/redis_sentinel.h"

typedef struct {
  pl_store store; /* first: a pl_store * is a redis * */
  pl_store_handler handler;
  pl_redis_config config;
  pl_arena *strings; /* the configuration's */
  pl_link *commands, *messages;
  pl_sentinel *sentinel; /* NULL: none are configured */
  char host[256];        /* the master, as it was named last */
  int port;
  bool unheld; /* it was named, and there was no connection to it yet */
  bool unused; /* it was named unasked, and not tried yet */
  char why[600];
  pl_map channels; /* channel -> nothing */
  bool listening;  /* the second connection was asked for */
} redis;

static redis *redis_of(const pl_store *store) { return (redis *)(uintptr_t)store; }

/* --- where the master is */

static void on_find(void *ctx) {
  redis *r = ctx;
  if (r->unused)
    (void)pl_link_found(r->commands, r->host, r->port);
  else
    pl_sentinel_ask(r->sentinel, r->unheld);
  r->unused = false;
}

static void on_master(void *ctx, const char *host, int port) {
  redis *r = ctx;
  if (pl_link_leads_to(r->commands, host, port)) return;
  (void)snprintf(r->host, sizeof r->host, "%s", host);
  r->port = port, r->unheld = true;
  r->unused = !pl_link_found(r->commands, host, port);
  if (r->unused) pl_link_redial(r->commands, "a sentinel has named another master");
}

/* The second connection goes where the first one is. */
static void on_find_messages(void *ctx) {
  redis *r = ctx;
  if (pl_link_up(r->commands)) (void)pl_link_found(r->messages, r->host, r->port);
}

/* --- both connections */

static void on_up(void *ctx) {
  redis *r = ctx;
  r->unheld = false;
  if (r->sentinel) on_find_messages(r);
  r->handler.on_up(r->handler.ctx);
}

static void on_down(void *ctx, const char *why) {
  redis *r = ctx;
  if (r->listening) pl_link_drop(r->messages, why); /* an idle connection would not notice by itself */
  r->handler.on_down(r->handler.ctx, why);
}

static void on_unused(void *ctx, const pl_reply *push) { (void)ctx, (void)push; }

static void on_messages_up(void *ctx) {
  redis *r = ctx;
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&r->channels, slot));)
    pl_link_subscribe(r->messages, true, (pl_str){slot->key, slot->key_len});
}

static void on_messages_down(void *ctx, const char *why) { (void)ctx, (void)why; }

static void on_push(void *ctx, const pl_reply *push) {
  redis *r = ctx;
  if (push->kind != PL_REPLY_ARRAY || push->n != 3 || push->items[2].kind != PL_REPLY_TEXT) return;
  if (pl_str_is(push->items[0].s, "message") && pl_map_find(&r->channels, push->items[1].s))
    r->handler.on_message(r->handler.ctx, push->items[1].s, push->items[2].s);
}

static pl_status start(pl_store *store, const pl_store_handler *handler, pl_err *err) {
  redis *r = redis_of(store);
  if (!r->config.unix_path && !r->sentinel &&
      (!r->config.host || r->config.port < 1 || r->config.port > 65535))
    return pl_fail(err, PL_FATAL,
                   "redis.url: host '%s', port %d; a host and a port from 1 to 65535, or the path of a unix "
                   "socket, is needed",
                   r->config.host ? r->config.host : "", r->config.port);
  r->handler = *handler;
  if (r->sentinel) pl_sentinel_start(r->sentinel);
  pl_link_start(r->commands);
  if (r->listening) pl_link_start(r->messages);
  return PL_OK;
}

static void send_command(pl_store *store, pl_str resp, pl_reply_fn *fn, void *ctx) {
  pl_link_send(redis_of(store)->commands, resp, fn, ctx);
}

static void listen_to(pl_store *store, const char *channel) {
  redis *r = redis_of(store);
  void **place = pl_map_put(&r->channels, pl_str_of(channel));
  if (*place) return;
  *place = r;
  if (pl_link_up(r->messages)) pl_link_subscribe(r->messages, true, pl_str_of(channel));
  if (!r->listening && r->handler.on_up) pl_link_start(r->messages);
  r->listening = true;
}

static void unlisten(pl_store *store, const char *channel) {
  redis *r = redis_of(store);
  if (!pl_map_find(&r->channels, pl_str_of(channel))) return;
  pl_map_drop(&r->channels, pl_str_of(channel));
  pl_link_subscribe(r->messages, false, pl_str_of(channel));
}

static size_t queued(const pl_store *store) { return pl_link_queued(redis_of(store)->commands); }

static void reconnect(pl_store *store) { pl_link_drop(redis_of(store)->commands, "dropped on our side"); }

static void stop(pl_store *store) {
  pl_link_stop(redis_of(store)->commands);
  pl_link_stop(redis_of(store)->messages);
  if (redis_of(store)->sentinel) pl_sentinel_stop(redis_of(store)->sentinel);
}

static const pl_store_ops ops = {start, send_command, listen_to, unlisten, queued, reconnect, stop};

pl_store *pl_redis_new(struct event_base *base, const pl_redis_config *config) {
  redis *r = PL_NEW(redis);
  r->store.ops = &ops;
  r->strings = pl_arena_new(64 * 1024);
  r->config = *config;
  const char **texts[] = {&r->config.host,
                          &r->config.unix_path,
                          &r->config.user,
                          &r->config.password,
                          &r->config.master,
                          &r->config.sentinel_user,
                          &r->config.sentinel_password};
  for (size_t i = 0; i < PL_COUNT(texts); i++)
    if (*texts[i]) *texts[i] = pl_arena_text(r->strings, *texts[i], strlen(*texts[i]));
  pl_redis_place *sentinels = pl_arena_alloc(r->strings, config->nsentinels * sizeof *sentinels);
  for (size_t i = 0; i < config->nsentinels; i++) {
    const char *host = config->sentinels[i].host;
    sentinels[i] = (pl_redis_place){pl_arena_text(r->strings, host, strlen(host)), config->sentinels[i].port};
  }
  r->config.sentinels = sentinels;
  pl_map_init(&r->channels);
  pl_link_handler commands = {.on_up = on_up, .on_down = on_down, .on_push = on_unused, .ctx = r};
  pl_link_handler messages = {
      .on_up = on_messages_up, .on_down = on_messages_down, .on_push = on_push, .ctx = r};
  if (config->nsentinels) {
    r->sentinel = pl_sentinel_new(base, &r->config, on_master, r);
    commands.find = on_find, messages.find = on_find_messages;
  }
  r->commands = pl_link_new(base, &r->config, &commands);
  r->messages = pl_link_new(base, &r->config, &messages);
  return &r->store;
}

void pl_redis_free(pl_store **store) {
  if (!*store) return;
  redis *r = redis_of(*store);
  pl_link_free(&r->messages);
  pl_link_free(&r->commands);
  pl_sentinel_free(&r->sentinel);
  pl_map_fini(&r->channels);
  pl_arena_free(&r->strings);
  PL_FREE(r);
  *store = NULL;
}

const char *pl_redis_why(const pl_store *store) {
  redis *r = redis_of(store);
  const char *why = pl_link_why(r->commands);
  if (pl_link_seeking(r->commands)) return pl_sentinel_why(r->sentinel);
  if (!*why || !r->port) return why;
  (void)snprintf(r->why, sizeof r->why, "%s: %s", pl_link_name(r->commands), why);
  return r->why;
}

const char *pl_redis_warnings(const pl_store *store) { return pl_link_warnings(redis_of(store)->commands); }
