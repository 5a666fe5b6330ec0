/* Holidays: a file of dates with names, and the hours that are worked where a day is not wholly free.
 *
 *     2026-12-24: {name: Christmas Eve, hours: 09:00-12:00}
 *     2026-12-25: Christmas Day
 *
 * It is read as the configuration is, with the same messages. JSON is YAML, so that lists of countries'
 * holidays, {"2026-12-25": "Christmas Day"}, need no reader of their own. Such a list names what falls on the
 * same day in one text, "Christmas Day (observed); Christmas Eve"; `only` picks by each of these names, and a
 * holiday stands for its day in lieu as well. */
#include <errno.h>

#include "base/map.h"
#include "config/item.h"
#include "config/option.h"

enum { EXCEPTIONS_MAX = 1000000, TREE_BYTES_MAX = 1 << 28 };

typedef struct {
  const char *name, *hours;
} holiday;

static const pl_option options[] = {{"name", PL_OPT_TEXT, offsetof(holiday, name), .example = "Christmas Eve",
                                     .min = 1, .max = 255, .flags = PL_REQUIRED},
                                    {"hours", PL_OPT_TEXT, offsetof(holiday, hours), .min = 1, .max = 255},
                                    {0}};

typedef struct {
  pl_compiler *c;
  const pl_calendar_item *item;
  bool *used; /* by name in `only` */
  pl_options_reader in;
} reader;

/* Is one of the holiday's names asked for? */
static bool wanted(reader *r, const char *name) {
  static const char lieu[] = " (observed)";
  const pl_list *only = &r->item->only;
  bool found = only->n == 0;
  for (size_t n; *name; name += n, name += strspn(name, "; ")) {
    n = strcspn(name, ";");
    size_t bare = n, tail = sizeof lieu - 1;
    if (n > tail && memcmp(name + n - tail, lieu, tail) == 0) bare = n - tail;
    for (size_t i = 0; i < only->n; i++)
      if (pl_str_is((pl_str){name, n}, only->items[i]) || pl_str_is((pl_str){name, bare}, only->items[i]))
        r->used[i] = found = true;
  }
  return found;
}

static void read_hours(reader *r, const pl_yaml *node, const char *hours, pl_workday *out) {
  if (!hours) return;
  const char *wrong = pl_spans_parse(hours, out);
  if (!wrong && out->n > 1) wrong = "expected one span such as 09:00-12:00";
  if (wrong)
    pl_complain(r->c->report, pl_yaml_find(node, "hours"), "found '%s', %s", pl_quote(pl_str_of(hours)).text,
                wrong);
}

/* False: not wanted, or wrong. */
static bool read_day(reader *r, const pl_yaml *node, pl_exception *out) {
  holiday h = {NULL, NULL};
  *out = (pl_exception){.day = 0};
  if (!pl_day_parse(node->key, &out->day)) {
    pl_complain_key(r->c->report, node,
                    "found the name '%s', expected a date of the years 1900 to 2200, such as 2026-12-25",
                    pl_quote(node->key).text);
    return false;
  }
  if (node->kind == PL_YAML_MAP) {
    pl_options_read(&r->in, options, node, &h);
  } else if (node->kind == PL_YAML_TEXT && !node->null && node->text.n) {
    h.name = node->text.p;
  } else {
    pl_complain(r->c->report, node,
                "found %s, expected a holiday's name, or {name: Christmas Eve, hours: 09:00-12:00}",
                node->kind == PL_YAML_LIST ? "a list" : "nothing");
  }
  read_hours(r, node, h.hours, &out->hours);
  return h.name && wanted(r, h.name);
}

static void check_only(reader *r, const pl_yaml *root) {
  const pl_yaml *node = pl_yaml_nearest(r->item->item.node, "holidays.only");
  for (size_t i = 0; i < r->item->only.n; i++) {
    if (r->used[i]) continue;
    const char *name = r->item->only.items[i];
    pl_near near = pl_near_to(pl_str_of(name));
    for (const pl_yaml *day = root->first; day; day = day->next)
      if (day->kind == PL_YAML_TEXT) pl_near_offer(&near, day->text.p);
    pl_complain(r->c->report, pl_yaml_holder(node, name), "found '%s', expected a name that the file has%s",
                pl_quote(pl_str_of(name)).text, pl_near_hint(&near).text);
  }
}

static pl_exception *room(pl_compiler *c, const pl_calendar_item *item, size_t n) {
  c->exceptions += n;
  if (c->exceptions <= EXCEPTIONS_MAX) return pl_arena_alloc(c->arena, n * sizeof(pl_exception));
  if (c->exceptions - n <= EXCEPTIONS_MAX)
    pl_complain_key(
        c->report, item->item.node,
        "found more than %d holidays and closed days, with the calendars before it, expected fewer",
        EXCEPTIONS_MAX);
  return NULL;
}

static pl_exception *read_file(reader *r, pl_str text, size_t spare, size_t *out_n) {
  pl_report *report = r->c->report;
  size_t before = report->n;
  const pl_yaml *root = pl_tree_parse(r->in.arena, report, r->item->holidays, text);
  bool map = root && root->kind == PL_YAML_MAP && root->n;
  if (root && !map)
    pl_complain(report, root, "found no dates, expected lines such as `2026-12-25: Christmas Day`");
  pl_exception *out = room(r->c, r->item, (map ? root->n : 0) + spare);
  for (const pl_yaml *day = map && out ? root->first : NULL; day; day = day->next)
    *out_n += read_day(r, day, &out[*out_n]);
  if (map && out && report->n == before) check_only(r, root);
  return out;
}

pl_exception *pl_compile_holidays(pl_compiler *c, const pl_calendar_item *item, size_t spare, size_t *n) {
  const pl_yaml *node = pl_yaml_nearest(item->item.node, "holidays.file");
  *n = 0;
  if (!item->holidays) {
    if (item->only.n)
      pl_complain(c->report, node,
                  "found `only` and no file, expected the file too; add `file: holidays.yaml`");
    return room(c, item, spare);
  }
  pl_buf text;
  pl_buf_init(&text, PL_TREE_BYTES_MAX + 32768);
  reader r = {.c = c, .item = item, .used = pl_arena_alloc(c->arena, item->only.n + 1)};
  r.in = (pl_options_reader){.arena = pl_arena_new(TREE_BYTES_MAX), .report = c->report};
  pl_exception *out;
  pl_err why = {""};
  if (pl_tree_read(item->holidays, &text, &why) == PL_OK) {
    pl_policy *policy = &c->config->policy;
    if (policy->fingerprint) policy->fingerprint = pl_hash_text(pl_buf_str(&text), policy->fingerprint);
    out = read_file(&r, pl_buf_str(&text), spare, n);
  } else {
    pl_complain(c->report, node,
                "found no file to read (%s), expected a list of holidays; check path and rights", why.text);
    out = room(c, item, spare);
  }
  pl_arena_free(&r.in.arena);
  pl_buf_fini(&text);
  return out;
}
