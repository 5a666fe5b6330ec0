/* Keys: whatever an id holds, a key splits at its colons and gives the id back. */
#include "codec/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/civil.h"
#include "base/random.h"

static const pl_str hostile[] = {
    {"r1", 2},    {":", 1},         {"a:b:c", 5},          {" ", 1},        {"%41", 3},    {"%", 1},
    {"a b", 3},   {"\xC3\xA4", 2},  {"*?[]{}\\", 7},       {"\r\n", 2},     {"\0", 1},     {"", 0},
    {"{tag}", 5}, {"../../etc", 9}, {"A-Za-z0-9._@-", 13}, {"\xFF\xFE", 2}, {"r1:day", 6}, {"\"'`$(x)", 7},
};

/* The inverse, written from the contract: %XX is a byte, everything else stands for itself. */
static size_t decoded(const char *p, size_t n, char *out) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    unsigned v = 0;
    bool escaped = p[i] == '%';
    if (escaped) {
      assert_true(i + 2 < n && sscanf(p + i + 1, "%2X", &v) == 1);
      i += 2;
    } else {
      assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-", p[i]));
    }
    out[m++] = escaped ? (char)v : p[i];
  }
  return m;
}

static size_t split(pl_str key, pl_str parts[8]) {
  size_t n = 0;
  for (const char *p = key.p, *end = key.p + key.n; p <= end; n++) {
    const char *colon = memchr(p, ':', (size_t)(end - p));
    assert_true(n < 8);
    parts[n] = (pl_str){p, (size_t)((colon ? colon : end) - p)};
    p = (colon ? colon : end) + 1;
  }
  return n;
}

static void check(pl_key key, const char *kind, pl_str id, pl_str more, size_t count) {
  char back[PL_ID_MAX + 1];
  pl_str parts[8];
  assert_int_equal(split(pl_key_str(&key), parts), count);
  assert_true(pl_str_is(parts[0], "pl") && pl_str_is(parts[1], kind));
  pl_str last = parts[count - 1 - (more.p ? 1 : 0)];
  size_t n = decoded(last.p, last.n, back);
  assert_true(pl_str_eq((pl_str){back, n}, id));
  if (more.p) assert_true(pl_str_eq(parts[count - 1], more));
}

static void check_all(pl_str id) {
  int32_t day = pl_civil_day(2026, 3, 4);
  check(pl_key_rep("pl", id), "rep", id, (pl_str){0}, 3);
  check(pl_key_plan("pl", id), "plan", id, (pl_str){0}, 3);
  check(pl_key_team("pl", id, false), "team", id, (pl_str){0}, 3);
  check(pl_key_team("pl", id, true), "team-private", id, (pl_str){0}, 3);
  check(pl_key_part("pl", id), "part", id, (pl_str){0}, 3);
  check(pl_key_members("pl", id), "members", id, (pl_str){0}, 3);
  check(pl_key_digest("pl", id), "digest", id, (pl_str){0}, 3);
  check(pl_key_past("pl", false, id, PL_DAY, day), "past", id, PL_STR("2026-03-04"), 5);
  check(pl_key_past("pl", true, id, PL_QUARTER, 2026 * 4), "past", id, PL_STR("2026-Q1"), 5);
  pl_key board = pl_key_board("pl", PL_STR("north"), id, PL_WEEK, pl_period_of(PL_WEEK, day));
  check(board, "board", id, PL_STR("2026-W10"), 5);
  assert_in_range(pl_key_bucket(id), 0, PL_STATE_BUCKETS - 1);
}

static void a_key_gives_its_id_back_whatever_it_holds(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(61));
  for (size_t i = 0; i < PL_COUNT(hostile); i++) check_all(hostile[i]);
  for (int i = 0; i < 3000; i++) {
    char id[PL_ID_MAX];
    size_t n = i < 20 ? PL_ID_MAX : (size_t)pl_random_in(&r, 0, PL_ID_MAX);
    for (size_t b = 0; b < n; b++) id[b] = (char)(i == 0 ? 0xFF : pl_random_in(&r, 0, 255));
    check_all((pl_str){id, n});
  }
}

static void ids_that_differ_have_keys_that_differ(void **state) {
  (void)state;
  for (size_t i = 0; i < PL_COUNT(hostile); i++)
    for (size_t k = 0; k < i; k++) {
      pl_key a = pl_key_rep("pl", hostile[i]), b = pl_key_rep("pl", hostile[k]);
      assert_false(pl_str_eq(pl_key_str(&a), pl_key_str(&b)));
    }
}

static void names_are_those_of_the_contract(void **state) {
  (void)state;
  pl_key keys[] = {pl_key_meta("pl"),     pl_key_alerts("pl"),   pl_key_news("x:y"),
                   pl_key_changed("pl"),  pl_key_mark("pl", 11), pl_key_state("pl", 3, 7),
                   pl_key_dirty("pl", 0), pl_key_wake("pl", 2),  pl_key_outbox("pl", 2)};
  static const char *const names[] = {"pl:meta",      "pl:alerts",  "x:y:news",  "pl:changed", "pl:mark:11",
                                      "pl:state:3:7", "pl:dirty:0", "pl:wake:2", "pl:outbox:2"};
  for (size_t i = 0; i < PL_COUNT(keys); i++) assert_true(pl_str_is(pl_key_str(&keys[i]), names[i]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_key_gives_its_id_back_whatever_it_holds),
      cmocka_unit_test(ids_that_differ_have_keys_that_differ),
      cmocka_unit_test(names_are_those_of_the_contract),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
