#include "hook.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "process.h"
#include "world.h"

/* How an endpoint behaves. `takes`: how likely it has the message although it does not say so. */
typedef struct {
  int status; /* 0: none */
  int64_t retry_after_s;
  const char *body;
  double takes;
} reply;
static const reply failures[] = {{.takes = 0.5},
                                 {408, 0, "", 0},
                                 {429, 2, "", 0},
                                 {429, 20, "", 0},
                                 {500, 0, "", 0.1},
                                 {502, 0, "<html>", 0.5},
                                 {503, 0, "", 0},
                                 {404, 0, "", 0},
                                 {200, 0, "\xFF{\"ok\":", 0.5},
                                 {200, 0, "{\"ok\":false,\"error\":\"ratelimited\"}", 0}};
static const reply outages[] = {{0}, {503, 0, "<html>", 0}, {429, 30, "", 0}}, gone = {410, 0, "", 0};

struct hook_pending {
  hook_pending *next;
  int64_t serial;
  size_t endpoint;
  hook_door *door; /* by which it was asked: an answer behind another says nothing */
  pl_sink_kind kind;
  reply reply;
  pl_sent_fn *fn;
  void *ctx;
};

static const char *thanks(pl_sink_kind kind) {
  return kind == PL_SINK_SLACK ? "ok" : kind == PL_SINK_SLACK_BOT ? "{\"ok\":true}" : "";
}

static pl_sent verdict(pl_sink_kind kind, const reply *r, pl_err *why) {
  return pl_sink_verdict(kind, r->status, pl_str_of(r->body ? r->body : ""), why);
}

static void answer(hook *h, hook_pending **place, reply r) {
  hook_pending *p = *place;
  pl_sent_fn *fn = p->fn;
  void *ctx = p->ctx;
  pl_err why = {""};
  pl_sent what = verdict(p->kind, &r, &why);
  h->gone[p->endpoint] |= what == PL_SENT_GONE && p->door == h->door;
  *place = p->next;
  PL_FREE(p);
  fn(ctx, what, r.status, r.retry_after_s, why.text);
}

static void on_response(void *ctx, const int64_t arg[EVENT_ARGS]) {
  hook *h = ctx;
  hook_pending **place = &h->pending;
  while (*place && (*place)->serial != arg[0]) place = &(*place)->next;
  if (*place) answer(h, place, (*place)->reply);
  process_settle(h->process);
}

static reply reply_of(world *w, pl_sink_kind kind) {
  if (w->t.now < w->outage_until) return outages[timeline_draw(&w->t, 0, PL_COUNT(outages) - 1)];
  bool good = !timeline_chance(&w->t, w->chances.hook), leaves = timeline_chance(&w->t, w->chances.gone);
  if (good && !leaves) return (reply){200, 0, thanks(kind), 1};
  w->counts[leaves ? FAULT_GONE : FAULT_HOOK]++;
  return leaves ? gone : failures[timeline_draw(&w->t, 0, PL_COUNT(failures) - 1)];
}

/* --- what it may be asked, and when */

static hook_place *place_of(hook *h, size_t endpoint, pl_str address) {
  uint64_t name = pl_hash(address, endpoint);
  hook_place *oldest = &h->places[0];
  for (size_t i = 0; i < HOOK_PLACES; i++) {
    if (h->places[i].name == name) return &h->places[i];
    if (h->places[i].free < oldest->free) oldest = &h->places[i];
  }
  *oldest = (hook_place){name, 0};
  return oldest;
}

/* Behind another door everything is as at the beginning. */
static void enter(hook *h, hook_door *door) {
  if (door == h->door) return;
  memset(h->places, 0, sizeof h->places), memset(h->gone, 0, sizeof h->gone);
  h->door = door;
}

/* By the process's own clock. */
static void check_asked(hook *h, size_t endpoint, const pl_sink_type *type, pl_str address, const reply *r) {
  timeline *t = h->process->t;
  hook_place *place = place_of(h, endpoint, address);
  int64_t after = r->retry_after_s * SECOND, now = h->process->clock;
  if (h->gone[endpoint]) timeline_fail(t, "process %u asks an endpoint that is gone", h->process->id);
  if (type->for_people && now < place->free)
    timeline_fail(t, "process %u asks %s %.*s %lld ms too soon", h->process->id, type->name, (int)address.n,
                  address.p, (long long)((place->free - now) / MS));
  place->free = now + (after > type->interval_us ? after : type->interval_us);
}

/* --- the port */

static void send_alert(pl_sender *sender, size_t endpoint, pl_str address, pl_str id, pl_str body,
                       pl_sent_fn *fn, void *ctx) {
  hook_door *door = (hook_door *)sender;
  hook *h = door->hook;
  world *w = h->process->w;
  pl_sink_kind kind = (pl_sink_kind)((const pl_endpoint *)w->configs[0]->endpoints.p)[endpoint].type;
  const pl_sink_type *type = pl_sink_type_of(kind);
  reply r = reply_of(w, kind);
  pl_err why;
  pl_sent what = verdict(kind, &r, &why);
  hook_pending *p = PL_NEW(hook_pending);
  *p = (hook_pending){h->pending, ++h->serials, endpoint, door, kind, r, fn, ctx};
  h->pending = p;
  bool taken = timeline_chance(&w->t, what == PL_SENT_TAKEN ? 1 : what == PL_SENT_AGAIN ? r.takes : 0);
  if (body.n > type->body_max) timeline_fail(&w->t, "%s is sent %zu bytes", type->name, body.n);
  enter(h, door);
  if (process_speaks(h->process)) {
    check_asked(h, endpoint, type, address, &r);
    if (taken && !type->for_people) broker_produced(&w->broker, pl_hash(id, 7));
    if (w->on_post) w->on_post(w, endpoint, address, body, taken, r.retry_after_s);
  }
  process_put(h->process, timeline_draw(&w->t, MS, r.status ? 300 * MS : 5 * SECOND), on_response, h,
              (const int64_t[EVENT_ARGS]){p->serial});
}

static const pl_sender_ops ops = {send_alert};

void hook_init(hook *h, process *p) { *h = (hook){.process = p}; }

pl_sender *hook_open(hook *h) {
  PL_ASSERT(h->ndoors < HOOK_DOORS);
  hook_door *door = &h->doors[h->ndoors++];
  *door = (hook_door){{&ops}, h};
  return &door->sender;
}

void hook_fini(hook *h) {
  while (h->pending) answer(h, &h->pending, (reply){0});
}
