/* A right file, damaged at random: never a crash, never a leak; what is refused says why, and what is still a
 * configuration has an effective form that is a fixed point. */
#include <unistd.h>

#include "world.h"

enum { ROUNDS = 4000 };

static uint64_t seed;
static uint64_t draw(uint64_t below) { /* splitmix64 */
  uint64_t z = seed += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (z ^ z >> 31) % below;
}

static void damage(pl_str from, pl_buf *to) {
  static const char spice[] = "{}[]:,-&*!#|>'\"%@`\n \t0189azZ~\\\x01\xC3\xFF";
  pl_buf_clear(to);
  size_t start = draw(from.n), length = draw(40), target = draw(from.n);
  if (start + length > from.n) length = from.n - start;
  switch (draw(4)) {
  case 0: /* drop a piece */
    pl_buf_put(to, from.p, start);
    pl_buf_put(to, from.p + start + length, from.n - start - length);
    return;
  case 1: /* repeat a piece somewhere */
    pl_buf_put(to, from.p, target);
    pl_buf_put(to, from.p + start, length);
    pl_buf_put(to, from.p + target, from.n - target);
    return;
  case 2: /* put a character in */
    pl_buf_put(to, from.p, start);
    pl_buf_char(to, spice[draw(sizeof spice - 1)]);
    pl_buf_put(to, from.p + start, from.n - start);
    return;
  default: /* replace one */
    pl_buf_put(to, from.p, start);
    pl_buf_char(to, spice[draw(sizeof spice - 1)]);
    pl_buf_put(to, from.p + start + 1, from.n - start - 1);
  }
}

static void a_damaged_file_is_refused_with_words_or_is_a_configuration(void **state) {
  (void)state;
  const char *given = getenv("PACELINE_SEED");
  seed = given ? strtoull(given, NULL, 10) : 20260304;
  print_message("PACELINE_SEED=%llu\n", (unsigned long long)seed);
  int64_t before = pl_mem_live();
  pl_buf original, one, two, errors;
  pl_buf_init(&original, 1 << 20);
  pl_buf_init(&one, 2 << 20);
  pl_buf_init(&two, 2 << 20);
  pl_buf_init(&errors, 1 << 20);
  assert_int_equal(chdir("tests/config"), 0); /* the file names one beside it */
  read_text("language.yaml", &original);
  int fine = 0;
  for (int round = 0; round < ROUNDS; round++) {
    damage(pl_buf_str(&original), &one);
    for (uint64_t more = draw(3); more > 0; more--) {
      damage(pl_buf_str(&one), &two);
      damage(pl_buf_str(&two), &one);
    }
    pl_buf_clear(&errors);
    pl_config *config;
    if (pl_config_parse(&config, "damaged.yaml", pl_buf_str(&one), &world, &errors) == PL_OK) {
      assert_int_equal(errors.n, 0);
      check_fixed_point(config);
      pl_config_free(&config);
      fine++;
    } else {
      assert_null(config);
      assert_true(errors.n > 13 && memcmp(errors.p, "damaged.yaml:", 13) == 0);
      assert_int_equal(errors.p[errors.n - 1], '\n');
    }
  }
  assert_in_range(fine, ROUNDS / 20, ROUNDS - ROUNDS / 20); /* both halves of the sentence were tried */
  pl_buf_fini(&original);
  pl_buf_fini(&one);
  pl_buf_fini(&two);
  pl_buf_fini(&errors);
  assert_int_equal(pl_mem_live(), before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_damaged_file_is_refused_with_words_or_is_a_configuration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
