/* What is a path, and what each is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/mapping.h"
#include "codec/path.h"

static void a_path_is_its_steps(void **state) {
  (void)state;
  static const struct {
    const char *path, *steps; /* names in angles, an index as digits, each item as * */
  } cases[] = {
      {"id", "<id>"},
      {"deal.amount", "<deal><amount>"},
      {"splits[0].owner", "<splits>0<owner>"},
      {"splits[].owner", "<splits>*<owner>"},
      {"tags[]", "<tags>*"},
      {"[].id", "*<id>"},
      {"a[255][][1]", "<a>255*1"},
      {"\"odd.name\"", "<odd.name>"},
      {"properties.\"a[0] b\".value", "<properties><a[0] b><value>"},
      {"\"\".x", "<><x>"},
      {"\"a\"[].b", "<a>*<b>"},
      {"Owner Id.name", "<Owner Id><name>"},
      {"gr\xC3\xB6\xC3\x9F"
       "e",
       "<gr\xC3\xB6\xC3\x9F"
       "e>"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char steps[128] = "";
    pl_err err = {0};
    if (pl_path_check(cases[i].path, &err) != PL_OK) fail_msg("%s: %s", cases[i].path, err.text);
    for (const char *rest = cases[i].path; *rest;) {
      pl_step step = pl_path_step(&rest);
      size_t n = strlen(steps);
      if (step.kind == PL_STEP_NAME)
        snprintf(steps + n, sizeof steps - n, "<%.*s>", (int)step.name.n, step.name.p);
      else if (step.kind == PL_STEP_INDEX)
        snprintf(steps + n, sizeof steps - n, "%u", step.index);
      else
        snprintf(steps + n, sizeof steps - n, "*");
    }
    assert_string_equal(steps, cases[i].steps);
  }
}

static void what_is_no_path_is_refused_where_it_goes_wrong(void **state) {
  (void)state;
  static const struct {
    const char *path, *text;
  } cases[] = {
      {"", "expected a name at character 1"},
      {".a", "expected a name at character 1"},
      {"a.", "expected a name at character 3"},
      {"a..b", "expected a name at character 3"},
      {"a.[0]", "expected a name at character 3"},
      {"a[x]", "expected [] or an index such as [0] at character 2"},
      {"a[", "expected [] or an index such as [0] at character 2"},
      {"a[-1]", "expected [] or an index"},
      {"a[256]", "expected an index of at most 255"},
      {"a[99999999999999999999]", "expected an index of at most 255"},
      {"a]", "expected a dot, a bracket or the end at character 2"},
      {"a[0]b", "expected a dot, a bracket or the end at character 5"},
      {"a\"b\"", "expected a dot"},
      {"\"a", "expected the closing \" at character 1"},
      {"\"a\"b", "expected a dot"},
      {"a[][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][]", "more than 32 steps"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_err err = {0};
    assert_int_equal(pl_path_check(cases[i].path, &err), PL_REJECT);
    if (!strstr(err.text, cases[i].text)) fail_msg("%s: %s", cases[i].path, err.text);
  }
  char path[PL_PATH_MAX + 2];
  pl_err err;
  memset(path, 'a', sizeof path);
  path[PL_PATH_MAX + 1] = 0;
  assert_int_equal(pl_path_check(path, &err), PL_REJECT);
  path[PL_PATH_MAX] = 0;
  assert_int_equal(pl_path_check(path, &err), PL_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_path_is_its_steps),
      cmocka_unit_test(what_is_no_path_is_refused_where_it_goes_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
