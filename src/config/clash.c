/* Clash: goals of one rep or team that ask for the same metric in the same period.
 *
 * At least 40 and at most 30 cannot both be met: an error. Of at least 40 and at least 60 the larger has the
 * smaller in it: a warning, for it may be meant as a step on the way. At least 30 and at most 40 is a
 * corridor, and right. Only what is agreed counts, and only on days on which both hold: a version that ends
 * where the other begins, a proposal, a pause contradict nobody. */
#include <stdio.h>

#include "base/map.h"
#include "config/item.h"

typedef struct asker asker;
struct asker {
  const pl_goal_item *goal;
  const pl_versions *versions;
  asker *next; /* of the same for the same, before it in the file */
};

typedef struct {
  pl_compiler *c;
  pl_map askers; /* owner, metric and period -> its last asker */
  pl_map reps;   /* id -> item */
} clashes;

enum { KEY_MAX = 640 };

/* Whose, of what, in which period. */
static pl_str key_of(const pl_goal_item *g, char kind, const char *owner, char room[KEY_MAX]) {
  int n = snprintf(room, KEY_MAX, "%c%d\n%s\n%s", kind, g->period, g->metric, owner);
  return (pl_str){room, (size_t)n};
}

static int32_t until(const pl_versions *v, size_t i) {
  return i + 1 < v->n ? v->items[i + 1].from : INT32_MAX;
}

/* The first versions of both that are agreed on a day in common, and do not go together; false: none. */
static bool meet(const pl_versions *a, const pl_versions *b, const pl_goal_fact **one,
                 const pl_goal_fact **other) {
  for (size_t i = 0; i < a->n; i++)
    for (size_t k = 0; k < b->n; k++) {
      const pl_goal_fact *x = &a->items[i], *y = &b->items[k];
      bool corridor = x->lower_is_better != y->lower_is_better &&
                      (x->lower_is_better ? y->target <= x->target : x->target <= y->target);
      if (x->status != PL_GOAL_AGREED || y->status != PL_GOAL_AGREED || corridor) continue;
      if (x->from >= until(b, k) || y->from >= until(a, i)) continue;
      return *one = x, *other = y, true;
    }
  return false;
}

static const char *most(const pl_goal_fact *f) { return f->lower_is_better ? "at most" : "at least"; }

static void compare(clashes *all, const asker *later, const asker *sooner) {
  const pl_goal_fact *one, *other;
  if (!meet(later->versions, sooner->versions, &one, &other)) return;
  bool wrong = one->lower_is_better != other->lower_is_better;
  pl_complain(wrong ? all->c->report : all->c->warnings, pl_yaml_nearest(later->goal->item.node, "target"),
              "found %s %.15g %s in a %s beside %s %.15g of the goal '%s' in line %d, %s", most(one),
              one->target, later->goal->metric, pl_unit_name(one->period), most(other), other->target,
              sooner->goal->item.name, pl_yaml_nearest(sooner->goal->item.node, "target")->line,
              wrong ? "expected goals that can be met both; change one, or pause it"
                    : "expected one of the two: who meets the harder one meets both; leave them only if one "
                      "is meant as a step");
}

static void compare_all(clashes *all, const asker *later, const asker *sooner) {
  for (; sooner; sooner = sooner->next) compare(all, later, sooner);
}

static void put(clashes *all, const pl_goal_item *g, const pl_versions *versions) {
  char room[KEY_MAX];
  if (!g->metric || g->period < 0 || (g->rep != NULL) + (g->team != NULL) + (g->each != NULL) != 1) return;
  const char *owner = g->rep ? g->rep : g->team ? g->team : g->each;
  void **last = pl_map_put(&all->askers, key_of(g, g->rep ? 'r' : g->team ? 't' : 'e', owner, room));
  asker *a = pl_arena_alloc(all->c->arena, sizeof *a);
  *a = (asker){g, versions, *last};
  *last = a;
  compare_all(all, a, a->next);
}

/* What a rep is asked for against what each of the team is. */
static void compare_with_team(clashes *all, const pl_goal_item *g, const pl_versions *versions) {
  char room[KEY_MAX];
  const pl_rep_item *rep = g->rep && g->metric ? pl_map_find(&all->reps, pl_str_of(g->rep)) : NULL;
  const asker a = {g, versions, NULL};
  if (rep && rep->team) compare_all(all, &a, pl_map_find(&all->askers, key_of(g, 'e', rep->team, room)));
}

void pl_compile_clashes(pl_compiler *c, const pl_versions *versions) {
  clashes all = {.c = c};
  const pl_goal_item *goals = c->config->goals.p;
  const pl_rep_item *reps = c->config->reps.p;
  pl_map_init(&all.askers), pl_map_init(&all.reps);
  for (size_t i = 0; i < c->config->reps.n; i++)
    *pl_map_put(&all.reps, pl_str_of(reps[i].item.name)) = (void *)(uintptr_t)&reps[i];
  for (size_t i = 0; i < c->config->goals.n; i++) put(&all, &goals[i], &versions[i]);
  for (size_t i = 0; i < c->config->goals.n; i++) compare_with_team(&all, &goals[i], &versions[i]);
  pl_map_fini(&all.askers), pl_map_fini(&all.reps);
}
