/* Facts from schemas and bodies that are not ours: other field orders, older versions, hostile values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/encode.h"
#include "codec/fact_decode.h"
#include "json.h"

typedef struct {
  pl_schema *schema;
  pl_fact_reader *reader;
  pl_buf body;
  pl_arena *arena;
  pl_err why;
} rig;

static void open_rig(rig *r, const char *text, pl_fact_kind kind) {
  *r = (rig){0};
  if (pl_schema_new(&r->schema, json(text), &r->why) != PL_OK ||
      pl_fact_reader_new(&r->reader, r->schema, kind, &r->why) != PL_OK)
    fail_msg("%s", r->why.text);
  pl_buf_init(&r->body, 1 << 16);
  r->arena = pl_arena_new(PL_FACT_BYTES);
}

static void close_rig(rig *r) {
  pl_fact_reader_free(&r->reader);
  pl_schema_free(&r->schema);
  pl_buf_fini(&r->body);
  pl_arena_free(&r->arena);
}

static void put(rig *r, const char *text) {
  pl_buf_zigzag(&r->body, (int64_t)strlen(text));
  pl_buf_text(&r->body, text);
}

static void put_membership(rig *r, const char *team, int32_t from) {
  put(r, team);
  pl_buf_zigzag(&r->body, from != PL_DAY_ALWAYS);
  if (from != PL_DAY_ALWAYS) pl_buf_zigzag(&r->body, from);
}

static void lists_come_out_ascending_and_what_an_older_schema_lacks_is_empty(void **state) {
  (void)state;
  rig r;
  pl_rep_fact rep;
  open_rig(&r,
           "{'type':'record','name':'R','fields':[{'name':'rep','type':'string'},{'name':'memberships','type'"
           ":{'type':'array','items':{'type':'record','name':'I','fields':[{'name':'team','type':'string'},{'"
           "name':'from','type':['null',{'type':'int','logicalType':'date'}]}]}}}]}",
           PL_FACT_REP);
  put(&r, "r1");
  pl_buf_zigzag(&r.body, 4);
  put_membership(&r, "south", 200), put_membership(&r, "north", 100),
      put_membership(&r, "first", PL_DAY_ALWAYS);
  put_membership(&r, "", 200);
  pl_buf_zigzag(&r.body, 0);
  assert_int_equal(pl_rep_decode(r.reader, pl_buf_str(&r.body), r.arena, &rep, &r.why), PL_APPLIED);
  static const char *const teams[] = {"first", "north", "south", ""};
  static const int32_t days[] = {PL_DAY_ALWAYS, 100, 200, 200};
  assert_int_equal(rep.nmemberships, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_true(pl_str_is(rep.memberships[i].what, teams[i]));
    assert_int_equal(rep.memberships[i].from, days[i]);
  }
  assert_int_equal(rep.nzones + rep.ncalendars + rep.ntime_off + rep.name.n + rep.email.n, 0);
  assert_false(rep.erased);
  assert_false(rep.recognition_off);
  close_rig(&r);
}

static void a_rep_that_cannot_be_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *rep, *team;
    int32_t from;
    int n;
    pl_reason reason;
    const char *text;
  } cases[] = {
      {"r1", "t", 0, PL_SINCE_MAX, PL_APPLIED, ""},
      {"r1", "t", 0, PL_SINCE_MAX + 1, PL_TOO_LARGE, "64"},
      {"", "t", 0, 1, PL_BAD_ID, "field rep"},
      {"a\x01", "t", 0, 1, PL_BAD_ID, "field rep"},
      {"r1", "a\x01", 0, 1, PL_BAD_ID, "memberships[].team"},
      {"r1", "t", 2932897, 1, PL_BAD_VALUE, "memberships[].from"},
      {"r1", "t", INT32_MAX, 1, PL_BAD_VALUE, "memberships[].from"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_rep_fact rep;
    open_rig(&r,
             "{'type':'record','name':'R','fields':[{'name':'rep','type':'string'},{'name':'memberships','"
             "type':{'type':'array','items':{'type':'record','name':'I','fields':[{'name':'team','type':'"
             "string'},{'name':'from','type':['null',{'type':'int','logicalType':'date'}]}]}}}]}",
             PL_FACT_REP);
    put(&r, cases[i].rep);
    pl_buf_zigzag(&r.body, cases[i].n);
    for (int k = 0; k < cases[i].n; k++) put_membership(&r, cases[i].team, cases[i].from);
    pl_buf_zigzag(&r.body, 0);
    pl_reason reason = pl_rep_decode(r.reader, pl_buf_str(&r.body), r.arena, &rep, &r.why);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.why.text);
    if (reason != PL_APPLIED && !strstr(r.why.text, cases[i].text)) fail_msg("case %zu: %s", i, r.why.text);
    close_rig(&r);
  }
}

static void a_leave_that_cannot_be_is_refused(void **state) {
  (void)state;
  enum { NONE = INT32_MIN };
  static const struct {
    int32_t from, to, from_minute, to_minute;
    int n;
    pl_reason reason;
    const char *text;
  } cases[] = {
      {20668, 20679, 0, 1440, 1, PL_APPLIED, ""},
      {20668, 20668, 720, 1440, 1, PL_APPLIED, ""},
      {20668, 20669, 720, 1, 1, PL_APPLIED, ""},
      {20668, 20668, 0, 1440, PL_TIME_OFF_MAX, PL_APPLIED, ""},
      {20668, 20668, 0, 1440, PL_TIME_OFF_MAX + 1, PL_TOO_LARGE, "256"},
      {20668, 20667, 0, 1440, 1, PL_BAD_VALUE, "field time_off[].to: before `from`"},
      {20668, 2932897, 0, 1440, 1, PL_BAD_VALUE, "field time_off[].to: not within"},
      {NONE, 20668, 0, 1440, 1, PL_BAD_VALUE, "field time_off[].from: null"},
      {20668, NONE, 0, 1440, 1, PL_BAD_VALUE, "field time_off[].to: null"},
      {20668, 20668, 720, 720, 1, PL_BAD_VALUE, "field time_off[].to_minute: not after `from_minute`"},
      {20668, 20669, -1, 1440, 1, PL_BAD_VALUE, "field time_off[].from_minute: not a minute"},
      {20668, 20669, 0, 1441, 1, PL_BAD_VALUE, "field time_off[].to_minute: not a minute"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_rep_fact rep;
    open_rig(&r,
             "{'type':'record','name':'R','fields':[{'name':'rep','type':'string'},{'name':'time_off','type':"
             "{'type':'array','items':{'type':'record','name':'I','fields':[{'name':'from','type':['null',{'"
             "type':'int','logicalType':'date'}]},{'name':'to','type':['null',{'type':'int','logicalType':'"
             "date'}]},{'name':'from_minute','type':'int'},{'name':'to_minute','type':'long'}]}}}]}",
             PL_FACT_REP);
    put(&r, "r1");
    pl_buf_zigzag(&r.body, cases[i].n);
    for (int k = 0; k < cases[i].n; k++) {
      pl_buf_zigzag(&r.body, cases[i].from != NONE);
      if (cases[i].from != NONE) pl_buf_zigzag(&r.body, cases[i].from);
      pl_buf_zigzag(&r.body, cases[i].to != NONE);
      if (cases[i].to != NONE) pl_buf_zigzag(&r.body, cases[i].to);
      pl_buf_zigzag(&r.body, cases[i].from_minute), pl_buf_zigzag(&r.body, cases[i].to_minute);
    }
    pl_buf_zigzag(&r.body, 0);
    pl_reason reason = pl_rep_decode(r.reader, pl_buf_str(&r.body), r.arena, &rep, &r.why);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.why.text);
    if (reason != PL_APPLIED && !strstr(r.why.text, cases[i].text)) fail_msg("case %zu: %s", i, r.why.text);
    if (reason == PL_APPLIED) {
      assert_int_equal(rep.ntime_off, cases[i].n);
      assert_int_equal(rep.time_off[0].from, cases[i].from * INT64_C(86400) + cases[i].from_minute * 60);
      assert_int_equal(rep.time_off[0].until, cases[i].to * INT64_C(86400) + cases[i].to_minute * 60);
    }
    close_rig(&r);
  }
}

static void a_goal_that_cannot_be_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *entity, *name, *metric, *period;
    int n;
    pl_reason reason;
    const char *text;
  } cases[] = {
      {"r1", "g", "calls", "quarter", 1, PL_APPLIED, ""},
      {"r1", "g", "calls", "quarter", 0, PL_APPLIED, ""},
      {"r1", "g", "calls", "quarter", PL_GOALS_MAX, PL_APPLIED, ""},
      {"r1", "g", "calls", "quarter", PL_GOALS_MAX + 1, PL_TOO_LARGE, "128"},
      {"", "g", "calls", "day", 1, PL_BAD_ID, "field entity"},
      {"r1", "", "calls", "day", 1, PL_BAD_ID, "goals[].name"},
      {"r1", "g", "", "day", 1, PL_BAD_ID, "goals[].metric"},
      {"r1", "g", "calls", "fortnight", 1, PL_BAD_VALUE, "expected day, week"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_goals_fact goals;
    open_rig(
        &r,
        "{'type':'record','name':'R','fields':[{'name':'entity','type':'string'},{'name':'goals','type':{'"
        "type':'array','items':{'type':'record','name':'I','fields':[{'name':'name','type':'string'},{'name':"
        "'metric','type':'string'},{'name':'period','type':'string'},{'name':'target','type':'long'}]}}}]}",
        PL_FACT_GOALS);
    put(&r, cases[i].entity);
    if (cases[i].n) pl_buf_zigzag(&r.body, cases[i].n);
    for (int k = 0; k < cases[i].n; k++) {
      put(&r, cases[i].name), put(&r, cases[i].metric), put(&r, cases[i].period);
      pl_buf_zigzag(&r.body, 40);
    }
    pl_buf_zigzag(&r.body, 0);
    pl_reason reason = pl_goals_decode(r.reader, pl_buf_str(&r.body), r.arena, &goals, &r.why);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.why.text);
    if (reason != PL_APPLIED && !strstr(r.why.text, cases[i].text)) fail_msg("case %zu: %s", i, r.why.text);
    if (reason == PL_APPLIED) assert_int_equal(goals.n, cases[i].n);
    if (reason == PL_APPLIED && goals.n) {
      assert_true(goals.goals[0].target == 40.0);
      assert_int_equal(goals.goals[0].from, PL_DAY_ALWAYS);
      assert_int_equal(goals.goals[0].owner, PL_OWNER_MANAGER);
      assert_int_equal(goals.goals[0].status, PL_GOAL_AGREED);
      assert_int_equal(goals.goals[0].period, PL_QUARTER);
    }
    close_rig(&r);
  }
}

static void a_line_comes_out_of_a_schema_of_another_order_or_is_refused(void **state) {
  (void)state;
  static const struct {
    float share, at;
    int n;
    pl_reason reason;
    const char *text;
  } cases[] = {
      {0.4F, 0.5F, 1, PL_APPLIED, ""},
      {0.4F, 0.5F, 0, PL_APPLIED, ""},
      {0.33337F, 1, PL_LINE_POINTS_MAX, PL_APPLIED, ""}, /* whether it is a line, its goal is asked */
      {0.4F, 0.5F, PL_LINE_POINTS_MAX + 1, PL_TOO_LARGE, "more than 11 points"},
      {0.4F, 50, 1, PL_BAD_VALUE, "goals[].line[].at: expected a share from 0 to 1"},
      {-0.1F, 0.5F, 1, PL_BAD_VALUE, "goals[].line[].share: expected a share from 0 to 1"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_goals_fact goals;
    open_rig(
        &r,
        "{'type':'record','name':'R','fields':[{'name':'entity','type':'string'},{'name':'goals','type':{'"
        "type':'array','items':{'type':'record','name':'I','fields':[{'name':'line','type':{'type':'array',"
        "'items':{'type':'record','name':'P','fields':[{'name':'share','type':'float'},{'name':'at','type':"
        "'float'}]}}},{'name':'name','type':'string'},{'name':'metric','type':'string'},{'name':'period','"
        "type':'string'},{'name':'target','type':'int'}]}}}]}",
        PL_FACT_GOALS);
    put(&r, "r1");
    pl_buf_zigzag(&r.body, 2);
    for (int goal = 0; goal < 2; goal++) { /* the second one is straight */
      if (cases[i].n && !goal) pl_buf_zigzag(&r.body, cases[i].n);
      for (int k = 0; k < cases[i].n && !goal; k++)
        pl_buf_put(&r.body, &cases[i].share, sizeof(float)), pl_buf_put(&r.body, &cases[i].at, sizeof(float));
      pl_buf_zigzag(&r.body, 0);
      put(&r, "g"), put(&r, "calls"), put(&r, "week");
      pl_buf_zigzag(&r.body, 40);
    }
    pl_buf_zigzag(&r.body, 0);
    pl_reason reason = pl_goals_decode(r.reader, pl_buf_str(&r.body), r.arena, &goals, &r.why);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.why.text);
    if (reason != PL_APPLIED && !strstr(r.why.text, cases[i].text)) fail_msg("case %zu: %s", i, r.why.text);
    if (reason == PL_APPLIED) {
      assert_null(goals.goals[1].line);
      assert_int_equal(goals.goals[0].line ? goals.goals[0].line->n : 0, cases[i].n);
      const pl_line_point *p = cases[i].n ? &goals.goals[0].line->points[cases[i].n - 1] : NULL;
      if (p) assert_int_equal(p->at, i ? 10000 : 5000);
      if (p) assert_int_equal(p->share, i ? 3334 : 4000);
    }
    close_rig(&r);
  }
}

static void a_schema_of_other_types_is_refused_by_field(void **state) {
  (void)state;
  static const struct {
    const char *record;
    pl_fact_kind kind;
    const char *text;
  } cases[] = {
      {"{'type':'record','name':'R','fields':[{'name':'name','type':'string'}]}", PL_FACT_REP,
       "no such field; it has name"},
      {"{'type':'record','name':'R','fields':[{'name':'rep','type':'long'}]}", PL_FACT_REP,
       "field rep is a long, expected text"},
      {"{'type':'record','name':'R','fields':[{'name':'rep','type':'string'},{'name':'memberships','type':'"
       "string'}]}",
       PL_FACT_REP, "memberships is string"},
      {"{'type':'record','name':'R','fields':[{'name':'rep','type':'string'},{'name':'zones','type':{'type':'"
       "array','items':{'type':'record','name':'I','fields':[{'name':'from','type':'int'}]}}}]}",
       PL_FACT_REP, "expected a date"},
      {"{'type':'record','name':'R','fields':[{'name':'rep','type':'string'},{'name':'recognition','type':'"
       "string'}]}",
       PL_FACT_REP, "expected a boolean"},
      {"{'type':'record','name':'R','fields':[{'name':'team','type':'string'},{'name':'zone','type':'double'}"
       "]}",
       PL_FACT_TEAM, "field zone is a double"},
      {"{'type':'record','name':'R','fields':[{'name':'entity','type':'string'}]}", PL_FACT_GOALS, "goals"},
      {"{'type':'record','name':'R','fields':[{'name':'entity','type':'string'},{'name':'goals','type':{'"
       "type':'array','items':{'type':'record','name':'I','fields':[{'name':'name','type':'string'},{'name':'"
       "metric','type':'string'},{'name':'period','type':'string'},{'name':'target','type':'string'}]}}}]}",
       PL_FACT_GOALS, "field goals[].target is a string, expected a number"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_schema *schema;
    pl_fact_reader *reader;
    pl_err err = {0};
    assert_int_equal(pl_schema_new(&schema, json(cases[i].record), &err), PL_OK);
    assert_int_equal(pl_fact_reader_new(&reader, schema, cases[i].kind, &err), PL_REJECT);
    if (!strstr(err.text, cases[i].text)) fail_msg("case %zu: %s", i, err.text);
    pl_schema_free(&schema);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_come_out_ascending_and_what_an_older_schema_lacks_is_empty),
      cmocka_unit_test(a_rep_that_cannot_be_is_refused),
      cmocka_unit_test(a_leave_that_cannot_be_is_refused),
      cmocka_unit_test(a_goal_that_cannot_be_is_refused),
      cmocka_unit_test(a_line_comes_out_of_a_schema_of_another_order_or_is_refused),
      cmocka_unit_test(a_schema_of_other_types_is_refused_by_field),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
