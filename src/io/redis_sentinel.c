#include "io/redis_sentinel.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/resp.h"
#include "io/redis_link.h"

enum { PATIENCE_MS = 1000 }; /* with one sentinel, for connecting and for its answer */

static const char SWITCH[] = "+switch-master";

/* One of them, as it is listened to. */
typedef struct {
  pl_sentinel *all;
  const pl_redis_place *place;
  pl_link *link;
  char why[256]; /* why it gave no answer when it was asked last; "" */
} one;

struct pl_sentinel {
  const char *master;
  pl_redis_config config; /* of every link */
  pl_sentinel_fn *fn;
  void *ctx;
  one *each;
  size_t n, turn; /* turn: whom the asking link leads to */
  pl_link *asking;
  bool awaited; /* an answer is */
  pl_buf command, why;
};

/* False: that is no address. */
static bool tell(pl_sentinel *s, pl_str host, pl_str port) {
  char name[256];
  int64_t number;
  if (!host.n || host.n >= sizeof name || !pl_str_int(port, &number) || number < 1 || number > 65535)
    return false;
  (void)snprintf(name, sizeof name, "%.*s", (int)host.n, host.p);
  s->awaited = false;
  s->fn(s->ctx, name, (int)number);
  return true;
}

/* --- asking */

static void PL_PRINTF(2, 3) next(pl_sentinel *s, const char *fmt, ...) {
  char *why = s->each[s->turn].why;
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(why, sizeof s->each->why, fmt, args);
  va_end(args);
  pl_link_drop(s->asking, why);
}

static void on_answer(void *ctx, const pl_reply *reply) {
  pl_sentinel *s = ctx;
  if (!reply || !s->awaited) return; /* a lost link asks again when it is up */
  if (reply->kind == PL_REPLY_ERROR)
    next(s, "%.*s: check redis.sentinel_password_file and that user's rights", (int)reply->s.n, reply->s.p);
  else if (reply->kind != PL_REPLY_ARRAY || reply->n != 2 || !tell(s, reply->items[0].s, reply->items[1].s))
    next(s, "knows no master '%s': set redis.master to the name in its `sentinel monitor`", s->master);
  else
    s->each[s->turn].why[0] = 0;
}

static void on_asking_up(void *ctx) {
  pl_sentinel *s = ctx;
  if (s->awaited) pl_link_send(s->asking, pl_buf_str(&s->command), on_answer, s);
}

static void on_asking_find(void *ctx) {
  pl_sentinel *s = ctx;
  s->turn = (s->turn + 1) % s->n;
  const pl_redis_place *place = s->each[s->turn].place;
  (void)pl_link_found(s->asking, place->host, place->port);
}

static void on_asking_down(void *ctx, const char *why) { (void)ctx, (void)why; }
static void on_asking_push(void *ctx, const pl_reply *push) { (void)ctx, (void)push; }

void pl_sentinel_ask(pl_sentinel *s, bool another) {
  s->awaited = true;
  if (!pl_link_up(s->asking))
    pl_link_start(s->asking);
  else if (another && s->n > 1)
    pl_link_redial(s->asking, "the master that it named is none: asking another sentinel");
  else
    on_asking_up(s);
}

/* --- listening */

static void on_up(void *ctx) { pl_link_subscribe(((one *)ctx)->link, true, pl_str_of(SWITCH)); }
static void on_down(void *ctx, const char *why) { (void)ctx, (void)why; }

static void on_find(void *ctx) {
  one *o = ctx;
  (void)pl_link_found(o->link, o->place->host, o->place->port);
}

/* +switch-master NAME OLD-HOST OLD-PORT HOST PORT */
static void on_push(void *ctx, const pl_reply *push) {
  const one *o = ctx;
  if (push->kind != PL_REPLY_ARRAY || push->n != 3 || push->items[2].kind != PL_REPLY_TEXT) return;
  if (!pl_str_is(push->items[0].s, "message") || !pl_str_is(push->items[1].s, SWITCH)) return;
  pl_str words[5] = {{0}};
  pl_str rest = push->items[2].s;
  for (size_t i = 0; i < PL_COUNT(words) && rest.n; i++) {
    const char *blank = memchr(rest.p, ' ', rest.n);
    size_t n = blank ? (size_t)(blank - rest.p) : rest.n;
    words[i] = (pl_str){rest.p, n};
    rest.p += n + (blank != NULL), rest.n -= n + (blank != NULL);
  }
  if (pl_str_is(words[0], o->all->master)) (void)tell(o->all, words[3], words[4]);
}

/* --- life */

pl_sentinel *pl_sentinel_new(struct event_base *base, const pl_redis_config *config, pl_sentinel_fn *fn,
                             void *ctx) {
  pl_sentinel *s = PL_NEW(pl_sentinel);
  *s = (pl_sentinel){.master = config->master,
                     .config = {.user = config->sentinel_user,
                                .password = config->sentinel_password,
                                .connect_timeout = {PATIENCE_MS},
                                .command_timeout = {PATIENCE_MS}},
                     .fn = fn,
                     .ctx = ctx,
                     .n = config->nsentinels,
                     .turn = config->nsentinels - 1};
  pl_buf_init(&s->command, 4096), pl_buf_init(&s->why, 64 * 1024);
  pl_resp_begin(&s->command, 3);
  pl_resp_arg(&s->command, PL_STR("SENTINEL")), pl_resp_arg(&s->command, PL_STR("get-master-addr-by-name"));
  pl_resp_arg(&s->command, pl_str_of(s->master));
  s->asking = pl_link_new(
      base, &s->config,
      &(pl_link_handler){on_asking_up, on_asking_down, on_asking_push, on_asking_find, PL_ROLE_SENTINEL, s});
  s->each = pl_alloc(s->n * sizeof *s->each);
  for (size_t i = 0; i < s->n; i++) {
    one *o = &s->each[i];
    *o = (one){.all = s, .place = &config->sentinels[i]};
    o->link = pl_link_new(base, &s->config,
                          &(pl_link_handler){on_up, on_down, on_push, on_find, PL_ROLE_SENTINEL, o});
  }
  return s;
}

void pl_sentinel_free(pl_sentinel **sentinel) {
  if (!*sentinel) return;
  pl_sentinel *s = *sentinel;
  pl_link_free(&s->asking);
  for (size_t i = 0; i < s->n; i++) pl_link_free(&s->each[i].link);
  pl_release(s->each, s->n * sizeof *s->each);
  pl_buf_fini(&s->command), pl_buf_fini(&s->why);
  PL_FREE(*sentinel);
}

void pl_sentinel_start(pl_sentinel *s) {
  for (size_t i = 0; i < s->n; i++) pl_link_start(s->each[i].link);
}

void pl_sentinel_stop(pl_sentinel *s) {
  pl_link_stop(s->asking);
  for (size_t i = 0; i < s->n; i++) pl_link_stop(s->each[i].link);
}

const char *pl_sentinel_why(pl_sentinel *s) {
  pl_buf_clear(&s->why);
  pl_buf_printf(&s->why, "no sentinel has named the master '%s' yet", s->master);
  for (size_t i = 0; i < s->n; i++) {
    const one *o = &s->each[i];
    const char *link = pl_link_why(o->link), *why = *link ? link : o->why;
    if (*why) pl_buf_printf(&s->why, "; %s:%d: %s", o->place->host, o->place->port, why);
  }
  pl_buf_char(&s->why, 0);
  return s->why.p;
}
