/* The dedupe memory beside a queue that is searched from end to end, with restarts at random moments. */
#include "core/dedupe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "base/mem.h"
#include "base/random.h"

enum { OPS = 20000 };

static bool remembered(const uint64_t *all, size_t n, size_t limit, uint64_t hash) {
  for (size_t i = n > limit ? n - limit : 0; i < n; i++)
    if (all[i] == hash) return true;
  return false;
}

static void restart(pl_dedupe *ids, int limit) {
  pl_buf buf;
  pl_buf_init(&buf, 1 << 16);
  pl_dedupe_encode(ids, &buf);
  pl_dedupe_fini(ids);
  pl_reader in = pl_reader_of(pl_buf_str(&buf));
  assert_true(pl_dedupe_decode(ids, &in, limit) && in.p == in.end);
  pl_buf_fini(&buf);
}

static void exactly_the_last_ids_are_remembered_also_across_restarts(void **state) {
  (void)state;
  static const int limits[] = {0, 1, 3, 8, 13, 128, 1000, PL_DEDUPE_MAX};
  static uint64_t all[OPS];
  pl_random rng = pl_random_of(pl_random_seed(21));
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  for (size_t l = 0; l < PL_COUNT(limits); l++) {
    pl_dedupe ids = {0};
    size_t n = 0, limit = (size_t)limits[l];
    for (int op = 0; op < OPS; op++) {
      uint64_t hash = pl_random_next(&rng);
      if (n && pl_random_chance(&rng, 0.6)) /* one of the last ones, around the edge of memory */
        hash = all[n - 1 - (size_t)pl_random_in(&rng, 0, (int64_t)(n - 1 < limit * 2 ? n - 1 : limit * 2))];
      if (pl_random_chance(&rng, 0.3)) hash = (hash & 0xFF) << 8 | 0x42ULL << 56; /* many alike */
      bool has = pl_dedupe_has(&ids, hash);
      assert_true(has == remembered(all, n, limit, hash));
      if (!has) pl_dedupe_put(&ids, hash, limits[l]), all[n++] = hash;
      if (pl_random_chance(&rng, 0.003)) restart(&ids, limits[l]);
    }
    pl_dedupe_fini(&ids);
  }
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

static void a_rep_without_events_is_written_and_read(void **state) {
  (void)state;
  pl_dedupe ids = {0};
  restart(&ids, 128); /* it divided by zero */
  assert_false(pl_dedupe_has(&ids, 7));
  pl_dedupe_fini(&ids);
}

static void a_smaller_limit_after_a_restart_keeps_the_newest(void **state) {
  (void)state;
  pl_dedupe ids = {0};
  for (uint64_t i = 1; i <= 200; i++) pl_dedupe_put(&ids, i << 40 | i, 128);
  restart(&ids, 50);
  for (uint64_t i = 1; i <= 200; i++) assert_true(pl_dedupe_has(&ids, i << 40 | i) == (i > 150));
  restart(&ids, 128);
  pl_dedupe_put(&ids, 7, 128);
  for (uint64_t i = 151; i <= 200; i++) assert_true(pl_dedupe_has(&ids, i << 40 | i));
  pl_dedupe_fini(&ids);
}

static void a_broken_memory_is_refused(void **state) {
  (void)state;
  pl_dedupe ids = {0};
  for (uint64_t i = 1; i <= 20; i++) pl_dedupe_put(&ids, i, 128);
  pl_buf buf;
  pl_buf_init(&buf, 1 << 16);
  pl_dedupe_encode(&ids, &buf);
  pl_dedupe_fini(&ids);
  for (size_t cut = 0; cut < buf.n; cut++) {
    pl_reader in = pl_reader_of((pl_str){buf.p, cut});
    assert_false(pl_dedupe_decode(&ids, &in, 128));
    pl_dedupe_fini(&ids);
  }
  pl_buf_clear(&buf);
  pl_buf_varint(&buf, UINT64_MAX);
  pl_reader in = pl_reader_of(pl_buf_str(&buf));
  assert_false(pl_dedupe_decode(&ids, &in, 128));
  pl_dedupe_fini(&ids);
  pl_buf_fini(&buf);
}

static void ids_are_told_apart_by_every_byte(void **state) {
  (void)state;
  assert_true(pl_dedupe_hash(PL_STR("e1")) != pl_dedupe_hash(PL_STR("e2")));
  assert_true(pl_dedupe_hash(PL_STR("e1")) != pl_dedupe_hash((pl_str){"e1\0", 3}));
  assert_true(pl_dedupe_hash(PL_STR("a")) == pl_dedupe_hash((pl_str){"ab", 1}));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exactly_the_last_ids_are_remembered_also_across_restarts),
      cmocka_unit_test(a_rep_without_events_is_written_and_read),
      cmocka_unit_test(a_smaller_limit_after_a_restart_keeps_the_newest),
      cmocka_unit_test(a_broken_memory_is_refused),
      cmocka_unit_test(ids_are_told_apart_by_every_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
