/* A configuration: refused with lines that name it, or its effective form is a configuration, and is its own.
 */
#include "config/config.h"

#include "fuzz.h"
#include "office.h"

static bool zone_exists(const char *name, void *ctx) {
  return (void)ctx, strcmp(name, "UTC") == 0 || strchr(name, '/');
}
static const pl_config_world world = {zone_exists, NULL};

static void check_complaints(pl_str errors) {
  PL_ASSERT(errors.n > 5 && memcmp(errors.p, "a.yaml", 6) == 0 && errors.p[errors.n - 1] == '\n');
}

static void check_fixed_point(const pl_config *config) {
  pl_buf once, twice, errors;
  pl_buf_init(&once, 64 << 20), pl_buf_init(&twice, 64 << 20), pl_buf_init(&errors, 1 << 20);
  pl_config *again;
  pl_config_dump(config, &once);
  if (!once.full) {
    pl_status status = pl_config_parse(&again, "effective", pl_buf_str(&once), &world, &errors);
    if (status != PL_OK) (void)fwrite(errors.p, 1, errors.n, stderr);
    PL_ASSERT(status == PL_OK);
    pl_config_dump(again, &twice);
    PL_ASSERT(pl_str_eq(pl_buf_str(&once), pl_buf_str(&twice)));
    PL_ASSERT(pl_config_fixed_same(config, again, &errors) || memmem(once.p, once.n, "***", 3));
    pl_config_free(&again);
  }
  pl_buf_fini(&once), pl_buf_fini(&twice), pl_buf_fini(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  pl_config *config;
  pl_buf errors;
  pl_str text = fuzz_str(data, size);
  /* files are other targets', and not the fuzzer's to choose */
  if (size && (memmem(data, size, "file", 4) || memmem(data, size, "holidays", 8))) return 0;
  pl_buf_init(&errors, 4 << 20);
  if (pl_config_parse(&config, "a.yaml", text, &world, &errors) == PL_OK) {
    PL_ASSERT(errors.n == 0);
    check_fixed_point(config);
    pl_config_outlook(config, 20514, &errors);
    pl_config_free(&config);
  } else {
    PL_ASSERT(!config);
    check_complaints(pl_buf_str(&errors));
  }
  pl_buf_fini(&errors);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
