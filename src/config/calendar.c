/* Calendar: weekly working hours, from `mon-thu: 09:00-12:30 13:30-18:00` to spans of seconds, and the days
 * that are not like their weekday. Closed is closed, whatever a holiday's hours say; and these leave of a day
 * what its week has in them, so that half of a Sunday is no work. */
#include <stdlib.h>

#include "base/civil.h"
#include "config/item.h"
#include "config/option.h"

static const char *const days[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int day_of(const char *p, size_t n) {
  for (int d = 0; d < 7; d++)
    if (n == 3 && memcmp(p, days[d], 3) == 0) return d;
  return -1;
}

bool pl_weekdays_parse(const char *text, int *first, int *last) {
  const char *dash = strchr(text, '-');
  size_t n = dash ? (size_t)(dash - text) : strlen(text);
  *first = day_of(text, n);
  *last = dash ? day_of(dash + 1, strlen(dash + 1)) : *first;
  return *first >= 0 && *last >= *first;
}

const char *pl_spans_parse(const char *text, pl_workday *out) {
  for (const char *p = text; *p;) {
    size_t n = strcspn(p, " ");
    const char *dash = memchr(p, '-', n);
    pl_span span;
    if (!dash || !pl_of_day_parse((pl_str){p, (size_t)(dash - p)}, &span.from) ||
        !pl_of_day_parse((pl_str){dash + 1, (size_t)(p + n - dash - 1)}, &span.to))
      return "expected spans such as 09:00-12:30 13:30-18:00";
    if (span.from >= span.to) return "expected spans that end after they begin, within one day";
    if (out->n && span.from < out->spans[out->n - 1].to)
      return "expected spans in the order of the day that do not overlap";
    if (out->n == PL_SPANS_MAX) return "expected at most 8 spans a day";
    if (out->n && span.from == out->spans[out->n - 1].to)
      out->spans[out->n - 1].to = span.to;
    else
      out->spans[out->n++] = span;
    p += n;
    p += strspn(p, " ");
  }
  return out->n ? NULL : "expected spans such as 09:00-12:30; leave free days out";
}

/* By day, the closed ones first. */
static int by_day(const void *a, const void *b) {
  const pl_exception *x = a, *y = b;
  if (x->day != y->day) return x->day < y->day ? -1 : 1;
  return x->hours.n - y->hours.n;
}

static pl_workday within(const pl_workday *day, pl_span span) {
  pl_workday out = {.n = 0};
  for (int i = 0; i < day->n; i++) {
    pl_span s = day->spans[i];
    if (s.from < span.from) s.from = span.from;
    if (s.to > span.to) s.to = span.to;
    if (s.from < s.to) out.spans[out.n++] = s;
  }
  return out;
}

static void compile_exceptions(pl_compiler *c, pl_calendar_item *item, pl_calendar_def *out) {
  size_t nclosed, n, ndays = 0, kept = 0;
  const pl_days *closed =
      pl_compile_days(c, pl_yaml_nearest(item->item.node, "closed"), item->closed, &nclosed);
  for (size_t i = 0; i < nclosed; i++) ndays += (size_t)(closed[i].last - closed[i].first + 1);
  pl_exception *list = pl_compile_holidays(c, item, ndays, &n);
  if (!list) return;
  item->listed_to = n ? list[0].day : 0;
  for (size_t i = 1; i < n; i++)
    if (list[i].day > item->listed_to) item->listed_to = list[i].day;
  for (size_t i = 0; i < n; i++)
    if (list[i].hours.n) list[i].hours = within(&out->week[pl_weekday(list[i].day)], list[i].hours.spans[0]);
  for (size_t i = 0; i < nclosed; i++)
    for (int32_t day = closed[i].first; day <= closed[i].last; day++) list[n++] = (pl_exception){.day = day};
  qsort(list, n, sizeof *list, by_day);
  for (size_t i = 0; i < n; i++)
    if (kept == 0 || list[kept - 1].day != list[i].day) list[kept++] = list[i];
  out->exceptions = list, out->nexceptions = kept;
}

static void compile(pl_compiler *c, pl_calendar_item *item, pl_calendar_def *out) {
  *out = (pl_calendar_def){.name = item->item.name, .zone = item->zone};
  for (size_t i = 0; i < item->week.n; i++) {
    const pl_pair *pair = &item->week.items[i];
    int first, last;
    if (!pl_weekdays_parse(pair->key, &first, &last)) {
      pl_complain_key(c->report, pair->node,
                      "found '%s', expected a day or days in the order of the week, such as fri or mon-thu",
                      pl_quote(pl_str_of(pair->key)).text);
      continue;
    }
    pl_workday day = {.n = 0};
    const char *wrong = pl_spans_parse(pair->values.items[0], &day);
    if (wrong)
      pl_complain(c->report, pair->node, "found '%s', %s", pl_quote(pl_str_of(pair->values.items[0])).text,
                  wrong);
    for (int d = first; d <= last; d++) {
      if (out->week[d].n)
        pl_complain_key(c->report, pair->node, "found %s a second time, expected each day once", days[d]);
      out->week[d] = day;
    }
  }
  if (!item->week.n && pl_yaml_find(item->item.node, "week"))
    pl_complain(c->report, pl_yaml_find(item->item.node, "week"),
                "found no working time, expected some, such as {mon-fri: 09:00-17:00}");
  compile_exceptions(c, item, out);
}

void pl_compile_calendars(pl_compiler *c) {
  pl_calendar_item *items = c->config->calendars.p;
  pl_policy *p = &c->config->policy;
  pl_calendar_def *out = pl_arena_alloc(c->arena, (c->config->calendars.n + 1) * sizeof *out);
  out[0] = (pl_calendar_def){.name = "default"};
  for (int d = 0; d < 5; d++) out[0].week[d] = (pl_workday){{{9 * 3600, 17 * 3600}}, 1};
  p->ncalendars = 1;
  for (size_t i = 0; i < c->config->calendars.n; i++)
    compile(c, &items[i], strcmp(items[i].item.name, "default") == 0 ? &out[0] : &out[p->ncalendars++]);
  p->calendars = out;
  p->default_zone = c->config->zone;
}
