/* The cell beside a naive one: every bucket in a plain array of 64-bit sums, and the newest index that was
 * seen. */
#include "core/cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "base/mem.h"
#include "base/random.h"

enum { FIRST = -300, LAST = 4000, ALL = LAST - FIRST + 1 };

typedef struct {
  pl_cell *cell;
  int slots[PL_RINGS];
  int64_t sums[PL_RINGS][ALL];
  int32_t newest[PL_RINGS]; /* INT32_MIN: none */
} pair;

static const uint32_t ALL_WINDOWS = (1u << PL_WINDOWS) - 1;

static pl_metric metric_of(pl_metric_kind kind, uint32_t windows) {
  return (pl_metric){.name = "m", .kind = kind, .windows = windows, .field = -1, .num = -1, .den = -1};
}

/* DESIGN: 5-minute buckets of an hour, hours of a day, 62 days, current and previous periods and one more. */
static void begin(pair *p, const pl_metric *m) {
  *p = (pair){.cell = pl_cell_new(m, 0, 0), .slots = {12, 24, 62, 3, 3, 3, 3, m->kind == PL_SUM_OF ? 62 : 0}};
  if (m->kind == PL_DISTINCT_OF) p->slots[PL_DAY] = 3;
  for (int r = 0; r < PL_RINGS; r++) p->newest[r] = INT32_MIN;
}

static int64_t model_at(const pair *p, int r, int32_t i) {
  if (p->newest[r] == INT32_MIN || i > p->newest[r] || p->newest[r] - i >= p->slots[r]) return 0;
  return p->sums[r][i - FIRST];
}

static void add(pair *p, int r, int32_t i, int64_t delta) {
  bool held = p->newest[r] == INT32_MIN || p->newest[r] - i < p->slots[r];
  if (p->slots[r] == 0) held = false;
  assert_true(pl_cell_add(&p->cell, r, i, delta) == held);
  if (!held) return;
  if (p->newest[r] == INT32_MIN || i > p->newest[r]) p->newest[r] = i;
  p->sums[r][i - FIRST] += delta;
}

static void compare(const pair *p, pl_random *rng) {
  for (int r = 0; r < PL_RINGS; r++) {
    int32_t middle = p->newest[r] == INT32_MIN ? 0 : p->newest[r];
    int32_t from = middle - 70 < FIRST ? FIRST : middle - 70, to = middle + 3 > LAST ? LAST : middle + 3;
    for (int32_t i = from; i <= to; i++) assert_true(pl_cell_at(p->cell, r, i) == model_at(p, r, i));
    for (int k = 0; k < 4; k++) {
      int32_t a = (int32_t)pl_random_in(rng, from, to), b = (int32_t)pl_random_in(rng, from, to);
      int64_t sum = 0;
      for (int32_t i = a; i <= b; i++) sum += model_at(p, r, i);
      assert_true(pl_cell_sum(p->cell, r, a, b) == sum);
    }
  }
}

/* Small numbers mostly, now and then ones that ask for two, four or eight bytes. */
static int64_t some_delta(pl_random *rng) {
  static const int bits[] = {2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 24, 31, 32, 50, 55};
  int64_t most = INT64_C(1) << bits[pl_random_chance(rng, 0.9) ? pl_random_in(rng, 0, 5)
                                                               : pl_random_in(rng, 6, PL_COUNT(bits) - 1)];
  return pl_random_in(rng, -most, most);
}

static int32_t some_index(pl_random *rng, const pair *p, int r) {
  int32_t at = p->newest[r] == INT32_MIN ? (int32_t)pl_random_in(rng, FIRST + 100, 100) : p->newest[r];
  int64_t i = at + (pl_random_chance(rng, 0.5)   ? 0
                    : pl_random_chance(rng, 0.8) ? pl_random_in(rng, -70, 3)
                                                 : pl_random_in(rng, 0, 130));
  return (int32_t)(i < FIRST ? FIRST : i > LAST ? LAST : i);
}

static void fill(pair *p, pl_random *rng, int ops) {
  while (ops-- > 0) {
    int r = (int)pl_random_in(rng, 0, PL_RINGS - 1);
    add(p, r, some_index(rng, p, r), some_delta(rng));
  }
}

static void copy_over(pair *p) { /* the model forgets what the ring has dropped */
  for (int r = 0; r < PL_RINGS; r++)
    for (int32_t i = FIRST; i <= LAST; i++) p->sums[r][i - FIRST] = model_at(p, r, i);
}

static void a_cell_adds_up_what_a_plain_array_adds_up(void **state) {
  (void)state;
  static pair p;
  static const pl_metric_kind kinds[] = {PL_COUNT_OF, PL_SUM_OF, PL_DISTINCT_OF};
  pl_random rng = pl_random_of(pl_random_seed(11));
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  for (int round = 0; round < 120; round++) {
    pl_metric m = metric_of(kinds[round % 3], ALL_WINDOWS & ~(round % 3 == 2 ? 15u : 0u));
    begin(&p, &m);
    if (m.kind == PL_DISTINCT_OF) p.slots[PL_5MIN] = p.slots[PL_HOUR] = 0;
    for (int i = 0; i < 60; i++) fill(&p, &rng, 10), compare(&p, &rng);
    pl_cell_free(&p.cell);
  }
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

static void a_cell_has_only_the_rings_that_its_windows_need(void **state) {
  (void)state;
  pl_metric m = metric_of(PL_COUNT_OF, 1u << PL_W_WEEK);
  pl_cell *cell = pl_cell_new(&m, 3, 2);
  assert_false(pl_cell_add(&cell, PL_5MIN, 5, 1));
  assert_false(pl_cell_add(&cell, PL_MONTH, 5, 1));
  assert_false(pl_cell_add(&cell, PL_DAY_EVENTS, 5, 1));
  assert_true(pl_cell_add(&cell, PL_WEEK, 5, 1));
  assert_true(pl_cell_add(&cell, PL_DAY, 5, 1)); /* a goal on it needs its history */
  assert_int_equal(pl_cell_at(cell, PL_5MIN, 5), 0);
  assert_int_equal(pl_cell_sum(cell, PL_MONTH, 0, 9), 0);
  assert_int_equal(cell->metric, 3);
  assert_int_equal(cell->team, 2);
  pl_cell_free(&cell);
}

static void parts_merged_in_any_order_are_the_whole(void **state) {
  (void)state;
  static pair part[3], whole, merged;
  pl_random rng = pl_random_of(pl_random_seed(12));
  pl_metric m = metric_of(PL_SUM_OF, ALL_WINDOWS);
  for (int round = 0; round < 100; round++) {
    begin(&whole, &m), begin(&merged, &m);
    for (int k = 0; k < 3; k++) {
      begin(&part[k], &m);
      fill(&part[k], &rng, 150);
      copy_over(&part[k]);
      for (int r = 0; r < PL_RINGS; r++)
        if (part[k].newest[r] > whole.newest[r]) whole.newest[r] = part[k].newest[r];
    }
    for (int k = 0; k < 3; k++)
      for (int r = 0; r < PL_RINGS; r++)
        for (int32_t i = 0; i < ALL; i++) whole.sums[r][i] += part[k].sums[r][i];
    int first = (int)pl_random_in(&rng, 0, 2);
    for (int k = 0; k < 3; k++) pl_cell_merge(&merged.cell, part[(first + k) % 3].cell);
    pl_cell_free(&whole.cell);
    whole.cell = merged.cell;
    compare(&whole, &rng);
    pl_cell_free(&whole.cell);
    for (int k = 0; k < 3; k++) pl_cell_free(&part[k].cell);
  }
}

static void a_cell_comes_back_from_its_bytes(void **state) {
  (void)state;
  static pair p;
  pl_random rng = pl_random_of(pl_random_seed(13));
  pl_metric m = metric_of(PL_SUM_OF, ALL_WINDOWS);
  for (int round = 0; round < 300; round++) {
    begin(&p, &m);
    fill(&p, &rng, (int)pl_random_in(&rng, 0, 300));
    pl_buf buf, again;
    pl_buf_init(&buf, 1 << 16), pl_buf_init(&again, 1 << 16);
    pl_cell_encode(p.cell, &buf);
    pl_cell_free(&p.cell);
    p.cell = pl_cell_new(&m, 0, 0);
    pl_reader in = pl_reader_of(pl_buf_str(&buf));
    assert_true(pl_cell_decode(&p.cell, &in) && in.p == in.end);
    compare(&p, &rng);
    pl_cell_encode(p.cell, &again);
    assert_true(pl_str_eq(pl_buf_str(&buf), pl_buf_str(&again)));
    for (size_t cut = 0; cut < buf.n; cut++) { /* every shorter one is refused */
      pl_cell *less = pl_cell_new(&m, 0, 0);
      pl_reader cut_in = pl_reader_of((pl_str){buf.p, cut});
      assert_false(pl_cell_decode(&less, &cut_in));
      pl_cell_free(&less);
    }
    pl_buf_fini(&buf), pl_buf_fini(&again);
    pl_cell_free(&p.cell);
  }
}

static void what_a_retraction_left_empty_reaches_no_further_back_after_a_crash(void **state) {
  (void)state;
  pl_metric m = metric_of(PL_COUNT_OF, ALL_WINDOWS);
  pl_cell *cell = pl_cell_new(&m, 0, 0), *back = pl_cell_new(&m, 0, 0);
  assert_true(pl_cell_add(&cell, PL_5MIN, 50, 1) && pl_cell_add(&cell, PL_5MIN, 50, -1));
  pl_buf buf;
  pl_buf_init(&buf, 1 << 10);
  pl_cell_encode(cell, &buf);
  pl_reader in = pl_reader_of(pl_buf_str(&buf));
  assert_true(pl_cell_decode(&back, &in) && in.p == in.end);
  for (int32_t i = 30; i < 60; i++)
    assert_int_equal(pl_cell_holds(back, PL_5MIN, i), pl_cell_holds(cell, PL_5MIN, i));
  assert_false(pl_cell_add(&back, PL_5MIN, 38, 1));
  pl_buf_fini(&buf);
  pl_cell_free(&cell), pl_cell_free(&back);
}

static void garbage_for_a_cell_is_refused_or_read_but_never_harms(void **state) {
  (void)state;
  pl_random rng = pl_random_of(pl_random_seed(14));
  pl_metric m = metric_of(PL_SUM_OF, ALL_WINDOWS);
  int64_t live = pl_mem_live();
  for (int round = 0; round < 60000; round++) {
    unsigned char bytes[96];
    size_t n = (size_t)pl_random_in(&rng, 0, sizeof bytes);
    for (size_t i = 0; i < n; i++)
      bytes[i] = (unsigned char)(pl_random_chance(&rng, 0.5) ? pl_random_in(&rng, 0, 13)
                                                             : pl_random_in(&rng, 0, 255));
    pl_cell *cell = pl_cell_new(&m, 0, 0);
    pl_reader in = pl_reader_of((pl_str){(const char *)bytes, n});
    (void)!pl_cell_decode(&cell, &in);
    for (int r = 0; r < PL_RINGS; r++) {
      const pl_ring *ring = pl_cell_ring(cell, r);
      int32_t newest = ring ? ring->newest : 0;
      (void)pl_cell_sum(cell, r, INT32_MIN, newest - (newest == INT32_MAX)),
          (void)pl_cell_at(cell, r, newest);
    }
    pl_cell_free(&cell);
  }
  assert_int_equal(pl_mem_live(), live);
}

static void neither_a_bucket_nor_a_sum_leaves_64_bits(void **state) {
  (void)state;
  pl_metric m = metric_of(PL_SUM_OF, ALL_WINDOWS);
  pl_cell *cell = pl_cell_new(&m, 0, 0);
  assert_true(pl_cell_add(&cell, PL_DAY, 5, INT64_MAX));
  assert_false(pl_cell_add(&cell, PL_DAY, 5, 1));
  assert_true(pl_cell_at(cell, PL_DAY, 5) == INT64_MAX);
  assert_true(pl_cell_add(&cell, PL_DAY, 5, -1));
  assert_true(pl_cell_add(&cell, PL_DAY, 6, INT64_MIN));
  assert_true(pl_cell_sum(cell, PL_DAY, 5, 6) == -2);
  assert_true(pl_cell_add(&cell, PL_DAY, 4, -5));
  assert_true(pl_cell_sum(cell, PL_DAY, 4, 4) == -5);
  assert_true(pl_cell_add(&cell, PL_DAY, 7, INT64_MIN));
  assert_true(pl_cell_sum(cell, PL_DAY, 6, 7) == INT64_MIN); /* nor does a sum */
  pl_cell_free(&cell);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_cell_adds_up_what_a_plain_array_adds_up),
      cmocka_unit_test(a_cell_has_only_the_rings_that_its_windows_need),
      cmocka_unit_test(parts_merged_in_any_order_are_the_whole),
      cmocka_unit_test(a_cell_comes_back_from_its_bytes),
      cmocka_unit_test(what_a_retraction_left_empty_reaches_no_further_back_after_a_crash),
      cmocka_unit_test(garbage_for_a_cell_is_refused_or_read_but_never_harms),
      cmocka_unit_test(neither_a_bucket_nor_a_sum_leaves_64_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
