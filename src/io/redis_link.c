#include "io/redis_link.h"

#include <arpa/inet.h>
#include <event2/dns.h>
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
#include "io/redis_info.h"
#include "io/turn.h"

typedef enum { IDLE, OPENING, UP } state;

/* A command in flight, or one that was sent too late and waits for its NULL. */
typedef struct pending pending;
struct pending {
  pl_link *link;
  pl_reply_fn *fn;
  void *ctx;
  size_t bytes;
  pending *next;
};

/* A look-up under way. It outlives the link when it was cancelled: evdns answers later. */
typedef struct {
  pl_link *link; /* NULL: nobody waits any more */
} lookup;

struct pl_link {
  struct event_base *base;
  const pl_redis_config *config;
  pl_link_handler handler;
  redisAsyncContext *ac; /* hiredis frees it; NULL as soon as it has begun to */
  struct evdns_base *dns;
  struct evdns_getaddrinfo_request *request;
  lookup *lookup;
  struct event *timer, *later;
  pl_arena *scratch; /* one reply's items */
  state state;
  bool dropping, stopped;
  pl_mono up_since, heard; /* heard: the last reply, or the first command after a pause */
  size_t waiting, queued;  /* commands and bytes in flight */
  pending *lost, **lost_end;
  unsigned failures, attempts;
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

static void on_auth(pl_link *link, const redisReply *raw) {
  if (raw->type == REDIS_REPLY_ERROR)
    drop(link, "AUTH was refused (%s): check the user and the password of redis.url", raw->str);
}

static void on_plain(pl_link *link, const redisReply *raw) {
  if (raw->type == REDIS_REPLY_ERROR) pl_link_drop(link, raw->str);
}

static void on_info(pl_link *link, const redisReply *raw) {
  pl_buf_clear(&link->warnings);
  if (raw->type == REDIS_REPLY_ERROR)
    pl_buf_text(&link->warnings, "INFO is refused: whether state is durable cannot be seen; grant +info\n");
  else
    pl_redis_info_check((pl_str){raw->str, raw->len}, &link->warnings);
  if (link->warnings.n)
    link->warnings.p[link->warnings.n - 1] = 0; /* ends the text in place of its newline */
}

static void on_role(pl_link *link, const redisReply *raw) {
  const char *role = raw->type == REDIS_REPLY_ARRAY && raw->elements ? raw->element[0]->str : NULL;
  if (raw->type == REDIS_REPLY_ERROR) {
    drop(link, "ROLE was refused (%s): grant +role, so that a replica is never mistaken for the master",
         raw->str);
  } else if (!role || strcmp(role, "master") != 0) {
    drop(link, "its role is %s, not master: waiting until it is promoted", role ? role : "unknown");
  } else {
    link->state = UP;
    link->why[0] = link->told[0] = 0;
    link->up_since = pl_clock_mono();
    (void)event_del(link->timer);
    link->handler.on_up(link->handler.ctx);
  }
}

typedef struct {
  const char *name;
  void (*on_answer)(pl_link *link, const redisReply *raw);
} step;
enum { AUTH, SELECT, PING, INFO, ROLE };
static const step steps[] = {
    {"AUTH", on_auth}, {"SELECT", on_plain}, {"PING", on_plain}, {"INFO", on_info}, {"ROLE", on_role}};

static void on_step(redisAsyncContext *ac, void *raw, void *privdata) {
  pl_turn_enter("redis");
  pl_link *link = ac->data;
  const step *at = privdata;
  if (raw && link && !link->dropping) at->on_answer(link, raw);
}

/* The command's bytes end in a NUL beyond their length: hiredis looks that far. */
static void ask(pl_link *link, redisCallbackFn *fn, void *privdata, size_t argc, const pl_str *args) {
  pl_buf buf;
  pl_buf_init(&buf, 64 * 1024);
  pl_resp_begin(&buf, argc);
  for (size_t i = 0; i < argc; i++) pl_resp_arg(&buf, args[i]);
  pl_buf_char(&buf, 0);
  if (buf.full || redisAsyncFormattedCommand(link->ac, fn, privdata, buf.p, buf.n - 1) != REDIS_OK)
    pl_link_drop(link, "a command of the greeting could not be sent");
  pl_buf_fini(&buf);
}

static void greet(pl_link *link, int which, pl_str a, pl_str b) {
  pl_str args[] = {pl_str_of(steps[which].name), a, b};
  ask(link, on_step, (void *)(uintptr_t)&steps[which], b.p ? 3 : a.p ? 2 : 1, args);
}

static void on_connect(const redisAsyncContext *ac, int status) {
  pl_link *link = ac->data;
  if (!link) return;
  if (status != REDIS_OK) {
    link->ac = NULL; /* hiredis frees it when we return */
    pl_link_drop(link, ac->c.errstr);
    return;
  }
  const pl_redis_config *config = link->config;
  const pl_str none = {NULL, 0};
  if (config->password && config->user)
    greet(link, AUTH, pl_str_of(config->user), pl_str_of(config->password));
  else if (config->password)
    greet(link, AUTH, pl_str_of(config->password), none);
  char db[16];
  (void)snprintf(db, sizeof db, "%d", config->db);
  if (config->db) greet(link, SELECT, pl_str_of(db), none);
  for (int which = PING; which <= ROLE; which++) greet(link, which, none, none);
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

static void on_addresses(int rc, struct evutil_addrinfo *found, void *ctx) {
  pl_turn_enter("redis");
  lookup *mine = ctx;
  pl_link *link = mine->link;
  PL_FREE(mine);
  if (link) {
    link->lookup = NULL, link->request = NULL;
    unsigned n = 0;
    for (struct evutil_addrinfo *a = found; a; a = a->ai_next) n++;
    if (rc != 0 || n == 0) {
      drop(link, "its name cannot be resolved (%s): check redis.url", evutil_gai_strerror(rc));
    } else {
      const struct evutil_addrinfo *a = found; /* each attempt takes the next of a name's addresses */
      for (unsigned skip = link->attempts++ % n; skip; skip--) a = a->ai_next;
      char text[INET6_ADDRSTRLEN];
      const void *address =
          a->ai_family == AF_INET6
              ? (const void *)&((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr
              : (const void *)&((const struct sockaddr_in *)(const void *)a->ai_addr)->sin_addr;
      (void)evutil_inet_ntop(a->ai_family, address, text, sizeof text);
      attach(link, redisAsyncConnect(text, link->config->port));
    }
  }
  if (found) evutil_freeaddrinfo(found);
}

static void resolve(pl_link *link) {
  if (!link->dns) {
    link->dns = evdns_base_new(link->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (link->dns) (void)evdns_base_resolv_conf_parse(link->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
  }
  if (!link->dns) {
    pl_link_drop(link, "no resolver could be made");
    return;
  }
  struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  link->lookup = PL_NEW(lookup);
  link->lookup->link = link;
  struct evdns_getaddrinfo_request *request =
      evdns_getaddrinfo(link->dns, link->config->host, NULL, &hints, on_addresses, link->lookup);
  if (link->lookup) link->request = request; /* else it was answered at once */
}

static void dial(pl_link *link) {
  const pl_redis_config *config = link->config;
  unsigned char bytes[16];
  link->state = OPENING;
  arm(link->timer, limit_us(config->connect_timeout, 2000));
  if (config->unix_path)
    attach(link, redisAsyncConnectUnix(config->unix_path));
  else if (inet_pton(AF_INET, config->host, bytes) == 1 || inet_pton(AF_INET6, config->host, bytes) == 1)
    attach(link, redisAsyncConnect(config->host, config->port));
  else
    resolve(link);
}

/* --- ending */

static void sever(pl_link *link) {
  if (link->lookup) {
    link->lookup->link = NULL, link->lookup = NULL;
    evdns_getaddrinfo_cancel(link->request);
    link->request = NULL;
  }
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
  if (was_up && pl_clock_mono().us - link->up_since.us > 1000 * PL_LINK_PAUSE_MAX_MS) link->failures = 0;
  if (!link->stopped && strcmp(link->told, link->why) != 0) {
    pl_log(PL_LOG_WARN, "redis.link", "%s: %s",
           link->config->unix_path ? link->config->unix_path : link->config->host, link->why);
    memcpy(link->told, link->why, sizeof link->told);
  }
  if (!link->stopped) arm(link->timer, pause_us(link)), link->failures++;
  if (was_up) link->handler.on_down(link->handler.ctx, link->why);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("redis");
  (void)fd, (void)what;
  pl_link *link = ctx;
  int64_t limit = limit_us(link->config->command_timeout, 10000), silent;
  switch (link->state) {
  case IDLE: dial(link); return;
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
  const pl_str args[] = {on ? PL_STR("SUBSCRIBE") : PL_STR("UNSUBSCRIBE"), channel};
  ask(link, on_push, link, 2, args);
}

pl_link *pl_link_new(struct event_base *base, const pl_redis_config *config, const pl_link_handler *handler) {
  pl_link *link = PL_NEW(pl_link);
  *link = (pl_link){.base = base, .config = config, .handler = *handler, .lost_end = &link->lost};
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
  if ((*link)->dns) evdns_base_free((*link)->dns, 0);
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

bool pl_link_up(const pl_link *link) { return link->state == UP && !link->dropping; }
size_t pl_link_queued(const pl_link *link) { return link->queued; }
const char *pl_link_why(const pl_link *link) {
  return link->state == UP ? "" : link->why[0] ? link->why : "connecting";
}
const char *pl_link_warnings(const pl_link *link) { return link->warnings.n ? link->warnings.p : ""; }
