/* A policy's test file, against the office: refused with lines, or scenarios; short ones are played. */
#include "cli/scenario.h"

#include "cli/play.h"
#include "files.h"
#include "office.h"

static const int64_t MONTH_MS = INT64_C(31) * 86400000;

static bool is_short(const pl_scenario *s) {
  bool all = s->ncues < 100;
  for (size_t i = 0; i < s->ncues && all; i++)
    all = s->cues[i].stamp.ms - s->start.ms < MONTH_MS && s->cues[i].at.ms - s->start.ms < MONTH_MS;
  for (size_t i = 0; i < s->nclaims && all; i++) all = s->claims[i].at.ms - s->start.ms < MONTH_MS;
  for (size_t i = 0; i < s->nchanges && all; i++) all = s->changes[i].at.ms - s->start.ms < MONTH_MS;
  return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  char path[32];
  pl_scenarios *all;
  pl_buf errors;
  pl_err err;
  if (size && (memmem(data, size, "file", 4) || memmem(data, size, "holidays", 8))) return 0;
  fuzz_file(path, data, size);
  pl_buf_init(&errors, 4 << 20);
  if (pl_scenarios_load(&all, path, "tests/fuzz/office.yaml", &errors) == PL_OK) {
    PL_ASSERT(errors.n == 0);
    for (size_t i = 0; i < all->n; i++) {
      size_t failed = 0;
      if (is_short(&all->list[i]))
        PL_ASSERT(pl_play(&all->list[i], path, &failed, &errors, NULL, &err) == PL_OK || *err.text);
    }
    pl_scenarios_free(&all);
  } else {
    PL_ASSERT(!all && errors.n && errors.p[errors.n - 1] == '\n');
  }
  pl_buf_fini(&errors);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
