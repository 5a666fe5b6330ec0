/* Texts that say when: instants, days, formats, periods. What is read is written again as it was. */
#include "codec/when.h"
#include "core/fiscal.h"
#include "fuzz.h"
#include "paceline/period.h"

static void check(const pl_when *when) {
  char text[PL_ISO_MAX];
  pl_when again;
  PL_ASSERT(when->ms >= PL_WHEN_MIN && when->ms <= PL_WHEN_MAX);
  PL_ASSERT(pl_when_iso(pl_str_of(pl_wall_iso((pl_wall){when->ms}, text)), &again) && again.ms == when->ms);
}

static void period(const pl_fiscal *fiscal, pl_str text) {
  char again[PL_PERIOD_TEXT_MAX];
  pl_unit unit;
  int32_t index;
  if (!pl_fiscal_parse(fiscal, text, &unit, &index)) return;
  PL_ASSERT(pl_str_is(text, pl_period_text(unit, index, again)));
  int32_t day = pl_period_first_day(unit, index);
  PL_ASSERT(pl_fiscal_period(fiscal, unit, day) == index &&
            pl_fiscal_period(fiscal, unit, day - 1) == index - 1);
}

/* A line that is a format, and a text for it in the next one. */
static void formatted(pl_str text) {
  char format[128];
  const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
  size_t n = end ? (size_t)(end - text.p) : 0;
  pl_when when;
  pl_err err;
  bool local, has_time;
  if (!end || n >= sizeof format || memchr(text.p, 0, n)) return;
  memcpy(format, text.p, n), format[n] = 0;
  bool known = pl_when_check(format, &local, &has_time, &err) == PL_OK;
  if (!pl_when_format(format, (pl_str){end + 1, text.n - n - 1}, &when)) return;
  check(&when);
  PL_ASSERT(!known || (when.local == local && when.has_time == has_time));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pl_str text = fuzz_str(data, size);
  pl_when when;
  pl_unit unit;
  int32_t index;
  if (pl_when_iso(text, &when)) check(&when);
  formatted(text);
  if (pl_period_parse(text, &unit, &index)) period(&(pl_fiscal){0}, text);
  if (size) {
    pl_fiscal fiscal = {(pl_fiscal_pattern)(data[0] % 4), data[0] / 4 % 12 + 1, data[0] % 7, data[0] & 1,
                        data[0] >> 7};
    period(&fiscal, fuzz_str(data + 1, size - 1));
  }
  return 0;
}
