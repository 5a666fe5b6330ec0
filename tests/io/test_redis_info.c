/* INFO judged, a case a line; the live server's INFO is judged in test_redis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/redis_info.h"

static void each_dangerous_setting_has_its_line(void **state) {
  (void)state;
  static const struct {
    const char *info, *warnings;
  } cases[] = {
      {"", ""},
      {"# "
       "Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\ncluster_enabled:"
       "0\r\n",
       ""},
      {"maxmemory_policy:volatile-ttl\r\n",
       "maxmemory-policy is volatile-ttl: state can be evicted; set noeviction\n"},
      {"aof_enabled:0\r\n",
       "appendonly is off: a crash of Redis loses its newest writes; set appendonly yes\n"},
      {"xaof_enabled:0\r\naof_enabled_x:0\r\n", ""},
      {"cluster_enabled:1",
       "cluster-enabled is yes: a batch's keys lie in several slots; use one node, or Sentinel\n"},
      {"redis_version:6.0.16\r\n", "redis_version is 6.0.16: 7.0 or newer is needed; upgrade\n"},
      {"redis_version:6.2.14\r\n", "redis_version is 6.2.14: 7.0 or newer is needed; upgrade\n"},
      {"redis_version:7.0\r\n", ""},
      {"redis_version:10.0.1\r\n", ""},
      {"redis_version:unstable\r\n", ""},
      {"redis_version:\r\n", ""},
      {"redis_version:99999999999999999999.1\r\n", ""},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf out;
    pl_buf_init(&out, 4096);
    pl_redis_info_check(pl_str_of(cases[i].info), &out);
    if (!pl_str_is(pl_buf_str(&out), cases[i].warnings))
      fail_msg("case %zu: got '%.*s'", i, (int)out.n, out.p);
    pl_buf_fini(&out);
  }
}

static void a_server_that_says_nothing_of_itself_is_not_looked_at(void **state) {
  (void)state;
  pl_buf out;
  pl_buf_init(&out, 64);
  pl_redis_info_check((pl_str){NULL, 0}, &out); /* its answer was no text */
  assert_int_equal(out.n, 0);
  assert_int_equal(pl_redis_info_find((pl_str){NULL, 0}, "role").n, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_dangerous_setting_has_its_line),
                                     cmocka_unit_test(a_server_that_says_nothing_of_itself_is_not_looked_at)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
