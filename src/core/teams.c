/* The directory of teams: a map of owned copies. */
#include "base/map.h"
#include "base/mem.h"
#include "paceline/core.h"

enum { TEAMS_ABOVE = 16 };

struct pl_teams {
  pl_map by_id; /* id -> pl_team, owned */
};

static void clear(pl_team *t) {
  char **all[] = {&t->id, &t->name, &t->parent, &t->manager, &t->zone, &t->calendar, &t->channel};
  for (size_t i = 0; i < PL_COUNT(all); i++) pl_text_free(all[i]);
}

pl_teams *pl_teams_new(void) { return PL_NEW(pl_teams); }

void pl_teams_free(pl_teams **teams) {
  if (!*teams) return;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&(*teams)->by_id, s));) {
    clear(s->value);
    pl_release(s->value, sizeof(pl_team));
  }
  pl_map_fini(&(*teams)->by_id);
  PL_FREE(*teams);
}

void pl_teams_put(pl_teams *teams, const pl_team_fact *f) {
  pl_team *t = pl_map_find(&teams->by_id, f->id);
  if (t) clear(t);
  if (f->removed) {
    if (t) pl_release(t, sizeof *t);
    pl_map_drop(&teams->by_id, f->id);
    return;
  }
  if (!t) *pl_map_put(&teams->by_id, f->id) = t = PL_NEW(pl_team);
  *t = (pl_team){pl_text_new(f->id),      pl_text_new(f->name), pl_text_new(f->parent),
                 pl_text_new(f->manager), pl_text_new(f->zone), pl_text_new(f->calendar),
                 pl_text_new(f->channel)};
}

const pl_team *pl_teams_find(const pl_teams *teams, pl_str id) { return pl_map_find(&teams->by_id, id); }

const char *pl_teams_manager(const pl_teams *teams, const char *team, pl_str who) {
  for (int i = 0; team && *team && i < TEAMS_ABOVE; i++) {
    const pl_team *t = pl_teams_find(teams, pl_str_of(team));
    if (!t) break;
    if (*t->manager && !pl_str_is(who, t->manager)) return t->manager;
    team = t->parent;
  }
  return "";
}

const pl_team *pl_teams_next(const pl_teams *teams, const pl_team *after) {
  pl_map_slot *at = after ? pl_map_slot_of(&teams->by_id, pl_str_of(after->id)) : NULL;
  at = pl_map_next(&teams->by_id, at);
  return at ? at->value : NULL;
}
