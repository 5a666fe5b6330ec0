#include "hook.h"

#include "base/map.h"
#include "base/mem.h"
#include "process.h"
#include "world.h"

struct hook_pending {
  hook_pending *next;
  int64_t serial;
  pl_sent_fn *fn;
  void *ctx;
};

static void answer(hook *h, hook_pending **place, int status) {
  hook_pending *p = *place;
  pl_sent_fn *fn = p->fn;
  void *ctx = p->ctx;
  *place = p->next;
  PL_FREE(p);
  pl_err why = {""};
  pl_sent what = pl_sink_verdict(PL_SINK_WEBHOOK, status, (pl_str){"", 0}, &why);
  fn(ctx, what, status, status == 429 ? 2 : 0, why.text);
  (void)h;
}

static void on_response(void *ctx, const int64_t arg[EVENT_ARGS]) {
  hook *h = ctx;
  hook_pending **place = &h->pending;
  while (*place && (*place)->serial != arg[0]) place = &(*place)->next;
  if (*place) answer(h, place, (int)arg[1]);
  process_settle(h->process);
}

static void send_alert(pl_sender *sender, size_t endpoint, pl_str address, pl_str id, pl_str body,
                       pl_sent_fn *fn, void *ctx) {
  static const int failures[] = {0, 408, 429, 500, 503, 0, 0, 404};
  hook *h = (hook *)sender;
  world *w = h->process->w;
  (void)endpoint, (void)address, (void)body;
  hook_pending *p = PL_NEW(hook_pending);
  *p = (hook_pending){h->pending, ++h->serials, fn, ctx};
  h->pending = p;
  int status = 200;
  if (timeline_chance(&w->t, w->chances.hook)) {
    w->counts[FAULT_HOOK]++;
    status = failures[timeline_draw(&w->t, 0, PL_COUNT(failures) - 1)];
  }
  bool taken = status == 200 || (status == 0 && timeline_chance(&w->t, 0.5));
  if (process_speaks(h->process) && taken) broker_produced(&w->broker, pl_hash(id, 7));
  process_put(h->process, timeline_draw(&w->t, MS, status ? 300 * MS : 5 * SECOND), on_response, h,
              (const int64_t[EVENT_ARGS]){p->serial, status});
}

static const pl_sender_ops ops = {send_alert};

void hook_init(hook *h, process *p) { *h = (hook){.sender.ops = &ops, .process = p}; }

void hook_fini(hook *h) {
  while (h->pending) answer(h, &h->pending, 0);
}
