/* JSON: what paths find in it, and what is no JSON. test_schemas.py holds it against Python's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/json_plan.h"
#include "json.h"
#include "slot_text.h"

enum { PATHS = 5 };

/* The text stands in memory of its own, so that reading beyond it is seen. */
static pl_reason run(const pl_want *wants, pl_str text, slot_text *found, pl_err *err) {
  pl_json_plan *plan;
  pl_slot slots[PL_SLOTS_MAX];
  static pl_json_room room;
  char *copy = malloc(text.n ? text.n : 1);
  memcpy(copy, text.p, text.n);
  *found = (slot_text){.wants = wants};
  while (found->nwants < PATHS && wants[found->nwants].path) found->nwants++;
  int64_t live = pl_mem_live();
  assert_int_equal(pl_json_plan_new(&plan, wants, found->nwants, err), PL_OK);
  int64_t made = pl_mem_live();
  pl_reason reason = pl_json_plan_run(plan, (pl_str){copy, text.n}, &room, slots, tell_item, found, err);
  assert_int_equal(pl_mem_live(), made);
  for (size_t k = 0; reason == PL_APPLIED && k < found->nwants; k++)
    slot_text_put(found, wants[k].path, &slots[k]);
  pl_json_plan_free(&plan);
  assert_int_equal(pl_mem_live(), live);
  free(copy);
  return reason;
}

static void a_path_finds_what_stands_there(void **state) {
  (void)state;
  static const struct {
    const char *text;
    pl_want wants[PATHS];
    const char *found;
  } cases[] = {
      {"{'id':'ab','n':12,'x':{'id':'cd'}}",
       {{.path = "id"}, {.path = "n"}, {.path = "x.id"}, {.path = "y"}},
       "id=ab n=12 x.id=cd y=- "},
      {" { 'a' : [ 1 , 2 ] , 'b' : null } ", {{.path = "a[1]"}, {.path = "b"}}, "a[1]=2 b=- "},
      {"{'a':true,'b':false,'c':'','d':{},'e':[]}",
       {{.path = "a"}, {.path = "b"}, {.path = "c"}, {.path = "d.x"}, {.path = "e[0]"}},
       "a=true b=false c= d.x=- e[0]=- "},
      /* numbers: integers, exact decimals, reals */
      {"{'a':-0,'b':9223372036854775807,'c':-9223372036854775808}",
       {{.path = "a"}, {.path = "b"}, {.path = "c"}},
       "a=0 b=9223372036854775807 c=-9223372036854775808 "},
      {"{'a':12.50,'b':-0.001,'c':0.000000000000000001,'d':1234567890.12345678}",
       {{.path = "a"}, {.path = "b"}, {.path = "c"}, {.path = "d"}},
       "a=1250e-2 b=-1e-3 c=1e-18 d=123456789012345678e-8 "},
      {"{'a':1e3,'b':1.5E-1,'c':0.1234567890123456789}",
       {{.path = "a"}, {.path = "b"}, {.path = "c"}},
       "a=1000 b=0.14999999999999999 c=0.12345678901234568 "},
      /* escapes, surrogates, names with escapes */
      {"{'a':'x\\ny\\u00e9\\ud83d\\ude00\\/','\\u0062':'plain'}",
       {{.path = "a"}, {.path = "b"}},
       "a=x\ny\xC3\xA9\xF0\x9F\x98\x80/ b=plain "},
      {"{'a.b':1,'a':{'b':2}}", {{.path = "\"a.b\""}, {.path = "a.b"}}, "\"a.b\"=1 a.b=2 "},
      {"{'a_name_that_is_long':1,'a_name_that_is_longer':2}",
       {{.path = "a_name_that_is_longer"}, {.path = "a_name_that_is_lonG"}},
       "a_name_that_is_longer=2 a_name_that_is_lonG=- "},
      {"{'a':{'b':1},'a2':3,'':4}", {{.path = "a"}, {.path = "a.b"}, {.path = "\"\""}}, "a=- a.b=1 \"\"=4 "},
      {"{'a':'text'}", {{.path = "a"}, {.path = "a.b"}}, "a=text a.b=- "},
      {"{'unwanted':'\\ud800 half','deep':[[[{'x':[]}]]],'id':'1'}", {{.path = "id"}}, "id=1 "},
      {"{'id':1}", {{.path = "id"}, {.path = "\"id\""}}, "id=1 \"id\"=1 "},
      /* lists */
      {"{'s':[{'o':'u1','p':60},{'o':'u2'},{}]}",
       {{.path = "s[].o", .list = 1}, {.path = "s[].p", .list = 1}},
       "[1: s[].o=u1 s[].p=60 ] [1: s[].o=u2 s[].p=- ] [1: s[].o=- s[].p=- ] s[].o=- s[].p=- "},
      {"{'f':['a','b'],'t':[1]}",
       {{.path = "f[]", .list = 1}, {.path = "t[]", .list = 2}, {.path = "f[1]"}},
       "[1: f[]=a ] [1: f[]=b ] [2: t[]=1 ] f[]=b t[]=1 f[1]=b "},
      {"{'a':[{'x':1,'y':[5]},{'y':[7,8],'x':2}]}",
       {{.path = "a[].y[]", .list = 1}, {.path = "a[].x", .list = 2}},
       "[1: a[].y[]=5 ] [2: a[].x=1 ] [1: a[].y[]=7 ] [1: a[].y[]=8 ] [2: a[].x=2 ] a[].y[]=8 a[].x=2 "},
      {"[{'id':1},{'id':2}]",
       {{.path = "[].id", .list = 1}, {.path = "[1].id"}},
       "[1: [].id=1 ] [1: [].id=2 ] [].id=2 [1].id=2 "},
      {"{'a':null}", {{.path = "a[]", .list = 1}}, "a[]=- "},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    slot_text found;
    pl_err err = {0};
    pl_reason reason = run(cases[i].wants, json(cases[i].text), &found, &err);
    if (reason != PL_APPLIED || strcmp(found.text, cases[i].found) != 0)
      fail_msg("%s: found %s%s, expected %s", cases[i].text, found.text, err.text, cases[i].found);
  }
}

static void what_is_wrong_is_refused_with_its_place(void **state) {
  (void)state;
  static const struct {
    const char *text;
    pl_reason reason;
    const char *why;
  } cases[] = {
      {"", PL_BODY, "JSON of 0 bytes, at byte 0: found its end, expected an object"},
      {"12", PL_BODY, "found `1`, expected an object"},
      {"[]", PL_BODY, "found `[`, expected an object"},
      {"\xEF\xBB\xBF{}", PL_BODY, "found byte 0xEF, expected an object"},
      {"{'id':1", PL_BODY, "at byte 7, field id: found its end, expected , or }"},
      {"{'id':1]", PL_BODY, "found `]`, expected , or }"},
      {"{'id':1}}", PL_BODY, "at byte 8: found `}`, expected its end"},
      {"{'id':1,}", PL_BODY, "found `}`, expected a name in quotes"},
      {"{id:1}", PL_BODY, "found `i`, expected a name in quotes"},
      {"{'id' 1}", PL_BODY, "found `1`, expected :"},
      {"{'id':}", PL_BODY, "field id: found `}`, expected a value"},
      {"{'x':[1,]}", PL_BODY, "field x: found `]`, expected a value"},
      {"{'x':[1 2]}", PL_BODY, "found `2`, expected , or ]"},
      {"{'x':[1}", PL_BODY, "found `}`, expected , or ]"},
      {"{'x':tru}", PL_BODY, "expected true"},
      {"{'x':fals}", PL_BODY, "expected false"},
      {"{'x':nul}", PL_BODY, "expected null"},
      {"{'x':truex}", PL_BODY, "found `x`, expected , or }"},
      {"{'x':NaN}", PL_BODY, "found `N`, expected a value"},
      {"{'x':01}", PL_BODY, "not a number"},
      {"{'x':-}", PL_BODY, "not a number"},
      {"{'x':1.}", PL_BODY, "not a number"},
      {"{'x':.5}", PL_BODY, "found `.`, expected a value"},
      {"{'x':+1}", PL_BODY, "found `+`, expected a value"},
      {"{'x':1e}", PL_BODY, "not a number"},
      {"{'x':1e+}", PL_BODY, "not a number"},
      {"{'x':'a", PL_BODY, "found its end, expected the rest of a text"},
      {"{'x':'a\nb'}", PL_BODY, "found byte 0x0A, expected the rest of a text"},
      {"{'x':'\\x'}", PL_BODY, "found `\\`, expected the rest of a text"},
      {"{'x':'\\u12g4'}", PL_BODY, "found `\\`"},
      {"{'x':'\\u00e;'}", PL_BODY, "found `\\`"},
      {"{'x':'\\", PL_BODY, "found `\\`"},
      {"{'x':'\xC0\x80'}", PL_BODY, "invalid UTF-8"},
      {"{'x\xFF':1}", PL_BODY, "a name of invalid UTF-8"},
      {"{'x\n':1}", PL_BODY, "expected the rest of a name"},
      {"{'id':'\\ud800'}", PL_BODY, "half of a surrogate pair"},
      {"{'id':'\\udc00\\ud800'}", PL_BODY, "half of a surrogate pair"},
      {"{'id':'\\ud800\\u0041'}", PL_BODY, "half of a surrogate pair"},
      {"{'id':1,'id':2}", PL_BODY, "field id: a name that comes twice"},
      {"{'id':1,'\\u0069d':2}", PL_BODY, "a name that comes twice"},
      {"{'id':{}}", PL_BAD_VALUE, "an object, expected text"},
      {"{'id':[1]}", PL_BAD_VALUE, "a list, expected text"},
      {"{'id':9223372036854775808}", PL_BAD_VALUE, "beyond 64 bits"},
      {"{'id':-9223372036854775809}", PL_BAD_VALUE, "beyond 64 bits"},
      {"{'id':99999999999999999999}", PL_BAD_VALUE, "beyond 64 bits"},
      {"{'id':1e999}", PL_BAD_VALUE, "not finite"},
      {"{'x':[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", PL_BODY,
       "nested deeper than 32"},
  };
  static const pl_want wants[PATHS] = {{.path = "id"}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char text[256];
    slot_text found;
    pl_err err = {0};
    size_t n = strlen(cases[i].text);
    for (size_t k = 0; k < n; k++) text[k] = cases[i].text[k] == '\'' ? '"' : cases[i].text[k];
    pl_reason reason = run(wants, (pl_str){text, n}, &found, &err);
    if (reason != cases[i].reason || !strstr(err.text, cases[i].why))
      fail_msg("%s: %s: %s", cases[i].text, pl_reason_name(reason), err.text);
  }
}

static void texts_have_their_limits_only_where_they_are_wanted(void **state) {
  (void)state;
  static const pl_want wanted[PATHS] = {{.path = "a"}}, other[PATHS] = {{.path = "b"}};
  static const char *const units[] = {"x", "\\n", "\\u00e9", "\\ud83d\\ude00"};
  static const size_t sizes[] = {1, 1, 2, 4};
  for (size_t u = 0; u < PL_COUNT(units); u++)
    for (size_t more = 0; more < 2; more++) {
      pl_buf text;
      slot_text found;
      pl_err err;
      pl_buf_init(&text, 1 << 16);
      pl_buf_text(&text, "{\"a\":\"");
      for (size_t i = 0; i < PL_FIELD_MAX / sizes[u] + more; i++) pl_buf_text(&text, units[u]);
      pl_buf_text(&text, "\"}");
      found.text[0] = 0;
      pl_json_plan *plan;
      pl_slot slot;
      static pl_json_room room;
      assert_int_equal(pl_json_plan_new(&plan, wanted, 1, &err), PL_OK);
      assert_int_equal(pl_json_plan_run(plan, pl_buf_str(&text), &room, &slot, NULL, NULL, NULL),
                       more ? PL_TOO_LARGE : PL_APPLIED);
      if (!more) assert_int_equal(slot.value.s.n, PL_FIELD_MAX);
      pl_json_plan_free(&plan);
      assert_int_equal(run(other, pl_buf_str(&text), &found, &err), PL_APPLIED);
      pl_buf_fini(&text);
    }
}

static void a_text_that_is_cut_anywhere_is_refused(void **state) {
  (void)state;
  static const pl_want wants[PATHS] = {{.path = "a.b"}, {.path = "c[1]"}};
  pl_str text =
      json("{'a':{'b':'x\\u00e9y'},'c':[1.5e3,true,null,false],'d':'\xC3\xA9 long enough for eight'}");
  slot_text found;
  pl_err err;
  assert_int_equal(run(wants, text, &found, &err), PL_APPLIED);
  for (size_t n = 0; n < text.n; n++)
    assert_int_equal(run(wants, (pl_str){text.p, n}, &found, &err), PL_BODY);
}

static void paths_that_need_too_much_are_refused(void **state) {
  (void)state;
  static const pl_want no_path = {.path = "a..b"};
  char paths[PL_SLOTS_MAX][128];
  pl_want wants[PL_SLOTS_MAX];
  pl_json_plan *plan;
  pl_err err;
  int64_t live = pl_mem_live();
  assert_int_equal(pl_json_plan_new(&plan, &no_path, 1, &err), PL_REJECT);
  assert_null(plan);
  /* each item by its number and as one of all, on every level: twice as many places on each */
  for (size_t i = 0; i < PL_SLOTS_MAX; i++) {
    size_t n = 0;
    for (size_t k = 0; k < i / 2; k++) n += (size_t)snprintf(paths[i] + n, sizeof paths[i] - n, "[]");
    snprintf(paths[i] + n, sizeof paths[i] - n, i % 2 ? "[0]" : "[1]");
    wants[i] = (pl_want){.path = paths[i], .list = (int)i};
  }
  assert_int_equal(pl_json_plan_new(&plan, wants, PL_SLOTS_MAX, &err), PL_REJECT);
  assert_null(plan);
  assert_non_null(strstr(err.text, "more than 4096 places"));
  assert_int_equal(pl_mem_live(), live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_path_finds_what_stands_there),
      cmocka_unit_test(what_is_wrong_is_refused_with_its_place),
      cmocka_unit_test(texts_have_their_limits_only_where_they_are_wanted),
      cmocka_unit_test(a_text_that_is_cut_anywhere_is_refused),
      cmocka_unit_test(paths_that_need_too_much_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
