/* When an event happened, and since when what it measures: out of every type that may hold an instant, and
 * out of texts by a format; a day without a time gets one of the mapping. */
#include "event_rig.h"

static void put_one(rig *r, const char *text, int64_t number) {
  if (text)
    put(r, text);
  else
    pl_buf_zigzag(&r->body, number);
}

static void event_times_of_every_kind_come_out_as_milliseconds(void **state) {
  (void)state;
  static const struct {
    const char *type, *format;
    int32_t of_day;
    int64_t number; /* or */
    const char *text;
    pl_reason reason;
    int64_t ms;
    bool local;
  } cases[] = {
      {"'long'", NULL, -1, 1500, NULL, PL_APPLIED, 1500, false},
      {"{'type':'long','logicalType':'timestamp-millis'}", NULL, -1, -1, NULL, PL_APPLIED, -1, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, -1, -1, NULL, PL_APPLIED, -1, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, -1, 1999, NULL, PL_APPLIED, 1, false},
      {"{'type':'long','logicalType':'timestamp-nanos'}", NULL, -1, 1999999, NULL, PL_APPLIED, 1, false},
      {"{'type':'long','logicalType':'local-timestamp-millis'}", NULL, -1, 1500, NULL, PL_APPLIED, 1500,
       true},
      {"{'type':'long','logicalType':'local-timestamp-micros'}", NULL, -1, 1500, NULL, PL_APPLIED, 1, true},
      {"{'type':'int','logicalType':'date'}", NULL, 43200, 20516, NULL, PL_APPLIED, DAY_2026_03_04 + 43200000,
       true},
      {"{'type':'int','logicalType':'date'}", NULL, 0, -1, NULL, PL_APPLIED, -86400000, true},
      {"{'type':'int','logicalType':'date'}", NULL, 0, 2932897, NULL, PL_NO_TIME, 0, false},
      {"'long'", NULL, -1, INT64_MAX, NULL, PL_NO_TIME, 0, false},
      {"'long'", NULL, -1, INT64_MIN, NULL, PL_NO_TIME, 0, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, -1, INT64_MAX, NULL, PL_NO_TIME, 0, false},
      {"'string'", NULL, -1, 0, "2026-03-04T01:00:00+01:00", PL_APPLIED, DAY_2026_03_04, false},
      {"'string'", NULL, -1, 0, "2026-03-04T01:00:00", PL_NO_TIME, 0, false},
      {"'string'", NULL, -1, 0, "", PL_NO_TIME, 0, false},
      {"'string'", "%d.%m.%Y", 43200, 0, "04.03.2026", PL_APPLIED, DAY_2026_03_04 + 43200000, true},
      {"'string'", "%d.%m.%Y %H:%M", -1, 0, "04.03.2026 00:01", PL_APPLIED, DAY_2026_03_04 + 60000, true},
      {"'string'", "%Y-%m-%dT%H:%M%z", -1, 0, "2026-03-04T01:00Z", PL_APPLIED, DAY_2026_03_04 + 3600000,
       false},
      {"'string'", "%d.%m.%Y", 43200, 0, "2026-03-04", PL_NO_TIME, 0, false},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_mapping mapping = flat();
    mapping.at_format = cases[i].format, mapping.at_of_day = cases[i].of_day;
    open_rig(&r, flat_record(cases[i].type, ""), &mapping);
    put(&r, "e"), put(&r, "r");
    put_one(&r, cases[i].text, cases[i].number);
    put(&r, "call");
    if (decodes(&r, i, cases[i].reason)) {
      if (r.event.at.ms != cases[i].ms) fail_msg("case %zu: %lld", i, (long long)r.event.at.ms);
      assert_int_equal(r.event.at_is_local, cases[i].local);
    } else {
      assert_non_null(strstr(r.err.text, "`at`"));
    }
    close_rig(&r);
  }
}

static void what_durations_measure_from_is_an_instant_or_a_day(void **state) {
  (void)state;
  static const struct {
    const char *type, *text; /* text NULL: the number */
    int64_t number;
    pl_reason reason;
    int64_t ms;
    bool local;
  } cases[] = {
      {"{'type':'long','logicalType':'timestamp-millis'}", NULL, 1500, PL_APPLIED, 1500, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, 1999, PL_APPLIED, 1, false},
      {"{'type':'long','logicalType':'local-timestamp-millis'}", NULL, 1500, PL_APPLIED, 1500, true},
      {"{'type':'int','logicalType':'date'}", NULL, 2, PL_APPLIED, 172800000, true},
      {"'long'", NULL, 1500, PL_APPLIED, 1500, false},
      {"'string'", "1970-01-01T01:00:01+01:00", 0, PL_APPLIED, 1000, false},
      {"'string'", "1970-01-03", 0, PL_APPLIED, 172800000, true},
      {"'string'", "last week", 0, PL_BAD_VALUE, 0, false},
      {"'string'", "", 0, PL_BAD_VALUE, 0, false},
      {"{'type':'long','logicalType':'timestamp-millis'}", NULL, INT64_MAX, PL_BAD_VALUE, 0, false},
  };
  char since[200];
  pl_mapping mapping = flat();
  mapping.fields[2].paths[0] = "since";
  rig r;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    snprintf(since, sizeof since, ",{'name':'since','type':%s}", cases[i].type);
    open_rig(&r, flat_record("'long'", since), &mapping);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "deal_won");
    put_one(&r, cases[i].text, cases[i].number);
    const pl_value *v = &r.event.fields[2];
    if (!decodes(&r, i, cases[i].reason))
      assert_non_null(strstr(r.err.text, "opened_at: path `since`"));
    else if (v->kind != PL_INSTANT || v->i != cases[i].ms || v->is_local != cases[i].local)
      fail_msg("case %zu: %lld", i, (long long)v->i);
    close_rig(&r);
  }
  const char *never = flat_record("'long'", ",{'name':'since','type':'boolean'}");
  assert_int_equal(try_open(&r, never, &mapping), PL_REJECT);
  assert_non_null(strstr(r.err.text, "opened_at: a boolean is no instant"));
  close_rig(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(event_times_of_every_kind_come_out_as_milliseconds),
      cmocka_unit_test(what_durations_measure_from_is_an_instant_or_a_day),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
