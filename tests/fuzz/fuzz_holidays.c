/* A list of holidays, read for a calendar that takes all of them and one that takes some. */
#include "config/config.h"
#include "files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  char path[32], text[512];
  fuzz_file(path, data, size);
  int n = snprintf(
      text, sizeof text,
      "calendars:\n"
      "  all:  {week: {mon-fri: 09:00-12:00 13:00-17:00}, holidays: %s, closed: [2026-12-28..2026-12-30]}\n"
      "  some: {week: {sat-sun: 09:00-17:00}, holidays: {file: %s, only: [Christmas Day]}}\n",
      path, path);
  pl_config *config;
  pl_buf errors;
  pl_buf_init(&errors, 4 << 20);
  if (pl_config_parse(&config, "a.yaml", (pl_str){text, (size_t)n}, NULL, &errors) == PL_OK) {
    for (size_t i = 0; i < config->policy.ncalendars; i++) {
      const pl_calendar_def *c = &config->policy.calendars[i];
      for (size_t k = 0; k < c->nexceptions; k++) {
        PL_ASSERT(k == 0 || c->exceptions[k - 1].day < c->exceptions[k].day);
        PL_ASSERT((size_t)c->exceptions[k].hours.n <= PL_COUNT(c->exceptions[k].hours.spans));
      }
    }
    pl_config_outlook(config, 20514, &errors);
    pl_config_free(&config);
  } else {
    PL_ASSERT(errors.n && errors.p[errors.n - 1] == '\n');
  }
  pl_buf_fini(&errors);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
