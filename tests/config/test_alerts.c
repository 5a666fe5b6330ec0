/* When the next digest is due, on each reader's own clock: against Python's zoneinfo, but for times that a
 * clock skips, where zone.h says what is meant. */
#include "core/zone_file.h"
#include "world.h"

#include "codec/when.h"

static const struct {
  const char *zone, *at, *days, *from, *next;
} cases[] = {
    /* an ordinary day, in three zones at once */
    {"Europe/Berlin", "16:30", "mon-fri", "2026-03-04T12:00:00Z", "2026-03-04T15:30:00Z"},
    {"America/New_York", "16:30", "mon-fri", "2026-03-04T12:00:00Z", "2026-03-04T21:30:00Z"},
    {"Asia/Kolkata", "16:30", "mon-fri", "2026-03-04T12:00:00Z", "2026-03-05T11:00:00Z"},
    /* a second before, and when it is time, which is not after */
    {"Europe/Berlin", "16:30", "mon-fri", "2026-03-04T15:29:59Z", "2026-03-04T15:30:00Z"},
    {"Europe/Berlin", "16:30", "mon-fri", "2026-03-04T15:30:00Z", "2026-03-05T15:30:00Z"},
    /* over the weekend, and over the clock's change */
    {"Europe/Berlin", "16:30", "mon-fri", "2026-03-06T15:30:00Z", "2026-03-09T15:30:00Z"},
    {"Europe/Berlin", "16:30", "mon-fri", "2026-03-27T15:30:00Z", "2026-03-30T14:30:00Z"},
    {"Europe/Berlin", "16:30", "mon-fri", "2026-10-23T14:30:00Z", "2026-10-26T15:30:00Z"},
    {"America/New_York", "16:30", "mon-fri", "2026-03-06T21:30:00Z", "2026-03-09T20:30:00Z"},
    /* a time that the clock skips: then when it skips it */
    {"Europe/Berlin", "02:30", "mon-sun", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
    {"Europe/Berlin", "02:30", "mon-sun", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
    {"Europe/Berlin", "02:30", "sun", "2026-03-29T01:00:00Z", "2026-04-05T00:30:00Z"},
    /* a time that comes twice: the first time only */
    {"Europe/Berlin", "02:30", "mon-sun", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
    {"Europe/Berlin", "02:30", "mon-sun", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
    /* half an hour, twice */
    {"Australia/Lord_Howe", "01:45", "mon-sun", "2026-04-04T12:00:00Z", "2026-04-04T14:45:00Z"},
    {"Australia/Lord_Howe", "01:45", "mon-sun", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"},
    /* the weekday is the reader's: Monday there begins on Sunday here */
    {"Asia/Kolkata", "00:00", "mon", "2026-03-01T18:29:59Z", "2026-03-01T18:30:00Z"},
    {"Asia/Kolkata", "00:00", "mon", "2026-03-01T18:30:00Z", "2026-03-08T18:30:00Z"},
    {"America/New_York", "23:59", "fri", "2026-03-07T04:58:59Z", "2026-03-07T04:59:00Z"},
    {"America/New_York", "23:59", "fri", "2026-03-07T04:59:00Z", "2026-03-14T03:59:00Z"},
};

static pl_wall instant(const char *iso) {
  pl_when when;
  assert_true(pl_when_iso(pl_str_of(iso), &when));
  return (pl_wall){when.ms};
}

static void a_digest_is_due_by_its_readers_clock(void **state) {
  (void)state;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char text[256], iso[PL_ISO_MAX];
    (void)snprintf(
        text, sizeof text,
        "metrics: {calls: {count: call, windows: [day]}}\nalerts: {digest: {at: \"%s\", days: %s}}\n",
        cases[i].at, cases[i].days);
    pl_config *config = good(pl_str_of(text));
    pl_zone *zone = zone_named(cases[i].zone);
    int64_t next = pl_config_digest_after(config, zone, pl_seconds(instant(cases[i].from)));
    assert_string_equal(pl_wall_iso(pl_wall_s(next), iso), cases[i].next);
    pl_zone_free(&zone), pl_config_free(&config);
  }
}

static void without_a_time_there_is_none(void **state) {
  (void)state;
  pl_config *config = good(PL_STR("metrics: {calls: {count: call, windows: [day]}}\n"));
  pl_zone *zone = zone_named("Europe/Berlin");
  assert_true(pl_config_digest_after(config, zone, 0) == INT64_MAX);
  pl_zone_free(&zone), pl_config_free(&config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_digest_is_due_by_its_readers_clock),
      cmocka_unit_test(without_a_time_there_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
