/* Facts: teams, reps and goals of a small installation, in the shape in which Kafka would bring them.
 *
 * `each:` is spread here: every member of the team gets the goal as its own. Goals of one rep or team end up
 * together, in the order of the file. What refers to something that comes from Kafka cannot be checked. */
#include <math.h>

#include "base/map.h"
#include "config/item.h"
#include "config/option.h"

enum { SPREAD_MAX = 100000, HINTS_MAX = 20 };

typedef struct {
  pl_compiler *c;
  pl_map teams, reps;       /* id -> item */
  pl_map members;           /* team's id -> its first member */
  const pl_rep_item **next; /* by rep: the member after it in the same team */
  pl_map goals;             /* name -> item */
  pl_versions *versions;    /* by goal */
} facts;

static const pl_yaml *part(const pl_item *item, const char *key) { return pl_yaml_nearest(item->node, key); }

/* Is `name` (when given) among what this file defines? */
static bool check_known(facts *f, const pl_item *item, const char *key, const char *name, const pl_map *names,
                        const char *what) {
  if (!name || pl_map_find(names, pl_str_of(name))) return true;
  pl_near near = pl_near_to(pl_str_of(name));
  if (f->c->report->n < HINTS_MAX) /* a search through all names, so not for ever */
    for (pl_map_slot *s = NULL; (s = pl_map_next(names, s));) pl_near_offer(&near, s->key);
  pl_complain(f->c->report, part(item, key), "found '%s', expected one of the %s%s; add it there",
              pl_quote(pl_str_of(name)).text, what, pl_near_hint(&near).text);
  return false;
}

static void check_calendar(facts *f, const pl_item *item, const char *name) {
  if (!name || pl_policy_calendar(&f->c->config->policy, pl_str_of(name)) >= 0) return;
  pl_near near = pl_near_to(pl_str_of(name));
  for (size_t i = 0; i < f->c->config->policy.ncalendars; i++)
    pl_near_offer(&near, f->c->config->policy.calendars[i].name);
  pl_complain(f->c->report, part(item, "calendar"),
              "found '%s', expected one of the `calendars`%s; add it there", name, pl_near_hint(&near).text);
}

/* Following `parent` from item to item must come to an end. */
static void check_chain(facts *f, const pl_item *item, const char *parent, const pl_map *names, size_t at) {
  for (size_t steps = 0; parent; steps++) {
    const char *const *up = pl_map_find(names, pl_str_of(parent));
    if (!up) return;
    if (steps > 8 || strcmp(parent, item->name) == 0) {
      pl_complain(f->c->report, part(item, "parent"),
                  steps > 8 ? "found more than 8 levels above it, expected fewer"
                            : "found a circle, expected a parent that does not lie below");
      return;
    }
    parent = *(const char *const *)((const char *)(const void *)up + at);
  }
}

static const pl_since *always(pl_compiler *c, const char *what, size_t *n) {
  if (!what) return NULL;
  pl_since *since = pl_arena_alloc(c->arena, sizeof *since);
  *since = (pl_since){PL_DAY_ALWAYS, pl_str_of(what)};
  *n = 1;
  return since;
}

static void compile_teams(facts *f) {
  pl_compiler *c = f->c;
  const pl_team_item *items = c->config->teams.p;
  size_t n = c->config->teams.n;
  pl_team_fact *out = pl_arena_alloc(c->arena, n * sizeof *out);
  for (size_t i = 0; i < n; i++) {
    const pl_team_item *t = &items[i];
    check_known(f, &t->item, "parent", t->parent, &f->teams, "`teams`");
    check_chain(f, &t->item, t->parent, &f->teams, offsetof(pl_team_item, parent));
    check_calendar(f, &t->item, t->calendar);
    out[i] = (pl_team_fact){.id = pl_str_of(t->item.name),
                            .name = pl_str_of(t->name),
                            .parent = pl_str_of(t->parent),
                            .manager = pl_str_of(t->manager),
                            .zone = pl_str_of(t->zone),
                            .calendar = pl_str_of(t->calendar),
                            .channel = pl_str_of(t->channel)};
  }
  if (n) c->config->policy.teams = out, c->config->policy.nteams = n;
}

static void compile_reps(facts *f) {
  pl_compiler *c = f->c;
  const pl_rep_item *items = c->config->reps.p;
  size_t n = c->config->reps.n;
  bool teams_here = c->config->kafka.topics.teams[0] == 0;
  pl_rep_fact *out = pl_arena_alloc(c->arena, n * sizeof *out);
  for (size_t i = 0; i < n; i++) {
    const pl_rep_item *r = &items[i];
    if (teams_here) check_known(f, &r->item, "team", r->team, &f->teams, "`teams`");
    check_calendar(f, &r->item, r->calendar);
    out[i] = (pl_rep_fact){.id = pl_str_of(r->item.name),
                           .name = pl_str_of(r->name),
                           .email = pl_str_of(r->email),
                           .slack = pl_str_of(r->slack),
                           .language = pl_str_of(r->language),
                           .recognition_off = !r->recognition,
                           .erased = r->erased};
    out[i].memberships = always(c, r->team, &out[i].nmemberships);
    out[i].zones = always(c, r->zone, &out[i].nzones);
    out[i].calendars = always(c, r->calendar, &out[i].ncalendars);
    out[i].time_off = pl_compile_leaves(c, part(&r->item, "time_off"), r->time_off, &out[i].ntime_off);
  }
  if (n) c->config->policy.reps = out, c->config->policy.nreps = n;
}

static pl_unit unit_of(const pl_goal_item *g) { return (pl_unit)(PL_DAY + g->period); }

/* What the core would not take, by its own rule. */
static void check_asked(facts *f, const pl_metric *m, const pl_yaml *node, double amount) {
  if (!pl_metric_asks(m, amount))
    pl_complain(f->c->report, node,
                "found %.15g, expected an amount from %g to %g: '%s' has %d decimals; ask for another",
                amount, pl_metric_unscaled(m, 1), pl_metric_unscaled(m, PL_SCALED_MAX), m->name, m->decimals);
}

/* Amounts by a time of day: as amounts, and against the smallest target of all versions. */
static void check_milestones(facts *f, const pl_goal_item *g, const pl_metric *m,
                             const pl_versions *versions) {
  double target = INFINITY;
  for (size_t i = 0; i < versions->n; i++)
    if (versions->items[i].status != PL_GOAL_PAUSED) target = fmin(target, versions->items[i].target);
  for (size_t i = 0; versions->n && i < versions->items[0].nmilestones; i++) {
    const pl_milestone *stone = &versions->items[0].milestones[i];
    if (stone->at) continue;
    const pl_yaml *node = g->milestones.items[i].node;
    check_asked(f, m, node, stone->amount);
    if (stone->amount > target)
      pl_complain(f->c->report, node,
                  "found %.15g, more than the goal asks for, expected at most its target, %.15g",
                  stone->amount, target);
  }
}

static void refuse_parts(facts *f, const pl_metric *m, size_t n, const pl_yaml *node) {
  if (n)
    pl_complain_key(f->c->report, node,
                    "found it, expected none: '%s' goes up and down, so that no part of it can be due by a "
                    "time; remove it",
                    m->name);
}

static void check_metric(facts *f, const pl_goal_item *g, const pl_versions *versions) {
  const pl_policy *p = &f->c->config->policy;
  int at = pl_policy_metric(p, pl_str_of(g->metric));
  if (at < 0) {
    pl_near near = pl_near_to(pl_str_of(g->metric));
    for (size_t i = 0; i < p->nmetrics; i++)
      if (!p->metrics[i].hidden) pl_near_offer(&near, p->metrics[i].name);
    pl_complain(f->c->report, part(&g->item, "metric"), "found '%s', expected one of the `metrics`%s",
                g->metric, pl_near_hint(&near).text);
    return;
  }
  const pl_metric *m = &p->metrics[at];
  bool share = m->kind == PL_RATIO_OF && m->num >= 0 && pl_policy_among(p, m);
  for (size_t i = 0; i < versions->n; i++) {
    const pl_goal_fact *v = &versions->items[i];
    const pl_yaml *node = i ? g->versions.items[i - 1].node : part(&g->item, "target");
    if (v->target != 0 && v->status != PL_GOAL_PAUSED) check_asked(f, m, node, v->target);
    if (share && v->target > 1)
      pl_complain(f->c->report, node,
                  "found %g, expected at most 1: what '%s' counts is among what '%s' counts", v->target,
                  p->metrics[m->num].name, p->metrics[m->den].name);
  }
  if (pl_metric_is_gauge(m)) {
    refuse_parts(f, m, g->line.n, part(&g->item, "line"));
    refuse_parts(f, m, g->milestones.n, part(&g->item, "milestones"));
  } else {
    check_milestones(f, g, m, versions);
  }
  if (g->period >= 0 && !(m->windows & 1u << (PL_W_DAY + g->period)))
    pl_complain(f->c->report, part(&g->item, "period"),
                "found '%s', expected one of the calendar windows of '%s'; add %s to metrics.%s.windows",
                pl_unit_name(unit_of(g)), m->name, pl_unit_name(unit_of(g)), m->name);
}

/* What the goals of reps add up to is a team's, of the same thing. */
static void check_parent(facts *f, const pl_goal_item *g) {
  const pl_goal_item *up = g->parent ? pl_map_find(&f->goals, pl_str_of(g->parent)) : NULL;
  if (!up || up == g || !g->metric || !up->metric || g->period < 0 || up->period < 0) return;
  const char *wrong = !up->team ? "is no team's goal; give it `team`, or leave out `parent`"
                      : strcmp(up->metric, g->metric) != 0 ? "is of another metric; take one of the same"
                      : up->period < g->period ? "is of a shorter period; take one at least as long"
                                               : NULL;
  if (wrong)
    pl_complain(f->c->report, part(&g->item, "parent"), "found '%s', which %s",
                pl_quote(pl_str_of(g->parent)).text, wrong);
}

static void check_goal(facts *f, const pl_goal_item *g) {
  pl_compiler *c = f->c;
  const pl_item *item = &g->item;
  int n = (g->rep != NULL) + (g->team != NULL) + (g->each != NULL);
  if (n != 1)
    pl_complain_key(c->report, item->node, "found %s of rep, team and each, expected exactly one",
                    n ? "several" : "none");
  bool reps_here = c->config->kafka.topics.roster[0] == 0, teams_here = c->config->kafka.topics.teams[0] == 0;
  if (reps_here) check_known(f, item, "rep", g->rep, &f->reps, "`reps`");
  if (teams_here) check_known(f, item, "team", g->team, &f->teams, "`teams`");
  if (g->each && !reps_here)
    pl_complain(
        c->report, part(item, "each"),
        "found '%s', whose members come from Kafka, expected reps in this file; list them under `reps`, "
        "or name one rep a goal with `rep`",
        pl_quote(pl_str_of(g->each)).text);
  else if (g->each && teams_here)
    check_known(f, item, "each", g->each, &f->teams, "`teams`");
  pl_versions *versions = &f->versions[g - (const pl_goal_item *)c->config->goals.p];
  *versions = pl_compile_goal(c, g);
  if (g->metric) check_metric(f, g, versions);
  const pl_yaml *target = pl_yaml_find(item->node, "target");
  double given;
  if (g->direction == 0 && target && pl_str_double(target->text, &given) && given == 0)
    pl_complain(
        c->report, target,
        "found 0, expected more than that where more is better; `direction: lower` asks for at most 0");
  check_known(f, item, "parent", g->parent, &f->goals, "`goals`");
  check_chain(f, item, g->parent, &f->goals, offsetof(pl_goal_item, parent));
  check_parent(f, g);
}

typedef struct {
  pl_goals_fact fact;
  pl_goal_fact *goals;
} group;

typedef struct {
  pl_map index; /* "r" or "t" and the id -> group */
  group *groups;
  size_t ngroups;
} spread;

static void assign(spread *s, const pl_versions *versions, const char *id, bool is_team, bool fill) {
  char key[PL_ID_MAX + 2];
  size_t n = strlen(id);
  key[0] = is_team ? 't' : 'r';
  memcpy(key + 1, id, n);
  void **slot = pl_map_put(&s->index, (pl_str){key, n + 1});
  if (!*slot) {
    *slot = &s->groups[s->ngroups++];
    *(group *)*slot = (group){{pl_str_of(id), is_team, NULL, 0}, NULL};
  }
  group *to = *slot;
  PL_ASSERT(!fill || to->goals); /* they were counted before */
  if (fill) memcpy(&to->goals[to->fact.n], versions->items, versions->n * sizeof *versions->items);
  to->fact.n += versions->n;
}

/* All goals to all they belong to; without `s` they are only counted. */
static size_t assign_all(facts *f, spread *s, bool fill) {
  const pl_goal_item *g = f->c->config->goals.p;
  const pl_rep_item *reps = f->c->config->reps.p;
  size_t total = 0;
  for (size_t i = 0; i < f->c->config->goals.n && total <= SPREAD_MAX; i++, g++) {
    if (!g->each) {
      total += f->versions[i].n;
      if (s) assign(s, &f->versions[i], g->rep ? g->rep : g->team, !g->rep, fill);
      continue;
    }
    const pl_rep_item *r = pl_map_find(&f->members, pl_str_of(g->each));
    for (; r && total <= SPREAD_MAX; r = f->next[r - reps]) {
      total += f->versions[i].n;
      if (s) assign(s, &f->versions[i], r->item.name, false, fill);
    }
  }
  return total;
}

static void compile_goals(facts *f) {
  pl_compiler *c = f->c;
  const pl_goal_item *items = c->config->goals.p;
  f->versions = pl_arena_alloc(c->arena, c->config->goals.n * sizeof *f->versions);
  for (size_t i = 0; i < c->config->goals.n; i++) check_goal(f, &items[i]);
  pl_compile_clashes(c, f->versions);
  if (!c->config->goals.n || c->report->n) return;
  size_t total = assign_all(f, NULL, false);
  if (total > SPREAD_MAX) {
    pl_complain_key(c->report, pl_yaml_find(c->root, "goals"),
                    "found more than %d goals, versions and all, once `each` is spread, expected fewer; "
                    "large teams' goals come "
                    "from Kafka",
                    SPREAD_MAX);
    return;
  }
  spread s = {.groups = pl_arena_alloc(c->arena, total * sizeof(group))};
  pl_map_init(&s.index);
  (void)assign_all(f, &s, false);
  pl_goals_fact *out = pl_arena_alloc(c->arena, s.ngroups * sizeof *out);
  for (size_t i = 0; i < s.ngroups; i++)
    if (s.groups[i].fact.n > PL_GOALS_MAX)
      pl_complain_key(c->report, pl_yaml_find(c->root, "goals"),
                      "found %zu goals of %s '%s', versions and all, expected at most %d", s.groups[i].fact.n,
                      s.groups[i].fact.is_team ? "the team" : "the rep",
                      pl_quote(s.groups[i].fact.entity).text, PL_GOALS_MAX);
  for (size_t i = 0; i < s.ngroups; i++) {
    s.groups[i].goals = pl_arena_alloc(c->arena, s.groups[i].fact.n * sizeof(pl_goal_fact));
    s.groups[i].fact.n = 0;
  }
  (void)assign_all(f, &s, true);
  for (size_t i = 0; i < s.ngroups; i++) {
    out[i] = s.groups[i].fact;
    out[i].goals = s.groups[i].goals;
  }
  pl_map_fini(&s.index);
  c->config->policy.goals = out, c->config->policy.ngoals = s.ngroups;
  c->config->policy.goals_in_file = true;
}

static void put_all(pl_map *map, const pl_items *items, size_t size) {
  for (size_t i = 0; i < items->n; i++) {
    pl_item *item = (pl_item *)(void *)((char *)items->p + i * size);
    *pl_map_put(map, pl_str_of(item->name)) = item;
  }
}

void pl_compile_facts(pl_compiler *c) {
  facts f = {.c = c};
  pl_map *const maps[] = {&f.teams, &f.reps, &f.members, &f.goals};
  for (size_t i = 0; i < PL_COUNT(maps); i++) pl_map_init(maps[i]);
  put_all(&f.teams, &c->config->teams, sizeof(pl_team_item));
  put_all(&f.reps, &c->config->reps, sizeof(pl_rep_item));
  put_all(&f.goals, &c->config->goals, sizeof(pl_goal_item));
  const pl_rep_item *reps = c->config->reps.p;
  f.next = pl_arena_alloc(c->arena, c->config->reps.n * sizeof *f.next);
  for (size_t i = c->config->reps.n; i-- > 0;) {
    if (!reps[i].team) continue;
    void **last = pl_map_put(&f.members, pl_str_of(reps[i].team));
    f.next[i] = *last, *last = (void *)(uintptr_t)&reps[i];
  }
  compile_teams(&f);
  compile_reps(&f);
  compile_goals(&f);
  for (size_t i = 0; i < PL_COUNT(maps); i++) pl_map_fini(maps[i]);
}
