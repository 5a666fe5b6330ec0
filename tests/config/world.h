/* What the configuration tests share: a machine with three time zones, and the parts of a test. */
#ifndef TESTS_CONFIG_WORLD_H
#define TESTS_CONFIG_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"

static inline bool three_zones(const char *name, void *ctx) {
  (void)ctx;
  return strcmp(name, "UTC") == 0 || strcmp(name, "Europe/Berlin") == 0 || strcmp(name, "Europe/Lisbon") == 0;
}
static const pl_config_world world = {three_zones, NULL};

static inline void read_text(const char *path, pl_buf *out) {
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  char piece[4096];
  for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;) pl_buf_put(out, piece, n);
  (void)fclose(file);
}

/* Parses what must be right. */
static inline pl_config *good(pl_str text) {
  pl_config *config;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 20);
  pl_status status = pl_config_parse(&config, "test.yaml", text, &world, &errors);
  if (status != PL_OK) print_error("%.*s", (int)errors.n, errors.p);
  assert_int_equal(status, PL_OK);
  assert_int_equal(errors.n, 0);
  pl_buf_fini(&errors);
  return config;
}

/* The effective configuration is a configuration, and its own effective configuration. */
static inline void check_fixed_point(const pl_config *config) {
  pl_buf once, twice;
  pl_buf_init(&once, 64 << 20);
  pl_buf_init(&twice, 64 << 20);
  pl_config_dump(config, &once);
  assert_false(once.full);
  pl_config *again = good(pl_buf_str(&once));
  pl_config_dump(again, &twice);
  if (!pl_str_eq(pl_buf_str(&once), pl_buf_str(&twice)))
    print_error("%.*s\n--- again\n%.*s\n", (int)once.n, once.p, (int)twice.n, twice.p);
  assert_true(pl_str_eq(pl_buf_str(&once), pl_buf_str(&twice)));
  pl_config_free(&again);
  pl_buf_fini(&once);
  pl_buf_fini(&twice);
}

#endif
