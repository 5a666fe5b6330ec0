/* Days: dates and stretches of them, from `2026-12-24..2026-12-31` to day numbers. */
#include "config/item.h"
#include "paceline/period.h"

enum { DAYS_MAX = 3660 }; /* in a row; more is a typing error */

bool pl_day_parse(pl_str text, int32_t *day) {
  pl_unit unit;
  int32_t index;
  if (!pl_period_parse(text, &unit, &index) || unit != PL_DAY) return false;
  int32_t year = pl_period_of(PL_YEAR, index);
  if (year < 1900 || year > 2200) return false;
  *day = index;
  return true;
}

/* What is wrong with it, or NULL. */
static const char *read_days(const char *text, pl_days *out) {
  const char *dots = strstr(text, "..");
  pl_str first = {text, dots ? (size_t)(dots - text) : strlen(text)};
  if (!pl_day_parse(first, &out->first) || !pl_day_parse(dots ? pl_str_of(dots + 2) : first, &out->last))
    return "expected days of the years 1900 to 2200, such as 2026-12-24 or 2026-12-24..2026-12-31";
  if (out->last < out->first) return "expected a last day that is not before the first";
  if (out->last - out->first >= DAYS_MAX) return "expected at most 3660 days in a row";
  return NULL;
}

const pl_days *pl_compile_days(pl_compiler *c, const pl_yaml *node, pl_list texts, size_t *n) {
  pl_days *out = pl_arena_alloc(c->arena, texts.n * sizeof *out);
  *n = 0;
  for (size_t i = 0; i < texts.n; i++) {
    const char *wrong = read_days(texts.items[i], &out[*n]);
    if (!wrong)
      ++*n;
    else
      pl_complain(c->report, pl_yaml_holder(node, texts.items[i]), "found '%s', %s",
                  pl_quote(pl_str_of(texts.items[i])).text, wrong);
  }
  return *n ? out : NULL;
}
