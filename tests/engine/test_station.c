/* How an endpoint is doing, by what it answers. */
#include "engine/station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const int64_t S = 1000000;
static const pl_mono NOW = {INT64_C(5000000000)};

static bool answer(pl_station *s, pl_sent what, int status, int64_t after_s) {
  s->flying++;
  return pl_station_answer(s, what, status, (pl_mono){NOW.us + after_s * S}, "why");
}

static int64_t next_s(const pl_station *s) {
  int64_t us = pl_station_next(s, NOW).us;
  return us == INT64_MAX ? -1 : (us - NOW.us) / S;
}

static void one_that_fails_five_times_in_a_row_is_asked_by_one_message_at_a_time(void **state) {
  (void)state;
  pl_station s = {0};
  for (int i = 0; i < 4; i++) assert_false(answer(&s, PL_SENT_AGAIN, 503, 0));
  assert_false(pl_station_fails(&s));
  assert_int_equal(next_s(&s), 0);
  assert_true(answer(&s, PL_SENT_AGAIN, 503, 0)); /* from now on */
  assert_true(pl_station_fails(&s));
  assert_int_equal(next_s(&s), 1);
  s.flying = 1;
  assert_int_equal(next_s(&s), -1); /* its answer decides */
}

static void it_is_asked_less_and_less_but_once_a_minute(void **state) {
  (void)state;
  static const int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60};
  pl_station s = {0};
  for (int i = 0; i < 4; i++) (void)answer(&s, PL_SENT_AGAIN, 0, 0);
  for (size_t i = 0; i < PL_COUNT(waits); i++) {
    assert_int_equal(answer(&s, PL_SENT_AGAIN, 0, 0), i == 0); /* that is said once */
    assert_int_equal(next_s(&s), waits[i]);
  }
}

static void what_it_takes_or_refuses_ends_the_row(void **state) {
  (void)state;
  static const pl_sent ends[] = {PL_SENT_TAKEN, PL_SENT_REFUSED};
  for (size_t i = 0; i < PL_COUNT(ends); i++) {
    pl_station s = {0};
    for (int n = 0; n < 7; n++) (void)answer(&s, PL_SENT_AGAIN, 500, 0);
    assert_false(answer(&s, ends[i], ends[i] == PL_SENT_TAKEN ? 200 : 404, 0));
    assert_false(pl_station_fails(&s));
    assert_int_equal(next_s(&s), 0);
    for (int n = 0; n < 4; n++) assert_false(answer(&s, PL_SENT_AGAIN, 500, 0));
  }
}

static void one_that_hangs_has_so_many_messages_at_most(void **state) {
  (void)state;
  pl_station s = {.flying = PL_STATION_FLYING_MAX - 1};
  assert_int_equal(next_s(&s), 0);
  s.flying++;
  assert_int_equal(next_s(&s), -1);
}

static void one_that_is_gone_says_so_once_and_why(void **state) {
  (void)state;
  pl_station s = {0};
  assert_true(answer(&s, PL_SENT_GONE, 410, 0));
  assert_true(s.gone);
  assert_string_equal(s.why, "why");
}

static void each_answer_is_counted_under_its_reason(void **state) {
  (void)state;
  static const struct {
    pl_sent what;
    int status;
    pl_failure reason;
  } answers[] = {
      {PL_SENT_AGAIN, 0, PL_FAILED_NO_ANSWER},   {PL_SENT_AGAIN, 408, PL_FAILED_BUSY},
      {PL_SENT_AGAIN, 425, PL_FAILED_BUSY},      {PL_SENT_AGAIN, 429, PL_FAILED_BUSY},
      {PL_SENT_AGAIN, 500, PL_FAILED_SERVER},    {PL_SENT_AGAIN, 200, PL_FAILED_SERVER}, /* nonsense */
      {PL_SENT_REFUSED, 404, PL_FAILED_REFUSED}, {PL_SENT_GONE, 410, PL_FAILED_REFUSED},
  };
  for (size_t i = 0; i < PL_COUNT(answers); i++) {
    pl_station s = {0};
    (void)answer(&s, answers[i].what, answers[i].status, 0);
    for (int r = 0; r < PL_FAILURES; r++) assert_int_equal(s.failed[r], r == (int)answers[i].reason);
    assert_int_equal(s.messages, 1);
    assert_int_equal(s.taken, 0);
    assert_int_equal(s.flying, 0);
  }
}

static void a_latency_lies_in_the_first_bucket_that_reaches_it(void **state) {
  (void)state;
  pl_station s = {0};
  pl_buf out;
  pl_buf_init(&out, 1 << 16);
  pl_station_latency(&s, 50000), pl_station_latency(&s, 50001), pl_station_latency(&s, 90000 * S);
  pl_stations_metrics(&(pl_station_line){"hook", &s, 3, 1.5}, 1, &out);
  pl_buf_char(&out, 0);
  static const char *const lines[] = {
      "latency_seconds_bucket{integration=\"hook\",le=\"0.05\"} 1\n",
      "latency_seconds_bucket{integration=\"hook\",le=\"0.1\"} 2\n",
      "latency_seconds_bucket{integration=\"hook\",le=\"86400\"} 2\n",
      "latency_seconds_bucket{integration=\"hook\",le=\"+Inf\"} 3\n",
      "latency_seconds_count{integration=\"hook\"} 3\n",
      "latency_seconds_sum{integration=\"hook\"} 90000.100001\n",
      "notifications_waiting{integration=\"hook\"} 3\n",
      "notifications_oldest_seconds{integration=\"hook\"} 1.500\n",
  };
  for (size_t i = 0; i < PL_COUNT(lines); i++)
    if (!strstr(out.p, lines[i])) fail_msg("%s is not in\n%s", lines[i], out.p);
  pl_buf_fini(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_that_fails_five_times_in_a_row_is_asked_by_one_message_at_a_time),
      cmocka_unit_test(it_is_asked_less_and_less_but_once_a_minute),
      cmocka_unit_test(what_it_takes_or_refuses_ends_the_row),
      cmocka_unit_test(one_that_hangs_has_so_many_messages_at_most),
      cmocka_unit_test(one_that_is_gone_says_so_once_and_why),
      cmocka_unit_test(each_answer_is_counted_under_its_reason),
      cmocka_unit_test(a_latency_lies_in_the_first_bucket_that_reaches_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
