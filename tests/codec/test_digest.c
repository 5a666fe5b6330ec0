/* The manager's digest: what it says of whom, against what a person would write; and what it must not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "codec/digest.h"
#include "json.h"

#define AT INT64_C(1772638200) /* Wednesday 2026-03-04, 15:30 */

static const pl_metric metrics[] = {
    {.name = "calls"}, {.name = "revenue", .unit_text = "EUR", .decimals = 2}, {.name = "demos"}};
static pl_policy policy = {.metrics = metrics, .nmetrics = PL_COUNT(metrics)};
static pl_digest *digest;

static bool yes(void *ctx, const pl_post *concern) {
  (void)ctx;
  assert_string_equal(pl_post_text(concern, "audience"), "manager");
  return strcmp(pl_post_text(concern, "entity"), "silent") != 0;
}

static void open_digest(pl_turn turn) {
  policy.alerts.turn = turn;
  digest = pl_digest_new(&policy, pl_wall_s(AT), yes, NULL);
}

/* Words: name, value, name, value. */
static void take(const char *id, bool is_team, const char *view) {
  static char room[1 << 16];
  pl_reply items[256], all = {.kind = PL_REPLY_ARRAY, .items = items};
  assert_true(strlen(view) < sizeof room);
  memcpy(room, view, strlen(view) + 1);
  for (char *word = strtok(room, " "); word; word = strtok(NULL, " "))
    items[all.n++] = (pl_reply){.kind = PL_REPLY_TEXT, .s = pl_str_of(word)};
  pl_digest_take(digest, pl_str_of(id), is_team, &all);
}

#define CONCERN(id, step, more)                                                                              \
  "{'alert':'a','kind':'behind','entity':'" id "','entity_kind':'rep','name':'" id                           \
  "','goal':'daily','metric':'calls','period':'2026-03-04','step':'" step "'" more "}"

static void concern(const char *text) { pl_digest_open(digest, json(text)); }

static const pl_digest_head head = {
    .id = "d", .audience = PL_TO_MANAGER, .recipient = {"boss", 4}, .day = 20516};

/* The digest as its entry's body has it; it is closed. */
static const char *written(void) {
  static pl_buf text;
  static char body[1 << 16];
  pl_post *post = NULL;
  pl_err err;
  pl_digest_head of = head;
  of.due = of.until = pl_wall_s(AT);
  pl_buf_init(&text, PL_DIGEST_MAX);
  pl_digest_write(digest, &of, &text);
  assert_false(text.full);
  assert_int_equal(pl_post_read(&post, pl_buf_str(&text), &err), PL_OK);
  assert_string_equal(pl_post_text(post, "kind"), "digest");
  assert_string_equal(pl_post_text(post, "status"), "queued");
  assert_string_equal(pl_post_text(post, "period"), "2026-03-04");
  (void)snprintf(body, sizeof body, "%s", pl_post_text(post, "body"));
  pl_post_free(&post), pl_buf_fini(&text), pl_digest_free(&digest);
  return body;
}

#define DAILY(id, state, actual, more)                                                                       \
  "name " id " goal:daily:metric calls goal:daily:period 2026-03-04 goal:daily:state " state                 \
  " goal:daily:actual " actual " goal:daily:target 40 goal:daily:needed_today 28 " more

#define ALL_IS_WELL "Your digest\nAll is well: there is nothing that needs you."

static void it_says_who_needs_help_who_is_well_and_who_did_something_of_themselves(void **state) {
  (void)state;
  open_digest(PL_TURN_AFTER);
  concern(CONCERN("Ada", "manager",
                  ",'plan':'Two follow-ups.','answer':{'reason':'The dialler was down.','plan':'Calls until "
                  "six.','at':'2026-03-04T12:00:00Z'}"));
  take("ada", false, DAILY("Ada", "behind", "12", "goal:daily:chance 0.1100"));
  take("ben", false,
       "name Ben goal:q:metric revenue goal:q:period 2026-Q1 goal:q:state ahead goal:q:actual 61200.50 "
       "goal:q:target 90000 goal:daily:metric calls goal:daily:period 2026-03-04 goal:daily:state on_pace "
       "goal:daily:actual 31 goal:daily:target 40 goal:daily@12:00:state missed");
  pl_digest_before(digest, PL_STR("1\ndaily\tbehind\t9\t\t\n"));
  take("cy", false,
       DAILY("Cy", "on_pace", "30",
             "answers 3 goal:new:state unknown goal:new:proposed_by rep "
             "goal:old:state on_pace goal:old:owner agreed"));
  take("dan", false, DAILY("Dan", "at_risk", "20", ""));
  take("north", true,
       "name North goal:sum:metric revenue goal:sum:period 2026-Q1 goal:sum:state at_risk goal:sum:target "
       "900000 "
       "goal:sum:gap -100000");
  pl_digest_hold(digest,
                 json("{'status':'held','why':'budget','id':'h','kind':'behind','audience':'manager','name':"
                      "'Emil','metric':'calls','decimals':0,'period':'2026-03-04','figures':{'actual':3,"
                      "'target':40}}"));
  assert_string_equal(
      written(), "Your digest\n"
                 "Where help is welcome\n"
                 "• Ada: calls today, 12 of 40, chance 11%; 28 more; answer: “The dialler was down.”; plan: "
                 "“Calls until six.”\n"
                 "On pace\n"
                 "• Ben: calls today, 31 of 40\n"
                 "• Cy: calls today, 30 of 40\n"
                 "Improved\n"
                 "• Cy: calls today, 30 after 9\n"
                 "Initiative\n"
                 "• Cy answered 2 alerts\n"
                 "• Cy proposed new\n"
                 "• Cy agreed to old\n"
                 "Goals that leave a gap\n"
                 "• North: revenue this quarter, EUR 100,000 less than EUR 900,000\n"
                 "Held for this digest\n"
                 "• Emil: calls today, 3 of 40");
}

static void a_digest_with_nothing_to_say_says_that_all_is_well(void **state) {
  (void)state;
  open_digest(PL_TURN_AFTER);
  take("ada", false, DAILY("Ada", "unknown", "0", ""));
  take("nobody", false, "");
  assert_string_equal(written(), ALL_IS_WELL);
}

/* Rep first: what the manager may hear by when the rep was told, what they answered, and the policy. */
static void nobodys_concern_is_told_before_its_time(void **state) {
  static const struct {
    const char *concern;
    bool heard[4]; /* never, now, after, digest */
  } cases[] = {
      {CONCERN("Ada", "pending", ""), {0}},
      {CONCERN("Ada", "told", ",'told':'2026-03-04T08:00:00Z'"), {false, false, false, true}},
      {CONCERN("Ada", "told", ",'told':'2026-03-04T14:30:00Z'"), {false, false, false, true}},
      {CONCERN("Ada", "told", ",'told':'2026-03-04T14:30:01Z'"), {0}},
      {CONCERN("Ada", "answered", ",'told':'2026-03-04T15:29:00Z'"), {false, false, false, true}},
      {CONCERN("Ada", "manager", ",'told':'2026-03-04T15:29:00Z'"), {true, true, true, true}},
      {CONCERN("silent", "manager", ""), {0}},
      {"{'step':'manager'", {0}},
      {"[]", {0}},
  };
  (void)state;
  for (size_t i = 0; i < PL_COUNT(cases); i++)
    for (int turn = PL_TURN_NEVER; turn <= PL_TURN_DIGEST; turn++) {
      open_digest((pl_turn)turn);
      concern(cases[i].concern);
      take("ada", false, DAILY("Ada", "behind", "12", ""));
      const char *expected = cases[i].heard[turn]
                                 ? "Your digest\nWhere help is welcome\n• Ada: calls today, 12 of 40; 28 more"
                                 : ALL_IS_WELL;
      assert_string_equal(written(), expected);
    }
  open_digest(PL_TURN_NEVER); /* a team's goal: nobody else had it first */
  concern(CONCERN("north", "told", ""));
  take("north", true, DAILY("North", "behind", "12", ""));
  assert_non_null(strstr(written(), "• North: calls today, 12 of 40"));
}

static void keep(void *ctx, pl_str whose, pl_str known) {
  pl_buf *out = ctx;
  assert_true(pl_str_is(whose, "rep:ada"));
  pl_buf_str_put(out, known);
}

static void what_the_digest_before_knew_is_not_news(void **state) {
  static const char view[] =
      "name Ada answers 2 goal:mine:state on_pace goal:mine:owner rep goal:next:state unknown "
      "goal:next:proposed_by rep goal:ours:state on_pace goal:ours:owner agreed";
  (void)state;
  pl_buf known;
  pl_buf_init(&known, 4096);
  open_digest(PL_TURN_AFTER);
  take("ada", false, view);
  pl_digest_each_known(digest, keep, &known);
  assert_string_equal(written(), ALL_IS_WELL); /* of who was not in one there is nothing to compare */
  open_digest(PL_TURN_AFTER);
  pl_digest_before(digest, pl_buf_str(&known));
  take("ada", false, view);
  assert_string_equal(written(), ALL_IS_WELL);
  open_digest(PL_TURN_AFTER);
  pl_digest_before(digest,
                   pl_buf_str(&known)); /* what waited was agreed to: it was said when it was proposed */
  take("ada", false,
       "name Ada answers 3 goal:mine:state on_pace goal:mine:owner rep goal:next:state on_pace "
       "goal:next:owner rep");
  assert_string_equal(written(), "Your digest\nInitiative\n• Ada answered 1 alert");
  pl_buf_fini(&known);
}

static int by_chance(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void of_many_the_worst_off_come_first_and_the_rest_is_counted(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(1));
  for (int round = 0; round < 20; round++) {
    int chances[1000], n = (int)pl_random_in(&r, 1, 1000);
    open_digest(PL_TURN_AFTER);
    for (int i = 0; i < n; i++) {
      char view[512];
      chances[i] = (int)pl_random_in(&r, 0, 9999);
      (void)snprintf(view, sizeof view, DAILY("Rep%d", "behind", "12", "goal:daily:chance 0.%04d"), i,
                     chances[i]);
      concern(CONCERN("x", "manager", ""));
      take("x", false, view);
    }
    qsort(chances, (size_t)n, sizeof *chances, by_chance);
    pl_buf text;
    pl_post *post = NULL;
    pl_matter m;
    pl_err err;
    int shown = n < PL_DIGEST_ITEMS_MAX ? n : PL_DIGEST_ITEMS_MAX;
    pl_digest_head of = head;
    of.due = of.until = pl_wall_s(AT);
    pl_buf_init(&text, PL_DIGEST_MAX);
    pl_digest_write(digest, &of, &text);
    assert_int_equal(pl_post_read(&post, pl_buf_str(&text), &err), PL_OK);
    for (int i = 0; i < shown; i++) {
      assert_true(pl_post_item(post, 0, (size_t)i, &m));
      assert_true(fabs(m.chance * 10000 - chances[i]) < 1e-6);
    }
    assert_false(pl_post_item(post, 0, (size_t)shown, &m));
    assert_int_equal(pl_post_more(post, 0), n - shown);
    pl_post_free(&post), pl_buf_fini(&text), pl_digest_free(&digest);
  }
}

/* Kafka takes a plan of a megabyte. */
static void a_plan_without_end_bursts_no_digest(void **state) {
  enum { LONG = 100000 };
  (void)state;
  for (int of = 0; of < 3; of++) {
    char *plan = pl_alloc(LONG + 1), *text = pl_alloc(LONG + 1000), name[LONG / 10];
    memset(plan, 'x', LONG), plan[LONG] = 0;
    memset(name, 'n', sizeof name), name[sizeof name - 1] = 0;
    open_digest(PL_TURN_AFTER);
    for (int i = 0; i < 3 * PL_DIGEST_ITEMS_MAX; i++) {
      (void)snprintf(text, LONG + 1000,
                     "{\"kind\":\"behind\",\"entity\":\"ada\",\"name\":\"Ada\",\"goal\":\"daily\",\"metric\":"
                     "\"calls\",\"period\":"
                     "\"2026-03-04\",\"step\":\"manager\",\"%s\":%s\"%s\"%s}",
                     of == 1 ? "answer" : "plan", of == 1 ? "{\"at\":\"\",\"reason\":" : "", plan,
                     of == 1 ? "}" : "");
      if (of == 2) {
        pl_digest_hold(digest, pl_str_of(text));
      } else {
        char view[sizeof name + 100];
        (void)snprintf(view, sizeof view, "name %s goal:daily:metric calls", name);
        concern(text), take("ada", false, view);
      }
    }
    const char *body = written();
    assert_true(pl_str_utf8(pl_str_of(body)));
    if (of == 2) assert_non_null(strstr(body, "• Ada: calls"));
    if (of == 1) assert_non_null(strstr(body, "xx…"));
    pl_release(plan, LONG + 1), pl_release(text, LONG + 1000);
  }
}

static void what_cannot_be_cut_is_counted(void **state) {
  (void)state;
  char *long_key = pl_alloc(20000);
  memset(long_key, 'k', 20000);
  memcpy(long_key, "{\"", 2), memcpy(long_key + 19996, "\":1}", 4);
  open_digest(PL_TURN_AFTER);
  pl_digest_hold(digest,
                 json("{'kind':'behind','name':'Emil','metric':'calls','period':'2026-03-04','figures':{}}"));
  pl_digest_hold(digest, (pl_str){long_key, 20000});
  assert_string_equal(written(), "Your digest\nHeld for this digest\n• Emil: calls today\nand 1 more");
  pl_release(long_key, 20000);
}

/* The sanitizer sees what would be read: the concern's goal, when the concern is gone. */
static void a_concern_whose_goal_the_view_has_lost_is_told_all_the_same(void **state) {
  (void)state;
  open_digest(PL_TURN_AFTER);
  pl_digest_before(digest, PL_STR("0\ndaily\tbehind\t9\t\t\n"));
  concern(CONCERN("ada", "manager", ""));
  take("ada", false, "name Ada goal:other:state behind");
  assert_string_equal(written(), "Your digest\nWhere help is welcome\n• Ada: calls today");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_says_who_needs_help_who_is_well_and_who_did_something_of_themselves),
      cmocka_unit_test(a_digest_with_nothing_to_say_says_that_all_is_well),
      cmocka_unit_test(nobodys_concern_is_told_before_its_time),
      cmocka_unit_test(what_the_digest_before_knew_is_not_news),
      cmocka_unit_test(of_many_the_worst_off_come_first_and_the_rest_is_counted),
      cmocka_unit_test(a_plan_without_end_bursts_no_digest),
      cmocka_unit_test(what_cannot_be_cut_is_counted),
      cmocka_unit_test(a_concern_whose_goal_the_view_has_lost_is_told_all_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
