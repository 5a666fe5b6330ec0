#include "registry.h"

#include <stdio.h>

#include "process.h"
#include "world.h"

static const char *const files[] = {"activity", "roster", "goals", "team"};

static bool is_away(const registry *r) { return r->process->t->now < r->process->w->registry_until; }

static pl_str read_schema(int32_t id, char *room, size_t size) {
  char path[64];
  if (id < 1 || id > (int32_t)PL_COUNT(files)) return (pl_str){NULL, 0};
  (void)snprintf(path, sizeof path, "schemas/%s.avsc", files[id - 1]);
  FILE *file = fopen(path, "re");
  PL_ASSERT(file);
  pl_str text = {room, fread(room, 1, size, file)};
  (void)fclose(file);
  return text;
}

static void on_arrival(void *ctx, const int64_t arg[EVENT_ARGS]) {
  static char room[1 << 16];
  registry *r = ctx;
  if (is_away(r)) {
    process_put(r->process, timeline_draw(r->process->t, 200 * MS, 2 * SECOND), on_arrival, r, arg);
    return;
  }
  for (size_t i = 0; i < r->n; i++) {
    if (r->asked[i].id != arg[0]) continue;
    pl_schema_fn *fn = r->asked[i].fn;
    void *engine = r->asked[i].ctx;
    const pl_schema_told told = {
        .id = r->asked[i].id, .text = read_schema(r->asked[i].id, room, sizeof room), .why = "there is none"};
    r->asked[i] = r->asked[--r->n];
    timeline_trace(r->process->t, "registry.tell", r->process->id, told.id, told.text.p != NULL);
    fn(engine, &told);
    break;
  }
  process_settle(r->process);
}

static void ask(pl_registry *of, int32_t id, pl_schema_fn *fn, void *ctx) {
  registry *r = (registry *)of;
  PL_ASSERT(r->n < PL_COUNT(r->asked));
  for (size_t i = 0; i < r->n; i++) PL_ASSERT(r->asked[i].id != id); /* once is enough */
  r->asked[r->n].id = id, r->asked[r->n].fn = fn, r->asked[r->n++].ctx = ctx;
  process_put(r->process, timeline_draw(r->process->t, MS, 300 * MS), on_arrival, r,
              (const int64_t[EVENT_ARGS]){id});
}

static const char *why(const pl_registry *of) { return is_away((const registry *)of) ? "it is away" : ""; }

static const pl_registry_ops ops = {ask, why};

void registry_init(registry *r, process *p) { *r = (registry){.registry.ops = &ops, .process = p}; }
