/* The map beside a naive list: the same puts, drops and finds, the same answers, nothing left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/random.h"

enum { KEYS = 400, OPS = 60000 };

typedef struct {
  char key[12];
  size_t n;
  bool there;
  int value;
} entry;

/* Short keys, some of them prefixes of each other, some with NUL bytes, one empty. */
static void make_keys(pl_random *r, entry keys[KEYS]) {
  for (int i = 0; i < KEYS; i++) {
    bool taken = true;
    while (taken) {
      keys[i] = (entry){.n = (size_t)pl_random_in(r, i == 0 ? 0 : 1, i == 0 ? 0 : 11)};
      for (size_t b = 0; b < keys[i].n; b++) keys[i].key[b] = (char)pl_random_in(r, 0, 3);
      taken = false;
      for (int j = 0; j < i && !taken; j++)
        taken = keys[j].n == keys[i].n && memcmp(keys[j].key, keys[i].key, keys[i].n) == 0;
    }
  }
}

static void compare(const pl_map *map, entry keys[KEYS]) {
  size_t n = 0, seen = 0;
  for (int i = 0; i < KEYS; i++) {
    pl_str key = {keys[i].key, keys[i].n};
    int *value = pl_map_find(map, key);
    assert_ptr_equal(value, keys[i].there ? &keys[i].value : NULL);
    assert_true((pl_map_slot_of(map, key) != NULL) == keys[i].there);
    n += keys[i].there;
  }
  assert_int_equal(map->n, n);
  for (pl_map_slot *s = NULL; (s = pl_map_next(map, s)); seen++) {
    const entry *e = (const entry *)(const void *)((char *)s->value - offsetof(entry, value));
    assert_true(e->there && e->n == s->key_len && memcmp(e->key, s->key, e->n) == 0);
  }
  assert_int_equal(seen, n);
}

static void a_map_answers_like_a_list(void **state) {
  (void)state;
  static entry keys[KEYS];
  pl_random r = pl_random_of(pl_random_seed(3));
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  pl_map map;
  pl_map_init(&map);
  make_keys(&r, keys);
  compare(&map, keys);
  for (int i = 0; i < OPS; i++) {
    entry *e = &keys[pl_random_in(&r, 0, KEYS - 1)];
    pl_str key = {e->key, e->n};
    bool growing = i / 5000 % 2 == 0; /* waves of filling and emptying */
    if (pl_random_chance(&r, growing ? 0.7 : 0.3)) {
      void **place = pl_map_put(&map, key);
      assert_ptr_equal(*place, e->there ? &e->value : NULL);
      *place = &e->value, e->there = true;
    } else {
      pl_map_drop(&map, key);
      e->there = false;
    }
    if (i % 500 == 0) compare(&map, keys);
  }
  compare(&map, keys);
  pl_map_fini(&map);
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

static void a_cursor_comes_by_all_that_was_there_while_others_are_put(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    pl_random r = pl_random_of(seed);
    pl_map map;
    pl_map_init(&map);
    static int seen[400];
    char key[16];
    int n = (int)pl_random_in(&r, 0, 200), more = n;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < n; i++) {
      (void)snprintf(key, sizeof key, "%d", i);
      *pl_map_put(&map, pl_str_of(key)) = &seen[i];
    }
    size_t cursor = 0;
    for (pl_map_slot *slot; (slot = pl_map_step(&map, &cursor));) {
      ++*(int *)slot->value;
      if (more < 400 && pl_random_chance(&r, 0.5)) {
        (void)snprintf(key, sizeof key, "%d", more);
        *pl_map_put(&map, pl_str_of(key)) = &seen[more];
        more++;
      }
    }
    assert_int_equal(cursor, 0);
    for (int i = 0; i < n; i++) assert_true(seen[i] > 0);
    pl_map_fini(&map);
  }
}

static void hashes_never_change_because_they_are_recorded(void **state) {
  (void)state;
  /* from an independent implementation of the text of base/map.c in Python's integers */
  static const struct {
    const char *text;
    uint64_t key, hash;
  } table[] = {
#include "base/hashes.inc"
  };
  for (size_t i = 0; i < PL_COUNT(table); i++)
    assert_true(pl_hash(pl_str_of(table[i].text), table[i].key) == table[i].hash);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_map_answers_like_a_list),
      cmocka_unit_test(a_cursor_comes_by_all_that_was_there_while_others_are_put),
      cmocka_unit_test(hashes_never_change_because_they_are_recorded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
