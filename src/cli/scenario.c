#include <stdio.h>

#include "base/civil.h"
#include "cli/cli.h"
#include "cli/scenario_inside.h"
#include "codec/when.h"
#include "core/almanac.h"

enum { ARENA_BYTES_MAX = 1 << 30 };

typedef struct {
  pl_scenarios *all;
  pl_report report;
  const char *policy; /* its path */
  const pl_yaml *zone;
  pl_buf *errors; /* those of policies */
  size_t ncues;   /* of all scenarios */
} file;

/* --- what both maps of the language need */

static void check_keys(pl_report *report, const pl_yaml *map, const char *const *keys) {
  for (const pl_yaml *c = map->first; c; c = c->next) {
    pl_near near = pl_near_to(c->key);
    size_t i = 0;
    for (; keys[i] && !pl_str_is(c->key, keys[i]); i++) pl_near_offer(&near, keys[i]);
    if (keys[i]) continue;
    pl_buf known;
    pl_buf_init(&known, 256);
    for (i = 0; keys[i]; i++) pl_buf_printf(&known, "%s%s", i ? ", " : "", keys[i]);
    pl_complain_key(report, c, "found an unknown word, expected one of %.*s%s", (int)known.n, known.p,
                    pl_near_hint(&near).text);
    pl_buf_fini(&known);
  }
}

static const pl_yaml *text_at(pl_report *report, const pl_yaml *map, const char *key, const char *expected) {
  const pl_yaml *node = pl_yaml_find(map, key);
  if (!node && expected) pl_complain_missing(report, map, key, "%s", expected);
  if (!node || (node->kind == PL_YAML_TEXT && !node->null)) return node;
  pl_complain(report, node, "found something else, expected %s", expected ? expected : "one text");
  return NULL;
}

/* --- one scenario */

/* `node`: where what is laid over it stands; NULL: nothing is. */
static bool open_policy(file *f, const pl_yaml *over, const pl_yaml *node, pl_config **config,
                        pl_almanac **almanac) {
  pl_err err = {""};
  *config = pl_cli_config_with(f->policy, over, f->errors);
  if (!*config && node)
    pl_complain(&f->report, node, "found options with which the policy is wrong, expected it to stay right");
  if (!*config) return false;
  if (pl_almanac_new(almanac, &(*config)->policy, pl_cli_zone, NULL, &err) == PL_OK) return true;
  pl_buf_printf(f->errors, "%s: %s\n", f->policy, err.text);
  return false;
}

static bool read_zone(file *f, pl_scenario *s, const pl_yaml *node) {
  if (!node) node = f->zone;
  s->zone = node ? pl_almanac_zone(s->almanac, node->text) : pl_almanac_default_zone(s->almanac);
  if (!s->zone && node)
    pl_complain(&f->report, node,
                "found '%s', expected a zone that this machine knows, such as Europe/Berlin",
                pl_quote(node->text).text);
  return s->zone != NULL;
}

/* `2026-03-02`, `2026-03-02 08:00` */
static bool read_start(pl_scenario_reader *in, const pl_yaml *node) {
  pl_when when;
  pl_str day, time;
  if (!node) return false;
  if (!pl_scenario_has(node->text, " ", &day, &time)) day = node->text, time = PL_STR("00:00");
  if (!pl_when_format("%Y-%m-%d", day, &when)) {
    pl_complain(in->report, node, "found '%s', expected a day such as 2026-03-02, or 2026-03-02 08:00",
                pl_quote(node->text).text);
    return false;
  }
  in->first_day = (int32_t)(when.ms / 86400000);
  return pl_scenario_instant(in, node, false, time, &in->scenario->start);
}

static void read_about(pl_scenario_reader *in, const pl_yaml *node) {
  pl_scenario *s = in->scenario;
  if (node->kind == PL_YAML_MAP) {
    pl_complain(in->report, node, "found a map, expected a rep or a team, or a list of them");
    return;
  }
  pl_str *ids = pl_arena_alloc(in->arena, (node->n + 1) * sizeof *ids);
  for (const pl_yaml *c = node->kind == PL_YAML_TEXT ? node : node->first; c;
       c = c == node ? NULL : c->next) {
    if (!pl_scenario_is_rep(in, c->text) && !pl_scenario_is_team(in, c->text))
      pl_complain(in->report, c, "found '%s', expected a rep or a team, or a list of them%s",
                  pl_quote(c->text).text, pl_scenario_people(in, c->text, true).text);
    ids[s->nabout++] = c->text;
  }
  s->about = ids;
}

/* --- facts that change */

enum { CHANGES_MAX = 1000 };

/* Each lies over all before it. */
static void read_change(file *f, pl_scenario_reader *in, const pl_yaml *node, pl_yaml *sum) {
  static const char *const keys[] = {"goals", "reps", "teams", "calendars", NULL};
  pl_scenario *s = in->scenario;
  pl_change c = {.node = node};
  if (node->kind != PL_YAML_MAP) {
    pl_complain(in->report, node, "found no options, expected a piece of a configuration");
    return;
  }
  size_t before = in->report->n;
  check_keys(in->report, node, keys);
  if (in->report->n > before || !pl_scenario_instant(in, node, true, node->key, &c.at)) return;
  if (pl_before(c.at, s->start) || (s->nchanges && !pl_before(s->changes[s->nchanges - 1].at, c.at))) {
    pl_complain_key(in->report, node, "found a time before %s, expected the order of time",
                    s->nchanges ? "or at the one above" : "`start`");
    return;
  }
  pl_yaml_lay(in->arena, sum, node);
  if (open_policy(f, sum, node, &c.config, &c.almanac)) s->changes[s->nchanges++] = c;
}

static void read_facts(file *f, pl_scenario_reader *in, const pl_yaml *map, const pl_yaml *with) {
  pl_yaml sum = {.kind = PL_YAML_MAP};
  if (map->kind != PL_YAML_MAP || map->n > CHANGES_MAX) {
    pl_complain(in->report, map, "found %s, expected instants such as `wed 12:00: {goals: {...}}`",
                map->kind == PL_YAML_MAP ? "more than 1000" : "no map");
    return;
  }
  if (with) pl_yaml_lay(in->arena, &sum, with);
  in->scenario->changes = pl_arena_alloc(in->arena, (map->n + 1) * sizeof *in->scenario->changes);
  for (const pl_yaml *c = map->first; c; c = c->next) read_change(f, in, c, &sum);
}

static void read_scenario(file *f, pl_scenario *s, const pl_yaml *node) {
  static const char *const keys[] = {"start", "zone", "about", "with", "facts", "events", "at", NULL};
  pl_scenario_reader in = {f->all->arena, &f->report, s, 0, &f->ncues};
  s->name = node->key.p, s->node = node;
  s->config = f->all->config, s->almanac = f->all->almanac;
  if (node->kind != PL_YAML_MAP) {
    pl_complain(&f->report, node, "found no scenario, expected `start`, `events` and `at` below its name");
    return;
  }
  check_keys(&f->report, node, keys);
  const pl_yaml *start = text_at(&f->report, node, "start", "a day such as 2026-03-02"),
                *zone = text_at(&f->report, node, "zone", NULL), *with = pl_yaml_find(node, "with"),
                *about = pl_yaml_find(node, "about"), *facts = pl_yaml_find(node, "facts"),
                *events = pl_yaml_find(node, "events"), *at = pl_yaml_find(node, "at");
  if (with && with->kind != PL_YAML_MAP)
    pl_complain(&f->report, with, "found no options, expected a piece of a configuration");
  else if (with && !open_policy(f, with, with, &s->config, &s->almanac))
    return;
  if (!read_zone(f, s, zone) || !read_start(&in, start)) return;
  if (facts) read_facts(f, &in, facts, with);
  if (about) read_about(&in, about);
  if (events) pl_scenario_read_events(&in, events);
  if (at)
    pl_scenario_read_claims(&in, at);
  else
    pl_complain_missing(&f->report, node, "at", "instants such as `13:00: {ada: {daily_calls: behind}}`");
}

/* --- the file */

/* Beside the file, unless it begins at the root. */
static const char *beside(file *f, pl_str name) {
  const char *slash = name.p[0] == '/' ? NULL : strrchr(f->all->path, '/');
  size_t n = slash ? (size_t)(slash - f->all->path) + 1 : 0;
  char *path = pl_arena_alloc(f->all->arena, n + name.n + 1);
  memcpy(path, f->all->path, n), memcpy(path + n, name.p, name.n);
  return path;
}

static void read_file(file *f, const pl_yaml *root) {
  static const char *const keys[] = {"policy", "zone", "scenarios", NULL};
  pl_scenarios *all = f->all;
  if (root->kind != PL_YAML_MAP) {
    pl_complain(&f->report, root, "found no scenarios, expected `policy` and `scenarios`");
    return;
  }
  check_keys(&f->report, root, keys);
  const pl_yaml *policy =
                    text_at(&f->report, root, "policy", "the configuration under test, such as policy.yaml"),
                *list = pl_yaml_find(root, "scenarios");
  f->zone = text_at(&f->report, root, "zone", NULL);
  if (!list || list->kind != PL_YAML_MAP || !list->n) {
    pl_complain_missing(&f->report, root, "scenarios", "scenarios by their names");
    return;
  }
  if (f->report.n || !policy) return;
  if (!f->policy) f->policy = beside(f, policy->text);
  if (!open_policy(f, NULL, NULL, &all->config, &all->almanac)) return;
  all->list = pl_arena_alloc(all->arena, list->n * sizeof *all->list);
  for (const pl_yaml *node = list->first; node; node = node->next)
    read_scenario(f, &all->list[all->n++], node);
}

pl_status pl_scenarios_load(pl_scenarios **out, const char *path, const char *policy, pl_buf *errors) {
  pl_arena *arena = pl_arena_new(ARENA_BYTES_MAX);
  pl_scenarios *all = *out = pl_arena_alloc(arena, sizeof *all);
  *all = (pl_scenarios){.path = path, .arena = arena};
  size_t before = errors->n;
  file f = {.all = all, .report = {.file = path, .arena = arena}, .policy = policy, .errors = errors};
  pl_buf text;
  pl_buf_init(&text, 2 * PL_TREE_BYTES_MAX);
  pl_err why = {""};
  pl_yaml *root = NULL;
  if (pl_tree_read(path, &text, &why) == PL_OK)
    root = pl_tree_parse(arena, &f.report, f.report.file, pl_buf_str(&text));
  else
    pl_buf_printf(errors, "%s: found no file to read (%s), expected scenarios; check its path and rights\n",
                  path, why.text);
  if (root) read_file(&f, root);
  pl_report_print(&f.report, errors);
  pl_buf_fini(&text);
  if (errors->n == before) return PL_OK;
  pl_scenarios_free(out);
  return PL_REJECT;
}

void pl_scenarios_free(pl_scenarios **scenarios) {
  pl_scenarios *all = *scenarios;
  if (!all) return;
  for (size_t i = 0; i < all->n; i++) {
    pl_scenario *s = &all->list[i];
    if (s->almanac != all->almanac) pl_almanac_free(&s->almanac);
    if (s->config != all->config) pl_config_free(&s->config);
    for (size_t k = 0; k < s->nchanges; k++)
      pl_almanac_free(&s->changes[k].almanac), pl_config_free(&s->changes[k].config);
  }
  pl_almanac_free(&all->almanac);
  pl_config_free(&all->config);
  pl_arena *arena = all->arena;
  pl_arena_free(&arena);
  *scenarios = NULL;
}
