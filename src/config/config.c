#include "config/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/map.h"
#include "config/item.h"
#include "config/option.h"

/* Generous for the largest file there can be (tree.h), so that the arena's own limit is never met. */
enum { ARENA_BYTES_MAX = 1 << 29, SOURCE_MAX = 64 };

/* Each once, and their heartbeats can be read. */
static void compile_sources(pl_compiler *c) {
  const pl_list *all = &c->config->sources;
  const pl_mapping_set *set = &c->config->mappings[0];
  bool read = all->n == 0;
  for (size_t i = 0; i < all->n; i++) {
    if (strlen(all->items[i]) > SOURCE_MAX)
      pl_complain(c->report, pl_yaml_nearest(c->root, "sources"),
                  "found a source's name longer than %d bytes, expected a shorter one", SOURCE_MAX);
    for (size_t k = 0; k < i; k++)
      if (strcmp(all->items[i], all->items[k]) == 0)
        pl_complain(c->report, pl_yaml_nearest(c->root, "sources"),
                    "found the source '%s' twice, expected it once; remove one",
                    pl_quote(pl_str_of(all->items[i])).text);
  }
  for (size_t i = 0; i < set->n; i++) read |= set->items[i].source && set->items[i].complete_to;
  if (!read)
    pl_complain(
        c->report, pl_yaml_nearest(c->root, "sources"),
        "found sources, but the mapping of %s reads no heartbeats, so nobody would ever be judged; map "
        "`source` and `complete_to`, or leave `sources` out",
        set->name);
  c->config->policy.sources = all->items, c->config->policy.nsources = all->n;
}

static void compile(pl_config *config, const pl_yaml *root, pl_report *report) {
  pl_policy *p = &config->policy;
  pl_compiler c = {.config = config, .root = root, .arena = config->arena, .report = report};
  c.warnings = config->warnings = pl_arena_alloc(c.arena, sizeof *c.warnings);
  *c.warnings = (pl_report){.file = report->file, .arena = c.arena, .kind = "warning: "};
  p->types = c.types = pl_arena_alloc(c.arena, PL_TYPES_MAX * sizeof *c.types);
  p->fields = c.fields = pl_arena_alloc(c.arena, PL_FIELDS_MAX * sizeof *c.fields);
  p->source_delay = config->source_delay, p->stale_after = config->stale_after;
  p->future_tolerance = config->future_tolerance;
  p->view_refresh = config->view_refresh;
  p->dedupe_ids = config->dedupe_ids;
  p->unknown_reps_max = config->unknown_reps_max;
  pl_compile_places(&c);
  pl_compile_endpoints(&c);
  pl_compile_alerts(&c);
  pl_compile_fiscal(&c);
  pl_compile_metrics(&c);
  pl_compile_mappings(&c);
  compile_sources(&c);
  pl_compile_calendars(&c);
  pl_compile_facts(&c);
  pl_compile_messages(&c);
  if (!p->nmetrics)
    pl_complain(c.warnings, root, "found no `metrics`, expected some: without them nothing is counted");
}

/* `over`: options of another file, laid over these; NULL: none. */
static pl_status parse(pl_config **out, const char *name, const char *folder, pl_str text,
                       const pl_yaml *over, const pl_config_world *world, pl_buf *errors) {
  pl_arena *arena = pl_arena_new(ARENA_BYTES_MAX);
  pl_config *config = pl_arena_alloc(arena, sizeof *config);
  config->arena = arena;
  pl_report report = {.file = name, .arena = arena};
  pl_options_reader in = {arena, &report, folder, world};
  pl_options_default(&in, pl_options, config);
  pl_yaml *root = pl_tree_parse(arena, &report, report.file, text);
  if (root && root->kind != PL_YAML_MAP)
    pl_complain(&report, root, "found no options, expected lines such as `clock: wall`");
  else if (root) {
    if (over)
      pl_yaml_lay(arena, root, over);
    else
      config->policy.fingerprint = pl_hash_text(text, pl_hash_text(PL_STR(PACELINE_VERSION), 0));
    pl_options_read(&in, pl_options, root, config);
    compile(config, root, &report);
  }
  pl_report_print(&report, errors);
  *out = config;
  if (!report.n) return PL_OK;
  pl_config_free(out);
  return PL_REJECT;
}

pl_status pl_config_parse(pl_config **out, const char *name, pl_str text, const pl_config_world *world,
                          pl_buf *errors) {
  return parse(out, name, NULL, text, NULL, world, errors);
}

pl_status pl_config_load(pl_config **out, const char *path, const pl_yaml *over, const pl_config_world *world,
                         pl_buf *errors) {
  *out = NULL;
  pl_buf text;
  pl_buf_init(&text, PL_TREE_BYTES_MAX + 32768);
  pl_status status = PL_REJECT;
  /* The folder in which the file is named, wherever a link leads. */
  const char *slash = strrchr(path, '/');
  pl_buf folder;
  pl_buf_init(&folder, 8192);
  pl_buf_put(&folder, path, slash ? (size_t)(slash - path) + 1 : 0);
  pl_buf_put(&folder, ".", 2);
  char *whole = folder.full ? NULL : realpath(folder.p, NULL);
  pl_err why = {""};
  if (!whole) (void)pl_fail(&why, PL_REJECT, "%s", strerror(errno));
  if (whole && pl_tree_read(path, &text, &why) == PL_OK) {
    status = parse(out, path, whole, pl_buf_str(&text), over, world, errors);
  } else {
    pl_buf_text(errors, path);
    pl_buf_printf(errors,
                  ": found no file to read (%s), expected a configuration; check its path and rights\n",
                  why.text);
  }
  free(whole);
  pl_buf_fini(&folder);
  pl_buf_fini(&text);
  return status;
}

void pl_config_free(pl_config **config) {
  if (!*config) return;
  pl_arena *arena = (*config)->arena;
  pl_arena_free(&arena);
  *config = NULL;
}

const pl_endpoint *pl_config_endpoint(const pl_config *config, const char *name) {
  const pl_endpoint *e = config->endpoints.p;
  for (size_t i = 0; i < config->endpoints.n; i++, e++)
    if (strcmp(e->item.name, name) == 0) return e;
  return NULL;
}

const pl_mapping_set *pl_config_mapping(const pl_config *config, const char *name) {
  for (size_t i = 0; i < config->nmappings; i++)
    if (strcmp(config->mappings[i].name, name) == 0) return &config->mappings[i];
  return NULL;
}

bool pl_config_json(const pl_config *config, const char *topic) {
  bool json = false;
  for (size_t i = 0; i < config->schemas.json.n; i++)
    json |= strcmp(config->schemas.json.items[i], topic) == 0;
  return json;
}
