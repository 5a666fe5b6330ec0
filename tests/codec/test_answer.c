/* Answers as they are typed and sent: what is taken out of a form, out of JSON, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* after what they need */
#include <cmocka.h>

#include "base/mem.h"
#include "codec/answer.h"

static void a_form_gives_reason_and_plan(void **state) {
  (void)state;
  static const struct {
    const char *body, *reason, *plan; /* reason NULL: it is no form */
  } cases[] = {
      {"", "", ""},
      {"reason=Two+days+sick&plan=10%25+more", "Two days sick", "10% more"},
      {"plan=%C3%B6%0D%0Ab&x=y&&reason", "", "\xC3\xB6\r\nb"},
      {"reason=a%2Bb%26c%3Dd=e", "a+b&c=d=e", ""},
      {"reason=first&reason=second", "second", ""},
      {"reason=%4", NULL, NULL},
      {"reason=%zz", NULL, NULL},
      {"reason=%4g", NULL, NULL},
      {"reason=50%", NULL, NULL},
      {"other=%4", "", ""},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_answer_said said;
    pl_answer_said_init(&said);
    bool is = pl_answer_form(&said, pl_str_of(cases[i].body));
    if (is != (cases[i].reason != NULL)) fail_msg("case %zu", i);
    if (is && (!pl_str_is(pl_buf_str(&said.reason), cases[i].reason) ||
               !pl_str_is(pl_buf_str(&said.plan), cases[i].plan)))
      fail_msg("case %zu: '%.*s', '%.*s'", i, (int)said.reason.n, said.reason.p, (int)said.plan.n,
               said.plan.p);
    pl_answer_said_fini(&said);
  }
}

static void json_has_texts_and_nothing_else(void **state) {
  (void)state;
  static const struct {
    const char *body, *why; /* NULL: it is taken */
  } cases[] = {
      {"{\"reason\":\"a\\nb\",\"plan\":null,\"rep\":\"ada\"}", NULL},
      {"{}", NULL},
      {"", "no JSON object"},
      {"[1]", "no JSON object"},
      {"{\"reason\":\"a\"} x", "no JSON object"},
      {"{\"reason\":\"a\",\"reason\":\"b\"}", "no JSON object"},
      {"{\"reason\":\"\\u0000\"}", "no JSON object"},
      {"{\"reason\":7}", "reason: found no text"},
      {"{\"raeson\":\"a\"}", "'raeson'"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    int64_t before = pl_mem_live();
    pl_answer_said said;
    pl_err err = {""};
    pl_answer_said_init(&said);
    pl_status status = pl_answer_json(&said, pl_str_of(cases[i].body), &err);
    if ((status == PL_OK) != !cases[i].why || (cases[i].why && !strstr(err.text, cases[i].why)))
      fail_msg("case %zu: %s", i, err.text);
    if (i == 0)
      assert_true(pl_str_is(pl_buf_str(&said.reason), "a\nb") && pl_str_is(pl_buf_str(&said.rep), "ada"));
    pl_answer_said_fini(&said);
    assert_int_equal(pl_mem_live(), before);
  }
}

static void prose_has_lines_and_an_end(void **state) {
  (void)state;
  static char whole[PL_FIELD_MAX + 1], lines[2 * PL_FIELD_MAX + 1], longer[PL_FIELD_MAX + 2];
  memset(whole, 'x', PL_FIELD_MAX), memset(longer, 'x', PL_FIELD_MAX + 1);
  for (size_t i = 0; i < PL_FIELD_MAX; i++) memcpy(lines + 2 * i, i % 2 ? "\r\n" : "ab", 2);
  static const struct {
    const char *reason, *plan, *taken; /* the reason; NULL: refused */
  } cases[] = {
      {" \r\n Two days\tsick.\r\nBack\ron Monday \n", "", "Two days sick.\nBack\non Monday"},
      {"", "Ten calls", ""},
      {whole, "", whole},
      {"\xC3\xB6", "", "\xC3\xB6"},
      {longer, "", NULL},
      {lines, "", NULL},
      {"", "", NULL},
      {" \r\n", "\t", NULL},
      {"a\x1B[31m", "", NULL},
      {"a", "\xFF", NULL},
      {"a\xC2\x85", "", NULL},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_answer_prose prose;
    pl_err err = {""};
    pl_status status = pl_answer_take(&prose, pl_str_of(cases[i].reason), pl_str_of(cases[i].plan), &err);
    if ((status == PL_OK) != (cases[i].taken != NULL)) fail_msg("case %zu: %s", i, err.text);
    if (cases[i].taken && !pl_str_is(prose.word.reason, cases[i].taken)) fail_msg("case %zu", i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_form_gives_reason_and_plan),
      cmocka_unit_test(json_has_texts_and_nothing_else),
      cmocka_unit_test(prose_has_lines_and_an_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
