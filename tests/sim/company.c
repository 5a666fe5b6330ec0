#include "company.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/encode.h"
#include "codec/wire.h"

static const char yaml[] =
    "clock: %s\n"
    "zone: UTC\n"
    "kafka: {session_timeout: 6s}\n"
    "schemas: {folder: schemas, %s}\n"
    "metrics:\n"
    "  calls:   {count: call, windows: [1h, day, week, month]}\n"
    "  revenue: {sum: amount, of: deal_won, unit: EUR, decimals: 2, typical: 500, windows: [day, week]}\n"
    "boards: [\"calls:day\"]\n"
    "source_delay: 60s\n"
    "stale_after: 1d\n"
    "feed_silence: 1d\n"
    "future_tolerance: 10min\n"
    "view_refresh: 1h\n"
    "endpoints:\n"
    "  hook: {type: webhook, url: http://hook.invalid/}\n"
    "  bot: {type: slack_bot, token_file: bot}\n"
    "  slack: {type: slack, url_file: slack}\n"
    "  teams: {type: teams, url_file: teams}\n"
    "receivers: {rep: [hook, bot], manager: hook, team: [slack, teams], ops: hook}\n"
    "alerts: {budget: 0, digest: {at: \"16:30\"}, behind: {%s}}\n";
static const char *const policies[POLICIES] = {"manager: after 2wh", "for: 10wmin, manager: now, repeat: 2wh",
                                               "for: 10wmin, manager: after 20wmin, repeat: 30wmin",
                                               "for: 30wmin, manager: digest"};

/* From files, and from the registry, whoever's policy is an odd one. */
static const char *const schemas[] = {"ids: {1: activity.avsc, 2: roster.avsc, 3: goals.avsc, 4: team.avsc}",
                                      "ids: {4: team.avsc}, registry: {urls: [http://registry.invalid]}"};

static const int64_t FUTURE_MS = 600000, HOUR_MS = 3600000, DAY_MS = 24 * 3600000;
static const char *const types[] = {"call", "deal_won", "note", "answer"};

pl_config *company_config(pl_clock_kind clock, int policy) {
  char text[sizeof yaml + 200];
  pl_buf errors;
  pl_config *config = NULL;
  pl_buf_init(&errors, 1 << 16);
  (void)snprintf(text, sizeof text, yaml, clock == PL_CLOCK_WALL ? "wall" : "stream", schemas[policy % 2],
                 policies[policy]);
  if (pl_config_parse(&config, "sim.yaml", pl_str_of(text), NULL, &errors) != PL_OK)
    pl_assert_failed(errors.p, __FILE__, __LINE__);
  pl_buf_fini(&errors);
  return config;
}

bool company_zone(void *ctx, const char *name, pl_buf *out) {
  (void)ctx;
  char path[300];
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char block[4096];
  for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;) pl_buf_put(out, block, (size_t)n);
  (void)close(fd);
  return out->n > 0;
}

/* --- who is who */

static void rep_id(int rep, char id[8]) { id[0] = 'r', id[1] = (char)('1' + rep), id[2] = 0; }
static const char *const teams[TEAMS] = {"t1", "t2"};
enum { MOVER = 3 };
int company_team(const company *c, int rep, int64_t day) {
  return rep < MOVER || (rep == MOVER && day <= c->first_day) ? 0 : 1;
}
static int32_t home_of(const company *c, int rep) {
  char id[8];
  rep_id(rep, id);
  return broker_home(pl_str_of(id), c->b->partitions);
}

/* One is not at Slack. */
static pl_rep_fact rep_fact(const company *c, int rep, char id[8], pl_since members[2]) {
  static const char *const slack[REPS] = {"U1", "U2", "U3", "", "U5", "U6"};
  rep_id(rep, id);
  members[0] = (pl_since){PL_DAY_ALWAYS, pl_str_of(teams[company_team(c, rep, c->first_day)])};
  members[1] = (pl_since){c->first_day + 1, pl_str_of(teams[1])};
  return (pl_rep_fact){.id = pl_str_of(id),
                       .name = pl_str_of(id),
                       .slack = pl_str_of(slack[rep]),
                       .memberships = members,
                       .nmemberships = rep == MOVER ? 2 : 1};
}

static pl_goals_fact rep_goals(const company *c, int rep, char id[8], pl_goal_fact goals[2]) {
  rep_id(rep, id);
  goals[0] = (pl_goal_fact){.name = PL_STR("daily"),
                            .metric = PL_STR("calls"),
                            .period = PL_DAY,
                            .target = c->calls[rep],
                            .from = PL_DAY_ALWAYS};
  goals[1] = (pl_goal_fact){.name = PL_STR("weekly"),
                            .metric = PL_STR("revenue"),
                            .period = PL_WEEK,
                            .target = c->revenue[rep],
                            .from = PL_DAY_ALWAYS};
  return (pl_goals_fact){pl_str_of(id), false, goals, 2};
}

/* Both by one manager; one by a colleague of the other; one by one of its own, under the other; by nobody. */
static pl_team_fact team_fact(const company *c, int team) {
  static const struct {
    const char *manager, *parent;
  } charts[][TEAMS] = {{{"m1", ""}, {"m1", ""}},
                       {{"r6", ""}, {"m2", ""}},
                       {{"r1", "t2"}, {"m1", "t1"}},
                       {{"", "t2"}, {"", ""}}};
  return (pl_team_fact){.id = pl_str_of(teams[team]),
                        .name = pl_str_of(teams[team]),
                        .manager = pl_str_of(charts[c->chart][team].manager),
                        .parent = pl_str_of(charts[c->chart][team].parent)};
}

/* --- facts */

static void put(company *c, pl_topic topic, pl_str key, int32_t partition, const pl_buf *value) {
  broker_put(c->b, topic, partition, key, pl_buf_str(value), timeline_wall(c->t));
}

static void put_rep(company *c, int rep) {
  char id[8];
  pl_since members[2];
  pl_goal_fact goals[2];
  pl_rep_fact fact = rep_fact(c, rep, id, members);
  pl_goals_fact set = rep_goals(c, rep, id, goals);
  pl_buf value;
  pl_buf_init(&value, 1 << 16);
  pl_wire_put(&value, 2), pl_rep_encode(&value, &fact);
  put(c, PL_TOPIC_ROSTER, fact.id, home_of(c, rep), &value);
  pl_buf_clear(&value);
  pl_wire_put(&value, 3), pl_goals_encode(&value, &set);
  put(c, PL_TOPIC_GOALS, fact.id, home_of(c, rep), &value);
  pl_buf_fini(&value);
}

static pl_goals_fact team_goals(const company *c, int team, pl_goal_fact *goal) {
  *goal = (pl_goal_fact){.name = PL_STR("together"),
                         .metric = PL_STR("calls"),
                         .period = PL_DAY,
                         .target = c->team_calls,
                         .from = PL_DAY_ALWAYS};
  return (pl_goals_fact){pl_str_of(teams[team]), true, goal, 1};
}

static void put_team(company *c, int team) {
  pl_team_fact fact = team_fact(c, team);
  pl_goal_fact goal;
  pl_goals_fact set = team_goals(c, team, &goal);
  pl_buf value;
  pl_buf_init(&value, 1 << 16);
  pl_wire_put(&value, 4), pl_team_encode(&value, &fact);
  put(c, PL_TOPIC_TEAMS, fact.id, 0, &value);
  pl_buf_clear(&value);
  pl_wire_put(&value, 3), pl_goals_encode(&value, &set);
  put(c, PL_TOPIC_GOALS, fact.id, broker_home(fact.id, c->b->partitions), &value);
  pl_buf_fini(&value);
}

void company_repeat_fact(company *c) {
  int64_t which = timeline_draw(c->t, 0, REPS + TEAMS - 1);
  if (which < REPS)
    put_rep(c, (int)which);
  else
    put_team(c, (int)which - REPS);
}

/* --- events */

static pl_answer_word word_of(const company_event *e) {
  return (pl_answer_word){pl_str_of(e->alert), pl_str_of(e->id), PL_STR("More calls.")};
}

static void write_event(company *c, company_event *e) {
  char rep[8];
  pl_buf value;
  pl_buf_init(&value, 1 << 16);
  rep_id(e->rep, rep);
  pl_activity a = {.id = pl_str_of(e->id),
                   .rep = pl_str_of(rep),
                   .at = e->at,
                   .type = pl_str_of(types[e->type]),
                   .opened_at = PL_NEVER,
                   .complete_to = PL_NEVER};
  a.retracts = pl_str_of(e->retracts);
  const pl_answer_word word = word_of(e);
  if (e->type == EVENT_ANSWER) a.answer = &word;
  if (e->type == EVENT_WON) a.amount = (pl_value){.kind = PL_DECIMAL, .scale = 2, .i = e->cents};
  pl_wire_put(&value, e->poison && e->cents % 2 ? 9 : 1); /* a schema that nobody has */
  bool good = pl_activity_encode(&value, &a);
  PL_ASSERT(good);
  if (e->poison && e->cents % 2 == 0) value.n -= 3;
  e->stamp = timeline_wall(c->t);
  e->offset = broker_end(c->b, PL_TOPIC_ACTIVITIES, e->partition);
  put(c, PL_TOPIC_ACTIVITIES, a.rep, e->partition, &value);
  pl_buf_fini(&value);
}

static company_event *next_event(company *c, int rep) {
  company_event *e = &c->events[c->n];
  PL_ASSERT(c->n < EVENTS_MAX);
  *e = (company_event){.rep = rep, .partition = home_of(c, rep), .at = timeline_wall(c->t)};
  (void)snprintf(e->id, sizeof e->id, "e%zu", c->n++);
  return e;
}

static bool same_id(const company_event *a, const company_event *b) {
  return a->rep == b->rep && strcmp(a->id, b->id) == 0;
}

/* It takes back what came a while before, if that can be. */
static void retract(company *c, company_event *e) {
  company_event *old = &c->events[timeline_draw(c->t, 0, (int64_t)c->n - 2)];
  if (company_refused(old) || *old->retracts || old->type >= EVENT_NOTE) return;
  e->rep = old->rep, e->type = old->type, e->cents = old->cents, e->at = old->at;
  e->partition = home_of(c, e->rep);
  memcpy(e->retracts, old->id, sizeof e->retracts);
}

void company_work(company *c) {
  timeline *t = c->t;
  if (c->n + PARTITIONS_MAX >= EVENTS_MAX) return;
  company_event *e = next_event(c, (int)timeline_draw(t, 0, REPS - 1));
  int64_t luck = timeline_draw(t, 0, 99);
  e->type = luck < 65 ? EVENT_CALL : luck < 90 ? EVENT_WON : EVENT_NOTE;
  e->cents = timeline_draw(t, 100, 100000);
  luck = timeline_draw(t, 0, 99);
  e->at.ms -= luck < 70   ? timeline_draw(t, 0, 30000)
              : luck < 90 ? timeline_draw(t, 0, 4 * HOUR_MS)
                          : timeline_draw(t, 0, 2 * DAY_MS);
  luck = timeline_draw(t, 0, 99);
  if (luck < 10) { /* again what came before */
    const company_event *old = &c->events[timeline_draw(t, 0, (int64_t)c->n - 2)];
    e->rep = old->rep, e->type = old->type, e->cents = old->cents, e->at = old->at;
    e->partition = home_of(c, e->rep);
    memcpy(e->id, old->id, sizeof e->id), memcpy(e->retracts, old->retracts, sizeof e->retracts);
    memcpy(e->alert, old->alert, sizeof e->alert);
  } else if (luck < 13) {
    e->poison = true;
  } else if (luck < 15 && c->b->partitions > 1) {
    e->misplaced = true, e->partition = (e->partition + 1) % c->b->partitions;
  } else if (luck < 23) {
    retract(c, e);
  } else if (luck < 25) {
    e->at.ms += 4 * HOUR_MS;
  }
  if (c->b->logs[PL_TOPIC_ACTIVITIES][e->partition].cut) {
    c->n--;
    return;
  }
  write_event(c, e);
  if (timeline_chance(t, 0.05)) broker_put_gap(c->b, e->partition);
}

void company_answer(company *c, pl_str rep, pl_str alert) {
  if (c->n + PARTITIONS_MAX >= EVENTS_MAX) return;
  company_event *e = next_event(c, rep.p[1] - '1');
  e->type = EVENT_ANSWER;
  (void)snprintf(e->alert, sizeof e->alert, "%.*s", (int)alert.n, alert.p);
  if (c->b->logs[PL_TOPIC_ACTIVITIES][e->partition].cut)
    c->n--;
  else
    write_event(c, e);
}

static void touch_partitions(company *c) {
  for (int rep = 0; rep < c->b->partitions; rep++) {
    if (c->b->logs[PL_TOPIC_ACTIVITIES][home_of(c, rep)].cut) continue;
    company_event *e = next_event(c, rep);
    e->type = EVENT_NOTE;
    write_event(c, e);
  }
}

void company_open(company *c, timeline *t, broker *b, const pl_config *config) {
  *c = (company){.t = t, .b = b, .config = config};
  c->first_day = (int32_t)pl_floor_div(timeline_wall(t).ms, DAY_MS);
  for (int rep = 0; rep < REPS; rep++) {
    c->calls[rep] = (double)timeline_draw(t, 1, 12), c->revenue[rep] = (double)timeline_draw(t, 100, 5000);
    put_rep(c, rep);
  }
  c->team_calls = (double)timeline_draw(t, 4, 30), c->chart = timeline_draw(t, 0, 3);
  for (int team = 0; team < TEAMS; team++) put_team(c, team);
  touch_partitions(c);
}

void company_close(company *c) { touch_partitions(c); }

/* --- the independent count */

/* Also who comes from the future, by its record's own stamp. */
bool company_refused(const company_event *e) {
  return e->poison || e->misplaced || e->at.ms > e->stamp.ms + FUTURE_MS;
}

/* The same id again, or the same taken back again. */
static bool counted_before(const company *c, size_t i) {
  const company_event *e = &c->events[i];
  for (size_t k = 0; k < i; k++) {
    const company_event *old = &c->events[k];
    bool again = *e->retracts && old->rep == e->rep && strcmp(old->retracts, e->retracts) == 0;
    if (!company_refused(old) && (again || same_id(old, e))) return true;
  }
  return false;
}

int64_t company_count(const company *c, company_metric metric, int rep, int team, int32_t first,
                      int32_t last) {
  int64_t sum = 0;
  for (size_t i = 0; i < c->n; i++) {
    const company_event *e = &c->events[i];
    int64_t day = pl_floor_div(e->at.ms, DAY_MS);
    if (e->type != (metric == METRIC_CALLS ? EVENT_CALL : EVENT_WON) || day < first || day > last) continue;
    if (rep >= 0 ? e->rep != rep : company_team(c, e->rep, day) != team) continue;
    if (company_refused(e) || counted_before(c, i)) continue;
    sum += (*e->retracts ? -1 : 1) * (metric == METRIC_CALLS ? 100 : e->cents);
  }
  return sum;
}

/* --- the undisturbed core */

static int type_index(const pl_policy *policy, const char *name) {
  if (pl_type_own(pl_str_of(name)) != PL_TYPE_OTHER) return pl_type_own(pl_str_of(name));
  for (size_t i = 0; i < policy->ntypes; i++)
    if (strcmp(policy->types[i], name) == 0) return (int)i;
  return PL_TYPE_OTHER;
}

static int field_index(const pl_policy *policy, const char *name) {
  for (size_t i = 0; i < policy->nfields; i++)
    if (strcmp(policy->fields[i], name) == 0) return (int)i;
  pl_assert_failed(name, __FILE__, __LINE__);
}

static pl_reason apply(const company *c, pl_core *core, const company_event *e) {
  const pl_policy *policy = &c->config->policy;
  char rep[8];
  if (company_refused(e)) {
    pl_core_stamp(core, e->stamp, e->offset);
    return PL_FUTURE;
  }
  rep_id(e->rep, rep);
  pl_event made = {
      .id = pl_str_of(e->id), .rep = pl_str_of(rep), .at = e->at, .type = type_index(policy, types[e->type])};
  made.retracts = pl_str_of(e->retracts);
  const pl_answer_word word = word_of(e);
  if (e->type == EVENT_ANSWER) made.answer = &word;
  if (e->type == EVENT_WON)
    made.fields[field_index(policy, "amount")] = (pl_value){.kind = PL_DECIMAL, .scale = 2, .i = e->cents};
  return pl_core_apply(core, &made, e->stamp, e->offset);
}

static void put_facts(const company *c, pl_core *core, int rep) {
  char id[8];
  pl_since members[2];
  pl_goal_fact goals[2];
  pl_rep_fact fact = rep_fact(c, rep, id, members);
  pl_goals_fact set = rep_goals(c, rep, id, goals);
  pl_core_put_rep(core, &fact);
  (void)pl_core_put_goals(core, &set, NULL);
}

void company_live(const company *c, int32_t partition, pl_wall known,
                  void (*take)(void *ctx, pl_core *core, const company_event *last, pl_reason reason),
                  void *ctx) {
  pl_almanac *almanac;
  pl_err err = {""};
  pl_teams *directory = pl_teams_new();
  if (pl_almanac_new(&almanac, &c->config->policy, company_zone, NULL, &err) != PL_OK)
    pl_assert_failed(err.text, __FILE__, __LINE__);
  for (int team = 0; team < TEAMS; team++) {
    pl_team_fact fact = team_fact(c, team);
    pl_teams_put(directory, &fact);
  }
  pl_core *core = pl_core_new(&c->config->policy, almanac, directory, partition);
  for (int rep = 0; rep < REPS; rep++)
    if (home_of(c, rep) == partition) put_facts(c, core, rep);
  pl_core_begin(core, pl_times_at(PL_BEGINNING));
  for (size_t i = 0; i < c->n; i++)
    if (c->events[i].partition == partition) take(ctx, core, &c->events[i], apply(c, core, &c->events[i]));
  (void)pl_core_advance(core, known, NULL);
  take(ctx, core, NULL, PL_APPLIED);
  pl_core_free(&core);
  pl_teams_free(&directory);
  pl_almanac_free(&almanac);
}
