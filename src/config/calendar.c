/* Calendar: weekly working hours, from `mon-thu: 09:00-12:30 13:30-18:00` to spans of seconds. */
#include "config/item.h"
#include "config/option.h"

static const char *const days[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int day_of(const char *p, size_t n) {
  for (int d = 0; d < 7; d++)
    if (n == 3 && memcmp(p, days[d], 3) == 0) return d;
  return -1;
}

/* `fri`, `mon-thu`. */
static bool read_days(const char *text, int *first, int *last) {
  const char *dash = strchr(text, '-');
  size_t n = dash ? (size_t)(dash - text) : strlen(text);
  *first = day_of(text, n);
  *last = dash ? day_of(dash + 1, strlen(dash + 1)) : *first;
  return *first >= 0 && *last >= *first;
}

/* `09:00-12:30 13:30-18:00`, or what is wrong with it. */
static const char *read_spans(const char *text, pl_workday *out) {
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

static void compile(pl_compiler *c, const pl_calendar_item *item, pl_calendar_def *out) {
  *out = (pl_calendar_def){.name = item->item.name, .zone = item->zone};
  for (size_t i = 0; i < item->week.n; i++) {
    const pl_pair *pair = &item->week.items[i];
    int first, last;
    if (!read_days(pair->key, &first, &last)) {
      pl_complain_key(c->report, pair->node,
                      "found '%s', expected a day or days in the order of the week, such as fri or mon-thu",
                      pl_quote(pl_str_of(pair->key)).text);
      continue;
    }
    pl_workday day = {.n = 0};
    const char *wrong = read_spans(pair->values.items[0], &day);
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
}

void pl_compile_calendars(pl_compiler *c) {
  const pl_calendar_item *items = c->config->calendars.p;
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
