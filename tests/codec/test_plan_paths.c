/* Where paths lead: each case is a schema's fields, a body, paths, and what is found there, as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/plan.h"
#include "json.h"
#include "slot_text.h"

enum { PATHS = 4 };

#define MAP "{'name':'m','type':{'type':'map','values':'long'}}"
#define MAPS                                                                                                 \
  "{'name':'m','type':{'type':'map','values':{'type':'record','name':'V','fields':[{'name':'value','type':"  \
  "['null','string']}]}}}"
#define ARRAY "{'name':'a','type':{'type':'array','items':'long'}}"
#define ARRAYS                                                                                               \
  "{'name':'a','type':{'type':'array','items':{'type':'record','name':'I','fields':[{'name':'x','type':"     \
  "'long'},{'name':'y','type':{'type':'array','items':'long'}}]}}}"
#define RENAMED "{'name':'amount','type':'long','aliases':['value','total']},{'name':'total','type':'long'}"

#define BODY(bytes) (bytes), sizeof(bytes) - 1

static void a_path_finds_what_stands_there(void **state) {
  (void)state;
  static const struct {
    const char *fields, *body;
    size_t n;
    pl_want wants[PATHS]; /* list: from 1 on for paths with [] */
    const char *found;
  } cases[] = {
      /* a map by its keys, in blocks, one with its size */
      {MAP,
       BODY("\2\2k\2\1\6\2b\4\0"),
       {{.path = "m.k"}, {.path = "m.b"}, {.path = "m.c"}},
       "m.k=1 m.b=2 m.c=- "},
      {MAP, BODY("\2\2k\2\2\2k\4\0"), {{.path = "m.b"}}, "m.b=- "},
      {MAP, BODY("\2\2k\2\2\2k\4\0"), {{.path = "m.k"}}, "a key that comes twice"},
      {MAP, BODY("\2\2k\2\2\2k\4\0"), {{.path = "m.b"}, {.path = "m.k"}}, "a key that comes twice"},
      {MAP, BODY("\2\6k.1\2\0"), {{.path = "m.\"k.1\""}}, "m.\"k.1\"=1 "},
      {MAPS,
       BODY("\2\012stage\2\006Won\2\002x\0\0"),
       {{.path = "m.stage.value"}, {.path = "m.x.value"}},
       "m.stage.value=Won m.x.value=- "},
      /* an array by its index, and each item; both at once */
      {ARRAY,
       BODY("\4\2\4\2\6\0"),
       {{.path = "a[0]"}, {.path = "a[2]"}, {.path = "a[3]"}},
       "a[0]=1 a[2]=3 a[3]=- "},
      {ARRAY, BODY("\4\2\4\0"), {{.path = "a[]", .list = 1}}, "[1: a[]=1 ] [1: a[]=2 ] a[]=2 "},
      {ARRAY,
       BODY("\4\2\4\0"),
       {{.path = "a[1]"}, {.path = "a[]", .list = 1}},
       "[1: a[]=1 ] [1: a[]=2 ] a[1]=2 a[]=2 "},
      {ARRAYS,
       BODY("\4\2\4\12\14\0\4\2\16\0\0"),
       {{.path = "a[1].x"}, {.path = "a[].y[0]", .list = 1}, {.path = "a[0].y[1]"}},
       "[1: a[].y[0]=5 ] [1: a[].y[0]=7 ] a[1].x=2 a[].y[0]=7 a[0].y[1]=6 "},
      /* a list in a list: each item of its own, whichever is wanted first */
      {ARRAYS,
       BODY("\4\2\2\12\0\4\2\16\0\0"),
       {{.path = "a[].y[]", .list = 1}, {.path = "a[].x", .list = 2}},
       "[1: a[].y[]=5 ] [2: a[].x=1 ] [1: a[].y[]=7 ] [2: a[].x=2 ] a[].y[]=7 a[].x=2 "},
      {ARRAYS, BODY("\2\2\2\12\0\0"), {{.path = "a[].y[]", .list = 1}}, "[1: a[].y[]=5 ] a[].y[]=5 "},
      /* one array for two lists */
      {ARRAYS,
       BODY("\2\2\0\0"),
       {{.path = "a[].x", .list = 1}, {.path = "a[].y[0]", .list = 2}},
       "[1: a[].x=1 ] [2: a[].y[0]=- ] a[].x=1 a[].y[0]=- "},
      {ARRAY "," MAP,
       BODY("\2\2\0\2\2k\4\0"),
       {{.path = "m.k"}, {.path = "a[]", .list = 3}},
       "[3: a[]=1 ] m.k=2 a[]=1 "},
      /* by another name; a field's own name comes first; twice by different names, or by quotes */
      {RENAMED, BODY("\2\4"), {{.path = "value"}, {.path = "total"}}, "value=1 total=2 "},
      {RENAMED,
       BODY("\2\4"),
       {{.path = "amount"}, {.path = "value"}, {.path = "\"value\""}},
       "amount=1 value=1 \"value\"=1 "},
      /* a number with its scale beside it */
      {"{'name':'d','type':{'type':'record','name':'V','connect.name':'io.debezium.data.VariableScaleDecimal'"
       ","
       "'fields':[{'name':'scale','type':'int'},{'name':'value','type':'bytes'}]}}",
       BODY("\4\4\4\xD2"),
       {{.path = "d"}},
       "d=1234e-2 "},
      {"{'name':'d','type':{'type':'record','name':'V','connect.name':'io.debezium.data.VariableScaleDecimal'"
       ","
       "'fields':[{'name':'scale','type':'int'},{'name':'value','type':'bytes'}]}}",
       BODY("\3\4\4\xD2"),
       {{.path = "d"}},
       "a decimal of more digits"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char record[1024];
    pl_schema *schema;
    pl_plan *plan;
    pl_slot slots[PATHS];
    pl_err err = {0};
    slot_text t = {.wants = cases[i].wants};
    while (t.nwants < PATHS && t.wants[t.nwants].path) t.nwants++;
    snprintf(record, sizeof record, "{'type':'record','name':'R','fields':[%s]}", cases[i].fields);
    assert_int_equal(pl_schema_new(&schema, json(record), &err), PL_OK);
    assert_int_equal(pl_plan_new(&plan, schema, t.wants, t.nwants, &err), PL_OK);
    pl_reason reason = pl_plan_run(plan, (pl_str){cases[i].body, cases[i].n}, slots, tell_item, &t, &err);
    for (size_t k = 0; reason == PL_APPLIED && k < t.nwants; k++)
      slot_text_put(&t, t.wants[k].path, &slots[k]);
    bool fine =
        reason == PL_APPLIED ? strcmp(t.text, cases[i].found) == 0 : strstr(err.text, cases[i].found) != NULL;
    if (!fine) fail_msg("case %zu: found %s%s, expected %s", i, t.text, err.text, cases[i].found);
    pl_plan_free(&plan);
    pl_schema_free(&schema);
  }
}

static void a_path_that_is_none_leads_nowhere(void **state) {
  (void)state;
  static const pl_want wants[] = {
      {.path = "m..k"}, {.path = "m[0]"}, {.path = "m"}, {.path = "m.k.x"}, {.path = "a.x"}};
  static const char *const texts[] = {"expected a name at character 3",
                                      "m is a map, and `[0]` cannot be looked up", "m is a map, expected",
                                      "m is long, and `x` cannot", "a is an array"};
  pl_schema *schema;
  pl_plan *plan;
  pl_err err;
  assert_int_equal(
      pl_schema_new(&schema, json("{'type':'record','name':'R','fields':[" MAP "," ARRAY "]}"), &err), PL_OK);
  assert_int_equal(pl_plan_new(&plan, schema, wants, PL_COUNT(wants), &err), PL_OK);
  for (size_t i = 0; i < PL_COUNT(wants); i++) {
    bool wrong;
    const char *why = pl_plan_lacks(plan, i, &wrong);
    assert_true(why && wrong);
    if (!strstr(why, texts[i])) fail_msg("%s: %s", wants[i].path, why);
  }
  pl_plan_free(&plan);
  pl_schema_free(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_path_finds_what_stands_there),
      cmocka_unit_test(a_path_that_is_none_leads_nowhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
