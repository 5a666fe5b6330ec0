#include "hook.h"

#include "base/map.h"
#include "base/mem.h"
#include "process.h"
#include "world.h"

/* How an endpoint behaves. `takes`: how likely it has the message all the same. */
typedef struct {
  int status; /* 0: none */
  int64_t retry_after_s;
  const char *body;
  double takes;
} reply;
static const reply failures[] = {{.takes = 0.5},  {408, 0, "", 0}, {429, 2, "", 0},
                                 {500, 0, "", 0}, {503, 0, "", 0}, {404, 0, "", 0}};
static const reply outages[] = {{0}, {503, 0, "<html>", 0}, {429, 30, "", 0}};

struct hook_pending {
  hook_pending *next;
  int64_t serial;
  pl_sink_kind kind;
  reply reply;
  pl_sent_fn *fn;
  void *ctx;
};

static const char *thanks(pl_sink_kind kind) {
  return kind == PL_SINK_SLACK ? "ok" : kind == PL_SINK_SLACK_BOT ? "{\"ok\":true}" : "";
}

static void answer(hook_pending **place, reply r) {
  hook_pending *p = *place;
  pl_sent_fn *fn = p->fn;
  void *ctx = p->ctx;
  pl_err why = {""};
  pl_sent what = pl_sink_verdict(p->kind, r.status, pl_str_of(r.body ? r.body : ""), &why);
  *place = p->next;
  PL_FREE(p);
  fn(ctx, what, r.status, r.retry_after_s, why.text);
}

static void on_response(void *ctx, const int64_t arg[EVENT_ARGS]) {
  hook *h = ctx;
  hook_pending **place = &h->pending;
  while (*place && (*place)->serial != arg[0]) place = &(*place)->next;
  if (*place) answer(place, (*place)->reply);
  process_settle(h->process);
}

static reply reply_of(world *w, pl_sink_kind kind) {
  if (w->t.now < w->outage_until) return outages[timeline_draw(&w->t, 0, PL_COUNT(outages) - 1)];
  if (!timeline_chance(&w->t, w->chances.hook)) return (reply){200, 0, thanks(kind), 1};
  w->counts[FAULT_HOOK]++;
  return failures[timeline_draw(&w->t, 0, PL_COUNT(failures) - 1)];
}

static void send_alert(pl_sender *sender, size_t endpoint, pl_str address, pl_str id, pl_str body,
                       pl_sent_fn *fn, void *ctx) {
  hook *h = (hook *)sender;
  world *w = h->process->w;
  pl_sink_kind kind = (pl_sink_kind)((const pl_endpoint *)w->configs[0]->endpoints.p)[endpoint].type;
  reply r = reply_of(w, kind);
  hook_pending *p = PL_NEW(hook_pending);
  *p = (hook_pending){h->pending, ++h->serials, kind, r, fn, ctx};
  h->pending = p;
  bool taken = timeline_chance(&w->t, r.takes), speaks = process_speaks(h->process);
  if (speaks && taken) broker_produced(&w->broker, pl_hash(id, 7));
  if (speaks && w->on_post) w->on_post(w, endpoint, address, body, taken, r.retry_after_s);
  process_put(h->process, timeline_draw(&w->t, MS, r.status ? 300 * MS : 5 * SECOND), on_response, h,
              (const int64_t[EVENT_ARGS]){p->serial});
}

static const pl_sender_ops ops = {send_alert};

void hook_init(hook *h, process *p) { *h = (hook){.sender.ops = &ops, .process = p}; }

void hook_fini(hook *h) {
  while (h->pending) answer(&h->pending, (reply){0});
}
