/* Silences: what holds when for whom, and that what is written is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* after what they need */
#include <cmocka.h>

#include "base/mem.h"
#include "codec/silence.h"

static const char ada[] = "{\"kind\":\"behind\",\"entity\":\"ada\",\"entity_kind\":\"rep\",\"team\":\"Team "
                          "North\",\"team_id\":\"north\",\"goal\":"
                          "\"calls@noon\",\"audience\":\"rep\"}";
static const char healed[] =
    "{\"kind\":\"recovered\",\"about_kind\":\"behind\",\"entity\":\"ada\",\"entity_kind\":"
    "\"rep\",\"goal\":\"calls@noon\",\"audience\":\"manager\"}";
static const char north[] =
    "{\"kind\":\"goal_gap\",\"entity\":\"north\",\"entity_kind\":\"team\",\"goal\":\"q\","
    "\"audience\":\"manager\"}";
static const char feed[] =
    "{\"kind\":\"feed_stale\",\"entity\":\"crm\",\"entity_kind\":\"feed\",\"audience\":\"ops\"}";

/* Matchers, blanks between. */
static pl_silence *silence(const char *id, const char *matchers, int64_t from_s, int64_t until_s) {
  pl_err err;
  pl_silence *s = PL_NEW(pl_silence);
  s->id = pl_text_new(pl_str_of(id));
  s->author = pl_text_new(PL_STR("nils")), s->comment = pl_text_new(PL_STR("off \"sick\""));
  s->from = pl_wall_s(from_s), s->until = pl_wall_s(until_s);
  for (const char *end; *matchers; matchers = end + (*end == ' ')) {
    end = matchers + strcspn(matchers, " ");
    if (pl_silence_match(s, (pl_str){matchers, (size_t)(end - matchers)}, &err) != PL_OK)
      fail_msg("%s", err.text);
  }
  return s;
}

static bool is_matched(const char *matchers, const char *entry) {
  pl_err err;
  pl_post *post;
  assert_int_equal(pl_post_read(&post, pl_str_of(entry), &err), PL_OK);
  pl_silence *s = silence("a", matchers, 0, 1);
  bool matched = pl_silence_matches(s, post);
  pl_silence_free(&s);
  pl_post_free(&post);
  return matched;
}

static void all_its_matchers_match(void **state) {
  (void)state;
  static const struct {
    const char *matchers, *entry;
    bool matched;
  } cases[] = {
      {"rep=ada", ada, true},
      {"rep=ada", north, false},
      {"rep=ad", ada, false},
      {"rep=a*", ada, true},
      {"rep=*", ada, true},
      {"rep=*", north, false},
      {"rep=*", feed, false},
      {"rep=ada*", ada, true},
      {"team=north", ada, true},
      {"team=north", north, true},
      {"team=north rep=*", north, false},
      {"goal=calls*", ada, true},
      {"goal=calls", ada, false},
      {"rep=ada goal=calls* kind=behind audience=rep team=north", ada, true},
      {"rep=ada goal=calls* kind=behind audience=manager", ada, false},
      {"kind=behind", healed, true},
      {"kind=recovered", healed, true},
      {"kind=slump", healed, false},
      {"audience=ops", feed, true},
      {"kind=feed_stale", feed, true},
      {"goal=*", feed, false},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++)
    if (is_matched(cases[i].matchers, cases[i].entry) != cases[i].matched)
      fail_msg("case %zu: %s", i, cases[i].matchers);
}

static void add(pl_silences *all, const char *id, const char *matchers, int64_t from_s, int64_t until_s) {
  pl_buf json;
  pl_err err;
  pl_silence *s = silence(id, matchers, from_s, until_s);
  pl_buf_init(&json, 4096);
  pl_silence_encode(s, &json);
  if (pl_silences_add(all, pl_str_of(id), pl_buf_str(&json), &err) != PL_OK) fail_msg("%s", err.text);
  pl_buf_fini(&json);
  pl_silence_free(&s);
}

static void one_holds_from_its_beginning_and_before_its_end(void **state) {
  (void)state;
  static const struct {
    int64_t now_s;
    const char *id;
  } cases[] = {{99, ""}, {100, "long"}, {150, "long"}, {199, "long"}, {200, ""}, {300, "later"}, {400, ""}};
  int64_t before = pl_mem_live();
  pl_silences all = {NULL, 0};
  pl_err err;
  pl_post *post;
  add(&all, "short", "rep=ada", 100, 180);
  add(&all, "long", "team=north", 100, 200);
  add(&all, "another's", "rep=ben", 0, 1000);
  add(&all, "never", "rep=ada", 250, 250);
  add(&all, "later", "kind=b*", 300, 400);
  assert_int_equal(pl_post_read(&post, pl_str_of(ada), &err), PL_OK);
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    const pl_silence *found = pl_silences_find(&all, post, pl_wall_s(cases[i].now_s));
    assert_string_equal(found ? found->id : "", cases[i].id);
  }
  pl_post_free(&post);
  pl_silences_clear(&all);
  assert_int_equal(pl_mem_live(), before);
}

static void what_is_written_is_read(void **state) {
  (void)state;
  static const char json[] =
      "{\"id\":\"a\",\"matchers\":[{\"name\":\"rep\",\"value\":\"J\xC3\xBCrgen\"},{\"name\":\"kind\","
      "\"value\":\"*\"}],\"createdBy\":\"nils\",\"comment\":\"off \\\"sick\\\"\",\"startsAt\":"
      "\"1970-01-01T00:01:40Z\",\"endsAt\":\"1970-01-01T00:03:20Z\"}";
  pl_buf out;
  pl_err err;
  pl_silence *s = silence("a", "kind=* rep=J\xC3\xBCrgen", 100, 200), *back;
  pl_buf_init(&out, 4096);
  pl_silence_encode(s, &out);
  assert_true(pl_str_is(pl_buf_str(&out), json));
  assert_int_equal(pl_silence_decode(&back, PL_STR("a"), pl_buf_str(&out), &err), PL_OK);
  assert_string_equal(back->matchers[PL_MATCH_REP], s->matchers[PL_MATCH_REP]);
  assert_string_equal(back->comment, s->comment);
  assert_true(back->from.ms == s->from.ms && back->until.ms == s->until.ms && !back->matchers[PL_MATCH_TEAM]);
  pl_silence_free(&s), pl_silence_free(&back);
  pl_buf_fini(&out);
}

static void what_silences_nothing_or_nobody_answers_for_is_refused(void **state) {
  (void)state;
#define TIMES "\"startsAt\":\"2026-03-04T10:00:00Z\",\"endsAt\":\"2026-03-04T12:00:00Z\""
#define ADA   "\"matchers\":[{\"name\":\"rep\",\"value\":\"ada\"}],"
#define WHO   "\"createdBy\":\"nils\",\"comment\":\"off\","
  static const struct {
    const char *json, *why;
  } cases[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{" WHO TIMES "}", "no matcher"},
      {"{\"matchers\":[{\"name\":\"rep\",\"value\":\"\"}]," WHO TIMES "}", "found no rep"},
      {"{\"matchers\":[{\"name\":\"boss\",\"value\":\"x\"}]," WHO TIMES "}", "found 'boss=x'"},
      {"{\"matchers\":[7]," WHO TIMES "}", "expected rep="},
      {"{\"matchers\":[{\"name\":\"kind\",\"value\":\"behnd\"}]," WHO TIMES "}", "no such kind"},
      {"{\"matchers\":[{\"name\":\"audience\",\"value\":\"boss*\"}]," WHO TIMES "}", "no such audience"},
      {"{\"matchers\":[{\"name\":\"rep\",\"value\":\"a\"},{\"name\":\"rep\",\"value\":\"b\"}]," WHO TIMES "}",
       "twice"},
      {"{" ADA "\"comment\":\"off\"," TIMES "}", "no author"},
      {"{" ADA "\"createdBy\":\"nils\",\"comment\":\"one\\ntwo\"," TIMES "}", "one line"},
      {"{" ADA WHO "\"startsAt\":\"2026-03-04\"}", "expected an instant"},
      {"{" ADA WHO "\"startsAt\":\"2026-03-04T10:00:00Z\",\"endsAt\":\"2026-03-04T09:59:59Z\"}",
       "before the beginning"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_silence *s;
    pl_err err = {""};
    int64_t before = pl_mem_live();
    assert_int_equal(pl_silence_decode(&s, PL_STR("x"), pl_str_of(cases[i].json), &err), PL_REJECT);
    if (s || !strstr(err.text, cases[i].why)) fail_msg("case %zu: %s", i, err.text);
    assert_int_equal(pl_mem_live(), before);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_its_matchers_match),
      cmocka_unit_test(one_holds_from_its_beginning_and_before_its_end),
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(what_silences_nothing_or_nobody_answers_for_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
