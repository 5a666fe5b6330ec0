/* The view on a real Redis: what a small company looks like to its readers, as one text, by hand and by SciPy
 * (tests/golden/view.txt); and what an erased rep leaves behind. */
#include "codec/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/keys.h"
#include "codec/redis_batch.h"
#include "core/world.h"

enum { M_CALLS, M_REVENUE, M_WON, M_RATE, M_COUNT };

static redis_batch redis;
static const char *const types[] = {"call", "deal_won"};
static const char *const fields[] = {"amount"};

typedef struct {
  pl_policy policy;
  pl_metric metrics[M_COUNT];
  pl_calendar_def office;
  pl_board_def board;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_core *core;
  int64_t offset, live;
  pl_view view;
} company;

static company c;

static int32_t home_of(void *ctx, pl_str id) {
  (void)ctx;
  return (int32_t)(id.n % 2); /* r1: 0, ops, north: 1 */
}

static int start(void **state) {
  (void)state;
  redis_batch_start(&redis);
  return 0;
}

static int stop(void **state) {
  (void)state;
  redis_batch_stop(&redis);
  return 0;
}

static void put_rep(const char *id, const char *name, bool erased) {
  pl_since zone = {PL_DAY_ALWAYS, PL_STR("Europe/Berlin")}, team = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_core_put_rep(c.core, &(pl_rep_fact){.id = pl_str_of(id),
                                         .name = pl_str_of(name),
                                         .zones = &zone,
                                         .nzones = 1,
                                         .memberships = &team,
                                         .nmemberships = 1,
                                         .erased = erased});
}

static int set_up(void **state) {
  (void)state;
  pl_err err = {{0}};
  c = (company){.live = pl_mem_live()};
  uint32_t windows = 1 << PL_W_DAY | 1 << PL_W_WEEK;
  c.metrics[M_CALLS] =
      (pl_metric){.name = "calls", .types = 1, .field = -1, .windows = windows | 1 << PL_W_1H};
  c.metrics[M_REVENUE] = (pl_metric){.name = "revenue",
                                     .kind = PL_SUM_OF,
                                     .types = 2,
                                     .unit_text = "EUR",
                                     .decimals = 2,
                                     .windows = 1 << PL_W_WEEK};
  c.metrics[M_WON] = (pl_metric){.name = "won", .types = 2, .field = -1, .windows = windows};
  c.metrics[M_RATE] = (pl_metric){.name = "win_rate",
                                  .kind = PL_RATIO_OF,
                                  .field = -1,
                                  .num = M_WON,
                                  .den = M_CALLS,
                                  .decimals = PL_RATIO_DECIMALS,
                                  .windows = windows};
  c.office.name = "office";
  for (int d = 0; d < 5; d++) c.office.week[d] = (pl_workday){{{9 * 3600, 17 * 3600}}, 1};
  c.board = (pl_board_def){M_CALLS, PL_W_WEEK};
  c.policy = (pl_policy){.types = types,
                         .ntypes = 2,
                         .fields = fields,
                         .nfields = 1,
                         .metrics = c.metrics,
                         .nmetrics = M_COUNT,
                         .calendars = &c.office,
                         .ncalendars = 1,
                         .default_zone = "UTC",
                         .boards = &c.board,
                         .nboards = 1,
                         .alerts = {.enter = 0.2, .leave = 0.4, .wait_work_s = 3600},
                         .dedupe_ids = 128,
                         .future_tolerance = {600000},
                         .unknown_reps_max = 10};
  for (size_t m = 0; m < M_COUNT; m++) c.metrics[m].hash = pl_policy_metric_hash(&c.policy, m);
  c.teams = pl_teams_new();
  pl_teams_put(c.teams,
               &(pl_team_fact){.id = PL_STR("north"), .name = PL_STR("North"), .manager = PL_STR("m1")});
  if (pl_almanac_new(&c.almanac, &c.policy, world_zone_load, NULL, &err) != PL_OK) return -1;
  c.core = pl_core_new(&c.policy, c.almanac, c.teams, 0);
  put_rep("r1", "R One", false), put_rep("r 2:%", "", false);
  pl_goal_fact goals[] = {{.name = PL_STR("daily"),
                           .metric = PL_STR("calls"),
                           .period = PL_DAY,
                           .target = 40,
                           .plan = PL_STR("Call before lunch.")},
                          {.name = PL_STR("money"),
                           .metric = PL_STR("revenue"),
                           .period = PL_WEEK,
                           .target = 1000,
                           .parent = PL_STR("all")},
                          {.name = PL_STR("pause"),
                           .metric = PL_STR("won"),
                           .period = PL_DAY,
                           .target = 3,
                           .status = PL_GOAL_PAUSED}};
  pl_core_put_goals(c.core, &(pl_goals_fact){PL_STR("r1"), false, goals, PL_COUNT(goals)}, NULL);
  pl_core_begin(c.core, pl_times_at((pl_wall){1772578800000})); /* 2026-03-04, midnight in Berlin */
  pl_view_init(&c.view, "pl", home_of, NULL);
  freeReplyObject(redis_batch_ask(&redis, "FLUSHALL"));
  freeReplyObject(redis_batch_ask(&redis, "HSET pl:mark:0 owner me"));
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pl_view_fini(&c.view);
  pl_core_free(&c.core);
  pl_teams_free(&c.teams);
  pl_almanac_free(&c.almanac);
  return pl_mem_live() == c.live ? 0 : -1;
}

static void event(const char *rep, int type, const char *amount, int64_t at_s) {
  char id[24];
  (void)snprintf(id, sizeof id, "e%d", (int)c.offset);
  pl_event e = {.id = pl_str_of(id), .rep = pl_str_of(rep), .type = type, .at = pl_wall_s(at_s)};
  if (amount) e.fields[0] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(amount)};
  assert_int_equal(pl_core_apply(c.core, &e, pl_wall_s(at_s), c.offset++), PL_APPLIED);
}

static void flush(void) {
  pl_batch batch;
  pl_batch_init(&batch);
  c.view.now = pl_core_now(c.core);
  c.view.wall = (pl_wall){4102444800000}; /* what expires, expires after any run of this test */
  for (pl_subject *s = pl_core_take_subjects(c.core), *next; s; s = next) {
    next = s->next_dirty;
    pl_view_subject(&c.view, &batch, s);
    pl_subject_written(s);
  }
  for (pl_share *shares = pl_core_take_shares(c.core); shares;)
    pl_view_parts(&c.view, &batch, &shares, 0, &c.policy);
  pl_view_changed(&c.view, &batch);
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "me"), "OK");
  pl_batch_fini(&batch);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* A reply's lines of `width` words each, sorted where the order means nothing. */
static void lines(pl_buf *out, const char *command, size_t width, bool sorted) {
  char words[200], *rows[400];
  const char *argv[8];
  int argc = 0;
  (void)snprintf(words, sizeof words, "%s", command);
  for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
  redisReply *reply = redisCommandArgv(redis.link, argc, argv, NULL);
  assert_non_null(reply);
  size_t n = 0;
  pl_buf_printf(out, "> %s\n", command);
  for (size_t i = 0; i + width <= reply->elements; i += width) {
    pl_buf row;
    pl_buf_init(&row, 1 << 16);
    for (size_t k = 0; k < width; k++) {
      pl_buf_text(&row, k ? " = " : "");
      pl_buf_put(&row, reply->element[i + k]->str, (size_t)reply->element[i + k]->len);
    }
    pl_buf_text(&row, "\n");
    assert_true(n < PL_COUNT(rows));
    rows[n++] = strndup(row.p, row.n);
    pl_buf_fini(&row);
  }
  if (sorted) qsort(rows, n, sizeof *rows, by_text);
  for (size_t i = 0; i < n; i++) pl_buf_text(out, rows[i]), free(rows[i]);
  freeReplyObject(reply);
}

static void stream(pl_buf *out, const char *key) {
  redisReply *reply = redis_batch_ask(&redis, "XRANGE %s - +", key);
  pl_buf_printf(out, "> XRANGE %s - +\n", key);
  for (size_t i = 0; i < reply->elements; i++) {
    redisReply *entry = reply->element[i]->element[1]; /* the stream's own id is a clock's */
    for (size_t k = 0; k < entry->elements; k += 2)
      pl_buf_printf(out, "%s = %s\n", entry->element[k]->str, entry->element[k + 1]->str);
  }
  freeReplyObject(reply);
}

static void a_small_company_reads_as_its_readers_expect(void **state) {
  (void)state;
  enum { NINE = 1772611200 }; /* 09:00 in Berlin, seconds */
  char golden[1 << 15];
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  for (int i = 0; i < 12; i++) event("r1", 0, NULL, NINE + i * 600);
  event("r 2:%", 0, NULL, NINE + 6000);
  event("r1", 1, "250.50", NINE + 6600);
  event("r1", 1, "100", NINE + 7200); /* eleven o'clock */
  pl_core_advance(c.core, pl_wall_s(NINE + 7200), NULL);
  flush();
  lines(&text, "KEYS *", 1, true);
  lines(&text, "HGETALL pl:rep:r1", 2, true);
  lines(&text, "HGETALL pl:plan:r1", 2, true);
  lines(&text, "HGETALL pl:rep:r%202%3A%25", 2, true);
  lines(&text, "ZRANGE pl:board:north:calls:2026-W10 0 -1 REV WITHSCORES", 2, false);
  pl_core_advance(c.core, pl_wall_s(NINE + 15 * 3600), NULL); /* midnight: behind, told, missed */
  flush();
  stream(&text, "pl:alerts");
  lines(&text, "HGETALL pl:outbox:0", 2, true);
  lines(&text, "SMEMBERS pl:todo:0", 1, true);
  lines(&text, "HGETALL pl:past:rep:r1:2026-03-04", 2, true);
  lines(&text, "HGETALL pl:rep:r1", 2, true);
  for (int i = 0; i < 40; i++) event("r1", 0, NULL, NINE + 86400 + i); /* recognition is news */
  flush(), flush();
  stream(&text, "pl:news");
  pl_buf_char(&text, 0);
  FILE *f = fopen("tests/golden/view.txt", getenv("PACELINE_GOLDEN") ? "w+" : "r");
  assert_non_null(f);
  if (getenv("PACELINE_GOLDEN")) (void)fputs(text.p, f), rewind(f);
  golden[fread(golden, 1, sizeof golden - 1, f)] = 0;
  (void)fclose(f);
  assert_false(text.full);
  assert_string_equal(text.p, golden);
  pl_buf_fini(&text);
}

static void reads(const char *field, const char *value) {
  redisReply *reply = redis_batch_ask(&redis, "HGET pl:rep:r1 %s", field);
  assert_int_equal(reply->type, REDIS_REPLY_STRING);
  assert_string_equal(reply->str, value);
  freeReplyObject(reply);
}

static void a_previous_period_is_written_when_something_was_counted_before_today(void **state) {
  (void)state;
  enum { NINE = 1772611200 };
  event("r1", 0, NULL, NINE);
  pl_core_advance(c.core, pl_wall_s(NINE), NULL);
  flush();
  reads("calls:day:prev", "0");
  freeReplyObject(redis_batch_ask(&redis, "HSET pl:rep:r1 calls:day:prev untouched"));
  event("r1", 0, NULL, NINE + 60);
  flush();
  reads("calls:day", "2"), reads("calls:day:prev", "untouched");
  event("r1", 0, NULL, NINE - 86400);
  flush();
  reads("calls:day", "2"), reads("calls:day:prev", "1");
}

/* How many boards have r1. */
static int boards_with_r1(void) {
  int n = 0;
  redisReply *boards = redis_batch_ask(&redis, "KEYS pl:board:*");
  for (size_t i = 0; i < boards->elements; i++) {
    redisReply *score = redis_batch_ask(&redis, "ZSCORE %s r1", boards->element[i]->str);
    n += score->type == REDIS_REPLY_STRING;
    freeReplyObject(score);
  }
  freeReplyObject(boards);
  return n;
}

static void an_erased_rep_leaves_no_state_no_view_no_past_and_no_place_on_a_board(void **state) {
  (void)state;
  event("r1", 0, NULL, 1772611200);
  flush();
  pl_core_advance(c.core, pl_wall_s(1772611200 + 86400), NULL);
  c.view.now = pl_wall_s(1772611200 + 86400);
  flush();
  redisReply *past = redis_batch_ask(&redis, "EXISTS pl:past:rep:r1:2026-03-04");
  assert_int_equal(past->integer, 1);
  freeReplyObject(past);
  assert_true(boards_with_r1() > 0);
  put_rep("r1", "", true);
  flush();
  assert_int_equal(boards_with_r1(), 0);
  redisReply *keys = redis_batch_ask(&redis, "KEYS *r1*");
  assert_int_equal(keys->elements, 0);
  freeReplyObject(keys);
  for (int bucket = 0; bucket < PL_STATE_BUCKETS; bucket++) {
    redisReply *held = redis_batch_ask(&redis, "HEXISTS pl:state:0:%d r:r1", bucket);
    assert_int_equal(held->integer, 0);
    freeReplyObject(held);
  }
}

static bool exists(const char *key) {
  redisReply *reply = redis_batch_ask(&redis, "EXISTS %s", key);
  bool is = reply->integer;
  freeReplyObject(reply);
  return is;
}

static void a_team_is_public_while_it_has_three_members_or_more(void **state) {
  (void)state;
  pl_wall morning = pl_wall_s(1772611200);
  pl_core_put_team(c.core, pl_teams_find(c.teams, PL_STR("north")));
  pl_core_advance(c.core, morning, NULL);
  (void)pl_core_advance_teams(c.core, morning, morning, NULL);
  pl_subject *team = pl_core_find(c.core, PL_STR("north"), true);
  static const int64_t members[] = {1, 2, 3, 4, 3, 2, 0};
  for (size_t i = 0; i < PL_COUNT(members); i++) {
    team->members = members[i];
    pl_core_team_changed(c.core, team);
    flush();
    assert_int_equal(exists("pl:team:north"), members[i] >= 3);
    assert_int_equal(exists("pl:team-private:north"), members[i] < 3);
  }
}

static void a_goal_with_the_longest_name_has_fields_of_its_own(void **state) {
  (void)state;
  char name[PL_GOAL_NAME_MAX + 1], field[PL_GOAL_NAME_MAX + 32];
  memset(name, 'g', PL_GOAL_NAME_MAX);
  name[PL_GOAL_NAME_MAX] = 0;
  pl_goal_fact goal = {.name = pl_str_of(name), .metric = PL_STR("calls"), .period = PL_DAY, .target = 40};
  pl_core_put_goals(c.core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
  pl_core_advance(c.core, pl_wall_s(1772611200), NULL);
  flush();
  (void)snprintf(field, sizeof field, "goal:%s:target", name);
  redisReply *reply = redis_batch_ask(&redis, "HGET pl:rep:r1 %s", field);
  assert_int_equal(reply->type, REDIS_REPLY_STRING);
  assert_string_equal(reply->str, "40");
  freeReplyObject(reply);
}

static void give_goals(size_t n, pl_unit period, size_t nmilestones) {
  static pl_goal_fact goals[PL_GOALS_MAX];
  static char names[PL_GOALS_MAX][PL_GOAL_NAME_MAX + 1];
  static pl_milestone stones[PL_MILESTONES_MAX];
  for (unsigned k = 0; k < PL_MILESTONES_MAX; k++)
    stones[k] = (pl_milestone){.at = (uint16_t)(1000 * (k + 1)), .share = (uint16_t)(1000 * (k + 1))};
  for (size_t i = 0; i < n; i++) {
    (void)snprintf(names[i], sizeof names[i], "%0*zu", (int)PL_GOAL_NAME_MAX, i);
    goals[i] = (pl_goal_fact){.name = pl_str_of(names[i]),
                              .metric = PL_STR("calls"),
                              .period = period,
                              .target = 40,
                              .milestones = stones,
                              .nmilestones = nmilestones};
  }
  pl_core_put_goals(c.core, &(pl_goals_fact){PL_STR("r1"), false, goals, n}, NULL);
}

/* The script's commands are split where they grow long: wherever that is, fields follow. */
static void any_number_of_goals_can_be_written(void **state) {
  (void)state;
  for (size_t n = 1; n <= PL_GOALS_MAX; n++) {
    give_goals(n, PL_WEEK, 1);
    flush();
  }
}

/* The year's end, at which everything that a rep can have is judged, told, and recorded as past. */
static void the_largest_rep_fits_into_a_batch(void **state) {
  (void)state;
  pl_batch batch;
  for (size_t m = 0; m < M_COUNT; m++) c.metrics[m].windows |= 1 << PL_W_YEAR;
  give_goals(PL_GOALS_MAX, PL_YEAR, PL_MILESTONES_MAX);
  pl_core_advance(c.core, pl_wall_s(1798757999), NULL); /* a second before 2027 in Berlin */
  flush();
  pl_core_advance(c.core, pl_wall_s(1798758000), NULL);
  pl_batch_init(&batch);
  c.view.now = pl_core_now(c.core), c.view.wall = (pl_wall){4102444800000};
  pl_subject *s = pl_core_take_subjects(c.core);
  while (s && strcmp(s->id, "r1") != 0) s = s->next_dirty;
  assert_non_null(s);
  assert_non_null(s->told);
  assert_non_null(s->pasts);
  pl_view_subject(&c.view, &batch, s);
  printf("%zu KiB of %d\n", batch.body.n >> 10, PL_BATCH_MAX >> 10);
  assert_true(!batch.body.full && batch.body.n <= PL_BATCH_MAX / 4 * 3);
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "me"), "OK");
  pl_batch_fini(&batch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_small_company_reads_as_its_readers_expect),
      TEST(a_previous_period_is_written_when_something_was_counted_before_today),
      TEST(an_erased_rep_leaves_no_state_no_view_no_past_and_no_place_on_a_board),
      TEST(a_team_is_public_while_it_has_three_members_or_more),
      TEST(a_goal_with_the_longest_name_has_fields_of_its_own),
      TEST(any_number_of_goals_can_be_written),
      TEST(the_largest_rep_fits_into_a_batch),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
