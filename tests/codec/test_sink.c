/* Sink: what an endpoint's answer means, by the pages on which the services document their answers; where a
 * text is cut; what machines are told. How messages look is judged by test_messages.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "codec/layout.h"

typedef struct {
  pl_sink_kind kind;
  int status;
  const char *body;
  pl_sent what;
  const char *why; /* stands in the reason */
} answer;

static void hold(const answer *answers, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const answer *a = &answers[i];
    pl_err why = {""};
    pl_sent what = pl_sink_verdict(a->kind, a->status, pl_str_of(a->body), &why);
    if (what != a->what || !strstr(why.text, a->why))
      fail_msg("%s %d %s: %d, %s", pl_sink_type_of(a->kind)->name, a->status, a->body, (int)what, why.text);
  }
}

static void only_2xx_is_taken_and_what_may_pass_is_tried_again(void **state) {
  (void)state;
  static const pl_sink_kind kinds[] = {PL_SINK_WEBHOOK, PL_SINK_ALERTMANAGER, PL_SINK_TEAMS};
  static const int again[] = {0, 100, 408, 425, 429, 500, 502, 503, 504, 599, 999, -1};
  static const int refused[] = {300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 413, 418, 422, 451};
  for (size_t k = 0; k < PL_COUNT(kinds); k++) {
    for (int status = 200; status < 300; status++)
      hold(&(answer){kinds[k], status, "whatever", PL_SENT_TAKEN, ""}, 1);
    for (size_t i = 0; i < PL_COUNT(again); i++)
      hold(&(answer){kinds[k], again[i], "ok", PL_SENT_AGAIN, ""}, 1);
    for (size_t i = 0; i < PL_COUNT(refused); i++)
      hold(&(answer){kinds[k], refused[i], "ok", PL_SENT_REFUSED, ""}, 1);
    hold(&(answer){kinds[k], 410, "", PL_SENT_GONE, "take it out of `endpoints`"}, 1);
    hold(&(answer){kinds[k], 302, "", PL_SENT_REFUSED, "a redirect is not followed: set its url"}, 1);
  }
}

static void slack_has_taken_what_it_calls_ok(void **state) {
  (void)state;
  static const answer answers[] = {
      {PL_SINK_SLACK, 200, "ok", PL_SENT_TAKEN, ""},
      {PL_SINK_SLACK, 200, "ok\n", PL_SENT_TAKEN, ""},
      {PL_SINK_SLACK, 200, "", PL_SENT_AGAIN, "check its url"},
      {PL_SINK_SLACK, 200, "okay", PL_SENT_AGAIN, "without Slack's `ok`"},
      {PL_SINK_SLACK, 200, "<html>Log in to this network", PL_SENT_AGAIN, "check its url"},
      {PL_SINK_SLACK, 202, "ok", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK, 400, "invalid_payload", PL_SENT_REFUSED, "400"},
      {PL_SINK_SLACK, 403, "action_prohibited", PL_SENT_REFUSED, "403"},
      {PL_SINK_SLACK, 404, "channel_not_found", PL_SENT_REFUSED, "404"},
      {PL_SINK_SLACK, 410, "channel_is_archived", PL_SENT_GONE, "410"},
      {PL_SINK_SLACK, 429, "", PL_SENT_AGAIN, "429"},
      {PL_SINK_SLACK, 500, "rollup_error", PL_SENT_AGAIN, "500"},
  };
  hold(answers, PL_COUNT(answers));
}

static void a_bot_is_told_in_the_body_what_became_of_it(void **state) {
  (void)state;
  static const answer answers[] = {
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":true,\"ts\":\"1503435956.000247\"}", PL_SENT_TAKEN, ""},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false,\"error\":\"ratelimited\"}", PL_SENT_AGAIN, "ratelimited"},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false,\"error\":\"internal_error\"}", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false,\"error\":\"channel_not_found\"}", PL_SENT_REFUSED,
       "in the roster"},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false,\"error\":\"invalid_auth\"}", PL_SENT_AGAIN, "token_file"},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false,\"error\":\"new_one\"}", PL_SENT_REFUSED,
       "new_one; look it up"},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false,\"error\":\"R One <1>\"}", PL_SENT_REFUSED, "(unreadable)"},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":false}", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":\"true\"}", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK_BOT, 200, "{\"ok\":true", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK_BOT, 200, "ok", PL_SENT_AGAIN, "check its url"},
      {PL_SINK_SLACK_BOT, 200, "", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK_BOT, 429, "{\"ok\":true}", PL_SENT_AGAIN, "429"},
      {PL_SINK_SLACK_BOT, 503, "{\"ok\":true}", PL_SENT_AGAIN, ""},
      {PL_SINK_SLACK_BOT, 404, "{\"ok\":true}", PL_SENT_REFUSED, ""},
  };
  hold(answers, PL_COUNT(answers));
}

static void a_mail_server_says_it_by_the_first_digit(void **state) {
  (void)state;
  static const answer answers[] = {
      {PL_SINK_SMTP, 250, "", PL_SENT_TAKEN, ""},
      {PL_SINK_SMTP, 421, "", PL_SENT_AGAIN, "421"},
      {PL_SINK_SMTP, 450, "", PL_SENT_AGAIN, ""},
      {PL_SINK_SMTP, 452, "", PL_SENT_AGAIN, ""},
      {PL_SINK_SMTP, 535, "", PL_SENT_AGAIN, "password_file"},
      {PL_SINK_SMTP, 550, "", PL_SENT_REFUSED, "550; the server"},
      {PL_SINK_SMTP, 554, "", PL_SENT_REFUSED, ""},
      {PL_SINK_SMTP, 0, "", PL_SENT_AGAIN, "no answer"},
      {PL_SINK_SMTP, 354, "", PL_SENT_AGAIN, ""},
  };
  hold(answers, PL_COUNT(answers));
}

static void an_address_ends_no_header_and_no_command(void **state) {
  (void)state;
  static const char *const good[] = {"a@b", "r.one+x@example.com", "o'neil@sub.ex-ample.org"};
  static const char *const bad[] = {
      "",           "a",          "@b",         "a@",           "a@b\r\nRCPT TO:<c@d>",
      "a b@c",      "<a@b>",      "a@b>",       "a@b,c@d",      "a@-b",
      ".a@b",       "a.@b",       "a..b@c",     "a@b..c",       "\"a\"@b",
      "a@b@c",      "\xC3\xA9@b", "a@\xC3\xA9", "a@[10.0.0.1]", "a\n@b",
      "R <r@b.org>"};
  for (size_t i = 0; i < PL_COUNT(good); i++) assert_true(pl_sink_reaches(PL_SINK_SMTP, pl_str_of(good[i])));
  for (size_t i = 0; i < PL_COUNT(bad); i++)
    if (pl_sink_reaches(PL_SINK_SMTP, pl_str_of(bad[i]))) fail_msg("%s", bad[i]);
  assert_false(pl_sink_reaches(PL_SINK_SMTP, (pl_str){"a@b\0c", 5}));
  assert_true(pl_sink_reaches(PL_SINK_SLACK_BOT, PL_STR("U024BE7LH")));
  assert_true(pl_sink_reaches(PL_SINK_SLACK_BOT, PL_STR("#sales-wins")));
  assert_false(pl_sink_reaches(PL_SINK_SLACK_BOT, PL_STR("")));
  assert_false(pl_sink_reaches(PL_SINK_SLACK_BOT, PL_STR("U0\n")));
  assert_true(pl_sink_reaches(PL_SINK_TEAMS, (pl_str){0}));
}

static const char *stars(uint32_t c) { return c == '*' ? "\\*" : NULL; }

static void a_text_is_cut_where_a_sentence_or_a_word_or_a_character_ends(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t max;
    const char *cut;
  } all[] = {
      {"Four more calls.", 16, "Four more calls."},
      {" \t Four more calls. \n", 16, "Four more calls."},
      {"One done. Two to go. Three.", 24, "One done. Two to go. …"},
      {"One done.\nTwo to go, and three", 16, "One done. …"},
      {"seven words that are all one sentence", 20, "seven words that…"},
      {"abcdefghij", 5, "abc…"},
      {"a\nb", 3, "a\nb"},
      {"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 4, "\xC3\xA9\xC3\xA9…"},
      {"\xF0\x9F\x8E\x89\xF0\x9F\x8E\x89\xF0\x9F\x8E\x89", 5, "\xF0\x9F\x8E\x89…"}, /* two units each */
      {"aae\xCC\x81"
       "bcd",
       5, "aa…"}, /* e and its accent */
      {"aa\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"
       "bcd",
       8, "aa…"}, /* one woman, one computer */
      {"****", 8, "\\*\\*\\*\\*"},
      {"****", 7, "\\*\\*…"},
      {"a\x01"
       "b\xC2\x85"
       "c\xFF",
       9, "a b c\xEF\xBF\xBD"},
      {"\x01\n\xC2\x85", 9, ""},
      {"abc", 1, "…"},
  };
  for (size_t i = 0; i < PL_COUNT(all); i++) {
    pl_buf out;
    pl_buf_init(&out, 1000);
    pl_clip(&out, pl_str_of(all[i].text), all[i].max, stars);
    pl_buf_char(&out, 0);
    assert_string_equal(out.p, all[i].cut);
    pl_buf_fini(&out);
  }
}

/* --- machines */

static pl_post *post_of(const char *text) {
  pl_post *post;
  pl_err err;
  if (pl_post_read(&post, pl_str_of(text), &err) != PL_OK) fail_msg("%s", err.text);
  return post;
}

static json_t *told(pl_sink_kind kind, const pl_post *const *posts, size_t n, size_t *bytes) {
  pl_buf out;
  pl_buf_init(&out, 1 << 20);
  pl_sink_encode(kind, &(pl_parcel){.id = PL_STR("g1"), .posts = posts, .nposts = n}, &out);
  assert_false(out.full);
  if (bytes) *bytes = out.n;
  json_t *root = json_loadb(out.p, out.n, 0, NULL);
  assert_non_null(root);
  pl_buf_fini(&out);
  return root;
}

static const char *at(json_t *root, const char *path) {
  char name[32];
  for (int n = 0; sscanf(path, "%31[^.]%n", name, &n) == 1; path += n + (path[n] == '.'), n = 0)
    root = json_is_array(root) ? json_array_get(root, (size_t)(name[0] - '0')) : json_object_get(root, name);
  return json_string_value(root) ? json_string_value(root) : "(none)";
}

#define ENTRY                                                                                                \
  "\"entity\":\"r1\",\"entity_kind\":\"rep\",\"goal\":\"calls\",\"metric\":\"calls\",\"period\":"            \
  "\"2026-03-04\",\"since\":\"2026-03-04T10:00:00Z\",\"until\":\"2026-03-04T17:00:00Z\",\"audience\":"       \
  "\"rep\",\"body\":\"R\""
#define BEHIND                                                                                               \
  "{\"id\":\"i1\",\"kind\":\"behind\",\"at\":\"2026-03-04T10:00:00Z\",\"figures\":{\"actual\":3}," ENTRY "}"
#define RECOVERED                                                                                            \
  "{\"id\":\"i2\",\"kind\":\"recovered\",\"about\":\"i1\",\"about_kind\":\"behind\",\"at\":\"2026-03-04T11:" \
  "00:00Z\",\"figures\":{\"actual\":20}," ENTRY "}"

static void an_alert_has_the_same_labels_when_it_begins_and_when_it_ends(void **state) {
  (void)state;
  static const pl_sink_kind kinds[] = {PL_SINK_WEBHOOK, PL_SINK_ALERTMANAGER};
  pl_post *behind = post_of(BEHIND), *recovered = post_of(RECOVERED);
  for (size_t k = 0; k < PL_COUNT(kinds); k++) {
    json_t *first = told(kinds[k], (const pl_post *const[]){behind}, 1, NULL);
    json_t *then = told(kinds[k], (const pl_post *const[]){recovered}, 1, NULL);
    json_t *a = json_array_get(k ? first : json_object_get(first, "alerts"), 0);
    json_t *b = json_array_get(k ? then : json_object_get(then, "alerts"), 0);
    assert_true(json_equal(json_object_get(a, "labels"), json_object_get(b, "labels")));
    assert_string_equal(at(a, "labels.alertname"), "behind");
    assert_string_equal(at(a, "annotations.actual"), "3");
    assert_string_equal(at(a, "startsAt"), at(b, "startsAt"));
    assert_string_equal(at(b, "endsAt"), "2026-03-04T11:00:00Z");
    assert_string_equal(at(a, "endsAt"), k ? "2026-03-04T17:00:00Z" : "0001-01-01T00:00:00Z");
    if (!k) assert_string_equal(at(a, "fingerprint"), at(b, "fingerprint"));
    json_decref(first), json_decref(then);
  }
  pl_post_free(&behind), pl_post_free(&recovered);
}

static void a_group_says_what_its_alerts_have_in_common(void **state) {
  (void)state;
  pl_post *behind = post_of(BEHIND), *recovered = post_of(RECOVERED);
  json_t *root = told(PL_SINK_WEBHOOK, (const pl_post *const[]){recovered, behind}, 2, NULL);
  assert_string_equal(at(root, "status"), "firing");
  assert_string_equal(at(root, "groupKey"), "g1");
  assert_string_equal(at(root, "groupLabels.alertname"), "behind");
  assert_string_equal(at(root, "commonLabels.entity"), "r1");
  assert_string_equal(at(root, "commonAnnotations.summary"), "R");
  assert_string_equal(at(root, "commonAnnotations.actual"), "(none)");
  assert_string_equal(at(root, "alerts.0.status"), "resolved");
  json_decref(root);
  pl_post_free(&behind), pl_post_free(&recovered);
}

static void what_is_too_much_is_left_out_and_counted(void **state) {
  (void)state;
  static const pl_sink_kind kinds[] = {PL_SINK_WEBHOOK, PL_SINK_ALERTMANAGER};
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  pl_buf_text(&text, "{" ENTRY ",\"id\":\"i\",\"kind\":\"behind\",\"figures\":{");
  for (int i = 0; i < 200; i++) pl_buf_printf(&text, "%s\"f%d\":\"%0900d\"", i ? "," : "", i, i);
  pl_buf_text(&text, "}}");
  pl_buf_char(&text, 0);
  pl_post *large = post_of(text.p);
  const pl_post *posts[64];
  for (size_t i = 0; i < PL_COUNT(posts); i++) posts[i] = large;
  for (size_t k = 0; k < PL_COUNT(kinds); k++) {
    size_t bytes;
    json_t *root = told(kinds[k], posts, PL_COUNT(posts), &bytes);
    assert_in_range(bytes, 100000, pl_sink_type_of(kinds[k])->body_max);
    size_t n = json_array_size(k ? root : json_object_get(root, "alerts"));
    assert_in_range(n, 1, 5);
    if (!k) assert_int_equal(json_integer_value(json_object_get(root, "truncatedAlerts")), 64 - n);
    json_decref(root);
  }
  pl_post_free(&large);
  pl_buf_fini(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_2xx_is_taken_and_what_may_pass_is_tried_again),
      cmocka_unit_test(slack_has_taken_what_it_calls_ok),
      cmocka_unit_test(a_bot_is_told_in_the_body_what_became_of_it),
      cmocka_unit_test(a_mail_server_says_it_by_the_first_digit),
      cmocka_unit_test(an_address_ends_no_header_and_no_command),
      cmocka_unit_test(a_text_is_cut_where_a_sentence_or_a_word_or_a_character_ends),
      cmocka_unit_test(an_alert_has_the_same_labels_when_it_begins_and_when_it_ends),
      cmocka_unit_test(a_group_says_what_its_alerts_have_in_common),
      cmocka_unit_test(what_is_too_much_is_left_out_and_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
