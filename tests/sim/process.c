#include "process.h"

#include <stdio.h>

#include "base/mem.h"
#include "world.h"

static void tick_later(process *p, int64_t after);

/* --- its clock */

static pl_wall wall(void *ctx) { return timeline_wall(((process *)ctx)->t); }

/* Time goes on within a callback of a slow process: the world's does not. */
static pl_mono mono(void *ctx) {
  process *p = ctx;
  int64_t now = p->t->now + (int64_t)p->id * 1000 * SECOND;
  if (p->clock < now) p->clock = now;
  if (p->clock < now + SECOND / 5) p->clock += p->pace;
  return (pl_mono){p->clock};
}

static void wake(void *ctx) { ((process *)ctx)->woken = true; }

/* --- what leaves it */

bool process_speaks(process *p) {
  if (!p->mute && --p->calls_left < 0) p->mute = true;
  return !p->mute;
}

void process_put(process *p, int64_t after, event_fn *fn, void *ctx, const int64_t arg[EVENT_ARGS]) {
  timeline_put(p->t, p->t->now + after, &p->life, fn, ctx, arg);
}

void process_hurry(process *p) {
  p->pace = timeline_chance(p->t, p->w->chances.slow) ? timeline_draw(p->t, MS, 15 * MS) : 0;
}

static void on_tick(void *ctx, const int64_t arg[EVENT_ARGS]) {
  process *p = ctx;
  if (arg[0] != p->ticks) return; /* another has taken its place */
  p->woken = false;
  process_hurry(p);
  int64_t wait = pl_engine_tick(p->engine).ms;
  if (wait < 1) wait = 1;
  tick_later(p, wait * MS);
  process_settle(p);
}

static void tick_later(process *p, int64_t after) {
  process_put(p, after, on_tick, p, (const int64_t[EVENT_ARGS]){++p->ticks});
}

void process_settle(process *p) {
  if (p->mute || pl_engine_done(p->engine)) {
    world_died(p->w, p);
    return;
  }
  if (p->woken) tick_later(p, 50);
  p->woken = false;
}

/* --- life */

process *process_start(world *w, uint32_t id) {
  process *p = PL_NEW(process);
  pl_err err = {""};
  p->w = w, p->t = &w->t, p->id = id, p->calls_left = INT64_MAX;
  source_init(&p->source, p, &w->broker);
  link_init(&p->link, p, &w->server);
  hook_init(&p->hook, p);
  registry_init(&p->registry, p);
  const pl_engine_ports ports = {.config = w->configs[0],
                                 .source = &p->source.source,
                                 .store = &p->link.store,
                                 .sender = hook_open(&p->hook),
                                 .registry = &p->registry.registry,
                                 .clock = {wall, mono, p},
                                 .load_zone = company_zone,
                                 .wake = wake,
                                 .wake_ctx = p};
  if (pl_engine_new(&p->engine, &ports, &err) != PL_OK || pl_engine_start(p->engine, &err) != PL_OK)
    pl_assert_failed(err.text, __FILE__, __LINE__);
  tick_later(p, 0);
  timeline_trace(p->t, "process.start", id, 0, 0);
  return p;
}

void process_kill(process **place) {
  process *p = *place;
  timeline_trace(p->t, "process.end", p->id, pl_engine_done(p->engine), 0);
  p->mute = true;
  hook_fini(&p->hook);
  link_stop(&p->link);
  pl_engine_free(&p->engine);
  timeline_drop(p->t, &p->life);
  PL_FREE(*place);
}

void process_reload(process *p) {
  pl_err err = {""};
  p->config = !p->config;
  if (pl_engine_reload(p->engine, p->w->configs[p->config], hook_open(&p->hook), &err) != PL_OK)
    pl_assert_failed(err.text, __FILE__, __LINE__);
  process_settle(p);
}

void process_drain(process *p) {
  p->leaves = true;
  pl_engine_drain(p->engine);
  process_settle(p);
}
