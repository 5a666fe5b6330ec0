/* The whole language, on one file that uses all of it: what is written is what is compiled. */
#include "codec/sink.h"
#include "world.h"

static pl_config *load(const char *path) {
  pl_config *config;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 20);
  pl_status status = pl_config_load(&config, path, NULL, &world, &errors);
  if (status != PL_OK) print_error("%.*s", (int)errors.n, errors.p);
  assert_int_equal(status, PL_OK);
  pl_buf_fini(&errors);
  return config;
}

static pl_config *example(void) { return load("tests/config/language.yaml"); }

static const pl_metric *metric(const pl_config *config, const char *name) {
  int at = pl_policy_metric(&config->policy, pl_str_of(name));
  assert_true(at >= 0);
  return &config->policy.metrics[at];
}

static int index_of(const char *const *list, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(list[i], name) == 0) return (int)i;
  return -1;
}
static int type(const pl_config *config, const char *name) {
  return index_of(config->policy.types, config->policy.ntypes, name);
}
static int field(const pl_config *config, const char *name) {
  return index_of(config->policy.fields, config->policy.nfields, name);
}

static bool ends(const char *text, const char *end) {
  return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void an_empty_file_is_every_default(void **state) {
  (void)state;
  pl_config *c = good(PL_STR(""));
  assert_int_equal(c->clock, PL_CLOCK_WALL);
  assert_string_equal(c->zone, "UTC");
  assert_int_equal(c->kafka.brokers.n, 1);
  assert_string_equal(c->kafka.brokers.items[0], "localhost:9092");
  assert_string_equal(c->kafka.group, "paceline");
  assert_int_equal(c->kafka.partitioner, PL_PARTITIONER_MURMUR2);
  assert_int_equal(c->kafka.start, PL_START_EARLIEST);
  assert_int_equal(c->kafka.max_bytes, 1 << 20);
  assert_string_equal(c->kafka.topics.roster, "crm.roster");
  assert_string_equal(c->kafka.topics.goals, "crm.goals");
  assert_string_equal(c->kafka.topics.teams, "crm.teams");
  assert_string_equal(c->redis.address.host, "localhost");
  assert_int_equal(c->redis.address.port, 6379);
  assert_int_equal(c->source_delay.ms, 60000);
  assert_int_equal(c->future_tolerance.ms, 600000);
  assert_int_equal(c->flush_interval.ms, 250);
  assert_int_equal(c->view_refresh.ms, 300000);
  assert_int_equal(c->dedupe_ids, 128);
  assert_string_equal(c->http.listen.host, "127.0.0.1");
  assert_int_equal(c->http.listen.port, 9464);
  assert_true(c->policy.alerts.enter == 0.2 && c->policy.alerts.leave == 0.4);
  assert_int_equal(c->policy.alerts.wait_work_s, 3600);
  assert_int_equal(c->policy.ncalendars, 1);
  assert_int_equal(c->policy.calendars[0].week[4].spans[0].to, 17 * 3600);
  assert_int_equal(c->policy.calendars[0].week[5].n, 0);
  assert_null(c->policy.reps);
  assert_null(c->policy.goals);
  check_fixed_point(c);
  pl_config_free(&c);
  assert_null(c);
  pl_config_free(&c);
}

static void metrics_become_indexes_bits_and_pairs(void **state) {
  (void)state;
  pl_config *c = example();
  const pl_metric *calls = metric(c, "calls"), *demos = metric(c, "demos"), *revenue = metric(c, "revenue");
  assert_int_equal(calls->kind, PL_COUNT_OF);
  assert_int_equal(calls->types, 1ull << type(c, "call"));
  assert_int_equal(calls->windows, 1u << PL_W_1H | 1u << PL_W_DAY | 1u << PL_W_WEEK | 1u << PL_W_30D);
  assert_int_equal(demos->nwhere, 1);
  assert_int_equal(demos->where[0].field, field(c, "channel"));
  assert_int_equal(demos->where[0].n, 2);
  assert_true(pl_str_is(demos->where[0].values[1], "video"));
  assert_int_equal(metric(c, "accounts")->kind, PL_DISTINCT_OF);
  assert_int_equal(metric(c, "accounts")->field, field(c, "account"));
  assert_int_equal(metric(c, "closed")->types, 1ull << type(c, "deal_won") | 1ull << type(c, "deal_lost"));
  const pl_metric *rate = metric(c, "win_rate");
  assert_int_equal(rate->kind, PL_RATIO_OF);
  assert_ptr_equal(&c->policy.metrics[rate->num], metric(c, "won"));
  assert_ptr_equal(&c->policy.metrics[rate->den], metric(c, "closed"));
  assert_int_equal(rate->windows, 1u << PL_W_MONTH | 1u << PL_W_QUARTER);
  assert_int_equal(revenue->kind, PL_SUM_OF);
  assert_int_equal(revenue->field, field(c, "amount"));
  assert_int_equal(revenue->decimals, 2);
  assert_int_equal(revenue->typical, 250000);
  assert_string_equal(revenue->unit_text, "EUR");
  const pl_metric *size = metric(c, "deal_size"), *part = &c->policy.metrics[size->num];
  assert_int_equal(size->kind, PL_RATIO_OF);
  assert_int_equal(size->decimals, 2);
  assert_int_equal(part->kind, PL_SUM_OF);
  assert_true(part->hidden && part->field == field(c, "amount") && part->decimals == 2);
  assert_int_equal(c->policy.metrics[size->den].kind, PL_COUNT_OF);
  assert_int_equal(c->policy.metrics[size->den].field, field(c, "amount"));
  assert_int_equal(pl_policy_metric(&c->policy, pl_str_of(part->name)), -1); /* it cannot be named */
  const pl_metric *close = metric(c, "time_to_close");
  assert_int_equal(close->unit_s, 86400);
  assert_int_equal(c->policy.metrics[close->num].kind, PL_SPAN_OF);
  assert_int_equal(c->policy.metrics[close->num].field, field(c, "opened_at"));
  const pl_metric *gtx = metric(c, "revenue.gtx"), *mg = metric(c, "revenue.mg"),
                  *last = metric(c, "forecast");
  assert_int_equal(gtx->nwhere, 1);
  assert_int_equal(gtx->where[0].field, field(c, "product"));
  assert_int_equal(mg->where[0].n, 2);
  assert_int_equal(gtx->typical, 250000);
  assert_int_equal(metric(c, "deal_size.gtx")->kind, PL_RATIO_OF);
  assert_int_equal(c->policy.metrics[metric(c, "deal_size.gtx")->num].nwhere, 1);
  assert_ptr_equal(&c->policy.metrics[metric(c, "gtx_share")->num], gtx);
  assert_int_equal(last->kind, PL_LAST_OF);
  assert_ptr_equal(&c->policy.metrics[last->forecasts], revenue);
  assert_ptr_equal(&c->policy.metrics[metric(c, "forecast.gtx")->forecasts], gtx);
  const pl_metric *conversion = metric(c, "conversion.demos");
  assert_int_equal(conversion->kind, PL_RATIO_OF);
  assert_ptr_equal(&c->policy.metrics[conversion->num], demos);
  assert_ptr_equal(&c->policy.metrics[conversion->den], calls);
  assert_int_equal(conversion->windows, 1u << PL_W_DAY | 1u << PL_W_WEEK);
  assert_int_equal(c->policy.nfunnel, 2);
  assert_int_equal(c->policy.funnel[0].conversion, -1);
  assert_ptr_equal(&c->policy.metrics[c->policy.funnel[1].metric], demos);
  assert_ptr_equal(&c->policy.metrics[c->policy.funnel[1].conversion], conversion);
  for (size_t i = 0; i < c->policy.nmetrics; i++)
    for (size_t k = 0; k < i; k++) assert_true(c->policy.metrics[i].hash != c->policy.metrics[k].hash);
  pl_config_free(&c);
}

static void the_mapping_leads_from_their_paths_to_our_indexes(void **state) {
  (void)state;
  pl_config *c = example();
  const pl_mapping_set *set = pl_config_mapping(c, "crm.activities");
  assert_ptr_equal(set, c->mappings);
  assert_int_equal(set->n, 1);
  const pl_mapping *m = set->items;
  assert_string_equal(m->id, "event_id");
  assert_string_equal(m->rep.paths[0], "owner.id");
  assert_string_equal(m->at.paths[0], "occurred_at");
  assert_int_equal(m->at_of_day, -1);
  assert_null(m->at_format);
  assert_string_equal(m->type.paths[0], "kind");
  assert_int_equal(m->ntype_values, 5);
  assert_string_equal(m->type_values[2].from, "Closed Won");
  assert_int_equal(m->type_values[2].type, type(c, "deal_won"));
  assert_string_equal(m->fields[field(c, "amount")].paths[0], "deal.amount");
  assert_string_equal(m->fields[field(c, "account")].paths[0], "account.id");
  assert_null(pl_config_mapping(c, "elsewhere"));
  pl_config_free(&c);
}

static void several_events_come_out_of_one_record(void **state) {
  (void)state;
  pl_config *c = good(PL_STR(
      "metrics: {new: {count: deal_created, windows: [day]}, won: {count: deal_won, windows: [day]}}\n"
      "mapping:\n"
      "  pipeline:\n"
      "    - {id: '{id}/created', rep: agent, type: {constant: deal_created},\n"
      "       at: {path: engage, format: '%Y-%m-%d', time: '12:00'}}\n"
      "    - {id: '{id}/closed', rep: agent, type: {path: stage, values: {Won: deal_won, Lost: deal_lost}},\n"
      "       at: {path: close, format: '%Y-%m-%d', time: '12:00'}}\n"));
  const pl_mapping_set *set = pl_config_mapping(c, "pipeline");
  assert_int_equal(set->n, 2);
  assert_null(set->items[0].type.paths[0]);
  assert_int_equal(set->items[0].type_constant, type(c, "deal_created"));
  assert_int_equal(set->items[1].at_of_day, 12 * 3600);
  assert_string_equal(set->items[1].at_format, "%Y-%m-%d");
  int lost = type(c, "deal_lost"); /* an import writes it, though no metric counts it */
  assert_true(lost >= 0);
  assert_int_equal(set->items[1].type_values[1].type, lost);
  assert_string_equal(c->mappings[0].name, "crm.activities"); /* the default stands for them */
  assert_string_equal(c->mappings[0].items[0].at.paths[0], "occurred_at");
  check_fixed_point(c);
  pl_config_free(&c);
}

static void facts_in_the_file_look_as_if_they_came_from_kafka(void **state) {
  (void)state;
  pl_config *c = example();
  const pl_policy *p = &c->policy;
  assert_string_equal(c->kafka.topics.roster, "");
  assert_string_equal(c->kafka.topics.teams, "");
  assert_string_equal(c->kafka.topics.goals, "");
  assert_int_equal(p->nteams, 1);
  assert_true(pl_str_is(p->teams[0].id, "north") && pl_str_is(p->teams[0].manager, "r7"));
  assert_true(pl_str_is(p->teams[0].calendar, "office"));
  assert_int_equal(p->nreps, 2);
  assert_int_equal(p->reps[0].nmemberships, 1);
  assert_int_equal(p->reps[0].memberships[0].from, PL_DAY_ALWAYS);
  assert_true(pl_str_is(p->reps[0].memberships[0].what, "north"));
  assert_true(pl_str_is(p->reps[1].zones[0].what, "Europe/Lisbon"));
  assert_false(p->reps[0].recognition_off);
  int office = pl_policy_calendar(p, PL_STR("office"));
  assert_int_equal(office, 1);
  assert_string_equal(p->calendars[office].zone, "Europe/Berlin");
  assert_int_equal(p->calendars[office].week[0].n, 2);
  assert_int_equal(p->calendars[office].week[3].spans[1].from, 13 * 3600 + 1800);
  assert_int_equal(p->calendars[office].week[4].spans[0].to, 15 * 3600);
  assert_int_equal(p->calendars[office].week[6].n, 0);
  assert_int_equal(p->calendars[office].nexceptions, 12); /* 9 closed, 5 holidays, 2 of them both */
  assert_int_equal(p->reps[1].ntime_off, 1);
  assert_int_equal(p->reps[1].time_off[0].until - p->reps[1].time_off[0].from, 12 * 86400);
  pl_config_free(&c);
}

static void fiscal_years_begin_in_a_month_or_end_on_a_weekday(void **state) {
  (void)state;
  static const struct {
    const char *text;
    pl_fiscal fiscal;
  } cases[] = {
      {"", {PL_FISCAL_MONTHS, 0, 0, false, false}},
      {"{start: january}", {PL_FISCAL_MONTHS, 0, 0, false, false}},
      {"{start: april, named: start}", {PL_FISCAL_MONTHS, 4, 0, false, true}},
      {"{start: december}", {PL_FISCAL_MONTHS, 12, 0, false, false}},
      {"{pattern: 4-5-4, ends: saturday nearest to the end of january, named: start}",
       {PL_FISCAL_454, 1, 5, true, true}},
      {"{pattern: 4-4-5, ends: last monday of december}", {PL_FISCAL_445, 12, 0, false, false}},
      {"{pattern: 5-4-4, ends: sunday nearest to the end of december}", {PL_FISCAL_544, 12, 6, true, false}},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char text[128];
    (void)snprintf(text, sizeof text, "fiscal: %s", cases[i].text);
    pl_config *c = good(pl_str_of(text));
    const pl_fiscal *have = &c->policy.fiscal, *want = &cases[i].fiscal;
    assert_int_equal(have->pattern, want->pattern);
    assert_int_equal(have->month, want->month);
    assert_int_equal(have->weekday, want->weekday);
    assert_int_equal(have->nearest, want->nearest);
    assert_int_equal(have->named_by_start, want->named_by_start);
    check_fixed_point(c);
    pl_config_free(&c);
  }
}

static void a_metric_s_quarters_are_others_in_another_fiscal_year(void **state) {
  (void)state;
  static const char *const years[] = {"", "fiscal: {start: april}", "fiscal: {start: may}",
                                      "fiscal: {pattern: 4-4-5, ends: last sunday of april}"};
  uint64_t quarters[PL_COUNT(years)], days[PL_COUNT(years)];
  for (size_t i = 0; i < PL_COUNT(years); i++) {
    char text[200];
    (void)snprintf(text, sizeof text,
                   "metrics: {q: {count: x, windows: [quarter]}, d: {count: x, windows: [day, week]}}\n%s",
                   years[i]);
    pl_config *c = good(pl_str_of(text));
    quarters[i] = metric(c, "q")->hash, days[i] = metric(c, "d")->hash;
    for (size_t k = 0; k < i; k++) assert_true(quarters[k] != quarters[i] && days[k] == days[i]);
    pl_config_free(&c);
  }
}

static void each_spreads_over_the_members_and_goals_gather_by_owner(void **state) {
  (void)state;
  pl_config *c = example();
  const pl_policy *p = &c->policy;
  assert_int_equal(p->ngoals, 3);
  size_t seen = 0;
  for (size_t i = 0; i < p->ngoals; i++) {
    const pl_goals_fact *f = &p->goals[i];
    if (pl_str_is(f->entity, "r1")) {
      assert_int_equal(f->n, 3);
      assert_true(pl_str_is(f->goals[2].metric, "revenue.gtx"));
      assert_true(pl_str_is(f->goals[0].name, "daily_calls") && pl_str_is(f->goals[1].name, "mine"));
      assert_int_equal(f->goals[0].period, PL_DAY);
      assert_int_equal(f->goals[0].owner, PL_OWNER_MANAGER);
      assert_int_equal(f->goals[1].period, PL_QUARTER);
      assert_int_equal(f->goals[1].owner, PL_OWNER_REP);
      assert_true(f->goals[1].target == 150000);
      assert_true(pl_str_is(f->goals[1].parent, "q_revenue"));
      assert_true(pl_str_is(f->goals[1].plan, "Two follow-ups before lunch."));
      static const pl_line_point points[] = {{2500, 0}, {3333, 1000}, {9000, 7550}};
      assert_null(f->goals[0].line);
      assert_false(f->goals[0].lower_is_better);
      assert_int_equal(f->goals[1].line->n, 3);
      assert_memory_equal(f->goals[1].line->points, points, sizeof points);
      assert_int_equal(f->goals[0].nmilestones, 1);
      assert_true(f->goals[0].milestones[0].of_day == 43200 && f->goals[0].milestones[0].amount == 15);
      assert_int_equal(f->goals[1].nmilestones, 2);
      assert_true(f->goals[1].milestones[1].at == 7500 && f->goals[1].milestones[1].share == 6000);
    } else if (pl_str_is(f->entity, "r2")) {
      assert_int_equal(f->n, 2);
      assert_int_equal(f->goals[0].status, PL_GOAL_AGREED);
      assert_int_equal(f->goals[0].from, PL_DAY_ALWAYS);
      assert_true(f->goals[1].lower_is_better && f->goals[1].target == 0);
    } else {
      assert_true(f->is_team && pl_str_is(f->entity, "north"));
      assert_int_equal(f->n, 1);
    }
    seen += f->n;
  }
  assert_int_equal(seen, 6);
  pl_config_free(&c);
}

static void paths_are_those_beside_the_file(void **state) {
  (void)state;
  pl_config *c = example();
  const pl_endpoint *hook = pl_config_endpoint(c, "hook");
  assert_non_null(hook);
  assert_int_equal(hook->type, PL_SINK_WEBHOOK);
  assert_int_equal(hook->url_file[0], '/');
  assert_true(ends(hook->url_file, "/tests/config/secrets/hook"));
  assert_true(ends(c->kafka.property_files.items[0].values.items[0], "/tests/config/secrets/kafka"));
  assert_string_equal(c->kafka.property_files.items[1].values.items[0], "$CREDENTIALS_DIRECTORY/key");
  assert_int_equal(c->schemas.nfiles, 1);
  assert_int_equal(c->schemas.files[0].id, 1);
  assert_true(ends(c->schemas.files[0].path, "/activity.avsc"));
  assert_string_equal(c->receivers.ops.items[0], "hook");
  assert_int_equal(c->receivers.team.n, 0);
  pl_config_free(&c);
}

static void a_redis_url_falls_into_its_parts(void **state) {
  (void)state;
  static const struct {
    const char *url, *socket, *host, *user, *password;
    int port, db;
  } cases[] = {
      {"redis://example.com", NULL, "example.com", NULL, NULL, 6379, 0},
      {"redis://example.com:1234/", NULL, "example.com", NULL, NULL, 1234, 0},
      {"redis://me:p@ss:word@h:1/15", NULL, "h", "me", "p@ss:word", 1, 15},
      {"redis://:secret@[::1]/2", NULL, "::1", NULL, "secret", 6379, 2},
      {"redis://me@[::1]:70", NULL, "::1", "me", NULL, 70, 0},
      {"unix:///run/redis.sock", "/run/redis.sock", NULL, NULL, NULL, 0, 0},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char text[128];
    (void)snprintf(text, sizeof text, "redis: {url: \"%s\"}", cases[i].url);
    pl_config *c = good(pl_str_of(text));
    const char *const want[] = {cases[i].socket, cases[i].host, cases[i].user, cases[i].password};
    const char *const have[] = {c->redis.socket, c->redis.address.host, c->redis.user, c->redis.password};
    for (size_t k = 0; k < PL_COUNT(want); k++) {
      assert_int_equal(want[k] == NULL, have[k] == NULL);
      if (want[k]) assert_string_equal(have[k], want[k]);
    }
    assert_int_equal(c->redis.address.port, cases[i].port);
    assert_int_equal(c->redis.db, cases[i].db);
    check_fixed_point(c);
    pl_config_free(&c);
  }
}

static void what_is_a_secret_is_not_in_the_dump(void **state) {
  (void)state;
  pl_config *c =
      good(PL_STR("redis: {url: 'redis://me:canary@h'}\n"
                  "kafka: {properties: {sasl.username: visible}, property_files: {sasl.password: /named}}\n"
                  "endpoints: {a: {type: webhook, url: 'https://h.example/canary?x'}}\n"));
  pl_buf dump;
  pl_buf_init(&dump, 1 << 20);
  pl_config_dump(c, &dump);
  assert_null(memmem(dump.p, dump.n, "canary", 6));
  assert_non_null(memmem(dump.p, dump.n, "visible", 7));
  assert_non_null(memmem(dump.p, dump.n, "/named", 6));
  assert_non_null(memmem(dump.p, dump.n, "h.example", 9));
  assert_string_equal(c->redis.password, "canary");
  check_fixed_point(c);
  pl_buf_fini(&dump);
  pl_config_free(&c);
}

static void boards_name_a_metric_and_a_calendar_window(void **state) {
  (void)state;
  pl_config *c = good(PL_STR("metrics: {calls: {count: call, windows: [week, 1h]}}\nboards: [calls:week]\n"));
  assert_int_equal(c->policy.nboards, 1);
  assert_int_equal(c->policy.boards[0].metric, 0);
  assert_int_equal(c->policy.boards[0].window, PL_W_WEEK);
  pl_config_free(&c);
}

static void the_window_names_of_the_table_are_those_of_the_core(void **state) {
  (void)state;
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  for (unsigned w = 0; w < PL_WINDOWS; w++) {
    pl_buf_clear(&text);
    pl_buf_printf(&text, "metrics: {m: {count: x, windows: %s}}", pl_window_kinds[w].name);
    pl_config *c = good(pl_buf_str(&text));
    assert_int_equal(c->policy.metrics[0].windows, 1u << w);
    pl_config_free(&c);
    if (!pl_window_kinds[w].calendar) continue;
    pl_buf_printf(&text, "\ngoals: {g: {rep: r, metric: m, period: %s, target: 1}}", pl_window_kinds[w].name);
    c = good(pl_buf_str(&text));
    assert_int_equal(c->policy.goals[0].goals[0].period, pl_window_kinds[w].unit);
    pl_config_free(&c);
  }
  pl_buf_fini(&text);
}

static void the_effective_configuration_is_a_fixed_point(void **state) {
  (void)state;
  pl_config *c = example();
  check_fixed_point(c);
  pl_config_free(&c);
}

static void the_example_that_comes_with_paceline_holds_and_finds_its_schemas(void **state) {
  (void)state;
  pl_config *c = load("examples/inside-sales.yaml");
  assert_int_equal(c->policy.nreps, 7);
  assert_int_equal(c->policy.ngoals, 8);
  assert_int_equal(c->schemas.nfiles, 1);
  FILE *schema = fopen(c->schemas.files[0].path, "r");
  assert_non_null(schema);
  (void)fclose(schema);
  check_fixed_point(c);
  pl_config_free(&c);
}

static void the_reference_page_is_the_one_that_is_committed(void **state) {
  (void)state;
  pl_buf made, kept;
  pl_buf_init(&made, 1 << 20);
  pl_buf_init(&kept, 1 << 20);
  pl_config_reference(&made);
  assert_false(made.full);
  read_text("examples/reference.yaml", &kept);
  if (!pl_str_eq(pl_buf_str(&made), pl_buf_str(&kept)))
    print_error("examples/reference.yaml is older than the option table: build the target `reference`\n");
  assert_true(pl_str_eq(pl_buf_str(&made), pl_buf_str(&kept)));
  pl_config *c = good(pl_buf_str(&made));
  check_fixed_point(c);
  pl_config_free(&c);
  pl_buf_fini(&made);
  pl_buf_fini(&kept);
}

static int count_memory(void **state) {
  static int64_t before;
  *state = &before;
  before = pl_mem_live();
  return 0;
}
static int check_memory(void **state) { return pl_mem_live() == *(int64_t *)*state ? 0 : -1; }

#define TEST(name) cmocka_unit_test_setup_teardown(name, count_memory, check_memory)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_empty_file_is_every_default),
      TEST(metrics_become_indexes_bits_and_pairs),
      TEST(the_mapping_leads_from_their_paths_to_our_indexes),
      TEST(several_events_come_out_of_one_record),
      TEST(facts_in_the_file_look_as_if_they_came_from_kafka),
      TEST(fiscal_years_begin_in_a_month_or_end_on_a_weekday),
      TEST(a_metric_s_quarters_are_others_in_another_fiscal_year),
      TEST(each_spreads_over_the_members_and_goals_gather_by_owner),
      TEST(paths_are_those_beside_the_file),
      TEST(a_redis_url_falls_into_its_parts),
      TEST(what_is_a_secret_is_not_in_the_dump),
      TEST(boards_name_a_metric_and_a_calendar_window),
      TEST(the_window_names_of_the_table_are_those_of_the_core),
      TEST(the_effective_configuration_is_a_fixed_point),
      TEST(the_example_that_comes_with_paceline_holds_and_finds_its_schemas),
      TEST(the_reference_page_is_the_one_that_is_committed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
