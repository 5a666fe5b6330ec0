/* Days: dates and stretches of them, from `2026-12-24..2026-12-31` to day numbers; and leaves, which may
 * begin and end within a day. */
#include "config/item.h"
#include "config/option.h"
#include "paceline/calendar.h"
#include "paceline/period.h"

enum { DAY_S = 86400, DAYS_MAX = 3660 /* in a row; more is a typing error */ };

bool pl_day_parse(pl_str text, int32_t *day) {
  pl_unit unit;
  int32_t index;
  if (!pl_period_parse(text, &unit, &index) || unit != PL_DAY) return false;
  int32_t year = pl_period_of(PL_YEAR, index);
  if (year < 1900 || year > 2200) return false;
  *day = index;
  return true;
}

static const char *in_order(pl_days days) {
  if (days.last < days.first) return "expected a last day that is not before the first";
  if (days.last - days.first >= DAYS_MAX) return "expected at most 3660 days in a row";
  return NULL;
}

/* What is wrong with it, or NULL. */
typedef const char *read_fn(const char *text, void *out);

static const char *read_days(const char *text, void *out) {
  pl_days *days = out;
  const char *dots = strstr(text, "..");
  pl_str first = {text, dots ? (size_t)(dots - text) : strlen(text)};
  if (!pl_day_parse(first, &days->first) || !pl_day_parse(dots ? pl_str_of(dots + 2) : first, &days->last))
    return "expected days of the years 1900 to 2200, such as 2026-12-24 or 2026-12-24..2026-12-31";
  return in_order(*days);
}

/* A day, and a time of it where one is given. */
static bool read_end(pl_str text, int32_t *day, int32_t *of_day) {
  const char *blank = memchr(text.p, ' ', text.n);
  size_t n = blank ? (size_t)(blank - text.p) : text.n;
  return pl_day_parse((pl_str){text.p, n}, day) &&
         (!blank || pl_of_day_parse((pl_str){blank + 1, text.n - n - 1}, of_day));
}

/* `2026-12-24 12:00-18:00`. */
static bool read_hours(const char *text, int32_t *day, int32_t *from, int32_t *until) {
  const char *blank = strchr(text, ' ');
  pl_workday hours = {.n = 0};
  if (!blank || !pl_day_parse((pl_str){text, (size_t)(blank - text)}, day) ||
      pl_spans_parse(blank + 1, &hours) || hours.n != 1)
    return false;
  *from = hours.spans[0].from, *until = hours.spans[0].to;
  return true;
}

static const char *read_leave(const char *text, void *out) {
  const char *dots = strstr(text, "..");
  pl_str first = {text, dots ? (size_t)(dots - text) : strlen(text)};
  pl_str last = dots ? pl_str_of(dots + 2) : first;
  pl_days days;
  int32_t from = 0, until = DAY_S;
  if (!dots && read_hours(text, &days.first, &from, &until))
    days.last = days.first;
  else if ((!dots && strchr(text, ' ')) || !read_end(first, &days.first, &from) ||
           !read_end(last, &days.last, &until))
    return "expected days of the years 1900 to 2200, such as 2026-12-24 or 2026-12-24..2026-12-31, or some "
           "hours of one, such as 2026-12-24 12:00-18:00";
  const char *wrong = in_order(days);
  if (!wrong && days.first == days.last && from >= until) wrong = "expected an end behind the beginning";
  if (wrong) return wrong;
  *(pl_leave *)out = (pl_leave){pl_leave_of(days).from + from, pl_leave_of(days).until - DAY_S + until};
  return NULL;
}

static void *compile(pl_compiler *c, const pl_yaml *node, pl_list texts, size_t size, read_fn *read,
                     size_t *n) {
  char *out = pl_arena_alloc(c->arena, texts.n * size);
  *n = 0;
  for (size_t i = 0; i < texts.n; i++) {
    const char *wrong = read(texts.items[i], out + *n * size);
    if (!wrong)
      ++*n;
    else
      pl_complain(c->report, pl_yaml_holder(node, texts.items[i]), "found '%s', %s",
                  pl_quote(pl_str_of(texts.items[i])).text, wrong);
  }
  return *n ? out : NULL;
}

const pl_days *pl_compile_days(pl_compiler *c, const pl_yaml *node, pl_list texts, size_t *n) {
  return compile(c, node, texts, sizeof(pl_days), read_days, n);
}

const pl_leave *pl_compile_leaves(pl_compiler *c, const pl_yaml *node, pl_list texts, size_t *n) {
  return compile(c, node, texts, sizeof(pl_leave), read_leave, n);
}
