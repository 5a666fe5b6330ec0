/* Mapping: the user's schemas onto ours, compiled: types and fields become indexes into the policy. Without a
 * mapping for the activities the default stands: the names of the schema paceline comes with. */
#include "codec/path.h"
#include "codec/when.h"
#include "config/item.h"
#include "config/option.h"

static const pl_yaml *part(const pl_mapping_item *m, const char *key) {
  return pl_yaml_nearest(m->item.node, key);
}

/* --- paths */

/* `$` is the row, of a mapping that names one. */
static void check_path(pl_compiler *c, const pl_mapping_item *m, const char *path, const pl_yaml *node) {
  pl_err err;
  bool row = path[0] == '$' && (path[1] == '.' || path[1] == 0);
  if (row && !m->row.n)
    pl_complain(c->report, node,
                "found '%s' without `row`, expected the row that $ stands for; add `row: [before, "
                "after]`",
                pl_quote(pl_str_of(path)).text);
  if (row && path[1] == 0) return;
  if (pl_path_check(row ? path + 2 : path, &err) != PL_OK) pl_complain(c->report, node, "%s", err.text);
}

/* A path, or a text with paths in braces. */
static void check_template(pl_compiler *c, const pl_mapping_item *m, const char *text, const pl_yaml *node) {
  if (!strpbrk(text, "{}")) {
    check_path(c, m, text, node);
    return;
  }
  for (const char *p = text; *p;) {
    const char *open = strpbrk(p, "{}"), *close = open && *open == '{' ? strpbrk(open + 1, "{}") : NULL;
    if (!open) return;
    if (!close || *close != '}') {
      pl_complain(c->report, node,
                  "found '%s', expected a path such as owner.id, or a template such as \"{deal_id}/closed\"",
                  pl_quote(pl_str_of(text)).text);
      return;
    }
    check_path(c, m, pl_arena_text(c->arena, open + 1, (size_t)(close - open - 1)), node);
    p = close + 1;
  }
}

static void check_paths(pl_compiler *c, const pl_mapping_item *m) {
  const struct {
    const char *path, *key;
    bool template;
  } all[] = {{m->id, "id", true},          {m->retracts, "retracts", true},
             {m->each, "each", false},     {m->share, "share.path", false},
             {m->metric, "metric", false}, {m->amount, "amount", false},
             {m->source, "source", false}, {m->complete_to, "complete_to", false},
             {m->goal, "goal", false},     {m->answer, "answer", false}};
  for (size_t i = 0; i < PL_COUNT(all); i++)
    if (all[i].path) (all[i].template ? check_template : check_path)(c, m, all[i].path, part(m, all[i].key));
}

/* --- values */

static const pl_rename *compile_values(const pl_compiler *c, const pl_pairs *pairs) {
  pl_rename *values = pl_arena_alloc(c->arena, pairs->n * sizeof *values);
  for (size_t i = 0; i < pairs->n; i++)
    values[i] = (pl_rename){pairs->items[i].key, pairs->items[i].values.items[0]};
  return values;
}

static pl_origin compile_origin(pl_compiler *c, const pl_mapping_item *m, const pl_origin_item *o,
                                const pl_yaml *node, bool needed) {
  pl_origin out = {.constant = o->constant, .values = compile_values(c, &o->values), .nvalues = o->values.n};
  for (size_t i = 0; i < o->path.n; i++) {
    check_path(c, m, o->path.items[i], pl_yaml_holder(pl_yaml_nearest(node, "path"), o->path.items[i]));
    out.paths[i] = o->path.items[i];
  }
  if (needed && !o->path.n && !o->constant)
    pl_complain_key(c->report, node, "found neither a path nor a constant, expected a path such as owner.id");
  return out;
}

static void compile_when(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  const pl_condition_item *items = m->when.p;
  pl_condition *all = pl_arena_alloc(c->arena, 4 * m->when.n * sizeof *all);
  size_t n = 0;
  for (size_t i = 0; i < m->when.n; i++) {
    const pl_condition_item *w = &items[i];
    size_t before = n;
    check_path(c, m, w->item.name, w->item.node);
    if (w->is.n) all[n++] = (pl_condition){w->item.name, PL_TEST_IS, w->is.items, w->is.n, NULL};
    if (w->is_not.n)
      all[n++] = (pl_condition){w->item.name, PL_TEST_IS_NOT, w->is_not.items, w->is_not.n, NULL};
    if (w->differs) all[n++] = (pl_condition){w->item.name, PL_TEST_DIFFERS, NULL, 0, w->differs};
    if (w->present >= 0)
      all[n++] = (pl_condition){w->item.name, w->present ? PL_TEST_PRESENT : PL_TEST_ABSENT, NULL, 0, NULL};
    if (w->differs) check_path(c, m, w->differs, pl_yaml_nearest(w->item.node, "differs"));
    if (n == before)
      pl_complain_key(c->report, w->item.node,
                      "found no condition, expected a value, a list of values, or one of "
                      "is, not, differs and present");
  }
  if (n > PL_CONDITIONS_MAX)
    pl_complain(c->report, part(m, "when"), "found %zu conditions, expected at most %d", n,
                PL_CONDITIONS_MAX);
  out->when = all, out->nwhen = n;
}

static void check_time(pl_compiler *c, const pl_mapping_item *m) {
  if (!m->at_format) return;
  bool local, has_time;
  pl_err err;
  if (pl_when_check(m->at_format, &local, &has_time, &err) != PL_OK)
    pl_complain(c->report, part(m, "at.format"), "%s", err.text);
  else if (!has_time && m->at_of_day < 0)
    pl_complain_missing(c->report, part(m, "at"), "time",
                        "the time of day that a date stands for; add `time: \"12:00\"`");
  else if (has_time && m->at_of_day >= 0)
    pl_complain(c->report, part(m, "at.time"),
                "found it beside a format that has a time, expected one of the two");
}

/* --- rows and lists */

static void compile_row(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  if (!m->row.n) return;
  for (size_t i = 0; i < m->row.n; i++)
    check_path(c, m, m->row.items[i], pl_yaml_holder(part(m, "row"), m->row.items[i]));
  if (m->row.n != 2)
    pl_complain(c->report, part(m, "row"),
                "found one path, expected two: the row before and after its change");
  else
    out->before = m->row.items[0], out->after = m->row.items[1];
  const char *unfit = m->retracts ? "retracts" : m->goal ? "goal" : m->answer ? "answer" : NULL;
  if (unfit)
    pl_complain(c->report, part(m, unfit),
                "found it beside `row`, expected one of the two: what the row made "
                "before is taken back by itself");
}

static void compile_each(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  size_t n = m->each ? strlen(m->each) : 0;
  out->each = m->each, out->share = m->share, out->share_of = m->share_of;
  if (n && (n < 3 || strcmp(m->each + n - 2, "[]") != 0))
    pl_complain(c->report, part(m, "each"),
                "found '%s', expected the path of a list with [] after it, such as "
                "\"splits[]\"",
                pl_quote(pl_str_of(m->each)).text);
  if (m->share && !m->each)
    pl_complain(c->report, part(m, "share"),
                "found it without `each`, expected the list that it is a share in");
}

/* --- types and fields */

static int type_of(const pl_compiler *c, const char *name) {
  int own = pl_type_own(pl_str_of(name));
  for (size_t i = 0; own == PL_TYPE_OTHER && i < c->config->policy.ntypes; i++)
    if (strcmp(c->types[i], name) == 0) return (int)i;
  return own;
}

/* An import writes its types by name, also those that no metric of this file counts. */
static int type_made(pl_compiler *c, const pl_mapping_item *m, const char *name, const pl_yaml *node) {
  bool import = strcmp(m->item.name, c->config->kafka.topics.activities) != 0;
  return import && type_of(c, name) > PL_TYPE_HEARTBEAT ? pl_compile_type(c, name, node) : type_of(c, name);
}

static void compile_type(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  const pl_yaml *type = pl_yaml_find(m->item.node, "type");
  out->type_constant = PL_TYPE_OTHER;
  if (type && !m->type.path.n == !m->type.constant)
    pl_complain_key(c->report, type, "found %s, expected a path or a constant",
                    m->type.constant ? "a path and a constant" : "neither a path nor a constant");
  out->type = compile_origin(c, m, &m->type, part(m, "type"), false);
  if (m->type.constant) out->type_constant = type_made(c, m, m->type.constant, part(m, "type"));
  pl_type_value *values = pl_arena_alloc(c->arena, m->type.values.n * sizeof *values);
  for (size_t i = 0; i < m->type.values.n; i++) {
    const pl_pair *pair = &m->type.values.items[i];
    values[i] = (pl_type_value){pair->key, type_made(c, m, pair->values.items[0], pair->node)};
  }
  out->type_values = values, out->ntype_values = m->type.values.n;
  out->type.constant = NULL, out->type.nvalues = 0; /* they are types now */
}

static bool makes(const pl_mapping *mapping, int type) {
  bool made = mapping->type_constant == type;
  for (size_t i = 0; i < mapping->ntype_values; i++) made = made || mapping->type_values[i].type == type;
  return made;
}

/* A type that is paceline's own is nothing without what it says. */
static void check_own(pl_compiler *c, const pl_mapping_item *m, const pl_mapping *out) {
  const pl_yaml *node = m->item.node;
  if (makes(out, PL_TYPE_HEARTBEAT) && (!m->source || !m->complete_to))
    pl_complain_missing(c->report, node, m->source ? "complete_to" : "source", "the path of a heartbeat's %s",
                        m->source ? "time" : "source");
  if (makes(out, PL_TYPE_ADJUSTMENT) && (!m->metric || !m->amount))
    pl_complain_missing(c->report, node, m->metric ? "amount" : "metric", "the path of an adjustment's %s",
                        m->metric ? "amount" : "metric");
  if (makes(out, PL_TYPE_ANSWER) && !m->answer)
    pl_complain_missing(c->report, node, "answer", "the path of a record with alert, reason and plan");
}

static void compile_fields(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  const pl_origin_item *items = m->fields.p;
  for (size_t i = 0; i < m->fields.n; i++) {
    const pl_item *item = &items[i].item;
    if (!pl_name_valid(pl_str_of(item->name)))
      pl_complain_key(c->report, item->node,
                      "found '%s', expected a field's name of letters, digits, _ and -",
                      pl_quote(pl_str_of(item->name)).text);
    pl_origin origin = compile_origin(c, m, &items[i], item->node, true);
    int field = pl_compile_field(c, item->name, item->node);
    if (field >= 0) out->fields[field] = origin;
  }
}

static void compile(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  *out = (pl_mapping){.id = m->id,
                      .at_format = m->at_format,
                      .at_unit = m->at_unit < 0 ? PL_EPOCH_MS : (pl_epoch_unit)m->at_unit,
                      .at_of_day = m->at_of_day,
                      .at_zone = m->at_zone,
                      .retracts = m->retracts,
                      .metric = m->metric,
                      .amount = m->amount,
                      .source = m->source,
                      .complete_to = m->complete_to,
                      .goal = m->goal,
                      .answer = m->answer};
  check_paths(c, m);
  compile_when(c, m, out);
  compile_row(c, m, out);
  compile_each(c, m, out);
  if (pl_yaml_find(m->item.node, "rep")) out->rep = compile_origin(c, m, &m->rep, part(m, "rep"), true);
  if (pl_yaml_find(m->item.node, "at")) out->at = compile_origin(c, m, &m->at, part(m, "at"), true);
  check_time(c, m);
  compile_type(c, m, out);
  check_own(c, m, out);
  compile_fields(c, m, out);
  out->currency = compile_origin(c, m, &m->currency, part(m, "currency"), false);
}

/* What is JSON is mapped: there are no schemas of it. */
static void check_json(pl_compiler *c) {
  const pl_list *topics = &c->config->schemas.json;
  for (size_t i = 0; i < topics->n; i++) {
    const pl_mapping_item *items = c->config->mapping.p;
    pl_near near = pl_near_to(pl_str_of(topics->items[i]));
    bool mapped = strcmp(topics->items[i], c->config->kafka.topics.activities) == 0;
    for (size_t k = 0; k < c->config->mapping.n && !mapped; k++) {
      mapped = strcmp(items[k].item.name, topics->items[i]) == 0;
      pl_near_offer(&near, items[k].item.name);
    }
    if (!mapped)
      pl_complain(c->report, pl_yaml_holder(pl_yaml_nearest(c->root, "schemas.json"), topics->items[i]),
                  "found '%s', expected a topic of `mapping`%s", pl_quote(pl_str_of(topics->items[i])).text,
                  pl_near_hint(&near).text);
  }
}

void pl_compile_mappings(pl_compiler *c) {
  const pl_mapping_item *items = c->config->mapping.p;
  size_t n = c->config->mapping.n;
  const char *activities = c->config->kafka.topics.activities;
  pl_mapping *all = pl_arena_alloc(c->arena, n * sizeof *all);
  pl_mapping_set *sets = pl_arena_alloc(c->arena, (n + 1) * sizeof *sets);
  size_t nsets = 1;
  sets[0] = (pl_mapping_set){activities, NULL, 0};
  pl_near near = pl_near_to(pl_str_of(activities));
  for (size_t i = 0; i < n; i++) {
    compile(c, &items[i], &all[i]);
    const char *name = items[i].item.name;
    bool main = strcmp(name, activities) == 0;
    if (!main) pl_near_offer(&near, name);
    if (i == 0 || strcmp(name, items[i - 1].item.name) != 0) {
      pl_mapping_set *set = main ? &sets[0] : &sets[nsets++];
      *set = (pl_mapping_set){name, &all[i], 0};
    }
    pl_mapping_set *set = main ? &sets[0] : &sets[nsets - 1];
    if (++set->n == PL_MAPPINGS_MAX + 1)
      pl_complain_key(c->report, items[i].item.node, "found more than %d mappings, expected fewer",
                      PL_MAPPINGS_MAX);
  }
  if (!sets[0].n && near.best)
    pl_complain_key(c->report, pl_yaml_nearest(pl_yaml_find(c->root, "mapping"), "."),
                    "found '%s', expected the topic '%s', or a name that cannot be mistaken for it",
                    near.best, activities);
  if (sets[0].n) {
    pl_compile_uses(c);
  } else {
    pl_mapping *usual = pl_arena_alloc(c->arena, sizeof *usual);
    pl_mapping_default(usual, &c->config->policy);
    sets[0] = (pl_mapping_set){activities, usual, 1};
  }
  c->config->mappings = sets, c->config->nmappings = nsets;
  check_json(c);
}
