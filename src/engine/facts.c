#include "engine/facts.h"

#include "core/partition.h"

pl_teams *pl_facts_teams(const pl_policy *policy) {
  pl_teams *teams = pl_teams_new();
  for (size_t i = 0; i < policy->nteams; i++) pl_teams_put(teams, &policy->teams[i]);
  return teams;
}

size_t pl_facts_configured(pl_core *core, const pl_policy *policy, const pl_teams *teams,
                           pl_facts_home_fn *is_home, void *ctx, pl_err *err) {
  size_t left_out = 0;
  for (size_t i = 0; i < policy->nreps; i++)
    if (!is_home || is_home(ctx, policy->reps[i].id)) pl_core_put_rep(core, &policy->reps[i]);
  for (size_t i = 0; i < policy->ngoals; i++)
    if (!is_home || is_home(ctx, policy->goals[i].entity))
      left_out += pl_core_put_goals(core, &policy->goals[i], err);
  for (const pl_team *team = NULL; (team = pl_teams_next(teams, team));)
    if (!is_home || is_home(ctx, pl_str_of(team->id))) pl_core_put_team(core, team);
  return left_out;
}

pl_reason pl_facts_team(pl_teams *teams, pl_readers *readers, pl_str key, pl_str value, pl_err *why) {
  pl_team_fact fact = {.id = key, .removed = !value.p};
  pl_reason reason = fact.removed ? PL_APPLIED : pl_readers_team(readers, value, &fact, why);
  if (reason == PL_APPLIED) pl_teams_put(teams, &fact);
  return reason;
}

static pl_reason put_rep(pl_core *core, pl_readers *readers, pl_arena *scratch, pl_str value, pl_err *why) {
  pl_rep_fact rep = {0};
  pl_reason reason = pl_readers_rep(readers, value, scratch, &rep, why);
  if (reason == PL_APPLIED) pl_core_put_rep(core, &rep);
  return reason;
}

static void drop_goals(pl_core *core, pl_str entity) {
  for (int is_team = 0; is_team <= 1; is_team++)
    if (pl_core_find(core, entity, is_team))
      (void)pl_core_put_goals(core, &(pl_goals_fact){.entity = entity, .is_team = is_team}, NULL);
}

pl_reason pl_facts_record(pl_core *core, pl_readers *readers, pl_arena *scratch, pl_topic topic, pl_str key,
                          pl_str value, size_t *left_out, pl_err *why) {
  *left_out = 0;
  pl_arena_reset(scratch);
  if (topic == PL_TOPIC_ROSTER) return value.p ? put_rep(core, readers, scratch, value, why) : PL_APPLIED;
  if (!value.p) {
    drop_goals(core, key);
    return PL_APPLIED;
  }
  pl_goals_fact goals = {.entity = key};
  pl_reason reason = pl_readers_goals(readers, value, scratch, &goals, why);
  if (reason == PL_APPLIED) *left_out = pl_core_put_goals(core, &goals, why);
  return reason;
}
