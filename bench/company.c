#include "company.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "codec/encode.h"
#include "codec/wire.h"

enum { ACTIVITY = 1, ROSTER, GOALS, TEAM };
enum { WON = 5 };
static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney"};

uint64_t company_next(uint64_t *state) { /* splitmix64, public domain */
  uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

void company_rep_id(char out[COMPANY_ID], uint32_t rep) {
  (void)snprintf(out, COMPANY_ID, "0055e%013u", rep);
}

void company_team_id(char out[COMPANY_ID], uint32_t rep) {
  (void)snprintf(out, COMPANY_ID, "00G5e%013u", rep / COMPANY_TEAM);
}

const char *company_zone(uint32_t rep) { return zones[rep / COMPANY_TEAM % PL_COUNT(zones)]; }

company_deed company_event(pl_buf *out, uint64_t *state, int64_t number, const char *rep, pl_wall at) {
  static const char *const types[COMPANY_KINDS] = {"call",     "email",    "meeting",   "demo",
                                                   "proposal", "deal_won", "deal_lost", "note"};
  static const char *const products[] = {"Enterprise-CRM", "Analytics-Pro", "Mobile-Addon", "Support-Gold"};
  char id[40], account[COMPANY_ID];
  uint64_t r = company_next(state);
  int n = snprintf(id, sizeof id, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64,
                   r >> 32, r >> 16 & 0xffff, r & 0xfff, r >> 4 & 0xfff, (uint64_t)number);
  int m = snprintf(account, sizeof account, "0015e%013u", (unsigned)(company_next(state) % 5000000));
  r = company_next(state);
  pl_activity a = {.id = {id, (size_t)n},
                   .rep = pl_str_of(rep),
                   .at = at,
                   .type = pl_str_of(types[r & 7]),
                   .account = {account, (size_t)m},
                   .product = pl_str_of(products[r >> 3 & 3]),
                   .channel = r >> 5 & 1 ? PL_STR("phone") : PL_STR("video"),
                   .opened_at = PL_NEVER,
                   .complete_to = PL_NEVER};
  company_deed done = {r & 7, (r & 7) == WON ? (int64_t)(r >> 8 & 0xfffff) : 0};
  if (done.kind == WON) a.amount = (pl_value){.kind = PL_DECIMAL, .scale = 2, .i = done.cents};
  pl_wire_put(out, ACTIVITY);
  (void)!pl_activity_encode(out, &a);
  return done;
}

void company_roster(pl_buf *out, uint32_t rep) {
  char id[COMPANY_ID], team[COMPANY_ID];
  company_rep_id(id, rep), company_team_id(team, rep);
  const pl_since member = {PL_DAY_ALWAYS, pl_str_of(team)},
                 zone = {PL_DAY_ALWAYS, pl_str_of(company_zone(rep))};
  pl_wire_put(out, ROSTER);
  pl_rep_encode(out, &(pl_rep_fact){.id = pl_str_of(id),
                                    .name = pl_str_of(id),
                                    .memberships = &member,
                                    .nmemberships = 1,
                                    .zones = &zone,
                                    .nzones = 1});
}

typedef struct {
  const char *name, *metric;
  pl_unit period;
  double target;
} agreed;

static void put_goals(pl_buf *out, uint32_t rep, const agreed *all, size_t n) {
  char id[COMPANY_ID];
  pl_goal_fact goals[8];
  PL_ASSERT(n <= PL_COUNT(goals));
  company_rep_id(id, rep);
  for (size_t i = 0; i < n; i++)
    goals[i] = (pl_goal_fact){.name = pl_str_of(all[i].name),
                              .metric = pl_str_of(all[i].metric),
                              .period = all[i].period,
                              .target = all[i].target,
                              .from = PL_DAY_ALWAYS};
  pl_wire_put(out, GOALS);
  pl_goals_encode(out, &(pl_goals_fact){.entity = pl_str_of(id), .goals = goals, .n = n});
}

void company_goals(pl_buf *out, uint32_t rep) {
  static const agreed four[] = {{"calls_day", "calls", PL_DAY, 40},
                                {"calls_week", "calls", PL_WEEK, 200},
                                {"demos_week", "demos", PL_WEEK, 50},
                                {"revenue", "revenue", PL_QUARTER, 1e6}};
  put_goals(out, rep, four, PL_COUNT(four));
}

void company_goals_for(pl_buf *out, uint32_t rep, double each) {
  double rarely = ceil(each + 2 * sqrt(each));
  const agreed four[] = {{"calls_day", "calls", PL_DAY, rarely},
                         {"calls_week", "calls", PL_WEEK, 5 * rarely},
                         {"demos_week", "demos", PL_WEEK, rarely},
                         {"revenue", "revenue", PL_QUARTER, 25000 * rarely}};
  put_goals(out, rep, four, PL_COUNT(four));
}

void company_team(pl_buf *out, uint32_t rep) {
  char id[COMPANY_ID];
  company_team_id(id, rep);
  pl_wire_put(out, TEAM);
  pl_team_encode(
      out, &(pl_team_fact){.id = pl_str_of(id), .name = pl_str_of(id), .zone = pl_str_of(company_zone(rep))});
}
