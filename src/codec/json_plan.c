#include "base/mem.h"
#include "codec/json_tree.h"
#include "codec/path.h"

typedef struct {
  pl_json_plan *plan;
  bool full;
} compiler;

static size_t grow(compiler *c, void **p, size_t *n, size_t *room, size_t more, size_t size) {
  size_t at = *n, want = *room ? *room : 16;
  if (at + more > PL_PLACES_MAX) {
    c->full = true;
    return 0;
  }
  while (want < at + more) want *= 2;
  if (want > *room) *p = pl_resize(*p, *room * size, want * size), *room = want;
  *n += more;
  return at;
}

static uint16_t add_place(compiler *c, const pl_tail *tails, size_t n);

static uint64_t head_of(pl_str name) {
  uint64_t head = 0;
  memcpy(&head, name.p, name.n < 8 ? name.n : 8);
  return head;
}

static void add_keys(compiler *c, size_t at, const pl_tail *tails, size_t n) {
  pl_json_plan *plan = c->plan;
  pl_tail below[PL_SLOTS_MAX] = {{0}};
  pl_step steps[PL_SLOTS_MAX];
  size_t nkeys = 0;
  for (size_t i = 0; i < n; i++) {
    const char *rest = tails[i].rest;
    if (!*rest) continue;
    pl_step step = pl_path_step(&rest);
    if (step.kind == PL_STEP_NAME && !pl_tails_follow(tails, i, &step, below)) steps[nkeys++] = step;
  }
  size_t keys = grow(c, (void **)&plan->keys, &plan->nkeys, &plan->keys_room, nkeys, sizeof *plan->keys);
  for (size_t i = 0; i < nkeys && !c->full; i++) {
    uint16_t place = add_place(c, below, pl_tails_follow(tails, n, &steps[i], below));
    plan->keys[keys + i] = (pl_place_key){head_of(steps[i].name), steps[i].name, place};
  }
  plan->places[at].keys = (uint16_t)keys, plan->places[at].nkeys = (uint16_t)nkeys;
}

/* An item: what is wanted of it by its number, and as one of all: the first `nlisted`. */
static uint16_t add_item(compiler *c, const pl_tail *tails, size_t n, size_t nlisted) {
  uint16_t place = add_place(c, tails, n);
  if (place == 0) return 0;
  pl_place *p = &c->plan->places[place];
  for (size_t i = 0; i < nlisted; i++) {
    int list = c->plan->lists[tails[i].slot];
    bool told = pl_path_lists(tails[i].rest);
    for (size_t k = 0; k < PL_SLOTS_MAX; k++) told |= (p->tells >> k & 1) && c->plan->lists[k] == list;
    p->clears |= UINT64_C(1) << tails[i].slot;
    if (!told) p->tells |= UINT64_C(1) << tails[i].slot;
  }
  return place;
}

static void add_items(compiler *c, size_t at, const pl_tail *tails, size_t n) {
  pl_json_plan *plan = c->plan;
  pl_tail below[PL_SLOTS_MAX] = {{0}};
  size_t nlisted = pl_tails_follow(tails, n, &(pl_step){.kind = PL_STEP_EACH}, below);
  size_t nitems = pl_tails_items(tails, n);
  uint16_t every = add_item(c, below, nlisted, nlisted);
  size_t items =
      grow(c, (void **)&plan->items, &plan->nitems, &plan->items_room, nitems, sizeof *plan->items);
  for (size_t i = 0; i < nitems && !c->full; i++) {
    pl_step nth = {.kind = PL_STEP_INDEX, .index = (uint32_t)i};
    size_t named = pl_tails_follow(tails, n, &nth, below + nlisted);
    uint16_t place = named ? add_item(c, below, nlisted + named, nlisted) : every;
    plan->items[items + i] = place;
  }
  plan->places[at].items = (uint16_t)items, plan->places[at].nitems = (uint16_t)nitems;
  plan->places[at].every = every;
}

static uint16_t add_place(compiler *c, const pl_tail *tails, size_t n) {
  pl_json_plan *plan = c->plan;
  if (n == 0) return 0;
  size_t at = grow(c, (void **)&plan->places, &plan->nplaces, &plan->places_room, 1, sizeof *plan->places);
  uint64_t fills = 0;
  size_t below = 0;
  for (size_t i = 0; i < n; i++)
    if (*tails[i].rest)
      below++;
    else
      fills |= UINT64_C(1) << tails[i].slot;
  if (c->full) return 0;
  plan->places[at] = (pl_place){.fills = fills, .leaf = below == 0};
  if (below) add_keys(c, at, tails, n);
  if (below) add_items(c, at, tails, n);
  return (uint16_t)at;
}

pl_status pl_json_plan_new(pl_json_plan **out, const pl_want *wants, size_t nwants, pl_err *err) {
  PL_ASSERT(nwants <= PL_SLOTS_MAX);
  compiler c = {.plan = *out = PL_NEW(pl_json_plan)};
  pl_tail tails[PL_SLOTS_MAX];
  pl_status status = PL_OK;
  c.plan->nslots = nwants;
  for (size_t i = 0; i < nwants && status == PL_OK; i++) {
    tails[i] = (pl_tail){wants[i].path, (uint8_t)i};
    c.plan->lists[i] = wants[i].list;
    status = pl_path_check(wants[i].path, err);
  }
  if (status == PL_OK) { /* place 0, and the text's */
    (void)grow(&c, (void **)&c.plan->places, &c.plan->nplaces, &c.plan->places_room, 1,
               sizeof *c.plan->places);
    (void)add_place(&c, tails, nwants);
    if (c.full) status = pl_fail(err, PL_REJECT, "the paths need more than %d places", PL_PLACES_MAX);
  }
  if (status != PL_OK) pl_json_plan_free(out);
  return status;
}

void pl_json_plan_free(pl_json_plan **plan) {
  pl_json_plan *p = *plan;
  if (!p) return;
  pl_release(p->places, p->places_room * sizeof *p->places);
  pl_release(p->keys, p->keys_room * sizeof *p->keys);
  pl_release(p->items, p->items_room * sizeof *p->items);
  PL_FREE(*plan);
}
